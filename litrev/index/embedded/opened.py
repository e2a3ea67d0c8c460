"""An index open for reading: the answers to all questions, from the segments of one manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from heapq import nlargest
from pathlib import Path
from typing import Any

from litrev.index import query as tree
from litrev.index.analysis import placed
from litrev.index.documents import Document
from litrev.index.embedded import layout
from litrev.index.embedded.manifest import files_of
from litrev.index.embedded.planning import Planner
from litrev.index.embedded.scoring import Documents, Scores
from litrev.index.embedded.segment import Segment
from litrev.index.engine import DamagedIndex, Hit, Page
from litrev.index.spelling import distance, near

_LIKE_WORDS = 25  # of a document, by which similar ones are looked for
_LIKE_FIELDS = ("title", "keywords", "abstract")
_MOST_REPEATS = 3  # of a word in one field that make a document more similar


class OpenedIndex:
    """The segments a manifest names, open for reading.

    Raises DamagedIndex when a file is not as it was written, and FileNotFoundError when one is not
    there: another process may have swapped the index.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any], structured: Sequence[str]) -> None:
        self._files: list[tuple[str, list[int]]] = []
        for name, stamp in files_of(manifest):
            path = folder / name
            self._files.append((str(path), layout.touched(path)))
            # A checksum reads the whole file: it is only asked when the system says that the file
            # was touched, as after a copy of the folder.
            if not layout.untouched(path, stamp) and not layout.has_content(path, stamp):
                raise DamagedIndex(f"{path}: is not as it was written")
        self.manifest = manifest
        self._structured = structured
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
            matching = set(plan(segment).documents())
            yield segment, matching - segment.deleted

    def count(self, query: tree.Query) -> int:
        """How many documents match."""
        return sum(len(documents) for _, documents in self._matching(query))

    def ids(self, query: tree.Query) -> set[str]:
        """The ids of all documents that match."""
        ids = set[str]()
        for segment, documents in self._matching(query):
            ids.update(map(segment.identity, documents))
        return ids

    def search(
        self, query: tree.Query, limit: int | None, offset: int, facets: Sequence[str]
    ) -> Page:
        """The answer of :meth:`EmbeddedEngine.search`."""
        plan = self.planner.plan(query)
        total = 0
        scored = list[tuple[Segment, Scores]]()
        counts: dict[str, Counter[str]] = {name: Counter() for name in facets}
        for segment in self.segments:
            matcher = plan(segment)
            documents: Documents = matcher.documents()
            living = None  # all: a matcher scores faster what it need not select
            if segment.deleted:
                documents = living = set(documents) - segment.deleted
            total += len(documents)
            scores = matcher.scores(living)
            scored.append((segment, scores))
            for name in facets:
                counts[name].update(segment.facet_counts(name, documents))
        return Page(
            hits=_best(scored, limit, offset),
            total=total,
            partial=False,
            facets={name: dict(count.most_common()) for name, count in counts.items()},
        )

    def weigh(self, parts: Sequence[tree.Query], document_id: str) -> list[float]:
        """The score each part gives a document; 0 where it does not match, or is not there."""
        for segment in self.segments:
            number = segment.number(document_id)
            if number is not None:
                return [self._score(part, segment, number) for part in parts]
        return [0.0] * len(parts)

    def _score(self, query: tree.Query, segment: Segment, number: int) -> float:
        """The score of one document; 0 when it does not match."""
        plan = self.planner.plan(query)
        scores = plan(segment).scores({number})
        return scores.get(number, 0.0)

    # Similar documents

    def like(self, document: Document, limit: int) -> Page:
        """The documents that match any of the most distinctive words of ``document``.

        Each word counts by its weight, relative to the heaviest.
        """
        weights = self._word_weights(document)
        best = nlargest(_LIKE_WORDS, weights.items(), key=lambda entry: (entry[1], entry[0].text))
        highest = best[0][1] if best else 1.0
        parts = [tree.Boosted(term, weight / highest) for term, weight in best if weight > 0]
        # The document itself may be the best hit, so one more is asked for.
        page = self.search(tree.Or(tuple(parts)), limit + 1, 0, ())
        others = tuple(hit for hit in page.hits if hit.id != document.id)
        itself_was_hit = len(others) < len(page.hits)
        return Page(others[:limit], page.total - itself_was_hit)

    def _word_weights(self, document: Document) -> dict[tree.Term, float]:
        """How much each word of a document says about it: by its rarity, field and repetition."""
        weights: dict[tree.Term, float] = {}
        for name in _LIKE_FIELDS:
            boost = layout.boost(name)
            text = document.texts.get(name, "")
            words, _ = placed(text)
            counts = Counter(filter(_is_long_enough, words))
            for word, count in counts.items():
                term = tree.Term(None, word)
                repeats = min(count, _MOST_REPEATS)
                weight = repeats * boost * self.planner.distinctiveness(word)
                weights[term] = weights.get(term, 0.0) + weight
        return weights

    # Vocabulary

    def suggest(self, word: str) -> str | None:
        """The commonest word with the fewest typing errors; None when none is near enough."""
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
        """The answer of :meth:`EmbeddedEngine.terms`."""
        slots = layout.slots(self._structured)
        bit = 1 << slots.index(field)
        beginning = prefix.encode()
        counts = Counter[str]()
        for segment in self.segments:
            for word, term in segment.terms.starting(layout.SURFACE, beginning):
                # The weights of a word as written are the bits of its fields; None: bit 0 in all.
                masks = segment.postings(term).weights or (1,) * term.documents
                counts[word.decode()] += sum(1 for fields in masks if fields & bit)
        present = +counts  # without words that are only in other fields
        commonest = sorted(present.items(), key=lambda entry: (-entry[1], entry[0]))
        return commonest[:limit]


def _is_long_enough(word: str) -> bool:
    """Whether a word may be distinctive.

    Short English words say little; one or two Chinese characters may be a word.

    >>> _is_long_enough("of"), _is_long_enough("社区")
    (False, True)
    """
    return len(word) > 2 or not word.isascii()


def _best(
    scored: Sequence[tuple[Segment, Scores]], limit: int | None, offset: int
) -> tuple[Hit, ...]:
    """The best hits of all segments, from ``offset`` on; all of them when ``limit`` is None."""
    if limit is None:
        most = sum(len(scores) for _, scores in scored)
    else:
        most = offset + limit
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
    page = sorted(hits)[offset:most]
    return tuple(Hit(identity, -negated) for negated, identity in page)
