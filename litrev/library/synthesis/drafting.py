"""An outline of the review that says nothing but what the cells say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import CellState, ItemState, Record
from litrev.library.synthesis.model import Column, TableCell, one_line
from litrev.library.synthesis.table import (
    Cells,
    column_cells,
    field_column,
    ranked,
    values_by_paper,
)

# The states of a cell in which somebody looked for a value and there is none.
_SILENT = frozenset({CellState.SEARCHED, CellState.NOT_REPORTED})


class Statement(NamedTuple):
    """One item of a cell, as a statement of the draft.

    ``text`` is the label or the value on one line, ``mark`` the sign of its state, which is empty
    for a decided item. ``key`` is that of the paper, for the citation; ``quotes`` are the words of
    its abstract that support the statement.
    """

    text: str
    mark: str
    key: str
    quotes: tuple[str, ...]


# The heading of a field, with the statements about it.
FieldStatements = tuple[str, tuple[Statement, ...]]
# The heading of a field, with the keys of the papers that were searched for it in vain.
FieldSilence = tuple[str, tuple[str, ...]]


class Section(NamedTuple):
    """The papers of one group, and what they say about each field.

    ``name`` is the value by which they are grouped, ``keys`` are those of its papers. ``fields``
    has only fields about which there is a statement, in the order of the codebook.
    """

    name: str
    keys: tuple[str, ...]
    fields: tuple[FieldStatements, ...]


class Outline(NamedTuple):
    """A draft: its sections, and for each field the papers that say nothing about it.

    ``papers`` is the number of papers; one that is in several sections counts once.
    ``papers_without`` has the papers in which a field was looked for and not found, or is known not
    to be reported. A paper that nobody searched for the field is not among them.
    """

    title: str
    papers: int
    sections: tuple[Section, ...]
    papers_without: tuple[FieldSilence, ...]


def outline(
    title: str,
    by: Column,
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
    states: Sequence[ItemState] = (),
) -> Outline:
    """The outline of ``records``: a section for each value of the column ``by``.

    A paper is under each of its values; papers without a value are at the end. Each section has a
    statement for each item of each other field of the codebook. With ``states``, only statements in
    these states are in it.
    """
    papers_by_value = _papers_by_value(records, by, cells)
    counts = {value: len(papers) for value, papers in papers_by_value.items()}
    columns = [field_column(field) for field in codebook.fields if field.name != by.name]
    sections = []
    for value in ranked(counts, by):
        papers = papers_by_value[value]
        section = Section(
            name=value,
            keys=tuple(record.key for record in papers),
            fields=_statements_by_field(columns, papers, cells, states),
        )
        sections.append(section)
    return Outline(
        title=title,
        papers=len(records),
        sections=tuple(sections),
        papers_without=_silent_papers(columns, records, cells),
    )


def _papers_by_value(
    records: Sequence[Record], by: Column, cells: Cells
) -> dict[str, list[Record]]:
    """The papers under each value of a column, and those without a value under "no …"."""
    values_by_id = values_by_paper(records, by, cells)
    papers_by_value: dict[str, list[Record]] = {}
    for record in records:
        for value in values_by_id[record.id]:
            papers_by_value.setdefault(value, []).append(record)
    return papers_by_value


def _statements_by_field(
    columns: Sequence[Column], records: Sequence[Record], cells: Cells, states: Sequence[ItemState]
) -> tuple[FieldStatements, ...]:
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
    """A statement for each item of a cell in one of ``states``; without states, for every item."""
    statements = []
    for item in cell.items:
        if not states or item.state in states:
            statement = Statement(
                text=one_line(item.shown), mark=item.mark, key=record.key, quotes=tuple(item.quotes)
            )
            statements.append(statement)
    return statements


def _silent_papers(
    columns: Sequence[Column], records: Sequence[Record], cells: Cells
) -> tuple[FieldSilence, ...]:
    """The papers that were searched for each field in vain; a field without any is left out."""
    silent_papers = []
    for column in columns:
        row_cells = column_cells(column, records, cells)
        papers = zip(records, row_cells, strict=True)
        keys = [record.key for record, cell in papers if cell.state in _SILENT]
        if keys:
            silent_papers.append((column.heading, tuple(keys)))
    return tuple(silent_papers)
