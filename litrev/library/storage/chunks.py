"""Asking for any number of ids, some at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

CHUNK = 500  # ids asked for by one statement


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """``ids`` cut into stretches of at most CHUNK."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def in_chunks(connection: sqlite3.Connection, sql: str, ids: Sequence[str]) -> list[sqlite3.Row]:
    """The rows of ``sql``, whose ``IN ({})`` takes ids, for any number of them: asked for some at a
    time.
    """
    if len(ids) <= CHUNK:  # by far the most are asked for one
        return connection.execute(sql.format(",".join("?" * len(ids))), tuple(ids)).fetchall()
    return [row for chunk in chunks(ids) for row in in_chunks(connection, sql, chunk)]
