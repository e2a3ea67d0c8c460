"""Opening the SQLite file of a library: durability, ownership, schema version, backups."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from litrev.errors import Busy, EnvironmentFault
from litrev.library.storage.schema import APPLICATION_ID, MIGRATIONS, Migration

DatabaseError = sqlite3.Error  # what a library raises before :func:`faults` has put it into words
PATIENCE = 60.0  # seconds a writer waits for the writers before it


def create(path: Path) -> sqlite3.Connection:
    """Make a new database at ``path`` in WAL mode; raise EnvironmentFault where that cannot be."""
    with faults(path):
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
        _configure(connection)
    return connection


def connect(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> sqlite3.Connection:
    """Open the database at ``path``, bringing an older schema up to date after a backup.

    Raises EnvironmentFault for a file that is no library, a newer schema, or a disk that refuses.
    """
    with faults(path):
        connection = _open(path)
        try:
            _configure(connection)
            _check_schema(connection, path, migrations)
        except BaseException:
            connection.close()
            raise
    return connection


def _open(path: Path) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return sqlite3.connect(f"{uri}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None)
    # In a folder that cannot be written SQLite cannot make the shared-memory file WAL needs; with
    # no write-ahead log lying there the file itself is whole and can be read as it is.
    log = path.with_name(path.name + "-wal")
    still = not log.exists() or log.stat().st_size == 0
    return sqlite3.connect(
        f"{uri}?{'immutable=1' if still else 'mode=ro'}", uri=True, isolation_level=None
    )


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    connection.row_factory = sqlite3.Row


def _check_schema(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]
) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise EnvironmentFault(f"{path}: not a litrev library", "`litrev init DIR` makes one.")
    version = schema_version(connection)
    if version < 1:
        raise EnvironmentFault(
            f"{path}: the library is damaged (schema {version})", "Restore a backup of the library."
        )
    if version > len(migrations):
        raise EnvironmentFault(
            f"{path}: the library was written by a newer litrev (schema {version}, this litrev knows {len(migrations)})",
            "Upgrade litrev; the library was not touched.",
        )
    if version < len(migrations):
        migrate(connection, path, migrations)


def schema_version(connection: sqlite3.Connection) -> int:
    """How many migrations the database has been through."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Run the migrations the database lacks, each in one transaction, each after a backup beside
    it.
    """
    begun = schema_version(connection)
    for number in range(begun, len(migrations)):
        if begun:
            back_up(connection, path.with_name(f"{path.name}.before-schema-{number + 1}"))
        connection.execute("BEGIN IMMEDIATE")
        try:
            if schema_version(connection) == number:  # another process may have been first
                migrations[number](connection)
                connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def back_up(connection: sqlite3.Connection, target: Path) -> None:
    """Write a consistent copy of the database to ``target``, replacing what is there only when it
    is whole.
    """
    partial = target.with_name(target.name + ".partial")
    with faults(target):
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(partial)) as copy:
            connection.backup(copy)
        os.replace(partial, target)


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say into litrev's own errors, naming ``path``."""
    try:
        yield
    except BrokenPipeError:
        raise  # that is the reader of our output, not the library
    except sqlite3.OperationalError as error:
        raise _translated(error, path) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise EnvironmentFault(
            f"{path}: damaged or not a database ({error})", "Restore a backup of the library."
        ) from error
    except OSError as error:
        raise EnvironmentFault(f"{error.filename or path}: {error.strerror or error}") from error


def _translated(error: sqlite3.OperationalError, path: Path) -> Exception:
    text = str(error)
    if "locked" in text or "busy" in text:
        return Busy(
            f"{path}: another litrev has been writing for over {PATIENCE:.0f} seconds",
            "Try again in a moment.",
        )
    if "readonly" in text or "read-only" in text:
        return EnvironmentFault(
            f"{path}: the library is read-only",
            "Check the permissions of the folder and of library.db.",
        )
    if "unable to open" in text:
        return EnvironmentFault(
            f"{path}: cannot be opened",
            "Check that the folder exists and that you may read and write it.",
        )
    if "full" in text:
        return EnvironmentFault(
            f"{path}: the disk is full", "Free some space; nothing was half written."
        )
    if "no such" in text or "already exists" in text or "malformed" in text:
        return EnvironmentFault(
            f"{path}: the library is damaged ({text})", "Restore a backup of the library."
        )
    return error


def begin(connection: sqlite3.Connection) -> None:
    """Start a write transaction, waiting for other writers up to PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            # SQLite's own waiting is not fair: ask again rather than fail while time is left.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        else:
            return
