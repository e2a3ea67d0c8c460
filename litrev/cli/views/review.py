"""The review screen: a record's abstract with its evidence, the fields beside it, and what is
asked; of any size, with colour or without.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from litrev.cli.views.style import DIM, EVIDENCE, KEY
from litrev.library.model.record import Cell, CellState, Evidence, Item, ItemState
from litrev.library.synthesis.model import MARKS
from litrev.text.display import visible
from litrev.workspace.review import Question, Review

KEYS = (
    ("a", "accept"), ("e", "edit"), ("r", "reject"), ("n", "not reported"), ("+", "add"), ("s", "skip"), ("u", "undo"), ("q", "quit"), ("?", "help"),
)  # fmt: skip
HELP = (
    "a, Enter   accept what is proposed",
    "A          accept all that is proposed for this record",
    "e          edit it",
    "r          reject it",
    "n          not reported: the abstract does not say",
    "+          add a value: type it, or the number of a sentence",
    "1 to 4     take a sentence that is suggested for an empty field",
    "s, Space   skip to the next question",
    "b          back to the question before",
    "]  [       next record, record before",
    "u          undo your last answer",
    "PgUp PgDn  scroll the abstract",
    "q          quit; everything is saved already",
)
_OWN = "bold white"
_MOST_LINES_OF_A_VALUE = 3


@dataclass(frozen=True, slots=True)
class ScreenState:
    """How large the terminal is, whether it shows colours, and how far the abstract was scrolled by
    hand.
    """

    width: int
    height: int
    colour: bool
    scrolled: int | None = None


def screen(
    review: Review, look: ScreenState, message: str = "", numbered: Sequence[tuple[int, int]] = ()
) -> str:
    """The whole screen as terminal text; ``numbered`` stretches of the abstract get numbers."""
    console = Console(
        file=io.StringIO(),
        width=look.width,
        height=look.height,
        force_terminal=True,
        no_color=not look.colour,
        color_system="standard" if look.colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    asked = _asked(review, look, console, numbered)
    fields = _fields(review, look, max(3, min(len(review.cells), look.height // 3)))
    rest = look.height - len(asked) - len(fields) - 5
    lines = [_header(review, look.width), Text("─" * look.width, style=DIM)]
    lines += _abstract(review, look, console, max(rest, 2), numbered)
    lines += [Text("─" * look.width, style=DIM), *fields, Text("─" * look.width, style=DIM), *asked]
    lines = lines[: look.height - 1]
    lines += [Text("")] * (look.height - 1 - len(lines))
    lines.append(Text(message, style="bold yellow") if message else _keys(look.width))
    for number, line in enumerate(lines):
        line.truncate(look.width, overflow="ellipsis")
        console.print(line, end="\n" if number < len(lines) - 1 else "", no_wrap=True, crop=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def help_screen(look: ScreenState) -> str:
    """What the keys do."""
    lines = [
        line if cell_len(line) <= look.width else line[: look.width - 1] + "…" for line in HELP
    ]
    return "\n".join(["Review", "", *lines, "", "Any key goes back."])


def _keys(width: int) -> Text:
    """The keys with what they do, or alone where there is no room."""
    told = sum(len(key) + len(word) + 2 for key, word in KEYS) - 1 <= width
    return Text(" ").join(
        Text.assemble((key, "bold"), f" {word}" if told else "") for key, word in KEYS
    )


def style_of(name: str) -> str:
    """The style of a field's evidence."""
    return EVIDENCE.get(name, _OWN)


def _header(review: Review, width: int) -> Text:
    left = Text(f" {review.at + 1}/{len(review.ids)} ")
    left.append(visible(review.record.key), style=KEY)
    right = f"  {review.undecided} undecided "
    room = width - left.cell_len - cell_len(right) - 2
    title = Text("  " + visible(review.record.label(max(room, 8))))
    title.truncate(max(room, 0), overflow="ellipsis", pad=True)
    return Text.assemble(left, title, (right, "bold" if review.undecided else DIM))


