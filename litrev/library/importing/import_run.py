"""The one way in: read, match, then add, update or quarantine; and the equation that proves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from litrev.errors import LitrevError, UsageFault
from litrev.library.bibtex import citation_keys as keys
from litrev.library.formats import registry
from litrev.library.formats.plugin import PluginFault
from litrev.library.importing.duplicates import duplicates_of
from litrev.library.importing.library_copy import NAME as NDJSON
from litrev.library.importing.library_copy import is_copy
from litrev.library.importing.matching import Matcher, NewMatch, Part, Source, names_of
from litrev.library.importing.three_way_merge import Difference, merge
from litrev.library.model.crossref import PARENTS
from litrev.library.model.duplicate_keys import duplicate_keys
from litrev.library.model.entry_types import fitting_type, missing
from litrev.library.model.ids import fingerprint, fold_key, new_id
from litrev.library.model.record import Field, Record
from litrev.library.model.source import Problem, Text
from litrev.library.storage import edits as editing
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
    count_run,
    own_blocks,
)

Fill = Callable[[Operation, Record], None]  # proposes values for a record


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the person says of what is added, beyond the files."""

    fields: tuple[Field, ...] = ()
    entry_type: str | None = None
    key: str | None = None
    tags: tuple[str, ...] = ()
    database: str | None = None
    query: str | None = None
    again: bool = False  # bring in anew what was removed
    key_pattern: str = keys.PATTERN  # by which keys are made where none is given


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of an import's report."""

    where: str
    text: str
    kind: str = "note"  # note, quarantined, conflict
    raw: str = ""  # the stretch of the source it speaks of, where that is not read


