"""Asking for any number of ids, some at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

CHUNK = 500  # ids asked for by one statement


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """``ids`` cut into stretches of at most CHUNK."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def in_chunks(connection: sqlite3.Connection, sql: str, ids: Sequence[str]) -> Iterator[sqlite3.Row]:
    """The rows of ``sql``, whose ``IN ({})`` takes ids, for any number of them: asked for some at a time."""
    for chunk in chunks(ids):
        yield from connection.execute(sql.format(",".join("?" * len(chunk))), tuple(chunk)).fetchall()