def _fields(review: Review, look: ScreenState, most: int) -> list[Text]:
    """A line for each field, those around the one that is asked for when there is no room for all."""
    names = list(review.cells)
    now = review.question.field.name if review.question else ""
    at = names.index(now) if now in names else 0
    first = max(0, min(at - most // 2, len(names) - most))
    return [
        _field_line(review, name, review.cells[name], look, name == now)
        for name in names[first : first + most]
    ]


def _field_line(review: Review, name: str, cell: Cell, look: ScreenState, current: bool) -> Text:
    heading = review.fields[name].heading
    line = Text("▸ " if current else "  ", style="bold")
    label = Text(
        visible(heading), style=style_of(name) if look.colour else "bold" if current else ""
    )
    label.truncate(18, overflow="ellipsis", pad=True)
    line.append_text(label).append(" ")
    if not cell.items:
        return line.append(
            MARKS[cell.state] or "never searched",
            style=DIM if cell.state is not CellState.NOT_REPORTED else "bold",
        )
    for number, item in enumerate(cell.items):
        line.append("; " if number else "")
        asked = review.question.item if review.question else None
        line.append(
            visible(item.value.display),
            style="reverse" if asked is not None and item.subject == asked.subject else "",
        )
        line.append(
            {ItemState.PROPOSED: " ?", ItemState.DISPUTED: " ≠", ItemState.DECIDED: ""}[item.state],
            style="bold yellow",
        )
    return line


def _asked(
    review: Review, look: ScreenState, console: Console, numbered: Sequence[tuple[int, int]]
) -> list[Text]:
    question = review.question
    if question is None:
        last = review.at + 1 == len(review.ids)
        return [
            Text(
                "All of this record is decided."
                + (" It is the last one: q quits." if last else " ] goes to the next."),
                style="bold",
            )
        ]
    heading = Text(
        visible(question.field.heading),
        style=style_of(question.field.name) if look.colour else "bold",
    )
    if question.item is None:
        return _asked_empty(review, question, heading, look, numbered)
    value = question.item.value
    about = f"  {value.confidence:.0%} sure · {value.maker}" + (
        f" · label {value.label}" if value.label and value.label != value.text else ""
    )
    lines = [heading + Text(visible(about), style=DIM)]
    wrapped = list(Text(visible(value.text)).wrap(console, max(look.width - 4, 10)))[
        :_MOST_LINES_OF_A_VALUE
    ]
    lines += [Text("  ") + part for part in wrapped]
    if any(evidence.stale for evidence in value.evidence):
        lines.append(
            Text("  the abstract was edited: these words are no longer in it", style="red")
        )
    return lines


def _asked_empty(
    review: Review,
    question: Question,
    heading: Text,
    look: ScreenState,
    numbered: Sequence[tuple[int, int]],
) -> list[Text]:
    searched = review.cells[question.field.name].state is CellState.SEARCHED
    lines = [
        heading + Text("  searched, nothing found" if searched else "  never searched", style=DIM)
    ]
    abstract = review.record.abstract or ""
    if numbered:
        lines[0].append("; does one of these say it?", style=DIM)
    for number, (start, end) in enumerate(numbered, 1):
        line = Text(f"  {number} " + visible(" ".join(abstract[start:end].split())))
        line.truncate(look.width, overflow="ellipsis")
        lines.append(line)
    return lines


def _abstract(
    review: Review,
    look: ScreenState,
    console: Console,
    room: int,
    numbered: Sequence[tuple[int, int]],
) -> list[Text]:
    """The part of the abstract that holds what is asked for, or that was scrolled to."""
    abstract = review.record.abstract
    if abstract is None:
        return [Text("(no abstract)", style=DIM)] + [Text("")] * (room - 1)
    text = _marked(abstract, review.cells, review.question, look, numbered)
    lines = list(text.wrap(console, look.width))
    here = next(
        (
            n
            for n, line in enumerate(lines)
            if any("reverse" in str(span.style) for span in line.spans)
        ),
        0,
    )
    top = here - room // 3 if look.scrolled is None else look.scrolled
    top = max(0, min(top, len(lines) - room))
    shown = lines[top : top + room]
    if top:
        shown[0] = Text("…", style=DIM)
    if top + room < len(lines):
        shown[-1] = Text("…", style=DIM)
    return shown + [Text("")] * (room - len(shown))


def _marked(
    abstract: str,
    cells: Mapping[str, Cell],
    question: Question | None,
    look: ScreenState,
    numbered: Sequence[tuple[int, int]],
) -> Text:
    """The abstract with its evidence; without colour what is asked for stands between >> and <<."""
    text = Text("\n".join(visible(line) for line in abstract.split("\n")))
    spans = [
        (e.end - e.start, e.start, e.end, name)
        for name, cell in cells.items()
        for item in cell.items
        for e in _standing(item)
    ]
    for _, start, end, name in sorted(spans, reverse=True):
        text.stylize(style_of(name) if look.colour else "underline", start, end)
    current = (
        [(e.start, e.end) for e in _standing(question.item)] if question and question.item else []
    )
    for start, end in current or numbered[:1]:
        text.stylize("reverse", start, end)
    signs = [(start, ">>", end, "<<") for start, end in current if not look.colour]
    signs += [(start, f"[{number}] ", end, "") for number, (start, end) in enumerate(numbered, 1)]
    for start, opening, end, closing in sorted(signs, reverse=True):
        text = Text.assemble(text[:start], opening, text[start:end], closing, text[end:])
    return text


def _standing(item: Item | None) -> list[Evidence]:
    return [evidence for evidence in item.value.evidence if not evidence.stale] if item else []
