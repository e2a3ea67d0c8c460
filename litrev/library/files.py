"""The one door for writing files: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from litrev.library.errors import Conflict, EnvironmentFault


def write_whole(path: Path, pieces: Iterable[str], *, force: bool = True) -> None:
    """Write ``pieces`` as UTF-8 to ``path``: beside it first, flushed to disk, then put in its place.

    Raises Conflict for an existing file without ``force``, EnvironmentFault where the system refuses.
    """
    try:
        path = path.resolve()
        if path.exists() and not path.is_file() and not path.is_dir():
            _write_through(path, pieces)
            return
        if path.exists() and not force:
            raise Conflict(f"{path}: exists already", "Use --force to replace it.")
        if path.is_file() and _is_database(path):
            raise Conflict(f"{path}: is a database, not a text; it is not replaced", "Choose another name.")
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=".litrev-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, mode)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise EnvironmentFault(f"{path}: {error.strerror or error}", "Choose another place with -o.") from error


def _write_through(path: Path, pieces: Iterable[str]) -> None:
    """A device or a pipe is written to, never replaced."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(15) == b"SQLite format 3"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
