"""The corpus in one screen: how many of what, what is missing, what is undecided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from litrev.library.model.codebook import Codebook
from litrev.library.model.entry_types import missing
from litrev.library.model.record import Cell, CellState, Item, ItemState, Record


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers fall under ``name``."""

    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class FieldState:
    """How far one structured field has come over all papers; the states add up to the number of
    papers.
    """

    name: str
    heading: str
    decided: int
    proposed: int
    searched: int
    not_reported: int
    never: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over a set of papers."""

    papers: int
    with_abstract: int
    years: tuple[Count, ...]
    types: tuple[Count, ...]
    methods: tuple[Count, ...]
    sites: tuple[Count, ...]
    tags: tuple[Count, ...]
    fields: tuple[FieldState, ...]
    undecided: int
    lacking: tuple[Count, ...]


def summarise(
    records: Sequence[Record], cells: Mapping[str, Mapping[str, Cell]], codebook: Codebook
) -> Summary:
    """The summary of ``records``; a paper counts once under each name."""
    rows = [cells.get(record.id, {}) for record in records]
    years = Counter(str(record.year) if record.year else "no year" for record in records)
    return Summary(
        papers=len(records),
        with_abstract=sum(record.abstract is not None for record in records),
        years=tuple(Count(name, n) for name, n in sorted(years.items())),
        types=_counts(Counter(record.entry_type for record in records)),
        methods=_items(rows, "methods", lambda item: item.value.display.casefold()),
        sites=_items(rows, "site", lambda item: item.value.display),
        tags=_counts(Counter(tag for record in records for tag in record.tags)),
        fields=tuple(_state(field.name, field.heading, rows) for field in codebook.fields),
        undecided=sum(
            item.state is not ItemState.DECIDED
            for row in rows
            for cell in row.values()
            for item in cell.items
        ),
        lacking=_counts(
            Counter(name for record in records for name in missing(record.entry_type, record.get))
        ),
    )


def _items(
    rows: Sequence[Mapping[str, Cell]], field: str, name: Callable[[Item], str]
) -> tuple[Count, ...]:
    return _counts(
        Counter(
            word
            for row in rows
            if field in row
            for word in {name(item) for item in row[field].items}
        )
    )


def _counts(counter: Counter[str]) -> tuple[Count, ...]:
    return tuple(
        Count(name, n) for name, n in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _state(name: str, heading: str, rows: Iterable[Mapping[str, Cell]]) -> FieldState:
    states = Counter(row[name].state if name in row else CellState.NEVER for row in rows)
    return FieldState(
        name,
        heading,
        states[CellState.DECIDED],
        states[CellState.PROPOSED],
        states[CellState.SEARCHED],
        states[CellState.NOT_REPORTED],
        states[CellState.NEVER],
    )
