"""Which record of the library a work from a source is, if it is one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from litrev.library.formats import registry
from litrev.library.formats.plugin import PluginFault
from litrev.library.importing.likeness import ALIKE, VERY_MUCH_ALIKE, likeness, same_work
from litrev.library.importing.source import BaseWork, Candidate, Part, Source, content
from litrev.library.model.ids import fold_key
from litrev.library.model.source import Text, Work
from litrev.library.storage.library import Library
from litrev.library.storage.sources import BlockRow, SourceRow

# Gives the ids of records that a part of a candidate may be; the first that is free is taken.
_Find = Callable[[Part], list[str]]

_MOST_COMPARED = 200  # works of the last version that one work is compared with
_WORK_KINDS = frozenset({"abstract", "entry"})  # the kinds of blocks that works are read from


class NewMatch(NamedTuple):
    """The record that a new work is; without one, those of the work's keys that no record has.

    ``record_id`` is None for a work that no record is. ``free_keys`` is empty where there is one.
    """

    record_id: str | None
    free_keys: frozenset[str] = frozenset()


class _Resemblance(NamedTuple):
    """How much a candidate, by its number, is like what was last read for a record.

    ``likeness`` is from 0 to 1. ``distance`` is the number of blocks between their positions in the
    two versions of the file.
    """

    likeness: float
    distance: int
    number: int
    record_id: str


class Matcher:
    """Finds the record that a work is.

    A source can claim a record once; more often only where its last version described it more
    often. With ``again``, a record that a person removed is not found, so that it is added anew.

    First :meth:`prepare` each source, then :meth:`match_known` all candidates at once, then
    :meth:`match_new` each of the others. A record that was added for one must be claimed with
    :meth:`claim`.
    """

    def __init__(self, library: Library, *, again: bool = False) -> None:
        self.library = library
        self.again = again
        self._claims: defaultdict[Source, Counter[str]] = defaultdict(Counter)
        # Looked up when first needed: which of the candidates' hashes the library has, and the
        # abstracts that are alone in a file, by the stem of its name.
        self._hashes_seen: set[str] | None = None
        self._lone_abstracts: dict[str, list[str]] | None = None

    def prepare(self, source: Source) -> None:
        """Look up the last version of the source's file, and what was read from it.

        This sets ``id``, ``previous``, ``same``, ``base`` and ``stored_owners`` of the source. A
        file that is new may have the bytes of another: then what was read from that one counts.
        """
        version, is_same_file = self._last_version(source.text)
        if version is None:
            return
        if is_same_file:
            source.previous = version.id
            source.same = version.sha256 == source.text.sha256
            source.id = version.id if source.same else None
        while version is not None:
            is_settled = self._add_base(source, version)
            # If the import of a version was killed, some of its works have no record yet. What
            # older versions said of them still counts.
            if is_settled or not version.supersedes:
                return
            version = self.library.sources.version(version.supersedes)

    def _last_version(self, text: Text) -> tuple[SourceRow | None, bool]:
        """The last version of the text's file, or else of any file with the same bytes.

        The second value is False where that is a different file. A text without a file has none
        that it could differ from.
        """
        if text.locator:
            version = self.library.sources.current(text.locator)
            if version is not None:
                return version, True
        version = self.library.sources.with_bytes(text.sha256)
        return version, not text.locator

    def _add_base(self, source: Source, version: SourceRow) -> bool:
        """Take what a version said of its records as what was last read, where nothing newer is.

        Fills ``base`` of the source. True if all works of that version have a record.
        """
        blocks = self.library.sources.blocks(version.id)
        owners: dict[int, str] = {}
        for block in blocks:
            if block.record_id:
                owners[block.position] = block.record_id
        if version.id == source.id:
            source.stored_owners = owners
        works_of: dict[str, list[Work]] = {}
        for work in _works_of(version, blocks, source):
            owner = owners.get(work.position)
            if owner is not None:
                works_of.setdefault(owner, []).append(work)
        for record_id, works in works_of.items():
            source.base.setdefault(record_id, works)
        blocks_of_works = (block for block in blocks if block.kind in _WORK_KINDS)
        return all(block.record_id for block in blocks_of_works)

    # Before anything is added: by what was read before

    def match_known(self, candidates: Sequence[Candidate]) -> dict[int, str]:
        """The records of those candidates (by their number) that the library has read before.

        First those with the same words, for all candidates. Then, among the works of the last
        version of each file that are left, those that have changed but are still the same work:
        the most alike first.
        """
        matches: dict[int, str] = {}
        self._hashes_seen = self._look_up_hashes(candidates)
        self._match_words(candidates, matches, self._by_block)
        self._match_words(candidates, matches, self._by_content)
        self._match_likeness(candidates, matches, self._like_same_key)
        self._match_likeness(candidates, matches, self._like_lost_key)
        return matches

    def _look_up_hashes(self, candidates: Iterable[Candidate]) -> set[str]:
        """Which of the candidates' blocks were read before, found by one query for many."""
        hashes: dict[str, None] = {}
        for parts in candidates:
            for part in parts:
                hashes[part.block.hash] = None
        return self.library.sources.hashes_seen(list(hashes))

    def _match_words(
        self, candidates: Iterable[Candidate], matches: dict[int, str], find: _Find
    ) -> None:
        """Match those candidates that have no match yet to the first record that ``find`` knows."""
        for number, parts in enumerate(candidates):
            if number in matches:
                continue
            record_id = self._first_free(parts, find)
            if record_id is not None:
                matches[number] = record_id
                self.claim(parts, record_id)

    def _match_likeness(
        self,
        candidates: Sequence[Candidate],
        matches: dict[int, str],
        find: Callable[[int, Part], Iterator[_Resemblance]],
    ) -> None:
        """Match those candidates that have no match yet to what ``find`` says they are like."""
        resemblances: list[_Resemblance] = []
        for number, parts in enumerate(candidates):
            if number not in matches:
                for part in parts:
                    resemblances += find(number, part)
        # The most alike of all candidates chooses first: a version of one work must not claim the
        # record of another only because it comes earlier in the file.
        resemblances.sort(key=_most_alike_first)
        for resemblance in resemblances:
            number = resemblance.number
            record_id = resemblance.record_id
            parts = candidates[number]
            if number not in matches and self._is_free(parts, record_id):
                matches[number] = record_id
                self.claim(parts, record_id)

    def separate_records(self, parts: Candidate) -> list[str]:
        """The records that the parts of one candidate were read into, if they are two or more."""
        ids: list[str] = []
        for part in parts:
            for record_id in self._by_block(part)[:1]:
                if record_id not in ids:
                    ids.append(record_id)
        return ids if len(ids) > 1 else []

    def match_new(self, parts: Candidate) -> NewMatch:
        """The record that a candidate describes, although its words were not read before.

        It is claimed for the candidate. A record is found by the same abstract, then by the key or
        the file's name as key, then by the name of the file that its abstract is in.
        """
        holders: dict[str, list[str]] = {}

        def by_key(part: Part) -> list[str]:
            key = part.work.key
            if not key:
                return self._by_own_file_name(part)
            # Also for the keys that no record has: with these the caller need not ask again.
            if key not in holders:
                holders[key] = self.library.holders(key)
            return self._same_works(holders[key], part.work)

        for find in (self._by_abstract, by_key, self._by_abstract_file_name):
            record_id = self._first_free(parts, find)
            if record_id is not None:
                self.claim(parts, record_id)
                return NewMatch(record_id)
        free_keys = frozenset(key for key, ids in holders.items() if not ids)
        return NewMatch(None, free_keys)

    def claim(self, parts: Candidate, record_id: str) -> None:
        """Note that the sources of ``parts`` describe this record."""
        for part in parts:
            self._claims[part.source][record_id] += 1
            part.source.owners[part.work.position] = record_id

    def _first_free(self, parts: Candidate, find: _Find) -> str | None:
        """The first record that ``find`` knows for a part and that the candidate may claim."""
        for part in parts:
            for record_id in find(part):
                if self._is_free(parts, record_id):
                    return record_id
        return None

    def _is_free(self, parts: Candidate, record_id: str) -> bool:
        """Whether all sources of a candidate may still claim the record."""
        for part in parts:
            base = part.source.base.get(record_id, ())
            allowed = max(1, len(base))
            claims = self._claims[part.source]
            if claims[record_id] >= allowed:
                return False
        return True

    def _by_block(self, part: Part) -> list[str]:
        """Records that the same words were read into before, from this file or another."""
        words = part.block.hash
        if self._hashes_seen is not None and words not in self._hashes_seen:
            return []
        owners = self.library.sources.owners(words, part.source.previous)
        return [owner.id for owner in owners if owner.alive or self._stays_removed(owner.id)]

    def _by_content(self, part: Part) -> list[str]:
        """Records of which the last version of the file said the same under another key."""
        if not part.work.fields:
            return []
        records = part.source.records_by_content()
        ids = records.get(content(part.work), [])
        return self._known(ids)

    def _like_same_key(self, number: int, part: Part) -> Iterator[_Resemblance]:
        """Works of the last version with the same key, or none like this one, that are alike."""
        key = fold_key(part.work.key or "")
        works = part.source.base_by_key().get(key, [])
        return self._alike(number, part, works, enough=ALIKE)

    def _like_lost_key(self, number: int, part: Part) -> Iterator[_Resemblance]:
        """Works that are very much alike, if the work's key is new and theirs is gone."""
        key = fold_key(part.work.key or "")
        if not key or key in part.source.base_by_key():
            return iter(())
        return self._alike(
            number, part, part.source.base_whose_key_is_gone(), enough=VERY_MUCH_ALIKE
        )

    def _alike(
        self, number: int, part: Part, works: Sequence[BaseWork], enough: float
    ) -> Iterator[_Resemblance]:
        """Those of the works of the last version that are like a part by ``enough`` or more."""
        position = part.work.position
        if len(works) > _MOST_COMPARED:
            # Each work with each would take minutes for a file of which every key was changed.
            works = [(record_id, base) for record_id, base in works if base.position == position]
        for record_id, base in works:
            if not self._is_free((part,), record_id):
                continue
            score = likeness(base, part.work)
            if score >= enough and self._known([record_id]):
                yield _Resemblance(
                    score,
                    distance=abs(base.position - position),
                    number=number,
                    record_id=record_id,
                )

    # Against what the library holds by now

    def _by_abstract(self, part: Part) -> list[str]:
        """Records with the same abstract, for an abstract without metadata."""
        if part.work.fields or part.work.abstract is None:
            return []
        ids = self.library.with_abstract(part.work.abstract)
        return self._known(ids)

    def _same_works(self, ids: Sequence[str], work: Work) -> list[str]:
        """Those of the records with the work's key that may be the same work."""
        if not ids:
            return []
        records = self.library.records(ids)
        return [record.id for record in records if same_work(record, work)]

    def _by_own_file_name(self, part: Part) -> list[str]:
        """Records that lack an abstract and have the file's name as key, for its only abstract."""
        if part.work.fields or len(part.source.reading.works) != 1:
            return []
        stem = PurePath(part.source.text.name).stem
        ids = self.library.holders(stem)
        records = self.library.records(ids)
        return [record.id for record in records if record.abstract is None]

    def _by_abstract_file_name(self, part: Part) -> list[str]:
        """Abstracts without metadata, each alone in a file that is named as the work names it."""
        if not part.work.fields:
            return []
        if self._lone_abstracts is None:
            self._lone_abstracts = self._look_up_lone_abstracts()
        ids: list[str] = []
        for name in names_of(part.work):
            ids += self._lone_abstracts.get(name, [])
        return ids

    def _look_up_lone_abstracts(self) -> dict[str, list[str]]:
        """Records without a title that were alone in a text file, by the stem of its name."""
        by_stem: dict[str, list[str]] = {}
        for record_id, name in self.library.sources.lone_abstracts():
            stem = PurePath(name).stem
            by_stem.setdefault(fold_key(stem), []).append(record_id)
        return by_stem

    def _known(self, ids: Sequence[str]) -> list[str]:
        """Those of the records that are there, or that a person removed."""
        if not ids:
            return []
        alive = {record.id for record in self.library.records(ids)}
        return [known for known in ids if known in alive or self._stays_removed(known)]

    def _stays_removed(self, record_id: str) -> bool:
        """Whether a person removed the record, and it should not be added again."""
        return not self.again and self.library.was_removed(record_id)


