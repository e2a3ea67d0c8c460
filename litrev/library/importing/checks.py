"""What records lack and what does not hold: every quote proved, every field looked at, every key
and crossref followed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know.

    ``where`` is a key or ``file:line``; ``kind`` one of missing, stale, quote, unreadable,
    conflict, doi, isbn, issn, date, pages, names, latex, encoding, crossref, duplicate-key.
    ``repaired`` is what the ``field`` certainly should be, None where that is not certain.
    ``file``, ``line`` and ``column`` (from 1) are where a source says it, empty and 0 where none
    does.
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
    """What the entry types require and the records lack, and what does not hold."""
    taken = _keys_given_twice(library)
    found = list[Finding]()
    for record in records:
        lacking = missing(record.entry_type, record.get)
        if lacking:
            guessed = " (the type is a guess)" if record.type_guessed else ""
            found.append(
                Finding(
                    record.key,
                    "missing",
                    f"{record.entry_type}{guessed} lacks {', '.join(lacking)}",
                    record_id=record.id,
                )
            )
        if record.abstract is None:
            found.append(
                Finding(
                    record.key, "missing", "there is no abstract", "abstract", record_id=record.id
                )
            )
        found += [
            Finding(record.key, f.kind, f"{f.field}: {f.text}", f.field, f.repaired, record.id)
            for f in faults(record)
        ]
        found += _dangling(library, record)
        if record.id in taken:
            found.append(
                Finding(
                    record.key,
                    "duplicate-key",
                    f"its file gives it the key {taken[record.id]}, which another record has",
                    record_id=record.id,
                )
            )
        found += [
            finding for cell in cells[record.id].values() for finding in _evidence(record, cell)
        ]
    return _located(library, found)


def _keys_given_twice(library: Library) -> dict[str, str]:
    """The records whose own key in their file is another record's here."""
    rows = [
        (record_id, theirs)
        for record_id, theirs, ours in library.sources.other_keys()
        if fold_key(theirs) != fold_key(ours)
    ]
    return {
        record_id: key
        for record_id, key in rows
        if any(holder != record_id for holder in library.holders(key))
    }


def _dangling(library: Library, record: Record) -> Iterator[Finding]:
    for field in record.fields:
        if field.name in {*PARENTS, "related", "xref", "entryset"}:
            for key in (part.strip() for part in field.value.split(",")):
                if key and field.name in PARENTS and _leads_back(library, record, key):
                    yield Finding(
                        record.key,
                        "crossref",
                        f"{field.name} leads back to this record",
                        field.name,
                        record_id=record.id,
                    )
                if key and not library.holders(key):
                    yield Finding(
                        record.key,
                        "crossref",
                        f"{field.name} names {key}, which is no record",
                        field.name,
                        record_id=record.id,
                    )


def _leads_back(library: Library, record: Record, key: str) -> bool:
    """Whether a chain of parents comes back to where it began."""
    parent = library.find_key(key)
    for _ in range(20):
        if parent is None or parent == record.id:
            break
        parent = next(iter(library.parents([parent])), None)
    return parent == record.id


def _evidence(record: Record, cell: Cell) -> list[Finding]:
    found = []
    for item in cell.items:
        for span in item.value.evidence:
            place = f"{cell.field} at {span.start}:{span.end}: {span.quote[:60]!r}"
            if span.stale:
                found.append(
                    Finding(
                        record.key,
                        "stale",
                        f"{place} is no longer in the abstract",
                        cell.field,
                        record_id=record.id,
                    )
                )
            elif (record.abstract or "")[span.start : span.end] != span.quote:
                found.append(
                    Finding(
                        record.key,
                        "quote",
                        f"{place} is not what stands there",
                        cell.field,
                        record_id=record.id,
                    )
                )
    return found


def _located(library: Library, findings: Sequence[Finding]) -> list[Finding]:
    """The findings with file, line and column of the field, or of the entry, they speak of."""
    ids = list(dict.fromkeys(finding.record_id for finding in findings))
    from_bibtex = EntrySources(library).of(ids)
    places = {
        record_id: (_file(library, locator) or name, line)
        for record_id, (locator, name, line) in library.sources.places(ids).items()
    }
    located = []
    for finding in findings:
        file, line = places.get(finding.record_id, ("", 0))
        column = 1 if line else 0
        origin = from_bibtex.get(finding.record_id)
        for field in origin.scanned.fields if origin and origin.scanned and line else ():
            if field.name.casefold() == finding.field:
                before = LINE_END.split(origin.raw[: field.place]) if origin else [""]
                line, column = line + len(before) - 1, len(before[-1]) + 1
                break
        located.append(replace(finding, file=file, line=line, column=column))
    return located


def _file(library: Library, locator: str) -> str:
    """The path of a file that was read, relative to where the library lies; empty for a paste."""
    return posixpath.normpath(posixpath.join(str(library.folder), locator)) if locator else ""


def repair(library: Library, operation: Operation, findings: Sequence[Finding]) -> list[Finding]:
    """Put right what is certain; what was put right."""
    done = []
    for finding in findings:
        if finding.repaired is not None:
            record = library.record(finding.record_id)
            if editing.set_metadata(operation, record, finding.field, finding.repaired):
                done.append(finding)
    return done


def check_quarantine(library: Library) -> list[Finding]:
    """What could not be read and was not settled yet."""
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
