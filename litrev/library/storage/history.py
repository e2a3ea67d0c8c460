"""The history of a library or of one record, and undo."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from litrev.errors import Conflict, NotFound
from litrev.library.storage import journal
from litrev.library.storage.journal import Json, Slot
from litrev.library.storage.operations import SYNC_PREFIX, Operation


class LogEntry(NamedTuple):
    """One line of a library's history."""

    seq: int
    id: str
    actor: str
    command: str
    started: str
    finished: str | None
    undoes: str | None
    changes: int
    undone: bool


class ChangeEntry(NamedTuple):
    """One slot that an operation changed, with what it held before and after."""

    operation: str
    actor: str
    command: str
    at: str
    slot: Slot
    before: Json
    after: Json


def undo(operation: Operation, target: str | None = None) -> LogEntry:
    """Take back the actor's last operation, or the one whose id begins with ``target``.

    Undo is itself an operation: it puts the before-images back into the slots. Raises NotFound
    when there is no such operation, and Conflict when a slot has been changed since; the message
    names the later change, and nothing is written.
    """
    connection = operation.connection
    entry = _operation_to_undo(connection, operation.actor, target)
    operation.undoes = entry.id
    # Latest first: an operation may write a slot twice, and its first before-image must win.
    changes = connection.execute(
        "SELECT * FROM change WHERE operation = ? ORDER BY seq DESC", (entry.seq,)
    ).fetchall()
    for change in changes:
        _undo_change(operation, entry, change, changes)
    if not operation.changed:
        # The operation had cancelled itself out, so no slot was written. The undo is logged all
        # the same, or the next undo would find the same operation again.
        operation.write_context()
    return entry


def _undo_change(
    operation: Operation, entry: LogEntry, change: sqlite3.Row, changes: Sequence[sqlite3.Row]
) -> None:
    connection = operation.connection
    slot = Slot(change["kind"], change["record_id"], change["name"])
    before = json.loads(change["before"])
    after = json.loads(change["after"])
    # Both questions are needed. The journal alone misses decisions merged from another copy, which
    # are not journalled; the value alone misses a change there and back again.
    # To undo an addition removes the whole record, so a later change anywhere in it counts.
    is_addition = slot.kind == "alive" and before is None
    current = journal.read(connection, slot)
    later = _later_change(connection, slot, entry, anywhere=is_addition)
    if current != after or later is not None:
        raise _changed_since(slot, entry, later)
    if slot.kind == "abstract":
        # Before the abstract itself, because evidence moves from the abstract that is stored now.
        _move_other_evidence(operation, slot.record_id, changes, before)
    try:
        operation.put(slot, before)
    except sqlite3.IntegrityError as error:  # two records in a library cannot have one key
        raise Conflict(
            f"cannot take back `{entry.command}`:"
            " the key of a record has been given to another record",
            "Rename that one first.",
        ) from error


def _operation_to_undo(connection: sqlite3.Connection, actor: str, target: str | None) -> LogEntry:
    candidates = [entry for entry in log(connection) if not entry.undone and entry.undoes is None]
    if target is not None:
        return _named_operation(candidates, actor, target)
    for entry in candidates:
        # A sync of a linked file follows a person's own command: undo skips it unless it is named.
        if entry.actor == actor and not entry.command.startswith(SYNC_PREFIX):
            return entry
    raise NotFound(f"nothing by {actor} is left to undo")


def _named_operation(candidates: Sequence[LogEntry], actor: str, target: str) -> LogEntry:
    matching = [entry for entry in candidates if entry.id.startswith(target)]
    if len(matching) != 1:
        raise NotFound(
            f"no single operation that can be undone has an id that begins with {target}",
            "`litrev log` lists them.",
        )
    entry = matching[0]
    if entry.actor != actor:
        raise Conflict(
            f"`{entry.command}` was done by {entry.actor}",
            "You can only undo your own operations. Change what it did instead.",
        )
    return entry


