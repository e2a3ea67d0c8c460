"""Bringing a library written as NDJSON into another one: by id, nothing overwritten, nothing lost."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from litrev.errors import EnvironmentFault, UsageFault
from litrev.library.bibtex import citation_keys as keys
from litrev.library.extraction.own import check_cues
from litrev.library.formats.registry import formats
from litrev.library.importing.import_report import Remark, Report
from litrev.library.importing.library_copy import NAME, VERSION
from litrev.library.model import codebook as codebooks
from litrev.library.model.evidence import mover
from litrev.library.model.ids import fingerprint, fold_key, new_id
from litrev.library.model.record import Evidence, Field, Record, Value
from litrev.library.model.source import Text
from litrev.library.storage.decision_rows import DecisionRow
from litrev.library.storage.edits import check_tag
from litrev.library.storage.journal import Slot
from litrev.library.storage.library import Library
from litrev.library.storage.operations import Operation
from litrev.library.storage.quarantine import Quarantined, set_aside
from litrev.library.storage.sources import (
    BlockRow,
    ImportCounts,
    ImportRun,
    SourceRow,
    add_blocks,
    add_run,
    add_source,
    add_to_run,
)
from litrev.text.display import visible
from litrev.text.validity import is_entry_type, is_field_name, is_key, is_person


class BadLine(ValueError):
    """A line that is no part of a library."""


class Transfer:
    """One NDJSON file going into one library. Use :func:`merge_library`."""

    def __init__(self, library: Library, operation: Operation, name: str) -> None:
        self.library, self.operation, self.name = library, operation, name
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
        try:
            with self.operation.savepoint():
                entry = _object(line)
                self._takers[_text(entry, "litrev")](entry)
        except (
            BadLine,
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            ArithmeticError,
            UsageFault,
        ) as error:
            reason = (
                f"{error.args[0]!r} is missing or unknown"
                if isinstance(error, KeyError) and error.args
                else str(error)
            )
            self._set_aside(number, line, visible(reason))
        self.operation.checkpoint()

    def _take_library(self, entry: dict[str, Any]) -> None:
        if entry["version"] > VERSION:
            raise EnvironmentFault(
                f"{self.name}: written by a newer litrev (format {entry['version']})",
                "Upgrade litrev.",
            )
        theirs = codebooks.read(str(entry.get("codebook") or ""), self.name)
        own = codebooks.read(self.library.codebook_text(), "the library's codebook")
        fresh = {name: told for name, told in theirs.items() if name not in own}
        for name in theirs.keys() - fresh.keys():
            if theirs[name] != own[name]:
                self.report.remarks.append(
                    Remark(
                        self.name,
                        f"the field {name} is defined differently here; what stands here is kept",
                    )
                )
        if fresh:
            text = codebooks.changed(self.library.codebook_text(), fresh)
            for field in codebooks.codebook(0, text).every:
                check_cues(field)
            self.operation.put(Slot("codebook"), text)

    def _take_source(self, e: dict[str, Any]) -> None:
        if e["format"].partition("?")[0] not in formats():
            raise BadLine(f"{e['format']!r:.40} is no format")
        add_source(self.operation, SourceRow(*(e[name] for name in SourceRow._fields)))

    def _take_block(self, e: dict[str, Any]) -> None:
        row = BlockRow(
            e["position"],
            e["line"],
            e["kind"],
            e["key"],
            e["raw"],
            fingerprint(e["raw"].strip()),
            e["record_id"],
        )
        add_blocks(self.operation, e["source_id"], [row])

    def _take_run(self, e: dict[str, Any]) -> None:
        counts = ImportCounts(*(e[name] for name in ImportCounts._fields))
        run = ImportRun(e["id"], e["actor"], e["at"], e["database"], e["query"], counts)
        add_run(self.operation, run, here=False)
        for source_id in e["sources"]:
            add_to_run(self.operation, run.id, source_id)

    def _take_quarantined(self, e: dict[str, Any]) -> None:
        place = (e.get("record_id"), e.get("field"), e.get("locator"))
        set_aside(
            self.operation,
            Quarantined(
                e["id"],
                e["kind"],
                e["file"],
                e["line"],
                e["reason"],
                e["raw"],
                e["format"],
                e["run_id"],
                *place,
            ),
        )

    # Records

    def _take_record(self, e: dict[str, Any]) -> None:
        record_id, abstract = str(uuid.UUID(_text(e, "id"))), e["abstract"]
        fields = [
            Field(
                _checked(f["name"], is_field_name, "field name"),
                _string(f["value"]),
                f["raw"] if f["raw"] is None else _string(f["raw"]),
            )
            for f in e["fields"]
        ]
        values = [_value(v, abstract) for v in e["values"]]
        alive = self.library.status(record_id)
        if alive is False and self.library.was_removed(record_id):
            self.report.remarks.append(
                Remark(self.name, f"{e['key']} was removed here and stays out")
            )
            self.report.unchanged.append(record_id)
            return
        if alive is None:
            self._add_record(record_id, e, fields)
            changed = True
        else:
            changed = self.operation.put(Slot("alive", record_id), True)
            record = self.library.record(record_id)
            changed |= self._fill(record, e, fields)
            move = mover(abstract or "", self.library.record(record_id).abstract or "")
            values = [value._replace(evidence=tuple(map(move, value.evidence))) for value in values]
        changed |= self._take_rest(record_id, e, values)
        outcome = (
            self.report.added
            if alive is None
            else self.report.updated
            if changed
            else self.report.unchanged
        )
        outcome.append(record_id)

    def _add_record(self, record_id: str, e: dict[str, Any], fields: list[Field]) -> None:
        wished = _key(e["key"])
        key = keys.unique_key(wished, self.library.key_taken)
        if key != wished:
            self.report.remarks.append(
                Remark(
                    self.name, f"the key {wished} is taken by a different work; this one is {key}"
                )
            )
        self.operation.add_record(
            record_id,
            key,
            _checked(e["entry_type"], is_entry_type, "entry type"),
            fields,
            e["abstract"],
            key_generated=bool(e["key_generated"]),
            type_guessed=bool(e["type_guessed"]),
            created=_text(e, "created"),
        )

    def _take_distinct(self, record_id: str, others: Iterable[str]) -> bool:
        """Of which records a person said that they are other works than this."""
        known = [other for other in others if self.library.status(other) is not None]
        return (
            sum(self.operation.put(Slot("distinct", record_id, other), True) for other in known) > 0
        )

    def _take_rest(self, record_id: str, e: Mapping[str, Any], values: list[Value]) -> bool:
        changed = sum(self.operation.add_value(record_id, value) for value in values) > 0
        known = self.library.values(record_id)
        for name in e["tags"]:
            slot = Slot("tag", record_id, check_tag(name))
            changed |= not self.operation.emptied(slot) and self.operation.put(slot, True)
        own = fold_key(self.library.record(record_id).key)
        for key in (e["key"], *e["aliases"]):
            if fold_key(_key(key)) != own and not [
                holder for holder in self.library.holders(key) if holder != record_id
            ]:
                changed |= self.operation.put(Slot("alias", record_id, key), True)
        changed |= self._take_distinct(record_id, e.get("distinct", ()))
        for note in e["notes"]:
            slot = Slot("note", record_id, _text(note, "id"))
            if self.operation.current(slot) is None:
                changed |= self.operation.put(
                    slot, [_text(note, "text"), _text(note, "actor"), _text(note, "at")]
                )
        for found in e["extraction"]:
            slot = Slot("extraction", record_id, _text(found, "field"))
            ids = [known[value_id].id for value_id in found["value_ids"]]
            if self.operation.current(slot) is None:
                changed |= self.operation.put(slot, [_text(found, "extractor"), ids])
        for d in e["decisions"]:
            if (d["subject"] and d["subject"] not in known) or (
                d["value_id"] is not None and d["value_id"] not in known
            ):
                raise BadLine(f"the decision {d['id']} is about a value that is not there")
        return changed | self._take_decisions(record_id, e["decisions"])

    def _take_decisions(self, record_id: str, decisions: list[dict[str, Any]]) -> bool:
        """Append the decisions that are not here yet, as they were made, when and by whom."""
        changed = False
        for d in decisions:
            actor = _checked(d["actor"], is_person, "name of a person")
            row = DecisionRow(
                d["id"],
                actor,
                record_id,
                d["field"],
                d["subject"],
                d["verdict"],
                d["value_id"],
                _text(d, "at"),
                d["follows"],
            )
            changed |= self.operation.add_decision_row(row)
        return changed

    def _fill(self, record: Record, e: Mapping[str, Any], fields: list[Field]) -> bool:
        """Take what is missing here; where the two copies differ the one here stands, and that is
        said.
        """
        changed = False
        for field in fields:
            if not record.get(field.name) and not self.operation.emptied(
                Slot("field", record.id, field.name)
            ):
                changed |= self.operation.set_field(record.id, field.name, field)
        if (
            record.abstract is None
            and e["abstract"]
            and not self.operation.emptied(Slot("abstract", record.id))
        ):
            changed |= self.operation.set_abstract(record.id, e["abstract"])
        theirs = {
            "abstract": e["abstract"],
            "entry type": e["entry_type"],
            **{f.name: f.value for f in fields},
        }
        ours = {
            "abstract": record.abstract,
            "entry type": record.entry_type,
            **{f.name: f.value for f in record.fields},
        }
        different = [
            name for name in ours if ours[name] and theirs.get(name) and ours[name] != theirs[name]
        ]
        if different:
            self.report.conflicts += 1
            text = f"{record.key}: {', '.join(different)} differ between the two copies; this library's stand"
            self.report.remarks.append(Remark(self.name, text, "conflict"))
        return changed

    def _set_aside(self, number: int, line: str, reason: str) -> None:
        self.report.quarantined += 1
        self.report.remarks.append(Remark(f"{self.name}:{number}", reason, "quarantined"))
        if not self.library.quarantine.holds(self.name, line):
            set_aside(
                self.operation,
                Quarantined(new_id(), "unreadable", self.name, number, reason, line, NAME),
            )


def merge_library(library: Library, operation: Operation, text: Text) -> Report:
    """Bring all of an NDJSON text into ``library``: records by id, values and decisions added to
    what is there.
    """
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
    spans = tuple(
        Evidence(e["start"], e["end"], _string(e["quote"]), bool(e["stale"])) for e in v["evidence"]
    )
    for span in spans:
        if not span.stale and (
            span.start < 0 or (abstract or "")[span.start : span.end] != span.quote
        ):
            raise BadLine(
                f"the evidence {span.quote[:40]!r} is not at {span.start}:{span.end} of the abstract"
            )
    confidence = float(v["confidence"])
    if not 0 <= confidence <= 1:
        raise BadLine(f"{confidence} is no confidence")
    return Value(
        _text(v, "id"),
        _text(v, "field"),
        _string(v["text"]),
        v["label"],
        spans,
        _text(v, "maker"),
        confidence,
        _text(v, "made"),
        v["number"],
    )
