"""Which documents of a segment match a part of a query, and how well.

Each kind of condition is a :class:`Matcher`. Scores are BM25F (Robertson and Zaragoza, The
Probabilistic Relevance Framework, 2009): the weights of a word are added up over the fields of a
document before they are scored, so saturation and length count once and not once per field.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter

from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3 import Postings, Term
from litrev.index.embedded.segment import Segment

K1 = 1.2  # how soon more of a word counts no more
B = 0.75  # how far the length of a document counts: 0 not at all, 1 in full
CONSTANT = 0.1  # the score of a condition that is only true or false: a flag, a year
_FEW = 8  # blocks are skipped when the candidates are this many times fewer than the postings

Documents = Collection[int]
Scores = dict[int, float]


def length_norms(lengths: Iterable[int], mean: float, unit: int) -> list[float]:
    """What BM25 adds to a weight in its denominator, for each length of a document.

    ``lengths`` are in words, and ``mean`` is the mean length of all documents; a weight of 1 is
    stored as ``unit``. A document of mean length gets K1 for each unit:

    >>> length_norms([0, 100, 200], mean=100, unit=1)
    [0.3, 1.2, 2.1]
    """
    return [unit * K1 * (1 - B + B * length / mean) for length in lengths]


def inverse_document_frequency(total: int, matching: int) -> float:
    """The inverse document frequency of BM25: ``matching`` of ``total`` documents have the word.

    It is never negative, because 1 is added before the logarithm is taken.

    >>> round(inverse_document_frequency(1000, 1), 2)
    6.5
    """
    others = total - matching
    return math.log(1 + (others + 0.5) / (matching + 0.5))


class Matcher:
    """The documents of one segment that match a part of a query.

    Documents are numbers in the segment, deleted ones too: the caller takes those out. Postings are
    read when they are first asked for, and then kept.
    After :meth:`among` a matcher may know only the blocks of postings that the documents asked for
    are in. From then on it can only answer for documents among those.
    """

    size = 0  # an upper bound of how many match, known before any postings are read

    def documents(self) -> Documents:
        """All documents that match."""
        raise NotImplementedError

    def among(self, documents: set[int]) -> set[int]:
        """Those of ``documents`` that match."""
        return documents.intersection(self.documents())

    def scores(self, among: set[int] | None) -> Scores:
        """The scores of all documents that match, or only of those in ``among``.

        A condition that is only true or false, as here, scores CONSTANT.
        """
        matching = self.documents()
        if among is not None:
            matching = among.intersection(matching)
        return dict.fromkeys(matching, CONSTANT)


class ConstantScore(Matcher):
    """Documents that are known beforehand and all score the same."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.size = len(documents)

    def documents(self) -> Documents:
        return self._documents


class TermMatcher(Matcher):
    """A word in any field: one or several posting lists whose weights are added up.

    ``norms`` has a number for each byte that stands for a length (see length_norms). The score is
    ``factor`` times weight / (weight + norm).
    """

    def __init__(
        self, segment: Segment, terms: Sequence[Term], norms: Sequence[float], factor: float
    ) -> None:
        self.segment = segment
        self.terms = terms
        self.norms = norms
        self.factor = factor
        self.size = _size_of_union(segment, terms)
        self._candidates: list[int] | None = None

    @cached_property
    def _postings(self) -> Postings:
        lists = [self.segment.postings(term, self._candidates) for term in self.terms]
        if len(lists) == 1:
            return lists[0]
        return _added_up(lists)

    def documents(self) -> Documents:
        return self._postings.documents

    def among(self, documents: set[int]) -> set[int]:
        # cached_property keeps its value in __dict__: nothing is narrowed once it has been read.
        few = len(documents) * _FEW < self.size
        if few and "_postings" not in self.__dict__:
            self._candidates = sorted(documents)
        return documents.intersection(self._postings.documents)

    def scores(self, among: set[int] | None) -> Scores:
        documents, weights, _ = self._postings
        if not documents:
            return {}
        if among is not None:
            return self._scores_among(among)
        lengths = self.segment.lengths
        # The hottest lines of a search. itemgetter takes all lengths in one call, but returns no
        # tuple for a single key.
        if len(documents) == 1:
            codes: Sequence[int] = (lengths[documents[0]],)
        else:
            codes = itemgetter(*documents)(lengths)
        norms = map(self.norms.__getitem__, codes)
        factor = self.factor
        if weights is None:  # all are 1
            scores = [factor / (1 + norm) for norm in norms]
        else:
            scores = [
                factor * weight / (weight + norm)
                for weight, norm in zip(weights, norms, strict=True)
            ]
        return dict(zip(documents, scores, strict=True))

    def _scores_among(self, among: set[int]) -> Scores:
        """The scores of the documents in ``among``, which are mostly few of the postings."""
        norms, lengths, factor = self.norms, self.segment.lengths, self.factor
        return {
            document: factor * weight / (weight + norms[lengths[document]])
            for document, weight in _weighted(self._postings)
            if document in among
        }


