"""A summary on a terminal: counts with bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from litrev.cli.views.style import DIM, HEADING
from litrev.library.errors import visible
from litrev.library.synthesis.summary import Count, FieldState, Summary

_MOST = 12  # rows of one kind before the rest is counted together
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def show_summary(console: Console, summary: Summary) -> None:
    """Print what there is, what is missing and what is undecided."""
    console.print(Text(f"{summary.papers:,} papers, {summary.with_abstract:,} with an abstract, {summary.undecided:,} values to decide", style=HEADING))
    groups = (
        ("Year", summary.years), ("Type", summary.types), ("Methods", summary.methods), ("Site", summary.sites),
        ("Tags", summary.tags), ("Missing metadata", summary.lacking),
    )  # fmt: skip
    for heading, counts in groups:
        if counts:
            _show_counts(console, heading, counts, summary.papers)
    _show_fields(console, summary.fields, summary.papers)


def _show_counts(console: Console, heading: str, counts: Sequence[Count], papers: int) -> None:
    console.print()
    console.print(Text(heading, style=HEADING))
    name_width = min(max(cell_len(count.name) for count in counts), max(16, console.width // 2))
    room = max(8, console.width - name_width - 10)
    for count in counts[:_MOST]:
        name = visible(count.name)
        while cell_len(name) > name_width:
            name = name.removesuffix("…")[:-1] + "…"
        line = Text("  " + name + " " * (name_width - cell_len(name)))
        line.append(f" {count.papers:>5,} ")
        line.append(bar(count.papers, max(papers, 1), room), "cyan")
        console.print(line, no_wrap=True)
    if len(counts) > _MOST:
        console.print(Text(f"  … and {len(counts) - _MOST} more; `litrev summary --json` has all", style=DIM))


def bar(part: int, whole: int, room: int) -> str:
    """A bar of ``part`` in ``whole``, at most ``room`` columns, to the eighth of one."""
    eighths = max(1, round(8 * room * part / whole)) if part else 0
    return _EIGHTHS[8] * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def _show_fields(console: Console, fields: Sequence[FieldState], papers: int) -> None:
    console.print()
    console.print(Text.assemble(("Fields", HEADING), ("  decided █ proposed ▒ searched · not reported — never blank", DIM)))
    width = max((cell_len(field.heading) for field in fields), default=0)
    room = max(8, min(60, console.width - width - 18))
    for field in fields:
        counts = (field.decided, field.proposed, field.searched, field.not_reported)
        shares = [round(room * count / papers) if papers else 0 for count in counts]
        line = Text("  " + visible(field.heading) + " " * (width - cell_len(field.heading) + 1))
        for share, (mark, style) in zip(shares, (("█", "green"), ("▒", "yellow"), ("·", "dim"), ("—", "")), strict=True):
            line.append(mark * share, style)
        line.append(" " * max(0, room - sum(shares)) + f" {field.decided}/{papers} decided")
        console.print(line, no_wrap=True)
