"""The one way in: read, match, then add, update or quarantine; and the equation that proves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from litrev.library import editing, keys
from litrev.library.entry_types import fitting_type, missing
from litrev.library.errors import LitrevError, UsageFault
from litrev.library.formats import registry
from litrev.library.history import Operation
from litrev.library.identity import new_id
from litrev.library.matching import Matcher, Part, Source
from litrev.library.merging import merge
from litrev.library.record import Field, Record
from litrev.library.slots import Slot, fold_key
from litrev.library.sources import Problem, Text, Work
from litrev.library.store import Library

Fill = Callable[[Operation, Record], None]  # proposes values for a record


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person says of what is added, beyond the files."""

    fields: tuple[Field, ...] = ()
    entry_type: str | None = None
    key: str | None = None
    tags: tuple[str, ...] = ()
    database: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of an import's report."""

    where: str
    text: str
    kind: str = "note"  # note, quarantined, conflict


@dataclass(slots=True)
class Report:
    """What became of an import: ``read = added + updated + unchanged + quarantined``, always."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    quarantined: int = 0
    conflicts: int = 0
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
    """A file that is no text at all."""

    name: str
    error: LitrevError


class Intake:
    """One import run. Use :func:`take_in`."""

    def __init__(self, library: Library, operation: Operation, wishes: Wishes, fill: Fill | None, progress: Callable[[int, int], None] | None) -> None:
        self.library, self.operation, self.wishes, self.fill = library, operation, wishes, fill
        self.progress = progress or (lambda done, total: None)
        self.matcher = Matcher(library)
        self.report = Report()
        self.run: str | None = None

    def take(self, texts: Sequence[Text | Unreadable], metadata: Sequence[Text], forced: str | None) -> Report:
        """Take in the texts, and the metadata files that join them."""
        sources = [self._read(text, forced) for text in texts if isinstance(text, Text)]
        companions = [self._read(text, "bibtex") for text in metadata]
        for text in texts:
            if isinstance(text, Unreadable):
                self._quarantine(text.name, "", Problem(1, text.error.message.removeprefix(f"{text.name}: ")), text.error.remedy)
        candidates = self._join(sources, companions)
        if self.wishes.key and len(candidates) != 1:
            raise UsageFault(f"--key {self.wishes.key} names one record, but {len(candidates)} works were read", "Add that one alone.")
        for number, parts in enumerate(candidates, 1):
            self._settle(parts)
            self.progress(number, len(candidates))
            if self.operation.breathe():
                self._count()
        for source in (*sources, *companions):
            self._keep(source)
        if self.operation.changed:
            self._begin_run()
        self._count()
        return self.report

    def _read(self, text: Text, forced: str | None) -> Source:
        fmt = registry.named(forced) if forced else registry.recognise(text)
        if fmt.read is None:
            raise UsageFault(f"{text.name}: {fmt.name} carries a whole library and is merged by itself", "Add it without other files.")
        source = Source(text, fmt.name, fmt.read(text))
        self.matcher.prepare(source)
        for problem in source.reading.problems:
            if problem.unreadable:
                self._quarantine(text.name, fmt.name, problem)
            else:
                self._remark(f"{text.name}:{problem.line}", problem.reason)
        return source

    def _join(self, sources: Sequence[Source], companions: Sequence[Source]) -> list[tuple[Part, ...]]:
        """Bring metadata to the abstracts it belongs to, by key or by the name of the abstract's file."""
        free: dict[str, Part] = {}
        for source in companions:
            for work in source.reading.works:
                for name in _names_of(work):
                    free.setdefault(name, Part(source, work))
        candidates, joined = list[tuple[Part, ...]](), set[int]()
        for source in sources:
            alone = len(source.reading.works) == 1
            for work in source.reading.works:
                names = [work.key] if work.key else [PurePath(source.text.name).stem, source.text.name] if alone else []
                partner = next((free[fold_key(n)] for n in names if fold_key(n) in free and id(free[fold_key(n)].work) not in joined), None)
                if partner is not None and not work.fields:
                    joined.add(id(partner.work))
                    candidates.append((Part(source, work), partner))
                else:
                    candidates.append((Part(source, work),))
        for source in companions:
            rest = [work for work in source.reading.works if id(work) not in joined]
            candidates += [(Part(source, work),) for work in rest]
            if rest and sources:
                named = ", ".join(work.key or "(no key)" for work in rest[:5]) + (" …" if len(rest) > 5 else "")
                self._remark(source.text.name, f"{len(rest)} of {len(source.reading.works)} entries join none of the abstracts: {named}")
        return candidates

    # One work

    def _settle(self, parts: tuple[Part, ...]) -> None:
        record_id = self.matcher.match(parts)
        if record_id is None:
            record_id = self._add(parts)
            self.report.added.append(record_id)
        elif self._update(parts, record_id):
            self.report.updated.append(record_id)
        else:
            self.report.unchanged.append(record_id)
        self.matcher.claim(parts, record_id)

    def _add(self, parts: tuple[Part, ...]) -> str:
        fields = {f.name: f for part in reversed(parts) for f in part.work.fields} | {f.name: f for f in self.wishes.fields}
        abstract = next((part.work.abstract for part in parts if part.work.abstract), None)
        stated = self.wishes.entry_type or next((part.work.entry_type for part in parts if part.work.entry_type), None)
        record_id = new_id()
        key, generated = self._key(parts, tuple(fields.values()), abstract)
        self.operation.add_record(
            record_id, key, stated or fitting_type(abstract), tuple(fields.values()), abstract,
            key_generated=generated, type_guessed=stated is None,
        )  # fmt: skip
        editing.tag(self.operation, record_id, (*self.wishes.tags, *(tag for part in parts for tag in part.work.tags)), ())
        record = self.library.record(record_id)
        if self.fill and record.abstract:
            self.fill(self.operation, record)
        lacking = missing(record.entry_type, record.get)
        if lacking:
            self._remark(key, f"{record.entry_type} lacks {', '.join(lacking)}")
        return record_id

    def _key(self, parts: tuple[Part, ...], fields: tuple[Field, ...], abstract: str | None) -> tuple[str, bool]:
        wished = self.wishes.key or next((part.work.key for part in reversed(parts) if part.work.key), None)
        if wished:
            if self.wishes.key:
                keys.check_key(wished)
            key = keys.unique_key(wished, self.library.key_taken)
            if key != wished:
                part = parts[-1]
                self._remark(f"{part.source.text.name}:{part.work.line}", f"the key {wished} is taken by a different work; this one is {key}")
            return key, False
        proposed = keys.proposed_key(fields)
        made = proposed or keys.anonymous_key(abstract or "")
        return keys.unique_key(made, self.library.key_taken), True

    def _update(self, parts: tuple[Part, ...], record_id: str) -> bool:
        record = self.library.record(record_id)
        changed = False
        for part in parts:
            took, conflicts = merge(self.operation, record, part.source.base.get(record_id), part.work)
            changed |= took
            for conflict in conflicts:
                self._conflict(part, record, str(conflict))
            if part.work.key and fold_key(part.work.key) not in {fold_key(record.key), *map(fold_key, record.aliases)}:
                changed |= self._alias(part, record)
        for wish in self.wishes.fields:
            changed |= editing.set_metadata(self.operation, record, wish.name, wish.value)
        if self.wishes.entry_type:
            changed |= self.operation.put(Slot("type", record_id), [self.wishes.entry_type, 0])
        changed |= editing.tag(self.operation, record_id, self.wishes.tags, ())
        if changed:
            now = self.library.record(record_id)
            if self.fill and now.abstract and now.abstract != record.abstract:
                self.fill(self.operation, now)
        return changed

    def _alias(self, part: Part, record: Record) -> bool:
        """A key the file gives to a record that has another: it resolves, unless it means somebody else."""
        if part.work.key is None or not record.key_generated or self.library.key_taken(part.work.key):
            return False
        self._remark(record.key, f"is {part.work.key} in {part.source.text.name}; `litrev rekey {record.key}` gives it a key from its metadata")
        return self.operation.put(Slot("alias", record.id, part.work.key), True)

    # What is kept beside the records

    def _keep(self, source: Source) -> None:
        """Keep the source with its blocks, unless this very version is the last one kept already."""
        owners = {base: work.position for base, work in source.base.items()}
        if source.same and all(owners.get(record) == position for position, record in source.owners.items()):
            return
        if not source.reading.works and not source.reading.problems:
            self._remark(source.text.name, "there are no entries in it")
            return
        text, source_id = source.text, new_id()
        self._begin_run()
        self.operation.connection.execute(
            "INSERT INTO source (id, name, locator, format, sha256, encoding, bom, newline, supersedes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (source_id, text.name, text.locator, source.format, text.sha256, text.encoding, text.bom, text.newline, source.previous),
        )
        rows = [(source_id, b.position, b.line, b.kind, b.key, b.raw, b.hash, source.owners.get(b.position)) for b in source.reading.blocks]
        self.operation.connection.executemany("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self.operation.connection.execute("INSERT INTO import_source VALUES (?, ?)", (self.run, source_id))
        self.operation.appeared(Slot("source", "", source_id))
        gone = set(source.base) - set(source.owners.values())
        if gone:
            self._remark(text.name, f"{len(gone)} records were in the last version of this file and are not in this one; they stay")

    def _begin_run(self) -> None:
        if self.run is None:
            self.run = new_id()
            writing = self.operation.writing()
            self.operation.connection.execute(
                "INSERT INTO import_run VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0)",
                (self.run, writing.operation, self.operation.actor, self.operation.now, self.wishes.database, self.wishes.query),
            )

    def _count(self) -> None:
        if self.run is not None:
            r = self.report
            self.operation.connection.execute(
                "UPDATE import_run SET read = ?, added = ?, updated = ?, unchanged = ?, quarantined = ? WHERE id = ?",
                (r.read, len(r.added), len(r.updated), len(r.unchanged), r.quarantined, self.run),
            )

    def _quarantine(self, name: str, fmt: str, problem: Problem, remedy: str = "") -> None:
        self.report.quarantined += 1
        self._remark(f"{name}:{problem.line}", problem.reason + (f" ({remedy})" if remedy else ""), "quarantined")
        self._set_aside("unreadable", name, fmt, problem.line, problem.reason, problem.raw)

    def _conflict(self, part: Part, record: Record, text: str) -> None:
        self.report.conflicts += 1
        where = f"{part.source.text.name}:{part.work.line}"
        self._remark(where, f"{record.key}: {text}", "conflict")
        self._set_aside("conflict", part.source.text.name, part.source.format, part.work.line, f"{record.key}: {text}", part.block.raw)

    def _set_aside(self, kind: str, name: str, fmt: str, line: int, reason: str, raw: str) -> None:
        known = "SELECT 1 FROM quarantine WHERE kind = ? AND file = ? AND reason = ? AND raw = ? AND resolved = 0"
        if self.library.connection.execute(known, (kind, name, reason, raw)).fetchone():
            return
        self._begin_run()
        quarantine_id = new_id()
        (seq,) = self.library.connection.execute("SELECT coalesce(MAX(seq), 0) + 1 FROM quarantine").fetchone()
        row = (quarantine_id, seq, self.run, kind, name, line, reason, raw, fmt)
        self.library.connection.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", row)
        self.operation.appeared(Slot("quarantine", "", quarantine_id))

    def _remark(self, where: str, text: str, kind: str = "note") -> None:
        self.report.remarks.append(Remark(where, text, kind))


def take_in(
    library: Library,
    operation: Operation,
    texts: Sequence[Text | Unreadable],
    metadata: Sequence[Text] = (),
    wishes: Wishes | None = None,
    forced: str | None = None,
    fill: Fill | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Bring texts into the library under one operation, and say what became of each work in them.

    ``metadata`` are BibTeX files whose entries join the abstracts; ``forced`` names the format;
    ``fill`` proposes values for a new abstract; ``progress`` is told how many works are done.
    """
    return Intake(library, operation, wishes or Wishes(), fill, progress).take(texts, metadata, forced)


def _names_of(work: Work) -> list[str]:
    names = [work.key] if work.key else []
    for part in work.get("file").replace(";", ":").split(":"):
        if "." in part:
            names += [PurePath(part).name, PurePath(part).stem]
    return [fold_key(name) for name in names]
