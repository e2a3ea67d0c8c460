"""What a command knows of its surroundings: streams, width, colours, clock, folders.

Tests replace it whole.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from litrev.errors import UsageFault
from litrev.library.model.ids import Clock, system_clock
from litrev.text.display import visible

if TYPE_CHECKING:
    from rich.console import Console

    from litrev.workspace.workspace import Workspace

NARROWEST = 20  # columns; a narrower terminal is treated as one of this width
_SHORTEST = 10  # lines, likewise
_FEW_STEPS = 200  # work of fewer steps shows no progress, and longer work that many times


@dataclass
class Environment:
    """One run of the command line."""

    stdin: TextIO = field(default_factory=lambda: sys.stdin or io.StringIO())
    stdout: TextIO = field(default_factory=lambda: _printing(sys.stdout))
    stderr: TextIO = field(default_factory=lambda: _printing(sys.stderr))
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    cwd: Path = field(default_factory=Path.cwd)
    clock: Clock = system_clock
    command: str = "litrev"
    library: Path | None = None
    quiet: bool = False
    conflicted: bool = False  # something was left alone, because another person changed it too
    _progress_shown: bool = False

    @property
    def terminal(self) -> bool:
        """Whether somebody is looking at stdout."""
        return self.stdout.isatty()

    @property
    def width(self) -> int:
        """Columns of the terminal; ``COLUMNS`` decides where it is set."""
        columns = self.environ.get("COLUMNS", "")
        # get_terminal_size() would ask os.environ and not ours. Five digits: int() refuses 5,000.
        if columns.isascii() and columns.isdigit() and int(columns[:5]) > 0:
            return max(NARROWEST, int(columns[:5]))
        return max(NARROWEST, _terminal_size().columns)

    @property
    def height(self) -> int:
        """Lines of the terminal; ``LINES`` decides where it is set."""
        return max(_SHORTEST, _terminal_size().lines)

    @contextmanager
    def console(self) -> Iterator[Console]:
        """A rich console on stdout, of our width; markup, emoji codes and highlighting off.

        What is longer than the screen goes through the pager, where ``PAGER`` names one.
        """
        from rich.console import Console

        paged = self.terminal and bool(self.environ.get("PAGER"))
        # rich sees no terminal behind a StringIO, and is told below that there is one.
        file = io.StringIO() if paged else self.stdout
        yield Console(
            file=file,
            width=self.width,
            markup=False,
            emoji=False,
            highlight=False,
            no_color="NO_COLOR" in self.environ,
            force_terminal=self.terminal or None,
            _environ=dict(self.environ),
        )
        if paged:
            assert isinstance(file, io.StringIO)
            self._show_paged(file.getvalue())

    def _show_paged(self, text: str) -> None:
        if text.count("\n") < _terminal_size().lines:
            self.stdout.write(text)
        else:
            self._page(text)

    def out(self, text: str = "") -> None:
        """A line of data on stdout."""
        self.stdout.write(text + "\n")

    def row(self, cells: Iterable[object]) -> None:
        """A tab-separated line of data, safe in a terminal and for programs that read lines."""
        texts = [" ".join(str(cell).split()) for cell in cells]
        self.out("\t".join(visible(text) for text in texts))

    def say(self, text: str) -> None:
        """A line on stderr, or several."""
        self._clear_progress()
        lines = [visible(line) for line in text.split("\n")]
        self.stderr.write("\n".join(lines) + "\n")

    def inform(self, text: str) -> None:
        """A line on stderr that ``--quiet`` leaves out, such as what a command has done."""
        if not self.quiet:
            self.say(text)

    def progress(self, work: str, done: int, total: int) -> None:
        """How far long work has come; only on a terminal, and only when it takes a while."""
        if self.quiet or total < _FEW_STEPS or not self.stderr.isatty():
            return
        # Not at each step: a terminal is slower than much of the work that calls this.
        is_between = done % (total // _FEW_STEPS) != 0
        if is_between and done != total:
            return
        percent = 100 * done // total
        self.stderr.write(f"\r{work} {done:,} of {total:,} ({percent} %)\x1b[K")
        self.stderr.flush()
        self._progress_shown = True
        if done == total:
            self._clear_progress()

    def _clear_progress(self) -> None:
        if self._progress_shown:
            self.stderr.write("\r\x1b[K")
            self._progress_shown = False

    @contextmanager
    def open(self, dry_run: bool = False) -> Iterator[Workspace]:
        """The library that is meant here; the log shows the command as it was typed.

        With ``dry_run`` everything is only tried. Faults of the database or the system become
        LitrevErrors.
        """
        # Not at the top: `litrev --help` comes without the library.
        from litrev.library.storage.connection import faults
        from litrev.workspace.opening import open_workspace
        from litrev.workspace.session import OperationContext, Reporting

        reporting = Reporting(self._warn, self._conflict, self.progress)
        context = OperationContext(self.command, dry_run)
        workspace = open_workspace(
            self.cwd,
            self.environ,
            chosen=self.library,
            reporting=reporting,
            clock=self.clock,
            context=context,
        )
        with workspace, faults(workspace.database):
            yield workspace

    def _warn(self, text: str) -> None:
        self.say(f"litrev: {text}")

    def _conflict(self, text: str) -> None:
        self._warn(text)
        self.conflicted = True

    def path(self, name: str) -> Path:
        """``name`` as a path from the current folder."""
        return self.cwd / name

    def write(self, target: str | None, pieces: Iterable[str | bytes], force: bool = False) -> None:
        """Write ``pieces`` to stdout, or all of them to the file ``target``.

        The file must be new unless ``force``. What goes to a terminal is made safe for it; bytes,
        such as a workbook, are not written to one.
        """
        with closing(iter_closing(pieces)) as closable:
            if target is None or target == "-":
                self._write_to_stdout(closable)
                return
            from litrev.library.storage.atomic_files import write_whole

            write_whole(self.path(target), closable, force=force)
        self.inform(f"wrote {target}")

    def _write_to_stdout(self, pieces: Iterable[str | bytes]) -> None:
        for piece in pieces:
            if isinstance(piece, bytes):
                self._write_bytes(piece)
            else:
                self.stdout.write(_safe(piece) if self.terminal else piece)

    def _write_bytes(self, data: bytes) -> None:
        if self.terminal:
            raise UsageFault(
                "this format cannot be shown on a terminal", "Write it to a file: -o FILE."
            )
        # Before the buffer below it is written to, or the order would change.
        self.stdout.flush()
        self.stdout.buffer.write(data)

    def _page(self, text: str) -> None:
        import shlex
        import subprocess

        pager = self.environ["PAGER"]
        # less: end at once when all fits (F), pass colours on (R), leave the text there (X).
        environ = {"LESS": "-FRX", **self.environ}
        try:
            subprocess.run(shlex.split(pager), input=text, text=True, check=False, env=environ)
        except OSError as error:
            self.say(f"litrev: the pager {pager} cannot be started: {error.strerror}")
            self.stdout.write(text)


def iter_closing(pieces: Iterable[str | bytes]) -> Generator[str | bytes, None, None]:
    """``pieces`` in turn; a generator of them is closed as soon as this one is closed."""
    # Without this it would be closed by the garbage collector, after the library that it reads.
    try:
        yield from pieces
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def _terminal_size() -> os.terminal_size:
    return shutil.get_terminal_size((80, 24))


def _safe(text: str) -> str:
    """``text`` without control characters, but with its line breaks and tabs."""
    return "\n".join(_safe_line(line) for line in text.split("\n"))


def _safe_line(line: str) -> str:
    return "\t".join(visible(part) for part in line.split("\t"))


def _printing(stream: TextIO | None) -> TextIO:
    """A stream that can print anything: what its encoding lacks is escaped.

    What is written to a closed stream is lost.
    """
    if stream is None:  # so Python says that it was closed before the start
        return io.StringIO()
    if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")
    return stream
