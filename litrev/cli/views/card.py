"""One record on a terminal: reference, fields with marks, the abstract with its evidence
highlighted.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from litrev.cli.plain import reference
from litrev.cli.views.style import DIM, EVIDENCE, HEADING, KEY, cell_lines
from litrev.library.model.entry_types import missing
from litrev.library.model.record import Cell, Record
from litrev.library.synthesis.table import structured_cell
from litrev.text.display import visible


def show_card(
    console: Console, record: Record, cells: Mapping[str, Cell], headings: Mapping[str, str]
) -> None:
    """Print everything known of ``record``."""
    _show_head(console, record)
    for name, cell in cells.items():
        _show_cell(console, headings.get(name, name), EVIDENCE.get(name, "bold"), cell)
    for note in record.notes:
        console.print(Text(f"note by {visible(note.actor)}, {note.at}: {visible(note.text)}"))
    if record.abstract is not None:
        console.print()
        console.print(Text("Abstract", style=HEADING))
        console.print(_abstract(record.abstract, cells))


def show_paper(
    console: Console,
    record: Record,
    cells: Mapping[str, Cell],
    headings: Mapping[str, str],
    height: int,
) -> None:
    """Print ``record`` in one screen: a line a value, the first ones of each field, and how many
    more there are.
    """
    _show_head(console, record)
    each = max(
        1, (height - 7 - 2 * len(cells)) // max(1, sum(bool(cell.items) for cell in cells.values()))
    )
    for name, cell in cells.items():
        lines = cell_lines(structured_cell(cell))
        label = Text.assemble((f"{visible(headings.get(name, name))} ", EVIDENCE.get(name, "bold")))
        if len(lines) == 1:
            console.print(label + lines[0], no_wrap=True, overflow="ellipsis")
            continue
        console.print(label + Text(f"{len(lines)}", style=DIM))
        for line in lines[:each]:
            console.print(Text("  ") + line, no_wrap=True, overflow="ellipsis")
        if len(lines) > each:
            console.print(Text(f"  … and {len(lines) - each} more", style=DIM))
    console.print(
        Text(f"`litrev show {visible(record.key)}` has all, with the abstract", style=DIM)
    )


def _show_head(console: Console, record: Record) -> None:
    console.print(Text(visible(record.key), style=KEY))
    console.print(Text(reference(record)))
    about = [f"{record.entry_type}{' (a guess)' if record.type_guessed else ''}"]
    about += [f"{name} {value}" for name in ("doi", "url") if (value := record.get(name))]
    about += [f"formerly {', '.join(record.aliases)}"] if record.aliases else []
    about += [f"tags {', '.join(record.tags)}"] if record.tags else []
    console.print(Text(visible(" · ".join(about)), style=DIM))
    lacking = missing(record.entry_type, record.get)
    if lacking:
        console.print(Text(f"missing: {', '.join(lacking)}", style="yellow"))
    console.print()


def _show_cell(console: Console, heading: str, style: str, cell: Cell) -> None:
    lines = cell_lines(structured_cell(cell))
    label = Text.assemble((f"{heading} ", style))
    if not cell.items:
        console.print(label + lines[0])
        return
    console.print(label)
    for line in lines:
        console.print(Padding(line, (0, 0, 0, 2)))


def _abstract(abstract: str, cells: Mapping[str, Cell]) -> Text:
    """The abstract; where evidence overlaps, the shorter one is on top."""
    text = Text("\n".join(visible(line) for line in abstract.split("\n")))
    spans = [
        (e.end - e.start, e.start, e.end, name)
        for name, cell in cells.items()
        for i in cell.items
        for e in i.value.evidence
        if not e.stale
    ]
    for _, start, end, name in sorted(spans, reverse=True):
        text.stylize(EVIDENCE.get(name, "bold"), start, end)
    return text
