"""Reading and writing files as a whole or not at all; every file is written through here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from litrev.errors import Busy, Conflict, EnvironmentFault
from litrev.library.model.ids import fingerprint

_PATIENCE = 20.0  # seconds


def read_whole(path: Path) -> bytes:
    """The bytes of a file, read again when it changed meanwhile.

    Raises EnvironmentFault when it cannot be read, Conflict when it changed each time.
    """
    try:
        for _ in range(3):
            before = path.stat()
            data = path.read_bytes()
            after = path.stat()
            if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
                return data
    except OSError as error:
        raise EnvironmentFault(
            f"{path}: {error.strerror or error}", "Nothing was added."
        ) from error
    except ValueError as error:  # a NUL, or half a character
        raise EnvironmentFault(
            f"{str(path)!r:.100} is not a path: {error}", "Nothing was added."
        ) from error
    raise Conflict(
        f"{path}: is being written by somebody else",
        "Nothing was added; do it again when that is done.",
    )


def write_whole(path: Path, pieces: Iterable[str | bytes], *, force: bool = True) -> None:
    """Write ``pieces``, texts as UTF-8, to ``path``.

    They go to a file beside it first, which is flushed to disk and then takes its place. Raises
    Conflict for a database, and for an existing file without ``force``; EnvironmentFault when the
    system refuses.
    """
    try:
        path = path.resolve()
        if path.exists() and not path.is_file() and not path.is_dir():
            _write_through(path, pieces)
            return
        if path.exists() and not force:
            raise Conflict(f"{path}: exists already", "Use --force to replace it.")
        if path.is_file() and _is_database(path):
            raise Conflict(
                f"{path}: is a database, not a text; it is not replaced", "Choose another name."
            )
        _put_in_place(path, map(_encoded, pieces), lambda: None)
    except OSError as error:
        raise EnvironmentFault(
            f"{path}: {error.strerror or error}", "Choose another place with -o."
        ) from error


def replace_file(path: Path, data: bytes, expected: str) -> None:
    """Replace a file by ``data``, if its SHA-256 is still ``expected`` right before that.

    Raises Conflict when somebody changed it meanwhile, EnvironmentFault when the system refuses.
    """

    def unchanged() -> None:
        if fingerprint(path.read_bytes()) != expected:
            raise Conflict(
                f"{path}: was changed by somebody else at this moment; it was left alone",
                "Do it again.",
            )

    path = path.resolve()
    try:
        _put_in_place(path, [data], unchanged)
    except OSError as error:
        raise EnvironmentFault(
            f"{path}: {error.strerror or error}",
            "Check that you may write to the file and its folder.",
        ) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, whole. Raises EnvironmentFault when the system refuses."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _put_in_place(path, [data], lambda: None)
    except OSError as error:
        raise EnvironmentFault(f"{path}: {error.strerror or error}") from error


def _put_in_place(path: Path, pieces: Iterable[bytes], check: Callable[[], None]) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=".litrev-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        check()
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    _sync_folder(path.parent)


@contextmanager
def locked(lock_file: Path, subject: Path) -> Iterator[None]:
    """Be the only process that writes ``subject``, among those that use the same ``lock_file``.

    The lock file holds nothing and stays; the lock on it ends with the process, however that ends.
    Raises Busy when another process has it for longer than 20 seconds, EnvironmentFault when the
    lock file cannot be made.
    """
    from filelock import FileLock, Timeout

    try:
        lock_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(lock_file, mode=0o600, timeout=_PATIENCE)
        lock.acquire()
    except Timeout as error:
        raise Busy(
            f"{subject}: another litrev has been writing it for over {_PATIENCE:.0f} seconds",
            "Try again in a moment.",
        ) from error
    except (OSError, NotImplementedError) as error:
        raise EnvironmentFault(
            f"{lock_file}: cannot be locked: {getattr(error, 'strerror', None) or error}",
            "Set LITREV_CACHE to a folder that you can write to.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _write_through(path: Path, pieces: Iterable[str | bytes]) -> None:
    """A device or a pipe is written to, never replaced."""
    with path.open("wb") as file:
        file.writelines(map(_encoded, pieces))


def _encoded(piece: str | bytes) -> bytes:
    return piece.encode("utf-8") if isinstance(piece, str) else piece


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
