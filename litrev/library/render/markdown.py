"""Tables as GitHub-flavoured Markdown."""

from __future__ import annotations

import re

from litrev.library.render.rendering import Rendering, groups
from litrev.library.synthesis.model import Table, TableCell
from litrev.text.display import visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&])")


def render(table: Table, rendering: Rendering) -> str:
    """A heading, the table and the legend; items of a cell stand one below the other, quotes in
    footnotes.

    Each group of a grouped table is a table of its own under its name.
    """
    notes: dict[str, int] = {}
    lines = [f"# {escape(table.title)}", ""] if table.title else []
    head = [
        "| " + " | ".join(escape(column.title) for column in table.columns) + " |",
        "|" + "|".join(" --- " for _ in table.columns) + "|",
    ]
    for name, rows in groups(table):
        if table.grouped_by:
            lines += [f"## {escape(name)}", ""]
        lines += head
        lines += [
            "| "
            + " | ".join(_cell(cell, notes if table.quotes else None) for cell in row.cells)
            + " |"
            for row in rows
        ]
        lines += [""]
    lines = lines[:-1] if table.rows else [*lines, *head]
    if table.legend:
        lines += ["", escape(table.legend)]
    if notes:
        lines += [""] + [f"[^{number}]: “{escape(quote)}”" for quote, number in notes.items()]
    return "\n".join(lines) + "\n"


def _cell(cell: TableCell, notes: dict[str, int] | None) -> str:
    if notes is None or not cell.items:
        return "<br>".join(escape(line) for line in cell.lines())
    return "<br>".join(
        escape(item.line)
        + "".join(f"[^{notes.setdefault(quote, len(notes) + 1)}]" for quote in item.quotes)
        for item in cell.items
    )


def escape(text: str) -> str:
    """``text`` as it is, whatever Markdown or HTML would make of it; line breaks become blanks."""
    return _SPECIAL.sub(r"\\\1", visible(" ".join(text.split())))
