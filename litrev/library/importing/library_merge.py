"""Merging a library written as NDJSON into another one: by id, nothing overwritten or lost."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from litrev.errors import EnvironmentFault, UsageFault
from litrev.library.bibtex import citation_keys as keys
from litrev.library.extraction.own import check_cues
from litrev.library.formats.registry import formats
from litrev.library.importing.import_report import Report
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

# What a damaged line can raise where another shape or range was expected: a key that is missing, a
# list in the place of an object, a number that SQLite cannot store, a row that it refuses.
_DAMAGE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, UsageFault)

# One object of the file, as JSON gives it; every access may raise one of the above.
_Entry = Mapping[str, Any]


class BadLine(ValueError):
    """A line that is not part of a library."""


class LibraryMerge:
    """One NDJSON file that is merged into a library. Use :func:`merge_library`."""

    def __init__(self, library: Library, operation: Operation, name: str) -> None:
        self.library = library
        self.operation = operation
        self.name = name
        self.report = Report()
        self._merges: dict[str, Callable[[_Entry], None]] = {
            "library": self._merge_codebook,
            "source": self._add_source,
            "record": self._merge_record,
            "block": self._add_block,
            "import": self._add_run,
            "quarantine": self._add_quarantined,
        }

    def merge_line(self, number: int, line: str) -> None:
        """Merge one line; one that cannot be read is quarantined with its text."""
        try:
            # What a line has written before it turns out to be damaged must not stay.
            with self.operation.savepoint():
                entry = _object(line)
                self._merges[_text(entry, "litrev")](entry)
        except _DAMAGE as error:
            self._set_aside(number, line, visible(_reason(error)))
        self.operation.checkpoint()

    def _merge_codebook(self, entry: _Entry) -> None:
        if entry["version"] > VERSION:
            raise EnvironmentFault(
                f"{self.name}: written by a newer litrev (format {entry['version']})",
                "Upgrade litrev.",
            )
        theirs = codebooks.read(str(entry.get("codebook") or ""), self.name)
        ours = codebooks.read(self.library.codebook_text(), "the library's codebook")
        new = {name: definition for name, definition in theirs.items() if name not in ours}
        for name in theirs.keys() - new.keys():
            if theirs[name] != ours[name]:
                self.report.remark(
                    self.name,
                    f"the field {name} is defined differently here; the definition here is kept",
                )
        if new:
            text = codebooks.changed(self.library.codebook_text(), new)
            for field in codebooks.codebook(0, text).every:
                check_cues(field)
            self.operation.put(Slot("codebook"), text)

    def _add_source(self, entry: _Entry) -> None:
        if entry["format"].partition("?")[0] not in formats():
            raise BadLine(f"{entry['format']!r:.40} is not a format")
        add_source(self.operation, SourceRow(*_columns(entry, SourceRow._fields)))

    def _add_block(self, entry: _Entry) -> None:
        row = BlockRow(
            entry["position"],
            entry["line"],
            entry["kind"],
            entry["key"],
            entry["raw"],
            fingerprint(entry["raw"].strip()),
            entry["record_id"],
        )
        add_blocks(self.operation, entry["source_id"], [row])

    def _add_run(self, entry: _Entry) -> None:
        counts = ImportCounts(*_columns(entry, ImportCounts._fields))
        run = ImportRun(
            entry["id"], entry["actor"], entry["at"], entry["database"], entry["query"], counts
        )
        add_run(self.operation, run, here=False)
        for source_id in entry["sources"]:
            add_to_run(self.operation, run.id, source_id)

    def _add_quarantined(self, entry: _Entry) -> None:
        quarantined = Quarantined(
            entry["id"],
            entry["kind"],
            entry["file"],
            entry["line"],
            entry["reason"],
            entry["raw"],
            entry["format"],
            entry["run_id"],
            record_id=entry.get("record_id"),
            field=entry.get("field"),
            locator=entry.get("locator"),
        )
        set_aside(self.operation, quarantined)

    # Records

    def _merge_record(self, entry: _Entry) -> None:
        record_id = str(uuid.UUID(_text(entry, "id")))
        abstract = entry["abstract"]
        fields = [_field(field) for field in entry["fields"]]
        values = [_value(value, abstract) for value in entry["values"]]
        is_alive = self.library.status(record_id)
        if is_alive is False and self.library.was_removed(record_id):
            self.report.remark(self.name, f"{entry['key']} was removed here and stays out")
            self.report.unchanged.append(record_id)
        elif is_alive is None:
            self._add_record(record_id, entry, fields)
            self._add_to_record(record_id, entry, values)
            self.report.added.append(record_id)
        elif self._update_record(record_id, entry, fields, values):
            self.report.updated.append(record_id)
        else:
            self.report.unchanged.append(record_id)

    def _add_record(self, record_id: str, entry: _Entry, fields: list[Field]) -> None:
        their_key = _key(entry["key"])
        key = keys.unique_key(their_key, self.library.key_taken)
        if key != their_key:
            self.report.remark(
                self.name, f"the key {their_key} is taken by a different work; this one is {key}"
            )
        self.operation.add_record(
            record_id,
            key,
            _checked(entry["entry_type"], is_entry_type, "an entry type"),
            fields,
            entry["abstract"],
            key_generated=bool(entry["key_generated"]),
            type_guessed=bool(entry["type_guessed"]),
            created=_text(entry, "created"),
        )

    def _update_record(
        self, record_id: str, entry: _Entry, fields: list[Field], values: list[Value]
    ) -> bool:
        # If the addition of the record was undone, it is still here but counts as removed.
        changed = self.operation.put(Slot("alive", record_id), True)
        changed |= self._fill(self.library.record(record_id), entry, fields)
        # The evidence of their values is a place in their abstract, which may differ from ours.
        move = mover(entry["abstract"] or "", self.library.record(record_id).abstract or "")
        moved_values = [
            value._replace(evidence=tuple(map(move, value.evidence))) for value in values
        ]
        return changed | self._add_to_record(record_id, entry, moved_values)

    def _fill(self, record: Record, entry: _Entry, fields: list[Field]) -> bool:
        """Take what is missing here, but not what a person emptied here."""
        changed = False
        for field in fields:
            slot = Slot("field", record.id, field.name)
            if not record.get(field.name) and not self.operation.emptied(slot):
                changed |= self.operation.set_field(record.id, field.name, field)
        lacks_abstract = record.abstract is None and entry["abstract"]
        if lacks_abstract and not self.operation.emptied(Slot("abstract", record.id)):
            changed |= self.operation.set_abstract(record.id, entry["abstract"])
        self._report_differences(record, entry, fields)
        return changed

    def _report_differences(self, record: Record, entry: _Entry, fields: list[Field]) -> None:
        """Say where the two copies differ: the words of the one here stay."""
        ours = _texts(record.abstract, record.entry_type, record.fields)
        theirs = _texts(entry["abstract"], entry["entry_type"], fields)
        different = [
            name
            for name, text in ours.items()
            if text and theirs.get(name) and theirs[name] != text
        ]
        if different:
            self.report.conflicts += 1
            self.report.remark(
                self.name,
                f"{record.key}: {', '.join(different)} differ between the two copies;"
                " those of this library are kept",
                "conflict",
            )

    # What belongs to a record and is only ever added

    def _add_to_record(self, record_id: str, entry: _Entry, values: Iterable[Value]) -> bool:
        """Add the values of a record and all else that the copy has more; whether there was any."""
        changed = False
        for value in values:
            changed |= self.operation.add_value(record_id, value)
        known_values = self.library.values(record_id)
        changed |= self._add_tags(record_id, entry["tags"])
        changed |= self._add_aliases(record_id, (entry["key"], *entry["aliases"]))
        changed |= self._add_distinct(record_id, entry.get("distinct", ()))
        changed |= self._add_notes(record_id, entry["notes"])
        changed |= self._add_extraction(record_id, entry["extraction"], known_values)
        changed |= self._add_decisions(record_id, entry["decisions"], known_values)
        return changed

    def _add_tags(self, record_id: str, tags: Iterable[str]) -> bool:
        changed = False
        for name in tags:
            slot = Slot("tag", record_id, check_tag(name))
            if not self.operation.emptied(slot):
                changed |= self.operation.put(slot, True)
        return changed

    def _add_aliases(self, record_id: str, their_keys: Iterable[str]) -> bool:
        """Let their keys find the record, except those that find another one here."""
        changed = False
        own_key = fold_key(self.library.record(record_id).key)
        for key in their_keys:
            if fold_key(_key(key)) == own_key:
                continue
            if all(holder == record_id for holder in self.library.holders(key)):
                changed |= self.operation.put(Slot("alias", record_id, key), True)
        return changed

    def _add_distinct(self, record_id: str, others: Iterable[str]) -> bool:
        """Note the records of which a person said that they are other works than this one."""
        changed = False
        for other in others:
            if self.library.status(other) is not None:
                changed |= self.operation.put(Slot("distinct", record_id, other), True)
        return changed

    def _add_notes(self, record_id: str, notes: Iterable[_Entry]) -> bool:
        changed = False
        for note in notes:
            slot = Slot("note", record_id, _text(note, "id"))
            if self.operation.current(slot) is None:
                text = [_text(note, name) for name in ("text", "actor", "at")]
                changed |= self.operation.put(slot, text)
        return changed

    def _add_extraction(
        self, record_id: str, searches: Iterable[_Entry], known_values: Mapping[str, Value]
    ) -> bool:
        """Take over what the extractor found for each field that was not searched here."""
        changed = False
        for search in searches:
            slot = Slot("extraction", record_id, _text(search, "field"))
            value_ids = [known_values[value_id].id for value_id in search["value_ids"]]
            if self.operation.current(slot) is None:
                changed |= self.operation.put(slot, [_text(search, "extractor"), value_ids])
        return changed

    def _add_decisions(
        self, record_id: str, decisions: Sequence[_Entry], known_values: Mapping[str, Value]
    ) -> bool:
        """Append the decisions that are not here yet, as they were made, when and by whom."""
        for decision in decisions:
            subject, value_id = decision["subject"], decision["value_id"]
            is_subject_unknown = subject and subject not in known_values
            is_value_unknown = value_id is not None and value_id not in known_values
            if is_subject_unknown or is_value_unknown:
                raise BadLine(f"the decision {decision['id']} is about a value that is not there")
        changed = False
        for decision in decisions:
            row = DecisionRow(
                decision["id"],
                _checked(decision["actor"], is_person, "the name of a person"),
                record_id,
                decision["field"],
                decision["subject"],
                decision["verdict"],
                decision["value_id"],
                _text(decision, "at"),
                decision["follows"],
            )
            changed |= self.operation.add_decision_row(row)
        return changed

    def _set_aside(self, number: int, line: str, reason: str) -> None:
        self.report.quarantined += 1
        self.report.remark(f"{self.name}:{number}", reason, "quarantined")
        if not self.library.quarantine.holds(self.name, line):
            set_aside(
                self.operation,
                Quarantined(new_id(), "unreadable", self.name, number, reason, line, NAME),
            )


def merge_library(library: Library, operation: Operation, text: Text) -> Report:
    """Merge an NDJSON text into ``library``: records by their ids.

    Values and decisions are added to those that are there. Raises EnvironmentFault for a text that
    a newer litrev wrote.
    """
    merge = LibraryMerge(library, operation, text.name)
    if not text.text.strip():
        merge.report.remark(text.name, "the file is empty")
    # Not splitlines, which also divides at U+2028 and its like: JSON may hold them inside a string.
    for number, line in enumerate(text.text.split("\n"), 1):
        if line.strip():
            merge.merge_line(number, line)
    return merge.report


# What a line says, checked before it is used


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError) and error.args:
        return f"{error.args[0]!r} is missing or unknown"
    return str(error)


def _object(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadLine(f"not JSON ({error})") from error
    if not isinstance(entry, dict) or "litrev" not in entry:
        raise BadLine("not a line of a litrev library")
    return entry


def _columns(entry: _Entry, names: Iterable[str]) -> list[Any]:
    return [entry[name] for name in names]


def _text(entry: _Entry, name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise BadLine(f"{name} is missing")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise BadLine(f"{value!r:.40} is not a text")
    return value


def _checked(value: object, test: Callable[[str], bool], what: str) -> str:
    text = _string(value)
    if not test(text):
        raise BadLine(f"{text!r:.40} is not {what}")
    return text


def _key(value: object) -> str:
    return _checked(value, is_key, "a citation key")


def _field(entry: _Entry) -> Field:
    name = _checked(entry["name"], is_field_name, "a field name")
    value = _string(entry["value"])
    raw = entry["raw"]
    return Field(name, value, None if raw is None else _string(raw))


def _value(entry: _Entry, abstract: str | None) -> Value:
    evidence = tuple(_evidence(span, abstract or "") for span in entry["evidence"])
    confidence = float(entry["confidence"])
    if not 0 <= confidence <= 1:
        raise BadLine(f"{confidence} is not a confidence, which is from 0 to 1")
    return Value(
        _text(entry, "id"),
        _text(entry, "field"),
        _string(entry["text"]),
        entry["label"],
        evidence,
        _text(entry, "maker"),
        confidence,
        _text(entry, "made"),
        entry["number"],
    )


def _evidence(entry: _Entry, abstract: str) -> Evidence:
    span = Evidence(entry["start"], entry["end"], _string(entry["quote"]), bool(entry["stale"]))
    # A negative start would count from the end of the abstract.
    is_quoted = span.stale or (span.start >= 0 and abstract[span.start : span.end] == span.quote)
    if not is_quoted:
        raise BadLine(
            f"the evidence {span.quote[:40]!r} is not at {span.start}:{span.end} of the abstract"
        )
    return span


def _texts(abstract: str | None, entry_type: str, fields: Iterable[Field]) -> dict[str, str | None]:
    """What two copies of a record can differ in, by the name that a report gives it."""
    texts: dict[str, str | None] = {"abstract": abstract, "entry type": entry_type}
    texts.update((field.name, field.value) for field in fields)
    return texts
