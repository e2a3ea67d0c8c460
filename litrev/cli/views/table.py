"""The synthesis table on a terminal: a grid where there is room, stacked cards where there is not."""

from __future__ import annotations

import math

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from litrev.cli.views.style import DIM, HEADING, KEY, cell_lines
from litrev.library.errors import visible
from litrev.library.synthesis.table import Table

WIDE = 100  # columns from which on a grid is readable
_NARROW_COLUMNS = frozenset({"key", "year", "type"})


def show_table(console: Console, table: Table) -> None:
    """Print ``table`` as the width allows, with its legend."""
    if table.title:
        console.print(Text(visible(table.title), style=HEADING))
    if console.width >= WIDE:
        console.print(_grid(table))
    else:
        _cards(console, table)
    if table.legend:
        console.print(Text(table.legend, style=DIM))


def _grid(table: Table) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, show_lines=False, pad_edge=False, expand=True, row_styles=["", ""])
    for n, column in enumerate(table.columns):
        narrow = column.name in _NARROW_COLUMNS
        style = KEY if column.name == "key" else ""
        grid.add_column(visible(column.heading), overflow="fold", no_wrap=False, ratio=None if narrow else _ratio(table, n), style=style, header_style=HEADING)
    for n, row in enumerate(table.rows):
        cells = [Text("\n").join(cell_lines(cell)) for cell in row.cells]
        grid.add_row(*cells, end_section=n + 1 < len(table.rows))
    return grid


def _ratio(table: Table, column: int) -> int:
    """How much of the width a column gets: by how much its cells have to say, within bounds."""
    lengths = [sum(len(item.text) for item in row.cells[column].items) for row in table.rows]
    average = sum(lengths) / max(1, len(lengths))
    return max(2, min(6, int(math.sqrt(average) / 4)))


def _cards(console: Console, table: Table) -> None:
    for row in table.rows:
        parts = []
        for column, cell in zip(table.columns, row.cells, strict=True):
            lines = cell_lines(cell)
            if column.name == "key":
                continue
            label = Text.assemble((f"{visible(column.heading)}: ", HEADING))
            if len(lines) == 1 and len(lines[0]) + len(label) < console.width - 4:
                parts.append(Padding(label + lines[0], (0, 0, 0, 2)))
            else:
                parts.append(Padding(label, (0, 0, 0, 2)))
                parts += [Padding(_hanging(line, console.width - 4), (0, 0, 0, 4)) for line in lines]
        console.print(Text(visible(row.key), style=KEY))
        console.print(Group(*parts))
        console.print()


def _hanging(line: Text, width: int) -> Text:
    """A line wrapped, all but its first part indented, so that items can be told apart."""
    wrapped = line.wrap(Console(width=width), max(10, width - 2))
    return Text("\n  ").join(wrapped)
