"""What was done, to a library or to one record, and how to take it back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from litrev.errors import Conflict, NotFound
from litrev.library.storage import journal
from litrev.library.storage.journal import Json, Slot
from litrev.library.storage.operations import FOLLOWING, Operation


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
    """One slot an operation touched."""

    operation: str
    actor: str
    command: str
    at: str
    slot: Slot
    before: Json
    after: Json


def undo(operation: Operation, target: str | None = None) -> LogEntry:
    """Put back the before-images of the actor's last operation, or of the one named by ``target``.

    Raises NotFound when there is none, Conflict (naming the later change) when somebody changed
    one of its slots since; nothing is written then.
    """
    connection = operation.connection
    entry = _undoable(connection, operation.actor, target)
    operation.undoes = entry.id
    changes = connection.execute(
        "SELECT * FROM change WHERE operation = ? ORDER BY seq DESC", (entry.seq,)
    ).fetchall()
    for change in changes:
        slot = Slot(change["kind"], change["record_id"], change["name"])
        before = json.loads(change["before"])
        appeared = slot.kind == "alive" and before is None
        if journal.read(connection, slot) != json.loads(change["after"]) or _later(
            connection, slot, entry, anywhere=appeared
        ):
            raise _changed_since(connection, slot, entry, anywhere=appeared)
        if slot.kind == "abstract":
            _move_evidence(operation, slot, changes, before)
        try:
            operation.put(slot, before)
        except sqlite3.IntegrityError as error:
            raise Conflict(
                f"cannot take back `{entry.command}`: the key of a record has been given to another",
                "Rename that one first.",
            ) from error
    if not operation.changed:  # it cancelled itself out: still to be marked as taken back
        operation.writing()
    return entry


def _undoable(connection: sqlite3.Connection, actor: str, target: str | None) -> LogEntry:
    entries = [entry for entry in log(connection) if not entry.undone and entry.undoes is None]
    if target is not None:
        entries = [entry for entry in entries if entry.id.startswith(target)]
        if len(entries) != 1:
            raise NotFound(
                f"no single operation that could be undone has an id that starts with {target}",
                "`litrev log` lists them.",
            )
        if entries[0].actor != actor:
            raise Conflict(
                f"`{entries[0].command}` was done by {entries[0].actor}",
                "Everybody takes back their own; change what it did instead.",
            )
        return entries[0]
    for entry in entries:
        if entry.actor == actor and not entry.command.startswith(FOLLOWING):
            return entry
    raise NotFound(f"nothing by {actor} is left to undo")


def _move_evidence(
    operation: Operation, slot: Slot, changes: Sequence[sqlite3.Row], before: str | None
) -> None:
    """Values that came after the edit that is taken back stand in the abstract too: their evidence
    moves with it.
    """
    told = {change["name"] for change in changes if change["kind"] == "evidence"}
    rows = operation.connection.execute(
        "SELECT id FROM value WHERE record_id = ?", (slot.record_id,)
    ).fetchall()
    operation.move_evidence(
        slot.record_id, [row[0] for row in rows if row[0] not in told], before or ""
    )


def _later(
    connection: sqlite3.Connection, slot: Slot, entry: LogEntry, *, anywhere: bool
) -> sqlite3.Row | None:
    """The last change of the slot (with ``anywhere`` of its record) since, by an operation that
    still stands.
    """
    place = "" if anywhere else "AND c.kind = :kind AND c.name = :name"
    row: sqlite3.Row | None = connection.execute(
        f"""SELECT o.command, o.actor, o.started, c.kind, c.name FROM change AS c JOIN operation AS o ON o.seq = c.operation
            WHERE c.record_id = :record {place} AND o.seq > :seq AND o.undoes IS NULL
              AND NOT EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = o.id) ORDER BY c.seq DESC LIMIT 1""",
        {"record": slot.record_id, "kind": slot.kind, "name": slot.name, "seq": entry.seq},
    ).fetchone()
    return row


def _changed_since(
    connection: sqlite3.Connection, slot: Slot, entry: LogEntry, *, anywhere: bool
) -> Conflict:
    later = _later(connection, slot, entry, anywhere=anywhere)
    by = f": `{later['command']}` by {later['actor']} at {later['started']}" if later else ""
    what = (
        Slot(later["kind"], slot.record_id, later["name"]).describe() if later else slot.describe()
    )
    return Conflict(
        f"cannot take back `{entry.command}`: {what} has been changed since{by}", "Undo that first."
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
            r["seq"],
            r["id"],
            r["actor"],
            r["command"],
            r["started"],
            r["finished"],
            r["undoes"],
            r["changes"],
            bool(r["undone"]),
        )
        for r in rows
    ]


def story(connection: sqlite3.Connection, record_id: str) -> list[ChangeEntry]:
    """Everything that happened to one record, oldest first."""
    rows = connection.execute(
        """SELECT o.id, o.actor, o.command, o.started, c.kind, c.name, c.before, c.after
           FROM change AS c JOIN operation AS o ON o.seq = c.operation WHERE c.record_id = ? ORDER BY c.seq""",
        (record_id,),
    )
    return [
        ChangeEntry(
            r["id"],
            r["actor"],
            r["command"],
            r["started"],
            Slot(r["kind"], record_id, r["name"]),
            json.loads(r["before"]),
            json.loads(r["after"]),
        )
        for r in rows
    ]


def was_removed(connection: sqlite3.Connection, record_id: str) -> bool:
    """Whether a person took the record out (and not just took back that it was added)."""
    sql = """SELECT o.undoes FROM change AS c JOIN operation AS o ON o.seq = c.operation
             WHERE c.record_id = ? AND c.kind = 'alive' ORDER BY c.seq DESC LIMIT 1"""
    row = connection.execute(sql, (record_id,)).fetchone()
    return row is not None and row[0] is None


def changed_after(connection: sqlite3.Connection, slot: Slot, operation: int) -> bool:
    """Whether a slot was changed by an operation after the one with this number."""
    sql = "SELECT 1 FROM change WHERE record_id = ? AND kind = ? AND name = ? AND operation > ? LIMIT 1"
    return (
        connection.execute(sql, (slot.record_id, slot.kind, slot.name, operation)).fetchone()
        is not None
    )