def _move_other_evidence(
    operation: Operation, record_id: str, changes: Sequence[sqlite3.Row], abstract: str | None
) -> None:
    """Move the evidence that the undone operation did not touch into the earlier ``abstract``.

    It belongs to values that were made later, from the abstract that is taken back.
    """
    undone_ids = {change["name"] for change in changes if change["kind"] == "evidence"}
    rows = operation.connection.execute(
        "SELECT id FROM value WHERE record_id = ?", (record_id,)
    ).fetchall()
    other_ids = [value_id for (value_id,) in rows if value_id not in undone_ids]
    operation.move_evidence(record_id, other_ids, abstract or "")


def _later_change(
    connection: sqlite3.Connection, slot: Slot, entry: LogEntry, *, anywhere: bool
) -> sqlite3.Row | None:
    """The last change of the slot after ``entry`` by an operation that was not undone.

    With ``anywhere``, the last change of its record.
    """
    place = "" if anywhere else "AND c.kind = :kind AND c.name = :name"
    row: sqlite3.Row | None = connection.execute(
        f"""SELECT o.command, o.actor, o.started, c.kind, c.name
            FROM change AS c JOIN operation AS o ON o.seq = c.operation
            WHERE c.record_id = :record {place} AND o.seq > :seq AND o.undoes IS NULL
              AND NOT EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = o.id)
            ORDER BY c.seq DESC LIMIT 1""",
        {"record": slot.record_id, "kind": slot.kind, "name": slot.name, "seq": entry.seq},
    ).fetchone()
    return row


def _changed_since(slot: Slot, entry: LogEntry, later: sqlite3.Row | None) -> Conflict:
    changed_slot, by_whom = slot, ""
    if later is not None:
        changed_slot = Slot(later["kind"], slot.record_id, later["name"])
        by_whom = f": `{later['command']}` by {later['actor']} at {later['started']}"
    return Conflict(
        f"cannot take back `{entry.command}`:"
        f" {changed_slot.describe()} has been changed since{by_whom}",
        "Undo that first.",
    )


def log(connection: sqlite3.Connection, limit: int = -1) -> list[LogEntry]:
    """The operations, latest first."""
    rows = connection.execute(
        """SELECT o.*, (SELECT COUNT(*) FROM change AS c WHERE c.operation = o.seq) AS changes,
                  EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = o.id) AS undone
           FROM operation AS o ORDER BY o.seq DESC LIMIT ?""",
        (limit,),
    )
    return [
        LogEntry(
            row["seq"],
            row["id"],
            row["actor"],
            row["command"],
            row["started"],
            row["finished"],
            row["undoes"],
            row["changes"],
            bool(row["undone"]),
        )
        for row in rows
    ]


def story(connection: sqlite3.Connection, record_id: str) -> list[ChangeEntry]:
    """Everything that happened to one record, oldest first."""
    rows = connection.execute(
        """SELECT o.id, o.actor, o.command, o.started, c.kind, c.name, c.before, c.after
           FROM change AS c JOIN operation AS o ON o.seq = c.operation
           WHERE c.record_id = ? ORDER BY c.seq""",
        (record_id,),
    )
    return [
        ChangeEntry(
            row["id"],
            row["actor"],
            row["command"],
            row["started"],
            Slot(row["kind"], record_id, row["name"]),
            json.loads(row["before"]),
            json.loads(row["after"]),
        )
        for row in rows
    ]


def was_removed(connection: sqlite3.Connection, record_id: str) -> bool:
    """Whether a person removed the record; an undo of its addition is not a removal."""
    sql = """SELECT o.undoes FROM change AS c JOIN operation AS o ON o.seq = c.operation
             WHERE c.record_id = ? AND c.kind = 'alive' ORDER BY c.seq DESC LIMIT 1"""
    row = connection.execute(sql, (record_id,)).fetchone()
    return row is not None and row["undoes"] is None


def changed_after(connection: sqlite3.Connection, slot: Slot, operation: int) -> bool:
    """Whether a slot was changed by an operation after the one with this number."""
    sql = (
        "SELECT 1 FROM change"
        " WHERE record_id = ? AND kind = ? AND name = ? AND operation > ? LIMIT 1"
    )
    row = connection.execute(sql, (slot.record_id, slot.kind, slot.name, operation)).fetchone()
    return row is not None
