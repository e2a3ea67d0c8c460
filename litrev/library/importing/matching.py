"""Which record of the library a work from a source is, if it is one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from litrev.library.formats import registry
from litrev.library.formats.plugin import PluginFault
from litrev.library.model.ids import abstract_hash, fold_key
from litrev.library.model.record import Record
from litrev.library.model.source import Block, Reading, Text, Work
from litrev.library.storage.library import Library
from litrev.library.storage.sources import SourceRow


@dataclass(slots=True, eq=False)
class Source:
    """A text with what its format made of it, and the last version of the same file, if there was
    one.
    """

    text: Text
    format: str
    reading: Reading
    id: str | None = None  # under which this version is kept
    previous: str | None = None  # the version before
    same: bool = False  # the version before is this one
    base: dict[str, list[Work]] = field(
        default_factory=dict
    )  # what was last read for a record, by its id; several for one made of several
    places: dict[int, str] = field(
        default_factory=dict
    )  # the records of the last version by the place of their block
    owners: dict[int, str] = field(
        default_factory=dict
    )  # which record each block of this version belongs to
    _contents: dict[tuple[object, ...], list[str]] | None = None
    _keys: dict[str, list[tuple[str, Work]]] | None = None
    _gone: list[tuple[str, Work]] | None = None

    def pairs(self) -> Iterator[tuple[str, Work]]:
        """The records of the last version with each work that was read for them."""
        return ((record_id, work) for record_id, works in self.base.items() for work in works)

    def base_of(self, record_id: str, work: Work) -> Work | None:
        """What was last read for a record, of several the one that ``work`` is the next version of."""
        works = self.base.get(record_id, [])
        same = (
            [base for base in works if fold_key(base.key or "") == fold_key(work.key or "")]
            if len(works) > 1
            else works
        )
        return (
            max(same or works, key=lambda base: likeness(base, work))
            if len(works) > 1
            else next(iter(works), None)
        )

    def by_content(self) -> dict[tuple[object, ...], list[str]]:
        """The records of the last version by all it said of them but the key."""
        if self._contents is None:
            self._contents = {}
            for record_id, base in self.pairs():
                if base.fields:
                    self._contents.setdefault(_content(base), []).append(record_id)
        return self._contents

    def by_key(self) -> dict[str, list[tuple[str, Work]]]:
        """The records of the last version, and what it said of them, by the key they had there."""
        if self._keys is None:
            self._keys = {}
            for record_id, base in self.pairs():
                self._keys.setdefault(fold_key(base.key or ""), []).append((record_id, base))
        return self._keys

    def gone(self) -> list[tuple[str, Work]]:
        """The records of the last version whose key no work of this version has."""
        if self._gone is None:
            keys = {fold_key(work.key or "") for work in self.reading.works} if self.base else set()
            self._gone = [
                pair
                for key, pairs in self.by_key().items()
                if key and key not in keys
                for pair in pairs
            ]
        return self._gone


@dataclass(frozen=True, slots=True)
class Part:
    """What one source says of a work."""

    source: Source
    work: Work

    @property
    def place(self) -> tuple[Source, int]:
        """Which work of which source it is."""
        return self.source, self.work.position

    @property
    def block(self) -> Block:
        """The stretch of the source it stands in."""
        return self.source.reading.blocks[self.work.position]


class NewMatch(NamedTuple):
    """The record that a new work is; without one, the work's keys that no record has."""

    record_id: str | None
    unheld: frozenset[str] = frozenset()


_NOTHING: Counter[str] = Counter()
_Pair = tuple[float, int, int, str]  # likeness, distance of places, number of the candidate, record


