"""The embedded engine: a Whoosh index in the user's cache folder, written and read a block at a
time.

Only the manifest decides what belongs to the index: it names the segments, their deleted documents
and the stamps of their files, and is replaced as a whole. Plain Whoosh can read the folder too;
litrev never reads what Whoosh would have to unpickle.
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
from litrev.index.embedded.planning import Planner
from litrev.index.embedded.scoring import Documents, Scores
from litrev.index.embedded.segment import Segment
from litrev.index.engine import DamagedIndex, Health, Hit, Page, Seen
from litrev.index.spelling import distance, near
from litrev.library.storage.atomic_files import locked
from litrev.library.storage.connection import DatabaseError
from litrev.library.storage.library import Position

_LOCK = "writing"
# The system refuses to write, and the index itself may be whole: a remedy, and no rebuilding.
_REFUSALS = frozenset({13, 27, 28, 30, 122})  # EACCES, EFBIG, ENOSPC, EROFS, EDQUOT
_LIKE_WORDS = 25  # of a document, by which similar ones are looked for
_LIKE_FIELDS = ("title", "keywords", "abstract")
_MOST_REPEATS = 3  # of a word in one field that make a document more similar
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
        """What the manifest says; None when there is no index.

        Raises DamagedIndex when there is one whose manifest cannot be trusted.
        """
        with self._translating_errors():
            manifest = read_manifest(self.folder)
            if manifest is None:
                return None
            position = Position(**manifest["position"])
            return Seen(position, manifest["analyzer"], manifest["format"])

    # Writing

    def exclusive(self) -> AbstractContextManager[None]:
        """Be the only process that writes this index.

        Raises Busy when another process writes it for too long.
        """
        return locked(self.folder / _LOCK, self.folder)

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        """Add or replace changed documents and take out removed ones.

        To do it twice has the same result as to do it once.
        """
        from litrev.index.embedded.writer import IndexWriter

        with self._translating_errors():
            manifest = read_manifest(self.folder)
            if manifest is None:
                raise DamagedIndex("there is no index to bring up to date")
            writer = IndexWriter(self.folder, self.structured)
            segments = self._open().segments
            writer.change(manifest, segments, documents, removed, _seen_entries(seen))

    def rebuild(
        self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]
    ) -> None:
        """Index everything anew beside the old index, and swap the two at the end."""
        from litrev.index.embedded.writer import IndexWriter

        with self._translating_errors():
            writer = IndexWriter(self.folder, self.structured)
            writer.build(documents, _seen_entries(seen), progress)

    def compact(self) -> None:
        """Merge all segments into one, without deleted documents."""
        from litrev.index.embedded.writer import IndexWriter

        with self._translating_errors():
            manifest = read_manifest(self.folder)
            if manifest is None:
                raise DamagedIndex("there is no index")
            IndexWriter(self.folder, self.structured).compact(manifest, self._open().segments)

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
        return self._answer(lambda opened: opened.count(query))

    def ids(self, query: tree.Query) -> set[str]:
        """The ids of all documents that match."""
        return self._answer(lambda opened: opened.ids(query))

    def like(self, document: Document, limit: int) -> Page:
        """The documents that share the most distinctive words with ``document``, without itself."""
        return self._answer(lambda opened: opened.like(document, limit))

    def weigh(self, parts: Sequence[tree.Query], document_id: str) -> list[float]:
        """What each part of a query adds to the score of a document."""
        return self._answer(lambda opened: opened.weigh(parts, document_id))

    def suggest(self, word: str) -> str | None:
        """The commonest word of the index that is one or two typing errors away from ``word``."""
        return self._answer(lambda opened: opened.suggest(word))

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Words of a field that begin with ``prefix``, each with the number of documents it is in,
        commonest first.
        """
        return self._answer(lambda opened: opened.words_of(field, prefix, limit))

    def health(self) -> Health:
        """The state of the index, after a look at every file of it."""
        with self._translating_errors():
            manifest = read_manifest(self.folder)
            if manifest is None:
                return Health(0, 0, 0, 0, ("there is no index",))
            files, segments = list(files_of(manifest)), manifest["segments"]
            problems = tuple(self._problems(files))
            deleted = sum(len(segment["deleted"]) for segment in segments)
            documents = sum(segment["documents"] for segment in segments) - deleted
            size = sum(stamp[0] for _, stamp in files)
            return Health(documents, deleted, len(segments), size, problems)

    def _problems(self, files: Iterable[tuple[str, Sequence[int]]]) -> Iterator[str]:
        for name, stamp in files:
            path = self.folder / name
            if not path.is_file():
                yield f"{name} is missing"
            elif not layout.has_content(path, stamp):
                yield f"{name} is not as it was written"

    def close(self) -> None:
        """Close the files."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _answer(self, ask: Callable[[_Opened], Result]) -> Result:
        """Ask the index as it is now; again when another process swapped it meanwhile."""
        with self._translating_errors():
            while True:
                manifest = read_manifest(self.folder)
                try:
                    return ask(self._open())
                except FileNotFoundError:
                    # A writer removes the files of the index before. Only with the same manifest
                    # as before is a file really missing.
                    self.close()
                    if read_manifest(self.folder) == manifest:
                        raise

    def _open(self) -> _Opened:
        manifest = read_manifest(self.folder)
        if manifest is None:
            raise DamagedIndex("there is no index")
        opened = self._opened
        if opened is None or opened.manifest != manifest or not opened.untouched():
            self.close()
            opened = self._opened = _Opened(self.folder, manifest, self.structured)
        return opened

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Raise whatever damaged bytes cause as DamagedIndex, and what a user can mend as that."""
        try:
            yield
        except (LitrevError, MemoryError, DatabaseError):
            # Documents come from the library, whose errors say nothing about the index.
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
        except Exception as error:
            # zlib.error, struct.error, UnpicklingError, UnicodeDecodeError, KeyError of a manifest
            # and more: they have no common class.
            raise DamagedIndex(f"{self.folder}: {type(error).__name__}: {error}") from error


