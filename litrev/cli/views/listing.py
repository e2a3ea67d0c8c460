"""Lists of records and answers of a search on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from litrev.cli.views.style import DIM, HEADING, KEY, marked
from litrev.library.model.record import Record
from litrev.text.display import visible

if TYPE_CHECKING:
    from litrev.workspace.searching import Answer


_MOST_VALUES = 12  # of a facet


def show_list(console: Console, records: Sequence[Record]) -> None:
    """A line a record: number, key, year, type, title."""
    number = len(str(len(records))) + 1
    key = min(28, max((cell_len(record.key) for record in records), default=0))
    kind = min(14, max((len(record.entry_type) for record in records), default=0))
    for n, record in enumerate(records, 1):
        line = Text.assemble((f"#{n}".ljust(number) + " ", DIM))
        line.append(_fitted(record.key, key) + " ", KEY)
        line.append(f"{record.year or '':<4} ")
        line.append(_fitted(record.entry_type, kind) + " ", DIM)
        room = console.width - cell_len(line.plain)
        line.append(_fitted(record.label(200), max(10, room)).rstrip())
        console.print(line, no_wrap=True, overflow="ellipsis")


def show_hits(console: Console, answer: Answer) -> None:
    """How the query was read, if that was asked; a block a hit: number, key, year, title, and the
    words in their field; facets.
    """
    for told in answer.explanation:
        console.print(Text(visible(told), style=DIM))
    for n, match in enumerate(answer.matches, 1):
        record = match.record
        line = Text.assemble((f"#{n} ", DIM))
        line.append(visible(record.key), KEY)
        line.append(f"  {record.year}" if record.year else "")
        room = console.width - cell_len(line.plain) - 2
        line.append("  " + _fitted(record.label(200), max(10, room)).rstrip(), HEADING)
        console.print(line, no_wrap=True, overflow="ellipsis")
        snippet = match.snippet
        if snippet:
            shown = Text.assemble((f"{snippet.field}: ", DIM))
            shown.append("…" if snippet.cut_before else "")
            shown.append_text(marked(snippet.text, snippet.marks))
            shown.append("…" if snippet.cut_after else "")
            console.print(Padding(shown, (0, 0, 0, 4)))
    for name, counts in answer.facets.items():
        _show_facet(console, name, counts)


def _show_facet(console: Console, name: str, counts: Mapping[str, int]) -> None:
    """The commonest values of a field among all matches."""
    console.print()
    console.print(Text(visible(name), style=HEADING))
    for value, count in list(counts.items())[:_MOST_VALUES]:
        line = Text(f"  {count:>6,}  ", style=DIM)
        line.append(_fitted(value, max(10, console.width - cell_len(line.plain))).rstrip(), "")
        console.print(line, no_wrap=True, overflow="ellipsis")
    if not counts:
        console.print(Text("       ·  none of them has one", style=DIM))
    if len(counts) > _MOST_VALUES:
        console.print(Text(f"  … and {len(counts) - _MOST_VALUES} more; --json has all", style=DIM))


def _fitted(text: str, width: int) -> str:
    """``text`` in exactly ``width`` columns, the cut marked by "…"."""
    shown = visible(text)
    if cell_len(shown) > width:
        while cell_len(shown) > width - 1:
            shown = shown[:-1]
        shown += "…"
    return shown + " " * (width - cell_len(shown))
