"""Values and cells built from their rows: proposals, their evidence, and people's decisions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from litrev.library.model import consensus
from litrev.library.model.record import Cell, Decision, Evidence, Value
from litrev.library.storage.chunks import in_chunks
from litrev.library.storage.decision_rows import current_decisions


class Search(NamedTuple):
    """One search of a record for a field: by which extractor, and the ids of what it proposes."""

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
    """Yield each record's id with its cell for each field in ``names``.

    ``single`` names the fields that hold one value. With ``actor``, only the decisions of that
    person count.
    """
    searches_by_record = searches(connection, ids)
    decisions_by_record = current_decisions(connection, ids)
    values_by_record = values(connection, ids)
    for record_id in ids:
        record_values = values_by_record.get(record_id, {})
        proposals = _proposals(searches_by_record.get(record_id, ()), record_values)
        decisions = _by_field(decisions_by_record.get(record_id, ()))
        # Every cell sorts by this order, so it is made once for a record.
        order = {value_id: number for number, value_id in enumerate(record_values)}
        record_cells = {}
        for name in names:
            record_cells[name] = consensus.cell(
                name,
                proposals.get(name),
                decisions.get(name, ()),
                record_values,
                actor,
                single=name in single,
                made=order,
            )
        yield record_id, record_cells


def _proposals(
    record_searches: Iterable[Search], record_values: Mapping[str, Value]
) -> dict[str, list[Value]]:
    """The proposed values by field. A field that was searched in vain has an empty list."""
    proposals = {}
    for search in record_searches:
        proposals[search.field] = [
            record_values[value_id] for value_id in search.value_ids if value_id in record_values
        ]
    return proposals


def _by_field(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    groups: dict[str, list[Decision]] = {}
    for decision in decisions:
        groups.setdefault(decision.field, []).append(decision)
    return groups


def searches(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, list[Search]]:
    """Which fields of these records were searched, by record, in the order of the fields' names."""
    sql = (
        "SELECT record_id, field, extractor, value_ids FROM extraction"
        " WHERE record_id IN ({}) ORDER BY record_id, field"
    )
    by_record: dict[str, list[Search]] = {}
    for record_id, field, extractor, value_ids in in_chunks(connection, sql, ids):
        search = Search(field, extractor, json.loads(value_ids))
        by_record.setdefault(record_id, []).append(search)
    return by_record


def values(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, dict[str, Value]]:
    """Every value ever made for these records: by record, then by id, oldest first."""
    evidence_by_value = _evidence(connection, ids)
    # The primary key is a text, so the rowid gives the order in which values were inserted.
    sql = "SELECT * FROM value WHERE record_id IN ({}) ORDER BY rowid"
    by_record: dict[str, dict[str, Value]] = {}
    for row in in_chunks(connection, sql, ids):
        value = Value(
            row["id"],
            row["field"],
            row["text"],
            row["label"],
            tuple(evidence_by_value.get(row["id"], ())),
            row["maker"],
            row["confidence"],
            row["made"],
            row["number"],
        )
        by_record.setdefault(row["record_id"], {})[value.id] = value
    return by_record


def _evidence(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, list[Evidence]]:
    """The evidence of all values of these records, by value, in its order."""
    sql = """SELECT e.value_id, e.start, e."end", e.quote, e.stale
             FROM evidence AS e JOIN value AS v ON v.id = e.value_id
             WHERE v.record_id IN ({}) ORDER BY e.value_id, e.position"""
    by_value: dict[str, list[Evidence]] = {}
    for value_id, start, end, quote, stale in in_chunks(connection, sql, ids):
        by_value.setdefault(value_id, []).append(Evidence(start, end, quote, bool(stale)))
    return by_value


def unsearched(connection: sqlite3.Connection, extractors: Mapping[str, str]) -> list[str]:
    """The ids of the records with an abstract that lack a search.

    ``extractors`` names the present extractor of each field. A field that an older extractor
    searched counts as not searched.
    """
    placeholders = ",".join("(?, ?)" for _ in extractors)
    sql = f"""SELECT id FROM record WHERE tombstone IS NULL AND abstract IS NOT NULL AND
              (SELECT COUNT(*) FROM extraction AS e WHERE e.record_id = record.id
              AND (e.field, e.extractor) IN (VALUES {placeholders})) < ? ORDER BY seq"""
    pairs = [text for pair in extractors.items() for text in pair]
    return [row[0] for row in connection.execute(sql, (*pairs, len(extractors)))]