class ExactWordMatcher(Matcher):
    """Any of several words exactly as written, in the fields of a bit mask (None: in any field).

    How often a word is there does not count, only the length of the document: the score is
    ``factor`` / (1 + norm). Without ``norms`` all documents score the same.
    """

    def __init__(
        self,
        segment: Segment,
        terms: Sequence[Term],
        mask: int | None,
        norms: Sequence[float] = (),
        factor: float = 0.0,
    ) -> None:
        self.segment = segment
        self.terms = terms
        self.mask = mask
        self.norms = norms
        self.factor = factor
        self.size = _size_of_union(segment, terms)
        self._candidates: list[int] | None = None

    @cached_property
    def _matching(self) -> set[int]:
        """The documents with one of the words in one of the fields."""
        matching = set[int]()
        mask = self.mask
        for term in self.terms:
            # The weights of a word as written are the bits of its fields; None: bit 0 in all.
            documents, masks, _ = self.segment.postings(term, self._candidates)
            if mask is None or (masks is None and mask & 1):
                matching.update(documents)
            elif masks is not None:
                pairs = zip(documents, masks, strict=True)
                matching.update(document for document, bits in pairs if bits & mask)
        return matching

    def documents(self) -> Documents:
        return self._matching

    def among(self, documents: set[int]) -> set[int]:
        few = len(documents) * _FEW < self.size
        if few and "_matching" not in self.__dict__:
            self._candidates = sorted(documents)
        return documents & self._matching

    def scores(self, among: set[int] | None) -> Scores:
        matching = self._matching if among is None else self._matching & among
        if not self.norms:
            return dict.fromkeys(matching, CONSTANT)
        lengths, norms, factor = self.segment.lengths, self.norms, self.factor
        return {document: factor / (1 + norms[lengths[document]]) for document in matching}


class PhraseMatcher(Matcher):
    """Terms that follow each other, at most ``slop`` positions apart.

    Their positions are at least ``low`` and below ``high`` (None: no limit): the range of a field.
    A phrase scores as a word would whose weight is how often it is there: all fields weigh 1.
    """

    def __init__(
        self,
        segment: Segment,
        terms: Sequence[Term],
        slop: int,
        low: int,
        high: int | None,
        norms: Sequence[float],
        factor: float,
    ) -> None:
        self.segment = segment
        self.terms = terms
        self.slop = slop
        self.low = low
        self.high = high
        self.norms = norms
        self.factor = factor
        self.size = min(term.documents for term in terms)
        self._candidates: list[int] | None = None

    @cached_property
    def _counts(self) -> dict[int, int]:
        """How often the phrase is in each document that has it."""
        positions: dict[Term, dict[int, bytes]] = {}
        candidates = self._candidates
        # The rarest first: each further term is read only for the documents that are left.
        rarest_first = sorted(set(self.terms), key=lambda term: term.documents)
        for term in rarest_first:
            positions[term] = self._positions(term, candidates)
            candidates = list(positions[term])
            if not candidates:
                return {}
        counts = {}
        for document in candidates or ():
            values = [positions[term][document] for term in self.terms]
            count = self._count(values)
            if count:
                counts[document] = count
        return counts

    def _positions(self, term: Term, candidates: Sequence[int] | None) -> dict[int, bytes]:
        """The positions of a term by document; with ``candidates`` only in those documents."""
        postings = self.segment.postings(term, candidates)
        pairs = zip(postings.documents, postings.values, strict=True)
        if candidates is None:
            return dict(pairs)
        kept = set(candidates)  # postings are read a block at a time, so others are among them
        return {document: value for document, value in pairs if document in kept}

    def _count(self, values: Sequence[bytes]) -> int:
        """How often the phrase is in one document; ``values`` are the positions of each term."""
        # Called for every document that has all terms.
        low, high, slop = self.low, self.high, self.slop
        ends = layout.positions(values[0])  # where the part of the phrase read so far ends
        if low or high is not None:
            start = bisect_left(ends, low)
            stop = None if high is None else bisect_left(ends, high)
            ends = ends[start:stop]
        for value in values[1:]:
            if not ends:
                return 0
            positions = layout.positions(value)
            if slop == 1:
                following = {end + 1 for end in ends}
                ends = sorted(following.intersection(positions))
            else:
                ends = list(_within_slop(ends, positions, slop))
        return len(ends)

    def documents(self) -> Documents:
        return self._counts

    def among(self, documents: set[int]) -> set[int]:
        if "_counts" not in self.__dict__:
            self._candidates = sorted(documents)
        return documents.intersection(self._counts)

    def scores(self, among: set[int] | None) -> Scores:
        lengths, norms, factor = self.segment.lengths, self.norms, self.factor
        return {
            document: factor * count / (count + norms[lengths[document]])
            for document, count in self._counts.items()
            if among is None or document in among
        }


