"""Which linked files wait for a sync, and what could not be written into them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from litrev.library.storage.operations import Operation

Place = tuple[str, str]  # the id of a record, and a field of it


class LinkedFiles:
    """What is still to be written into the files that follow a library, by their locators."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def waiting(self) -> list[str]:
        """The locators of the files that a change has not reached yet."""
        rows = self._connection.execute("SELECT locator FROM pending_sync ORDER BY locator")
        return [row[0] for row in rows]

    def unwritten(self, locator: str) -> set[Place]:
        """What could not be written into a file; the next sync tries it again."""
        rows = self._connection.execute(
            "SELECT record_id, field FROM unwritten WHERE locator = ?", (locator,)
        )
        return {(record_id, field) for record_id, field in rows}


def remember_unwritten(operation: Operation, locator: str, places: Iterable[Place]) -> None:
    """Store what could not be written into a file, in place of what was stored for it before."""
    operation.write_context()
    operation.connection.execute("DELETE FROM unwritten WHERE locator = ?", (locator,))
    operation.connection.executemany(
        "INSERT INTO unwritten VALUES (?, ?, ?)", [(locator, *place) for place in sorted(places)]
    )
