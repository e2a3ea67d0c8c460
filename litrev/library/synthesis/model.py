"""Tables: rows, columns, and cells whose items keep their state and their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from litrev.library.model.record import CellState, Evidence, ItemState

# What a cell without items shows. A cell whose items are left out is proposed or decided and has
# none, so its mark still says that there are some.
MARKS = {
    CellState.NEVER: "",
    CellState.SEARCHED: "·",
    CellState.PROPOSED: "?",
    CellState.DECIDED: "✓",
    CellState.NOT_REPORTED: "—",
}
ITEM_MARKS = {ItemState.PROPOSED: "?", ItemState.DISPUTED: "≠", ItemState.DECIDED: ""}
_MEANINGS = {
    "?": "proposed, not yet decided",
    "≠": "reviewers differ",
    "✓": "decided, not shown here",
    "·": "searched, nothing found",
    "—": "not reported",
}


@dataclass(frozen=True, slots=True)
class TableItem:
    """One entry of a table's cell.

    ``label`` is the term of a vocabulary, or None. ``number`` is that of a chapter, if it has one.
    ``confidence`` is from 0 to 1, ``evidence`` are spans of the abstract, and ``maker`` is the rule
    or person that the entry is from; only values of structured fields have them.
    """

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
        """The sign of the state: "?" for proposed, "≠" for disputed, nothing for decided."""
        return ITEM_MARKS[self.state]

    @property
    def line(self) -> str:
        """What is shown, with its mark, as one line."""
        return f"{one_line(self.shown)} {self.mark}".rstrip()

    @property
    def quotes(self) -> list[str]:
        """The words of the abstract that support it, each once and as one line."""
        lines = (one_line(span.quote) for span in self.evidence)
        return list(dict.fromkeys(lines))


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table; one without items shows the mark of its state."""

    state: CellState
    items: tuple[TableItem, ...] = ()

    def lines(self, quotes: bool = False) -> list[str]:
        """The cell as plain text, one line for each item with the mark of its state.

        With ``quotes``, the quotes of an item are in the lines below it.
        """
        if not self.items:
            return [MARKS[self.state]]
        lines = []
        for item in self.items:
            lines.append(item.line)
            if quotes:
                lines += [f"“{quote}”" for quote in item.quotes]
        return lines

    def text(self, marks: bool = True) -> str:
        """The cell on one line, with semicolons between its items.

        Without ``marks``, states are not shown and a cell without items is empty.
        """
        if marks:
            return "; ".join(self.lines())
        return "; ".join(one_line(item.shown) for item in self.items)


EMPTY = TableCell(CellState.NEVER)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the data and its heading.

    ``structured`` is set for a field of the codebook, ``narrow`` for short marks and numbers.
    ``over`` is a heading for several neighbouring columns, empty when there is none. With ``paper``
    the column is a paper: its name is the id of the record, and its heading is the key.
    """

    name: str
    heading: str
    structured: bool = False
    over: str = ""
    narrow: bool = False
    paper: bool = False

    @property
    def title(self) -> str:
        """The heading, with the one over it."""
        return f"{self.over}: {self.heading}" if self.over else self.heading


@dataclass(frozen=True, slots=True)
class Row:
    """One paper, or whatever else a row shows.

    ``record_id`` is empty when the row is not a paper, and ``key`` is then a name for the row.
    ``cells`` has one for each column of the table. Consecutive rows of one ``group`` belong
    together.
    """

    record_id: str
    key: str
    cells: tuple[TableCell, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper of the table: its key, its reference as one line of ``text``, and some metadata.

    ``year`` and ``doi`` are empty when they are not known.
    """

    key: str
    text: str
    entry_type: str
    year: str
    doi: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What a column holds, in the words of the codebook.

    ``name`` and ``heading`` are those of the column, and ``kind`` is the kind of its values.
    """

    name: str
    heading: str
    kind: str
    definition: str


@dataclass(frozen=True, slots=True)
class Table:
    """Papers by fields, or whatever else has rows and columns.

    A renderer gets this and nothing else. ``grouped_by`` is the heading of the column by whose
    values the rows are grouped, empty when they are not. With ``quotes``, each item has its
    quotes below it. ``references`` are those of the papers, and ``definitions`` those of the
    columns that are fields of the codebook.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    grouped_by: str = ""
    quotes: bool = False
    references: tuple[Reference, ...] = ()
    definitions: tuple[Definition, ...] = ()

    def to_dicts(self, *, marks: bool = True) -> list[dict[str, str]]:
        """A dict for each row, with each cell as one line under the name of its column.

        The name of a column that is a paper is its key. With ``marks``, items and empty cells show
        their state as in the table: "?" is proposed, "·" is searched and not found. In a grouped
        table the name of the group is under "group".
        """
        names = [column.title if column.paper else column.name for column in self.columns]
        dicts = []
        for row in self.rows:
            texts = [cell.text(marks) for cell in row.cells]
            by_name = dict(zip(names, texts, strict=True))
            if self.grouped_by:
                by_name = {"group": row.group, **by_name}
            dicts.append(by_name)
        return dicts

    @property
    def legend(self) -> str:
        """What the marks in this table mean; empty when there are none."""
        marks: set[str] = set()
        for row in self.rows:
            for cell in row.cells:
                marks.update(_marks(cell))
        # In the order of _MEANINGS. The empty mark of decided items has no meaning to explain.
        used = [f"{mark} {meaning}" for mark, meaning in _MEANINGS.items() if mark in marks]
        return "; ".join(used)


