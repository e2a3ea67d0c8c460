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
    """What the person says of what is added, beyond the files.

    ``fields``, ``entry_type`` and ``tags`` are given to every record that is read, and override
    what its source says. ``key`` is the citation key, and only allowed for one work. ``database``
    and ``query`` say where the files come from; they are kept with the import run. ``again`` also
    adds what was removed from the library before. ``key_pattern`` is the pattern of the keys that
    are made where a source has none.
    """

    fields: tuple[Field, ...] = ()
    entry_type: str | None = None
    key: str | None = None
    tags: tuple[str, ...] = ()
    database: str | None = None
    query: str | None = None
    again: bool = False
    key_pattern: str = keys.PATTERN


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of an import's report.

    ``where`` is a file, ``file:line`` or the key of a record. ``kind`` is note, quarantined or
    conflict. ``raw`` is the text of the source that could not be read, or read only with a doubt.
    """

    where: str
    text: str
    kind: str = "note"
    raw: str = ""


@dataclass(slots=True)
class Report:
    """What became of an import: ``read = added + updated + unchanged + quarantined``, always.

    ``added``, ``updated`` and ``unchanged`` hold the ids of records. A record that several works
    describe is there once for each of them. ``conflicts`` and ``duplicates`` count what the remarks
    tell of: differences between a source and the library, and new records that may be there
    already.
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
        """The equation, as it is printed.

        >>> Report(added=["an id"], quarantined=2).equation
        'read 3 = added 1 + updated 0 + unchanged 0 + quarantined 2'
        """
        return (
            f"read {self.read} = added {len(self.added)} + updated {len(self.updated)}"
            f" + unchanged {len(self.unchanged)} + quarantined {self.quarantined}"
        )

    def remark(self, where: str, text: str, kind: str = "note", raw: str = "") -> None:
        """Add a line to the report; see :class:`Remark` for the arguments.

        This does not count anything: who adds a quarantined part or a conflict counts it too.
        """
        remark = Remark(where, text, kind, raw)
        self.remarks.append(remark)


class RunLog:
    """What is kept of an import run beside its records: the run, its sources and its quarantine.

    ``report`` is the report of the run; what goes to quarantine is added to it here.
    """

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
        """Put the equation as it is now into the run, if there is one.

        Called again before each commit, so that the run of a killed import has the counts so far.
        """
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
        """Keep a source with its blocks; the source gets the id under which it is kept.

        Its blocks belong to no record yet.
        """
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
        whole_file = Problem(line=1, reason=reason, raw=file.kept)
        self.quarantine(file.name, fmt="", problem=whole_file, remedy=file.error.remedy)

    def quarantine(self, name: str, fmt: str, problem: Problem, remedy: str = "") -> None:
        """Put a part of the file ``name`` that could not be read into quarantine.

        ``fmt`` is the name of the format that read the file, empty if none did. The ``remedy`` is
        only shown in the report.
        """
        text = f"{problem.reason} ({remedy})" if remedy else problem.reason
        self.report.quarantined += 1
        self.report.remark(f"{name}:{problem.line}", text, kind="quarantined", raw=problem.raw)
        entry = Quarantined(
            new_id(), "unreadable", name, problem.line, problem.reason, problem.raw, fmt
        )
        self._set_aside(entry)

    def quarantine_conflict(self, part: Part, record: Record, conflict: Difference) -> None:
        """Put a conflict between a file and a record into quarantine, until a person settles it."""
        reason = f"{record.key}: {conflict}"
        self.report.conflicts += 1
        self.report.remark(part.where, reason, "conflict")
        entry = Quarantined(
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
        self._set_aside(entry)

    def _set_aside(self, entry: Quarantined) -> None:
        """Put an entry into quarantine, unless the same text is there for the same reason."""
        if self._quarantined_marks is None:
            others = self.library.quarantine.open()
            self._quarantined_marks = {_mark(other) for other in others}
        mark = _mark(entry)
        if mark not in self._quarantined_marks:
            self._quarantined_marks.add(mark)
            entry_of_run = entry._replace(run_id=self.begin())
            set_aside(self.operation, entry_of_run)


def _mark(entry: Quarantined) -> str:
    """A fingerprint that is equal for entries with the same text and the same reason."""
    # The reason is part of the mark. If its words change from one release to the next, what is in
    # quarantine already is put there once more.
    parts = (entry.kind, entry.file, entry.reason, entry.raw)
    return fingerprint("\x1f".join(parts))
