"""A summary on a terminal: counts with bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from litrev.cli.views.style import DIM, HEADING
from litrev.library.synthesis.figures import Bars, Map
from litrev.library.synthesis.summary import Count, FieldState, Summary
from litrev.text.display import visible

_MOST = 12  # rows of one kind before the rest is counted together
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def show_summary(console: Console, summary: Summary) -> None:
    """Print what there is, what is missing and what is undecided."""
    console.print(
        Text(
            f"{summary.papers:,} papers, {summary.with_abstract:,} with an abstract, {summary.undecided:,} values to decide",
            style=HEADING,
        )
    )
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
            _show_counts(console, heading, counts[:_MOST], summary.papers)
            if len(counts) > _MOST:
                console.print(
                    Text(
                        f"  … and {len(counts) - _MOST} more; `litrev summary --json` has all",
                        style=DIM,
                    )
                )
    _show_fields(console, summary.fields, summary.papers)


def show_bars(console: Console, figure: Bars) -> None:
    """Print a figure as bars, the longest as wide as there is room."""
    if not figure.counts:
        console.print(Text("Nothing to show.", style=DIM))
        return
    _show_counts(console, figure.title, figure.counts, max(count.papers for count in figure.counts))
    if figure.left_out:
        console.print(Text(f"  … and {figure.left_out:,} more", style=DIM))


def show_map(console: Console, figure: Map) -> None:
    """Print an evidence map with its columns numbered, as many as there is room for, and their
    names below.
    """
    console.print(Text(visible(figure.title), style=HEADING))
    if not figure.rows:
        console.print(Text("Nothing to show.", style=DIM))
        return
    cell = max(4, *(len(f"{count:,}") + 2 for row in figure.counts for count in row))
    width = min(
        max(cell_len(visible(name)) for name in figure.rows),
        max(14, console.width - 2 - cell * len(figure.columns)),
    )
    fitting = max(1, (console.width - 2 - width) // cell)
    console.print(
        Text(
            "  "
            + " " * width
            + "".join(f"[{n}]".rjust(cell) for n in range(1, len(figure.columns[:fitting]) + 1)),
            style=DIM,
        ),
        no_wrap=True,
    )
    for name, counts in zip(figure.rows, figure.counts, strict=True):
        line = Text("  " + _padded(name, width))
        for count in counts[:fitting]:
            line.append(f"{count:,}".rjust(cell), "bold cyan" if count else DIM)
        console.print(line, no_wrap=True)
    for n, name in enumerate(figure.columns[:fitting], 1):
        console.print(
            Text(
                f"  {f'[{n}]':>4} " + _padded(name, min(cell_len(visible(name)), console.width - 8))
            ),
            no_wrap=True,
        )
    hidden = figure.left_out + len(figure.columns[fitting:])
    console.print(
        Text(
            "0 is a gap: no paper has that pair"
            + (f"; {hidden:,} more values are not shown" if hidden else ""),
            style=DIM,
        )
    )


def _padded(text: str, width: int) -> str:
    """``text`` in exactly ``width`` columns, a cut marked by "…"."""
    name = visible(" ".join(text[:1000].split()))
    while cell_len(name) > width:
        name = name.removesuffix("…")[:-1] + "…"
    return name + " " * (width - cell_len(name))


def _show_counts(console: Console, heading: str, counts: Sequence[Count], whole: int) -> None:
    console.print(Text(heading, style=HEADING))
    name_width = min(max(cell_len(count.name) for count in counts), max(16, console.width // 2))
    room = max(8, console.width - name_width - 10)
    for count in counts:
        line = Text("  " + _padded(count.name, name_width))
        line.append(f" {count.papers:>5,} ")
        line.append(bar(count.papers, max(whole, 1), room), "cyan")
        console.print(line, no_wrap=True)


def bar(part: int, whole: int, room: int) -> str:
    """A bar of ``part`` in ``whole``, at most ``room`` columns, to the eighth of one."""
    eighths = max(1, round(8 * room * part / whole)) if part else 0
    return _EIGHTHS[8] * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def _show_fields(console: Console, fields: Sequence[FieldState], papers: int) -> None:
    console.print()
    console.print(
        Text.assemble(
            ("Fields", HEADING),
            ("  decided █ proposed ▒ searched · not reported — never blank", DIM),
        )
    )
    width = max((cell_len(field.heading) for field in fields), default=0)
    room = max(8, min(60, console.width - width - 18))
    for field in fields:
        counts = (field.decided, field.proposed, field.searched, field.not_reported)
        shares = [round(room * count / papers) if papers else 0 for count in counts]
        line = Text("  " + visible(field.heading) + " " * (width - cell_len(field.heading) + 1))
        for share, (mark, style) in zip(
            shares, (("█", "green"), ("▒", "yellow"), ("·", "dim"), ("—", "")), strict=True
        ):
            line.append(mark * share, style)
        line.append(" " * max(0, room - sum(shares)) + f" {field.decided}/{papers} decided")
        console.print(line, no_wrap=True)
