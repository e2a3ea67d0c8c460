"""Papers side by side: where they agree and differ, with chapters on one topic in one row."""

from __future__ import annotations

from collections.abc import Sequence

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Record
from litrev.library.synthesis.model import EMPTY, Column, Row, Table, TableCell, text_cell
from litrev.library.synthesis.summary import counted, distinct_texts
from litrev.library.synthesis.table import Cells, column_cells, count_filled, described
from litrev.library.synthesis.topics import topic, topics

_ABOUT = (
    Column("author", "Author"),
    Column("year", "Year"),
    Column("type", "Type"),
    Column("venue", "Venue"),
)


def compare(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """A column for each paper; a row for each field with its agreement, and for each topic of
    chapters.

    The agreement says how many papers share a label or a short value: ``all of 3: interview``.
    """
    rows = [
        *_metadata_rows(records),
        *_field_rows(records, cells, codebook),
        *_chapter_rows(records, cells),
    ]
    papers = [Column(record.id, record.key, True, paper=True) for record in records]
    heads = (
        Column("field", "Field", narrow=True),
        *papers,
        Column("agreement", "Agreement"),
    )
    return described(Table(title, heads, tuple(rows)), records, codebook)


def _metadata_rows(records: Sequence[Record]) -> list[Row]:
    rows = []
    for column in _ABOUT:
        row_cells = column_cells(column, records, {})
        if count_filled(row_cells):
            rows.append(_row(column, row_cells))
    return rows


def _field_rows(records: Sequence[Record], cells: Cells, codebook: Codebook) -> list[Row]:
    rows = []
    for field in codebook.fields:
        if field.name != "chapters":  # they are compared by topic
            column = Column(field.name, field.heading, True)
            rows.append(_row(column, column_cells(column, records, cells)))
    return rows


def _row(column: Column, cells: Sequence[TableCell]) -> Row:
    agreement = text_cell(*_agreement(cells))
    return Row("", column.name, (text_cell(column.heading), *cells, agreement))


def _chapter_rows(records: Sequence[Record], cells: Cells) -> list[Row]:
    """A row for each topic of which any paper has a chapter."""
    chapters = column_cells(Column("chapters", "Chapters", True), records, cells)
    rows = []
    for name in topics():
        on_topic = [_chapters_on(cell, name) for cell in chapters]
        papers = count_filled(on_topic)
        if papers:
            agreement = text_cell(f"{papers} of {len(records)}")
            row_cells = (text_cell(f"Chapters: {name}"), *on_topic, agreement)
            rows.append(Row("", f"chapters: {name}", row_cells))
    return rows


def _chapters_on(cell: TableCell, name: str) -> TableCell:
    """The chapters of a cell that are on a topic; a cell without any keeps its state."""
    if not cell.items:
        return cell
    items = tuple(item for item in cell.items if topic(item.text) == name)
    return TableCell(cell.state, items) if items else EMPTY


def _agreement(cells: Sequence[TableCell]) -> list[str]:
    """Which values several papers share, the most shared first; nothing when only one paper has
    any.
    """
    counts = counted(map(distinct_texts, cells))
    shared = [count for count in counts if count.papers > 1]
    if not shared:
        return ["different"] if count_filled(cells) > 1 else []
    total = len(cells)
    agreement = []
    for count in shared:
        papers = "all" if count.papers == total else count.papers
        agreement.append(f"{papers} of {total}: {count.name}")
    return agreement
