"""The embedded engine: a Whoosh index in the user's cache folder, written and read a block at a
time.

What counts is the manifest: it names the segments, what is deleted in them and how their files
were when they were written, and is swapped whole. Plain Whoosh can read the folder too; litrev
never reads what Whoosh would have to unpickle.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from heapq import nlargest
from pathlib import Path
from typing import Any, TypeVar

from litrev.errors import EnvironmentFault, LitrevError, UsageFault
from litrev.index import query as tree
from litrev.index.analysis import placed
from litrev.index.documents import Document
from litrev.index.embedded import layout
from litrev.index.embedded.manifest import files_of, read_manifest
from litrev.index.embedded.scoring import Planner, Scores, counted
from litrev.index.embedded.segment import Segment
from litrev.index.engine import DamagedIndex, Health, Hit, Page, Seen
from litrev.index.spelling import distance, near
from litrev.library.storage.atomic_files import locked
from litrev.library.storage.connection import DatabaseError
from litrev.library.storage.library import Position

_LOCK = "writing"
_REFUSALS = frozenset({13, 27, 28, 30, 122})  # EACCES, EFBIG, ENOSPC, EROFS, EDQUOT
_TELLING = 25  # words by which documents are alike
_ALIKE_IN = ("title", "keywords", "abstract")
Result = TypeVar("Result")


class EmbeddedEngine:
    """An index in ``folder``, owner-only; ``structured`` are the fields of the codebook."""

    format = layout.FORMAT

    def __init__(self, folder: Path, structured: Sequence[str]) -> None:
        self.folder, self.structured = folder, tuple(structured)
        self._opened: _Opened | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
                raise EnvironmentFault(
                    f"{folder}: the index folder belongs to another user",
                    "Remove it, or set another XDG_CACHE_HOME.",
                )
            folder.chmod(0o700)
        except OSError as error:
            raise EnvironmentFault(
                f"{error.filename or folder}: {error.strerror}",
                "The index needs a cache folder: set XDG_CACHE_HOME.",
            ) from error

    # What it has seen

    def seen(self) -> Seen | None:
        """What the manifest says; None when there is no index, DamagedIndex when there is one
        without a manifest to be trusted.
        """
        with self._guarded():
            told = read_manifest(self.folder)
            return (
                None
                if told is None
                else Seen(Position(**told["position"]), told["analyzer"], told["format"])
            )

    # Writing

    def exclusive(self) -> AbstractContextManager[None]:
        """Be the only process that writes this index; raises Busy when another does for too long."""
        return locked(self.folder / _LOCK, self.folder)

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        """Take in changed documents and take out removed ones; doing it twice is doing it once."""
        from litrev.index.embedded.writer import Keeper

        with self._guarded():
            told = read_manifest(self.folder)
            if told is None:
                raise DamagedIndex("there is no index to bring up to date")
            Keeper(self.folder, self.structured).change(
                told, self._open().segments, documents, removed, _stated(seen)
            )

    def rebuild(
        self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]
    ) -> None:
        """Index everything anew beside the old index, and swap the two at the end."""
        from litrev.index.embedded.writer import Keeper

        with self._guarded():
            Keeper(self.folder, self.structured).build(documents, _stated(seen), progress)

    def compact(self) -> None:
        """Put all segments into one, without what was deleted."""
        from litrev.index.embedded.writer import Keeper

        with self._guarded():
            told = read_manifest(self.folder)
            if told is None:
                raise DamagedIndex("there is no index")
            Keeper(self.folder, self.structured).compact(told, self._open().segments)

    # Searching

    def search(
        self, query: tree.Query, limit: int | None, offset: int = 0, facets: Sequence[str] = ()
    ) -> Page:
        """The best ``limit`` hits (all when None) after the first ``offset``, best first; equal
        scores in the order of the ids.
        """
        return self._answer(lambda opened: opened.search(query, limit, offset, facets))

    def count(self, query: tree.Query) -> int:
        """How many documents match."""
        return self._answer(
            lambda opened: sum(len(documents) for _, documents in opened.matching(query))
        )

    def ids(self, query: tree.Query) -> set[str]:
        """The ids of all that match."""
        return self._answer(
            lambda opened: {
                segment.identity(n)
                for segment, documents in opened.matching(query)
                for n in documents
            }
        )

    def like(self, document: Document, limit: int) -> Page:
        """The documents that share the most telling words with ``document``, itself left out."""
        return self._answer(lambda opened: opened.like(document, limit))

    def weigh(self, parts: Sequence[tree.Query], document_id: str) -> list[float]:
        """What each part of a query adds to the score of a document."""
        return self._answer(lambda opened: opened.weigh(parts, document_id))

    def suggest(self, word: str) -> str | None:
        """The commonest word at most two typing errors away from ``word`` that is in the index."""
        return self._answer(lambda opened: opened.suggest(word))

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Words of a field that begin so, and in how many documents they stand, commonest first."""

        def answer(opened: _Opened) -> list[tuple[str, int]]:
            bit = 1 << layout.slots(self.structured).index(field)
            found: Counter[str] = Counter()
            for segment in opened.segments:
                for word, term in segment.terms.starting(layout.SURFACE, prefix.encode()):
                    found[word.decode()] += sum(
                        1
                        for fields in segment.postings(term).weights or (1,) * term.documents
                        if fields & bit
                    )
            found = +found
            return sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))[:limit]

        return self._answer(answer)

    def health(self) -> Health:
        """How the index does, every file of it looked at."""
        with self._guarded():
            told = read_manifest(self.folder)
            if told is None:
                return Health(0, 0, 0, 0, ("there is no index",))
            problems = []
            for name, stamp in files_of(told):
                path = self.folder / name
                if not path.is_file():
                    problems.append(f"{name} is missing")
                elif [path.stat().st_size, layout.checksum(path)] != [stamp[0], stamp[2]]:
                    problems.append(f"{name} is not as it was written")
            deleted = sum(len(segment["deleted"]) for segment in told["segments"])
            documents = sum(segment["documents"] for segment in told["segments"]) - deleted
            return Health(
                documents,
                deleted,
                len(told["segments"]),
                sum(stamp[0] for _, stamp in files_of(told)),
                tuple(problems),
            )

    def close(self) -> None:
        """Let go of the files."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _answer(self, ask: Callable[[_Opened], Result]) -> Result:
        """Ask the index as it is now; again when another process swapped it meanwhile."""
        with self._guarded():
            while True:
                told = read_manifest(self.folder)
                try:
                    return ask(self._open())
                except FileNotFoundError:
                    self.close()
                    if read_manifest(self.folder) == told:
                        raise

    def _open(self) -> _Opened:
        told = read_manifest(self.folder)
        if told is None:
            raise DamagedIndex("there is no index")
        if self._opened is None or self._opened.told != told or not self._opened.untouched():
            self.close()
            self._opened = _Opened(self.folder, told, self.structured)
        return self._opened

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Bytes that do not hold are found out in many ways: whatever is raised over them means a
        damaged index.
        """
        try:
            yield
        except (
            LitrevError,
            MemoryError,
            DatabaseError,
        ):  # the library, from which documents come, has faults of its own
            raise
        except RecursionError as error:
            raise UsageFault(
                "the query is too deep for this index", "Ask for less at once."
            ) from error
        except OSError as error:
            if error.errno in _REFUSALS:
                raise EnvironmentFault(
                    f"{self.folder}: {error.strerror}",
                    "Free some space, or set another XDG_CACHE_HOME.",
                ) from error
            raise DamagedIndex(f"{self.folder}: {error}") from error
        except Exception as error:  # zlib.error, struct.error, UnpicklingError, UnicodeDecodeError … with no common class
            raise DamagedIndex(f"{self.folder}: {type(error).__name__}: {error}") from error


