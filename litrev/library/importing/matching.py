"""Which record of the library a work from a source is, if it is one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from litrev.library.formats import registry
from litrev.library.formats.plugin import PluginFault
from litrev.library.importing.source import BaseWork, Candidate, Part, Source, content
from litrev.library.model.ids import abstract_hash, fold_key
from litrev.library.model.record import Record
from litrev.library.model.source import Text, Work
from litrev.library.storage.library import Library
from litrev.library.storage.sources import BlockRow, SourceRow

_MOST_COMPARED = 200  # works of the last version that one work is compared with
_VERY_MUCH_ALIKE = 0.8
_ALIKE = 0.5  # from which share of common words on a changed text is still the same
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


class NewMatch(NamedTuple):
    """The record that a new work is; without one, those of the work's keys that no record has."""

    record_id: str | None
    free_keys: frozenset[str] = frozenset()


class _Resemblance(NamedTuple):
    """How much a candidate, by its number, is like what was last read for a record."""

    likeness: float
    distance: int  # between their positions in the two versions
    number: int
    record_id: str


class Matcher:
    """Finds the record that a work is.

    A source can claim a record once; more often only where its last version described it more
    often.
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

        A file that is new may have the bytes of another: then what was read from that one counts.
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
        return self.library.sources.with_bytes(text.sha256), not text.locator

    def _add_base(self, source: Source, version: SourceRow) -> bool:
        """Take what a version said of its records as what was last read, where nothing newer is.

        True if all works of that version have a record.
        """
        blocks = self.library.sources.blocks(version.id)
        owners = {block.position: block.record_id for block in blocks if block.record_id}
        if version.id == source.id:
            source.stored_owners = owners
        works_of: dict[str, list[Work]] = {}
        for work in _works_of(version, blocks, source):
            if work.position in owners:
                works_of.setdefault(owners[work.position], []).append(work)
        for record_id, works in works_of.items():
            source.base.setdefault(record_id, works)
        return all(block.record_id for block in blocks if block.kind in {"abstract", "entry"})

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
        self,
        candidates: Iterable[Candidate],
        matches: dict[int, str],
        find: Callable[[Part], list[str]],
    ) -> None:
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
        resemblances: list[_Resemblance] = []
        for number, parts in enumerate(candidates):
            if number not in matches:
                for part in parts:
                    resemblances += find(number, part)
        # The most alike of all candidates chooses first: a version of one work must not claim the
        # record of another only because it comes earlier in the file.
        resemblances.sort(key=lambda found: (-found.likeness, found.distance, found.number))
        for _, _, number, record_id in resemblances:
            if number not in matches and self._is_free(candidates[number], record_id):
                matches[number] = record_id
                self.claim(candidates[number], record_id)

    def separate_records(self, parts: Candidate) -> list[str]:
        """The records that the parts of one candidate were read into, if they are two or more."""
        ids: list[str] = []
        for part in parts:
            for record_id in self._by_block(part)[:1]:
                if record_id not in ids:
                    ids.append(record_id)
        return ids if len(ids) > 1 else []

    def match_new(self, parts: Candidate) -> NewMatch:
        """The record that a candidate describes, although its words were not read before."""
        holders: dict[str, list[str]] = {}

        def by_key(part: Part) -> list[str]:
            key = part.work.key
            if not key:
                return self._by_own_file_name(part)
            if key not in holders:
                holders[key] = self.library.holders(key)
            return self._same_works(holders[key], part.work)

        for find in (self._by_abstract, by_key, self._by_abstract_file_name):
            record_id = self._first_free(parts, find)
            if record_id is not None:
                self.claim(parts, record_id)
                return NewMatch(record_id)
        return NewMatch(None, frozenset(key for key, ids in holders.items() if not ids))

    def claim(self, parts: Candidate, record_id: str) -> None:
        """Note that the sources of ``parts`` describe this record."""
        for part in parts:
            self._claims[part.source][record_id] += 1
            part.source.owners[part.work.position] = record_id

    def _first_free(self, parts: Candidate, find: Callable[[Part], list[str]]) -> str | None:
        """The first record that ``find`` knows for a part and that the candidate may claim."""
        for part in parts:
            for record_id in find(part):
                if self._is_free(parts, record_id):
                    return record_id
        return None

    def _is_free(self, parts: Candidate, record_id: str) -> bool:
        for part in parts:
            base = part.source.base.get(record_id, ())
            if self._claims[part.source][record_id] >= max(1, len(base)):
                return False
        return True

    def _by_block(self, part: Part) -> list[str]:
        """Records that the same words were read into before, from this file or another."""
        if self._hashes_seen is not None and part.block.hash not in self._hashes_seen:
            return []
        owners = self.library.sources.owners(part.block.hash, part.source.previous)
        return [owner.id for owner in owners if owner.alive or self._stays_removed(owner.id)]

    def _by_content(self, part: Part) -> list[str]:
        """Records of which the last version of the file said the same under another key."""
        if not part.work.fields:
            return []
        return self._known(part.source.records_by_content().get(content(part.work), []))

    def _like_same_key(self, number: int, part: Part) -> Iterator[_Resemblance]:
        """Works of the last version with the same key, or none like this one, that are alike."""
        key = fold_key(part.work.key or "")
        return self._alike(number, part, part.source.base_by_key().get(key, []), _ALIKE)

    def _like_lost_key(self, number: int, part: Part) -> Iterator[_Resemblance]:
        """Works that are very much alike, if the work's key is new and theirs is gone."""
        if not part.work.key or fold_key(part.work.key) in part.source.base_by_key():
            return iter(())
        return self._alike(number, part, part.source.base_whose_key_is_gone(), _VERY_MUCH_ALIKE)

    def _alike(
        self, number: int, part: Part, works: Sequence[BaseWork], enough: float
    ) -> Iterator[_Resemblance]:
        position = part.work.position
        if len(works) > _MOST_COMPARED:
            # Each work with each would take minutes for a file of which every key was changed.
            works = [(record_id, base) for record_id, base in works if base.position == position]
        for record_id, base in works:
            if not self._is_free((part,), record_id):
                continue
            score = likeness(base, part.work)
            if score >= enough and self._known([record_id]):
                yield _Resemblance(score, abs(base.position - position), number, record_id)

    # Against what the library holds by now

    def _by_abstract(self, part: Part) -> list[str]:
        """Records with the same abstract, for an abstract without metadata."""
        if part.work.fields or part.work.abstract is None:
            return []
        return self._known(self.library.with_abstract(part.work.abstract))

    def _same_works(self, ids: Sequence[str], work: Work) -> list[str]:
        """Those of the records with the work's key that may be the same work."""
        if not ids:
            return []
        return [record.id for record in self.library.records(ids) if same_work(record, work)]

    def _by_own_file_name(self, part: Part) -> list[str]:
        """Records that lack an abstract and have the file's name as key, for its only abstract."""
        if part.work.fields or len(part.source.reading.works) != 1:
            return []
        stem = PurePath(part.source.text.name).stem
        records = self.library.records(self.library.holders(stem))
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
            by_stem.setdefault(fold_key(PurePath(name).stem), []).append(record_id)
        return by_stem

    def _known(self, ids: Sequence[str]) -> list[str]:
        """Those of the records that are there, or that a person removed."""
        if not ids:
            return []
        alive = {record.id for record in self.library.records(ids)}
        return [known for known in ids if known in alive or self._stays_removed(known)]

    def _stays_removed(self, record_id: str) -> bool:
        return not self.again and self.library.was_removed(record_id)