@dataclass(slots=True)
class Report:
    """What became of an import: ``read = added + updated + unchanged + quarantined``, always."""

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
        return f"read {self.read} = added {len(self.added)} + updated {len(self.updated)} + unchanged {len(self.unchanged)} + quarantined {self.quarantined}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is no text at all, or that a format of another package could not read.

    ``kept`` is its text, or its bytes, each as the character of the same number, as far as they are
    kept.
    """

    name: str
    error: LitrevError
    kept: str = ""


class Read(NamedTuple):
    """What the formats made of texts, and the texts that a format of another package could not
    read.
    """

    sources: list[Source]
    unreadable: list[Unreadable]


def read_sources(
    texts: Sequence[Text],
    forced: str | None = None,
    notice: Callable[[str], None] = lambda line: None,
) -> Read:
    """Read texts; done before the library is locked, for it may take long. ``notice`` is told of
    plug-ins that fail.
    """
    sources, unreadable, failed = list[Source](), list[Unreadable](), set[str]()
    for text in texts:
        if forced == NDJSON or (not forced and is_copy(text)):
            raise UsageFault(
                f"{text.name}: {NDJSON} carries a whole library and is merged by itself",
                "Add it without other files.",
            )
        fmt = registry.named(forced) if forced else registry.recognise(text, notice, failed)
        if fmt.read is None:
            raise UsageFault(
                f"{fmt.name} can only be written",
                "Add the file in a format that can be read; `litrev add --formats` lists them.",
            )
        try:
            sources.append(Source(text, fmt.name, fmt.read(text)))
        except PluginFault as fault:
            unreadable.append(Unreadable(text.name, fault, text.text))
    return Read(sources, unreadable)


class ImportRunner:
    """One import run. Use :func:`import_sources`."""

    def __init__(
        self,
        library: Library,
        operation: Operation,
        options: ImportOptions,
        fill: Fill | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.library, self.operation, self.options, self.fill = library, operation, options, fill
        self.progress = progress or (lambda done, total: None)
        self.matcher = Matcher(library, again=options.again)
        self.report = Report()
        self.run: str | None = None
        self._twice: dict[tuple[Source, str], str] = {}
        self._set_aside_before: set[str] | None = (
            None  # fingerprints of what is in quarantine, once asked for
        )
        self._numbers: dict[str, int] = {}  # how far the keys of one stem have been numbered
        self._owners: list[
            tuple[str, str, int]
        ] = []  # record, source and place of a block, not yet written
        self._keys_before = library.duplicate_keys.any()
        self._met: dict[
            str, list[str]
        ] = {}  # the records of this run by the keys under which duplicates meet

    def take(
        self,
        sources: Sequence[Source],
        companions: Sequence[Source],
        unreadable: Sequence[Unreadable],
    ) -> Report:
        """Take in what was read, and the metadata that joins it."""
        for file in unreadable:
            self._quarantine(
                file.name,
                "",
                Problem(1, file.error.message.removeprefix(f"{file.name}: "), file.kept),
                file.error.remedy,
            )
        for source in (*sources, *companions):
            self.matcher.prepare(source)
            self._report_problems(source)
        candidates = self._join(sources, companions)
        if self.options.key and len(candidates) != 1:
            raise UsageFault(
                f"--key {self.options.key} names one record, but {len(candidates)} works were read",
                "Add that one alone.",
            )
        self._report_apart(candidates)
        known = self.matcher.match_known(candidates)
        for source in (*sources, *companions):
            if not source.same:
                self._keep(source)
        for number, parts in enumerate(candidates):
            self._settle(parts, known.get(number))
            self.progress(number + 1, len(candidates))
            if self.operation.checkpoint_due:
                self._note_owners()
                self._count()
                self.operation.checkpoint()
        self._note_owners()
        for source in (*sources, *companions):
            self._report_gone(source)
        if self.operation.changed:
            self._begin_run()
        self._count()
        return self.report

    def _report_apart(self, candidates: Sequence[tuple[Part, ...]]) -> None:
        """Say where an abstract and its metadata are two records already: which one stays is the
        person's to say.
        """
        for parts in candidates:
            apart = self.library.records(self.matcher.apart(parts)) if len(parts) > 1 else []
            if len(apart) > 1:
                keys = " and ".join(record.key for record in apart)
                self._remark(
                    parts[0].source.text.name,
                    f"{keys} are two records of one work; take one out with `litrev rm` and add again",
                )

    def _report_problems(self, source: Source) -> None:
        for problem in source.reading.problems:
            if problem.unreadable:
                self._quarantine(source.text.name, source.format, problem)
            else:
                self._remark(f"{source.text.name}:{problem.line}", problem.reason, raw=problem.raw)
        if not source.reading.works and not source.reading.problems:
            self._remark(source.text.name, "there are no entries in it")

    def _join(
        self, sources: Sequence[Source], companions: Sequence[Source]
    ) -> list[tuple[Part, ...]]:
        """Bring metadata to the abstracts it belongs to, by key or by the name of the abstract's
        file.
        """
        free: dict[str, Part] = {}
        for source in companions:
            for work in source.reading.works:
                for name in names_of(work):
                    free.setdefault(name, Part(source, work))
        candidates, joined = list[tuple[Part, ...]](), set[tuple[Source, int]]()
        for source in sources:
            alone = len(source.reading.works) == 1
            for work in source.reading.works:
                names = (
                    [work.key]
                    if work.key
                    else [PurePath(source.text.name).stem, source.text.name]
                    if alone
                    else []
                )
                partner = next(
                    (
                        free[fold_key(n)]
                        for n in names
                        if fold_key(n) in free and free[fold_key(n)].place not in joined
                    ),
                    None,
                )
                if partner is not None and not work.fields:
                    joined.add(partner.place)
                    candidates.append((Part(source, work), partner))
                else:
                    candidates.append((Part(source, work),))
        for source in companions:
            rest = [work for work in source.reading.works if (source, work.position) not in joined]
            candidates += [(Part(source, work),) for work in rest]
            if rest and sources:
                named = ", ".join(work.key or "(no key)" for work in rest[:5]) + (
                    " …" if len(rest) > 5 else ""
                )
                self._remark(
                    source.text.name,
                    f"{len(rest)} of {len(source.reading.works)} entries join none of the abstracts: {named}",
                )
        return candidates

    # One work

    def _settle(self, parts: tuple[Part, ...], record_id: str | None) -> None:
        words = (parts[0].source, parts[0].block.hash)
        if record_id is None and words in self._twice:
            record_id = self._twice[words]
            self._remark(
                f"{parts[0].source.text.name}:{parts[0].work.line}",
                "the same words stand in this file twice; they are kept once",
            )
            self.matcher.claim(parts, record_id)
        new = NewMatch(record_id) if record_id else self.matcher.match_new(parts)
        record_id = new.record_id
        if record_id is None:
            record_id = self._add(parts, new.unheld)
            self.matcher.claim(parts, record_id)
            self.report.added.append(record_id)
        elif self._is_removed(parts, record_id):
            self.report.unchanged.append(record_id)
        elif self._update(parts, record_id):
            self.report.updated.append(record_id)
        else:
            self.report.unchanged.append(record_id)
        self._twice[words] = record_id
        self._own(parts, record_id)

    def _is_removed(self, parts: tuple[Part, ...], record_id: str) -> bool:
        """A person's word wins: what was taken out does not come back because its file is read
        again.
        """
        if self.library.records([record_id]):
            return False
        part = parts[0]
        self._remark(
            f"{part.source.text.name}:{part.work.line}",
            f"{part.work.key or 'this abstract'} was removed here and stays out; --again adds it anew",
        )
        return True

    def _own(self, parts: tuple[Part, ...], record_id: str) -> None:
        """Note which record the stretches of the sources belong to."""
        for part in parts:
            if part.source.id and part.source.places.get(part.work.position) != record_id:
                self._owners.append((record_id, part.source.id, part.work.position))

    def _note_owners(self) -> None:
        own_blocks(self.operation, self._owners)
        self._owners.clear()

    def _add(self, parts: tuple[Part, ...], unheld: frozenset[str]) -> str:
        fields = {f.name: f for part in reversed(parts) for f in part.work.fields} | {
            f.name: f for f in self.options.fields
        }
        abstract = next((part.work.abstract for part in parts if part.work.abstract), None)
        stated = self.options.entry_type or next(
            (part.work.entry_type for part in parts if part.work.entry_type), None
        )
        record_id = new_id()
        key, generated = self._key(parts, tuple(fields.values()), abstract, unheld)
        entry_type = stated or fitting_type(abstract)
        self.operation.add_record(
            record_id,
            key,
            entry_type,
            tuple(fields.values()),
            abstract,
            key_generated=generated,
            type_guessed=stated is None,
        )
        tags = (*self.options.tags, *(tag for part in parts for tag in part.work.tags))
        editing.tag(self.operation, record_id, tags, ())
        record = Record(
            record_id,
            key,
            entry_type,
            tuple(fields.values()),
            abstract,
            tags,
            type_guessed=stated is None,
        )
        if fields.keys() & set(PARENTS):
            record = self.library.record(record_id)  # with what it inherits
        self._report_duplicate(record)
        if self.fill and record.abstract:
            self.fill(self.operation, record)
        lacking = missing(record.entry_type, record.get)
        if lacking and not fields.keys() & set(PARENTS):  # whose parent may come later in the file
            self._remark(key, f"{record.entry_type} lacks {', '.join(lacking)}")
        return record_id

    def _report_duplicate(self, record: Record) -> None:
        """Say when a new record may be a work that is there already; whether it is one is the
        person's to say.
        """
        keys_met = duplicate_keys(record.get)
        met = [i for key in keys_met for i in self._met.setdefault(key, [])[:5]]
        for pair in duplicates_of(self.library, record, keys_met if self._keys_before else (), met)[
            :1
        ]:
            other = pair.one if pair.one.id != record.id else pair.other
            self.report.duplicates += 1
            self._remark(
                record.key,
                f"may be {other.key} ({', '.join(pair.reasons)}); `litrev dedupe` shows both",
            )
        for key in keys_met:
            self._met[key].append(record.id)

    def _key(
        self,
        parts: tuple[Part, ...],
        fields: tuple[Field, ...],
        abstract: str | None,
        unheld: frozenset[str],
    ) -> tuple[str, bool]:
        """The key of a new record, and whether it was generated; ``unheld`` are keys that are known
        to be free.
        """
        wanted_key = self.options.key or next(
            (part.work.key for part in reversed(parts) if part.work.key), None
        )
        if wanted_key:
            if self.options.key:
                keys.check_key(wanted_key)
            key = wanted_key if wanted_key in unheld else self._unique(wanted_key)
            if key != wanted_key:
                part = parts[-1]
                self._remark(
                    f"{part.source.text.name}:{part.work.line}",
                    f"the key {wanted_key} is taken by a different work; this one is {key}",
                )
            return key, False
        proposed = keys.proposed_key(fields, self.options.key_pattern)
        made = proposed or keys.anonymous_key(abstract or "")
        return self._unique(made), True

    def _unique(self, key: str) -> str:
        number = self._numbers.get(fold_key(key), 1)
        found, self._numbers[fold_key(key)] = keys.numbered(key, self.library.key_taken, number)
        return found

    def _update(self, parts: tuple[Part, ...], record_id: str) -> bool:
        before = self.library.record(record_id)
        changed = False
        for part in parts:
            record = self.library.record(record_id)
            took, conflicts = merge(
                self.operation, record, part.source.base_of(record_id, part.work), part.work
            )
            changed |= took
            for conflict in conflicts:
                self._conflict(part, record, conflict)
            if part.work.key and fold_key(part.work.key) not in {
                fold_key(record.key),
                *map(fold_key, record.aliases),
            }:
                changed |= self._alias(part, record)
        record = self.library.record(record_id)
        for stated_field in self.options.fields:
            changed |= editing.set_metadata(
                self.operation, record, stated_field.name, stated_field.value
            )
        if self.options.entry_type:
            changed |= self.operation.put(Slot("type", record_id), [self.options.entry_type, 0])
        if self.options.key and fold_key(self.options.key) != fold_key(record.key):
            self._remark(
                record.key,
                f"is in the library already, so --key {self.options.key} was not given; `litrev rename` does that",
            )
        changed |= editing.tag(self.operation, record_id, self.options.tags, ())
        now = self.library.record(record_id)
        if changed and self.fill and now.abstract and now.abstract != before.abstract:
            self.fill(self.operation, now)
        return changed

    def _alias(self, part: Part, record: Record) -> bool:
        """A key the file gives to a record that has another: it resolves, unless it means somebody
        else.
        """
        if part.work.key is None or self.library.key_taken(part.work.key):
            return False
        advice = (
            f"`litrev rekey {record.key}` gives it a key from its metadata"
            if record.key_generated
            else "both keys find it"
        )
        self._remark(record.key, f"is {part.work.key} in {part.source.text.name}; {advice}")
        return self.operation.put(Slot("alias", record.id, part.work.key), True)

    # What is kept beside the records

    def _keep(self, source: Source) -> None:
        """Keep the source with its blocks before its works are settled: an import that is killed
        finds them there.
        """
        text, source.id = source.text, new_id()
        run = self._begin_run()
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
        add_blocks(
            self.operation,
            source.id,
            (
                BlockRow(b.position, b.line, b.kind, b.key, b.raw, b.hash)
                for b in source.reading.blocks
            ),
        )
        add_to_run(self.operation, run, source.id)
        source.places = {}  # nothing of this version belongs to a record yet

    def _report_gone(self, source: Source) -> None:
        gone = set(source.base) - set(source.owners.values())
        if gone and not source.same:
            self._remark(
                source.text.name,
                f"{len(gone)} records were in the last version of this file and are not in this one; they stay",
            )

    def _begin_run(self) -> str:
        """The id of this run, which is kept from the first thing on that it keeps."""
        if self.run is None:
            self.run = new_id()
            run = ImportRun(
                self.run,
                self.operation.actor,
                self.operation.now,
                self.options.database,
                self.options.query,
            )
            add_run(self.operation, run, here=True)
        return self.run

    def _count(self) -> None:
        if self.run is not None:
            r = self.report
            count_run(
                self.operation,
                self.run,
                ImportCounts(r.read, len(r.added), len(r.updated), len(r.unchanged), r.quarantined),
            )

    def _quarantine(self, name: str, fmt: str, problem: Problem, remedy: str = "") -> None:
        self.report.quarantined += 1
        self._remark(
            f"{name}:{problem.line}",
            problem.reason + (f" ({remedy})" if remedy else ""),
            "quarantined",
            problem.raw,
        )
        self._set_aside(
            Quarantined(
                new_id(), "unreadable", name, problem.line, problem.reason, problem.raw, fmt
            )
        )

    def _conflict(self, part: Part, record: Record, conflict: Difference) -> None:
        self.report.conflicts += 1
        text, reason = part.source.text, f"{record.key}: {conflict}"
        self._remark(f"{text.name}:{part.work.line}", reason, "conflict")
        entry = Quarantined(
            new_id(),
            "conflict",
            text.name,
            part.work.line,
            reason,
            part.block.raw,
            part.source.format,
        )
        self._set_aside(
            entry._replace(record_id=record.id, field=conflict.name, locator=text.locator)
        )

    def _set_aside(self, entry: Quarantined) -> None:
        """Put an entry into quarantine, unless the same words for the same reason are there."""
        if self._set_aside_before is None:
            self._set_aside_before = {_mark(other) for other in self.library.quarantine.open()}
        if _mark(entry) not in self._set_aside_before:
            self._set_aside_before.add(_mark(entry))
            set_aside(self.operation, entry._replace(run_id=self._begin_run()))

    def _remark(self, where: str, text: str, kind: str = "note", raw: str = "") -> None:
        self.report.remarks.append(Remark(where, text, kind, raw))


def _mark(entry: Quarantined) -> str:
    return fingerprint("\x1f".join((entry.kind, entry.file, entry.reason, entry.raw)))


def import_sources(
    library: Library,
    operation: Operation,
    sources: Sequence[Source],
    companions: Sequence[Source] = (),
    unreadable: Sequence[Unreadable] = (),
    options: ImportOptions | None = None,
    fill: Fill | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Bring what :func:`read_sources` read into the library under one operation; what became of
    each work.

    ``companions`` are BibTeX files whose entries join the abstracts; ``fill`` proposes values for a
    new abstract; ``progress`` is told how many works are done.
    """
    return ImportRunner(library, operation, options or ImportOptions(), fill, progress).take(
        sources, companions, unreadable
    )
