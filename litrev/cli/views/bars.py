"""A summary and figures on a terminal: counts with bars, and an evidence map."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from litrev.cli.views.style import DIM, HEADING
from litrev.library.synthesis.figures import Bars, Map
from litrev.library.synthesis.summary import Count, FieldState, Summary
from litrev.text.display import visible

_MOST_ROWS = 12  # of one kind; the others are only counted
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_INDENT = "  "


def show_summary(console: Console, summary: Summary) -> None:
    """Print what there is, what is missing and what is undecided.

    Of each kind the 12 most frequent names are shown, and how many more there are.
    """
    totals = (
        f"{summary.papers:,} papers",
        f"{summary.with_abstract:,} with an abstract",
        f"{summary.undecided:,} values to decide",
    )
    _print(console, ", ".join(totals), HEADING)
    groups = (
        ("Year", summary.years),
        ("Type", summary.types),
        ("Methods", summary.methods),
        ("Site", summary.sites),
        ("Tags", summary.tags),
        ("Missing metadata", summary.lacking),
    )
    for heading, counts in groups:
        if counts:
            console.print()
            _show_counts(console, heading, counts[:_MOST_ROWS], summary.papers)
            hidden = len(counts) - _MOST_ROWS
            if hidden > 0:
                _print(console, f"  … and {hidden} more; `litrev summary --json` has all", DIM)
    _show_fields(console, summary.fields, summary.papers)


def _print(console: Console, text: str, style: str) -> None:
    """Print a text as it is: rich reads no markup in a Text."""
    console.print(Text(text, style=style))


def show_bars(console: Console, figure: Bars) -> None:
    """Print a figure as bars, the longest as wide as there is room."""
    if not figure.counts:
        _print(console, "Nothing to show.", DIM)
        return
    largest = max(count.papers for count in figure.counts)
    _show_counts(console, figure.title, figure.counts, largest)
    if figure.left_out:
        _print(console, f"  … and {figure.left_out:,} more", DIM)


def show_map(console: Console, figure: Map) -> None:
    """Print an evidence map: papers by two fields.

    Its columns are numbered, as many as there is room for; their names follow below.
    """
    _print(console, visible(figure.title), HEADING)
    if not figure.rows:
        _print(console, "Nothing to show.", DIM)
        return
    cell_width = _map_cell_width(figure)
    room = console.width - len(_INDENT)
    widest_name = max(_width(name) for name in figure.rows)
    room_for_name = room - cell_width * len(figure.columns)
    name_width = min(widest_name, max(14, room_for_name))
    shown = max(1, (room - name_width) // cell_width)
    columns = figure.columns[:shown]

    header = Text(_INDENT + " " * name_width, style=DIM)
    for n in range(1, len(columns) + 1):
        header.append(f"[{n}]".rjust(cell_width))
    console.print(header, no_wrap=True)
    for name, counts in zip(figure.rows, figure.counts, strict=True):
        line = Text(_INDENT + _padded(name, name_width))
        for count in counts[:shown]:
            number = f"{count:,}".rjust(cell_width)
            line.append(number, "bold cyan" if count else DIM)
        console.print(line, no_wrap=True)
    for n, name in enumerate(columns, 1):
        number = f"[{n}]"
        width = min(_width(name), console.width - 8)
        line = Text(f"{_INDENT}{number:>4} {_padded(name, width)}")
        console.print(line, no_wrap=True)
    hidden_columns = len(figure.columns) - len(columns)
    _show_legend(console, figure.left_out + hidden_columns)


def _map_cell_width(figure: Map) -> int:
    """The terminal columns that a number of a map needs, with the blanks before it."""
    largest = max(chain.from_iterable(figure.counts), default=0)
    widest_count = len(f"{largest:,}")
    return max(4, widest_count + 2)


def _show_legend(console: Console, hidden: int) -> None:
    """What a 0 means, and how many values there was no room for."""
    legend = "0 is a gap: no paper has that pair"
    if hidden:
        legend += f"; {hidden:,} more values are not shown"
    _print(console, legend, DIM)


def _width(text: str) -> int:
    """The terminal columns that a text takes."""
    return cell_len(visible(text))


def _padded(text: str, width: int) -> str:
    """``text`` in exactly ``width`` terminal columns, a cut marked by "…".

    >>> _padded("trust", 7), _padded("trustworthiness", 7), _padded("乡村振兴", 7)
    ('trust  ', 'trustw…', '乡村振…')
    """
    # 1,000 characters are more than a line holds; the loop takes long over a very long text.
    start = " ".join(text[:1000].split())
    name = visible(start)
    # Cut by characters, measured in columns: a Chinese character takes two.
    while cell_len(name) > width:
        name = name.removesuffix("…")[:-1] + "…"
    return name + " " * (width - cell_len(name))


def _show_counts(console: Console, heading: str, counts: Sequence[Count], whole: int) -> None:
    """Print names with their counts and a bar each; a bar of ``whole`` papers fills the room."""
    _print(console, heading, HEADING)
    widest_name = max(cell_len(count.name) for count in counts)
    half = console.width // 2
    name_width = min(widest_name, max(16, half))
    room = max(8, console.width - name_width - 10)
    for count in counts:
        name = _padded(count.name, name_width)
        line = Text(_INDENT + name)
        line.append(f" {count.papers:>5,} ")
        line.append(bar(count.papers, max(whole, 1), room), "cyan")
        console.print(line, no_wrap=True)


def bar(part: int, whole: int, room: int) -> str:
    """A bar of ``part`` in ``whole``, at most ``room`` columns, to the eighth of one.

    Any part but 0 is at least an eighth.

    >>> bar(1, 2, 5), bar(1, 1000, 5), bar(0, 2, 5)
    ('██▌', '▏', '')
    """
    if not part:
        return ""
    eighths = max(1, round(8 * room * part / whole))
    full_blocks, remainder = divmod(eighths, 8)
    last = _EIGHTHS[remainder] if remainder else ""
    return _EIGHTHS[8] * full_blocks + last


def _show_fields(console: Console, fields: Sequence[FieldState], papers: int) -> None:
    """Print a bar for each structured field: how many papers have it in which state."""
    heading = ("Fields", HEADING)
    legend = ("  decided █ proposed ▒ searched · not reported — never blank", DIM)
    console.print()
    console.print(Text.assemble(heading, legend))
    widths = [cell_len(field.heading) for field in fields]
    name_width = max(widths, default=0)
    room = max(8, min(60, console.width - name_width - 18))
    for field, width in zip(fields, widths, strict=True):
        padding = " " * (name_width - width + 1)
        line = Text(_INDENT + visible(field.heading) + padding)
        line.append_text(_state_bar(field, papers, room))
        line.append(f" {field.decided}/{papers} decided")
        console.print(line, no_wrap=True)


def _state_bar(field: FieldState, papers: int, room: int) -> Text:
    """The papers of one field by their states, padded to ``room`` columns."""
    states = (
        (field.decided, "█", "green"),
        (field.proposed, "▒", "yellow"),
        (field.searched, "·", "dim"),
        (field.not_reported, "—", ""),
    )
    line = Text()
    for count, mark, style in states:
        share = round(room * count / papers) if papers else 0
        line.append(mark * share, style)
    # Each share is rounded by itself, so that together they may be longer than the room.
    missing = max(0, room - line.cell_len)
    return line.append(" " * missing)
