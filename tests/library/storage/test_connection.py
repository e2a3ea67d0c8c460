"""The database file: SQLite's errors in litrev's words, and queries for any number of ids."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from litrev.errors import Busy, EnvironmentFault, LitrevError
from litrev.library.storage.chunks import CHUNK, in_chunks
from litrev.library.storage.connection import faults

LIBRARY = Path("library.db")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("database is locked", Busy, "another litrev has been writing for over 60 seconds"),
        ("attempt to write a readonly database", EnvironmentFault, "the library is read-only"),
        ("unable to open database file", EnvironmentFault, "cannot be opened"),
        ("database or disk is full", EnvironmentFault, "the disk is full"),
        ("no such table: field", EnvironmentFault, "is damaged (no such table: field)"),
        ("database disk image is malformed", EnvironmentFault, "is damaged (database disk"),
    ],
)
def test_an_operational_error_is_said_in_words(
    text: str, error: type[LitrevError], message: str
) -> None:
    with pytest.raises(error) as raised, faults(LIBRARY):
        raise sqlite3.OperationalError(text)
    assert raised.value.message.startswith(f"{LIBRARY}: ")
    assert message in raised.value.message


@pytest.mark.parametrize("error", [sqlite3.IntegrityError, sqlite3.ProgrammingError])
def test_a_wrong_row_or_statement_is_not_a_fault_of_the_library(error: type[Exception]) -> None:
    with pytest.raises(error), faults(LIBRARY):
        raise error("as it was")


@pytest.mark.parametrize("number", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_a_query_takes_any_number_of_ids(number: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE record (id TEXT)")
    connection.executemany("INSERT INTO record VALUES (?)", [(str(n),) for n in range(2000)])
    ids = [str(n) for n in range(number)]
    rows = in_chunks(connection, "SELECT id FROM record WHERE id IN ({})", ids)
    connection.close()
    assert sorted(row[0] for row in rows) == sorted(ids)
