"""Tables as GitHub-flavoured Markdown."""

from __future__ import annotations

import re

from litrev.library.render.rendering import Rendering, groups
from litrev.library.synthesis.model import Table, TableCell
from litrev.text.display import visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&])")


def render(table: Table, rendering: Rendering) -> str:
    """A heading, the table and the legend; items of a cell are one below the other, quotes are
    footnotes.

    Each group of a grouped table is a table of its own under its name.
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
            lines.append(_row([_cell(cell, table.quotes, footnotes) for cell in row.cells]))
    if table.legend:
        lines += ["", escape(table.legend)]
    if footnotes:
        lines.append("")
        lines += [f"[^{number}]: “{escape(quote)}”" for quote, number in footnotes.items()]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """``text`` as it is, whatever Markdown or HTML would make of it; line breaks become blanks."""
    return _SPECIAL.sub(r"\\\1", visible(" ".join(text.split())))


def _head(table: Table) -> list[str]:
    headings = _row([escape(column.title) for column in table.columns])
    return [headings, "|" + " --- |" * len(table.columns)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: TableCell, quotes: bool, footnotes: dict[str, int]) -> str:
    """The lines of a cell; the quotes that no footnote has yet are added to ``footnotes``."""
    if not quotes or not cell.items:
        return "<br>".join(map(escape, cell.lines()))
    lines = []
    for item in cell.items:
        numbers = [footnotes.setdefault(quote, len(footnotes) + 1) for quote in item.quotes]
        lines.append(escape(item.line) + "".join(f"[^{number}]" for number in numbers))
    return "<br>".join(lines)