def _works_of(version: SourceRow, blocks: Sequence[BlockRow], source: Source) -> Sequence[Work]:
    """The works that a version of a source held; none where its format can no longer be read."""
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
    """What was last read for a record; of several works, the one that ``work`` is a version of."""
    works = source.base.get(record_id, [])
    if len(works) < 2:
        return works[0] if works else None
    key = fold_key(work.key or "")
    with_same_key = [base for base in works if fold_key(base.key or "") == key]
    return max(with_same_key or works, key=lambda base: likeness(base, work))


def names_of(work: Work) -> list[str]:
    """The names, folded, of the abstract that may belong to a work: its key, and its files."""
    names = [work.key] if work.key else []
    # Reference managers write `file` as a path, as several between semicolons, or, as JabRef does,
    # as description:path:type.
    for part in work.get("file").replace(";", ":").split(":"):
        if "." in part:
            path = PurePath(part)
            names += [path.name, path.stem]
    return [fold_key(name) for name in names]


def likeness(one: Work, other: Work) -> float:
    """How alike two versions of a work are, from 0 to 1: by DOI, else by what they have in common.

    That is the words of the title, those of the abstract, or the author under the same key;
    the highest of these counts, and half of it where the DOIs differ.
    """
    dois = {_fold(one.get("doi")), _fold(other.get("doi"))} - {""}
    both_have_doi = bool(one.get("doi") and other.get("doi"))
    if both_have_doi and len(dois) == 1:
        return 1.0
    shares = _shares(one, other)
    if not shares:
        return _ALIKE
    return max(shares) / 2 if len(dois) == 2 else max(shares)


