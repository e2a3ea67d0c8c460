"""The corpus on one screen: how many of what, what is missing, and what is undecided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from litrev.library.model.codebook import Codebook
from litrev.library.model.entry_types import missing
from litrev.library.model.record import Cell, CellState, Item, ItemState, Record
from litrev.library.synthesis.model import TableCell, one_line

_Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers fall under ``name``."""

    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class FieldState:
    """How many papers have one structured field in each state; together they are all papers.

    ``name`` and ``heading`` are those of the field in the codebook. ``searched`` papers were
    searched without finding anything, and ``never`` is of papers that nobody searched.
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
    """Counts over a set of papers.

    ``papers`` is their number and ``with_abstract`` that of papers with an abstract. ``years`` are
    in their own order; ``types``, ``methods``, ``sites``, ``tags`` and ``lacking`` (the required
    bibliographic fields that papers do not have) have the most frequent first. ``fields`` are in
    the order of the codebook, and ``undecided`` counts items, not papers.
    """

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
    """The counts over ``records``; a paper counts once under each name.

    ``cells`` are by the id of the record and the name of the field. A field that a record has no
    cell for counts as never searched.
    """
    rows = [cells.get(record.id, {}) for record in records]
    states = [_state(field.name, field.heading, rows) for field in codebook.fields]
    return Summary(
        papers=len(records),
        with_abstract=sum(record.abstract is not None for record in records),
        years=_by_year(records),
        types=_ranked(Counter(record.entry_type for record in records)),
        methods=_by_item(rows, "methods", lambda item: item.value.display.casefold()),
        sites=_by_item(rows, "site", lambda item: item.value.display),
        tags=_by_name(record.tags for record in records),
        fields=tuple(states),
        undecided=sum(map(_count_undecided, rows)),
        lacking=_by_name(missing(record.entry_type, record.get) for record in records),
    )


def _by_year(records: Sequence[Record]) -> tuple[Count, ...]:
    """Papers by year, the first year first, and papers without a year after them."""
    counts = Counter(str(record.year or "no year") for record in records)
    return tuple(Count(year, papers) for year, papers in sorted(counts.items()))


def _by_item(rows: Sequence[_Row], field: str, name_of: Callable[[Item], str]) -> tuple[Count, ...]:
    """How many papers have each item of a field; items with the same name count once."""
    cells = (row[field] for row in rows if field in row)
    return _by_name(set(map(name_of, cell.items)) for cell in cells)


def _by_name(names_by_paper: Iterable[Iterable[str]]) -> tuple[Count, ...]:
    """How many papers have each name, the most frequent first; case matters."""
    counts: Counter[str] = Counter()
    for names in names_by_paper:
        counts.update(names)
    return _ranked(counts)


def _ranked(counts: Counter[str]) -> tuple[Count, ...]:
    """The most frequent first, names with the same number in the order of the alphabet."""
    order = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(Count(name, counts[name]) for name in order)


def _count_undecided(row: _Row) -> int:
    """How many items of a paper are proposed or disputed."""
    undecided = 0
    for cell in row.values():
        undecided += sum(item.state is not ItemState.DECIDED for item in cell.items)
    return undecided


def _state(name: str, heading: str, rows: Sequence[_Row]) -> FieldState:
    """How many papers have the field ``name`` in each state; without a cell it is "never"."""
    states = Counter(row[name].state for row in rows if name in row)
    without_cell = len(rows) - states.total()
    return FieldState(
        name=name,
        heading=heading,
        decided=states[CellState.DECIDED],
        proposed=states[CellState.PROPOSED],
        searched=states[CellState.SEARCHED],
        not_reported=states[CellState.NOT_REPORTED],
        never=states[CellState.NEVER] + without_cell,
    )


def distinct_texts(cell: TableCell) -> list[str]:
    """What the items of a cell show, each as one line; upper and lower case count as the same.

    Of two texts that differ only in case, the later one is kept, in the place of the first.
    """
    by_folded = {}
    for item in cell.items:
        text = one_line(item.shown)
        by_folded[text.casefold()] = text
    return list(by_folded.values())


def counted(names_by_paper: Iterable[Iterable[str]]) -> list[Count]:
    """How many papers have each name, the most frequent first.

    ``names_by_paper`` has the names of each paper, each once. Upper and lower case count as the
    same; a name is spelled as in the first paper that has it.

    >>> counted([["Trust", "Risk"], ["trust"]])
    [Count(name='Trust', papers=2), Count(name='Risk', papers=1)]
    """
    spelled: dict[str, str] = {}
    papers: Counter[str] = Counter()
    for names in names_by_paper:
        for name in names:
            folded = name.casefold()
            spelled.setdefault(folded, name)
            papers[folded] += 1
    return [Count(spelled[count.name], count.papers) for count in _ranked(papers)]
