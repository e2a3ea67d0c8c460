"""Opening the SQLite file of a library: durability, schema version, backups, error messages."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from litrev.errors import Busy, EnvironmentFault
from litrev.library.storage.schema import APPLICATION_ID, MIGRATIONS, Migration

DatabaseError = sqlite3.Error  # what a library raises where :func:`faults` does not translate it
PATIENCE = 60.0  # seconds a writer waits for the writers before it


def create(path: Path) -> sqlite3.Connection:
    """Make a new database at ``path``. Raises EnvironmentFault when the system refuses."""
    with faults(path):
        # Without an isolation level Python opens no transactions of its own: they begin and end
        # only where litrev says so.
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        # WAL lets others read while one writes. The file itself remembers this mode, so it is set
        # here only; the settings of _configure belong to a connection.
        connection.execute("PRAGMA journal_mode = WAL")
        _configure(connection)
    return connection


def connect(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> sqlite3.Connection:
    """Open the database at ``path``. An older schema is backed up and brought up to date.

    Raises EnvironmentFault when the file is not a library, when a newer litrev wrote it, or when
    the system refuses.
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
        # mode=rw: plain connect() would create a file that is not there.
        return sqlite3.connect(f"{uri}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None)
    # WAL needs a shared-memory file beside the database, and SQLite cannot make one in a read-only
    # folder. When no write-ahead log is left, the file is complete and can be read as it is.
    write_ahead_log = path.with_name(path.name + "-wal")
    is_complete = not write_ahead_log.exists() or write_ahead_log.stat().st_size == 0
    mode = "immutable=1" if is_complete else "mode=ro"
    return sqlite3.connect(f"{uri}?{mode}", uri=True, isolation_level=None)


def _configure(connection: sqlite3.Connection) -> None:
    # FULL flushes the log at each commit: a finished command survives a power cut. With NORMAL a
    # database in WAL mode stays sound, but may lose its last commits.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")  # SQLite checks them only when asked to
    # Both are meant for large imports: 64 MiB of pages in memory (a negative number counts KiB),
    # and the log is copied into the database every 8,000 pages instead of every 1,000.
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
            f"{path}: the library was written by a newer litrev"
            f" (schema {version}, this litrev knows {len(migrations)})",
            "Upgrade litrev; the library was not touched.",
        )
    if version < len(migrations):
        migrate(connection, path, migrations)


def schema_version(connection: sqlite3.Connection) -> int:
    """How many migrations the database has been through."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Run the migrations that the database lacks.

    Each runs in one transaction. Before each a backup is written beside the database, unless the
    database is new.
    """
    first = schema_version(connection)
    for number in range(first, len(migrations)):
        if first:
            back_up(connection, path.with_name(f"{path.name}.before-schema-{number + 1}"))
        connection.execute("BEGIN IMMEDIATE")
        try:
            if schema_version(connection) == number:  # another process may have been first
                migrations[number](connection)
                # The version is part of the transaction: it never differs from the schema.
                connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def back_up(connection: sqlite3.Connection, target: Path) -> None:
    """Write a consistent copy of the database to ``target``.

    What is there is replaced only once the copy is complete.
    """
    partial = target.with_name(target.name + ".partial")
    with faults(target):
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(partial)) as copy:
            connection.backup(copy)
        os.replace(partial, target)


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the file system into litrev's own, which name ``path``.

    Raises Busy or EnvironmentFault. IntegrityError and ProgrammingError pass unchanged.
    """
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of our output went away; the library is not at fault
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


# Words in the text of an operational error, our message, and the remedy; the first match counts.
_OPERATIONAL_FAULTS = (
    (
        ("readonly", "read-only"),
        "the library is read-only",
        "Check the permissions of the folder and of library.db.",
    ),
    (
        ("unable to open",),
        "cannot be opened",
        "Check that the folder exists and that you may read and write it.",
    ),
    (("full",), "the disk is full", "Free some space; nothing was half written."),
    (
        ("no such", "already exists", "malformed"),
        "the library is damaged ({text})",
        "Restore a backup of the library.",
    ),
)


def _translated(error: sqlite3.OperationalError, path: Path) -> Exception:
    text = str(error)
    if "locked" in text or "busy" in text:
        return Busy(
            f"{path}: another litrev has been writing for over {PATIENCE:.0f} seconds",
            "Try again in a moment.",
        )
    for words, message, remedy in _OPERATIONAL_FAULTS:
        if any(word in text for word in words):
            return EnvironmentFault(f"{path}: {message.format(text=text)}", remedy)
    return error


def begin(connection: sqlite3.Connection) -> None:
    """Start a write transaction, waiting for other writers up to PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            # A plain BEGIN takes the write lock at the first write, and that fails at once when
            # somebody wrote since the first read. IMMEDIATE takes it now.
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            # SQLite's own waiting is not fair: ask again rather than fail while time is left.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        else:
            return