class _Opened:
    """The segments a manifest names, open for reading."""

    def __init__(self, folder: Path, manifest: dict[str, Any], structured: Sequence[str]) -> None:
        self._files: list[tuple[str, list[int]]] = []
        for name, stamp in files_of(manifest):
            path = folder / name
            self._files.append((str(path), layout.touched(path)))
            # A checksum reads the whole file: it is only asked when the system says that the file
            # was touched, as after a copy of the folder.
            if not layout.untouched(path, stamp) and not layout.has_content(path, stamp):
                raise DamagedIndex(f"{path}: is not as it was written")
        self.manifest, self._structured = manifest, structured
        self.segments = [Segment(folder, entry) for entry in manifest["segments"]]

    @cached_property
    def planner(self) -> Planner:
        """Plans for queries on these segments."""
        return Planner(self.segments, self._structured, self.manifest["lengths"])

    def untouched(self) -> bool:
        """Whether the files are as they were when they were opened."""
        # To read mapped memory behind the end of a file that was cut short kills the process
        # (SIGBUS), so this is asked before every answer.
        return all(layout.touched(path) == before for path, before in self._files)

    def close(self) -> None:
        """Close the files."""
        for segment in self.segments:
            segment.close()

    # What matches

    def _matching(self, query: tree.Query) -> Iterator[tuple[Segment, set[int]]]:
        """Each segment with the documents there that match."""
        plan = self.planner.plan(query)
        for segment in self.segments:
            yield segment, set(plan(segment).documents()) - segment.deleted

    def count(self, query: tree.Query) -> int:
        return sum(len(documents) for _, documents in self._matching(query))

    def ids(self, query: tree.Query) -> set[str]:
        ids = set[str]()
        for segment, documents in self._matching(query):
            ids.update(map(segment.identity, documents))
        return ids

    def search(
        self, query: tree.Query, limit: int | None, offset: int, facets: Sequence[str]
    ) -> Page:
        plan = self.planner.plan(query)
        total, scored = 0, list[tuple[Segment, Scores]]()
        counts: dict[str, Counter[str]] = {name: Counter() for name in facets}
        for segment in self.segments:
            matcher = plan(segment)
            documents: Documents = matcher.documents()
            living = None  # all: a matcher scores faster what it need not select
            if segment.deleted:
                documents = living = set(documents) - segment.deleted
            total += len(documents)
            scored.append((segment, matcher.scores(living)))
            for name in facets:
                counts[name].update(segment.facet_counts(name, documents))
        ordered = {name: dict(count.most_common()) for name, count in counts.items()}
        return Page(_best(scored, limit, offset), total, False, ordered)

    def weigh(self, parts: Sequence[tree.Query], document_id: str) -> list[float]:
        for segment in self.segments:
            number = segment.number(document_id)
            if number is not None:
                plans = [self.planner.plan(part) for part in parts]
                return [plan(segment).scores({number}).get(number, 0.0) for plan in plans]
        return [0.0] * len(parts)

    # Similar documents

    def like(self, document: Document, limit: int) -> Page:
        weights = self._word_weights(document)
        best = nlargest(_LIKE_WORDS, weights.items(), key=lambda entry: (entry[1], entry[0].text))
        highest = best[0][1] if best else 1.0
        parts = tuple(tree.Boosted(term, weight / highest) for term, weight in best if weight > 0)
        page = self.search(tree.Or(parts), limit + 1, 0, ())
        others = tuple(hit for hit in page.hits if hit.id != document.id)
        itself_was_hit = len(others) < len(page.hits)
        return Page(others[:limit], page.total - itself_was_hit)

    def _word_weights(self, document: Document) -> dict[tree.Term, float]:
        """How much each word of a document says about it: by its rarity, field and repetition."""
        weights: dict[tree.Term, float] = {}
        for name in _LIKE_FIELDS:
            boost = layout.boost(name)
            words, _ = placed(document.texts.get(name, ""))
            for word, count in Counter(filter(_is_long_enough, words)).items():
                term = tree.Term(None, word)
                weight = min(count, _MOST_REPEATS) * boost * self.planner.distinctiveness(word)
                weights[term] = weights.get(term, 0.0) + weight
        return weights

    # Vocabulary

    def suggest(self, word: str) -> str | None:
        if not word:
            return None
        for errors in (1, 2):
            counts = self._near_words(word, errors)
            if counts:
                return max(counts, key=lambda candidate: (counts[candidate], candidate))
        return None

    def _near_words(self, word: str, most: int) -> dict[str, int]:
        """Other words at most ``most`` typing errors away, with the number of their documents."""
        pattern = near(word, most)
        counts = Counter[str]()
        for segment in self.segments:
            for candidate in segment.words(pattern, word[0]):
                errors = distance(candidate, word, most)
                term = segment.terms.find(layout.SURFACE, candidate.encode())
                if term and 0 < errors <= most:
                    counts[candidate] += term.documents
        return counts

    def words_of(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        bit = 1 << layout.slots(self._structured).index(field)
        counts = Counter[str]()
        for segment in self.segments:
            for word, term in segment.terms.starting(layout.SURFACE, prefix.encode()):
                masks = segment.postings(term).weights or (1,) * term.documents
                counts[word.decode()] += sum(1 for fields in masks if fields & bit)
        present = +counts  # without words that are only in other fields
        return sorted(present.items(), key=lambda entry: (-entry[1], entry[0]))[:limit]


def _is_long_enough(word: str) -> bool:
    """Short English words say little; one or two Chinese characters may be a word."""
    return len(word) > 2 or not word.isascii()


def _best(
    scored: Sequence[tuple[Segment, Scores]], limit: int | None, offset: int
) -> tuple[Hit, ...]:
    """The best hits of all segments."""
    most = sum(len(scores) for _, scores in scored) if limit is None else offset + limit
    if most <= 0:
        return ()
    # Ids are looked up only for scores that can be among the best. Hits with the lowest of these
    # are all kept: equal scores are put in order by their ids.
    lowest = -1.0
    if limit is not None:
        all_scores = (score for _, scores in scored for score in scores.values())
        lowest = min(nlargest(most, all_scores), default=0.0)
    hits = [
        (-score, segment.identity(number))
        for segment, scores in scored
        for number, score in scores.items()
        if score >= lowest
    ]
    return tuple(Hit(identity, -score) for score, identity in sorted(hits)[offset:most])


def _seen_entries(seen: Seen) -> dict[str, Any]:
    """What is written of ``seen`` in a manifest."""
    return {"position": seen.position._asdict(), "analyzer": seen.analyzer, "format": seen.format}
