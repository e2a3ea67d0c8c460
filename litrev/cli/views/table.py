"""The synthesis table on a terminal: a grid where there is room, stacked cards elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from litrev.cli.views.style import DIM, HEADING, KEY, cell_lines
from litrev.library.render.rendering import groups
from litrev.library.synthesis.model import Row, Table
from litrev.text.display import visible

WIDE = 100  # terminal columns from which on a grid of texts is readable
_LEAST = 14  # terminal columns that a text needs
_LONGEST_WORD = 24  # terminal columns; a longer word may be broken
_WIDEST = 40  # terminal columns that a narrow column grows to where there is room
_BETWEEN = 3  # terminal columns that the grid puts between two of its own


def show_table(console: Console, table: Table) -> None:
    """Print ``table`` as the width allows, as a grid or as a card for each row, and its legend."""
    if table.title:
        title = visible(table.title)
        console.print(Text(title, style=HEADING))
    widths = _grid_widths(table, console.width)
    over = _shared_heading(table)
    if widths and over:
        heading = f"{visible(table.columns[0].heading)} by {visible(over)}"
        console.print(Text(heading, style=DIM))
    for name, rows in groups(table):
        if table.grouped_by:
            console.print()
            heading = f"{visible(table.grouped_by)}: {visible(name)}"
            console.print(Text(heading, style=HEADING))
        if widths:
            console.print(_grid(table, rows, widths))
        else:
            _show_cards(console, table, rows)
    if table.legend:
        console.print(Text(table.legend, style=DIM))


def _shared_heading(table: Table) -> str:
    """What stands over all columns that have something over them; empty when they differ."""
    headings = {column.over for column in table.columns if column.over}
    return headings.pop() if len(headings) == 1 else ""


def _heading(table: Table, n: int) -> str:
    """The heading of a column; what stands over all of them is said once, above the grid."""
    column = table.columns[n]
    return column.heading if _shared_heading(table) else column.title


def _lines(table: Table, n: int) -> Iterator[str]:
    """The lines of all cells of a column, without quotes."""
    for row in table.rows:
        yield from row.cells[n].lines()


# A grid


def _grid_widths(table: Table, terminal_width: int) -> list[int] | None:
    """The width of each column of a grid; None where cards are easier to read."""
    texts = sum(not column.narrow for column in table.columns)
    if terminal_width < WIDE and texts > 1:
        return None
    count = len(table.columns)
    widths = [_least_width(table, n) for n in range(count)]
    spare = terminal_width - _BETWEEN * count - sum(widths)
    if spare < 0:
        return None
    if texts:
        return _texts_widened(table, widths, spare)
    return _narrow_widened(table, widths, spare)


def _least_width(table: Table, n: int) -> int:
    """The width without which the cells of a column could not be read."""
    if not table.columns[n].narrow:
        return _LEAST
    words = _heading(table, n).split()
    for line in _lines(table, n):
        words += line.split(" ")
    word_widths = (cell_len(visible(word)) for word in words)
    longest = max(word_widths, default=1)
    return min(_LONGEST_WORD, longest)


def _texts_widened(table: Table, widths: Sequence[int], spare: int) -> list[int]:
    """Divide the spare width among the columns of text, by how long their cells are."""
    shares = []
    for n, column in enumerate(table.columns):
        shares.append(0 if column.narrow else _share(table, n))
    whole = sum(shares)
    widened = []
    for width, share in zip(widths, shares, strict=True):
        growth = spare * share // whole
        widened.append(width + growth)
    return widened


def _share(table: Table, n: int) -> int:
    """How much of the spare width a column gets, 2 to 6 parts: more for longer cells."""
    lengths = []
    for row in table.rows:
        lines = row.cells[n].lines(table.quotes)
        lengths.append(sum(len(line) for line in lines))
    average = sum(lengths) / max(1, len(lengths))
    parts = int(math.sqrt(average) / 4)
    return max(2, min(6, parts))


def _narrow_widened(table: Table, widths: Sequence[int], spare: int) -> list[int]:
    """Widen narrow columns from the left to their longest line, as far as the width goes."""
    widened = []
    for n, width in enumerate(widths):
        longest = cell_len(_heading(table, n))
        for line in _lines(table, n):
            longest = max(longest, cell_len(line))
        wanted = min(_WIDEST, longest)
        growth = min(spare, max(0, wanted - width))
        widened.append(width + growth)
        spare -= growth
    return widened


def _grid(table: Table, rows: Sequence[Row], widths: Sequence[int]) -> Grid:
    """Some rows of a table as a grid, its columns as wide as ``widths`` says."""
    grid = Grid(box=box.SIMPLE_HEAD, show_lines=False, pad_edge=False, row_styles=["", ""])
    for n, column in enumerate(table.columns):
        grid.add_column(
            visible(_heading(table, n)),
            overflow="fold",
            no_wrap=False,
            width=widths[n],
            style=KEY if column.name == "key" else "",
            header_style=HEADING,
        )
    # In this box style the end of a section is an empty line: cells of text have several lines.
    has_texts = any(not column.narrow for column in table.columns[1:])
    last = len(rows) - 1
    for n, row in enumerate(rows):
        cells = []
        for cell in row.cells:
            lines = cell_lines(cell, table.quotes)
            cells.append(Text("\n").join(lines))
        grid.add_row(*cells, end_section=has_texts and n < last)
    return grid


# Cards


def _show_cards(console: Console, table: Table, rows: Sequence[Row]) -> None:
    """Print each row as a card: its first cell as a heading, the others below it."""
    for row in rows:
        first_cell = cell_lines(row.cells[0])
        heading = "; ".join(line.plain for line in first_cell)
        console.print(Text(heading, style=KEY))
        card = _card(table, row, console.width)
        console.print(Group(*card))
        console.print()


def _card(table: Table, row: Row, width: int) -> Iterator[Padding]:
    """The cells of a row below each other, but the first, which heads the card.

    A cell is beside its label where both fit into one line of ``width`` terminal columns.
    """
    for column, cell in zip(table.columns[1:], row.cells[1:], strict=True):
        lines = cell_lines(cell, table.quotes)
        first_line = lines[0]
        may_be_left_out = column.narrow or not column.structured
        if not first_line and may_be_left_out:
            continue
        title = visible(column.title)
        label = Text.assemble((f"{title}: ", HEADING))
        needed = label.cell_len + first_line.cell_len
        if len(lines) == 1 and needed < width - 4:
            yield _indented(label + first_line, 2)
            continue
        yield _indented(label, 2)
        for line in lines:
            yield _indented(_hanging(line, width - 4), 4)


def _indented(text: Text, columns: int) -> Padding:
    """``text`` with an empty margin of so many terminal columns on its left."""
    return Padding(text, (0, 0, 0, columns))


def _hanging(line: Text, width: int) -> Text:
    """A line wrapped, all but its first part indented, so that items can be told apart."""
    # The width given to wrap() counts; it needs a console only to justify lines.
    wrapped = line.wrap(Console(width=width), max(10, width - 2))
    return Text("\n  ").join(wrapped)
