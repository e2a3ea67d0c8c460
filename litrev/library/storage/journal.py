"""The places in a library that change: each can be read and put back as JSON, so that undo is one
rule.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

from litrev.library.model.ids import abstract_hash, fold_key, new_id
from litrev.library.storage.decision_rows import (
    WITHDRAWN,
    DecisionRow,
    append_decision,
    last_decision,
)

Json = Any


class Slot(NamedTuple):
    """One changeable place: ``kind`` says which sort, ``record_id`` and ``name`` which one."""

    kind: str
    record_id: str = ""
    name: str = ""

    def describe(self) -> str:
        """The slot in words, for reports and refusals."""
        if self.kind == "decision":
            return f"decision on {decision_parts(self.name)[0]}"
        if self.kind in {"block", "source", "distinct", "quarantine", "codebook"}:
            return {
                "block": "to which record an entry of a file belongs",
                "distinct": "that two records are two works",
                "codebook": "the codebook",
            }.get(self.kind, f"a {self.kind}")
        if self.kind == "search":
            return f"the saved search @{self.name}"
        return f"{self.kind} {self.name}".strip()


class Writing(NamedTuple):
    """What a slot needs to know of the operation that writes it."""

    connection: sqlite3.Connection
    operation: int
    revision: int
    actor: str
    now: str


def decision_name(field: str, subject: str, actor: str) -> str:
    """The name of the slot that holds ``actor``'s word on ``subject``."""
    return "\x1f".join((field, subject, actor))


def decision_parts(name: str) -> tuple[str, str, str]:
    """Field, subject and actor of a decision slot's name."""
    field, subject, actor = name.split("\x1f")
    return field, subject, actor


def read(connection: sqlite3.Connection, slot: Slot) -> Json:
    """What the slot holds now; None when it is empty."""
    return _KINDS[slot.kind][0](connection, slot)


def write(writing: Writing, slot: Slot, value: Json) -> None:
    """Put ``value`` into the slot; None empties it."""
    _KINDS[slot.kind][1](writing, slot, value)


def _row(connection: sqlite3.Connection, sql: str, *args: Any) -> Json:
    row = connection.execute(sql, args).fetchone()
    return None if row is None else list(row)


def _read_alive(connection: sqlite3.Connection, slot: Slot) -> Json:
    row = _row(connection, "SELECT tombstone IS NULL FROM record WHERE id = ?", slot.record_id)
    return True if row and row[0] else None


def _write_alive(writing: Writing, slot: Slot, value: Json) -> None:
    tombstone = None if value else writing.revision
    writing.connection.execute(
        "UPDATE record SET tombstone = ? WHERE id = ?", (tombstone, slot.record_id)
    )


