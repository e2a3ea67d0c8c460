"""Lists of records and answers of a search on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from litrev.cli.views.style import DIM, HEADING, KEY, highlighted
from litrev.library.model.record import Record
from litrev.text.display import visible

if TYPE_CHECKING:
    from litrev.index.snippets import Snippet
    from litrev.workspace.searching import Answer, Match


_MOST_VALUES = 12  # of a facet


def show_list(console: Console, records: Sequence[Record]) -> None:
    """A line a record: number, key, year, type, title."""
    number_width = len(str(len(records))) + 1
    widest_key = max((cell_len(record.key) for record in records), default=0)
    key_width = min(28, widest_key)
    widest_type = max((len(record.entry_type) for record in records), default=0)
    type_width = min(14, widest_type)
    for n, record in enumerate(records, 1):
        line = Text.assemble((f"#{n}".ljust(number_width) + " ", DIM))
        line.append(_fitted(record.key, key_width) + " ", KEY)
        line.append(f"{record.year or '':<4} ")
        line.append(_fitted(record.entry_type, type_width) + " ", DIM)
        room = console.width - line.cell_len
        line.append(_fitted(record.label(200), max(10, room)).rstrip())
        console.print(line, no_wrap=True, overflow="ellipsis")


def show_hits(console: Console, answer: Answer) -> None:
    """A block a hit: number, key, year and title; below them the words in their field.

    The explanation of the query comes first, facets last, where they were asked for.
    """
    for line in answer.explanation:
        console.print(Text(visible(line), style=DIM))
    for n, match in enumerate(answer.matches, 1):
        _show_match(console, n, match)
    for name, counts in answer.facets.items():
        _show_facet(console, name, counts)


def _show_match(console: Console, n: int, match: Match) -> None:
    record = match.record
    line = Text.assemble((f"#{n} ", DIM))
    line.append(visible(record.key), KEY)
    if record.year:
        line.append(f"  {record.year}")
    room = console.width - line.cell_len - 2
    line.append("  " + _fitted(record.label(200), max(10, room)).rstrip(), HEADING)
    console.print(line, no_wrap=True, overflow="ellipsis")
    if match.snippet:
        console.print(Padding(_snippet_text(match.snippet), (0, 0, 0, 4)))


def _snippet_text(snippet: Snippet) -> Text:
    text = Text.assemble((f"{snippet.field}: ", DIM))
    if snippet.cut_before:
        text.append("…")
    text.append_text(highlighted(snippet.text, snippet.marks))
    if snippet.cut_after:
        text.append("…")
    return text


def _show_facet(console: Console, name: str, counts: Mapping[str, int]) -> None:
    """The commonest values of a field among all matches."""
    console.print()
    console.print(Text(visible(name), style=HEADING))
    for value, count in list(counts.items())[:_MOST_VALUES]:
        line = Text(f"  {count:>6,}  ", style=DIM)
        room = max(10, console.width - line.cell_len)
        line.append(_fitted(value, room).rstrip(), "")
        console.print(line, no_wrap=True, overflow="ellipsis")
    if not counts:
        console.print(Text("       ·  none of them has one", style=DIM))
    hidden = len(counts) - _MOST_VALUES
    if hidden > 0:
        console.print(Text(f"  … and {hidden} more; --json has all", style=DIM))


def _fitted(text: str, width: int) -> str:
    """``text`` in exactly ``width`` columns, the cut marked by "…"."""
    shown = visible(text)
    if cell_len(shown) > width:
        # Cut by characters, measured in columns: a Chinese character takes two.
        while cell_len(shown) > width - 1:
            shown = shown[:-1]
        shown += "…"
    return shown + " " * (width - cell_len(shown))
