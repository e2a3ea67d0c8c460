"""What the parts of a workspace share: the open library, its user's files, names in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from litrev.library.storage.library import Library


class Reporting(NamedTuple):
    """Where a workspace reports: a notice, a conflict that it left alone, progress of long work.

    ``progress`` gets the name of the work, how much is done, and how much there is.
    """

    notice: Callable[[str], None] = lambda line: None
    conflict: Callable[[str], None] = lambda line: None
    progress: Callable[[str, int, int], None] = lambda what, done, total: None


class OperationContext(NamedTuple):
    """What operations are called in the log, and whether they are dry runs.

    With ``command`` None each call uses its own name.
    """

    command: str | None = None
    dry_run: bool = False

    def derive(self, command: str | None, dry_run: bool) -> OperationContext:
        """The same with another name, if one is given; a dry run stays a dry run."""
        return OperationContext(command or self.command, dry_run or self.dry_run)

    def log_name(self, default: str) -> str:
        """The name of an operation in the log; ``default`` where the context has none."""
        return self.command or default


class Session(NamedTuple):
    """One open library with what its user has set up for it.

    ``cache`` is the folder for indexes, ``config`` the user's own config file (None where there is
    none), ``languages`` are folders of cue files beside those that come with litrev.
    """

    library: Library
    cache: Path
    config: Path | None = None
    languages: tuple[str, ...] = ()
    reporting: Reporting = Reporting()
    context: OperationContext = OperationContext()
