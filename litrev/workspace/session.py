"""What the parts of a workspace have in common: the library, where the rest of it lies, and how
what is done is told.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from litrev.library.storage.library import Library


class Reporting(NamedTuple):
    """Where a workspace says what it is doing: a line, a conflict it left alone, and how much of
    long work is done.
    """

    notice: Callable[[str], None] = lambda line: None
    conflict: Callable[[str], None] = lambda line: None
    progress: Callable[[str, int, int], None] = lambda what, done, total: None


class Context(NamedTuple):
    """How what is done is named in the log, None for each call's own name; and whether it is only
    tried.
    """

    command: str | None = None
    dry_run: bool = False

    def within(self, command: str | None, dry_run: bool) -> Context:
        """With another name for the log, if one is given; what is only tried stays so."""
        return Context(command or self.command, dry_run or self.dry_run)

    def words(self, default: str) -> str:
        """The words for the log."""
        return self.command or default


class Session(NamedTuple):
    """One opened library with what its user has set up for it.

    ``cache`` is the folder for indexes, ``config`` the user's own config file (None where there is
    none), ``languages`` are folders of cue files beside those that come with litrev.
    """

    library: Library
    cache: Path
    config: Path | None = None
    languages: tuple[str, ...] = ()
    reporting: Reporting = Reporting()
    context: Context = Context()