class Matcher:
    """Finds the records works are; a record is given away only once for each source."""

    def __init__(self, library: Library, *, again: bool = False) -> None:
        self.library, self.again = library, again
        self.claimed: dict[Source, Counter[str]] = {}
        self._seen: set[str] | None = (
            None  # hashes of blocks that the library holds, once looked up
        )
        self._by_stem: dict[str, list[str]] | None = None

    def prepare(self, source: Source) -> None:
        """Look up the last version of the same file, or the same text under another name, and what
        was read from it.
        """
        version, same_file = self._last_version(source.text)
        if version is None:
            return
        same = version.sha256 == source.text.sha256
        if same_file:
            source.previous, source.same = version.id, same
            source.id = version.id if same else None
        while version is not None:
            settled = self._read_base(source, version)
            # Of a version whose import was killed some works have no record yet: what was said of
            # them before still counts.
            before = None if settled else version.supersedes
            version = self.library.sources.version(before) if before else None

    def _read_base(self, source: Source, row: SourceRow) -> bool:
        """Take what a version said of its records as what was last read; whether all its works have
        a record.
        """
        blocks = self.library.sources.blocks(row.id)
        settled = all(block.record_id for block in blocks if block.kind in {"abstract", "entry"})
        places = {block.position: block.record_id for block in blocks if block.record_id}
        if row.id == source.id:
            source.places = places
        fmt = registry.find(row.format)
        reader = fmt.read if fmt else None
        if reader is None:
            return settled
        again = row.sha256 == source.text.sha256
        try:
            last = (
                source.reading
                if again
                else reader(
                    Text(
                        "".join(b.raw for b in blocks),
                        row.name,
                        row.encoding,
                        False,
                        row.newline,
                        "",
                    )
                )
            )
        except PluginFault:  # as if its package were not there: what it read before cannot be told
            return settled
        found: dict[str, list[Work]] = {}
        for work in last.works:
            if work.position in places:
                found.setdefault(places[work.position], []).append(work)
        for record_id, works in found.items():
            source.base.setdefault(record_id, works)
        return settled

    def _last_version(self, text: Text) -> tuple[SourceRow | None, bool]:
        """The last version of this text's file; else one with the same bytes, and False if it has a
        file of its own.
        """
        found = self.library.sources.current(text.locator) if text.locator else None
        if found is not None:
            return found, True
        return self.library.sources.with_bytes(text.sha256), not text.locator

    # Before anything is added: by what was read before

    def match_known(self, candidates: Sequence[tuple[Part, ...]]) -> dict[int, str]:
        """The records of those candidates (by their number) that the library has read before.

        First the words that are the same, for all of them; then, among what is left of the last
        version of each file, what has changed but is still the same work: the most alike first.
        """
        found: dict[int, str] = {}
        self._seen = self._hashes_seen(candidates)
        for find in (self._by_block, self._by_content):
            for number, parts in enumerate(candidates):
                record_id = (
                    next((i for part in parts for i in find(part) if self._free(parts, i)), None)
                    if number not in found
                    else None
                )
                if record_id is not None:
                    found[number] = record_id
                    self.claim(parts, record_id)
        for near in (self._of_the_same_key, self._of_a_key_that_is_gone):
            pairs = [
                pair
                for number, parts in enumerate(candidates)
                if number not in found
                for pair in near(number, parts)
            ]
            for _, _, number, record_id in sorted(
                pairs, key=lambda pair: (-pair[0], pair[1], pair[2])
            ):
                if number not in found and self._free(candidates[number], record_id):
                    found[number] = record_id
                    self.claim(candidates[number], record_id)
        return found

    def _hashes_seen(self, candidates: Sequence[tuple[Part, ...]]) -> set[str]:
        """Which of the works' words were read before, asked for many at once."""
        hashes = list(dict.fromkeys(part.block.hash for parts in candidates for part in parts))
        return self.library.sources.hashes_seen(hashes)

    def apart(self, parts: tuple[Part, ...]) -> list[str]:
        """The records that the parts of one candidate were read into before, when they are not one
        and the same.
        """
        ids = dict.fromkeys(record_id for part in parts for record_id in self._by_block(part)[:1])
        return list(ids) if len(ids) > 1 else []

    def match_new(self, parts: tuple[Part, ...]) -> NewMatch:
        """Which record a candidate not read before speaks of all the same, if any."""
        holders: dict[str, list[str]] = {}

        def by_key(part: Part) -> list[str]:
            if part.work.key and part.work.key not in holders:
                holders[part.work.key] = self.library.holders(part.work.key)
            return self._by_key(part, holders.get(part.work.key or "", ()))

        for find in (self._by_abstract, by_key, self._by_file_name):
            for part in parts:
                for record_id in find(part):
                    if self._free(parts, record_id):
                        self.claim(parts, record_id)
                        return NewMatch(record_id)
        return NewMatch(None, frozenset(key for key, ids in holders.items() if not ids))

    def claim(self, parts: tuple[Part, ...], record_id: str) -> None:
        """Note that the sources of ``parts`` have spoken of this record."""
        for part in parts:
            self.claimed.setdefault(part.source, Counter())[record_id] += 1
            part.source.owners[part.work.position] = record_id

    def _free(self, parts: tuple[Part, ...], record_id: str) -> bool:
        return all(
            self.claimed.get(p.source, _NOTHING)[record_id]
            < max(1, len(p.source.base.get(record_id, ())))
            for p in parts
        )

    def _by_block(self, part: Part) -> list[str]:
        """The same words were read before, from this file or another."""
        if self._seen is not None and part.block.hash not in self._seen:
            return []
        owners = self.library.sources.owners(part.block.hash, part.source.previous)
        return [
            owner.id
            for owner in owners
            if owner.alive or (not self.again and self.library.was_removed(owner.id))
        ]

    def _by_content(self, part: Part) -> list[str]:
        """The last version of the file said the same under another key."""
        if not part.work.fields:
            return []
        return self._known(part.source.by_content().get(_content(part.work), []))

    def _of_the_same_key(self, number: int, parts: tuple[Part, ...]) -> Iterator[_Pair]:
        """Works of the last version with the same key (or none, like this one) that are enough
        alike.
        """
        for part in parts:
            yield from self._alike(
                number, part, part.source.by_key().get(fold_key(part.work.key or ""), []), _ALIKE
            )

    def _of_a_key_that_is_gone(self, number: int, parts: tuple[Part, ...]) -> Iterator[_Pair]:
        """Works of the last version whose key the file does not have any more, that are very much
        alike.
        """
        for part in parts:
            if part.work.key and fold_key(part.work.key) not in part.source.by_key():
                yield from self._alike(number, part, part.source.gone(), _VERY_MUCH_ALIKE)

    def _alike(
        self, number: int, part: Part, bases: Sequence[tuple[str, Work]], enough: float
    ) -> Iterator[_Pair]:
        if len(bases) > _MOST_COMPARED:
            bases = [
                (record_id, base)
                for record_id, base in bases
                if base.position == part.work.position
            ]
        for record_id, base in bases:
            likely = likeness(base, part.work) if self._free((part,), record_id) else 0.0
            if likely >= enough and self._known([record_id]):
                yield likely, abs(base.position - part.work.position), number, record_id

    # Against what the library holds by now

    def _by_abstract(self, part: Part) -> list[str]:
        """An abstract without metadata that the library has already."""
        if part.work.fields or part.work.abstract is None:
            return []
        return self._known(self.library.with_abstract(part.work.abstract))

    def _by_key(self, part: Part, holders: Sequence[str]) -> list[str]:
        """A record with this key (``holders`` have it), or an abstract's with the name of its file,
        that is no other work.
        """
        if part.work.key:
            return (
                [r.id for r in self.library.records(holders) if same_work(r, part.work)]
                if holders
                else []
            )
        if part.work.fields or len(part.source.reading.works) != 1:
            return []
        named = self.library.records(self.library.holders(PurePath(part.source.text.name).stem))
        return [record.id for record in named if record.abstract is None]

    def _by_file_name(self, part: Part) -> list[str]:
        """An abstract without metadata, alone in a file that was named by the key."""
        if not part.work.fields:
            return []
        if self._by_stem is None:
            self._by_stem = self._lone_abstracts()
        return [
            record_id for name in names_of(part.work) for record_id in self._by_stem.get(name, [])
        ]

    def _lone_abstracts(self) -> dict[str, list[str]]:
        """Records without a title that were alone in a text file, by the file's name without its
        suffix.
        """
        found: dict[str, list[str]] = {}
        for record_id, name in self.library.sources.lone_abstracts():
            found.setdefault(fold_key(PurePath(name).stem), []).append(record_id)
        return found

    def _known(self, ids: Sequence[str]) -> list[str]:
        """Those of the records that stand, or that a person took out."""
        if not ids:
            return []
        alive = {record.id for record in self.library.records(ids)}
        return [i for i in ids if i in alive or (not self.again and self.library.was_removed(i))]


