"""Tables as GitHub-flavoured Markdown."""

from __future__ import annotations

import re

from litrev.library.errors import visible
from litrev.library.synthesis.table import Table

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&])")


def render(table: Table) -> str:
    """A heading, the table and the legend; items of a cell stand one below the other."""
    lines = [f"# {escape(table.title)}", ""] if table.title else []
    lines.append("| " + " | ".join(escape(column.heading) for column in table.columns) + " |")
    lines.append("|" + "|".join(" --- " for _ in table.columns) + "|")
    for row in table.rows:
        cells = ("<br>".join(escape(line) for line in cell.lines()) for cell in row.cells)
        lines.append("| " + " | ".join(cells) + " |")
    if table.legend:
        lines += ["", escape(table.legend)]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """``text`` as it is, whatever Markdown or HTML would make of it; line breaks become blanks."""
    return _SPECIAL.sub(r"\\\1", visible(" ".join(text.split())))
