"""The review on a screen: what each key does, and when it is drawn anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping

from litrev.cli.environment import Environment
from litrev.cli.screens.keyboard import Keyboard
from litrev.cli.views.review import ScreenState, help_screen, screen
from litrev.errors import Conflict, EnvironmentFault, UsageFault
from litrev.library.model.codebook import Kind
from litrev.text.display import visible
from litrev.workspace.review import Review

SMALLEST = (40, 12)
_NAMED = {
    "\r": "a", "\n": "a", " ": "s", "\x1b[C": "s", "\x1b[B": "s", "\x1b[D": "b", "\x1b[A": "b", "\t": "]", "\x1b[Z": "[", "\x1b[5~": "page up",
    "\x1b[6~": "page down", "\x15": "page up", "\x04": "page down", "\x1b": "", "i": "+", "=": "+", "h": "?", "Q": "q",
}  # fmt: skip


class ReviewScreen:
    """Keys in, screens out."""

    def __init__(self, environment: Environment, review: Review) -> None:
        self.environment, self.review = environment, review
        self.keyboard = Keyboard(environment.stdout, self.draw)
        self.message = ""
        self.scrolled: int | None = None
        self.helping = self.asking = False
        self.suggested: list[tuple[int, int]] = []
        self.answers: Mapping[str, Callable[[], object]] = {
            "a": self._accept, "A": self._accept_all, "e": self._edit, "r": self._reject, "n": self._not_reported, "+": self._add,
            "s": self._skip, "b": lambda: self.review.move(-1), "]": lambda: self._turn(1), "[": lambda: self._turn(-1), "u": self._undo,
            "page up": lambda: self._scroll(-1), "page down": lambda: self._scroll(1), "?": self._help,
        }  # fmt: skip

    def run(self) -> None:
        """Until q, the end of the input, or an interrupt."""
        self._suggest()
        with self.keyboard:
            while True:
                self.draw()
                try:
                    keys = self.keyboard.keys()
                except (EOFError, KeyboardInterrupt):
                    return
                for key in keys:
                    name = _NAMED.get(key, key)
                    if name == "q" and not self.helping:
                        return
                    self._answer(name)

    def draw(self) -> None:
        """The screen as it is now."""
        if self.asking:
            return
        look = self._look()
        if (look.width, look.height) < SMALLEST or look.height < SMALLEST[1]:
            shown = f"The terminal is too small: {SMALLEST[0]} columns and {SMALLEST[1]} lines at least."
        elif self.helping:
            shown = help_screen(look)
        else:
            shown = screen(self.review, look, self.message, self.suggested)
        self.environment.stdout.write("\x1b[H\x1b[2J" + shown.replace("\n", "\r\n"))
        self.environment.stdout.flush()

    def _look(self) -> ScreenState:
        size = shutil.get_terminal_size((80, 24))
        return ScreenState(
            self.environment.width,
            size.lines,
            "NO_COLOR" not in self.environment.environ,
            self.scrolled,
        )

    def _suggest(self) -> None:
        question = self.review.question
        self.suggested = (
            self.review.suggestions() if question is not None and question.item is None else []
        )

    def _answer(self, name: str) -> None:
        self.message = ""
        if self.helping:
            self.helping = False
            return
        try:
            if name in self.answers:
                self.answers[name]()
            elif name.isdigit():
                self._take(int(name))
            elif name:
                self.message = f"{visible(name)[:8]} is no key here; ? tells them"
        except (UsageFault, Conflict, EnvironmentFault) as error:
            self.message = " ".join(str(error).split())
        if name not in {"page up", "page down"}:
            self.scrolled = None
        self._suggest()

    # What the keys do

    def _accept(self) -> None:
        if self.review.question is None:
            self._turn(1)
        elif self.review.question.item is None:
            self.message = (
                "nothing is proposed here: + adds a value, n says that it is not reported"
            )
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
        question = self.review.question
        field = question.field if question else next(iter(self.review.fields.values()))
        spans = (
            self.review.suggestions() if question and question.item is None else self._sentences()
        )
        offered = (
            list(field.values)
            if field.kind is Kind.CATEGORY
            else ["yes", "no"]
            if field.kind is Kind.YES_NO
            else []
        )
        self.suggested = [] if offered else spans
        self.draw()
        told = (
            "  ".join(f"{n} {value}" for n, value in enumerate(offered, 1))
            or "words, or the number of a sentence"
        )
        text = self._ask(f"{field.heading} ({told}): ").strip()
        if text.isdigit() and len(text) < 4 and 0 < int(text) <= len(offered):
            self.review.add(offered[int(text) - 1], field.name)
        elif (
            text.isdigit()
            and len(text) < 4
            and 0 < int(text) <= len(self.suggested)
            and field.kind is not Kind.NUMBER
        ):
            self.review.add_span(*self.suggested[int(text) - 1], field.name)
        elif text:
            self.review.add(text, field.name)

    def _take(self, number: int) -> None:
        """A suggested sentence becomes the value."""
        if not 0 < number <= len(self.suggested):
            self.message = f"there is no sentence {number}; + adds a value"
            return
        self.review.add_span(*self.suggested[number - 1])

    def _sentences(self) -> list[tuple[int, int]]:
        return self.review.sentences()

    def _skip(self) -> None:
        if not self.review.move(1):
            self.message = "this is the last; q quits, [ goes back"

    def _turn(self, by: int) -> None:
        if not self.review.turn(by):
            self.message = (
                "there is no record after this one"
                if by > 0
                else "there is no record before this one"
            )

    def _undo(self) -> None:
        self.message = (
            "your last answer is taken back"
            if self.review.undo()
            else "there is no answer of this review to take back"
        )

    def _help(self) -> None:
        self.helping = True

    def _scroll(self, by: int) -> None:
        page = max(self._look().height // 4, 1)
        self.scrolled = max(0, (self.scrolled or 0) + by * page)

    def _ask(self, prompt: str, text: str = "") -> str:
        """A line of text, typed at the foot of the screen with the terminal's own editing; empty
        when it was left.
        """
        self.asking = True
        self.environment.stdout.write(f"\x1b[{self._look().height};1H\x1b[2K")
        try:
            return self.keyboard.line(visible(prompt), text)
        except UnicodeDecodeError as error:
            raise UsageFault(
                f"what was typed is not text: {error.reason}",
                "Check the encoding of your terminal.",
            ) from error
        finally:
            self.asking = False