_MOST_COMPARED = 200  # works of the last version that one work is compared with
_VERY_MUCH_ALIKE = 0.8
_ALIKE = 0.5  # from which share of common words on a changed text is still the same


def names_of(work: Work) -> list[str]:
    """The names by which an abstract may belong to a work: its key, and the files it names, folded."""
    names = [work.key] if work.key else []
    for part in work.get("file").replace(";", ":").split(":"):
        if "." in part:
            names += [PurePath(part).name, PurePath(part).stem]
    return [fold_key(name) for name in names]


def likeness(one: Work, other: Work) -> float:
    """How alike two versions of a work are, 0 to 1: by DOI, by author, by the words of title and
    abstract.
    """
    dois = {doi for doi in (_fold(one.get("doi")), _fold(other.get("doi"))) if doi}
    if len(dois) == 1 and one.get("doi") and other.get("doi"):
        return 1.0
    shares = []
    if one.get("title") and other.get("title"):
        title = share(one.get("title"), other.get("title"))
        shares.append(title if _years_agree(one, other) or title == 1 else title * 0.9)
    if one.abstract and other.abstract:
        shares.append(share(one.abstract, other.abstract, 3))
    same_hand = bool(one.key and other.key and one.entry_type == other.entry_type)
    if same_hand and share(one.get("author"), other.get("author")) >= _VERY_MUCH_ALIKE:
        shares.append(
            _ALIKE
        )  # a key is made of author and year: what keeps all three may have been retitled
    if not shares:
        return _ALIKE
    return max(shares) / 2 if len(dois) == 2 else max(shares)


