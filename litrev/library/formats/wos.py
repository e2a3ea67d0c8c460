"""Web of Science's plain text: ``PT J``, indented lines that continue a value, ``ER``."""

from __future__ import annotations

import re

from litrev.library.formats.format import Format
from litrev.library.formats.tagged import Grammar, TaggedEntry, confidence, unwrapped
from litrev.library.formats.tagged import read as read_tagged
from litrev.library.formats.work_builder import CONTAINER, PUBLISHER, WorkBuilder
from litrev.library.model.source import Reading, Text

_GRAMMAR = Grammar(
    re.compile(r"([A-Z][A-Z0-9])(?:[ \t]+(.*)|$)"),
    frozenset({"PT"}),
    frozenset({"ER"}),
    head=frozenset({"FN", "VR", "EF"}),
)
_FIELDS = {
    "TI": "title", "SO": CONTAINER, "SE": "series", "VL": "volume", "IS": "number",
    "AB": "abstract", "DI": "doi", "PU": PUBLISHER, "PI": "address", "LA": "language",
    "UT": "accession", "J9": "wos-j9", "JI": "shortjournal", "DT": "document-type",
    "C1": "affiliation", "RP": "correspondence", "EM": "email", "TC": "times-cited", "PM": "pmid",
    "SN": "issn", "EI": "eissn", "BN": "isbn", "AR": "eid", "PA": "publisher-address",
    "CT": "eventtitle", "CY": "eventdate", "CL": "venue", "BS": "booksubtitle", "PG": "pagetotal",
    "WC": "subject", "CR": "cited-references",
}  # fmt: skip
_TYPES = {"J": "article", "B": "book", "S": "incollection", "P": "patent"}


def read(text: Text) -> Reading:
    """The records of the file; tags that have no BibTeX field are kept as ``wos-…``."""
    return read_tagged(text, _GRAMMAR, _builder)


def _builder(entry: TaggedEntry) -> WorkBuilder:
    pairs = [(tag, value) for tag, value in entry.pairs if tag != "ER"]
    tags = {tag for tag, _ in pairs}
    kind = next((value.strip().upper() for tag, value in pairs if tag == "PT"), "")
    document_types = " ".join(unwrapped(value).casefold() for tag, value in pairs if tag == "DT")
    builder = WorkBuilder(
        "inproceedings"
        if "proceedings paper" in document_types and kind != "J"
        else _TYPES.get(kind, "misc")
    )
    if builder.entry_type == "book" and "chapter" in document_types:
        builder.entry_type = "incollection"
    places = dict[str, str]()
    for tag, value in pairs:
        if tag in {"BP", "EP", "PS", "PY", "PD"}:
            places.setdefault(tag, unwrapped(value))
        elif field := _name_field(tag, tags):
            for name in re.split(r"\n|;", value):
                builder.names(field, f"{name}," if tag in {"CA", "GP"} else name)
        elif tag in {"DE", "ID"}:
            builder.keywords(unwrapped(value))
        elif tag not in {"AU", "BA", "PT"}:
            builder.add(_FIELDS.get(tag, f"wos-{tag.casefold()}"), unwrapped(value))
    _dated(builder, places)
    builder.pages(places.get("BP", places.get("PS", "")), places.get("EP", ""))
    return builder


def _name_field(tag: str, tags: set[str]) -> str:
    """The field for the names of a tag; full names, if there are any, instead of short ones."""
    if (
        tag in {"AF", "BF", "CA", "GP"}
        or (tag == "AU" and "AF" not in tags)
        or (tag == "BA" and "BF" not in tags)
    ):
        return "author"
    return "editor" if tag in {"BE", "ED"} else ""


def _dated(builder: WorkBuilder, dates: dict[str, str]) -> None:
    """The year of PY; the month and day of PD, which often leaves the year out."""
    year, day = dates.get("PY", ""), dates.get("PD", "")
    builder.date(year)
    builder.date(day if not year or year in day else f"{year} {day}" if day else "")


def _recognises(text: Text) -> float:
    return confidence(
        text,
        _GRAMMAR,
        {*_FIELDS, "AU", "AF", "BA", "BP", "EP", "PY", "PD", "DE", "ID", "ER", "AN"},
        re.compile(r"[JBSP]$"),
    )


FORMAT = Format("wos", (".ciw", ".isi", ".wos"), _recognises, read)