def _read_key(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _row(connection, "SELECT key, key_generated FROM record WHERE id = ?", slot.record_id)


def _write_key(writing: Writing, slot: Slot, value: Json) -> None:
    key, generated = value
    writing.connection.execute(
        "UPDATE record SET key = ?, key_folded = ?, key_generated = ? WHERE id = ?",
        (key, fold_key(key), generated, slot.record_id),
    )


def _read_type(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _row(
        connection, "SELECT entry_type, type_guessed FROM record WHERE id = ?", slot.record_id
    )


def _write_type(writing: Writing, slot: Slot, value: Json) -> None:
    writing.connection.execute(
        "UPDATE record SET entry_type = ?, type_guessed = ? WHERE id = ?", (*value, slot.record_id)
    )


def _read_abstract(connection: sqlite3.Connection, slot: Slot) -> Json:
    row = _row(connection, "SELECT abstract FROM record WHERE id = ?", slot.record_id)
    return row and row[0]


def _write_abstract(writing: Writing, slot: Slot, value: Json) -> None:
    writing.connection.execute(
        "UPDATE record SET abstract = ?, abstract_hash = ? WHERE id = ?",
        (value, abstract_hash(value), slot.record_id),
    )


def _read_field(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _row(
        connection,
        "SELECT position, value, raw FROM field WHERE record_id = ? AND name = ?",
        slot.record_id,
        slot.name,
    )


def _write_field(writing: Writing, slot: Slot, value: Json) -> None:
    writing.connection.execute(
        "DELETE FROM field WHERE record_id = ? AND name = ?", (slot.record_id, slot.name)
    )
    if value is not None:
        position, text, raw = value
        writing.connection.execute(
            "INSERT INTO field VALUES (?, ?, ?, ?, ?)",
            (slot.record_id, slot.name, position, text, raw),
        )


def _read_tag(connection: sqlite3.Connection, slot: Slot) -> Json:
    return (
        True
        if _row(
            connection,
            "SELECT 1 FROM tag WHERE record_id = ? AND tag = ?",
            slot.record_id,
            slot.name,
        )
        else None
    )


def _write_tag(writing: Writing, slot: Slot, value: Json) -> None:
    sql = (
        "INSERT OR IGNORE INTO tag VALUES (?, ?)"
        if value
        else "DELETE FROM tag WHERE record_id = ? AND tag = ?"
    )
    writing.connection.execute(sql, (slot.record_id, slot.name))


def _read_alias(connection: sqlite3.Connection, slot: Slot) -> Json:
    args = (slot.record_id, fold_key(slot.name))
    return (
        True
        if _row(connection, "SELECT 1 FROM alias WHERE record_id = ? AND key_folded = ?", *args)
        else None
    )


def _write_alias(writing: Writing, slot: Slot, value: Json) -> None:
    if value:
        args = (fold_key(slot.name), slot.name, slot.record_id)
        writing.connection.execute("INSERT OR IGNORE INTO alias VALUES (?, ?, ?)", args)
    else:
        writing.connection.execute(
            "DELETE FROM alias WHERE key_folded = ? AND record_id = ?",
            (fold_key(slot.name), slot.record_id),
        )


def _read_note(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _row(connection, "SELECT text, actor, at FROM note WHERE id = ?", slot.name)


def _write_note(writing: Writing, slot: Slot, value: Json) -> None:
    writing.connection.execute("DELETE FROM note WHERE id = ?", (slot.name,))
    if value is not None:
        writing.connection.execute(
            "INSERT INTO note VALUES (?, ?, ?, ?, ?)", (slot.name, slot.record_id, *value)
        )


def _read_extraction(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = "SELECT extractor, value_ids FROM extraction WHERE record_id = ? AND field = ?"
    row = _row(connection, sql, slot.record_id, slot.name)
    return row and [row[0], json.loads(row[1])]


def _write_extraction(writing: Writing, slot: Slot, value: Json) -> None:
    if value is None:
        writing.connection.execute(
            "DELETE FROM extraction WHERE record_id = ? AND field = ?", (slot.record_id, slot.name)
        )
        return
    args = (slot.record_id, slot.name, value[0], json.dumps(value[1]))
    writing.connection.execute("INSERT OR REPLACE INTO extraction VALUES (?, ?, ?, ?)", args)


def _read_evidence(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = 'SELECT start, "end", quote, stale FROM evidence WHERE value_id = ? ORDER BY position'
    return [list(row) for row in connection.execute(sql, (slot.name,))]


def _write_evidence(writing: Writing, slot: Slot, value: Json) -> None:
    writing.connection.execute("DELETE FROM evidence WHERE value_id = ?", (slot.name,))
    rows = [(slot.name, position, *span) for position, span in enumerate(value or ())]
    writing.connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?)", rows)


def _read_decision(connection: sqlite3.Connection, slot: Slot) -> Json:
    last = last_decision(connection, slot.record_id, *decision_parts(slot.name))
    return None if last is None or last.verdict == WITHDRAWN else [last.verdict, last.value_id]


def _write_decision(writing: Writing, slot: Slot, value: Json) -> None:
    field, subject, actor = decision_parts(slot.name)
    last = last_decision(writing.connection, slot.record_id, field, subject, actor)
    verdict, value_id = value or (WITHDRAWN, None)
    follows = last.id if last else None
    row = DecisionRow(
        new_id(),
        actor,
        slot.record_id,
        field,
        subject,
        verdict,
        value_id,
        writing.now,
        follows,
        writing.operation,
    )
    append_decision(writing.connection, row)


def _read_source(connection: sqlite3.Connection, slot: Slot) -> Json:
    row = _row(connection, "SELECT undone FROM source WHERE id = ?", slot.name)
    return None if row is None or row[0] else True


def _write_source(writing: Writing, slot: Slot, value: Json) -> None:
    writing.connection.execute(
        "UPDATE source SET undone = ? WHERE id = ?", (0 if value else 1, slot.name)
    )


def _read_quarantine(connection: sqlite3.Connection, slot: Slot) -> Json:
    row = _row(connection, "SELECT resolved FROM quarantine WHERE id = ?", slot.name)
    return True if row and not row[0] else None


def _write_quarantine(writing: Writing, slot: Slot, value: Json) -> None:
    writing.connection.execute(
        "UPDATE quarantine SET resolved = ? WHERE id = ?", (0 if value else 1, slot.name)
    )


def _read_block(connection: sqlite3.Connection, slot: Slot) -> Json:
    source, position = slot.name.split("\x1f")
    row = _row(
        connection,
        "SELECT record_id FROM block WHERE source_id = ? AND position = ?",
        source,
        int(position),
    )
    return row and row[0]


def _write_block(writing: Writing, slot: Slot, value: Json) -> None:
    source, position = slot.name.split("\x1f")
    writing.connection.execute(
        "UPDATE block SET record_id = ? WHERE source_id = ? AND position = ?",
        (value, source, int(position)),
    )


def _read_distinct(connection: sqlite3.Connection, slot: Slot) -> Json:
    pair = tuple(sorted((slot.record_id, slot.name)))
    return (
        True
        if _row(connection, "SELECT 1 FROM distinct_pair WHERE one = ? AND other = ?", *pair)
        else None
    )


def _write_distinct(writing: Writing, slot: Slot, value: Json) -> None:
    sql = (
        "INSERT OR IGNORE INTO distinct_pair VALUES (?, ?)"
        if value
        else "DELETE FROM distinct_pair WHERE one = ? AND other = ?"
    )
    writing.connection.execute(sql, tuple(sorted((slot.record_id, slot.name))))


_Reader = Callable[[sqlite3.Connection, Slot], Json]
_Writer = Callable[[Writing, Slot, Json], None]


def _read_codebook(connection: sqlite3.Connection, _slot: Slot) -> Json:
    row = _row(
        connection, "SELECT definition FROM codebook WHERE version = (SELECT codebook FROM library)"
    )
    return row and (row[0] or None)


def _write_codebook(writing: Writing, _slot: Slot, value: Json) -> None:
    (version,) = writing.connection.execute("SELECT MAX(version) + 1 FROM codebook").fetchone()
    writing.connection.execute(
        "INSERT INTO codebook VALUES (?, ?, ?, ?)",
        (version, value or "", writing.actor, writing.now),
    )
    writing.connection.execute("UPDATE library SET codebook = ?", (version,))


def _read_search(connection: sqlite3.Connection, slot: Slot) -> Json:
    row = _row(connection, "SELECT query FROM saved_search WHERE name = ?", slot.name)
    return row and row[0]


def _write_search(writing: Writing, slot: Slot, value: Json) -> None:
    writing.connection.execute("DELETE FROM saved_search WHERE name = ?", (slot.name,))
    if value is not None:
        writing.connection.execute("INSERT INTO saved_search VALUES (?, ?)", (slot.name, value))


_KINDS: dict[str, tuple[_Reader, _Writer]] = {
    "alive": (_read_alive, _write_alive),
    "key": (_read_key, _write_key),
    "type": (_read_type, _write_type),
    "abstract": (_read_abstract, _write_abstract),
    "field": (_read_field, _write_field),
    "tag": (_read_tag, _write_tag),
    "alias": (_read_alias, _write_alias),
    "note": (_read_note, _write_note),
    "extraction": (_read_extraction, _write_extraction),
    "evidence": (_read_evidence, _write_evidence),
    "decision": (_read_decision, _write_decision),
    "block": (_read_block, _write_block),
    "distinct": (_read_distinct, _write_distinct),
    "source": (_read_source, _write_source),
    "quarantine": (_read_quarantine, _write_quarantine),
    "codebook": (_read_codebook, _write_codebook),
    "search": (_read_search, _write_search),
}
