"""Papers side by side: where they agree, where they differ, and chapters on one topic in one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Cell, CellState, Record
from litrev.library.synthesis.model import Column, Row, Table, TableCell, TableItem, said
from litrev.library.synthesis.table import Cells, cell_of, described, structured_cell
from litrev.library.synthesis.topics import topic, topics

_ABOUT = ("author", "year", "type", "venue")


def compare(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """A column a paper, a row a field and its agreement; then the chapters, those on one topic in
    one row.

    *Agreement* tells of a field with labels or short values how many papers share one: ``all of 3:
    interview``.
    """
    heads = (
        Column("field", "Field", narrow=True),
        *(Column(record.id, record.key, True, paper=True) for record in records),
        Column("agreement", "Agreement"),
    )
    rows = []
    for name in _ABOUT:
        column = Column(name, name.capitalize())
        held = [cell_of(record, column, {}) for record in records]
        if any(cell.items for cell in held):
            rows.append(Row("", name, (said(column.heading), *held, said(*_agreement(held)))))
    for field in codebook.fields:
        held = [_cell(cells, record, field.name) for record in records]
        if field.name != "chapters":
            rows.append(Row("", field.name, (said(field.heading), *held, said(*_agreement(held)))))
    chapters = [_cell(cells, record, "chapters") for record in records]
    for name in topics():
        parts = [_about(cell, name) for cell in chapters]
        there = sum(bool(part.items) for part in parts)
        if there:
            rows.append(
                Row(
                    "",
                    f"chapters: {name}",
                    (said(f"Chapters: {name}"), *parts, said(f"{there} of {len(records)}")),
                )
            )
    return described(Table(title, heads, tuple(rows)), records, codebook)


def _cell(cells: Cells, record: Record, name: str) -> TableCell:
    return structured_cell(cells.get(record.id, {}).get(name, Cell(name, CellState.NEVER)))


def _about(cell: TableCell, name: str) -> TableCell:
    """The chapters of a cell that are on a topic."""
    items = tuple(item for item in cell.items if topic(item.text) == name)
    return TableCell(cell.state, items) if items or not cell.items else TableCell(CellState.NEVER)


def _agreement(held: Sequence[TableCell]) -> list[str]:
    """Which values several papers share, the most shared first; nothing where none is."""
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for cell in held:
        for text in {_shown(item).casefold(): _shown(item) for item in cell.items}.values():
            spelled.setdefault(text.casefold(), text)
            counts[text.casefold()] += 1
    shared = sorted(
        ((count, name) for name, count in counts.items() if count > 1),
        key=lambda pair: (-pair[0], pair[1]),
    )
    with_any = sum(bool(cell.items) for cell in held)
    if not shared:
        return ["different"] if with_any > 1 else []
    return [
        f"{'all' if count == len(held) else count} of {len(held)}: {spelled[name]}"
        for count, name in shared
    ]


def _shown(item: TableItem) -> str:
    return " ".join(item.shown.split())
