"""Keys one by one from a terminal, none lost and none echoed, and a line now and then with the
terminal's own editing.
"""

from __future__ import annotations

import codecs
import os
import re
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, TextIO

_KEY = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1bO.|\x1b.?|.", re.DOTALL)
_ENTER_SCREEN, _LEAVE_SCREEN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


class Keyboard:
    """A terminal's other screen and its keys, as a context manager: whatever happens, the terminal
    gets its own back.

    ``redraw`` is called when the size has changed or the program goes on after a stop.
    """

    def __init__(self, out: TextIO, redraw: Callable[[], None]) -> None:
        self.out, self.redraw = out, redraw
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._before: Any = None
        self._signals: dict[int, Any] = {}

    def __enter__(self) -> Keyboard:
        self._enter()
        for name, handler in (("SIGWINCH", self._resized), ("SIGTSTP", self._stopped)):
            number = getattr(signal, name, None)
            if number is not None:
                self._signals[number] = signal.signal(number, handler)
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for number, handler in self._signals.items():
            signal.signal(number, handler)
        self._leave()

    def keys(self) -> list[str]:
        """The keys typed since, at least one: a character each, or an escape sequence. Raises
        EOFError at the end.
        """
        if sys.platform == "win32":
            import click

            return _KEY.findall(click.getchar())
        found: list[str] = []
        while not found:
            data = os.read(sys.stdin.fileno(), 4096)
            if not data:
                raise EOFError
            found = _KEY.findall(self._decoder.decode(data))
        return found

    def line(self, prompt: str, text: str = "") -> str:
        """A line that is typed behind ``prompt``, beginning with ``text`` where the terminal can;
        empty when it was left.
        """
        self._cooked()
        self.out.write("\x1b[?25h")
        self.out.flush()
        prefilled = _prefill(text)
        try:
            return input(prompt)
        except (EOFError, KeyboardInterrupt):
            return ""
        finally:
            prefilled()
            self._raw()
            self.out.write("\x1b[?25l")

    def _enter(self) -> None:
        self._raw()
        self.out.write(_ENTER_SCREEN)
        self.out.flush()

    def _leave(self) -> None:
        self.out.write(_LEAVE_SCREEN)
        self.out.flush()
        self._cooked()

    def _raw(self) -> None:
        if sys.platform != "win32":
            import termios
            import tty

            number = sys.stdin.fileno()
            self._before = termios.tcgetattr(number)
            tty.setcbreak(number, termios.TCSANOW)

    def _cooked(self) -> None:
        if sys.platform != "win32" and self._before is not None:
            import termios

            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._before)

    def _resized(self, _signal: int, _frame: FrameType | None) -> None:
        self.redraw()

    def _stopped(self, number: int, _frame: FrameType | None) -> None:
        """As the terminal's stop key wants it: stop in the terminal's own state, and come back into
        ours.
        """
        self._leave()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._stopped)
        self._enter()
        self.redraw()


def _prefill(text: str) -> Callable[[], None]:
    """Let the next line that is read begin with ``text``, where there is a library for it; what
    ends that.
    """
    try:
        import readline
    except ImportError:  # not on Windows
        return lambda: None
    readline.set_startup_hook(lambda: readline.insert_text(text))
    return lambda: readline.set_startup_hook(None)
