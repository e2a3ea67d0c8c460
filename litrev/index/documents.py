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
    """A record as an engine sees it.

    ``texts`` are by field, without empty ones; several values of a field are joined by
    BETWEEN_VALUES. ``year`` is None when the record has none. ``flags`` are sorted marks such as
    ``has:methods``. ``facets`` has, by field, the values under which the record is counted.
    """

    id: str
    texts: Mapping[str, str]
    year: int | None
    flags: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def searchable(codebook: Codebook, saved: Mapping[str, str] | None = None) -> Fields:
    """What a query may name: the fields of metadata and of the codebook, and ``saved`` queries.

    ``saved`` has the text of each query by its name, without the @.
    """
    structured = set(codebook.names)
    return Fields(
        known={*METADATA, ALL_STRUCTURED, *structured}, flagged=structured, saved=saved or {}
    )


def document(record: Record, cells: Mapping[str, Cell]) -> Document:
    """``record`` as an engine indexes it; ``cells`` are its structured fields by their names."""
    flags = _flags(record, cells)
    return Document(
        id=record.id,
        texts=texts_of(record, cells),
        year=record.year,
        flags=tuple(sorted(flags)),
        facets=_facets(record, cells),
    )


def texts_of(record: Record, cells: Mapping[str, Cell]) -> dict[str, str]:
    """The texts of a record by the fields they are found under, without empty ones.

    They are in the order in which a snippet looks for its field. Several values of a field are
    joined by BETWEEN_VALUES.
    """
    return {name: text for name, text in _texts(record, cells) if text}


def _texts(record: Record, cells: Mapping[str, Cell]) -> list[tuple[str, str]]:
    """Each field with its text, which may be empty."""
    structured = {}
    for name, cell in cells.items():
        if cell.items:
            structured[name] = BETWEEN_VALUES.join(_values(cell))
    titles = (record.get("title"), record.get("subtitle"))
    notes = [note.text for note in record.notes]
    keys = (record.key, *record.aliases)
    # In the order in which a snippet looks for its field.
    return [
        ("title", BETWEEN_VALUES.join(filter(None, titles))),
        *structured.items(),
        ("abstract", record.abstract or ""),
        ("author", BETWEEN_VALUES.join(_names(record))),
        ("keywords", record.get("keywords")),
        ("tag", BETWEEN_VALUES.join(record.tags)),
        ("note", BETWEEN_VALUES.join(notes)),
        ("venue", record.venue),
        ("key", BETWEEN_VALUES.join(keys)),
        ("type", record.entry_type),
        ("doi", record.get("doi")),
        (ALL_STRUCTURED, BETWEEN_VALUES.join(structured.values())),
        (ELSEWHERE, BETWEEN_VALUES.join(_elsewhere(record))),
    ]


def _names(record: Record) -> Iterator[str]:
    """The names of authors and editors, each in every order in which it may be typed."""
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
            facets[name] = _labels(cell)
    return {name: values for name, values in facets.items() if values}


def _labels(cell: Cell) -> tuple[str, ...]:
    """The labels of values in lower case, each once; a value without a label gives its words."""
    labels = (item.value.label or item.value.text for item in cell.items)
    return tuple(dict.fromkeys(map(str.casefold, labels)))


def _values(cell: Cell) -> list[str]:
    """The words of each value, and its label when that says it in other words; each text once."""
    texts: dict[str, None] = {}
    for item in cell.items:
        text = item.value.text
        label = item.value.label
        texts[text] = None
        if label and not _stems(label) <= _stems(text):
            texts[label] = None
    return list(texts)


def _stems(text: str) -> set[str]:
    return {stem(token.word) for token in tokens(text)}


def _both_orders(family: str, given: str, natural: str) -> list[str]:
    """A name in its natural order, and with the family name first when that is another order."""
    # A Chinese name has its family name first already.
    if not given or natural == family + given:
        return [natural]
    return [natural, f"{family} {given}"]


def _flags(record: Record, cells: Mapping[str, Cell]) -> set[str]:
    """The marks of a record, such as ``has:methods``, ``state:proposed`` and ``is:undecided``."""
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
