"""Bringing a library written as NDJSON into another one: by id, nothing overwritten, nothing lost."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from litrev.errors import EnvironmentFault, UsageFault
from litrev.library.bibtex import citation_keys as keys
from litrev.library.extraction.own import check_cues
from litrev.library.formats.ndjson import VERSION
from litrev.library.formats.registry import formats
from litrev.library.importing.import_run import Remark, Report
from litrev.library.model import codebook as codebooks
from litrev.library.model.evidence import mover
from litrev.library.model.ids import derived_id, fingerprint, new_id
from litrev.library.model.record import Evidence, Field, Record, Value
from litrev.library.model.source import Text
from litrev.library.storage import journal as slots
from litrev.library.storage.edits import check_tag
from litrev.library.storage.journal import Slot
from litrev.library.storage.library import Library
from litrev.library.storage.operations import Operation
from litrev.text.validity import is_entry_type, is_field_name, is_key, is_person


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
        begun = self.operation.mark()
        self.connection.execute("SAVEPOINT line")
        try:
            entry = _object(line)
            self._takers[_text(entry, "litrev")](entry)
        except (BadLine, KeyError, TypeError, ValueError, AttributeError, ArithmeticError, UsageFault, sqlite3.Error) as error:
            self.connection.execute("ROLLBACK TO line")
            self.operation.go_back(begun)
            if isinstance(error, sqlite3.OperationalError):  # the disk or the lock, not the line
                raise
            reason = f"{error.args[0]!r} is missing or unknown" if isinstance(error, KeyError) and error.args else str(error)
            self._set_aside(number, line, reason)
        self.connection.execute("RELEASE line")
        self.operation.breathe()

    def _take_library(self, entry: dict[str, Any]) -> None:
        if entry["version"] > VERSION:
            raise EnvironmentFault(f"{self.name}: written by a newer litrev (format {entry['version']})", "Upgrade litrev.")
        theirs = codebooks.read(str(entry.get("codebook") or ""), self.name)
        own = codebooks.read(self.library.codebook_text(), "the library's codebook")
        fresh = {name: told for name, told in theirs.items() if name not in own}
        for name in theirs.keys() - fresh.keys():
            if theirs[name] != own[name]:
                self.report.remarks.append(Remark(self.name, f"the field {name} is defined differently here; what stands here is kept"))
        if fresh:
            text = codebooks.changed(self.library.codebook_text(), fresh)
            for field in codebooks.codebook(0, text).every:
                check_cues(field)
            self.operation.put(Slot("codebook"), text)

    def _take_source(self, e: dict[str, Any]) -> None:
        if e["format"] not in formats():
            raise BadLine(f"{e['format']!r:.40} is no format")
        row = (e["id"], e["name"], e["locator"], e["format"], e["sha256"], e["encoding"], e["bom"], e["newline"], e["supersedes"])
        sql = """INSERT INTO source (id, name, locator, format, sha256, encoding, bom, newline, supersedes)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"""
        self._insert(sql, row, Slot("source", "", e["id"]))

    def _take_block(self, e: dict[str, Any]) -> None:
        row = (e["source_id"], e["position"], e["line"], e["kind"], e["key"], e["raw"], fingerprint(e["raw"].strip()), e["record_id"])
        self._insert("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row)

    def _take_run(self, e: dict[str, Any]) -> None:
        names = ("id", "actor", "at", "database", "query", "read", "added", "updated", "unchanged", "quarantined")
        sql = f"INSERT INTO import_run ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) ON CONFLICT (id) DO NOTHING"
        self._insert(sql, tuple(e[name] for name in names))
        for source_id in e["sources"]:
            self._insert("INSERT INTO import_source VALUES (?, ?) ON CONFLICT DO NOTHING", (e["id"], source_id))

    def _take_quarantined(self, e: dict[str, Any]) -> None:
        (seq,) = self.connection.execute("SELECT coalesce(MAX(seq), 0) + 1 FROM quarantine").fetchone()
        row = (
            e["id"],
            seq,
            e["run_id"],
            e["kind"],
            e["file"],
            e["line"],
            e["reason"],
            e["raw"],
            e["format"],
            e.get("record_id"),
            e.get("field"),
            e.get("locator"),
        )
        self._insert("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?) ON CONFLICT (id) DO NOTHING", row, Slot("quarantine", "", e["id"]))

    def _insert(self, sql: str, row: tuple[Any, ...], slot: Slot | None = None) -> None:
        if self.connection.execute(sql, row).rowcount:
            self.operation.writing()
            if slot:
                self.operation.appeared(slot)
        elif slot and slot.kind == "source":  # here already, perhaps taken back: then it stands again
            self.operation.put(slot, True)

    # Records

    def _take_record(self, e: dict[str, Any]) -> None:
        record_id, abstract = str(uuid.UUID(_text(e, "id"))), e["abstract"]
        fields = [
            Field(_checked(f["name"], is_field_name, "field name"), _string(f["value"]), f["raw"] if f["raw"] is None else _string(f["raw"]))
            for f in e["fields"]
        ]
        values = [_value(v, abstract) for v in e["values"]]
        known = self.connection.execute("SELECT tombstone FROM record WHERE id = ?", (record_id,)).fetchone()
        if known is not None and known["tombstone"] is not None and self.library.was_removed(record_id):
            self.report.remarks.append(Remark(self.name, f"{e['key']} was removed here and stays out"))
            self.report.unchanged.append(record_id)
            return
        if known is None:
            self._add_record(record_id, e, fields)
            changed = True
        else:
            changed = self.operation.put(Slot("alive", record_id), True)
            record = self.library.record(record_id)
            changed |= self._fill(record, e, fields)
            move = mover(abstract or "", self.library.record(record_id).abstract or "")
            values = [value._replace(evidence=tuple(map(move, value.evidence))) for value in values]
        changed |= self._take_rest(record_id, e, values)
        outcome = self.report.added if known is None else self.report.updated if changed else self.report.unchanged
        outcome.append(record_id)

    def _add_record(self, record_id: str, e: dict[str, Any], fields: list[Field]) -> None:
        wished = _key(e["key"])
        key = keys.unique_key(wished, self.library.key_taken)
        if key != wished:
            self.report.remarks.append(Remark(self.name, f"the key {wished} is taken by a different work; this one is {key}"))
        self.operation.add_record(
            record_id, key, _checked(e["entry_type"], is_entry_type, "entry type"), fields, e["abstract"],
            key_generated=bool(e["key_generated"]), type_guessed=bool(e["type_guessed"]), created=_text(e, "created"),
        )  # fmt: skip

    def _take_distinct(self, record_id: str, others: Iterable[str]) -> bool:
        """Of which records a person said that they are other works than this."""
        known = [other for other in others if self.connection.execute("SELECT 1 FROM record WHERE id = ?", (other,)).fetchone()]
        return sum(self.operation.put(Slot("distinct", record_id, other), True) for other in known) > 0

    def _take_rest(self, record_id: str, e: Mapping[str, Any], values: list[Value]) -> bool:
        before = self.connection.total_changes
        for value in values:
            self.operation.add_value(record_id, value)
        changed = self.connection.total_changes > before
        known = self.library.values(record_id)
        for name in e["tags"]:
            slot = Slot("tag", record_id, check_tag(name))
            changed |= not self.operation.emptied(slot) and self.operation.put(slot, True)
        own = slots.fold_key(self.library.record(record_id).key)
        for key in (e["key"], *e["aliases"]):
            if slots.fold_key(_key(key)) != own and not [holder for holder in self.library.holders(key) if holder != record_id]:
                changed |= self.operation.put(Slot("alias", record_id, key), True)
        changed |= self._take_distinct(record_id, e.get("distinct", ()))
        for note in e["notes"]:
            slot = Slot("note", record_id, _text(note, "id"))
            if slots.read(self.connection, slot) is None:
                changed |= self.operation.put(slot, [_text(note, "text"), _text(note, "actor"), _text(note, "at")])
        for found in e["extraction"]:
            slot = Slot("extraction", record_id, _text(found, "field"))
            ids = [known[value_id].id for value_id in found["value_ids"]]
            if slots.read(self.connection, slot) is None:
                changed |= self.operation.put(slot, [_text(found, "extractor"), ids])
        for d in e["decisions"]:
            if (d["subject"] and d["subject"] not in known) or (d["value_id"] is not None and d["value_id"] not in known):
                raise BadLine(f"the decision {d['id']} is about a value that is not there")
        return changed | self._take_decisions(record_id, e["decisions"])

    def _take_decisions(self, record_id: str, decisions: list[dict[str, Any]]) -> bool:
        """Append the decisions that are not here yet, as they were made, when and by whom."""
        changed = False
        for d in decisions:
            slot = Slot("decision", record_id, slots.decision_name(d["field"], d["subject"], _checked(d["actor"], is_person, "name of a person")))
            last = slots.last_decision(self.connection, slot)
            row = (d["id"], d["actor"], record_id, d["field"], d["subject"], d["verdict"], d["value_id"], _text(d, "at"), d["follows"])
            if not self._append_decision(row):
                continue
            if (
                last and d["follows"] != last["id"] and (last["at"], last["id"]) > (d["at"], d["id"])
            ):  # a later word of the same person stands: it is said again
                said = (last["verdict"], last["value_id"], last["at"], d["id"])
                again = derived_id(record_id, "said again", last["id"], d["id"])
                self._append_decision((again, d["actor"], record_id, d["field"], d["subject"], *said))
            # Not journalled: what somebody said elsewhere is a fact, and no undo here takes it back in their name.
            self.operation.touch(record_id)
            changed = True
        return changed

    def _append_decision(self, row: tuple[Any, ...]) -> bool:
        sql = """INSERT INTO decision (id, actor, record_id, field, subject, verdict, value_id, at, follows)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"""
        return bool(self.connection.execute(sql, row).rowcount)

    def _fill(self, record: Record, e: Mapping[str, Any], fields: list[Field]) -> bool:
        """Take what is missing here; where the two copies differ the one here stands, and that is said."""
        changed = False
        for field in fields:
            if not record.get(field.name) and not self.operation.emptied(Slot("field", record.id, field.name)):
                changed |= self.operation.set_field(record.id, field.name, field)
        if record.abstract is None and e["abstract"] and not self.operation.emptied(Slot("abstract", record.id)):
            changed |= self.operation.set_abstract(record.id, e["abstract"])
        theirs = {"abstract": e["abstract"], "entry type": e["entry_type"], **{f.name: f.value for f in fields}}
        ours = {"abstract": record.abstract, "entry type": record.entry_type, **{f.name: f.value for f in record.fields}}
        different = [name for name in ours if ours[name] and theirs.get(name) and ours[name] != theirs[name]]
        if different:
            self.report.conflicts += 1
            text = f"{record.key}: {', '.join(different)} differ between the two copies; this library's stand"
            self.report.remarks.append(Remark(self.name, text, "conflict"))
        return changed

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
    if not text.text.strip():
        transfer.report.remarks.append(Remark(text.name, "the file is empty"))
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


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise BadLine(f"{value!r:.40} is no text")
    return value


def _checked(value: object, test: Callable[[str], bool], what: str) -> str:
    text = _string(value)
    if not test(text):
        raise BadLine(f"{text!r:.40} is no {what}")
    return text


def _key(value: object) -> str:
    return _checked(value, is_key, "citation key")


def _value(v: Mapping[str, Any], abstract: str | None) -> Value:
    spans = tuple(Evidence(e["start"], e["end"], _string(e["quote"]), bool(e["stale"])) for e in v["evidence"])
    for span in spans:
        if not span.stale and (span.start < 0 or (abstract or "")[span.start : span.end] != span.quote):
            raise BadLine(f"the evidence {span.quote[:40]!r} is not at {span.start}:{span.end} of the abstract")
    confidence = float(v["confidence"])
    if not 0 <= confidence <= 1:
        raise BadLine(f"{confidence} is no confidence")
    return Value(_text(v, "id"), _text(v, "field"), _string(v["text"]), v["label"], spans, _text(v, "maker"), confidence, _text(v, "made"), v["number"])
