"""An outline of the review that says nothing but what the cells say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import CellState, ItemState, Record
from litrev.library.synthesis.model import Column, TableCell, one_line
from litrev.library.synthesis.table import Cells, column_cells, ranked, values_by_paper

# The states of a cell in which somebody looked for a value and there is none.
_SILENT = frozenset({CellState.SEARCHED, CellState.NOT_REPORTED})


class Statement(NamedTuple):
    """What a cell says, the key of its paper, and the words of the abstract that support it.

    ``mark`` is the sign of its state; it is empty when the statement is decided.
    """

    text: str
    mark: str
    key: str
    quotes: tuple[str, ...]


class Section(NamedTuple):
    """The papers of one group, and what they say about each field."""

    name: str
    keys: tuple[str, ...]
    fields: tuple[tuple[str, tuple[Statement, ...]], ...]


class Outline(NamedTuple):
    """A draft: its sections, and for each field the papers that say nothing about it."""

    title: str
    papers: int
    sections: tuple[Section, ...]
    papers_without: tuple[tuple[str, tuple[str, ...]], ...]


def outline(
    title: str,
    by: Column,
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
    states: Sequence[ItemState] = (),
) -> Outline:
    """The outline of ``records`` by the values of ``by``.

    A paper is under each of its values; papers without a value are at the end. With ``states``,
    only statements in these states are in it.
    """
    papers_by_value: dict[str, list[Record]] = {}
    values_by_id = values_by_paper(records, by, cells)
    for record in records:
        for value in values_by_id[record.id]:
            papers_by_value.setdefault(value, []).append(record)
    counts = {value: len(papers) for value, papers in papers_by_value.items()}
    fields = [field for field in codebook.fields if field.name != by.name]
    columns = [Column(field.name, field.heading, True) for field in fields]
    sections = []
    for value in ranked(counts, by):
        papers = papers_by_value[value]
        keys = tuple(record.key for record in papers)
        sections.append(Section(value, keys, _statements_by_field(columns, papers, cells, states)))
    silent = []
    for column in columns:
        silent_keys = _silent_keys(column, records, cells)
        if silent_keys:
            silent.append((column.heading, silent_keys))
    return Outline(title, len(records), tuple(sections), tuple(silent))


def _statements_by_field(
    columns: Sequence[Column], records: Sequence[Record], cells: Cells, states: Sequence[ItemState]
) -> tuple[tuple[str, tuple[Statement, ...]], ...]:
    """The heading of each field with the statements about it; fields without any are left out."""
    by_field = []
    for column in columns:
        statements: list[Statement] = []
        row_cells = column_cells(column, records, cells)
        for record, cell in zip(records, row_cells, strict=True):
            statements += _statements(record, cell, states)
        if statements:
            by_field.append((column.heading, tuple(statements)))
    return tuple(by_field)


def _statements(record: Record, cell: TableCell, states: Sequence[ItemState]) -> list[Statement]:
    statements = []
    for item in cell.items:
        if not states or item.state in states:
            text = one_line(item.shown)
            statements.append(Statement(text, item.mark, record.key, tuple(item.quotes)))
    return statements


def _silent_keys(column: Column, records: Sequence[Record], cells: Cells) -> tuple[str, ...]:
    papers = zip(records, column_cells(column, records, cells), strict=True)
    return tuple(record.key for record, cell in papers if cell.state in _SILENT)
