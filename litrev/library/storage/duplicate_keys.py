"""The keys that possible duplicates share, and the pairs that a person declared two works."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from litrev.library.storage.chunks import in_chunks


class DuplicateKeys:
    """Which records share a key: a DOI, or a title."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def any(self) -> bool:
        """Whether any record has such a key."""
        return self._connection.execute("SELECT 1 FROM twin LIMIT 1").fetchone() is not None

    def sharing(self, keys: Sequence[str], limit: int) -> set[str]:
        """The ids of at most ``limit`` records with one of these keys."""
        if not keys:
            return set()
        placeholders = ",".join("?" * len(keys))
        sql = f"SELECT DISTINCT record_id FROM twin WHERE key IN ({placeholders}) LIMIT {limit}"
        return {row[0] for row in self._connection.execute(sql, tuple(keys))}

    def groups(self) -> list[list[str]]:
        """For each key that several records share, their ids, in the order they were added."""
        sql = """SELECT t.key, t.record_id FROM twin AS t JOIN record AS r ON r.id = t.record_id
                 WHERE r.tombstone IS NULL
                 AND t.key IN (SELECT key FROM twin GROUP BY key HAVING COUNT(*) > 1)
                 ORDER BY t.key, r.seq"""
        groups: dict[str, list[str]] = {}
        for key, record_id in self._connection.execute(sql):
            groups.setdefault(key, []).append(record_id)
        return list(groups.values())

    def distinct(self) -> set[tuple[str, str]]:
        """The pairs that a person declared two works; the lesser id first."""
        rows = self._connection.execute("SELECT one, other FROM distinct_pair")
        return {(one, other) for one, other in rows}

    def distinct_before(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """For each of these records, the earlier records that a person declared other works."""
        # A library without such pairs is spared the query below, which scans all records.
        if self._connection.execute("SELECT 1 FROM distinct_pair LIMIT 1").fetchone() is None:
            return {}
        sql = """SELECT b.id, a.id FROM distinct_pair AS p JOIN record AS a JOIN record AS b
                 ON (a.id = p.one AND b.id = p.other) OR (a.id = p.other AND b.id = p.one)
                 WHERE a.seq < b.seq AND b.id IN ({}) ORDER BY a.seq"""
        earlier: dict[str, list[str]] = {}
        for record_id, other in in_chunks(self._connection, sql, ids):
            earlier.setdefault(record_id, []).append(other)
        return earlier
