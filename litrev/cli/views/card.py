"""One record on a terminal: reference, fields with marks, and the abstract with its evidence
highlighted.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from litrev.cli.plain import reference
from litrev.cli.views.style import (
    DIM,
    EVIDENCE,
    HEADING,
    KEY,
    OTHER_EVIDENCE,
    abstract_text,
    cell_lines,
    evidence_spans,
)
from litrev.library.model.entry_types import missing
from litrev.library.model.record import Cell, Record
from litrev.library.synthesis.table import structured_cell
from litrev.text.display import visible


def show_card(
    console: Console, record: Record, cells: Mapping[str, Cell], headings: Mapping[str, str]
) -> None:
    """Print everything that is known of ``record``.

    ``cells`` and ``headings`` are by the names of its structured fields.
    """
    _show_head(console, record)
    for name, cell in cells.items():
        heading = headings.get(name, name)
        style = EVIDENCE.get(name, OTHER_EVIDENCE)
        _show_cell(console, heading, style, cell)
    for note in record.notes:
        console.print(Text(f"note by {visible(note.actor)}, {note.at}: {visible(note.text)}"))
    if record.abstract is not None:
        console.print()
        console.print(Text("Abstract", style=HEADING))
        console.print(_abstract_with_evidence(record.abstract, cells))


def show_paper(
    console: Console,
    record: Record,
    cells: Mapping[str, Cell],
    headings: Mapping[str, str],
    height: int,
) -> None:
    """Print ``record`` in one screen of ``height`` lines.

    Each value has a line. Of each field the first values are shown, and how many more there are.
    ``cells`` and ``headings`` are by the names of the structured fields.
    """
    _show_head(console, record)
    filled = sum(bool(cell.items) for cell in cells.values())
    # 7 lines for the head and the foot; of each field one for its name and one for "… and more".
    lines_for_values = height - 7 - 2 * len(cells)
    most = max(1, lines_for_values // max(1, filled))
    for name, cell in cells.items():
        lines = cell_lines(structured_cell(cell))
        heading = headings.get(name, name)
        style = EVIDENCE.get(name, OTHER_EVIDENCE)
        label = _label(heading, style)
        if len(lines) == 1:
            console.print(label + lines[0], no_wrap=True, overflow="ellipsis")
            continue
        console.print(label + Text(f"{len(lines)}", style=DIM))
        for line in lines[:most]:
            console.print(Text("  ") + line, no_wrap=True, overflow="ellipsis")
        if len(lines) > most:
            console.print(Text(f"  … and {len(lines) - most} more", style=DIM))
    hint = f"`litrev show {visible(record.key)}` has all, with the abstract"
    console.print(Text(hint, style=DIM))


def _show_head(console: Console, record: Record) -> None:
    """Print the key, the reference, the type, links and tags, and which metadata are missing."""
    key = visible(record.key)
    console.print(Text(key, style=KEY))
    console.print(Text(reference(record)))
    entry_type = record.entry_type
    if record.type_guessed:
        entry_type += " (a guess)"
    details = [entry_type]
    for name in ("doi", "url"):
        value = record.get(name)
        if value:
            details.append(f"{name} {value}")
    if record.aliases:
        details.append(f"formerly {', '.join(record.aliases)}")
    if record.tags:
        details.append(f"tags {', '.join(record.tags)}")
    line = visible(" · ".join(details))
    console.print(Text(line, style=DIM))
    lacking = missing(record.entry_type, record.get)
    if lacking:
        console.print(Text(f"missing: {', '.join(lacking)}", style="yellow"))
    console.print()


def _show_cell(console: Console, heading: str, style: str, cell: Cell) -> None:
    """Print a field with its values below it, or with its mark where there are none."""
    lines = cell_lines(structured_cell(cell))
    label = Text.assemble((f"{heading} ", style))
    if not cell.items:
        console.print(label + lines[0])
        return
    console.print(label)
    for line in lines:
        console.print(Padding(line, (0, 0, 0, 2)))


def _label(heading: str, style: str) -> Text:
    # Assembled, because the style of a Text itself would reach what is added to it.
    return Text.assemble((f"{visible(heading)} ", style))


def _abstract_with_evidence(abstract: str, cells: Mapping[str, Cell]) -> Text:
    """The abstract; where evidence overlaps, the shorter one is on top."""
    text = abstract_text(abstract)
    for start, end, name in evidence_spans(cells):
        text.stylize(EVIDENCE.get(name, OTHER_EVIDENCE), start, end)
    return text