def _shares(one: Work, other: Work) -> list[float]:
    """What two versions of a work have in common, for each thing that both say."""
    shares = []
    if one.get("title") and other.get("title"):
        shares.append(_title_share(one, other))
    if one.abstract and other.abstract:
        shares.append(share(one.abstract, other.abstract, 3))
    # A key is usually made of author and year. If key, author and type are still the same, the
    # title may have been corrected.
    if _same_key_and_author(one, other):
        shares.append(_ALIKE)
    return shares


def _title_share(one: Work, other: Work) -> float:
    title = share(one.get("title"), other.get("title"))
    return title if title == 1 or _years_agree(one, other) else title * 0.9


def _same_key_and_author(one: Work, other: Work) -> bool:
    """Whether both have a key (that of the file's last version) and the same type and author."""
    if not one.key or not other.key or one.entry_type != other.entry_type:
        return False
    return share(one.get("author"), other.get("author")) >= _VERY_MUCH_ALIKE


def _years_agree(one: Record | Work, other: Record | Work) -> bool:
    """Whether two years are the same, or one of them is missing."""
    years = {_year(one), _year(other)} - {""}
    return len(years) < 2


def _year(work: Record | Work) -> str:
    return (work.get("year") or work.get("date")).strip()[:4]


def share(one: str, other: str, run: int = 1) -> float:
    """The part of the runs of words that two texts have in common, from 0 to 1.

    ``run`` is the number of words, in Chinese of characters, in one run. The measure is
    Dice's coefficient: twice the common runs, divided by the runs of both.
    """
    ours, theirs = _runs(one, run), _runs(other, run)
    if not ours or not theirs:
        return 0.0
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if not words:
        return set()
    length = min(length, len(words))
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def same_work(record: Record, work: Work) -> bool:
    """Whether a record and a work under the same key can be one.

    The DOIs decide if both have one, else title and year, else the abstracts. Where there is
    nothing to compare they can.
    """
    record_doi, work_doi = _fold(record.get("doi")), _fold(work.get("doi"))
    if record_doi and work_doi:
        return record_doi == work_doi
    record_title, work_title = _fold(record.get("title")), _fold(work.get("title"))
    if record_title and work_title:
        return record_title == work_title and _years_agree(record, work)
    if record.abstract is not None and work.abstract is not None:
        return abstract_hash(record.abstract) == abstract_hash(work.abstract)
    return True


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())
