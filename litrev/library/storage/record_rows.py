"""Records built from their rows, what they inherit, and finding them by id, key or abstract."""

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
        "SELECT record_id, name, value, raw FROM field"
        " WHERE record_id IN ({}) ORDER BY record_id, position",
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
    sql = "SELECT * FROM record WHERE tombstone IS NULL AND id IN ({})"
    records = {}
    for row in in_chunks(connection, sql, ids):
        record_id = row["id"]
        records[record_id] = Record(
            record_id,
            row["key"],
            row["entry_type"],
            tuple(Field(*columns) for columns in fields.get(record_id, ())),
            row["abstract"],
            tuple(tag for (tag,) in tags.get(record_id, ())),
            tuple(Note(*columns) for columns in notes.get(record_id, ())),
            tuple(key for (key,) in aliases.get(record_id, ())),
            bool(row["key_generated"]),
            bool(row["type_guessed"]),
            row["revision"],
            row["created"],
            row["seq"],
        )
    return records


def _grouped(
    connection: sqlite3.Connection, sql: str, ids: Sequence[str]
) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of ``sql`` by their first column, each without it."""
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for row in in_chunks(connection, sql, ids):
        groups.setdefault(row[0], []).append(tuple(row)[1:])
    return groups


def with_inherited(
    connection: sqlite3.Connection, record: Record, generations: int = _GENERATIONS
) -> Record:
    """The record with the fields it inherits through crossref and xdata."""
    # The limit also ends a circle of records that name each other.
    if not generations:
        return record
    for name, key in _parent_keys(record):
        parent = _parent(connection, record, key)
        if parent is not None:
            parent = with_inherited(connection, parent, generations - 1)
            more = inherited(record, parent, by_crossref=name == "crossref")
            record = record._replace(inherited=(*record.inherited, *more))
    return record


def _parent_keys(record: Record) -> list[tuple[str, str]]:
    """The keys of a record's parents, each after the name of the field that holds it."""
    parent_keys = []
    for field in record.fields:
        if field.name in PARENTS:
            parent_keys += [(field.name, key.strip()) for key in field.value.split(",")]
    return parent_keys


def _parent(connection: sqlite3.Connection, child: Record, key: str) -> Record | None:
    parent_id = only_holder(connection, key)
    if parent_id is None or parent_id == child.id:
        return None
    return load(connection, [parent_id]).get(parent_id)


def all_ids(connection: sqlite3.Connection) -> list[str]:
    """The ids of all records, in the order they were added."""
    rows = connection.execute("SELECT id FROM record WHERE tombstone IS NULL ORDER BY seq")
    return [row[0] for row in rows]


def present(connection: sqlite3.Connection, record_ids: Sequence[str]) -> set[str]:
    """Which of these are ids of records that are in the library."""
    sql = "SELECT id FROM record WHERE tombstone IS NULL AND id IN ({})"
    return {row[0] for row in in_chunks(connection, sql, record_ids)}


def is_present(connection: sqlite3.Connection, record_id: str) -> bool | None:
    """Whether a record is in the library; None for one that never was."""
    row = connection.execute(
        "SELECT tombstone IS NULL FROM record WHERE id = ?", (record_id,)
    ).fetchone()
    return None if row is None else bool(row[0])


def changed_since(connection: sqlite3.Connection, revision: int) -> tuple[list[str], list[str]]:
    """Ids of the records changed, and of those removed, after ``revision``."""
    changed: list[str] = []
    removed: list[str] = []
    rows = connection.execute(
        "SELECT id, tombstone FROM record WHERE revision > ? ORDER BY seq", (revision,)
    )
    for record_id, tombstone in rows:
        if tombstone is None:
            changed.append(record_id)
        else:
            removed.append(record_id)
    return changed, removed


def holders(connection: sqlite3.Connection, key: str) -> list[str]:
    """The ids of the records with this key, or of those that once had it."""
    sql = """SELECT id, 0 FROM record WHERE key_folded = :key AND tombstone IS NULL UNION ALL
             SELECT r.id, 1 FROM alias AS a JOIN record AS r ON r.id = a.record_id
             WHERE a.key_folded = :key AND r.tombstone IS NULL"""
    rows = connection.execute(sql, {"key": fold_key(key)}).fetchall()
    present_holders = [record_id for record_id, is_former in rows if not is_former]
    return present_holders or [record_id for record_id, _ in rows]


def only_holder(connection: sqlite3.Connection, key: str) -> str | None:
    """The id of the record that ``key`` names; None for no record or several."""
    holder_ids = holders(connection, key)
    return holder_ids[0] if len(holder_ids) == 1 else None


def beginning_with(connection: sqlite3.Connection, start: str, limit: int) -> list[tuple[str, str]]:
    """Id and key of at most ``limit`` records whose key begins with ``start``, in any case."""
    folded = fold_key(start)
    # substr and not LIKE: a key may hold `_` and `%`, which LIKE takes for wildcards.
    sql = (
        "SELECT id, key FROM record WHERE tombstone IS NULL"
        " AND substr(key_folded, 1, ?) = ? ORDER BY key_folded LIMIT ?"
    )
    rows = connection.execute(sql, (len(folded), folded, limit))
    return [(record_id, key) for record_id, key in rows]


def parents(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """The ids of the records that these name in ``crossref`` or ``xdata``, each once."""
    sql = "SELECT value FROM field WHERE name IN ('crossref', 'xdata') AND record_id IN ({})"
    parent_keys: dict[str, None] = {}  # a dict keeps the order in which they are named
    for (value,) in in_chunks(connection, sql, ids):
        parent_keys.update(dict.fromkeys(key.strip() for key in value.split(",")))
    parent_ids = [only_holder(connection, key) for key in parent_keys if key]
    return list(dict.fromkeys(parent_id for parent_id in parent_ids if parent_id is not None))


def with_abstract(connection: sqlite3.Connection, text: str) -> list[str]:
    """The ids of the records with this abstract, removed ones too, but last.

    Blanks and bars around the abstract do not count.
    """
    sql = "SELECT id FROM record WHERE abstract_hash = ? ORDER BY tombstone IS NOT NULL, seq"
    return [row[0] for row in connection.execute(sql, (abstract_hash(text),))]
