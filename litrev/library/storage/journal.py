"""Slots: the places of a library that change. Each is read and written as JSON, so that undo is
one rule for all.
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

# Between the parts of a slot's name: names of persons and of fields have no control characters.
_SEPARATOR = "\x1f"

_DESCRIPTIONS = {
    "block": "the record of an entry in a file",
    "distinct": "the mark that two records are two works",
    "codebook": "the codebook",
    "source": "a source",
    "quarantine": "an entry in quarantine",
}


class Slot(NamedTuple):
    """One place that changes: ``kind`` says which sort, ``record_id`` and ``name`` which one."""

    kind: str
    record_id: str = ""
    name: str = ""

    def describe(self) -> str:
        """The slot in words, for reports and refusals."""
        if self.kind in _DESCRIPTIONS:
            return _DESCRIPTIONS[self.kind]
        if self.kind == "decision":
            field, _subject, _actor = decision_parts(self.name)
            return f"decision on {field}"
        if self.kind == "search":
            return f"the saved search @{self.name}"
        return f"{self.kind} {self.name}".strip()


class WriteContext(NamedTuple):
    """What writing a slot needs to know: the connection, the operation, who and when."""

    connection: sqlite3.Connection
    operation: int
    revision: int
    actor: str
    now: str


def decision_name(field: str, subject: str, actor: str) -> str:
    """The name of the slot that holds ``actor``'s decision on ``subject``."""
    return _SEPARATOR.join((field, subject, actor))


def decision_parts(name: str) -> tuple[str, str, str]:
    """Field, subject and actor of a decision slot's name."""
    field, subject, actor = name.split(_SEPARATOR)
    return field, subject, actor


def _block_parts(name: str) -> tuple[str, int]:
    """Source and position of a block slot's name."""
    source_id, position = name.split(_SEPARATOR)
    return source_id, int(position)


def read(connection: sqlite3.Connection, slot: Slot) -> Json:
    """What the slot holds now; None when it is empty."""
    read_slot, _ = _KINDS[slot.kind]
    return read_slot(connection, slot)


def write(context: WriteContext, slot: Slot, value: Json) -> None:
    """Put ``value`` into the slot; None empties it."""
    _, write_slot = _KINDS[slot.kind]
    write_slot(context, slot, value)


# A reader must give back what its writer was given: put() and undo compare the two.


def _row(connection: sqlite3.Connection, sql: str, *args: Any) -> Json:
    """The first row as a list, as JSON has no tuples; None when there is none."""
    row = connection.execute(sql, args).fetchone()
    return None if row is None else list(row)


def _column(connection: sqlite3.Connection, sql: str, *args: Any) -> Json:
    """The first column of the first row; None when there is no row."""
    row = connection.execute(sql, args).fetchone()
    return None if row is None else row[0]


def _true_or_none(is_set: object) -> Json:
    """The value of a slot that is set or empty."""
    return True if is_set else None


# Columns of a record


