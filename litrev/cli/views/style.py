"""How things look: one place for colours and marks, readable without colour too."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from litrev.library.model.record import CellState, ItemState
from litrev.library.synthesis.model import MARKS, TableCell
from litrev.text.display import visible

KEY = "bold cyan"
HEADING = "bold"
DIM = "dim"
FOUND = "bold yellow"
STATES = {ItemState.PROPOSED: "", ItemState.DECIDED: "", ItemState.DISPUTED: "red"}
MARK_STYLES = {
    ItemState.PROPOSED: "bold yellow",
    ItemState.DISPUTED: "bold red",
    ItemState.DECIDED: "",
}
EVIDENCE = {
    "research_object": "bold green", "methods": "bold cyan", "chapters": "bold blue", "findings": "bold yellow", "problems": "bold red",
    "recommendations": "bold magenta", "theory": "bold bright_cyan", "site": "bold bright_green",
}  # fmt: skip


def cell_lines(cell: TableCell, quotes: bool = False) -> list[Text]:
    """A cell as lines of styled text, each state with its mark; with ``quotes`` those below their
    item.
    """
    if not cell.items:
        return [
            Text(
                MARKS[cell.state], style=DIM if cell.state is not CellState.NOT_REPORTED else "bold"
            )
        ]
    lines = []
    for item in cell.items:
        line = Text(visible(" ".join(item.shown.split())), style=STATES[item.state])
        if item.mark:
            line.append(f" {item.mark}", MARK_STYLES[item.state])
        lines.append(line)
        lines += [
            Text(f"“{visible(quote)}”", style=DIM) for quote in (item.quotes if quotes else ())
        ]
    return lines


def marked(text: str, spans: Sequence[tuple[int, int]], style: str = FOUND) -> Text:
    """``text`` made safe, with ``spans`` of it in ``style``."""
    shown = Text(visible(text.replace("\n", " ")))
    for start, end in spans:
        shown.stylize(style, start, end)
    return shown