def _years_agree(one: Work, other: Work) -> bool:
    years = {_year(work.get("year") or work.get("date")) for work in (one, other)} - {""}
    return len(years) < 2


def share(one: str, other: str, run: int = 1) -> float:
    """The part of the runs of ``run`` words (of Chinese, characters) of two texts that both have, 0
    to 1.
    """
    a, b = _runs(one, run), _runs(other, run)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    length = min(length, len(words))
    return (
        {tuple(words[n : n + length]) for n in range(len(words) - length + 1)} if words else set()
    )


_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


def _content(work: Work) -> tuple[object, ...]:
    return (work.entry_type, work.abstract, *((f.name, f.value) for f in work.fields))


def same_work(record: Record, work: Work) -> bool:
    """Whether a record and a work under the same key can be one: by DOI, else title and year, else
    abstract.
    """
    one, other = _fold(record.get("doi")), _fold(work.get("doi"))
    if one and other:
        return one == other
    one, other = _fold(record.get("title")), _fold(work.get("title"))
    if one and other:
        years = {
            text
            for text in (
                _year(record.get("year") or record.get("date")),
                _year(work.get("year") or work.get("date")),
            )
            if text
        }
        return one == other and len(years) < 2
    if record.abstract is not None and work.abstract is not None:
        return abstract_hash(record.abstract) == abstract_hash(work.abstract)
    return True


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def _year(text: str) -> str:
    return text.strip()[:4]
