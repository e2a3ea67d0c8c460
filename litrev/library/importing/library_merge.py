"""Merging a library written as NDJSON into another one: by id, nothing overwritten or lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from litrev.errors import EnvironmentFault, UsageFault
from litrev.library.bibtex import citation_keys as keys
from litrev.library.extraction.own import check_cues
from litrev.library.formats.registry import formats
from litrev.library.importing.import_report import Report
from litrev.library.importing.library_copy import NAME, VERSION
from litrev.library.importing.library_line import (
    BadLine,
    JsonObject,
    checked,
    columns_of,
    field_of,
    json_object,
    key_of,
    reason_of,
    text_of,
    value_of,
)
from litrev.library.model import codebook as codebooks
from litrev.library.model.evidence import mover
from litrev.library.model.ids import fingerprint, fold_key, new_id
from litrev.library.model.record import Field, Record, Value
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
from litrev.text.validity import is_entry_type, is_person

# What a damaged line can raise where another shape or range was expected: a key that is missing, a
# list in the place of an object, a number that SQLite cannot store, a row that it refuses.
_DAMAGE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, UsageFault)


class LibraryMerge:
    """One NDJSON file that is merged into a library. Use :func:`merge_library`.

    ``name`` is the file's, for the report and the quarantine. ``report`` says what became of the
    lines so far.
    """

    def __init__(self, library: Library, operation: Operation, name: str) -> None:
        self.library = library
        self.operation = operation
        self.name = name
        self.report = Report()
        self._merges: dict[str, Callable[[JsonObject], None]] = {
            "library": self._merge_codebook,
            "source": self._add_source,
            "record": self._merge_record,
            "block": self._add_block,
            "import": self._add_run,
            "quarantine": self._add_quarantined,
        }

    def merge_line(self, number: int, line: str) -> None:
        """Merge one line; one that cannot be read is quarantined with its text.

        ``number`` counts from 1. Raises EnvironmentFault for the line of a copy that says that a
        newer litrev wrote it.
        """
        try:
            # What a line has written before it turns out to be damaged must not stay.
            with self.operation.savepoint():
                entry = json_object(line)
                kind = text_of(entry, "litrev")
                merge = self._merges[kind]
                merge(entry)
        except _DAMAGE as error:
            reason = visible(reason_of(error))
            self._set_aside(number, line, reason)
        self.operation.checkpoint()

    def _merge_codebook(self, entry: JsonObject) -> None:
        """Take the fields of their codebook that are not defined here; report those that differ."""
        if entry["version"] > VERSION:
            raise EnvironmentFault(
                f"{self.name}: written by a newer litrev (format {entry['version']})",
                "Upgrade litrev.",
            )
        their_text = str(entry.get("codebook") or "")
        our_text = self.library.codebook_text()
        theirs = codebooks.read(their_text, self.name)
        ours = codebooks.read(our_text, "the library's codebook")
        new = {name: definition for name, definition in theirs.items() if name not in ours}
        for name in theirs.keys() - new.keys():
            if theirs[name] != ours[name]:
                self.report.remark(
                    self.name,
                    f"the field {name} is defined differently here; the definition here is kept",
                )
        if new:
            text = codebooks.changed(our_text, new)
            merged = codebooks.codebook(0, text)
            for field in merged.every:
                check_cues(field)
            self.operation.put(Slot("codebook"), text)

    def _add_source(self, entry: JsonObject) -> None:
        format_name, _, _ = entry["format"].partition("?")
        if format_name not in formats():
            raise BadLine(f"{entry['format']!r:.40} is not a format")
        columns = columns_of(entry, SourceRow._fields)
        row = SourceRow(*columns)
        add_source(self.operation, row)

    def _add_block(self, entry: JsonObject) -> None:
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

    def _add_run(self, entry: JsonObject) -> None:
        numbers = columns_of(entry, ImportCounts._fields)
        counts = ImportCounts(*numbers)
        run = ImportRun(
            entry["id"], entry["actor"], entry["at"], entry["database"], entry["query"], counts
        )
        add_run(self.operation, run, here=False)
        for source_id in entry["sources"]:
            add_to_run(self.operation, run.id, source_id)

    def _add_quarantined(self, entry: JsonObject) -> None:
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

    def _merge_record(self, entry: JsonObject) -> None:
        """Add a record, or add to the one with its id; one that was removed here stays out."""
        # An id is stored in one way only, whatever letters and dashes the line has.
        record_id = str(uuid.UUID(text_of(entry, "id")))
        abstract = entry["abstract"]
        fields = [field_of(field) for field in entry["fields"]]
        values = [value_of(value, abstract) for value in entry["values"]]
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

    def _add_record(self, record_id: str, entry: JsonObject, fields: list[Field]) -> None:
        """Add a record with its metadata; its key gets a number where it is taken here."""
        their_key = key_of(entry["key"])
        key = keys.unique_key(their_key, self.library.key_taken)
        if key != their_key:
            self.report.remark(
                self.name, f"the key {their_key} is taken by a different work; this one is {key}"
            )
        entry_type = checked(entry["entry_type"], is_entry_type, "an entry type")
        self.operation.add_record(
            record_id,
            key,
            entry_type,
            fields,
            entry["abstract"],
            key_generated=bool(entry["key_generated"]),
            type_guessed=bool(entry["type_guessed"]),
            created=text_of(entry, "created"),
        )

    def _update_record(
        self, record_id: str, entry: JsonObject, fields: list[Field], values: list[Value]
    ) -> bool:
        """Add to a record what the copy has more; whether there was any."""
        # If the addition of the record was undone, it is still here but counts as removed.
        alive = Slot("alive", record_id)
        changed = self.operation.put(alive, True)
        record = self.library.record(record_id)
        changed |= self._fill(record, entry, fields)
        # The evidence of their values is a place in their abstract, which may differ from ours.
        their_abstract = entry["abstract"] or ""
        our_abstract = self.library.record(record_id).abstract or ""
        move = mover(their_abstract, our_abstract)
        moved_values: list[Value] = []
        for value in values:
            evidence = tuple(move(span) for span in value.evidence)
            moved_values.append(value._replace(evidence=evidence))
        changed |= self._add_to_record(record_id, entry, moved_values)
        return changed

    def _fill(self, record: Record, entry: JsonObject, fields: list[Field]) -> bool:
        """Take what is missing here, but not what a person emptied here."""
        changed = False
        for field in fields:
            slot = Slot("field", record.id, field.name)
            is_missing = not record.get(field.name)
            if is_missing and not self.operation.emptied(slot):
                changed |= self.operation.set_field(record.id, field.name, field)
        abstract = entry["abstract"]
        abstract_slot = Slot("abstract", record.id)
        lacks_abstract = record.abstract is None and abstract
        if lacks_abstract and not self.operation.emptied(abstract_slot):
            changed |= self.operation.set_abstract(record.id, abstract)
        self._report_differences(record, entry, fields)
        return changed

    def _report_differences(self, record: Record, entry: JsonObject, fields: list[Field]) -> None:
        """Say where the two copies differ: the words of the one here stay."""
        ours = _texts(record.abstract, record.entry_type, record.fields)
        theirs = _texts(entry["abstract"], entry["entry_type"], fields)
        different: list[str] = []
        for name, our_text in ours.items():
            their_text = theirs.get(name)
            if our_text and their_text and our_text != their_text:
                different.append(name)
        if different:
            names = ", ".join(different)
            self.report.conflicts += 1
            self.report.remark(
                self.name,
                f"{record.key}: {names} differ between the two copies;"
                " those of this library are kept",
                kind="conflict",
            )

    # What belongs to a record and is only ever added

    def _add_to_record(self, record_id: str, entry: JsonObject, values: Iterable[Value]) -> bool:
        """Add the values of a record and all else that the copy has more; whether there was any."""
        changed = False
        for value in values:
            changed |= self.operation.add_value(record_id, value)
        known_values = self.library.values(record_id)
        changed |= self._add_tags(record_id, entry["tags"])
        their_keys = (entry["key"], *entry["aliases"])
        changed |= self._add_aliases(record_id, their_keys)
        distinct = entry.get("distinct", ())  # written only where there are any
        changed |= self._add_distinct(record_id, distinct)
        changed |= self._add_notes(record_id, entry["notes"])
        changed |= self._add_extraction(record_id, entry["extraction"], known_values)
        changed |= self._add_decisions(record_id, entry["decisions"], known_values)
        return changed

    def _add_tags(self, record_id: str, tags: Iterable[str]) -> bool:
        """Add the tags that the record lacks, but not those that a person took away here."""
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
            if fold_key(key_of(key)) == own_key:
                continue
            holders = self.library.holders(key)
            if all(holder == record_id for holder in holders):
                alias = Slot("alias", record_id, key)
                changed |= self.operation.put(alias, True)
        return changed

    def _add_distinct(self, record_id: str, others: Iterable[str]) -> bool:
        """Note the records of which a person said that they are other works than this one."""
        changed = False
        for other in others:
            is_known = self.library.status(other) is not None
            if is_known:
                slot = Slot("distinct", record_id, other)
                changed |= self.operation.put(slot, True)
        return changed

    def _add_notes(self, record_id: str, notes: Iterable[JsonObject]) -> bool:
        """Add the notes that are not here, each with who wrote it and when."""
        changed = False
        for note in notes:
            slot = Slot("note", record_id, text_of(note, "id"))
            if self.operation.current(slot) is None:
                text = [text_of(note, name) for name in ("text", "actor", "at")]
                changed |= self.operation.put(slot, text)
        return changed

    def _add_extraction(
        self, record_id: str, searches: Iterable[JsonObject], known_values: Mapping[str, Value]
    ) -> bool:
        """Take over what the extractor found for each field that was not searched here."""
        changed = False
        for search in searches:
            slot = Slot("extraction", record_id, text_of(search, "field"))
            # Raises for a value that is not here, also where the search itself is not taken.
            value_ids = [known_values[value_id].id for value_id in search["value_ids"]]
            if self.operation.current(slot) is None:
                extractor = text_of(search, "extractor")
                changed |= self.operation.put(slot, [extractor, value_ids])
        return changed

    def _add_decisions(
        self, record_id: str, decisions: Sequence[JsonObject], known_values: Mapping[str, Value]
    ) -> bool:
        """Append the decisions that are not here yet, as they were made, when and by whom.

        Raises BadLine when one is about a value that neither the line nor the library has.
        """
        for decision in decisions:
            subject = decision["subject"]
            value_id = decision["value_id"]
            is_subject_unknown = subject and subject not in known_values
            is_value_unknown = value_id is not None and value_id not in known_values
            if is_subject_unknown or is_value_unknown:
                raise BadLine(f"the decision {decision['id']} is about a value that is not there")
        changed = False
        for decision in decisions:
            actor = checked(decision["actor"], is_person, "the name of a person")
            row = DecisionRow(
                decision["id"],
                actor,
                record_id,
                decision["field"],
                decision["subject"],
                decision["verdict"],
                decision["value_id"],
                text_of(decision, "at"),
                decision["follows"],
            )
            changed |= self.operation.add_decision_row(row)
        return changed

    def _set_aside(self, number: int, line: str, reason: str) -> None:
        """Put a line into quarantine, unless it is there already, and report it."""
        self.report.quarantined += 1
        self.report.remark(f"{self.name}:{number}", reason, "quarantined")
        if not self.library.quarantine.holds(self.name, line):
            entry = Quarantined(new_id(), "unreadable", self.name, number, reason, line, NAME)
            set_aside(self.operation, entry)


def merge_library(library: Library, operation: Operation, text: Text) -> Report:
    """Merge an NDJSON text into ``library``: records by their ids.

    Values and decisions are added to those that are there. What the library has is kept, and what
    was removed or emptied here stays so. Lines that cannot be read go to quarantine, each with its
    reason; the others are merged all the same. The report says what became of each record. Raises
    EnvironmentFault for a text that a newer litrev wrote.
    """
    merge = LibraryMerge(library, operation, text.name)
    if not text.text.strip():
        merge.report.remark(text.name, "the file is empty")
    # Not splitlines, which also divides at U+2028 and its like: JSON may hold them inside a string.
    lines = text.text.split("\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            merge.merge_line(number, line)
    return merge.report


def _texts(abstract: str | None, entry_type: str, fields: Iterable[Field]) -> dict[str, str | None]:
    """What two copies of a record can differ in, by the name that a report gives it."""
    texts: dict[str, str | None] = {"abstract": abstract, "entry type": entry_type}
    texts.update((field.name, field.value) for field in fields)
    return texts
