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
    """Print a line for each record: number, key, year, type, title, as the width allows."""
    number_width = len(f"#{len(records)}")
    widest_key = max((cell_len(record.key) for record in records), default=0)
    key_width = min(28, widest_key)
    widest_type = max((len(record.entry_type) for record in records), default=0)
    type_width = min(14, widest_type)
    for n, record in enumerate(records, 1):
        number = f"#{n}".ljust(number_width)
        key = _fitted(record.key, key_width)
        entry_type = _fitted(record.entry_type, type_width)
        line = Text.assemble((f"{number} ", DIM))
        line.append(f"{key} ", KEY)
        line.append(f"{record.year or '':<4} ")
        line.append(f"{entry_type} ", DIM)
        room = max(10, console.width - line.cell_len)
        title = _fitted(record.label(200), room)
        line.append(title.rstrip())
        console.print(line, no_wrap=True, overflow="ellipsis")


def show_hits(console: Console, answer: Answer) -> None:
    """Print a block for each match: number, key, year and title; below them the words that match.

    The explanation of the query comes first, facets last, where they were asked for.
    """
    for line in answer.explanation:
        console.print(Text(visible(line), style=DIM))
    for n, match in enumerate(answer.matches, 1):
        _show_match(console, n, match)
    for name, counts in answer.facets.items():
        _show_facet(console, name, counts)


def _show_match(console: Console, n: int, match: Match) -> None:
    """Print the match with number ``n``, and its words in their context if they were asked for."""
    record = match.record
    line = Text.assemble((f"#{n} ", DIM))
    line.append(visible(record.key), KEY)
    if record.year:
        line.append(f"  {record.year}")
    room = max(10, console.width - line.cell_len - 2)
    title = _fitted(record.label(200), room)
    line.append("  " + title.rstrip(), HEADING)
    console.print(line, no_wrap=True, overflow="ellipsis")
    if match.snippet:
        words = _snippet_text(match.snippet)
        console.print(Padding(words, (0, 0, 0, 4)))


def _snippet_text(snippet: Snippet) -> Text:
    """The field and the words of a match, with "…" where they were cut."""
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
    shown = list(counts.items())[:_MOST_VALUES]
    for value, count in shown:
        line = Text(f"  {count:>6,}  ", style=DIM)
        room = max(10, console.width - line.cell_len)
        name = _fitted(value, room)
        line.append(name.rstrip(), "")
        console.print(line, no_wrap=True, overflow="ellipsis")
    if not counts:
        console.print(Text("       ·  none of them has one", style=DIM))
    hidden = len(counts) - _MOST_VALUES
    if hidden > 0:
        console.print(Text(f"  … and {hidden} more; --json has all", style=DIM))


def _fitted(text: str, width: int) -> str:
    """``text`` in exactly ``width`` terminal columns, a cut marked by "…".

    >>> _fitted("trust", 7), _fitted("trustworthiness", 7)
    ('trust  ', 'trustw…')
    """
    shown = visible(text)
    if cell_len(shown) > width:
        # Cut by characters, measured in columns: a Chinese character takes two.
        while cell_len(shown) > width - 1:
            shown = shown[:-1]
        shown += "…"
    return shown + " " * (width - cell_len(shown))
