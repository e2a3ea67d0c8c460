"""One record on a terminal: reference, fields with marks, the abstract with its evidence highlighted."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from litrev.cli.plain import reference
from litrev.cli.views.style import DIM, EVIDENCE, HEADING, KEY, cell_lines
from litrev.library.entry_types import missing
from litrev.library.errors import visible
from litrev.library.record import Cell, Record
from litrev.library.synthesis.table import structured_cell


def show_card(console: Console, record: Record, cells: Mapping[str, Cell], headings: Mapping[str, str]) -> None:
    """Print everything known of ``record``."""
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
    for name, cell in cells.items():
        _show_cell(console, headings.get(name, name), EVIDENCE.get(name, "bold"), cell)
    for note in record.notes:
        console.print(Text(f"note by {visible(note.actor)}, {note.at}: {visible(note.text)}"))
    if record.abstract is not None:
        console.print()
        console.print(Text("Abstract", style=HEADING))
        console.print(_abstract(record.abstract, cells))


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
    spans = [(e.end - e.start, e.start, e.end, name) for name, cell in cells.items() for i in cell.items for e in i.value.evidence if not e.stale]
    for _, start, end, name in sorted(spans, reverse=True):
        text.stylize(EVIDENCE.get(name, "bold"), start, end)
    return text
