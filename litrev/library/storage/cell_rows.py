"""Values and cells put together from their rows: what was proposed, on which words it rests, and
what persons said.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from litrev.library.model import consensus
from litrev.library.model.record import Cell, Decision, Evidence, Value
from litrev.library.storage.chunks import in_chunks
from litrev.library.storage.decision_rows import current_decisions


class Search(NamedTuple):
    """That a field of a record was searched, by which extractor, and the ids of what it proposes."""

    field: str
    extractor: str
    value_ids: list[str]


def cells(
    connection: sqlite3.Connection,
    ids: Sequence[str],
    names: Sequence[str],
    single: frozenset[str],
    actor: str | None,
) -> Iterator[tuple[str, dict[str, Cell]]]:
    """For each record the cell of each field of these ``names``; ``single`` are the fields that
    hold one value.
    """
    proposed, said, made = (
        searches(connection, ids),
        current_decisions(connection, ids),
        values(connection, ids),
    )
    for record_id in ids:
        found = made.get(record_id, {})
        order = {value_id: number for number, value_id in enumerate(found)}
        by_field: dict[str, list[Decision]] = {}
        for decision in said.get(record_id, ()):
            by_field.setdefault(decision.field, []).append(decision)
        searched = {
            search.field: [found[i] for i in search.value_ids if i in found]
            for search in proposed.get(record_id, ())
        }
        yield (
            record_id,
            {
                name: consensus.cell(
                    name,
                    searched.get(name),
                    by_field.get(name, ()),
                    found,
                    actor,
                    single=name in single,
                    made=order,
                )
                for name in names
            },
        )


def searches(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, list[Search]]:
    """Which fields of these records were searched, by record, in the order of the fields' names."""
    found: dict[str, list[Search]] = {}
    sql = "SELECT record_id, field, extractor, value_ids FROM extraction WHERE record_id IN ({}) ORDER BY record_id, field"
    for record_id, field, extractor, value_ids in in_chunks(connection, sql, ids):
        found.setdefault(record_id, []).append(Search(field, extractor, json.loads(value_ids)))
    return found


def values(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, dict[str, Value]]:
    """Every value ever made for these records: by record, then by id, in the order in which they
    were made.
    """
    spans: dict[str, list[Evidence]] = {}
    sql = """SELECT e.value_id, e.start, e."end", e.quote, e.stale FROM evidence AS e JOIN value AS v ON v.id = e.value_id
             WHERE v.record_id IN ({}) ORDER BY e.value_id, e.position"""
    for row in in_chunks(connection, sql, ids):
        spans.setdefault(row[0], []).append(Evidence(row[1], row[2], row[3], bool(row[4])))
    found: dict[str, dict[str, Value]] = {}
    for row in in_chunks(
        connection, "SELECT * FROM value WHERE record_id IN ({}) ORDER BY rowid", ids
    ):
        evidence = tuple(spans.get(row["id"], ()))
        value = Value(
            row["id"],
            row["field"],
            row["text"],
            row["label"],
            evidence,
            row["maker"],
            row["confidence"],
            row["made"],
            row["number"],
        )
        found.setdefault(row["record_id"], {})[value.id] = value
    return found


def unsearched(connection: sqlite3.Connection, extractors: Mapping[str, str]) -> list[str]:
    """The ids of the records with an abstract where some field was not searched by its extractor
    yet.
    """
    marks = ",".join("(?, ?)" for _ in extractors)
    sql = f"""SELECT id FROM record WHERE tombstone IS NULL AND abstract IS NOT NULL AND
              (SELECT COUNT(*) FROM extraction AS e WHERE e.record_id = record.id AND (e.field, e.extractor) IN (VALUES {marks})) < ? ORDER BY seq"""
    words = [word for pair in extractors.items() for word in pair]
    return [row[0] for row in connection.execute(sql, (*words, len(extractors)))]
