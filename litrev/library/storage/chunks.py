"""Queries for any number of ids, a chunk of them at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

# SQLite limits the variables of one statement (32,766 by default, builds differ). A chunk also
# bounds how many records a stream holds in memory.
CHUNK = 500  # ids in one statement


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """``ids`` cut into slices of at most CHUNK."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def in_chunks(connection: sqlite3.Connection, sql: str, ids: Sequence[str]) -> list[sqlite3.Row]:
    """The rows of ``sql`` for any number of ids, which its ``IN ({})`` receives.

    An ``ORDER BY`` orders each chunk, not the whole result.
    """
    # Callers may rely on the order within one id: all rows of an id are in the same chunk.
    if len(ids) <= CHUNK:  # nearly every call
        placeholders = ",".join("?" * len(ids))
        return connection.execute(sql.format(placeholders), tuple(ids)).fetchall()
    rows: list[sqlite3.Row] = []
    for chunk in chunks(ids):
        rows += in_chunks(connection, sql, chunk)
    return rows
