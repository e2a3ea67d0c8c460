"""What records lack and what is wrong with them: quotes, fields, keys and crossrefs are checked."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from litrev.library.bibtex.entry_source import EntrySource
from litrev.library.bibtex.field_checks import faults
from litrev.library.model.crossref import PARENTS
from litrev.library.model.entry_types import missing
from litrev.library.model.ids import fold_key
from litrev.library.model.record import Cell, Record
from litrev.library.storage import edits as editing
from litrev.library.storage.entries import EntrySources
from litrev.library.storage.library import Library
from litrev.library.storage.operations import Operation
from litrev.text.lines import LINE_END

# Fields that name other records by their keys.
_REFERENCES = frozenset({*PARENTS, "related", "xref", "entryset"})
_LONGEST_CHAIN = 20  # parents of parents that are followed


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing or wrong.

    ``where`` is a key or ``file:line``; ``kind`` one of missing, stale, quote, unreadable,
    conflict, doi, isbn, issn, date, pages, names, latex, encoding, crossref, duplicate-key.
    ``text`` says what is wrong. ``field`` is the field it is about, empty for the whole record,
    and ``repaired`` is what the ``field`` should be, None where that is not certain.
    ``record_id`` is empty for what is in quarantine. ``file``, ``line`` and ``column`` (from 1) are
    the place in a source, empty and 0 where there is none.
    """

    where: str
    kind: str
    text: str
    field: str = ""
    repaired: str | None = None
    record_id: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


def check_records(
    library: Library, records: Sequence[Record], cells: Mapping[str, Mapping[str, Cell]]
) -> list[Finding]:
    """What the entry types require and the records lack, and what is wrong with them.

    ``cells`` holds the cells of each record by the record's id, and within it by the field's name.
    The findings come in the order of the records. Nothing is changed; :func:`repair` does that.
    """
    duplicate_keys = _keys_given_twice(library)
    findings: list[Finding] = []
    for record in records:
        findings += _missing(record)
        findings += _faults(record)
        findings += _dangling(library, record)
        if record.id in duplicate_keys:
            text = (
                f"its file gives it the key {duplicate_keys[record.id]}, which another record has"
            )
            findings.append(_finding(record, "duplicate-key", text))
        for cell in cells[record.id].values():
            findings += _evidence(record, cell)
    return _located(library, findings)


def _finding(
    record: Record, kind: str, text: str, field: str = "", repaired: str | None = None
) -> Finding:
    """A finding about a record, without its place in a file."""
    return Finding(record.key, kind, text, field, repaired, record_id=record.id)


def _keys_given_twice(library: Library) -> dict[str, str]:
    """The records whose own key in their file is another record's here, with that key."""
    taken: dict[str, str] = {}
    for record_id, their_key, our_key in library.sources.other_keys():
        if fold_key(their_key) == fold_key(our_key):
            continue
        holders = library.holders(their_key)
        if any(holder != record_id for holder in holders):
            taken[record_id] = their_key
    return taken


def _missing(record: Record) -> Iterator[Finding]:
    """The fields that the entry type requires and the record lacks, and its abstract."""
    lacking = missing(record.entry_type, record.get)
    if lacking:
        guessed = " (the type is a guess)" if record.type_guessed else ""
        text = f"{record.entry_type}{guessed} lacks {', '.join(lacking)}"
        yield _finding(record, "missing", text)
    if record.abstract is None:
        yield _finding(record, "missing", "there is no abstract", "abstract")


def _faults(record: Record) -> Iterator[Finding]:
    """What is wrong with the texts of single fields, and how to repair it."""
    for fault in faults(record):
        text = f"{fault.field}: {fault.text}"
        yield _finding(record, fault.kind, text, fault.field, fault.repaired)


def _dangling(library: Library, record: Record) -> Iterator[Finding]:
    """References to other records that lead nowhere, or back to this one."""
    for field in record.fields:
        if field.name not in _REFERENCES:
            continue
        for part in field.value.split(","):
            key = part.strip()
            if not key:
                continue
            if field.name in PARENTS and _leads_back(library, record, key):
                text = f"{field.name} leads back to this record"
                yield _finding(record, "crossref", text, field.name)
            if not library.holders(key):
                text = f"{field.name} names {key}, which is not a record"
                yield _finding(record, "crossref", text, field.name)


def _leads_back(library: Library, record: Record, key: str) -> bool:
    """Whether the chain of parents that begins with ``key`` comes back to the record."""
    parent = library.find_key(key)
    # Parents may also go in a circle that this record is not part of.
    for _ in range(_LONGEST_CHAIN):
        if parent is None or parent == record.id:
            break
        grandparents = iter(library.parents([parent]))
        parent = next(grandparents, None)
    return parent == record.id


def _evidence(record: Record, cell: Cell) -> Iterator[Finding]:
    """Evidence that is stale, or that is not what the abstract says at its place."""
    abstract = record.abstract or ""
    for item in cell.items:
        for span in item.value.evidence:
            place = f"{cell.field} at {span.start}:{span.end}: {span.quote[:60]!r}"
            if span.stale:
                text = f"{place} is no longer in the abstract"
                yield _finding(record, "stale", text, cell.field)
            elif abstract[span.start : span.end] != span.quote:
                text = f"{place} is not what the abstract says there"
                yield _finding(record, "quote", text, cell.field)


def _located(library: Library, findings: Sequence[Finding]) -> list[Finding]:
    """The findings with file, line and column of their field, or of the entry.

    Those about a record that came from no source stay without a place.
    """
    ids_in_order = dict.fromkeys(finding.record_id for finding in findings)
    ids = list(ids_in_order)
    entries = EntrySources(library).of(ids)
    places = library.sources.places(ids)
    located = []
    for finding in findings:
        if finding.record_id in places:
            locator, name, line = places[finding.record_id]
            entry = entries.get(finding.record_id)
            column = 1 if line else 0
            if entry and line:
                line, column = _field_place(entry, finding.field, line)
            file = _file(library, locator) or name
            finding = replace(finding, file=file, line=line, column=column)
        located.append(finding)
    return located


def _field_place(entry: EntrySource, name: str, first_line: int) -> tuple[int, int]:
    """Line and column of a field in an entry; of the entry itself where it lacks the field."""
    fields = entry.scanned.fields if entry.scanned else ()
    for field in fields:
        if field.name.casefold() == name:
            text_before = entry.raw[: field.place]
            *lines_before, line_start = LINE_END.split(text_before)
            return first_line + len(lines_before), len(line_start) + 1
    return first_line, 1


def _file(library: Library, locator: str) -> str:
    """The path of a file that was read, from the library's folder on; empty for a pasted text."""
    if not locator:
        return ""
    path = posixpath.join(str(library.folder), locator)
    return posixpath.normpath(path)


def repair(library: Library, operation: Operation, findings: Sequence[Finding]) -> list[Finding]:
    """Correct what has a certain correction; the findings that were corrected.

    Findings whose ``repaired`` is None are left alone.
    """
    repaired = []
    for finding in findings:
        if finding.repaired is not None:
            record = library.record(finding.record_id)
            changed = editing.set_metadata(operation, record, finding.field, finding.repaired)
            if changed:
                repaired.append(finding)
    return repaired


def check_quarantine(library: Library) -> list[Finding]:
    """What could not be read, and conflicts, that nobody has settled yet.

    ``where`` of these findings is ``file:line``, and their ``text`` the reason.
    """
    return [
        Finding(
            f"{entry.file}:{entry.line}",
            entry.kind,
            entry.reason,
            file=entry.file,
            line=entry.line,
            column=1,
        )
        for entry in library.quarantine.open()
    ]