def _read_alive(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = "SELECT tombstone IS NULL FROM record WHERE id = ?"
    return _true_or_none(_column(connection, sql, slot.record_id))


def _write_alive(context: WriteContext, slot: Slot, value: Json) -> None:
    # A removed record keeps its row: undo needs it, and indexes learn of the removal by it.
    tombstone = None if value else context.revision
    context.connection.execute(
        "UPDATE record SET tombstone = ? WHERE id = ?", (tombstone, slot.record_id)
    )


def _read_key(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _row(connection, "SELECT key, key_generated FROM record WHERE id = ?", slot.record_id)


def _write_key(context: WriteContext, slot: Slot, value: Json) -> None:
    key, generated = value
    context.connection.execute(
        "UPDATE record SET key = ?, key_folded = ?, key_generated = ? WHERE id = ?",
        (key, fold_key(key), generated, slot.record_id),
    )


def _read_type(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _row(
        connection, "SELECT entry_type, type_guessed FROM record WHERE id = ?", slot.record_id
    )


def _write_type(context: WriteContext, slot: Slot, value: Json) -> None:
    context.connection.execute(
        "UPDATE record SET entry_type = ?, type_guessed = ? WHERE id = ?", (*value, slot.record_id)
    )


def _read_abstract(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _column(connection, "SELECT abstract FROM record WHERE id = ?", slot.record_id)


def _write_abstract(context: WriteContext, slot: Slot, value: Json) -> None:
    context.connection.execute(
        "UPDATE record SET abstract = ?, abstract_hash = ? WHERE id = ?",
        (value, abstract_hash(value), slot.record_id),
    )


# Rows that belong to a record


def _read_field(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _row(
        connection,
        "SELECT position, value, raw FROM field WHERE record_id = ? AND name = ?",
        slot.record_id,
        slot.name,
    )


def _write_field(context: WriteContext, slot: Slot, value: Json) -> None:
    context.connection.execute(
        "DELETE FROM field WHERE record_id = ? AND name = ?", (slot.record_id, slot.name)
    )
    if value is not None:
        position, text, raw = value
        context.connection.execute(
            "INSERT INTO field VALUES (?, ?, ?, ?, ?)",
            (slot.record_id, slot.name, position, text, raw),
        )


def _read_tag(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = "SELECT 1 FROM tag WHERE record_id = ? AND tag = ?"
    return _true_or_none(_column(connection, sql, slot.record_id, slot.name))


def _write_tag(context: WriteContext, slot: Slot, value: Json) -> None:
    if value:
        sql = "INSERT OR IGNORE INTO tag VALUES (?, ?)"
    else:
        sql = "DELETE FROM tag WHERE record_id = ? AND tag = ?"
    context.connection.execute(sql, (slot.record_id, slot.name))


def _read_alias(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = "SELECT 1 FROM alias WHERE record_id = ? AND key_folded = ?"
    return _true_or_none(_column(connection, sql, slot.record_id, fold_key(slot.name)))


def _write_alias(context: WriteContext, slot: Slot, value: Json) -> None:
    key_folded = fold_key(slot.name)
    if value:
        context.connection.execute(
            "INSERT OR IGNORE INTO alias VALUES (?, ?, ?)", (key_folded, slot.name, slot.record_id)
        )
    else:
        context.connection.execute(
            "DELETE FROM alias WHERE key_folded = ? AND record_id = ?", (key_folded, slot.record_id)
        )


def _read_note(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _row(connection, "SELECT text, actor, at FROM note WHERE id = ?", slot.name)


def _write_note(context: WriteContext, slot: Slot, value: Json) -> None:
    context.connection.execute("DELETE FROM note WHERE id = ?", (slot.name,))
    if value is not None:
        context.connection.execute(
            "INSERT INTO note VALUES (?, ?, ?, ?, ?)", (slot.name, slot.record_id, *value)
        )


def _read_distinct(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = "SELECT 1 FROM distinct_pair WHERE one = ? AND other = ?"
    return _true_or_none(_column(connection, sql, *_pair(slot)))


def _write_distinct(context: WriteContext, slot: Slot, value: Json) -> None:
    if value:
        sql = "INSERT OR IGNORE INTO distinct_pair VALUES (?, ?)"
    else:
        sql = "DELETE FROM distinct_pair WHERE one = ? AND other = ?"
    context.connection.execute(sql, _pair(slot))


def _pair(slot: Slot) -> tuple[str, ...]:
    """The two records of a slot, the lesser id first: a pair is stored once, not twice."""
    return tuple(sorted((slot.record_id, slot.name)))


# Structured fields


def _read_extraction(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = "SELECT extractor, value_ids FROM extraction WHERE record_id = ? AND field = ?"
    row = _row(connection, sql, slot.record_id, slot.name)
    if row is None:
        return None
    extractor, value_ids = row
    return [extractor, json.loads(value_ids)]


def _write_extraction(context: WriteContext, slot: Slot, value: Json) -> None:
    if value is None:
        context.connection.execute(
            "DELETE FROM extraction WHERE record_id = ? AND field = ?", (slot.record_id, slot.name)
        )
        return
    extractor, value_ids = value
    context.connection.execute(
        "INSERT OR REPLACE INTO extraction VALUES (?, ?, ?, ?)",
        (slot.record_id, slot.name, extractor, json.dumps(value_ids)),
    )


def _read_evidence(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = 'SELECT start, "end", quote, stale FROM evidence WHERE value_id = ? ORDER BY position'
    return [list(row) for row in connection.execute(sql, (slot.name,))]


def _write_evidence(context: WriteContext, slot: Slot, value: Json) -> None:
    context.connection.execute("DELETE FROM evidence WHERE value_id = ?", (slot.name,))
    rows = [(slot.name, position, *span) for position, span in enumerate(value or ())]
    context.connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?)", rows)


def _read_decision(connection: sqlite3.Connection, slot: Slot) -> Json:
    last = last_decision(connection, slot.record_id, *decision_parts(slot.name))
    if last is None or last.verdict == WITHDRAWN:
        return None
    return [last.verdict, last.value_id]


def _write_decision(context: WriteContext, slot: Slot, value: Json) -> None:
    field, subject, actor = decision_parts(slot.name)
    last = last_decision(context.connection, slot.record_id, field, subject, actor)
    # Decisions are never changed or deleted. To empty the slot is one more row, a withdrawal.
    verdict, value_id = value or (WITHDRAWN, None)
    row = DecisionRow(
        new_id(),
        actor,
        slot.record_id,
        field,
        subject,
        verdict,
        value_id,
        context.now,
        last.id if last else None,
        context.operation,
    )
    append_decision(context.connection, row)


# Sources, blocks and the quarantine. Their rows are marked, never deleted: an undone source may be
# added again, and a conflict that was settled must not be raised again.


def _read_source(connection: sqlite3.Connection, slot: Slot) -> Json:
    undone = _column(connection, "SELECT undone FROM source WHERE id = ?", slot.name)
    return _true_or_none(undone == 0)


def _write_source(context: WriteContext, slot: Slot, value: Json) -> None:
    undone = 0 if value else 1
    context.connection.execute("UPDATE source SET undone = ? WHERE id = ?", (undone, slot.name))


def _read_quarantine(connection: sqlite3.Connection, slot: Slot) -> Json:
    resolved = _column(connection, "SELECT resolved FROM quarantine WHERE id = ?", slot.name)
    return _true_or_none(resolved == 0)


def _write_quarantine(context: WriteContext, slot: Slot, value: Json) -> None:
    resolved = 0 if value else 1
    context.connection.execute(
        "UPDATE quarantine SET resolved = ? WHERE id = ?", (resolved, slot.name)
    )


def _read_block(connection: sqlite3.Connection, slot: Slot) -> Json:
    sql = "SELECT record_id FROM block WHERE source_id = ? AND position = ?"
    return _column(connection, sql, *_block_parts(slot.name))


def _write_block(context: WriteContext, slot: Slot, value: Json) -> None:
    context.connection.execute(
        "UPDATE block SET record_id = ? WHERE source_id = ? AND position = ?",
        (value, *_block_parts(slot.name)),
    )


# What belongs to the library as a whole


def _read_codebook(connection: sqlite3.Connection, _slot: Slot) -> Json:
    sql = "SELECT definition FROM codebook WHERE version = (SELECT codebook FROM library)"
    return _column(connection, sql) or None


def _write_codebook(context: WriteContext, _slot: Slot, value: Json) -> None:
    # Undo makes a new version too: a version number never stands for two codebooks, so an index
    # that knows the number knows the fields.
    (version,) = context.connection.execute("SELECT MAX(version) + 1 FROM codebook").fetchone()
    context.connection.execute(
        "INSERT INTO codebook VALUES (?, ?, ?, ?)",
        (version, value or "", context.actor, context.now),
    )
    context.connection.execute("UPDATE library SET codebook = ?", (version,))


def _read_search(connection: sqlite3.Connection, slot: Slot) -> Json:
    return _column(connection, "SELECT query FROM saved_search WHERE name = ?", slot.name)


def _write_search(context: WriteContext, slot: Slot, value: Json) -> None:
    context.connection.execute("DELETE FROM saved_search WHERE name = ?", (slot.name,))
    if value is not None:
        context.connection.execute("INSERT INTO saved_search VALUES (?, ?)", (slot.name, value))


_Reader = Callable[[sqlite3.Connection, Slot], Json]
_Writer = Callable[[WriteContext, Slot, Json], None]

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
