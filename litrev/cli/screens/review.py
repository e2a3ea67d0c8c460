"""The review on a screen: what each key does, and when the screen is drawn again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping

from litrev.cli.environment import Environment
from litrev.cli.screens.keyboard import Keyboard
from litrev.cli.views.review import ScreenState, help_screen, screen
from litrev.errors import Conflict, EnvironmentFault, UsageFault
from litrev.library.model.codebook import Kind, StructuredField
from litrev.text.display import visible
from litrev.workspace.review import Review, Span

SMALLEST_WIDTH, SMALLEST_HEIGHT = 40, 12
# Keys that do the same as another; what a terminal sends as an escape sequence gets a name.
_SAME_AS = {
    "\r": "a",
    "\n": "a",
    " ": "s",
    "\x1b[C": "s",  # right
    "\x1b[B": "s",  # down
    "\x1b[D": "b",  # left
    "\x1b[A": "b",  # up
    "\t": "]",
    "\x1b[Z": "[",  # shift-tab
    "\x1b[5~": "page up",
    "\x1b[6~": "page down",
    "\x15": "page up",  # Ctrl-U
    "\x04": "page down",  # Ctrl-D
    "\x1b": "",
    "i": "+",
    "=": "+",
    "h": "?",
    "Q": "q",
}


class ReviewScreen:
    """A review on the whole screen: keys in, screens out.

    ``message`` is what the last line says instead of the keys. ``scrolled`` is the first line of
    the abstract that is shown; None as long as nobody has scrolled. ``helping`` is set while the
    help is shown, ``asking`` while a line is typed. ``suggested`` are the spans of the abstract
    that have numbers.
    """

    def __init__(self, environment: Environment, review: Review) -> None:
        self.environment = environment
        self.review = review
        self.keyboard = Keyboard(environment.stdout, self.draw)
        self.message = ""
        self.scrolled: int | None = None
        self.helping = False
        self.asking = False
        self.suggested: list[Span] = []
        self.actions: Mapping[str, Callable[[], object]] = {
            "a": self._accept,
            "A": self._accept_all,
            "e": self._edit,
            "r": self._reject,
            "n": self._not_reported,
            "+": self._add,
            "s": self._skip,
            "b": lambda: self.review.move(-1),
            "]": lambda: self._turn(1),
            "[": lambda: self._turn(-1),
            "u": self._undo,
            "page up": lambda: self._scroll(-1),
            "page down": lambda: self._scroll(1),
            "?": self._help,
        }

    def run(self) -> None:
        """Show the review until q, the end of the input, or an interrupt."""
        self._suggest()
        with self.keyboard:
            while True:
                self.draw()
                try:
                    keys = self.keyboard.keys()
                except (EOFError, KeyboardInterrupt):
                    return
                # Several when somebody types faster than the screen is drawn.
                for key in keys:
                    name = _SAME_AS.get(key, key)
                    if name == "q" and not self.helping:
                        return
                    self._act(name)

    def draw(self) -> None:
        """Draw the screen as it is now; while a line is being typed, do nothing."""
        # A signal may call this while a line is being typed, which belongs to the terminal.
        if self.asking:
            return
        state = self._state()
        if state.width < SMALLEST_WIDTH or state.height < SMALLEST_HEIGHT:
            shown = (
                f"The terminal is too small: it needs {SMALLEST_WIDTH} columns"
                f" and {SMALLEST_HEIGHT} lines at least."
            )
        elif self.helping:
            shown = help_screen(state)
        else:
            shown = screen(self.review, state, self.message, self.suggested)
        self.environment.stdout.write("\x1b[H\x1b[2J" + shown.replace("\n", "\r\n"))
        self.environment.stdout.flush()

    def _state(self) -> ScreenState:
        return ScreenState(
            width=self.environment.width,
            height=shutil.get_terminal_size((80, 24)).lines,
            colour="NO_COLOR" not in self.environment.environ,
            scrolled=self.scrolled,
        )

    def _suggest(self) -> None:
        """Suggest, for an empty field, the sentences that may hold its value."""
        question = self.review.question
        if question is not None and question.item is None:
            self.suggested = self.review.suggestions()
        else:
            self.suggested = []

    def _act(self, name: str) -> None:
        """Do what the key called ``name`` does; what goes wrong becomes the message."""
        self.message = ""
        if self.helping:
            self.helping = False
            return
        try:
            if name in self.actions:
                self.actions[name]()
            elif name.isdecimal():
                self._take_suggestion(int(name))
            elif name:
                self.message = f"{visible(name)[:8]} is not a key here; ? shows the keys"
        except (UsageFault, Conflict, EnvironmentFault) as error:
            self.message = " ".join(str(error).split())
        # Any other key may bring another question, whose words are to be seen.
        if name not in {"page up", "page down"}:
            self.scrolled = None
        self._suggest()

    # What the keys do

    def _accept(self) -> None:
        question = self.review.question
        if question is None:
            self._turn(1)
        elif question.item is None:
            self.message = "nothing is proposed here: + adds a value, n says it is not reported"
        else:
            self.review.accept()

    def _accept_all(self) -> None:
        self.review.accept_all()

    def _reject(self) -> None:
        self.review.reject()

    def _not_reported(self) -> None:
        self.review.not_reported()

    def _edit(self) -> None:
        question = self.review.question
        if question is None or question.item is None:
            self._add()
            return
        text = self._ask(f"{question.field.heading}: ", question.item.value.text)
        if text:
            self.review.edit(text)

    def _add(self) -> None:
        """Ask for a value of the current field, or of the first one where none is asked for."""
        question = self.review.question
        fields = list(self.review.fields.values())
        field = question.field if question else fields[0]
        choices = _choices(field)
        if choices:
            self.suggested = []
            numbered = [f"{number} {choice}" for number, choice in enumerate(choices, 1)]
            hint = "  ".join(numbered)
        else:
            is_empty = question is not None and question.item is None
            self.suggested = self.review.suggestions() if is_empty else self.review.sentences()
            hint = "words, or the number of a sentence"
        self.draw()  # with the numbers that may now be typed
        text = self._ask(f"{field.heading} ({hint}): ").strip()
        choice = _typed_number(text, len(choices))
        sentence = _typed_number(text, len(self.suggested))
        if choice:
            self.review.add(choices[choice - 1], field.name)
        # In a field of numbers a number is the value itself.
        elif sentence and field.kind is not Kind.NUMBER:
            start, end = self.suggested[sentence - 1]
            self.review.add_span(start, end, field.name)
        elif text:
            self.review.add(text, field.name)

    def _take_suggestion(self, number: int) -> None:
        """Make a suggested sentence the value; ``number`` counts from 1."""
        if not 0 < number <= len(self.suggested):
            self.message = f"there is no sentence {number}; + adds a value"
            return
        start, end = self.suggested[number - 1]
        self.review.add_span(start, end)

    def _skip(self) -> None:
        if not self.review.move(1):
            self.message = "this is the last question; q quits, [ goes back"

    def _turn(self, by: int) -> None:
        if not self.review.turn(by):
            side = "after" if by > 0 else "before"
            self.message = f"there is no record {side} this one"

    def _undo(self) -> None:
        if self.review.undo():
            self.message = "your last answer is taken back"
        else:
            self.message = "there is no answer of this review to take back"

    def _help(self) -> None:
        self.helping = True

    def _scroll(self, by: int) -> None:
        """Scroll the abstract by pages, down or with a negative number up."""
        page = max(self._state().height // 4, 1)
        top = self.scrolled or 0
        self.scrolled = max(0, top + by * page)

    def _ask(self, prompt: str, text: str = "") -> str:
        """A line of text, typed at the foot of the screen with the terminal's own editing.

        It begins with ``text`` where the terminal can do that. Empty when the person left it.
        Raises UsageFault for what is not text.
        """
        self.asking = True
        self.environment.stdout.write(f"\x1b[{self._state().height};1H\x1b[2K")
        try:
            return self.keyboard.line(visible(prompt), text)
        except UnicodeDecodeError as error:
            raise UsageFault(
                f"what you typed is not text: {error.reason}",
                "Check the encoding of your terminal.",
            ) from error
        finally:
            self.asking = False


def _choices(field: StructuredField) -> list[str]:
    """The values from which one is chosen by its number; empty where any text is a value."""
    if field.kind is Kind.CATEGORY:
        return list(field.values)
    if field.kind is Kind.YES_NO:
        return ["yes", "no"]
    return []


def _typed_number(text: str, largest: int) -> int:
    """``text`` as a number from 1 to ``largest``; 0 when it is none.

    >>> _typed_number("3", 4), _typed_number("5", 4), _typed_number("trust", 4)
    (3, 0, 0)
    """
    # isdecimal() alone is true of thousands of digits, which int() refuses; isdigit() of "²", too.
    if not text.isdecimal() or len(text) > 3:
        return 0
    number = int(text)
    return number if number <= largest else 0
