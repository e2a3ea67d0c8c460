"""The quarantine: what could not be read, and conflicts with files, until a person settles them."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from litrev.library.storage.journal import Slot
from litrev.library.storage.operations import Operation


class Quarantined(NamedTuple):
    """A part of a source that could not be read, or a conflict with it, with all of its text.

    ``kind`` is unreadable or conflict. Of a conflict, ``record_id`` and ``field`` say what differs,
    and ``locator`` from which file.
    """

    id: str
    kind: str
    file: str
    line: int
    reason: str
    raw: str
    format: str = ""
    run_id: str | None = None
    record_id: str | None = None
    field: str | None = None
    locator: str | None = None


class Quarantine:
    """The entries of a library's quarantine."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def open(self) -> list[Quarantined]:
        """The entries that are not settled, in the order they came."""
        names = ", ".join(Quarantined._fields)
        rows = self._connection.execute(
            f"SELECT {names} FROM quarantine WHERE resolved = 0 ORDER BY seq"
        )
        return [Quarantined(*row) for row in rows]

    def holds(self, file: str, raw: str) -> bool:
        """Whether this text of this file is in quarantine and not settled."""
        sql = "SELECT 1 FROM quarantine WHERE file = ? AND raw = ? AND resolved = 0 LIMIT 1"
        return self._connection.execute(sql, (file, raw)).fetchone() is not None

    def disputed(self, locator: str) -> dict[tuple[str, str], list[str]]:
        """The ids of the conflicts with a file that are not settled, by record and field."""
        sql = (
            "SELECT record_id, field, id FROM quarantine WHERE kind = 'conflict' AND resolved = 0"
            " AND locator = ? AND record_id IS NOT NULL"
        )
        conflict_ids: dict[tuple[str, str], list[str]] = {}
        for record_id, field, conflict_id in self._connection.execute(sql, (locator,)):
            conflict_ids.setdefault((record_id, field), []).append(conflict_id)
        return conflict_ids

    def settled(self, locator: str, record_id: str, field: str) -> bool:
        """Whether a person has settled a conflict with the file over this field."""
        sql = (
            "SELECT 1 FROM quarantine WHERE kind = 'conflict' AND resolved = 1"
            " AND locator = ? AND record_id = ? AND field = ? LIMIT 1"
        )
        return self._connection.execute(sql, (locator, record_id, field)).fetchone() is not None


def set_aside(operation: Operation, entry: Quarantined) -> bool:
    """Put an entry into quarantine; False when it is there already."""
    (seq,) = operation.connection.execute(
        "SELECT coalesce(MAX(seq), 0) + 1 FROM quarantine"
    ).fetchone()
    names = ("seq", *Quarantined._fields)
    placeholders = ", ".join("?" * len(names))
    sql = (
        f"INSERT INTO quarantine ({', '.join(names)}) VALUES ({placeholders})"
        " ON CONFLICT (id) DO NOTHING"
    )
    if not operation.connection.execute(sql, (seq, *entry)).rowcount:
        return False
    operation.journal_insertion(Slot("quarantine", "", entry.id))
    return True
