"""RefWorks tagged files: ``RT Journal Article``; also CNKI's, without a space after a tag."""

from __future__ import annotations

import re

from litrev.library.formats.format import Format
from litrev.library.formats.tagged import Grammar, TaggedEntry, confidence, unwrapped
from litrev.library.formats.tagged import read as read_tagged
from litrev.library.formats.work_builder import CONTAINER, PUBLISHER, WorkBuilder, number_field
from litrev.library.model.source import Reading, Text

_FIELDS = {
    "T1": "title", "JF": CONTAINER, "JO": "shortjournal", "T2": CONTAINER, "T3": "series",
    "VO": "volume", "IS": "number", "PB": PUBLISHER, "PP": "address", "AB": "abstract",
    "NO": "note", "LK": "url", "UL": "url", "URL": "url", "DO": "doi", "AN": "accession",
    "LA": "language", "ED": "edition", "AD": "affiliation", "DB": "database",
    "DS": "database-provider", "CL": "call-number", "ID": "refworks-id", "SR": "refworks-sr",
    "CN": "call-number", "U1": "refworks-u1", "U2": "refworks-u2", "OT": "translated-title",
    "ST": "shorttitle", "RD": "urldate", "WT": "website",
}  # fmt: skip
_NAMES = {"A1": "author", "A2": "editor", "A3": "@third", "A4": "translator", "A5": "contributor"}
_OTHERS = (
    "RT YR FD SP OP K1 SN A6 OL SF SL LL CR WP WV JL CP PM PMID PMCID NM "
    "U3 U4 U5 U6 U7 U8 U9 U10 U11 U12 U13 U14 U15"
).split()
_TAGS = "|".join(sorted({*_FIELDS, *_NAMES, *_OTHERS}, key=len, reverse=True))
_GRAMMAR = Grammar(
    re.compile(rf"((?:{_TAGS})|vo)(?:[ \t]+|$|(?=[^\x00-\x7f]))(.*)"), frozenset({"RT"})
)
_TYPES = {
    "journal article": "article", "journal, electronic": "article", "newspaper article": "article",
    "magazine article": "article", "abstract": "article", "book, whole": "book",
    "book, edited": "collection", "book, section": "incollection",
    "conference proceedings": "inproceedings", "conference proceeding": "inproceedings",
    "dissertation/thesis": "thesis", "dissertation/thesis, unpublished": "thesis",
    "report": "techreport", "patent": "patent", "standard": "standard", "web page": "online",
    "generic": "misc", "computer program": "software", "monograph": "book",
    "unpublished material": "unpublished", "yearbook": "misc",
}  # fmt: skip


def read(text: Text) -> Reading:
    """The records of the file; tags that have no BibTeX field are kept as ``refworks-…``."""
    return read_tagged(text, _GRAMMAR, _builder)


def _builder(entry: TaggedEntry) -> WorkBuilder:
    pairs = [
        (tag.upper(), unwrapped(value, "\n" if tag in {"AB", "NO"} else " "))
        for tag, value in entry.pairs
    ]
    kind = next((value for tag, value in pairs if tag == "RT"), "")
    builder = WorkBuilder(_TYPES.get(kind.casefold(), "misc"))
    if kind and kind.casefold() not in _TYPES:
        builder.add("howpublished", kind)
    places = dict[str, str]()
    for tag, text in pairs:
        if tag in {"SP", "OP"}:
            places.setdefault(tag, text)
        elif tag in {"YR", "FD"}:
            builder.date(text)
        elif tag in _NAMES:
            builder.names(
                _NAMES[tag]
                if _NAMES[tag] != "@third"
                else "advisor"
                if builder.entry_type == "thesis"
                else "serieseditor",
                text,
            )
        elif tag == "K1":
            builder.keywords(text)
        elif tag == "SN":
            builder.add(number_field(text), text)
        elif tag != "RT":
            builder.add(_FIELDS.get(tag, f"refworks-{tag.casefold()}"), text)
    builder.pages(places.get("SP", ""), places.get("OP", ""))
    if builder.entry_type == "thesis":
        builder.add("type", "; ".join(builder.drop("call-number")))
    return builder


def _recognises(text: Text) -> float:
    return confidence(
        text,
        _GRAMMAR,
        {*_FIELDS, *_NAMES, "YR", "FD", "SP", "OP", "K1", "SN", "vo"},
        re.compile(r"[A-Z][A-Za-z]+(?:[ /,]+[A-Za-z]+){0,3}$"),
    )


FORMAT = Format("refworks", (".rw", ".refworks"), _recognises, read)
