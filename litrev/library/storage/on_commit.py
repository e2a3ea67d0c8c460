"""What follows from a change when it is committed: the records' revisions, the keys under which
duplicates meet, files to be told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from litrev.library.model.duplicate_keys import duplicate_keys
from litrev.library.storage.chunks import in_chunks


def stamp_records(connection: sqlite3.Connection, revision: int, touched: Iterable[str]) -> None:
    """Let the records, and those that inherit from them, say that ``revision`` touched them."""
    ids = list(touched)
    if connection.execute(
        "SELECT 1 FROM field WHERE name IN ('crossref', 'xdata') LIMIT 1"
    ).fetchone():
        ids += _children(connection, ids)
    connection.executemany(
        "UPDATE record SET revision = ? WHERE id = ?", [(revision, record_id) for record_id in ids]
    )


def _children(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    sql = """SELECT f.record_id FROM record AS r JOIN field AS f ON f.value = r.key AND f.name IN ('crossref', 'xdata')
             WHERE r.id IN ({})"""
    return [row[0] for row in in_chunks(connection, sql, ids)]


def note_duplicate_keys(
    connection: sqlite3.Connection, named: Mapping[str, Sequence[str] | None]
) -> None:
    """Bring the keys under which records meet up to date; None for a record whose keys are to be
    looked up.
    """
    connection.executemany(
        "DELETE FROM twin WHERE record_id = ?", [(i,) for i, keys in named.items() if keys is None]
    )
    rows = [
        (key, i)
        for i, keys in named.items()
        for key in (_keys(connection, i) if keys is None else keys)
    ]
    connection.executemany("INSERT OR IGNORE INTO twin VALUES (?, ?)", rows)


def _keys(connection: sqlite3.Connection, record_id: str) -> list[str]:
    sql = (
        "SELECT name, value FROM field WHERE record_id = ? AND name IN ('doi', 'title', 'subtitle')"
    )
    fields = dict[str, str](connection.execute(sql, (record_id,)).fetchall())
    return duplicate_keys(lambda name: fields.get(name, ""))


def note_pending(
    connection: sqlite3.Connection, linked: Iterable[str], touched: Iterable[str]
) -> None:
    """Note which linked files, by locator, have not been told of what changed."""
    sql = """SELECT 1 FROM block AS b JOIN current_source AS s ON s.id = b.source_id
             WHERE b.record_id = ? AND b.kind = 'entry' AND s.locator = ? LIMIT 1"""
    ids = list(touched)
    for locator in linked:
        if any(connection.execute(sql, (record_id, locator)).fetchone() for record_id in ids):
            connection.execute("INSERT OR IGNORE INTO pending_sync VALUES (?)", (locator,))
