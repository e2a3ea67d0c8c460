"""RIS: ``TY  - JOUR``; the tags of the 2011 specification, and how databases use them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from litrev.library.bibtex.entry_source import Entry
from litrev.library.bibtex.names import parse_names
from litrev.library.formats.format import Export, Format, Options
from litrev.library.formats.tagged import Grammar, TaggedEntry, confidence, unwrapped
from litrev.library.formats.tagged import read as read_tagged
from litrev.library.formats.work_builder import (
    CONTAINER,
    DEGREES,
    PUBLISHER,
    WorkBuilder,
    month_date,
    number_field,
)
from litrev.library.model.record import Record
from litrev.library.model.source import Reading, Text

_GRAMMAR = Grammar(
    re.compile(r"[ \t]*([A-Z][A-Z0-9]) {0,3}-(?:[ \t]+(.*)|$)"),
    frozenset({"TY"}),
    frozenset({"ER"}),
    anew=frozenset({"TI", "T1"}),
)
_TYPES = {
    "JOUR": "article", "EJOUR": "article", "MGZN": "article", "NEWS": "article", "INPR": "article",
    "JFULL": "periodical", "ABST": "article", "BOOK": "book", "EBOOK": "book",
    "EDBOOK": "collection", "WHOLE": "book", "CHAP": "incollection", "ECHAP": "incollection",
    "SECT": "incollection", "ENCYC": "inreference", "DICT": "inreference", "CONF": "proceedings",
    "CPAPER": "inproceedings", "THES": "thesis", "RPRT": "techreport", "GOVDOC": "techreport",
    "STAND": "standard", "PAT": "patent", "ELEC": "online", "BLOG": "online", "WEB": "online",
    "COMP": "software", "DATA": "dataset", "AGGR": "dataset", "UNPB": "unpublished",
    "MANSCPT": "unpublished", "SER": "collection", "PAMP": "booklet", "CTLG": "misc", "GEN": "misc",
}  # fmt: skip
_TO_TYPE = {
    **{entry_type: tag for tag, entry_type in reversed(_TYPES.items())}, "phdthesis": "THES",
    "mastersthesis": "THES", "report": "RPRT", "inbook": "CHAP", "conference": "CPAPER",
    "mvbook": "BOOK", "manual": "BOOK",
}  # fmt: skip
_FIELDS = {
    "TI": "title", "T1": "title", "CT": "title", "AB": "abstract", "N2": "abstract", "VL": "volume",
    "IS": "number", "CP": "number", "PB": PUBLISHER, "CY": "address", "PP": "address", "DO": "doi",
    "L3": "doi", "UR": "url", "LK": "url", "LA": "language", "ET": "edition", "N1": "note",
    "AN": "accession", "DB": "database", "DP": "database-provider", "CN": "call-number",
    "ST": "shorttitle", "AD": "affiliation", "L1": "file", "L2": "file", "L4": "file", "M3": "type",
    "NV": "volumes", "RN": "annote", "OP": "origdate", "TT": "translated-title", "Y2": "urldate",
    "J2": "shortjournal", "JA": "shortjournal", "J1": "shortjournal", "JF": CONTAINER,
    "JO": CONTAINER, "BT": CONTAINER, "T2": CONTAINER, "T3": "series", "SE": "chapter",
    "ID": "ris-id",
}  # fmt: skip
_NAMES = {
    "AU": "author",
    "A1": "author",
    "A2": "editor",
    "ED": "editor",
    "A3": "serieseditor",
    "A4": "translator",
}


def read(text: Text) -> Reading:
    """The records of a RIS file; tags that have no BibTeX field are kept as ``ris-…``."""
    return read_tagged(text, _GRAMMAR, _builder)


def _builder(entry: TaggedEntry) -> WorkBuilder:
    kind = next((unwrapped(value).upper() for tag, value in entry.pairs if tag == "TY"), "")
    builder = WorkBuilder(_TYPES.get(kind, "misc" if kind else None))
    if kind and kind not in _TYPES:
        builder.add("howpublished", kind)
    pages, dates = dict[str, str](), dict[str, str]()
    for tag, value in entry.pairs:
        text = unwrapped(value, "\n" if tag in {"N1", "AB", "N2", "KW"} else " ")
        if tag in {"SP", "EP"}:
            pages.setdefault(tag, text)
        elif tag in {"PY", "Y1", "DA"}:
            dates.setdefault(tag, text)
        elif tag in _NAMES:
            builder.names(_NAMES[tag], text)
        elif tag == "KW":
            for word in text.split("\n"):
                builder.keywords(word)
        elif tag == "SN":
            builder.add(number_field(text), text)
        elif tag == "DO" or (tag == "L3" and text.startswith("10.")):
            builder.add("doi", re.sub(r"^https?://(?:dx\.)?doi\.org/", "", text))
        elif tag != "TY":
            builder.add(_FIELDS.get(tag, f"ris-{tag.casefold()}"), text)
    builder.pages(pages.get("SP", ""), pages.get("EP", ""))
    year, day = dates.get("PY", dates.get("Y1", "")), dates.get("DA", "")
    builder.date(day if re.search(r"\d{4}", day) else f"{year} {day}".strip())
    builder.date(year)
    _settle(builder, kind)
    return builder


def _settle(builder: WorkBuilder, kind: str) -> None:
    """Settle what depends on several tags.

    BT may hold the title of a book, and a journal may have only an abbreviation.
    """
    if not builder.get("title"):
        for value in builder.drop(CONTAINER):
            builder.add("title", value)
    if not builder.get(CONTAINER) and builder.entry_type == "article":
        for value in builder.get("shortjournal").split("; "):
            builder.add(CONTAINER, value)
    containers = builder.drop(CONTAINER)
    for number, value in enumerate(containers):
        builder.add(CONTAINER if number == 0 else "ris-t2", value)
    identifier = builder.get("ris-id")
    if identifier and re.fullmatch(r"[^\W\d][\w:.+-]*", identifier):
        builder.key = identifier
        builder.drop("ris-id")


def _recognises(text: Text) -> float:
    known = {*_FIELDS, *_NAMES, "SP", "EP", "PY", "Y1", "DA", "KW", "SN", "ER", "TY"}
    without_type = replace(_GRAMMAR, begins=frozenset({"TI", "T1", "AU", "A1", "ID"}))
    return (
        confidence(text, _GRAMMAR, known, re.compile(r"[A-Z]{3,8}$"))
        or confidence(text, without_type, known) * 0.9
    )


def write(entries: Iterable[Entry], options: Options) -> Export:
    """The records as RIS."""
    return Export(_pieces(entries), _left_out(entries))


def _pieces(entries: Iterable[Entry]) -> Iterator[str]:
    for record in (entry.record for entry in entries):
        lines = [f"{tag}  - {value}" for tag, value in _tags(record) if value]
        yield "\n".join([*lines, "ER  - \n\n"])


def _tags(record: Record) -> Iterator[tuple[str, str]]:
    kind = _TO_TYPE.get(record.entry_type, "GEN")
    yield "TY", kind
    yield "ID", record.key
    taken = {"year", "date", "month", "pages", "keywords", "isbn", "issn"}
    for field, tag in (
        ("author", "AU"),
        ("editor", "A2"),
        ("serieseditor", "A3"),
        ("advisor", "A3"),
        ("translator", "A4"),
    ):
        taken.add(field)
        for name in parse_names(record.get(field)):
            yield tag, name.inverted
    yield "TI", _line(record.get("title"))
    yield (
        "T2",
        _line(record.get("journal") or record.get("journaltitle") or record.get("booktitle")),
    )
    yield "PY", str(record.year or record.get("year"))
    date = record.get("date") or month_date(record)
    yield (
        "DA",
        date.replace("-", "/")
        if re.fullmatch(r"\d{4}(-\d\d){1,2}", date)
        else date
        if date != str(record.year or "")
        else "",
    )
    pages = re.fullmatch(r"([^\s–-]+)\s*(?:–|--?)\s*([^\s–-]+)", record.get("pages"))
    yield "SP", pages.group(1) if pages else _line(record.get("pages"))
    yield "EP", pages.group(2) if pages else ""
    for word in re.split(r"\s*[;；]\s*", record.get("keywords")):
        yield "KW", _line(word)
    for field in ("issn", "isbn"):
        for value in record.get(field).split("; "):
            yield "SN", _line(value)
    yield "PB", _line(record.get("publisher") or record.get("school") or record.get("institution"))
    yield "AB", _line(record.abstract or "")
    taken |= {"title", "journal", "journaltitle", "booktitle", "publisher", "school", "institution"}
    if kind == "THES" and not record.get("type"):
        yield "M3", DEGREES.get(record.entry_type, "")
    for other_field in record.fields:
        if other_field.name not in taken:
            tag = _FROM_FIELD.get(other_field.name) or (
                other_field.name[4:].upper()
                if re.fullmatch(r"ris-[a-z][a-z0-9]", other_field.name)
                else ""
            )
            if tag:
                yield tag, _line(other_field.value)


_FROM_FIELD = {
    "volume": "VL", "number": "IS", "address": "CY", "location": "CY", "doi": "DO", "url": "UR",
    "language": "LA", "langid": "LA", "edition": "ET", "note": "N1", "accession": "AN",
    "database": "DB", "database-provider": "DP", "call-number": "CN", "shorttitle": "ST",
    "affiliation": "AD", "file": "L1", "type": "M3", "volumes": "NV", "annote": "RN",
    "origdate": "OP", "translated-title": "TT", "urldate": "Y2", "shortjournal": "J2",
    "series": "T3", "chapter": "SE",
}  # fmt: skip


def _line(text: str) -> str:
    return " ".join(text.split())


def _left_out(entries: Iterable[Entry]) -> tuple[str, ...]:
    known = {
        *_FROM_FIELD,
        "author",
        "advisor",
        "editor",
        "serieseditor",
        "translator",
        "title",
        "journal",
        "journaltitle",
        "booktitle",
        "year",
        "date",
        "month",
    }
    known |= {"pages", "keywords", "issn", "isbn", "publisher", "school", "institution"}
    names = sorted(
        {
            field.name
            for entry in entries
            for field in entry.record.fields
            if field.name not in known and not field.name.startswith("ris-")
        }
    )
    return (
        (f"the fields {', '.join(names)}", "structured fields, tags and notes")
        if names
        else ("structured fields, tags and notes",)
    )


FORMAT = Format("ris", (".ris",), _recognises, read, write)
