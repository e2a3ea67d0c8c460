"""NDJSON: litrev's own complete format, one JSON object a line.

A library written and read back is the same library: records with everything known of them,
sources with their blocks, import runs, quarantine. What belongs to one copy alone (its id, its
revisions, its operations) is not part of it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from litrev.library.formats.format import Export, Format, Options
from litrev.library.model.source import Text
from litrev.library.storage.library import Library
from litrev.text.json import dump

VERSION = 1
_FIRST = re.compile(r'\{\s*"litrev"\s*:\s*"(?:library|source|record|block|import|quarantine)"\s*[,}]')


def write(library: Library, ids: Sequence[str], options: Options) -> Export:
    """Everything known of the records; of the whole library when ``ids`` are all of it."""
    return Export(_lines(library, ids))


def _lines(library: Library, ids: Sequence[str]) -> Iterator[str]:
    with library.snapshot():
        whole = len(ids) == library.count()
        sources = _sources(library, None if whole else ids)
        yield _line("library", version=VERSION, codebook=library.codebook_text())
        for source in sources:
            yield _line("source", **source)
        for record in _records(library, ids):
            yield _line("record", **record)
        kept = set(ids)
        for source in sources:
            for block in _blocks(library, source["id"], None if whole else kept):
                yield _line("block", **block)
        if whole:
            yield from (_line("import", **run) for run in _runs(library, {source["id"] for source in sources}))
            yield from (_line("quarantine", **row) for row in _quarantine(library))


def _line(what: str, **values: Any) -> str:
    return dump({"litrev": what, **values}, indent=None)


def _sources(library: Library, ids: Sequence[str] | None) -> list[dict[str, Any]]:
    rows = library.connection.execute("SELECT * FROM source WHERE undone = 0 ORDER BY seq").fetchall()
    if ids is not None:
        feeding = {r[0] for r in _chunked(library, "SELECT DISTINCT source_id FROM block WHERE record_id IN ({})", ids)}
        rows = [row for row in rows if row["id"] in feeding]
    kept = {row["id"] for row in rows}
    names = ("id", "name", "locator", "format", "sha256", "encoding", "bom", "newline", "supersedes")
    return [{name: row[name] if name != "supersedes" or row[name] in kept else None for name in names} for row in rows]


def _blocks(library: Library, source_id: str, kept: set[str] | None) -> Iterator[dict[str, Any]]:
    alive = "CASE WHEN EXISTS (SELECT 1 FROM record AS r WHERE r.id = b.record_id AND r.tombstone IS NULL) THEN b.record_id END"
    sql = f"SELECT source_id, position, line, kind, key, raw, {alive} AS record_id FROM block AS b WHERE source_id = ? ORDER BY position"
    for row in library.connection.execute(sql, (source_id,)):
        if kept is None or row["record_id"] in kept:
            yield _dict(row)


def _runs(library: Library, kept: set[str]) -> Iterator[dict[str, Any]]:
    names = "id, actor, at, database, query, read, added, updated, unchanged, quarantined"
    for row in library.connection.execute(f"SELECT {names} FROM import_run ORDER BY at, id").fetchall():
        sources = library.connection.execute("SELECT source_id FROM import_source WHERE run_id = ? ORDER BY source_id", (row["id"],))
        yield {**_dict(row), "sources": [s for (s,) in sources if s in kept]}


def _quarantine(library: Library) -> Iterator[dict[str, Any]]:
    names = "id, run_id, kind, file, line, reason, raw, format, record_id, field, locator"
    return (_dict(row) for row in library.connection.execute(f"SELECT {names} FROM quarantine WHERE resolved = 0 ORDER BY seq"))


def _records(library: Library, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        decisions = _grouped(
            library, "SELECT record_id, id, actor, field, subject, verdict, value_id, at, follows FROM decision WHERE record_id IN ({}) ORDER BY seq", chunk
        )
        extraction = _grouped(library, "SELECT record_id, field, extractor, value_ids FROM extraction WHERE record_id IN ({}) ORDER BY field", chunk)
        values = _values(library, chunk)
        # Each pair stands with the record that comes second, for then the other is known already.
        sql = """SELECT b.id AS record_id, a.id AS other FROM distinct_pair AS p JOIN record AS a JOIN record AS b
                 ON (a.id = p.one AND b.id = p.other) OR (a.id = p.other AND b.id = p.one) WHERE a.seq < b.seq AND b.id IN ({}) ORDER BY a.seq"""
        distinct = _grouped(library, sql, chunk) if library.connection.execute("SELECT 1 FROM distinct_pair LIMIT 1").fetchone() else {}
        for record in library.records(chunk):
            yield {
                "id": record.id,
                "key": record.key,
                "key_generated": record.key_generated,
                "entry_type": record.entry_type,
                "type_guessed": record.type_guessed,
                "created": record.created,
                "fields": [{"name": f.name, "value": f.value, "raw": f.raw} for f in record.fields],
                "abstract": record.abstract,
                "tags": list(record.tags),
                "aliases": list(record.aliases),
                "notes": [{"id": n.id, "text": n.text, "actor": n.actor, "at": n.at} for n in record.notes],
                "values": values.get(record.id, []),
                "extraction": [{**e, "value_ids": json.loads(e["value_ids"])} for e in extraction.get(record.id, [])],
                "decisions": decisions.get(record.id, []),
                **({"distinct": [row["other"] for row in distinct[record.id]]} if record.id in distinct else {}),
            }


def _values(library: Library, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    sql = """SELECT v.record_id, v.id, e.start, e."end", e.quote, e.stale FROM evidence AS e JOIN value AS v ON v.id = e.value_id
             WHERE v.record_id IN ({}) ORDER BY v.id, e.position"""
    spans: dict[str, list[dict[str, Any]]] = {}
    for row in _chunked(library, sql, ids):
        spans.setdefault(row["id"], []).append({"start": row["start"], "end": row["end"], "quote": row["quote"], "stale": bool(row["stale"])})
    names = "record_id, id, field, text, label, number, maker, confidence, made"
    values = _grouped(library, f"SELECT {names} FROM value WHERE record_id IN ({{}}) ORDER BY rowid", ids)
    for rows in values.values():
        for value in rows:
            value["evidence"] = spans.get(value["id"], [])
    return values


def _grouped(library: Library, sql: str, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in _chunked(library, sql, ids):
        entry = _dict(row)
        groups.setdefault(entry.pop("record_id"), []).append(entry)
    return groups


def _chunked(library: Library, sql: str, ids: Sequence[str]) -> Iterator[sqlite3.Row]:
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        yield from library.connection.execute(sql.format(",".join("?" * len(chunk))), tuple(chunk))


def _dict(row: sqlite3.Row) -> dict[str, Any]:
    return dict(zip(row.keys(), row, strict=True))


def _recognises(text: Text) -> float:
    return 1.0 if _FIRST.match(text.text.lstrip("\ufeff \t\r\n")[:100]) else 0.0


FORMAT = Format("ndjson", (".ndjson", ".jsonl"), _recognises, None, write)
