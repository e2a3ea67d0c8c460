"""What persons said, row by row: appended, never changed; the view ``current_decisions`` holds each person's
last words.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from litrev.library.model.record import Decision, Verdict
from litrev.library.storage.chunks import in_chunks

WITHDRAWN = "withdraw"  # the verdict by which a person takes a word back


class DecisionRow(NamedTuple):
    """One decision as it is kept; ``operation`` is None for one that was made in another copy of
    the library.
    """

    id: str
    actor: str
    record_id: str
    field: str
    subject: str
    verdict: str
    value_id: str | None
    at: str
    follows: str | None
    operation: int | None = None


_NAMES = ", ".join(DecisionRow._fields)


def append_decision(connection: sqlite3.Connection, row: DecisionRow) -> bool:
    """Keep a decision; False when it is kept already."""
    sql = f"INSERT INTO decision ({_NAMES}) VALUES ({', '.join('?' * len(row))}) ON CONFLICT (id) DO NOTHING"
    return connection.execute(sql, row).rowcount > 0


def last_decision(
    connection: sqlite3.Connection, record_id: str, field: str, subject: str, actor: str
) -> DecisionRow | None:
    """The last word of a person on a value, or with an empty ``subject`` on a field; None when
    there is none.
    """
    sql = f"SELECT {_NAMES} FROM decision WHERE record_id = ? AND field = ? AND subject = ? AND actor = ? ORDER BY seq DESC LIMIT 1"
    row = connection.execute(sql, (record_id, field, subject, actor)).fetchone()
    return None if row is None else DecisionRow(*row)


def decisions(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, list[DecisionRow]]:
    """Every decision ever made about these records, by record, in order."""
    found: dict[str, list[DecisionRow]] = {}
    for row in in_chunks(
        connection, f"SELECT {_NAMES} FROM decision WHERE record_id IN ({{}}) ORDER BY seq", ids
    ):
        decision = DecisionRow(*row)
        found.setdefault(decision.record_id, []).append(decision)
    return found


def current_decisions(
    connection: sqlite3.Connection, ids: Sequence[str]
) -> dict[str, list[Decision]]:
    """Each person's last words on these records, by record, in order."""
    found: dict[str, list[Decision]] = {}
    sql = "SELECT record_id, actor, field, subject, verdict, value_id, at FROM standing WHERE record_id IN ({}) ORDER BY seq"
    for record_id, actor, field, subject, verdict, value_id, at in in_chunks(connection, sql, ids):
        found.setdefault(record_id, []).append(
            Decision(actor, field, subject, Verdict(verdict), value_id, at)
        )
    return found
