"""Keys from a terminal as they are pressed, and now and then a line with the terminal's editing."""

from __future__ import annotations

import codecs
import os
import re
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, TextIO

# A control sequence such as an arrow key, one of the older function keys, a key with Alt, a key.
_KEY = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1bO.|\x1b.?|.", re.DOTALL)
_SHOW_CURSOR, _HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
_ENTER_SCREEN = "\x1b[?1049h" + _HIDE_CURSOR
_LEAVE_SCREEN = _SHOW_CURSOR + "\x1b[?1049l"


class Keyboard:
    """A terminal's other screen and its keys, as a context manager.

    ``out`` is the terminal; keys are read from the standard input. Whatever happens, the terminal
    is as before at the end. ``redraw`` is called, by a signal and so at any moment, when the size
    has changed, or the program goes on after it was stopped.
    """

    def __init__(self, out: TextIO, redraw: Callable[[], None]) -> None:
        self.out = out
        self.redraw = redraw
        # Incremental: a read may end in the middle of a character.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._terminal_before: Any = None
        self._handlers_before: dict[int, Any] = {}

    def __enter__(self) -> Keyboard:
        self._enter()
        handlers = {"SIGWINCH": self._resized, "SIGTSTP": self._stopped}
        for name, handler in handlers.items():
            number = getattr(signal, name, None)
            if number is not None:  # Windows has neither
                self._handlers_before[number] = signal.signal(number, handler)
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        self._leave()

    def keys(self) -> list[str]:
        """Wait for keys and return them, one or more: each a character or an escape sequence.

        Raises EOFError at the end of the input.
        """
        if sys.platform == "win32":
            import click

            return _KEY.findall(click.getchar())
        keys: list[str] = []
        while not keys:
            # From the descriptor: what sys.stdin has in its buffer would be lost to input().
            data = os.read(sys.stdin.fileno(), 4096)
            if not data:
                raise EOFError
            keys = _KEY.findall(self._decoder.decode(data))
        return keys

    def line(self, prompt: str, text: str = "") -> str:
        """A line that is typed behind ``prompt``, without its end; empty when the person left it.

        It begins with ``text`` where the terminal can do that. Raises UnicodeDecodeError for bytes
        that are not in the encoding of the terminal.
        """
        self._set_cooked()
        self.out.write(_SHOW_CURSOR)
        self.out.flush()
        stop_prefilling = _prefill(text)
        try:
            return input(prompt)
        except (EOFError, KeyboardInterrupt):
            return ""
        finally:
            stop_prefilling()
            self._set_raw()
            self.out.write(_HIDE_CURSOR)

    def _enter(self) -> None:
        """Take over the terminal: keys as they are pressed, on its other screen."""
        self._set_raw()
        self.out.write(_ENTER_SCREEN)
        self.out.flush()

    def _leave(self) -> None:
        """Give the terminal back as it was before."""
        self.out.write(_LEAVE_SCREEN)
        self.out.flush()
        self._set_cooked()

    def _set_raw(self) -> None:
        """Keys one by one and without an echo; Ctrl-C still interrupts."""
        if sys.platform != "win32":
            import termios
            import tty

            descriptor = sys.stdin.fileno()
            self._terminal_before = termios.tcgetattr(descriptor)
            # TCSANOW and not tty's TCSAFLUSH, which would throw away keys typed ahead.
            tty.setcbreak(descriptor, termios.TCSANOW)

    def _set_cooked(self) -> None:
        """The terminal's own state: lines, with an echo."""
        if sys.platform != "win32" and self._terminal_before is not None:
            import termios

            descriptor = sys.stdin.fileno()
            termios.tcsetattr(descriptor, termios.TCSADRAIN, self._terminal_before)

    def _resized(self, _signal: int, _frame: FrameType | None) -> None:
        self.redraw()

    def _stopped(self, number: int, _frame: FrameType | None) -> None:
        """Stop as Ctrl-Z asks, with the terminal in its own state; afterwards return to ours."""
        self._leave()
        # The default handler is what stops a process. os.kill returns when it is continued.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._stopped)
        self._enter()
        self.redraw()


def _prefill(text: str) -> Callable[[], None]:
    """Let the next line begin with ``text``, where readline is there; returns what ends that."""
    try:
        import readline
    except ImportError:  # not on Windows
        return lambda: None
    readline.set_startup_hook(lambda: readline.insert_text(text))
    return lambda: readline.set_startup_hook(None)
