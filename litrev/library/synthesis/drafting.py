"""An outline of the review, made of nothing but what the cells say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import CellState, ItemState, Record
from litrev.library.synthesis.model import Column
from litrev.library.synthesis.table import Cells, cell_of, filed, ranked


class Statement(NamedTuple):
    """What a cell says, of which paper, in which words of the abstract; ``mark`` tells what is not
    decided.
    """

    text: str
    mark: str
    key: str
    quotes: tuple[str, ...]


class Section(NamedTuple):
    """The papers of one group, and what they say by field."""

    name: str
    keys: tuple[str, ...]
    fields: tuple[tuple[str, tuple[Statement, ...]], ...]


class Outline(NamedTuple):
    """A draft: sections, and which papers say nothing of a field."""

    title: str
    papers: int
    sections: tuple[Section, ...]
    silent: tuple[tuple[str, tuple[str, ...]], ...]


def outline(
    title: str,
    by: Column,
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
    states: Sequence[ItemState] = (),
) -> Outline:
    """The outline of these papers by the values of ``by``; a paper stands under each of its values,
    those without any at the end.
    """
    groups: dict[str, list[Record]] = {}
    under = filed(records, by, cells)
    for record in records:
        for value in under[record.id]:
            groups.setdefault(value, []).append(record)
    order = ranked({value: len(held) for value, held in groups.items()}, by)
    shown = [
        Column(field.name, field.heading, True)
        for field in codebook.fields
        if field.name != by.name
    ]
    sections = tuple(
        Section(
            name, tuple(r.key for r in groups[name]), _fields(shown, groups[name], cells, states)
        )
        for name in order
    )
    silent = tuple(
        (column.heading, keys) for column in shown if (keys := _silent(column, records, cells))
    )
    return Outline(title, len(records), sections, silent)


def _fields(
    columns: Sequence[Column], records: Sequence[Record], cells: Cells, states: Sequence[ItemState]
) -> tuple[tuple[str, tuple[Statement, ...]], ...]:
    found = []
    for column in columns:
        said = [
            Statement(" ".join(item.shown.split()), item.mark, record.key, tuple(item.quotes))
            for record in records
            for item in cell_of(record, column, cells.get(record.id, {})).items
            if not states or item.state in states
        ]
        if said:
            found.append((column.heading, tuple(said)))
    return tuple(found)


def _silent(column: Column, records: Sequence[Record], cells: Cells) -> tuple[str, ...]:
    quiet = {CellState.SEARCHED, CellState.NOT_REPORTED}
    return tuple(
        record.key
        for record in records
        if cell_of(record, column, cells.get(record.id, {})).state in quiet
    )
