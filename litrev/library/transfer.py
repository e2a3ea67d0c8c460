"""Bringing a library written as NDJSON into another one: by id, nothing overwritten, nothing lost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from litrev.library import keys, slots
from litrev.library.errors import UsageFault
from litrev.library.formats.ndjson import VERSION
from litrev.library.history import Operation
from litrev.library.identity import fingerprint, new_id
from litrev.library.intake import Remark, Report
from litrev.library.record import Evidence, Field, Record, Value
from litrev.library.slots import Slot
from litrev.library.sources import Text
from litrev.library.store import Library


class BadLine(ValueError):
    """A line that is no part of a library."""


class Transfer:
    """One NDJSON file going into one library. Use :func:`merge_library`."""

    def __init__(self, library: Library, operation: Operation, name: str) -> None:
        self.library, self.operation, self.name = library, operation, name
        self.connection = library.connection
        self.report = Report()
        self._takers: dict[str, Callable[[dict[str, Any]], None]] = {
            "library": self._take_library,
            "source": self._take_source,
            "record": self._take_record,
            "block": self._take_block,
            "import": self._take_run,
            "quarantine": self._take_quarantined,
        }

    def take(self, number: int, line: str) -> None:
        """Take in one line; one that cannot be read is quarantined with its text."""
        self.connection.execute("SAVEPOINT line")
        try:
            entry = _object(line)
            self._takers[_text(entry, "litrev")](entry)
        except (BadLine, KeyError, TypeError, ValueError, AttributeError, sqlite3.IntegrityError) as error:
            self.connection.execute("ROLLBACK TO line")
            reason = f"no litrev {error.args[0]!r} line" if isinstance(error, KeyError) and error.args else str(error)
            self._set_aside(number, line, reason)
        self.connection.execute("RELEASE line")
        self.operation.breathe()

    def _take_library(self, entry: dict[str, Any]) -> None:
        if entry["version"] > VERSION:
            raise UsageFault(f"{self.name}: written by a newer litrev (format {entry['version']})", "Upgrade litrev.")

    def _take_source(self, e: dict[str, Any]) -> None:
        row = (e["id"], e["name"], e["locator"], e["format"], e["sha256"], e["encoding"], e["bom"], e["newline"], e["supersedes"])
        sql = """INSERT OR IGNORE INTO source (id, name, locator, format, sha256, encoding, bom, newline, supersedes)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
        self._insert(sql, row, Slot("source", "", e["id"]))

    def _take_block(self, e: dict[str, Any]) -> None:
        row = (e["source_id"], e["position"], e["line"], e["kind"], e["key"], e["raw"], fingerprint(e["raw"].strip()), e["record_id"])
        self._insert("INSERT OR IGNORE INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _take_run(self, e: dict[str, Any]) -> None:
        names = ("id", "actor", "at", "database", "query", "read", "added", "updated", "unchanged", "quarantined")
        sql = f"INSERT OR IGNORE INTO import_run ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self._insert(sql, tuple(e[name] for name in names))
        for source_id in e["sources"]:
            self._insert("INSERT OR IGNORE INTO import_source VALUES (?, ?)", (e["id"], source_id))

    def _take_quarantined(self, e: dict[str, Any]) -> None:
        (seq,) = self.connection.execute("SELECT coalesce(MAX(seq), 0) + 1 FROM quarantine").fetchone()
        row = (e["id"], seq, e["run_id"], e["kind"], e["file"], e["line"], e["reason"], e["raw"], e["format"])
        self._insert("INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", row, Slot("quarantine", "", e["id"]))

    def _insert(self, sql: str, row: tuple[Any, ...], slot: Slot | None = None) -> None:
        if self.connection.execute(sql, row).rowcount:
            self.operation.writing()
            if slot:
                self.operation.appeared(slot)

    # Records

    def _take_record(self, e: dict[str, Any]) -> None:
        record_id, abstract = _text(e, "id"), e["abstract"]
        fields = [Field(f["name"], f["value"], f["raw"]) for f in e["fields"]]
        values = [_value(v, abstract) for v in e["values"]]
        known = self.connection.execute("SELECT tombstone FROM record WHERE id = ?", (record_id,)).fetchone()
        if known is None:
            wished = _text(e, "key")
            key = keys.unique_key(wished, self.library.key_taken)
            if key != wished:
                self.report.remarks.append(Remark(self.name, f"the key {wished} is taken by a different work; this one is {key}"))
            self.operation.add_record(
                record_id, key, e["entry_type"], fields, abstract,
                key_generated=e["key_generated"], type_guessed=e["type_guessed"], created=e["created"],
            )  # fmt: skip
            changed = True
        else:
            changed = self.operation.put(Slot("alive", record_id), True) if known["tombstone"] is not None else False
            self._compare(self.library.record(record_id), e, fields)
        changed |= self._take_rest(record_id, e, values)
        outcome = self.report.added if known is None else self.report.updated if changed else self.report.unchanged
        outcome.append(record_id)

    def _take_rest(self, record_id: str, e: Mapping[str, Any], values: list[Value]) -> bool:
        changed = False
        before = self.connection.total_changes
        for value in values:
            self.operation.add_value(record_id, value)
        changed |= self.connection.total_changes > before and bool(values)
        for name in e["tags"]:
            changed |= self.operation.put(Slot("tag", record_id, name), True)
        for key in e["aliases"]:
            changed |= self.operation.put(Slot("alias", record_id, key), True)
        for note in e["notes"]:
            slot = Slot("note", record_id, note["id"])
            if slots.read(self.connection, slot) is None:
                changed |= self.operation.put(slot, [note["text"], note["actor"], note["at"]])
        for found in e["extraction"]:
            slot = Slot("extraction", record_id, found["field"])
            if slots.read(self.connection, slot) is None:
                changed |= self.operation.put(slot, [found["extractor"], found["value_ids"]])
        return changed | self._take_decisions(record_id, e["decisions"])

    def _take_decisions(self, record_id: str, decisions: list[dict[str, Any]]) -> bool:
        """Append the decisions that are not here yet, as they were made, when and by whom."""
        changed = False
        for d in decisions:
            slot = Slot("decision", record_id, slots.decision_name(d["field"], d["subject"], d["actor"]))
            before = slots.read(self.connection, slot)
            sql = """INSERT OR IGNORE INTO decision (id, actor, record_id, field, subject, verdict, value_id, at, follows)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
            row = (d["id"], d["actor"], record_id, d["field"], d["subject"], d["verdict"], d["value_id"], d["at"], d["follows"])
            if self.connection.execute(sql, row).rowcount:
                self.operation.journal(slot, before, slots.read(self.connection, slot))
                changed = True
        return changed

    def _compare(self, record: Record, e: Mapping[str, Any], fields: list[Field]) -> None:
        """Where the two copies differ the one here stands, and that is said."""
        theirs = {"abstract": e["abstract"], "entry type": e["entry_type"], **{f.name: f.value for f in fields}}
        ours = {"abstract": record.abstract, "entry type": record.entry_type, **{f.name: f.value for f in record.fields}}
        different = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
        if different:
            self.report.conflicts += 1
            text = f"{record.key}: {', '.join(different)} differ between the two copies; this library's stand"
            self.report.remarks.append(Remark(self.name, text, "conflict"))

    def _set_aside(self, number: int, line: str, reason: str) -> None:
        self.report.quarantined += 1
        self.report.remarks.append(Remark(f"{self.name}:{number}", reason, "quarantined"))
        known = "SELECT 1 FROM quarantine WHERE file = ? AND raw = ? AND resolved = 0"
        if self.connection.execute(known, (self.name, line)).fetchone():
            return
        self._take_quarantined(
            {"id": new_id(), "run_id": None, "kind": "unreadable", "file": self.name, "line": number, "reason": reason, "raw": line, "format": "ndjson"}
        )  # fmt: skip


def merge_library(library: Library, operation: Operation, text: Text) -> Report:
    """Bring all of an NDJSON text into ``library``: records by id, values and decisions added to what is there."""
    transfer = Transfer(library, operation, text.name)
    for number, line in enumerate(text.text.split("\n"), 1):
        if line.strip():
            transfer.take(number, line)
    return transfer.report


def _object(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadLine(f"not JSON ({error})") from error
    if not isinstance(entry, dict) or "litrev" not in entry:
        raise BadLine("not a line of a litrev library")
    return entry


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise BadLine(f"{name} is missing")
    return value


def _value(v: Mapping[str, Any], abstract: str | None) -> Value:
    spans = tuple(Evidence(e["start"], e["end"], e["quote"], e["stale"]) for e in v["evidence"])
    for span in spans:
        if not span.stale and (abstract or "")[span.start : span.end] != span.quote:
            raise BadLine(f"the evidence {span.quote[:40]!r} is not at {span.start}:{span.end} of the abstract")
    return Value(v["id"], v["field"], v["text"], v["label"], spans, v["maker"], v["confidence"], v["made"], v["number"])
