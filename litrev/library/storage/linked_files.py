"""Which files that follow the library wait to be told of a change, and what could not be written
into them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from litrev.library.storage.operations import Operation

Place = tuple[str, str]  # a record and a field of it


class LinkedFiles:
    """What is still to be written into the files that follow a library, by their locators."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def waiting(self) -> list[str]:
        """The locators of the files that have not been told of what changed."""
        return [
            row[0]
            for row in self._connection.execute("SELECT locator FROM pending_sync ORDER BY locator")
        ]

    def unwritten(self, locator: str) -> set[Place]:
        """What could not be written into a file, and is to be tried again."""
        return {
            (row[0], row[1])
            for row in self._connection.execute(
                "SELECT record_id, field FROM unwritten WHERE locator = ?", (locator,)
            )
        }


def remember_unwritten(operation: Operation, locator: str, places: Iterable[Place]) -> None:
    """Let these, and no others, be what could not be written into a file."""
    operation.writing()
    operation.connection.execute("DELETE FROM unwritten WHERE locator = ?", (locator,))
    operation.connection.executemany(
        "INSERT INTO unwritten VALUES (?, ?, ?)", [(locator, *place) for place in sorted(places)]
    )
