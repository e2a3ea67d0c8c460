"""People's decisions, row by row: appended, never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from litrev.library.model.record import Decision, Verdict
from litrev.library.storage.chunks import in_chunks

WITHDRAWN = "withdraw"  # the verdict by which a person takes a decision back


class DecisionRow(NamedTuple):
    """One decision as it is stored.

    ``follows`` is the id of the same person's decision before it. ``operation`` is None for a
    decision that was made in another copy of the library.
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
    """Store a decision; False when it is stored already."""
    placeholders = ", ".join("?" * len(row))
    sql = f"INSERT INTO decision ({_NAMES}) VALUES ({placeholders}) ON CONFLICT (id) DO NOTHING"
    return connection.execute(sql, row).rowcount > 0


def last_decision(
    connection: sqlite3.Connection, record_id: str, field: str, subject: str, actor: str
) -> DecisionRow | None:
    """The last decision of a person on a value, or with an empty ``subject`` on a field.

    A decision that was taken back is a row too, with the verdict WITHDRAWN. None when the person
    has never decided.
    """
    sql = (
        f"SELECT {_NAMES} FROM decision WHERE record_id = ? AND field = ? AND subject = ?"
        " AND actor = ? ORDER BY seq DESC LIMIT 1"
    )
    row = connection.execute(sql, (record_id, field, subject, actor)).fetchone()
    return None if row is None else DecisionRow(*row)


def decisions(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, list[DecisionRow]]:
    """Every decision ever made about these records, by record, oldest first."""
    sql = f"SELECT {_NAMES} FROM decision WHERE record_id IN ({{}}) ORDER BY seq"
    by_record: dict[str, list[DecisionRow]] = {}
    for row in in_chunks(connection, sql, ids):
        decision = DecisionRow(*row)
        by_record.setdefault(decision.record_id, []).append(decision)
    return by_record


def current_decisions(
    connection: sqlite3.Connection, ids: Sequence[str]
) -> dict[str, list[Decision]]:
    """Each person's decisions on these records that are in force, by record, oldest first."""
    # The view `standing` leaves out decisions that were replaced or withdrawn later.
    sql = (
        "SELECT record_id, actor, field, subject, verdict, value_id, at FROM standing"
        " WHERE record_id IN ({}) ORDER BY seq"
    )
    by_record: dict[str, list[Decision]] = {}
    for record_id, actor, field, subject, verdict, value_id, at in in_chunks(connection, sql, ids):
        decision = Decision(actor, field, subject, Verdict(verdict), value_id, at)
        by_record.setdefault(record_id, []).append(decision)
    return by_record
