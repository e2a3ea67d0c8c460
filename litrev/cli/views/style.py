"""How things look: one place for colours and marks, readable without colour too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from litrev.library.model.record import Cell, CellState, ItemState
from litrev.library.synthesis.model import MARKS, TableCell
from litrev.text.display import visible

KEY = "bold cyan"
HEADING = "bold"
DIM = "dim"
MATCH = "bold yellow"
# Of a field that is not in EVIDENCE, such as one of the user's own.
OTHER_EVIDENCE = "bold"
STATES = {ItemState.PROPOSED: "", ItemState.DECIDED: "", ItemState.DISPUTED: "red"}
MARK_STYLES = {
    ItemState.PROPOSED: "bold yellow",
    ItemState.DISPUTED: "bold red",
    ItemState.DECIDED: "",
}
EVIDENCE = {
    "research_object": "bold green",
    "methods": "bold cyan",
    "chapters": "bold blue",
    "findings": "bold yellow",
    "problems": "bold red",
    "recommendations": "bold magenta",
    "theory": "bold bright_cyan",
    "site": "bold bright_green",
}


def cell_lines(cell: TableCell, quotes: bool = False) -> list[Text]:
    """A cell as lines of styled text, each item with the mark of its state.

    With ``quotes`` the quotes of an item are below it.
    """
    if not cell.items:
        mark = MARKS[cell.state]
        return [Text(mark, style=empty_style(cell.state))]
    lines = []
    for item in cell.items:
        shown = " ".join(item.shown.split())
        line = Text(visible(shown), style=STATES[item.state])
        if item.mark:
            line.append(f" {item.mark}", MARK_STYLES[item.state])
        lines.append(line)
        if quotes:
            lines += [Text(f"“{visible(quote)}”", style=DIM) for quote in item.quotes]
    return lines


def empty_style(state: CellState) -> str:
    """The style of a cell without items: only "not reported" is somebody's answer."""
    return "bold" if state is CellState.NOT_REPORTED else DIM


def highlighted(text: str, spans: Sequence[tuple[int, int]], style: str = MATCH) -> Text:
    """``text`` made safe and on one line, with ``spans`` of it in ``style``.

    A span is a start and an end in ``text``, in Unicode code points.
    """
    # visible() and this replacement keep each character in its place, so the offsets still fit.
    shown = Text(visible(text.replace("\n", " ")))
    for start, end in spans:
        shown.stylize(style, start, end)
    return shown


def abstract_text(abstract: str) -> Text:
    """The whole abstract made safe; offsets in it stay those of the abstract."""
    # Line by line, because visible() would show a line break as a sign.
    lines = [visible(line) for line in abstract.split("\n")]
    return Text("\n".join(lines))


def evidence_spans(cells: Mapping[str, Cell]) -> list[tuple[int, int, str]]:
    """Start, end and field of each piece of evidence, the longest first.

    A later style lies over an earlier one: in this order short evidence stays visible inside long.
    Evidence that is no longer in the abstract is left out.
    """
    spans = []
    for name, cell in cells.items():
        for item in cell.items:
            for evidence in item.value.evidence:
                if not evidence.stale:
                    length = evidence.end - evidence.start
                    spans.append((length, evidence.start, evidence.end, name))
    spans.sort(reverse=True)
    return [(start, end, name) for _, start, end, name in spans]