class _Opened:
    """The segments a manifest names, open for reading."""

    def __init__(self, folder: Path, told: dict[str, Any], structured: Sequence[str]) -> None:
        self._files: list[tuple[str, list[int]]] = []
        for name, stamp in files_of(told):
            path = folder / name
            self._files.append((str(path), layout.touched(path)))
            if not layout.untouched(path, stamp) and [
                path.stat().st_size,
                layout.checksum(path),
            ] != [stamp[0], stamp[2]]:
                raise DamagedIndex(f"{path}: is not as it was written")
        self.told, self._structured = told, structured
        self.segments = [Segment(folder, segment) for segment in told["segments"]]

    @cached_property
    def planner(self) -> Planner:
        """Plans for queries on these segments."""
        return Planner(self.segments, self._structured, self.told["lengths"])

    def untouched(self) -> bool:
        """Whether its files are as they were when they were opened: one cut short would kill
        whoever reads it.
        """
        return all(layout.touched(path) == before for path, before in self._files)

    def close(self) -> None:
        """Let go of the files."""
        for segment in self.segments:
            segment.close()

    def matching(self, query: tree.Query) -> Iterator[tuple[Segment, set[int]]]:
        """Each segment with the documents there that match."""
        plan = self.planner.plan(query)
        for segment in self.segments:
            yield segment, set(plan(segment).documents()) - segment.deleted

    def search(
        self, query: tree.Query, limit: int | None, offset: int, facets: Sequence[str]
    ) -> Page:
        plan, total, found = self.planner.plan(query), 0, list[tuple[Segment, Scores]]()
        counts: dict[str, Counter[str]] = {name: Counter() for name in facets}
        for segment in self.segments:
            matches = plan(segment)
            documents = matches.documents()
            if segment.deleted:
                documents = set(documents) - segment.deleted
            total += len(documents)
            found.append((segment, matches.scores(set(documents) if segment.deleted else None)))
            for name in facets:
                counts[name].update(_counts(segment, name, documents))
        return Page(
            _best(found, limit, offset),
            total,
            False,
            {name: dict(count.most_common()) for name, count in counts.items()},
        )

    def like(self, document: Document, limit: int) -> Page:
        rated: dict[tree.Term, float] = {}
        for name in _ALIKE_IN:
            seen = Counter(
                word
                for word in placed(document.texts.get(name, ""))[0]
                if len(word) > 2 or not word.isascii()
            )
            for word, count in seen.items():
                term = tree.Term(None, word)
                rated[term] = rated.get(term, 0.0) + min(count, 3) * layout.boost(
                    name
                ) * self.planner.telling(word)
        telling = nlargest(_TELLING, rated.items(), key=lambda entry: (entry[1], entry[0].text))
        highest = telling[0][1] if telling else 1.0
        parts = tuple(tree.Boosted(term, rate / highest) for term, rate in telling if rate > 0)
        page = self.search(tree.Or(parts), limit + 1, 0, ())
        hits = tuple(hit for hit in page.hits if hit.id != document.id)
        return Page(hits[:limit], page.total - (len(hits) < len(page.hits)))

    def weigh(self, parts: Sequence[tree.Query], document_id: str) -> list[float]:
        for segment in self.segments:
            number = segment.number(document_id)
            if number is not None:
                return [
                    self.planner.plan(part)(segment).scores({number}).get(number, 0.0)
                    for part in parts
                ]
        return [0.0] * len(parts)

    def suggest(self, word: str) -> str | None:
        if not word:
            return None
        rated: dict[str, tuple[int, int]] = {}
        for most in (1, 2):
            pattern = near(word, most)
            for segment in self.segments:
                for found in segment.words(pattern, word[0]):
                    away = distance(found, word, most)
                    term = segment.terms.find(layout.SURFACE, found.encode())
                    if term and 0 < away <= most:
                        rated[found] = (-most, rated.get(found, (0, 0))[1] + term.documents)
            if rated:
                break
        return max(rated, key=lambda found: (*rated[found], found)) if rated else None


def _counts(segment: Segment, name: str, documents: Iterable[int]) -> dict[str, int]:
    if name != "year":
        return dict(counted(segment, name, set(documents)))
    years = segment.years
    found = Counter(map(years.__getitem__, documents))
    found.pop(layout.NO_YEAR, None)
    return {str(year): count for year, count in found.items()}


def _best(
    found: Sequence[tuple[Segment, Scores]], limit: int | None, offset: int
) -> tuple[Hit, ...]:
    """The best hits of all segments: only those that can be among them are named."""
    most = sum(len(scores) for _, scores in found) if limit is None else offset + limit
    if most <= 0:
        return ()
    lowest = (
        min(
            nlargest(most, (score for _, scores in found for score in scores.values())), default=0.0
        )
        if limit is not None
        else -1.0
    )
    hits = [
        (-score, segment.identity(number))
        for segment, scores in found
        for number, score in scores.items()
        if score >= lowest
    ]
    return tuple(Hit(identity, -score) for score, identity in sorted(hits)[offset:most])


def _stated(seen: Seen) -> dict[str, Any]:
    return {"position": seen.position._asdict(), "analyzer": seen.analyzer, "format": seen.format}
