"""What a command sees of the world: streams, width, colours, clock, folders; replaced whole in
tests.
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

NARROWEST = 20


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
    conflicted: bool = False  # something was left alone because somebody else's word stands there
    _progress_shown: bool = False

    @property
    def terminal(self) -> bool:
        """Whether somebody is looking at stdout."""
        return self.stdout.isatty()

    @property
    def width(self) -> int:
        """Columns of the terminal; ``COLUMNS`` decides where it is set."""
        columns = self.environ.get("COLUMNS", "")
        if columns.isascii() and columns.isdigit() and int(columns[:5]) > 0:
            return max(NARROWEST, int(columns[:5]))
        return max(NARROWEST, shutil.get_terminal_size((80, 24)).columns)

    @property
    def height(self) -> int:
        """Lines of the terminal; ``LINES`` decides where it is set."""
        return max(10, shutil.get_terminal_size((80, 24)).lines)

    @contextmanager
    def console(self) -> Iterator[Console]:
        """A rich console on stdout, of our width; markup, emoji codes and highlighting off.

        What is longer than the screen goes through the pager, where ``PAGER`` names one.
        """
        from rich.console import Console

        paged = self.terminal and bool(self.environ.get("PAGER"))
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
        if isinstance(file, io.StringIO) and paged:
            text = file.getvalue()
            if text.count("\n") < shutil.get_terminal_size((80, 24)).lines:
                self.stdout.write(text)
            else:
                self._page(text)

    def out(self, text: str = "") -> None:
        """A line of data on stdout."""
        self.stdout.write(text + "\n")

    def row(self, cells: Iterable[object]) -> None:
        """A tab-separated line of data, safe in a terminal and for what reads it by lines."""
        self.out("\t".join(visible(" ".join(str(cell).split())) for cell in cells))

    def say(self, text: str) -> None:
        """A line on stderr."""
        self._clear_progress()
        self.stderr.write("\n".join(visible(line) for line in text.split("\n")) + "\n")

    def did(self, text: str) -> None:
        """What a command that writes has done, in a line on stderr."""
        if not self.quiet:
            self.say(text)

    def progress(self, what: str, done: int, total: int) -> None:
        """How far long work is; only on a terminal, and only when it takes a while."""
        if (
            self.quiet
            or total < 200
            or not self.stderr.isatty()
            or (done % max(1, total // 200) and done != total)
        ):
            return
        self.stderr.write(f"\r{what} {done:,} of {total:,} ({100 * done // total} %)\x1b[K")
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
        """The library that is meant here, where what is done stands in the log as it was typed;
        with ``dry_run`` it is only tried.

        Whatever its file or the system refuse is said in litrev's words.
        """
        from litrev.library.storage.connection import faults
        from litrev.workspace.opening import open_workspace
        from litrev.workspace.session import OperationContext, Reporting

        reporting = Reporting(
            lambda line: self.say(f"litrev: {line}"), self._conflict, self.progress
        )
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

    def _conflict(self, text: str) -> None:
        self.say(f"litrev: {text}")
        self.conflicted = True

    def path(self, name: str) -> Path:
        """``name`` as a path from where one stands."""
        return self.cwd / name

    def write(self, target: str | None, pieces: Iterable[str | bytes], force: bool = False) -> None:
        """``pieces`` to stdout, or whole to the file ``target``, which must be new unless
        ``force``.

        What is written to a terminal is made safe for it; bytes, such as a workbook, are not
        written to one.
        """
        with closing(iter_closing(pieces)) as flowing:
            if target in (None, "-"):
                for piece in flowing:
                    if isinstance(piece, bytes):
                        self._write_bytes(piece)
                    else:
                        self.stdout.write(_safe(piece) if self.terminal else piece)
                return
            from litrev.library.storage.atomic_files import write_whole

            assert target is not None
            write_whole(self.path(target), flowing, force=force)
        self.did(f"wrote {target}")

    def _write_bytes(self, data: bytes) -> None:
        if self.terminal:
            raise UsageFault(
                "this format is no text for a terminal", "Write it to a file: -o FILE."
            )
        self.stdout.flush()
        self.stdout.buffer.write(data)

    def _page(self, text: str) -> None:
        import shlex
        import subprocess

        options = {**self.environ, "LESS": self.environ.get("LESS", "-FRX")}
        try:
            subprocess.run(
                shlex.split(self.environ["PAGER"]), input=text, text=True, check=False, env=options
            )
        except OSError as error:
            self.say(
                f"litrev: the pager {self.environ['PAGER']} cannot be started: {error.strerror}"
            )
            self.stdout.write(text)


def iter_closing(pieces: Iterable[str | bytes]) -> Generator[str | bytes, None, None]:
    """``pieces`` one by one; what makes them is closed with it, while the library is still open."""
    try:
        yield from pieces
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def _safe(text: str) -> str:
    return "\n".join(
        "\t".join(visible(part) for part in line.split("\t")) for line in text.split("\n")
    )


def _printing(stream: TextIO | None) -> TextIO:
    """A stream that can print anything: what its encoding lacks is escaped; a closed one swallows."""
    if stream is None:
        return io.StringIO()
    if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")
    return stream
