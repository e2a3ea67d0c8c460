"""What records lack and what does not hold: every quote proved, every requirement looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from litrev.library.entry_types import missing
from litrev.library.record import Cell, Record
from litrev.library.store import Library


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know: ``where`` is a key or ``file:line``, ``kind`` one of missing, stale, quote, unreadable, conflict."""

    where: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A stretch of a source that could not be read, with all of its text."""

    id: str
    kind: str
    file: str
    line: int
    reason: str
    raw: str


def check_records(records: Sequence[Record], cells: Mapping[str, Mapping[str, Cell]]) -> list[Finding]:
    """What the entry types require and the records lack, and evidence that is not where it says."""
    found = []
    for record in records:
        lacking = missing(record.entry_type, record.get)
        if lacking:
            guessed = " (the type is a guess)" if record.type_guessed else ""
            found.append(Finding(record.key, "missing", f"{record.entry_type}{guessed} lacks {', '.join(lacking)}"))
        if record.abstract is None:
            found.append(Finding(record.key, "missing", "there is no abstract"))
        found += [finding for cell in cells[record.id].values() for finding in _evidence(record, cell)]
    return found


def _evidence(record: Record, cell: Cell) -> list[Finding]:
    found = []
    for item in cell.items:
        for span in item.value.evidence:
            place = f"{cell.field} at {span.start}:{span.end}: {span.quote[:60]!r}"
            if span.stale:
                found.append(Finding(record.key, "stale", f"{place} is no longer in the abstract"))
            elif (record.abstract or "")[span.start : span.end] != span.quote:
                found.append(Finding(record.key, "quote", f"{place} is not what stands there"))
    return found


def check_quarantine(library: Library) -> list[Finding]:
    """What could not be read and was not settled yet."""
    return [Finding(f"{entry.file}:{entry.line}", entry.kind, entry.reason) for entry in quarantine(library)]


def quarantine(library: Library) -> list[Quarantined]:
    """The entries of the quarantine that are not settled, in the order in which they came."""
    sql = "SELECT id, kind, file, line, reason, raw FROM quarantine WHERE resolved = 0 ORDER BY seq"
    return [Quarantined(*row) for row in library.connection.execute(sql)]
