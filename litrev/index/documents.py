"""What of a record is indexed, under which field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from litrev.index.analysis import BETWEEN_VALUES, stem, tokens
from litrev.index.grammar import Fields
from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Cell, CellState, ItemState, Record

# The fields of metadata, beside those of the codebook.
METADATA = ("key", "type", "title", "author", "venue", "keywords", "doi", "abstract", "tag", "note")
# Names and keys are found as they are written, and not stemmed.
UNSTEMMED = frozenset({"key", "type", "author", "doi", "tag"})
ALL_STRUCTURED = "fields"  # every structured field together
ELSEWHERE = "elsewhere"  # the rest of the metadata: publisher, series, volume …
# The fields in which a word without a field is looked for, and how much a hit there counts.
WEIGHTS = {
    "title": 4.0,
    "author": 2.0,
    "keywords": 2.0,
    "key": 2.0,
    "tag": 2.0,
    ALL_STRUCTURED: 1.0,
    "abstract": 1.0,
    "venue": 1.0,
    "note": 1.0,
    "doi": 1.0,
    "type": 0.5,
    ELSEWHERE: 0.5,
}
# Indexed under a name of their own, or not at all.
_NOT_ELSEWHERE = frozenset(
    {"title", "author", "keywords", "doi", "year", "date", "abstract", "file"}
)


class Document(NamedTuple):
    """A record as an engine sees it: texts by field, the year as a number, flags such as
    ``has:methods``, and the values of facets.
    """

    id: str
    texts: Mapping[str, str]
    year: int | None
    flags: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def searchable(codebook: Codebook, saved: Mapping[str, str] | None = None) -> Fields:
    """What a query may name: fields, and ``saved`` queries by their names."""
    return Fields({*METADATA, ALL_STRUCTURED, *codebook.names}, set(codebook.names), saved or {})


def document(record: Record, cells: Mapping[str, Cell]) -> Document:
    """``record`` as an engine indexes it."""
    texts = texts_of(record, cells)
    flags = tuple(sorted(_flags(record, cells)))
    return Document(record.id, texts, record.year, flags, _facets(record, cells))


def texts_of(record: Record, cells: Mapping[str, Cell]) -> dict[str, str]:
    """The texts of a record by the fields they are found under."""
    return {name: text for name, text in _texts(record, cells) if text}


def _texts(record: Record, cells: Mapping[str, Cell]) -> list[tuple[str, str]]:
    structured = {}
    for name, cell in cells.items():
        if cell.items:
            structured[name] = BETWEEN_VALUES.join(_values(cell))
    titles = filter(None, (record.get("title"), record.get("subtitle")))
    # In the order in which a snippet looks for its field.
    return [
        ("title", BETWEEN_VALUES.join(titles)),
        *structured.items(),
        ("abstract", record.abstract or ""),
        ("author", BETWEEN_VALUES.join(_names(record))),
        ("keywords", record.get("keywords")),
        ("tag", BETWEEN_VALUES.join(record.tags)),
        ("note", BETWEEN_VALUES.join(note.text for note in record.notes)),
        ("venue", record.venue),
        ("key", BETWEEN_VALUES.join((record.key, *record.aliases))),
        ("type", record.entry_type),
        ("doi", record.get("doi")),
        (ALL_STRUCTURED, BETWEEN_VALUES.join(structured.values())),
        (ELSEWHERE, BETWEEN_VALUES.join(_elsewhere(record))),
    ]


def _names(record: Record) -> Iterator[str]:
    from litrev.library.bibtex.names import parse_names

    for field in ("author", "editor"):
        for name in parse_names(record.get(field)):
            yield from _both_orders(name.family, name.given, name.natural)


def _elsewhere(record: Record) -> Iterator[str]:
    """The texts of the fields that have no name in a query."""
    venue = record.venue
    for field in record.fields:
        if field.name not in _NOT_ELSEWHERE and field.value != venue:
            yield field.value


def _facets(record: Record, cells: Mapping[str, Cell]) -> dict[str, tuple[str, ...]]:
    """What a record can be counted by; structured values by their labels, in lower case."""
    venue = record.venue
    facets = {"type": (record.entry_type,), "venue": (venue,) if venue else (), "tag": record.tags}
    for name, cell in cells.items():
        if cell.items:
            labels = (item.value.label or item.value.text for item in cell.items)
            facets[name] = tuple(dict.fromkeys(label.casefold() for label in labels))
    return {name: values for name, values in facets.items() if values}


def _values(cell: Cell) -> list[str]:
    """The words of each value, and its label when that says it in other words."""
    if not any(item.value.label for item in cell.items):
        return list(dict.fromkeys(item.value.text for item in cell.items))
    texts: dict[str, None] = {}
    for item in cell.items:
        text, label = item.value.text, item.value.label
        texts[text] = None
        if label and not _stems(label) <= _stems(text):
            texts[label] = None
    return list(texts)


def _stems(text: str) -> set[str]:
    return {stem(token.word) for token in tokens(text)}


def _both_orders(family: str, given: str, natural: str) -> list[str]:
    # A Chinese name has its family name first already.
    if not given or natural == family + given:
        return [natural]
    return [natural, f"{family} {given}"]


def _flags(record: Record, cells: Mapping[str, Cell]) -> set[str]:
    flags = {
        _presence("abstract", bool(record.abstract)),
        _presence("tag", bool(record.tags)),
        _presence("note", bool(record.notes)),
    }
    undecided = False
    for name, cell in cells.items():
        flags.add(_presence(name, bool(cell.items)))
        if cell.state in _STATE_FLAGS:
            flags.add(_STATE_FLAGS[cell.state])
        for item in cell.items:
            undecided = undecided or item.state is not ItemState.DECIDED
            if item.state is ItemState.DISPUTED:
                flags.add("is:disputed")
    flags.add("is:undecided" if undecided else "is:decided")
    return flags


@cache
def _presence(name: str, is_there: bool) -> str:
    # Cached because every record has one of these for every field.
    return f"has:{name}" if is_there else f"missing:{name}"


_STATE_FLAGS = {
    CellState.PROPOSED: "state:proposed",
    CellState.DECIDED: "state:decided",
    CellState.SEARCHED: "state:searched",
    CellState.NOT_REPORTED: "state:not_reported",
}
