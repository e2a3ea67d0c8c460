"""Records put together from their rows: fields, tags, notes, former keys, and what they inherit."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from litrev.library.model.crossref import PARENTS, inherited
from litrev.library.model.ids import abstract_hash, fold_key
from litrev.library.model.record import Field, Note, Record
from litrev.library.storage.chunks import in_chunks

_GENERATIONS = 5  # of parents of parents that a record inherits from


def load(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Record]:
    """The records with these ids, by id, without what they inherit; removed ones are left out."""
    fields = _grouped(
        connection,
        "SELECT record_id, name, value, raw FROM field WHERE record_id IN ({}) ORDER BY record_id, position",
        ids,
    )
    tags = _grouped(
        connection, "SELECT record_id, tag FROM tag WHERE record_id IN ({}) ORDER BY tag", ids
    )
    notes = _grouped(
        connection,
        "SELECT record_id, id, text, actor, at FROM note WHERE record_id IN ({}) ORDER BY at, id",
        ids,
    )
    aliases = _grouped(
        connection, "SELECT record_id, key FROM alias WHERE record_id IN ({}) ORDER BY key", ids
    )
    found = {}
    for row in in_chunks(
        connection, "SELECT * FROM record WHERE tombstone IS NULL AND id IN ({})", ids
    ):
        record_id = row["id"]
        found[record_id] = Record(
            record_id,
            row["key"],
            row["entry_type"],
            tuple(Field(*rest) for rest in fields.get(record_id, ())),
            row["abstract"],
            tuple(tag for (tag,) in tags.get(record_id, ())),
            tuple(Note(*rest) for rest in notes.get(record_id, ())),
            tuple(key for (key,) in aliases.get(record_id, ())),
            bool(row["key_generated"]),
            bool(row["type_guessed"]),
            row["revision"],
            row["created"],
            row["seq"],
        )
    return found


def with_inherited(
    connection: sqlite3.Connection, record: Record, generations: int = _GENERATIONS
) -> Record:
    """The record with what it takes over from those it names in crossref and xdata."""
    names = [
        (f.name, key.strip())
        for f in record.fields
        if f.name in PARENTS
        for key in f.value.split(",")
    ]
    for name, key in names if generations else ():
        parent_id = only_holder(connection, key)
        parent = (
            load(connection, [parent_id]).get(parent_id)
            if parent_id and parent_id != record.id
            else None
        )
        if parent is not None:
            more = inherited(
                record,
                with_inherited(connection, parent, generations - 1),
                by_crossref=name == "crossref",
            )
            record = record._replace(inherited=(*record.inherited, *more))
    return record


def holders(connection: sqlite3.Connection, key: str) -> list[str]:
    """The ids of the records with this key, or of those that once had it."""
    sql = """SELECT id, 0 FROM record WHERE key_folded = :key AND tombstone IS NULL UNION ALL
             SELECT r.id, 1 FROM alias AS a JOIN record AS r ON r.id = a.record_id WHERE a.key_folded = :key AND r.tombstone IS NULL"""
    rows = connection.execute(sql, {"key": fold_key(key)}).fetchall()
    return [row[0] for row in rows if row[1] == 0] or [row[0] for row in rows]


def only_holder(connection: sqlite3.Connection, key: str) -> str | None:
    """The id of the one record that answers to exactly this key."""
    found = holders(connection, key)
    return found[0] if len(found) == 1 else None


def beginning_with(connection: sqlite3.Connection, start: str, limit: int) -> list[tuple[str, str]]:
    """Id and key of at most ``limit`` records whose key begins so."""
    folded = fold_key(start)
    sql = "SELECT id, key FROM record WHERE tombstone IS NULL AND substr(key_folded, 1, ?) = ? ORDER BY key_folded LIMIT ?"
    return [(row[0], row[1]) for row in connection.execute(sql, (len(folded), folded, limit))]


def parents(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """The ids of the records that these name in ``crossref`` or ``xdata``, in the order in which
    they are named.
    """
    sql = "SELECT value FROM field WHERE name IN ('crossref', 'xdata') AND record_id IN ({})"
    keys = [key.strip() for (value,) in in_chunks(connection, sql, ids) for key in value.split(",")]
    found = (only_holder(connection, key) for key in dict.fromkeys(keys) if key)
    return list(dict.fromkeys(i for i in found if i is not None))


def with_abstract(connection: sqlite3.Connection, text: str) -> list[str]:
    """The ids of the records with this abstract, blanks and surrounding bars aside; living ones
    first.
    """
    sql = "SELECT id FROM record WHERE abstract_hash = ? ORDER BY tombstone IS NOT NULL, seq"
    return [row[0] for row in connection.execute(sql, (abstract_hash(text),))]


def _grouped(
    connection: sqlite3.Connection, sql: str, ids: Sequence[str]
) -> dict[str, list[tuple[Any, ...]]]:
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for row in in_chunks(connection, sql, ids):
        groups.setdefault(row[0], []).append(tuple(row)[1:])
    return groups
