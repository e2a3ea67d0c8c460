"""The synthesis table on a terminal: a grid where there is room, stacked cards where there is not."""

from __future__ import annotations

import math
from collections.abc import Sequence

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

WIDE = 100  # columns from which on a grid of texts is readable
_LEAST = 14  # columns that a text needs
_WIDEST = 40  # that a column of words takes where there is room
_BETWEEN = 3  # columns that the grid puts between two of them


def show_table(console: Console, table: Table) -> None:
    """Print ``table`` as the width allows, with its legend."""
    if table.title:
        console.print(Text(visible(table.title), style=HEADING))
    texts = sum(not column.narrow for column in table.columns)
    widths = _widths(table, console.width) if console.width >= WIDE or texts <= 1 else None
    over = {column.over for column in table.columns if column.over}
    if widths and len(over) == 1:
        console.print(
            Text(f"{visible(table.columns[0].heading)} by {visible(over.pop())}", style=DIM)
        )
    for name, rows in groups(table):
        if table.grouped_by:
            console.print()
            console.print(Text(f"{visible(table.grouped_by)}: {visible(name)}", style=HEADING))
        if widths:
            console.print(_grid(table, rows, widths))
        else:
            _cards(console, table, rows)
    if table.legend:
        console.print(Text(table.legend, style=DIM))


def _needed(table: Table, n: int) -> int:
    """The columns without which the cells of a column could not be read."""
    if not table.columns[n].narrow:
        return _LEAST
    words = [
        word for row in table.rows for line in row.cells[n].lines() for word in line.split(" ")
    ]
    return max(
        (min(24, cell_len(visible(word))) for word in (*words, *_heading(table, n).split())),
        default=1,
    )


def _heading(table: Table, n: int) -> str:
    """The heading of a column; what stands over all of them alike is said once, above the grid."""
    column = table.columns[n]
    return (
        column.heading
        if len({one.over for one in table.columns if one.over}) == 1
        else column.title
    )


def _widths(table: Table, room: int) -> list[int] | None:
    """The width of each column of a grid; None where there is no room for one."""
    count = len(table.columns)
    widths = [_needed(table, n) for n in range(count)]
    left = room - _BETWEEN * count - sum(widths)
    if left < 0:
        return None
    shares = [0 if column.narrow else _ratio(table, n) for n, column in enumerate(table.columns)]
    if sum(shares):
        return [
            width + left * share // sum(shares) for width, share in zip(widths, shares, strict=True)
        ]
    for n in range(count):
        longest = max(
            (cell_len(line) for row in table.rows for line in row.cells[n].lines()), default=0
        )
        more = min(
            left, max(0, min(_WIDEST, max(longest, cell_len(_heading(table, n)))) - widths[n])
        )
        widths[n], left = widths[n] + more, left - more
    return widths


def _grid(table: Table, rows: Sequence[Row], widths: Sequence[int]) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, show_lines=False, pad_edge=False, row_styles=["", ""])
    for n, column in enumerate(table.columns):
        style = KEY if column.name == "key" else ""
        grid.add_column(
            visible(_heading(table, n)),
            overflow="fold",
            no_wrap=False,
            width=widths[n],
            style=style,
            header_style=HEADING,
        )
    for n, row in enumerate(rows):
        cells = [Text("\n").join(cell_lines(cell, table.quotes)) for cell in row.cells]
        grid.add_row(
            *cells,
            end_section=n + 1 < len(rows)
            and any(not column.narrow for column in table.columns[1:]),
        )
    return grid


def _ratio(table: Table, column: int) -> int:
    """How much of the width a column gets: by how much its cells have to say, within bounds."""
    lengths = [
        sum(len(line) for line in row.cells[column].lines(table.quotes)) for row in table.rows
    ]
    average = sum(lengths) / max(1, len(lengths))
    return max(2, min(6, int(math.sqrt(average) / 4)))


def _cards(console: Console, table: Table, rows: Sequence[Row]) -> None:
    for row in rows:
        parts: list[Padding] = []
        for n, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            lines = cell_lines(cell, table.quotes)
            if n == 0 or (not lines[0] and (column.narrow or not column.structured)):
                continue
            label = Text.assemble((f"{visible(column.title)}: ", HEADING))
            if len(lines) == 1 and lines[0].cell_len + label.cell_len < console.width - 4:
                parts.append(Padding(label + lines[0], (0, 0, 0, 2)))
            else:
                parts.append(Padding(label, (0, 0, 0, 2)))
                parts += [
                    Padding(_hanging(line, console.width - 4), (0, 0, 0, 4)) for line in lines
                ]
        console.print(Text("; ".join(line.plain for line in cell_lines(row.cells[0])), style=KEY))
        console.print(Group(*parts))
        console.print()


def _hanging(line: Text, width: int) -> Text:
    """A line wrapped, all but its first part indented, so that items can be told apart."""
    wrapped = line.wrap(Console(width=width), max(10, width - 2))
    return Text("\n  ").join(wrapped)
