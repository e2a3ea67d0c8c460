"""PubMed's nbib (MEDLINE) format: ``PMID- 20481061``.

Source of the tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

from __future__ import annotations

import re
from dataclasses import replace

from litrev.library.formats.format import Format
from litrev.library.formats.tagged import Grammar, TaggedEntry, confidence, unwrapped
from litrev.library.formats.tagged import read as read_tagged
from litrev.library.formats.work_builder import CONTAINER, PUBLISHER, WorkBuilder
from litrev.library.model.source import Reading, Text

_GRAMMAR = Grammar(
    re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}(?:-[ \t]+|-$|(?<=^.{4})-)(.*)"),
    frozenset({"PMID"}),
    anew=frozenset({"TI", "OWN", "BTI"}),
    typed=False,
)
_PAGES = re.compile(r"(\d+)-(\d+)$")
_FIELDS = {
    "TI": "title", "BTI": "@book", "CTI": "series", "VI": "volume", "IP": "number", "PG": "pages",
    "AB": "abstract", "LA": "language", "PB": PUBLISHER, "PL": "address", "PMID": "pmid",
    "PMC": "pmcid", "AD": "affiliation", "PT": "publication-type", "TA": "shortjournal",
    "JT": "@journal", "TT": "translated-title", "EN": "edition", "VTI": "volumetitle",
    "ISBN": "isbn", "EISSN": "issn", "GN": "note", "CI": "copyright", "DEP": "epub-date",
    "OWN": "nbib-own", "STAT": "nbib-stat", "SO": "nbib-so", "CN": "author",
}  # fmt: skip


def read(text: Text) -> Reading:
    """The records of the file; tags that have no BibTeX field are kept as ``nbib-…``."""
    return read_tagged(text, _GRAMMAR, _builder)


def _builder(entry: TaggedEntry) -> WorkBuilder:
    tags = {tag for tag, _ in entry.pairs}
    builder = WorkBuilder(_type(entry, tags))
    full = {"FAU"} & tags, {"FED"} & tags
    for tag, value in entry.pairs:
        text = unwrapped(value)
        if tag == "FAU" or (tag == "AU" and not full[0]):
            builder.names("author", text if tag == "FAU" else _inverted(text))
        elif tag == "FED" or (tag == "ED" and not full[1]):
            builder.names("editor", text if tag == "FED" else _inverted(text))
        elif tag == "CN":
            builder.names("author", f"{text},")
        elif tag in {"AU", "ED"}:
            continue  # the same names in short
        elif tag in {"DP", "DA"}:
            if tag == "DP" or "DP" not in tags:
                builder.date(text)
        elif tag in {"MH", "OT"}:
            builder.add("keywords", text)
        elif tag in {"IS", "ISSN"}:
            builder.add(
                "issn" if re.match(r"\d{4}-", text.removeprefix("ISSN-")) else "isbn",
                text.removeprefix("ISSN-").partition("(")[0],
            )
        elif tag in {"AID", "LID", "MID", "OID"}:
            _identifier(builder, tag, text)
        elif tag == "PG":
            pages = _PAGES.match(text)
            builder.add("pages", _whole_range(pages) if pages else text)
        else:
            builder.add(_FIELDS.get(tag, f"nbib-{tag.casefold()}"), text)
    _settle(builder)
    return builder


def _whole_range(match: re.Match[str]) -> str:
    """``454-81`` as ``454–481``."""
    first, last = match.groups()
    return (
        f"{first}–{first[: len(first) - len(last)]}{last}"
        if len(last) < len(first)
        else f"{first}–{last}"
    )


def _type(entry: TaggedEntry, tags: set[str]) -> str:
    kinds = " ".join(value.casefold() for tag, value in entry.pairs if tag == "PT")
    if "dissertation" in kinds or "thesis" in kinds or "theses" in kinds:
        return "thesis"
    if re.search(r"\bbooks?\b", kinds) and not tags & {"JT", "TA"}:
        return "book"
    if "BTI" in tags:
        return "incollection" if "TI" in tags else "book"
    return "techreport" if "technical report" in kinds and "JT" not in tags else "article"


def _identifier(builder: WorkBuilder, tag: str, text: str) -> None:
    value, _, kind = text.rpartition(" ")
    if kind == "[doi]":
        builder.add("doi", value)
    else:
        builder.add(
            {"[pii]": "pii", "[bookaccession]": "accession"}.get(kind, f"nbib-{tag.casefold()}"),
            value if kind.startswith("[") else text,
        )


def _settle(builder: WorkBuilder) -> None:
    book = builder.drop("@book")
    journal = builder.drop("@journal")
    for value in book:
        builder.add(
            "title"
            if not builder.get("title") and builder.entry_type != "incollection"
            else CONTAINER,
            value,
        )
    for value in journal or builder.get("shortjournal").split("; "):
        builder.add(CONTAINER, value)


def _inverted(name: str) -> str:
    """``Mouse M`` as ``Mouse, M``."""
    if "," in name:
        return name
    family, _, initials = name.rpartition(" ")
    return f"{family}, {initials}" if family and initials.isupper() else name


def _recognises(text: Text) -> float:
    tags = {
        *_FIELDS,
        "FAU",
        "AU",
        "FED",
        "DP",
        "DA",
        "MH",
        "OT",
        "IS",
        "AID",
        "LID",
        "DCOM",
        "MHDA",
        "EDAT",
        "LR",
        "PMCR",
    }
    loose = replace(_GRAMMAR, begins=frozenset({"PMID", "OWN", "PMCR", "BTI"}))
    return confidence(text, loose, tags - loose.begins)


FORMAT = Format("nbib", (".nbib", ".medline"), _recognises, read)
