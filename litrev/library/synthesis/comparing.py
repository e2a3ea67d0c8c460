"""Papers side by side: where they agree and differ, with chapters on one topic in one row."""

from __future__ import annotations

from collections.abc import Sequence

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Record
from litrev.library.synthesis.model import EMPTY, Column, Row, Table, TableCell, text_cell
from litrev.library.synthesis.summary import counted, distinct_texts
from litrev.library.synthesis.table import (
    Cells,
    column_cells,
    count_filled,
    described,
    field_column,
)
from litrev.library.synthesis.topics import topic, topics

_ABOUT = (
    Column("author", "Author"),
    Column("year", "Year"),
    Column("type", "Type"),
    Column("venue", "Venue"),
)


def compare(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """The papers side by side: a column for each, and a last one for what they have in common.

    There is a row for each of author, year, type and venue that any paper has, for each field of
    the codebook, and for each topic of which any paper has a chapter.

    The agreement says how many papers share a label or a short value: ``all of 3: interview``. It
    is "different" where several papers have values and share none, and empty where fewer than two
    papers have any. For a topic it is the number of papers that have a chapter on it.
    """
    rows = [
        *_metadata_rows(records),
        *_field_rows(records, cells, codebook),
        *_chapter_rows(records, cells),
    ]
    heads = (
        Column("field", "Field", narrow=True),
        *map(_paper_column, records),
        Column("agreement", "Agreement"),
    )
    return described(Table(title, heads, tuple(rows)), records, codebook)


def _paper_column(record: Record) -> Column:
    return Column(name=record.id, heading=record.key, structured=True, paper=True)


def _metadata_rows(records: Sequence[Record]) -> list[Row]:
    """A row for each of author, year, type and venue that any paper has."""
    rows = []
    for column in _ABOUT:
        row_cells = column_cells(column, records, {})
        if count_filled(row_cells):
            rows.append(_row(column, row_cells))
    return rows


def _field_rows(records: Sequence[Record], cells: Cells, codebook: Codebook) -> list[Row]:
    """A row for each field of the codebook, whether or not a paper has it."""
    rows = []
    for field in codebook.fields:
        if field.name != "chapters":  # they are compared by topic
            column = field_column(field)
            row_cells = column_cells(column, records, cells)
            rows.append(_row(column, row_cells))
    return rows


def _row(column: Column, cells: Sequence[TableCell]) -> Row:
    """The row of a column: its heading, the cell of each paper, and their agreement."""
    row_cells = (text_cell(column.heading), *cells, text_cell(*_agreement(cells)))
    return Row("", column.name, row_cells)


def _chapter_rows(records: Sequence[Record], cells: Cells) -> list[Row]:
    """A row for each topic of which any paper has a chapter."""
    column = Column("chapters", "Chapters", structured=True)
    chapters = column_cells(column, records, cells)
    rows = []
    for name in topics():
        on_topic = [_chapters_on(cell, name) for cell in chapters]
        papers = count_filled(on_topic)
        if papers:
            row_cells = (
                text_cell(f"Chapters: {name}"),
                *on_topic,
                text_cell(f"{papers} of {len(records)}"),
            )
            rows.append(Row("", f"chapters: {name}", row_cells))
    return rows


def _chapters_on(cell: TableCell, name: str) -> TableCell:
    """The chapters of a cell that are on a topic; a cell without any keeps its state."""
    if not cell.items:
        return cell
    items = tuple(item for item in cell.items if topic(item.text) == name)
    return TableCell(cell.state, items) if items else EMPTY


def _agreement(cells: Sequence[TableCell]) -> list[str]:
    """Which values several papers share, each with their number, the most shared first.

    It is "different" when several papers have values and share none; nothing when only one has any.
    """
    counts = counted(map(distinct_texts, cells))
    shared = [count for count in counts if count.papers > 1]
    if not shared:
        several_have_values = count_filled(cells) > 1
        return ["different"] if several_have_values else []
    total = len(cells)
    agreement = []
    for count in shared:
        papers = "all" if count.papers == total else count.papers
        agreement.append(f"{papers} of {total}: {count.name}")
    return agreement
