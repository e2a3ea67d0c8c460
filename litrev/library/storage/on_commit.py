"""What follows from a change at its commit: record revisions, duplicate keys, files to sync."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from litrev.library.model.duplicate_keys import duplicate_keys
from litrev.library.storage.chunks import in_chunks


def stamp_records(connection: sqlite3.Connection, revision: int, touched: Iterable[str]) -> None:
    """Set the revision of the records, and of those that inherit from them, to ``revision``."""
    ids = list(touched)
    # The index field_parent answers this at once; without it each commit would look for children.
    has_parents = connection.execute(
        "SELECT 1 FROM field WHERE name IN ('crossref', 'xdata') LIMIT 1"
    ).fetchone()
    if has_parents:
        ids += _children(connection, ids)
    connection.executemany(
        "UPDATE record SET revision = ? WHERE id = ?", [(revision, record_id) for record_id in ids]
    )


def _children(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    sql = """SELECT f.record_id FROM record AS r
             JOIN field AS f ON f.value = r.key AND f.name IN ('crossref', 'xdata')
             WHERE r.id IN ({})"""
    return [row[0] for row in in_chunks(connection, sql, ids)]


def note_duplicate_keys(
    connection: sqlite3.Connection, keys_by_record: Mapping[str, Sequence[str] | None]
) -> None:
    """Store the duplicate keys of records.

    None stands for a record whose keys are computed here from its fields. Keys that are given
    belong to a new record, which has none stored.
    """
    changed_ids = [record_id for record_id, keys in keys_by_record.items() if keys is None]
    connection.executemany(
        "DELETE FROM twin WHERE record_id = ?", [(record_id,) for record_id in changed_ids]
    )
    rows: list[tuple[str, str]] = []
    for record_id, known_keys in keys_by_record.items():
        keys = _keys(connection, record_id) if known_keys is None else known_keys
        rows += [(key, record_id) for key in keys]
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
    """Note which linked files, by locator, hold an entry of a touched record: they need a sync."""
    sql = """SELECT 1 FROM block AS b JOIN current_source AS s ON s.id = b.source_id
             WHERE b.record_id = ? AND b.kind = 'entry' AND s.locator = ? LIMIT 1"""
    ids = list(touched)
    for locator in linked:
        if any(connection.execute(sql, (record_id, locator)).fetchone() for record_id in ids):
            connection.execute("INSERT OR IGNORE INTO pending_sync VALUES (?)", (locator,))
