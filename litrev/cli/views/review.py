"""The review screen, of any size, with colour or without.

It shows a record's abstract with its evidence, the fields, and the question that is asked.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from litrev.cli.views.style import (
    DIM,
    EVIDENCE,
    KEY,
    abstract_text,
    empty_style,
    evidence_spans,
)
from litrev.library.model.record import Cell, CellState, Item
from litrev.library.synthesis.model import ITEM_MARKS, MARKS
from litrev.text.display import visible
from litrev.workspace.review import Question, Review, Span

KEYS = (
    ("a", "accept"),
    ("e", "edit"),
    ("r", "reject"),
    ("n", "not reported"),
    ("+", "add"),
    ("s", "skip"),
    ("u", "undo"),
    ("q", "quit"),
    ("?", "help"),
)
HELP = (
    "a, Enter   accept the proposed value",
    "A          accept all proposed values of this record",
    "e          edit it",
    "r          reject it",
    "n          not reported: the abstract does not say",
    "+          add a value: type it, or the number of a sentence",
    "1 to 4     use a suggested sentence for an empty field",
    "s, Space   skip to the next question",
    "b          back to the previous question",
    "]  [       next record, previous record",
    "u          undo your last answer",
    "PgUp PgDn  scroll the abstract",
    "q          quit; everything is already saved",
)
_OTHER_FIELD = "bold white"  # the style of a field that is not in EVIDENCE
_MOST_LINES_OF_A_VALUE = 3
_FEWEST_FIELDS = 3
_FRAME_LINES = 5  # header, three rules, and the keys or a message
_CURRENT = "reverse"  # the style of what the question is about


@dataclass(frozen=True, slots=True)
class ScreenState:
    """How large the terminal is, whether it shows colours, and how far the abstract is scrolled.

    ``scrolled`` is the first line shown; None as long as nobody has scrolled.
    """

    width: int
    height: int
    colour: bool
    scrolled: int | None = None


def screen(
    review: Review, state: ScreenState, message: str = "", numbered: Sequence[Span] = ()
) -> str:
    """The whole screen as terminal text; ``numbered`` spans of the abstract get numbers."""
    console = _console(state)
    question = _question_lines(review, state, console, numbered)
    most_fields = max(_FEWEST_FIELDS, min(len(review.cells), state.height // 3))
    fields = _field_lines(review, state, most_fields)
    room = max(2, state.height - len(question) - len(fields) - _FRAME_LINES)
    abstract = _abstract_lines(review, state, console, room, numbered)

    rule = Text("─" * state.width, style=DIM)
    lines = [_header(review, state.width), rule, *abstract, rule, *fields, rule, *question]
    lines = lines[: state.height - 1]
    lines += [Text("")] * (state.height - 1 - len(lines))
    lines.append(Text(message, style="bold yellow") if message else _key_line(state.width))
    return _printed(console, lines, state.width)


def _console(state: ScreenState) -> Console:
    """A console that collects what is printed, the same for every terminal."""
    # rich would take a StringIO for a file, and leave all styles out.
    return Console(
        file=io.StringIO(),
        width=state.width,
        height=state.height,
        force_terminal=True,
        no_color=not state.colour,
        color_system="standard" if state.colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )


def _printed(console: Console, lines: Sequence[Text], width: int) -> str:
    last = len(lines) - 1
    for number, line in enumerate(lines):
        line.truncate(width, overflow="ellipsis")
        # A line break after the last line would scroll the whole screen up by one.
        console.print(line, end="" if number == last else "\n", no_wrap=True, crop=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def help_screen(state: ScreenState) -> str:
    """What the keys do."""
    lines = [_cut(line, state.width) for line in HELP]
    return "\n".join(["Review", "", *lines, "", "Any key goes back."])


def _cut(line: str, width: int) -> str:
    return line if cell_len(line) <= width else line[: width - 1] + "…"


def _key_line(width: int) -> Text:
    """The keys with what they do, or alone where there is no room."""
    needed = sum(len(key) + len(" ") + len(word) + len(" ") for key, word in KEYS) - len(" ")
    keys = []
    for key, word in KEYS:
        text = Text.assemble((key, "bold"))
        if needed <= width:
            text.append(f" {word}")
        keys.append(text)
    return Text(" ").join(keys)


def _field_style(name: str) -> str:
    """The style of a field's evidence."""
    return EVIDENCE.get(name, _OTHER_FIELD)


def _header(review: Review, width: int) -> Text:
    left = Text(f" {review.at + 1}/{len(review.ids)} ")
    left.append(visible(review.record.key), style=KEY)
    right = f"  {review.undecided} undecided "
    room = width - left.cell_len - cell_len(right) - 2
    title = Text("  " + visible(review.record.label(max(room, 8))))
    title.truncate(max(room, 0), overflow="ellipsis", pad=True)
    return Text.assemble(left, title, (right, "bold" if review.undecided else DIM))


# The fields