def _marks(cell: TableCell) -> list[str]:
    """The marks that a cell shows: those of its items, or its own."""
    if cell.items:
        return [item.mark for item in cell.items]
    return [MARKS[cell.state]]


def one_line(text: str) -> str:
    r"""``text`` with each run of blanks and line ends as one blank, and none at either end.

    >>> one_line(" Trust\n  in   media ")
    'Trust in media'
    """
    return " ".join(text.split())


def text_cell(*texts: str) -> TableCell:
    """A cell that shows these texts as decided items; empty texts are left out.

    Without any text it is ``EMPTY``.
    """
    items = tuple(TableItem(text) for text in texts if text)
    return TableCell(CellState.DECIDED, items) if items else EMPTY


def shorten(table: Table, limit: int) -> Table:
    """``table`` with the text and label of every item cut to ``limit`` characters.

    A cut is marked by "…", which counts as one of the characters.
    """

    def shortened(cell: TableCell) -> TableCell:
        items = tuple(_shortened(item, limit) for item in cell.items)
        return replace(cell, items=items)

    rows = []
    for row in table.rows:
        cells = tuple(map(shortened, row.cells))
        rows.append(replace(row, cells=cells))
    return replace(table, rows=tuple(rows))


def _shortened(item: TableItem, limit: int) -> TableItem:
    label = item.label and _cut(item.label, limit)
    return replace(item, text=_cut(item.text, limit), label=label)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + "…"


def with_states(table: Table, states: Sequence[ItemState]) -> Table:
    """``table`` with only those items of structured fields whose state is one of ``states``.

    A cell that loses all of its items shows its own state. Other columns stay as they are.
    """

    def filtered(cell: TableCell, column: Column) -> TableCell:
        if not column.structured:
            return cell
        items = tuple(item for item in cell.items if item.state in states)
        return replace(cell, items=items)

    rows = []
    for row in table.rows:
        cells = tuple(map(filtered, row.cells, table.columns))
        rows.append(replace(row, cells=cells))
    return replace(table, rows=tuple(rows))


def titled(table: Table, titles: Sequence[str]) -> Table:
    """``table`` with a column of ``titles``, one for each row, after its first column."""
    first_column, *other_columns = table.columns
    rows = []
    for row, title in zip(table.rows, titles, strict=True):
        first_cell, *other_cells = row.cells
        cells = (first_cell, text_cell(title), *other_cells)
        rows.append(replace(row, cells=cells))
    columns = (first_column, Column("label", "Title"), *other_columns)
    return replace(table, columns=columns, rows=tuple(rows))


def transpose(table: Table) -> Table:
    """``table`` with its columns as rows and its rows as columns.

    The key of a row becomes the heading of a column, below the group of the row if it has one. The
    column of keys is left out.
    """
    heads = (Column("field", "Field"), *map(_as_column, table.rows))
    rows = []
    for index, column in enumerate(table.columns):
        if column.name != "key":  # the headings are the keys already
            cells = [row.cells[index] for row in table.rows]
            rows.append(Row("", column.name, (text_cell(column.title), *cells)))
    # Not grouped: what were groups of rows are now headings over columns.
    return replace(table, columns=heads, rows=tuple(rows), grouped_by="")


def _as_column(row: Row) -> Column:
    # The group belongs to the name, because a paper has a row in each of its groups, and JSON would
    # lose all but one of several columns with the same name.
    parts = (row.group, row.record_id or row.key)
    return Column(
        name="/".join(filter(None, parts)),
        heading=row.key,
        over=row.group,
        paper=bool(row.record_id),
    )
