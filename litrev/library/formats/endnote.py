"""EndNote tagged (Refer) files: ``%0 Journal Article``; also as CNKI writes them."""

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
    re.compile(r"(%[0-9A-Z@!#$&*()+~^?<>\[\]={}|\\-]|PageCount-页码)(?:[ \t]+(.*)|$)"),
    frozenset({"%0"}),
    anew=frozenset({"%T", "%A"}),
)
TYPES = {
    "journal article": "article", "electronic article": "article", "newspaper article": "article",
    "magazine article": "article", "book": "book", "edited book": "collection",
    "electronic book": "book", "book section": "incollection",
    "electronic book section": "incollection", "conference proceedings": "inproceedings",
    "conference paper": "inproceedings", "thesis": "thesis", "report": "techreport",
    "government document": "techreport", "patent": "patent", "standard": "standard",
    "web page": "online", "blog": "online", "online database": "online",
    "computer program": "software", "dataset": "dataset", "unpublished work": "unpublished",
    "manuscript": "unpublished", "encyclopedia": "inreference", "dictionary": "inreference",
    "pamphlet": "booklet", "generic": "misc",
}  # fmt: skip
_TO_TYPE = {
    **{entry_type: name.title() for name, entry_type in reversed(TYPES.items())},
    "phdthesis": "Thesis", "mastersthesis": "Thesis", "report": "Report", "inbook": "Book Section",
    "conference": "Conference Paper",
}  # fmt: skip
_FIELDS = {
    "%T": "title", "%J": CONTAINER, "%B": CONTAINER, "%S": "series", "%V": "volume", "%N": "number",
    "%P": "pages", "%I": PUBLISHER, "%C": "address", "%X": "abstract", "%U": "url", "%R": "doi",
    "%Z": "note", "%1": "endnote-1", "%9": "type", "%7": "edition", "%G": "language",
    "%M": "accession", "%L": "call-number", "%W": "database-provider", "%~": "database",
    "%+": "affiliation", "%>": "file", "%F": "label", "%!": "shorttitle", "%O": "shortjournal",
    "%Q": "translated-title", "%[": "urldate", "%6": "volumes", "%&": "chapter",
    "PageCount-页码": "pagetotal",
}  # fmt: skip
_NAMES = {"%A": "author", "%E": "editor", "%Y": "@second", "%?": "translator"}


def read(text: Text) -> Reading:
    """The records of the file; tags that have no BibTeX field are kept as ``endnote-…``."""
    return read_tagged(text, _GRAMMAR, _builder)


def _builder(entry: TaggedEntry) -> WorkBuilder:
    kind = next((value.strip() for tag, value in entry.pairs if tag == "%0"), "")
    builder = WorkBuilder(TYPES.get(kind.casefold()) or _guess(entry))
    if kind and kind.casefold() not in TYPES:
        builder.add("howpublished", kind)
    for tag, value in entry.pairs:
        text = unwrapped(value, "\n" if tag in {"%X", "%Z"} else " ")
        if tag in {"%D", "%8"}:
            builder.date(text)
        elif tag in _NAMES:
            name = (
                _NAMES[tag]
                if _NAMES[tag] != "@second"
                else "advisor"
                if builder.entry_type == "thesis"
                else "serieseditor"
            )
            builder.names(name, text, given_first=True)
        elif tag == "%K":
            for word in value.split("\n"):
                builder.keywords(word)
        elif tag == "%@":
            builder.add(_number_kind(text, builder.entry_type), text)
        elif tag == "%F" and re.fullmatch(r"[^\W\d][\w:.+-]*", text):
            builder.key = text
        elif tag != "%0":
            builder.add(_FIELDS.get(tag) or _other(tag), text)
    if builder.entry_type == "thesis":
        for value in builder.drop(CONTAINER):
            builder.add(PUBLISHER, value)
    return builder


def _other(tag: str) -> str:
    return f"endnote-{tag[1:].casefold()}" if tag[1:].isalnum() else f"endnote-{ord(tag[1:])}"


def _guess(entry: TaggedEntry) -> str | None:
    tags = {tag for tag, _ in entry.pairs}
    return (
        "article"
        if "%J" in tags
        else "incollection"
        if "%B" in tags
        else "book"
        if "%I" in tags
        else None
    )


def _number_kind(text: str, entry_type: str | None) -> str:
    if entry_type == "patent":
        return "number"
    return number_field(text)


def _recognises(text: Text) -> float:
    likely = confidence(
        text, _GRAMMAR, {*_FIELDS, *_NAMES, "%D", "%8", "%K", "%@"}, re.compile(r"[A-Z][a-z]")
    )
    return (
        likely
        or confidence(
            text,
            replace(_GRAMMAR, begins=frozenset({"%T", "%A", "%J", "%E"})),
            {"%A", "%T", "%D", "%J", "%I"},
        )
        * 0.9
    )


def write(entries: Iterable[Entry], options: Options) -> Export:
    """The records as EndNote tagged text."""
    return Export(
        _pieces(entries),
        ("structured fields, tags, notes, and fields that EndNote has no tag for",),
    )


def _pieces(entries: Iterable[Entry]) -> Iterator[str]:
    for record in (entry.record for entry in entries):
        yield (
            "\n".join(
                [
                    f"{tag} {' '.join(value.split())}"
                    for tag, value in _tags(record)
                    if value.strip()
                ]
            )
            + "\n\n"
        )


def _tags(record: Record) -> Iterator[tuple[str, str]]:
    thesis = record.entry_type in {"thesis", "phdthesis", "mastersthesis"}
    yield "%0", _TO_TYPE.get(record.entry_type, "Generic")
    yield "%F", record.key
    for field, tag in (
        ("author", "%A"),
        ("editor", "%E"),
        ("serieseditor", "%Y"),
        ("advisor", "%Y"),
        ("translator", "%?"),
    ):
        for name in parse_names(record.get(field)):
            yield tag, name.inverted
    article = record.entry_type == "article"
    yield "%T", record.get("title")
    yield (
        ("%J" if article else "%B"),
        record.get("journal") or record.get("journaltitle") or record.get("booktitle"),
    )
    yield "%D", str(record.year or record.get("year"))
    yield (
        "%8",
        date if (date := record.get("date") or month_date(record)) != record.get("year") else "",
    )
    yield "%I", record.get("publisher") or record.get("school") or record.get("institution")
    for word in re.split(r"\s*[;；]\s*", record.get("keywords")):
        yield "%K", word
    yield "%P", record.get("pages").replace("–", "-").replace("--", "-")
    yield "%@", record.get("issn")
    yield "%@", record.get("isbn")
    yield "%X", record.abstract or ""
    yield (
        "%9",
        (record.get("type") or DEGREES.get(record.entry_type, ""))
        if thesis
        else record.get("type"),
    )
    for field, tag in _SIMPLE.items():
        yield tag, record.get(field)


_SIMPLE = {
    "series": "%S", "location": "%C", "shortjournal": "%O", "volume": "%V", "number": "%N",
    "address": "%C", "url": "%U", "doi": "%R", "note": "%Z", "edition": "%7", "language": "%G",
    "accession": "%M", "call-number": "%L", "database-provider": "%W", "database": "%~",
    "affiliation": "%+", "file": "%>", "shorttitle": "%!", "translated-title": "%Q",
    "urldate": "%[", "volumes": "%6", "chapter": "%&",
}  # fmt: skip

FORMAT = Format("endnote", (".enw", ".enl", ".refer"), _recognises, read, write)