class Intersection(Matcher):
    """The documents that match all parts, and none of the ``excluded`` ones.

    There is at least one part. The scores of the parts are added up.
    """

    def __init__(self, parts: Sequence[Matcher], excluded: Sequence[Matcher]) -> None:
        # The smallest first: the others then look only at what is left.
        self.parts = sorted(parts, key=lambda part: part.size)
        self.excluded = excluded
        self.size = self.parts[0].size

    @cached_property
    def _documents(self) -> set[int]:
        return self.among(set(self.parts[0].documents()))

    def documents(self) -> Documents:
        return self._documents

    def among(self, documents: set[int]) -> set[int]:
        for part in self.parts:
            if not documents:
                return documents
            documents = part.among(documents)
        for part in self.excluded:
            if not documents:
                return documents
            documents = documents - part.among(documents)
        return documents

    def scores(self, among: set[int] | None) -> Scores:
        documents = self._documents if among is None else self.among(among)
        total = dict.fromkeys(documents, 0.0)
        for part in self.parts:
            for document, score in part.scores(documents).items():
                total[document] += score
        return total


class Union(Matcher):
    """The documents that match at least one part; the scores of the parts are added up."""

    def __init__(self, parts: Sequence[Matcher]) -> None:
        self.parts = parts
        self.size = sum(part.size for part in parts)

    def documents(self) -> Documents:
        all_matching = [part.documents() for part in self.parts]
        return set().union(*all_matching)

    def among(self, documents: set[int]) -> set[int]:
        all_matching = [part.among(documents) for part in self.parts]
        return set().union(*all_matching)

    def scores(self, among: set[int] | None) -> Scores:
        total: Scores = {}
        for part in self.parts:
            scores = part.scores(among)
            if not total:
                total = scores
                continue
            for document, score in scores.items():
                total[document] = total.get(document, 0.0) + score
        return total


class BestOf(Union):
    """A union scored by the best part instead of the sum: several spellings of one word."""

    def scores(self, among: set[int] | None) -> Scores:
        best: Scores = {}
        for part in self.parts:
            for document, score in part.scores(among).items():
                if score > best.get(document, 0.0):
                    best[document] = score
        return best


class AllDocuments(Matcher):
    """Every document of a segment."""

    def __init__(self, segment: Segment) -> None:
        self.size = segment.count

    def documents(self) -> Documents:
        return range(self.size)

    def among(self, documents: set[int]) -> set[int]:
        return documents


class Complement(Matcher):
    """Every document of a segment that does not match a part."""

    def __init__(self, segment: Segment, part: Matcher) -> None:
        self.part = part
        self.size = segment.count

    def documents(self) -> Documents:
        every = set(range(self.size))
        return every.difference(self.part.documents())

    def among(self, documents: set[int]) -> set[int]:
        return documents - self.part.among(documents)


class Boost(Matcher):
    """The same documents as a part, their scores multiplied by a factor."""

    def __init__(self, part: Matcher, factor: float) -> None:
        self.part, self.factor = part, factor
        self.size = part.size

    def documents(self) -> Documents:
        return self.part.documents()

    def among(self, documents: set[int]) -> set[int]:
        return self.part.among(documents)

    def scores(self, among: set[int] | None) -> Scores:
        scores = self.part.scores(among)
        factor = self.factor
        return {document: factor * score for document, score in scores.items()}


def _size_of_union(segment: Segment, terms: Sequence[Term]) -> int:
    """The most documents that can have one of the terms."""
    postings = sum(term.documents for term in terms)
    return min(segment.count, postings)


def _weighted(postings: Postings) -> Iterable[tuple[int, int]]:
    """Each document of a posting list with its weight."""
    documents, weights, _ = postings
    return zip(documents, weights or (1,) * len(documents), strict=True)


def _added_up(lists: Iterable[Postings]) -> Postings:
    """Several posting lists as one, the weights of a document added up."""
    total: dict[int, int] = {}
    for postings in lists:
        for document, weight in _weighted(postings):
            total[document] = total.get(document, 0) + weight
    ordered = sorted(total)
    weights = [total[document] for document in ordered]
    return Postings(ordered, weights, [])


def _within_slop(ends: Sequence[int], positions: Iterable[int], slop: int) -> Iterator[int]:
    """Those ``positions`` that come at most ``slop`` after one of ``ends``, which ascend.

    >>> list(_within_slop([3, 10], [3, 5, 6, 12], slop=2))
    [5, 12]
    """
    for position in positions:
        following = bisect_left(ends, position)  # ends[following - 1] is the last end before it
        if following and position - ends[following - 1] <= slop:
            yield position
