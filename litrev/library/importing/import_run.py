"""The one way in: match, then add, update or quarantine; and the equation that proves it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from litrev.errors import UsageFault
from litrev.library.bibtex import citation_keys as keys
from litrev.library.importing.candidates import Unreadable, join_metadata
from litrev.library.importing.duplicates import duplicates_of
from litrev.library.importing.import_report import ImportOptions, Report, RunLog
from litrev.library.importing.matching import Matcher, base_of
from litrev.library.importing.source import Candidate, Part, Source
from litrev.library.importing.three_way_merge import by_name, merge
from litrev.library.model.crossref import PARENTS
from litrev.library.model.duplicate_keys import duplicate_keys
from litrev.library.model.entry_types import fitting_type, missing
from litrev.library.model.ids import fold_key, new_id
from litrev.library.model.record import Field, Record
from litrev.library.storage import edits as editing
from litrev.library.storage.journal import Slot
from litrev.library.storage.library import Library
from litrev.library.storage.operations import Operation
from litrev.library.storage.sources import assign_blocks

# Proposes values for the structured fields of a record, from its abstract.
Fill = Callable[[Operation, Record], None]

# Is called with the number of works that are done, and of all.
Progress = Callable[[int, int], None]

_NAMED = 5  # entries without an abstract that a remark names
_MOST_MET = 5  # records of this run with one duplicate key that a new record is compared with


class ImportRunner:
    """One import run. Use :func:`import_sources`, which says what the arguments mean.

    A *candidate* below is one work as it is about to be imported: a part from one source, or an
    abstract and its metadata as two parts. A runner is for one call of :meth:`import_all`.
    """

    def __init__(
        self,
        library: Library,
        operation: Operation,
        options: ImportOptions,
        fill: Fill | None,
        progress: Progress | None,
    ) -> None:
        self.library = library
        self.operation = operation
        self.options = options
        self.fill = fill
        self.progress = progress or (lambda done, total: None)
        self.matcher = Matcher(library, again=options.again)
        self.log = RunLog(library, operation, options)
        self.report = self.log.report
        # The record of each block's words, by source and hash.
        self._record_of_words: dict[tuple[Source, str], str] = {}
        # The last number behind each key. Without it, finding the next free key takes the longer
        # the more records have the same one.
        self._last_numbers: dict[str, int] = {}
        # Record, source and position of blocks; written together, as one statement for many.
        self._new_owners: list[tuple[str, str, int]] = []
        # The database gets the duplicate keys of new records when their transaction commits, so
        # those of this run are kept here.
        self._had_duplicate_keys = library.duplicate_keys.any()
        self._met: defaultdict[str, list[str]] = defaultdict(list)

    def import_all(
        self,
        sources: Sequence[Source],
        companions: Sequence[Source],
        unreadable: Iterable[Unreadable],
    ) -> Report:
        """Import what was read, and the metadata that joins it.

        Raises UsageFault when the options give a key and there is not exactly one candidate.
        """
        for file in unreadable:
            self.log.quarantine_file(file)
        all_sources = (*sources, *companions)
        for source in all_sources:
            self.matcher.prepare(source)
            self._report_problems(source)
        candidates = self._join(sources, companions)
        self._check_key(candidates)
        self._report_separate_records(candidates)
        # Matched before it is kept: else the words of each new source would count as read before.
        matches = self.matcher.match_known(candidates)
        # Every source is kept before any of its works is settled: after an import that was
        # killed, they are found there.
        for source in all_sources:
            if not source.same:
                self.log.keep(source)
        self._settle_all(candidates, matches)
        for source in all_sources:
            self._report_gone(source)
        if self.operation.changed:
            self.log.begin()
        self.log.count()
        return self.report

    def _join(self, sources: Sequence[Source], companions: Sequence[Source]) -> list[Candidate]:
        """The candidates that the sources hold; says which metadata joins no abstract."""
        candidates, unjoined = join_metadata(sources, companions)
        for source, parts in unjoined:
            # Without abstracts, the metadata is imported for itself.
            if parts and sources:
                keys_of_first = [part.work.key or "(no key)" for part in parts[:_NAMED]]
                named = ", ".join(keys_of_first)
                more = " …" if len(parts) > _NAMED else ""
                self.report.remark(
                    source.text.name,
                    f"{len(parts)} of {len(source.reading.works)} entries join none of the"
                    f" abstracts: {named}{more}",
                )
        return candidates

    def _check_key(self, candidates: Sequence[Candidate]) -> None:
        """Raise UsageFault when the key of the options is meant for more or less than one work."""
        if self.options.key and len(candidates) != 1:
            raise UsageFault(
                f"--key {self.options.key} names one record, but {len(candidates)} works were read",
                "Add that one alone.",
            )

    def _report_problems(self, source: Source) -> None:
        """Quarantine what the format could not read, and report what it read with a doubt."""
        reading = source.reading
        name = source.text.name
        for problem in reading.problems:
            if problem.unreadable:
                self.log.quarantine(name, source.format, problem)
            else:
                where = f"{name}:{problem.line}"
                self.report.remark(where, problem.reason, raw=problem.raw)
        if not reading.works and not reading.problems:
            self.report.remark(name, "there are no entries in it")

    def _report_gone(self, source: Source) -> None:
        """Say how many records were in the last version of a file and are not in this one."""
        gone = set(source.base) - set(source.owners.values())
        if gone and not source.same:
            self.report.remark(
                source.text.name,
                f"{len(gone)} records were in the last version of this file and are not in this"
                " one; they stay",
            )

    def _report_separate_records(self, candidates: Iterable[Candidate]) -> None:
        """Say where an abstract and its metadata are two records already.

        Which of them stays is for the person to decide.
        """
        for parts in candidates:
            if len(parts) == 1:
                continue
            ids = self.matcher.separate_records(parts)
            records = self.library.records(ids)
            if len(records) > 1:
                named = " and ".join(record.key for record in records)
                self.report.remark(
                    parts[0].source.text.name,
                    f"{named} are two records of one work; take one out with `litrev rm`"
                    " and add again",
                )

    # One work

    def _settle_all(self, candidates: Sequence[Candidate], matches: Mapping[int, str]) -> None:
        """Settle each candidate, and commit from time to time.

        ``matches`` are the records that candidates are already, by the number of the candidate.
        """
        for number, parts in enumerate(candidates):
            self._settle(parts, matches.get(number))
            self.progress(number + 1, len(candidates))
            if self.operation.checkpoint_due:
                # What is committed here must be whole: it is all that is left of an import that
                # is killed.
                self._write_owners()
                self.log.count()
                self.operation.checkpoint()
        self._write_owners()

    def _settle(self, parts: Candidate, known_id: str | None) -> None:
        """Add a candidate, or update the record that it is; the report says which.

        ``known_id`` is the record that it was read into before, None where that is not known.
        """
        free_keys: frozenset[str] = frozenset()
        record_id = known_id or self._claim_repeated(parts)
        if record_id is None:
            record_id, free_keys = self.matcher.match_new(parts)
        if record_id is None:
            record_id = self._add(parts, free_keys)
            self.matcher.claim(parts, record_id)
            self.report.added.append(record_id)
        elif not self._stays_removed(parts, record_id) and self._update(parts, record_id):
            self.report.updated.append(record_id)
        else:
            self.report.unchanged.append(record_id)
        self._record_of_words[_words(parts)] = record_id
        self._note_owner(parts, record_id)

    def _claim_repeated(self, parts: Candidate) -> str | None:
        """The record of the same words earlier in the same file, which it claims once more."""
        record_id = self._record_of_words.get(_words(parts))
        if record_id is not None:
            self.report.remark(
                parts[0].where, "the same text is in this file twice; it is kept once"
            )
            self.matcher.claim(parts, record_id)
        return record_id

    def _stays_removed(self, parts: Candidate, record_id: str) -> bool:
        """Whether a person removed the record: reading its file again does not bring it back."""
        if self.library.records([record_id]):
            return False
        part = parts[0]
        self.report.remark(
            part.where,
            f"{part.work.key or 'this abstract'} was removed here and stays out;"
            " use --again to add it",
        )
        return True

    def _note_owner(self, parts: Candidate, record_id: str) -> None:
        """Note that the blocks of a candidate belong to a record, where that is not stored yet."""
        for part in parts:
            source = part.source
            position = part.work.position
            if source.id and source.stored_owners.get(position) != record_id:
                self._new_owners.append((record_id, source.id, position))

    def _write_owners(self) -> None:
        """Store to which records the blocks belong that were noted since the last time."""
        assign_blocks(self.operation, self._new_owners)
        self._new_owners.clear()

    # A new record

    def _add(self, parts: Candidate, free_keys: frozenset[str]) -> str:
        """Add a record for a candidate that is none yet; its id.

        ``free_keys`` are keys of the candidate that no record has.
        """
        record = self._new_record(parts, free_keys)
        self.operation.add_record(
            record.id,
            record.key,
            record.entry_type,
            record.fields,
            record.abstract,
            key_generated=record.key_generated,
            type_guessed=record.type_guessed,
        )
        editing.tag(self.operation, record.id, add=record.tags, remove=())
        has_parent = any(field.name in PARENTS for field in record.fields)
        if has_parent:
            record = self.library.record(record.id)  # with what it inherits
        self._report_duplicate(record)
        if self.fill and record.abstract:
            self.fill(self.operation, record)
        lacking = missing(record.entry_type, record.get)
        if lacking and not has_parent:  # the parent may come later in the file
            names = ", ".join(lacking)
            self.report.remark(record.key, f"{record.entry_type} lacks {names}")
        return record.id

    def _new_record(self, parts: Candidate, free_keys: frozenset[str]) -> Record:
        """The record that a candidate becomes; it is not stored yet, and has a new id."""
        works = [part.work for part in parts]
        fields = self._fields_of(parts)
        tags = list(self.options.tags)
        for work in works:
            tags += work.tags
        abstract = _first(work.abstract for work in works)
        type_in_source = _first(work.entry_type for work in works)
        stated_type = self.options.entry_type or type_in_source
        key, is_generated = self._key(parts, fields, abstract, free_keys)
        return Record(
            new_id(),
            key,
            stated_type or fitting_type(abstract),
            fields,
            abstract,
            tuple(tags),
            key_generated=is_generated,
            type_guessed=stated_type is None,
        )

    def _fields_of(self, parts: Candidate) -> tuple[Field, ...]:
        """The fields of a new record; the first part overrides the second, the options both."""
        fields: dict[str, Field] = {}
        for part in reversed(parts):
            fields.update(by_name(part.work.fields))
        fields.update(by_name(self.options.fields))
        return tuple(fields.values())

    def _report_duplicate(self, record: Record) -> None:
        """Say when a new record may be a work that is there already.

        Whether it is one is for the person to decide.
        """
        own_keys = duplicate_keys(record.get)
        # An empty library is not asked for each of its first records.
        stored_keys = own_keys if self._had_duplicate_keys else ()
        met: list[str] = []
        for key in own_keys:
            met += self._met[key][:_MOST_MET]
        pairs = duplicates_of(self.library, record, stored_keys, met)
        if pairs:
            likeliest = pairs[0]
            is_first = likeliest.one.id == record.id
            other = likeliest.other if is_first else likeliest.one
            reasons = ", ".join(likeliest.reasons)
            self.report.duplicates += 1
            self.report.remark(
                record.key, f"may be {other.key} ({reasons}); `litrev dedupe` shows both"
            )
        for key in own_keys:
            self._met[key].append(record.id)

    def _key(
        self,
        parts: Candidate,
        fields: tuple[Field, ...],
        abstract: str | None,
        free_keys: frozenset[str],
    ) -> tuple[str, bool]:
        """The key of a new record, and whether it was generated.

        ``free_keys`` are keys that no record has, as the matcher has found out. Raises UsageFault
        when the key of the options cannot be one.
        """
        # Of an abstract and its metadata, that is the key in the metadata.
        key_in_source = _first(part.work.key for part in reversed(parts))
        requested = self.options.key or key_in_source
        if not requested:
            generated = keys.proposed_key(fields, self.options.key_pattern)
            if not generated:
                generated = keys.anonymous_key(abstract or "")
            return self._unique(generated), True
        if self.options.key:
            keys.check_key(requested)
        key = requested if requested in free_keys else self._unique(requested)
        if key != requested:
            self.report.remark(
                parts[-1].where,
                f"the key {requested} is taken by a different work; this one is {key}",
            )
        return key, False

    def _unique(self, key: str) -> str:
        """The key, with a number behind it where a record has that key already."""
        folded = fold_key(key)
        last_number = self._last_numbers.get(folded, 1)
        unique, number = keys.numbered(key, self.library.key_taken, last_number)
        self._last_numbers[folded] = number
        return unique

    # A record that is there

    def _update(self, parts: Candidate, record_id: str) -> bool:
        """Bring a record up to date with a candidate; whether that changed anything.

        Values are proposed again only for an abstract that is new or has changed.
        """
        before = self.library.record(record_id)
        changed = False
        for part in parts:
            changed |= self._merge_part(part, record_id)
        changed |= self._apply_options(self.library.record(record_id))
        now = self.library.record(record_id)
        has_new_abstract = now.abstract and now.abstract != before.abstract
        if changed and self.fill and has_new_abstract:
            self.fill(self.operation, now)
        return changed

    def _merge_part(self, part: Part, record_id: str) -> bool:
        """Merge what one source says into a record; whether that changed anything."""
        record = self.library.record(record_id)
        base = base_of(part.source, record_id, part.work)
        changed, conflicts = merge(self.operation, record, base, part.work)
        for conflict in conflicts:
            self.log.quarantine_conflict(part, record, conflict)
        their_key = part.work.key
        all_keys = (record.key, *record.aliases)
        own_keys = {fold_key(key) for key in all_keys}
        if their_key and fold_key(their_key) not in own_keys:
            changed |= self._add_alias(their_key, part.source.text.name, record)
        return changed

    def _add_alias(self, key: str, file_name: str, record: Record) -> bool:
        """Let the key that a file gives to a record find it, unless another record has that key."""
        if self.library.key_taken(key):
            return False
        advice = "both keys find it"
        if record.key_generated:
            advice = f"`litrev rekey {record.key}` gives it a key from its metadata"
        self.report.remark(record.key, f"is {key} in {file_name}; {advice}")
        alias = Slot("alias", record.id, key)
        return self.operation.put(alias, True)

    def _apply_options(self, record: Record) -> bool:
        """Give a record that is there what the options say; whether that changed anything.

        It keeps its key.
        """
        changed = False
        options = self.options
        for field in options.fields:
            changed |= editing.set_metadata(self.operation, record, field.name, field.value)
        if options.entry_type:
            type_slot = Slot("type", record.id)
            is_guessed = 0
            changed |= self.operation.put(type_slot, [options.entry_type, is_guessed])
        if options.key and fold_key(options.key) != fold_key(record.key):
            self.report.remark(
                record.key,
                f"is in the library already, so --key {options.key} was not given;"
                " `litrev rename` does that",
            )
        changed |= editing.tag(self.operation, record.id, add=options.tags, remove=())
        return changed


def _words(parts: Candidate) -> tuple[Source, str]:
    """By what the same words are found again in the same file: the source, and their hash."""
    first = parts[0]
    return first.source, first.block.hash


def _first(texts: Iterable[str | None]) -> str | None:
    """The first text that is there and not empty."""
    return next((text for text in texts if text), None)


def import_sources(
    library: Library,
    operation: Operation,
    sources: Sequence[Source],
    companions: Sequence[Source] = (),
    unreadable: Iterable[Unreadable] = (),
    options: ImportOptions | None = None,
    fill: Fill | None = None,
    progress: Progress | None = None,
) -> Report:
    """Bring what ``read_sources`` read into the library under one operation.

    ``companions`` are BibTeX files whose entries join the abstracts. ``unreadable`` are the files
    that go to quarantine as a whole. ``fill`` proposes values for a new abstract. ``progress`` is
    called with the number of works that are done, and of all. The report says what became of each
    work.

    A long import commits from time to time: when it is interrupted, what was committed stays, and
    to import the same sources again completes it. Raises UsageFault when a key is given for
    several works.
    """
    runner = ImportRunner(library, operation, options or ImportOptions(), fill, progress)
    return runner.import_all(sources, companions, unreadable)