def _most_alike_first(resemblance: _Resemblance) -> tuple[float, int, int]:
    """The order of resemblances; of two that are as much alike, the nearer one is first."""
    return -resemblance.likeness, resemblance.distance, resemblance.number


def _works_of(version: SourceRow, blocks: Sequence[BlockRow], source: Source) -> Sequence[Work]:
    """The works that a version of a source held; none where its format can no longer be read.

    ``blocks`` are those of the version. ``source`` is read already, and need not be read again
    where the version has the same bytes.
    """
    fmt = registry.find(version.format)
    if fmt is None or fmt.read is None:
        return ()
    if version.sha256 == source.text.sha256:
        return source.reading.works
    text = Text(
        "".join(block.raw for block in blocks),
        version.name,
        version.encoding,
        bom=False,
        newline=version.newline,
        sha256="",
    )
    try:
        return fmt.read(text).works
    except PluginFault:  # the same as if the plug-in were not installed
        return ()


def base_of(source: Source, record_id: str, work: Work) -> Work | None:
    """What was last read for a record; of several works, the one that ``work`` is a version of.

    None where the last version of the source did not describe the record.
    """
    works = source.base.get(record_id, [])
    if len(works) < 2:
        return works[0] if works else None
    key = fold_key(work.key or "")
    with_same_key = [base for base in works if fold_key(base.key or "") == key]
    choice = with_same_key or works
    return max(choice, key=lambda base: likeness(base, work))


def names_of(work: Work) -> list[str]:
    """The names, folded, of the abstract that may belong to a work: its key, and its files.

    >>> from litrev.library.model.record import Field
    >>> file = Field("file", "Full text:pdf/A.pdf:PDF")
    >>> names_of(Work(position=0, line=1, key="Smith", fields=(file,)))
    ['smith', 'a.pdf', 'a']
    """
    names = [work.key] if work.key else []
    # Reference managers write `file` as a path, as several between semicolons, or, as JabRef does,
    # as description:path:type.
    parts = work.get("file").replace(";", ":").split(":")
    for part in parts:
        if "." in part:
            path = PurePath(part)
            names += [path.name, path.stem]
    return [fold_key(name) for name in names]
