"""Tables as GitHub-flavoured Markdown."""

from __future__ import annotations

import re

from litrev.library.render.rendering import Rendering, groups
from litrev.library.synthesis.model import Table, TableCell
from litrev.text.display import visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&])")


def render(table: Table, rendering: Rendering) -> str:
    """A heading, the table and the legend.

    Items of a cell are one below the other, and quotes are footnotes. Each group of a grouped table
    is a table of its own under its name.
    """
    footnotes: dict[str, int] = {}
    lines = [f"# {escape(table.title)}", ""] if table.title else []
    if not table.rows:
        lines += _head(table)
    for number, (name, rows) in enumerate(groups(table)):
        if number:
            lines.append("")
        if table.grouped_by:
            lines += [f"## {escape(name)}", ""]
        lines += _head(table)
        for row in rows:
            cells = [_cell(cell, table.quotes, footnotes) for cell in row.cells]
            lines.append(_row(cells))
    if table.legend:
        lines += ["", escape(table.legend)]
    if footnotes:
        lines.append("")
        for quote, number in footnotes.items():
            lines.append(f"[^{number}]: “{escape(quote)}”")
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """``text`` as it is, whatever Markdown or HTML would make of it; line breaks become blanks.

    Control characters are replaced by a mark. It is for text within a line: a sign at the beginning
    of a line that Markdown reads there only, as in "1. a" or "- a", is not escaped.

    >>> print(escape("a_b | c <d>"))
    a\\_b \\| c \\<d\\>
    """
    line = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", visible(line))


def _head(table: Table) -> list[str]:
    """The headings, and the line that makes a table of what follows."""
    headings = [escape(column.title) for column in table.columns]
    return [_row(headings), "|" + " --- |" * len(table.columns)]


def _row(cells: list[str]) -> str:
    """A line of a table, of cells that are escaped already."""
    return f"| {' | '.join(cells)} |"


def _cell(cell: TableCell, quotes: bool, footnotes: dict[str, int]) -> str:
    """The lines of a cell; the quotes that no footnote has yet are added to ``footnotes``.

    ``footnotes`` has the number of each quote, so that a quote is written once.
    """
    if not quotes or not cell.items:
        return "<br>".join(map(escape, cell.lines()))
    lines = []
    for item in cell.items:
        line = escape(item.line)
        for quote in item.quotes:
            number = footnotes.setdefault(quote, len(footnotes) + 1)
            line += f"[^{number}]"
        lines.append(line)
    return "<br>".join(lines)
