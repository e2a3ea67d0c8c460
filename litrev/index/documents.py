"""What of a record is indexed, under which field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from litrev.index.analysis import BETWEEN_VALUES, stem, tokens
from litrev.index.grammar import Fields
from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Cell, CellState, ItemState, Record

# The fields of metadata; those left of the codebook's. Names are not stemmed.
METADATA = ("key", "type", "title", "author", "venue", "keywords", "doi", "abstract", "tag", "note")
UNSTEMMED = frozenset({"key", "type", "author", "doi", "tag"})
ALL_STRUCTURED = "fields"  # every structured field together
ELSEWHERE = "elsewhere"  # the rest of the metadata: publisher, series, volume …
# Where a word without a field is looked for, and how much a hit there counts.
WEIGHTS = {
    "title": 4.0, "author": 2.0, "keywords": 2.0, "key": 2.0, "tag": 2.0, ALL_STRUCTURED: 1.0, "abstract": 1.0, "venue": 1.0,
    "note": 1.0, "doi": 1.0, "type": 0.5, ELSEWHERE: 0.5,
}  # fmt: skip
_ELSEWHERE_NOT = frozenset(
    {"title", "author", "keywords", "doi", "year", "date", "abstract", "file"}
)


class Document(NamedTuple):
    """A record as an engine sees it: texts by field, the year as a number, flags such as
    ``has:methods``, values of facets.
    """

    id: str
    texts: Mapping[str, str]
    year: int | None
    flags: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def searchable(codebook: Codebook, saved: Mapping[str, str] | None = None) -> Fields:
    """What a query may name: fields, and ``saved`` searches."""
    return Fields({*METADATA, ALL_STRUCTURED, *codebook.names}, set(codebook.names), saved or {})


def document(record: Record, cells: Mapping[str, Cell]) -> Document:
    """``record`` as an engine is to index it."""
    return Document(
        record.id,
        texts_of(record, cells),
        record.year,
        tuple(sorted(_flags(record, cells))),
        _facets(record, cells),
    )


def texts_of(record: Record, cells: Mapping[str, Cell]) -> dict[str, str]:
    """The texts of a record by the fields they are found under."""
    return {name: text for name, text in _texts(record, cells) if text}


def _texts(record: Record, cells: Mapping[str, Cell]) -> list[tuple[str, str]]:
    from litrev.library.bibtex.names import parse_names

    structured = {
        name: BETWEEN_VALUES.join(_values(cell)) for name, cell in cells.items() if cell.items
    }
    names = parse_names(record.get("author")) + parse_names(record.get("editor"))
    spoken = [
        text for name in names for text in _both_orders(name.family, name.given, name.natural)
    ]
    venue = record.venue
    elsewhere = (
        field.value
        for field in record.fields
        if field.name not in _ELSEWHERE_NOT and field.value != venue
    )
    return [
        ("title", BETWEEN_VALUES.join(filter(None, (record.get("title"), record.get("subtitle"))))),
        *structured.items(),
        ("abstract", record.abstract or ""),
        ("author", BETWEEN_VALUES.join(spoken)),
        ("keywords", record.get("keywords")),
        ("tag", BETWEEN_VALUES.join(record.tags)),
        ("note", BETWEEN_VALUES.join(note.text for note in record.notes)),
        ("venue", venue),
        ("key", BETWEEN_VALUES.join((record.key, *record.aliases))),
        ("type", record.entry_type),
        ("doi", record.get("doi")),
        (ALL_STRUCTURED, BETWEEN_VALUES.join(structured.values())),
        (ELSEWHERE, BETWEEN_VALUES.join(elsewhere)),
    ]


def _facets(record: Record, cells: Mapping[str, Cell]) -> dict[str, tuple[str, ...]]:
    """What a record can be counted by; structured values by their labels, in whatever case they
    were written.
    """
    venue = record.venue
    found = {"type": (record.entry_type,), "venue": (venue,) if venue else (), "tag": record.tags}
    for name, cell in cells.items():
        if cell.items:
            found[name] = tuple(
                dict.fromkeys(
                    (item.value.label or item.value.text).casefold() for item in cell.items
                )
            )
    return {name: values for name, values in found.items() if values}


def _values(cell: Cell) -> list[str]:
    """The words of each value, and its label where that says it in other words."""
    if not any(item.value.label for item in cell.items):
        return list(dict.fromkeys(item.value.text for item in cell.items))
    texts: dict[str, None] = {}
    for item in cell.items:
        texts[item.value.text] = None
        label = item.value.label or ""
        if label and not {stem(token.word) for token in tokens(label)} <= {
            stem(token.word) for token in tokens(item.value.text)
        }:
            texts[label] = None
    return list(texts)


def _both_orders(family: str, given: str, natural: str) -> list[str]:
    return [natural, f"{family} {given}"] if given and natural != family + given else [natural]


def _flags(record: Record, cells: Mapping[str, Cell]) -> set[str]:
    flags = {
        _there("abstract", bool(record.abstract)),
        _there("tag", bool(record.tags)),
        _there("note", bool(record.notes)),
    }
    undecided = False
    for name, cell in cells.items():
        flags.add(_there(name, bool(cell.items)))
        if cell.state in _STATE_FLAGS:
            flags.add(_STATE_FLAGS[cell.state])
        for item in cell.items:
            undecided = undecided or item.state is not ItemState.DECIDED
            if item.state is ItemState.DISPUTED:
                flags.add("is:disputed")
    flags.add("is:undecided" if undecided else "is:decided")
    return flags


@cache
def _there(name: str, there: bool) -> str:
    return f"has:{name}" if there else f"missing:{name}"


_STATE_FLAGS = {
    CellState.PROPOSED: "state:proposed",
    CellState.DECIDED: "state:decided",
    CellState.SEARCHED: "state:searched",
    CellState.NOT_REPORTED: "state:not_reported",
}
