"""What a person says of an import, the report of what became of it, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from litrev.library.bibtex import citation_keys as keys
from litrev.library.importing.candidates import Unreadable
from litrev.library.importing.source import Part, Source
from litrev.library.importing.three_way_merge import Difference
from litrev.library.model.ids import fingerprint, new_id
from litrev.library.model.record import Field, Record
from litrev.library.model.source import Problem
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
    count_run,
)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the person says of what is added, beyond the files."""

    fields: tuple[Field, ...] = ()
    entry_type: str | None = None
    key: str | None = None
    tags: tuple[str, ...] = ()
    database: str | None = None
    query: str | None = None
    again: bool = False  # whether to add again what was removed
    key_pattern: str = keys.PATTERN  # of the keys that are made where a source has none


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of an import's report."""

    where: str
    text: str
    kind: str = "note"  # note, quarantined, conflict
    raw: str = ""  # the text of the source that could not be read


@dataclass(slots=True)
class Report:
    """What became of an import: ``read = added + updated + unchanged + quarantined``, always.

    ``added``, ``updated`` and ``unchanged`` hold the ids of records.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    quarantined: int = 0
    conflicts: int = 0
    duplicates: int = 0
    remarks: list[Remark] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many works the sources hold, readable or not."""
        return len(self.added) + len(self.updated) + len(self.unchanged) + self.quarantined

    @property
    def equation(self) -> str:
        """The equation, as it is printed."""
        return (
            f"read {self.read} = added {len(self.added)} + updated {len(self.updated)}"
            f" + unchanged {len(self.unchanged)} + quarantined {self.quarantined}"
        )

    def remark(self, where: str, text: str, kind: str = "note", raw: str = "") -> None:
        """Add a line to the report; see :class:`Remark` for the arguments."""
        self.remarks.append(Remark(where, text, kind, raw))


class RunLog:
    """What is kept of an import run beside its records: the run, its sources and its quarantine."""

    def __init__(self, library: Library, operation: Operation, options: ImportOptions) -> None:
        self.library = library
        self.operation = operation
        self.options = options
        self.report = Report()
        self._run_id: str | None = None
        # Fingerprints of what is in quarantine, once they are needed.
        self._quarantined_marks: set[str] | None = None

    def begin(self) -> str:
        """The id of this run.

        The run is kept when the first thing of it is: an import that changes nothing leaves none.
        """
        if self._run_id is None:
            self._run_id = new_id()
            run = ImportRun(
                self._run_id,
                self.operation.actor,
                self.operation.now,
                self.options.database,
                self.options.query,
            )
            add_run(self.operation, run, here=True)
        return self._run_id

    def count(self) -> None:
        """Put the equation as it is now into the run, if there is one."""
        if self._run_id is not None:
            report = self.report
            counts = ImportCounts(
                report.read,
                len(report.added),
                len(report.updated),
                len(report.unchanged),
                report.quarantined,
            )
            count_run(self.operation, self._run_id, counts)

    def keep(self, source: Source) -> None:
        """Keep a source with its blocks; the source gets the id under which it is kept."""
        text = source.text
        source.id = new_id()
        run_id = self.begin()
        row = SourceRow(
            source.id,
            text.name,
            text.locator,
            source.format,
            text.sha256,
            text.encoding,
            text.bom,
            text.newline,
            source.previous,
        )
        add_source(self.operation, row)
        blocks = (
            BlockRow(block.position, block.line, block.kind, block.key, block.raw, block.hash)
            for block in source.reading.blocks
        )
        add_blocks(self.operation, source.id, blocks)
        add_to_run(self.operation, run_id, source.id)
        source.stored_owners = {}  # no block of this version belongs to a record yet

    def quarantine_file(self, file: Unreadable) -> None:
        """Put a file that could not be read into quarantine, with what is kept of it."""
        reason = file.error.message.removeprefix(f"{file.name}: ")
        self.quarantine(file.name, "", Problem(1, reason, file.kept), file.error.remedy)

    def quarantine(self, name: str, fmt: str, problem: Problem, remedy: str = "") -> None:
        """Put a part of the file ``name`` that could not be read into quarantine."""
        text = f"{problem.reason} ({remedy})" if remedy else problem.reason
        self.report.quarantined += 1
        self.report.remark(f"{name}:{problem.line}", text, "quarantined", problem.raw)
        self._set_aside(
            Quarantined(
                new_id(), "unreadable", name, problem.line, problem.reason, problem.raw, fmt
            )
        )

    def quarantine_conflict(self, part: Part, record: Record, conflict: Difference) -> None:
        """Put a conflict between a file and a record into quarantine."""
        reason = f"{record.key}: {conflict}"
        self.report.conflicts += 1
        self.report.remark(part.where, reason, "conflict")
        self._set_aside(
            Quarantined(
                new_id(),
                "conflict",
                part.source.text.name,
                part.work.line,
                reason,
                part.block.raw,
                part.source.format,
                record_id=record.id,
                field=conflict.name,
                locator=part.source.text.locator,
            )
        )

    def _set_aside(self, entry: Quarantined) -> None:
        """Put an entry into quarantine, unless the same text is there for the same reason."""
        if self._quarantined_marks is None:
            self._quarantined_marks = {_mark(other) for other in self.library.quarantine.open()}
        mark = _mark(entry)
        if mark not in self._quarantined_marks:
            self._quarantined_marks.add(mark)
            set_aside(self.operation, entry._replace(run_id=self.begin()))


def _mark(entry: Quarantined) -> str:
    # The reason is part of the mark. If its words change from one release to the next, what is in
    # quarantine already is put there once more.
    return fingerprint("\x1f".join((entry.kind, entry.file, entry.reason, entry.raw)))
