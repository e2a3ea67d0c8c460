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

from litrev.cli.views.style import DIM, EVIDENCE, KEY, abstract_text, empty_style, evidence_spans
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

    ``width`` and ``height`` are in columns and lines. ``scrolled`` is the first line of the
    abstract that is shown, from 0; None as long as nobody has scrolled.
    """

    width: int
    height: int
    colour: bool
    scrolled: int | None = None


def screen(
    review: Review, state: ScreenState, message: str = "", numbered: Sequence[Span] = ()
) -> str:
    """The whole screen as terminal text, with line feeds between its lines.

    A ``message`` takes the place of the keys in the last line. ``numbered`` spans of the abstract
    get numbers, from 1.
    """
    console = _console(state)
    question = _question_lines(review, state, console, numbered)
    third = state.height // 3
    most_fields = max(_FEWEST_FIELDS, min(len(review.cells), third))
    fields = _field_lines(review, state, most_fields)
    used = len(question) + len(fields) + _FRAME_LINES
    room = max(2, state.height - used)
    abstract = _abstract_lines(review, state, console, room, numbered)

    rule = Text("─" * state.width, style=DIM)
    lines = [_header(review, state.width), rule, *abstract, rule, *fields, rule, *question]
    last_line = Text(message, style="bold yellow") if message else _key_line(state.width)
    above = _filled(lines[: state.height - 1], state.height - 1)
    return _printed(console, [*above, last_line], state.width)


def _filled(lines: Sequence[Text], height: int) -> list[Text]:
    """``lines`` with empty ones after them, ``height`` lines in all."""
    missing = height - len(lines)
    return [*lines, *[Text("")] * missing]


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
    """The lines as terminal text, each cut to ``width`` columns."""
    last = len(lines) - 1
    for number, line in enumerate(lines):
        line.truncate(width, overflow="ellipsis")
        # A line break after the last line would scroll the whole screen up by one.
        end = "" if number == last else "\n"
        console.print(line, end=end, no_wrap=True, crop=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def help_screen(state: ScreenState) -> str:
    """What the keys do, as lines of terminal text."""
    lines = ["Review", "", *(_cut(line, state.width) for line in HELP), "", "Any key goes back."]
    return "\n".join(lines)


def _cut(line: str, width: int) -> str:
    """A line of the help in at most ``width`` columns, a cut marked by "…"."""
    if cell_len(line) <= width:
        return line
    return line[: width - 1] + "…"


def _key_line(width: int) -> Text:
    """The keys with what they do, or alone where there is no room."""
    with_words = " ".join(f"{key} {word}" for key, word in KEYS)
    has_room = len(with_words) <= width
    keys = []
    for key, word in KEYS:
        text = Text.assemble((key, "bold"))
        if has_room:
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
    right_style = "bold" if review.undecided else DIM
    room = width - left.cell_len - cell_len(right) - 2
    label = review.record.label(max(room, 8))
    title = Text("  " + visible(label))
    title.truncate(max(room, 0), overflow="ellipsis", pad=True)
    return Text.assemble(left, title, (right, right_style))


# The fields


def _field_lines(review: Review, state: ScreenState, most: int) -> list[Text]:
    """A line for each field; where there is no room for all, those around the current one."""
    names = list(review.cells)
    current = review.question.field.name if review.question else ""
    position = names.index(current) if current in names else 0
    last_first = len(names) - most
    first = max(0, min(position - most // 2, last_first))
    shown = names[first : first + most]
    return [_field_line(review, name, state, name == current) for name in shown]


def _field_line(review: Review, name: str, state: ScreenState, current: bool) -> Text:
    """The line of a field: its heading, and its values or the mark of its state."""
    line = Text("▸ " if current else "  ", style="bold")
    line.append_text(_field_label(review, name, state, current))
    line.append(" ")
    cell = review.cells[name]
    if cell.items:
        _append_items(line, cell, review.question)
    else:
        mark = MARKS[cell.state] or "never searched"
        line.append(mark, style=empty_style(cell.state))
    return line


def _field_label(review: Review, name: str, state: ScreenState, current: bool) -> Text:
    """The heading of a field in 18 columns; without colour only the current one stands out."""
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
    """What is asked: about a proposed value, about an empty field, or nothing more."""
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
    text = Text(visible(value.text))
    wrapped = text.wrap(console, max(state.width - 4, 10))
    lines += [Text("  ") + part for part in wrapped[:_MOST_LINES_OF_A_VALUE]]
    if any(evidence.stale for evidence in value.evidence):
        warning = "  the abstract was edited: these words are no longer in it"
        lines.append(Text(warning, style="red"))
    return lines


def _empty_field_lines(
    review: Review, question: Question, heading: Text, state: ScreenState, numbered: Sequence[Span]
) -> list[Text]:
    """An empty field: whether it was searched, and the sentences that may hold its value."""
    cell = review.cells[question.field.name]
    was_searched = cell.state is CellState.SEARCHED
    about = "  searched, nothing found" if was_searched else "  never searched"
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
    """The part of the abstract that the question is about, or that was scrolled to.

    It is always ``room`` lines; "…" stands for lines above or below them.
    """
    abstract = review.record.abstract
    if abstract is None:
        return _filled([Text("(no abstract)", style=DIM)], room)
    text = _marked_abstract(abstract, review, state, numbered)
    lines = list(text.wrap(console, state.width))
    if state.scrolled is None:
        top = _current_line(lines) - room // 3
    else:
        top = state.scrolled
    last_top = len(lines) - room
    top = max(0, min(top, last_top))
    shown = lines[top : top + room]
    if top:
        shown[0] = Text("…", style=DIM)
    if top + room < len(lines):
        shown[-1] = Text("…", style=DIM)
    return _filled(shown, room)


def _current_line(lines: Sequence[Text]) -> int:
    """The first line that holds words the question is about; 0 when none does."""
    for number, line in enumerate(lines):
        styles = [str(span.style) for span in line.spans]
        if any(_CURRENT in style for style in styles):
            return number
    return 0


def _marked_abstract(
    abstract: str, review: Review, state: ScreenState, numbered: Sequence[Span]
) -> Text:
    """The abstract with its evidence, and the words that the question is about.

    Numbers stand before the ``numbered`` spans.
    """
    text = abstract_text(abstract)
    for start, end, name in evidence_spans(review.cells):
        style = _field_style(name) if state.colour else "underline"
        text.stylize(style, start, end)
    current = _current_spans(review.question)
    for start, end in current or numbered[:1]:
        text.stylize(_CURRENT, start, end)
    # Where a span begins and ends, and what is inserted there.
    signs = []
    for number, (start, end) in enumerate(numbered, 1):
        signs.append((start, f"[{number}] ", end, ""))
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
