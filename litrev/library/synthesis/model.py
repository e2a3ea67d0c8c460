"""What a table is: rows, columns, and cells whose items keep their state and their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from litrev.library.model.record import CellState, Evidence, ItemState

# What a cell without items shows; one whose items are left out still says that there are some.
MARKS = {
    CellState.NEVER: "",
    CellState.SEARCHED: "·",
    CellState.PROPOSED: "?",
    CellState.DECIDED: "✓",
    CellState.NOT_REPORTED: "—",
}
ITEM_MARKS = {ItemState.PROPOSED: "?", ItemState.DISPUTED: "≠", ItemState.DECIDED: ""}


@dataclass(frozen=True, slots=True)
class TableItem:
    """One entry of a table's cell."""

    text: str
    state: ItemState = ItemState.DECIDED
    label: str | None = None
    number: int | None = None
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()
    maker: str = ""

    @property
    def shown(self) -> str:
        """The label of the vocabulary, or the text."""
        return self.label or self.text

    @property
    def mark(self) -> str:
        """The sign "?" for what is only proposed, "≠" for what is disputed, nothing for what is
        decided.
        """
        return ITEM_MARKS[self.state]

    @property
    def line(self) -> str:
        """What is shown, with its mark, as one line."""
        return f"{' '.join(self.shown.split())} {self.mark}".rstrip()

    @property
    def quotes(self) -> list[str]:
        """The words of the abstract it rests on, each once and as one line."""
        return list(dict.fromkeys(" ".join(e.quote.split()) for e in self.evidence))


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell; one without items shows the mark of its state."""

    state: CellState
    items: tuple[TableItem, ...] = ()

    def lines(self, quotes: bool = False) -> list[str]:
        """The cell as plain text, an item a line, each state with its mark; with ``quotes`` those
        below their item.
        """
        if not self.items:
            return [MARKS[self.state]]
        return [
            line
            for item in self.items
            for line in (item.line, *(f"“{quote}”" for quote in (item.quotes if quotes else ())))
        ]

    def text(self, marks: bool = True) -> str:
        """The cell on one line, items divided by semicolons; without ``marks`` a cell that has no
        items is empty.
        """
        lines = self.lines() if marks else [" ".join(item.shown.split()) for item in self.items]
        return "; ".join(lines)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the data and its heading, below ``over`` where several stand under one.

    ``structured`` for a field of the codebook, ``narrow`` for one of short marks and numbers;
    ``paper`` for one that is a paper, whose name is the id of the record and whose heading its key.
    """

    name: str
    heading: str
    structured: bool = False
    over: str = ""
    narrow: bool = False
    paper: bool = False

    @property
    def title(self) -> str:
        """The heading, with what stands over it."""
        return f"{self.over}: {self.heading}" if self.over else self.heading


@dataclass(frozen=True, slots=True)
class Row:
    """One paper, or whatever else stands in a row; consecutive rows of one ``group`` belong
    together.
    """

    record_id: str
    key: str
    cells: tuple[TableCell, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper of the table, as one line and by its parts."""

    key: str
    text: str
    entry_type: str
    year: str
    doi: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What a column holds, in the words of the codebook."""

    name: str
    heading: str
    kind: str
    definition: str


@dataclass(frozen=True, slots=True)
class Table:
    """Papers by fields, or whatever else has rows and columns; every renderer is given this and
    nothing else.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    grouped_by: str = ""
    quotes: bool = False
    references: tuple[Reference, ...] = ()
    definitions: tuple[Definition, ...] = ()

    def to_dicts(self, *, marks: bool = True) -> list[dict[str, str]]:
        """A dict a row, by the names of the columns (of a paper, by its key); the items of a cell
        are divided by semicolons.

        With ``marks`` each item and each cell without items shows its state, as the table does: "?"
        is proposed, "·" searched in vain. A grouped table has the name of the group under "group".
        """
        names = [column.title if column.paper else column.name for column in self.columns]
        dicts = []
        for row in self.rows:
            texts = {name: cell.text(marks) for name, cell in zip(names, row.cells, strict=True)}
            dicts.append({"group": row.group, **texts} if self.grouped_by else texts)
        return dicts

    @property
    def legend(self) -> str:
        """What the marks in this table mean; empty when there are none."""
        cells = [cell for row in self.rows for cell in row.cells]
        told = {
            "? proposed, not yet decided": any(
                item.state is ItemState.PROPOSED for cell in cells for item in cell.items
            )
            or any(cell.state is CellState.PROPOSED and not cell.items for cell in cells),
            "≠ reviewers differ": any(
                item.state is ItemState.DISPUTED for cell in cells for item in cell.items
            ),
            "✓ decided, not shown here": any(
                cell.state is CellState.DECIDED and not cell.items for cell in cells
            ),
            "· searched, nothing found": any(
                cell.state is CellState.SEARCHED and not cell.items for cell in cells
            ),
            "— not reported": any(
                cell.state is CellState.NOT_REPORTED and not cell.items for cell in cells
            ),
        }
        return "; ".join(text for text, there in told.items() if there)


def said(*texts: str) -> TableCell:
    """A cell that simply says this; empty texts are left out."""
    items = tuple(TableItem(text) for text in texts if text)
    return TableCell(CellState.DECIDED if items else CellState.NEVER, items)


def shorten(table: Table, limit: int) -> Table:
    """``table`` with every item's text cut to ``limit`` characters, the cut marked by "…"."""

    def short(item: TableItem) -> TableItem:
        return replace(
            item,
            text=_cut(item.text, limit),
            label=_cut(item.label, limit) if item.label else item.label,
        )

    rows = (
        replace(
            row,
            cells=tuple(replace(cell, items=tuple(map(short, cell.items))) for cell in row.cells),
        )
        for row in table.rows
    )
    return replace(table, rows=tuple(rows))


def only(table: Table, states: Sequence[ItemState]) -> Table:
    """``table`` with no other items of structured fields than those in ``states``; a cell that
    loses all of its items shows its state.
    """
    structured = [column.structured for column in table.columns]

    def kept(cell: TableCell, there: bool) -> TableCell:
        return (
            replace(cell, items=tuple(item for item in cell.items if item.state in states))
            if there
            else cell
        )

    rows = (replace(row, cells=tuple(map(kept, row.cells, structured))) for row in table.rows)
    return replace(table, rows=tuple(rows))


def titled(table: Table, titles: Sequence[str]) -> Table:
    """``table`` with a column of ``titles``, one a row, after its first."""
    first, *others = table.columns
    rows = (
        replace(row, cells=(row.cells[0], said(title), *row.cells[1:]))
        for row, title in zip(table.rows, titles, strict=True)
    )
    return replace(table, columns=(first, Column("label", "Title"), *others), rows=tuple(rows))


def transpose(table: Table) -> Table:
    """Columns as rows and rows as columns: what was a row's key heads a column."""
    kept = [n for n, column in enumerate(table.columns) if column.name != "key"]
    heads = tuple(
        Column(
            "/".join(filter(None, (row.group, row.record_id or row.key))),
            row.key,
            over=row.group,
            paper=bool(row.record_id),
        )
        for row in table.rows
    )
    rows = (
        Row(
            "",
            table.columns[n].name,
            (said(table.columns[n].title), *(row.cells[n] for row in table.rows)),
        )
        for n in kept
    )
    return replace(
        table, columns=(Column("field", "Field"), *heads), rows=tuple(rows), grouped_by=""
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