def _field_lines(review: Review, state: ScreenState, most: int) -> list[Text]:
    """A line for each field; where there is no room for all, those around the current one."""
    names = list(review.cells)
    current = review.question.field.name if review.question else ""
    position = names.index(current) if current in names else 0
    first = max(0, min(position - most // 2, len(names) - most))
    return [
        _field_line(review, name, state, name == current) for name in names[first : first + most]
    ]


def _field_line(review: Review, name: str, state: ScreenState, current: bool) -> Text:
    line = Text("▸ " if current else "  ", style="bold")
    line.append_text(_field_label(review, name, state, current)).append(" ")
    cell = review.cells[name]
    if not cell.items:
        return line.append(MARKS[cell.state] or "never searched", style=empty_style(cell.state))
    _append_items(line, cell, review.question)
    return line


def _field_label(review: Review, name: str, state: ScreenState, current: bool) -> Text:
    if state.colour:
        style = _field_style(name)
    else:
        style = "bold" if current else ""
    label = Text(visible(review.fields[name].heading), style=style)
    label.truncate(18, overflow="ellipsis", pad=True)
    return label


def _append_items(line: Text, cell: Cell, question: Question | None) -> None:
    """The values of a field with their marks; the one that is asked about stands out."""
    asked = question.item if question else None
    for number, item in enumerate(cell.items):
        if number:
            line.append("; ")
        is_asked = asked is not None and item.subject == asked.subject
        line.append(visible(item.value.display), style=_CURRENT if is_asked else "")
        mark = ITEM_MARKS[item.state]
        if mark:
            line.append(f" {mark}", style="bold yellow")


# The question


def _question_lines(
    review: Review, state: ScreenState, console: Console, numbered: Sequence[Span]
) -> list[Text]:
    question = review.question
    if question is None:
        is_last = review.at + 1 == len(review.ids)
        hint = "This is the last record: q quits." if is_last else "] goes to the next."
        return [Text(f"This record is complete. {hint}", style="bold")]
    style = _field_style(question.field.name) if state.colour else "bold"
    heading = Text(visible(question.field.heading), style=style)
    if question.item is None:
        return _empty_field_lines(review, question, heading, state, numbered)
    return _proposal_lines(question.item, heading, state, console)


def _proposal_lines(item: Item, heading: Text, state: ScreenState, console: Console) -> list[Text]:
    """A proposed value: how sure it is, where it comes from, and its words."""
    value = item.value
    about = f"  {value.confidence:.0%} sure · {value.maker}"
    if value.label and value.label != value.text:
        about += f" · label {value.label}"
    lines = [heading + Text(visible(about), style=DIM)]
    wrapped = Text(visible(value.text)).wrap(console, max(state.width - 4, 10))
    lines += [Text("  ") + part for part in wrapped[:_MOST_LINES_OF_A_VALUE]]
    if any(evidence.stale for evidence in value.evidence):
        warning = "  the abstract was edited: these words are no longer in it"
        lines.append(Text(warning, style="red"))
    return lines


def _empty_field_lines(
    review: Review,
    question: Question,
    heading: Text,
    state: ScreenState,
    numbered: Sequence[Span],
) -> list[Text]:
    searched = review.cells[question.field.name].state is CellState.SEARCHED
    about = "  searched, nothing found" if searched else "  never searched"
    first = heading + Text(about, style=DIM)
    if numbered:
        first.append("; does one of these say it?", style=DIM)
    lines = [first]
    abstract = review.record.abstract or ""
    for number, (start, end) in enumerate(numbered, 1):
        sentence = " ".join(abstract[start:end].split())
        line = Text(f"  {number} {visible(sentence)}")
        line.truncate(state.width, overflow="ellipsis")
        lines.append(line)
    return lines


# The abstract


def _abstract_lines(
    review: Review, state: ScreenState, console: Console, room: int, numbered: Sequence[Span]
) -> list[Text]:
    """The part of the abstract that the question is about, or that was scrolled to."""
    abstract = review.record.abstract
    if abstract is None:
        return [Text("(no abstract)", style=DIM)] + [Text("")] * (room - 1)
    text = _marked_abstract(abstract, review, state, numbered)
    lines = list(text.wrap(console, state.width))
    if state.scrolled is None:
        top = _current_line(lines) - room // 3
    else:
        top = state.scrolled
    top = max(0, min(top, len(lines) - room))
    shown = lines[top : top + room]
    if top:
        shown[0] = Text("…", style=DIM)
    if top + room < len(lines):
        shown[-1] = Text("…", style=DIM)
    return shown + [Text("")] * (room - len(shown))


def _current_line(lines: Sequence[Text]) -> int:
    """The first line that holds words the question is about; 0 when none does."""
    for number, line in enumerate(lines):
        if any(_CURRENT in str(span.style) for span in line.spans):
            return number
    return 0


def _marked_abstract(
    abstract: str, review: Review, state: ScreenState, numbered: Sequence[Span]
) -> Text:
    """The abstract with its evidence, and the words that the question is about."""
    text = abstract_text(abstract)
    for start, end, name in evidence_spans(review.cells):
        text.stylize(_field_style(name) if state.colour else "underline", start, end)
    current = _current_spans(review.question)
    for start, end in current or numbered[:1]:
        text.stylize(_CURRENT, start, end)
    signs = [(start, f"[{number}] ", end, "") for number, (start, end) in enumerate(numbered, 1)]
    if not state.colour:
        # Without colour the styles alone may be hard to tell apart.
        signs += [(start, ">>", end, "<<") for start, end in current]
    # From the last to the first, so that what is inserted moves no offset that is still to come.
    for start, opening, end, closing in sorted(signs, reverse=True):
        text = Text.assemble(text[:start], opening, text[start:end], closing, text[end:])
    return text


def _current_spans(question: Question | None) -> list[Span]:
    """The evidence of the value that is asked about, as far as it is still in the abstract."""
    if question is None or question.item is None:
        return []
    evidence = question.item.value.evidence
    return [(words.start, words.end) for words in evidence if not words.stale]
