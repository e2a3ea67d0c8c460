"""Which documents of the segments match a query, and how well.

A query becomes a *plan*, made once with the counts of the whole index; on each segment a plan
gives the *matches* there. Scores are BM25F (Robertson and Zaragoza, The Probabilistic Relevance
Framework, 2009): a word's weight in a document is the sum over its fields, so that saturation
and length count once and not once a field.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter

from litrev.index import query as tree
from litrev.index.analysis import query_tokens, stem
from litrev.index.documents import ALL_STRUCTURED
from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3 import Postings, Term
from litrev.index.embedded.segment import Segment
from litrev.index.spelling import distance, near, wildcard

K1, B = 1.2, 0.75
CONSTANT = 0.1  # the score of what is only there or not: a flag, a year
_FEW = 8  # how many times fewer the wanted must be before blocks without them are passed over
_CLOSE = 0.5  # what a word one typing error away counts, beside the word itself

Documents = Collection[int]
Scores = dict[int, float]


class Matches:
    """The documents of one segment that match a part of a query."""

    size = 0  # at most so many, known before anything is read

    def documents(self) -> Documents:
        """All of them."""
        raise NotImplementedError

    def among(self, documents: set[int]) -> set[int]:
        """Those of ``documents`` that match."""
        return documents.intersection(self.documents())

    def scores(self, among: set[int] | None) -> Scores:
        """The scores of those that match, or of those of them that are ``among`` these."""
        found = self.documents()
        return dict.fromkeys(found if among is None else among.intersection(found), CONSTANT)


class _Listed(Matches):
    """Documents that are known without a score of their own."""

    def __init__(self, documents: Documents) -> None:
        self._documents, self.size = documents, len(documents)

    def documents(self) -> Documents:
        return self._documents


class _Word(Matches):
    """A word that stands in one or several posting lists: its weights are added up before it is
    scored.
    """

    def __init__(
        self, segment: Segment, terms: Sequence[Term], norms: Sequence[float], factor: float
    ) -> None:
        self.segment, self.terms, self.norms, self.factor = segment, terms, norms, factor
        self.size = min(segment.count, sum(term.documents for term in terms))
        self._wanted: list[int] | None = None

    @cached_property
    def _postings(self) -> Postings:
        found = [self.segment.postings(term, self._wanted) for term in self.terms]
        return found[0] if len(found) == 1 else _together(found)

    def documents(self) -> Documents:
        return self._postings.documents

    def among(self, documents: set[int]) -> set[int]:
        if len(documents) * _FEW < self.size and "_postings" not in self.__dict__:
            self._wanted = sorted(documents)
        return documents.intersection(self._postings.documents)

    def scores(self, among: set[int] | None) -> Scores:
        documents, weights, _ = self._postings
        if not documents:
            return {}
        if among is not None:
            kept = [
                (d, w)
                for d, w in zip(documents, weights or (1,) * len(documents), strict=True)
                if d in among
            ]
            return {d: self.factor * w / (w + self.norms[self.segment.lengths[d]]) for d, w in kept}
        lengths = (
            itemgetter(*documents)(self.segment.lengths)
            if len(documents) > 1
            else (self.segment.lengths[documents[0]],)
        )
        norms, factor = map(self.norms.__getitem__, lengths), self.factor
        if weights is None:
            return dict(zip(documents, [factor / (1 + norm) for norm in norms], strict=True))
        return dict(
            zip(
                documents,
                [
                    factor * weight / (weight + norm)
                    for weight, norm in zip(weights, norms, strict=True)
                ],
                strict=True,
            )
        )


def _together(found: Iterable[Postings]) -> Postings:
    total: dict[int, int] = {}
    for documents, weights, _ in found:
        for document, weight in zip(documents, weights or (1,) * len(documents), strict=True):
            total[document] = total.get(document, 0) + weight
    ordered = sorted(total)
    return Postings(ordered, [total[document] for document in ordered], [])


class _Spelled(Matches):
    """One of several words as it stands, in the fields of a mask."""

    def __init__(
        self,
        segment: Segment,
        terms: Sequence[Term],
        mask: int | None,
        norms: Sequence[float] = (),
        factor: float = 0.0,
    ) -> None:
        self.segment, self.terms, self.mask, self.norms, self.factor = (
            segment,
            terms,
            mask,
            norms,
            factor,
        )
        self.size = min(segment.count, sum(term.documents for term in terms))
        self._wanted: list[int] | None = None

    @cached_property
    def _found(self) -> set[int]:
        found, mask = set[int](), self.mask
        for term in self.terms:
            documents, fields, _ = self.segment.postings(term, self._wanted)
            if mask is None or (fields is None and mask & 1):
                found.update(documents)
            elif fields is not None:
                found.update(
                    document
                    for document, bits in zip(documents, fields, strict=True)
                    if bits & mask
                )
        return found

    def documents(self) -> Documents:
        return self._found

    def among(self, documents: set[int]) -> set[int]:
        if len(documents) * _FEW < self.size and "_found" not in self.__dict__:
            self._wanted = sorted(documents)
        return documents & self._found

    def scores(self, among: set[int] | None) -> Scores:
        found = self._found if among is None else self._found & among
        if not self.norms:
            return dict.fromkeys(found, CONSTANT)
        lengths, norms = self.segment.lengths, self.norms
        return {document: self.factor / (1 + norms[lengths[document]]) for document in found}


class _Phrase(Matches):
    """Terms that follow each other, with their positions in a range."""

    def __init__(
        self,
        segment: Segment,
        terms: Sequence[Term],
        phrase: PhrasePlan,
        norms: Sequence[float],
        factor: float,
    ) -> None:
        self.segment, self.terms, self.phrase, self.norms, self.factor = (
            segment,
            terms,
            phrase,
            norms,
            factor,
        )
        self.size = min(term.documents for term in terms)
        self._wanted: list[int] | None = None

    @cached_property
    def _counts(self) -> dict[int, int]:
        """How often the phrase stands in each document."""
        values: dict[Term, dict[int, bytes]] = {}
        wanted = self._wanted
        for term in sorted(set(self.terms), key=lambda one: one.documents):
            if wanted is not None and not wanted:
                return {}
            found = self.segment.postings(term, wanted)
            held = set(wanted) if wanted is not None else None
            values[term] = {
                d: v
                for d, v in zip(found.documents, found.values, strict=True)
                if held is None or d in held
            }
            wanted = list(values[term])
        counts = {}
        for document in wanted or ():
            count = self._count([values[term][document] for term in self.terms])
            if count:
                counts[document] = count
        return counts

    def _count(self, values: Sequence[bytes]) -> int:
        low, high, slop = self.phrase.low, self.phrase.high, self.phrase.slop
        ends = layout.positions(values[0])
        if low or high is not None:
            ends = ends[bisect_left(ends, low) : None if high is None else bisect_left(ends, high)]
        for value in values[1:]:
            if not ends:
                return 0
            there = layout.positions(value)
            if slop == 1:
                ends = sorted({end + 1 for end in ends}.intersection(there))
            else:
                ends = [
                    p for p in there if (at := bisect_left(ends, p)) and p - ends[at - 1] <= slop
                ]
        return len(ends)

    def documents(self) -> Documents:
        return self._counts

    def among(self, documents: set[int]) -> set[int]:
        if "_counts" not in self.__dict__:
            self._wanted = sorted(documents)
        return documents.intersection(self._counts)

    def scores(self, among: set[int] | None) -> Scores:
        lengths, norms = self.segment.lengths, self.norms
        return {
            d: self.factor * n / (n + norms[lengths[d]])
            for d, n in self._counts.items()
            if among is None or d in among
        }


class _Both(Matches):
    """What matches all parts and none of the others."""

    def __init__(self, parts: Sequence[Matches], without: Sequence[Matches]) -> None:
        self.parts, self.without = sorted(parts, key=lambda part: part.size), without
        self.size = self.parts[0].size

    @cached_property
    def _documents(self) -> set[int]:
        return self.among(set(self.parts[0].documents()))

    def documents(self) -> Documents:
        return self._documents

    def among(self, documents: set[int]) -> set[int]:
        for part in self.parts:
            documents = part.among(documents) if documents else documents
        for part in self.without:
            documents = documents - part.among(documents) if documents else documents
        return documents

    def scores(self, among: set[int] | None) -> Scores:
        documents = self._documents if among is None else self.among(among)
        total = dict.fromkeys(documents, 0.0)
        for part in self.parts:
            for document, score in part.scores(documents).items():
                total[document] += score
        return total


class _Either(Matches):
    """What matches one of the parts."""

    def __init__(self, parts: Sequence[Matches]) -> None:
        self.parts, self.size = parts, sum(part.size for part in parts)

    def documents(self) -> Documents:
        return set().union(*(part.documents() for part in self.parts))

    def among(self, documents: set[int]) -> set[int]:
        return set().union(*(part.among(documents) for part in self.parts))

    def scores(self, among: set[int] | None) -> Scores:
        total: Scores = {}
        for part in self.parts:
            found = part.scores(among)
            if not total:
                total = found
                continue
            for document, score in found.items():
                total[document] = total.get(document, 0.0) + score
        return total


class _Best(_Either):
    """What matches one of the parts, scored by its best: several spellings of one word."""

    def scores(self, among: set[int] | None) -> Scores:
        best: Scores = {}
        for part in self.parts:
            for document, score in part.scores(among).items():
                if score > best.get(document, 0.0):
                    best[document] = score
        return best


class _All(Matches):
    """Every document but those that match."""

    def __init__(self, segment: Segment, without: Matches | None = None) -> None:
        self.segment, self.without, self.size = segment, without, segment.count

    def documents(self) -> Documents:
        return (
            range(self.size)
            if self.without is None
            else set(range(self.size)).difference(self.without.documents())
        )

    def among(self, documents: set[int]) -> set[int]:
        return documents if self.without is None else documents - self.without.among(documents)


class _Louder(Matches):
    """What matches, its scores made larger or smaller."""

    def __init__(self, part: Matches, factor: float) -> None:
        self.part, self.factor, self.size = part, factor, part.size

    def documents(self) -> Documents:
        return self.part.documents()

    def among(self, documents: set[int]) -> set[int]:
        return self.part.among(documents)

    def scores(self, among: set[int] | None) -> Scores:
        return {
            document: self.factor * score for document, score in self.part.scores(among).items()
        }


Plan = Callable[[Segment], Matches]


class PhrasePlan:
    """Terms one after the other, at most ``slop`` positions apart, between the positions ``low``
    and ``high``.
    """

    def __init__(
        self, planner: Planner, terms: Sequence[str], slop: int, low: int, high: int | None
    ) -> None:
        self.planner, self.terms, self.slop, self.low, self.high = (
            planner,
            [term.encode() for term in terms],
            slop,
            low,
            high,
        )

    def __call__(self, segment: Segment) -> Matches:
        """Where they stand in a segment."""
        terms = [segment.terms.find(layout.CONTENT, term) for term in self.terms]
        found = [term for term in terms if term is not None]
        if len(found) < len(terms):
            return _Listed(())
        factor = sum(self.planner.rarity([(layout.CONTENT, term)]) for term in set(self.terms)) * (
            K1 + 1
        )
        return _Phrase(segment, found, self, self.planner.norms(1), factor)


class Planner:
    """Plans for queries on these segments."""

    def __init__(
        self, segments: Sequence[Segment], structured: Sequence[str], lengths: Sequence[int]
    ) -> None:
        self.segments, self.structured, self._lengths = segments, tuple(structured), lengths
        self.count = sum(segment.count for segment in segments)
        self._slots = {name: n for n, name in enumerate(layout.slots(structured))}
        self._norms: dict[int, list[float]] = {}
        self._rarity: dict[tuple[tuple[str, bytes], ...], float] = {}

    def norms(self, unit: int) -> list[float]:
        """For each byte of a length what BM25 adds to a weight, where a weight of 1 is written as
        ``unit``.
        """
        if unit not in self._norms:
            mean = max(1.0, sum(segment.length for segment in self.segments) / max(self.count, 1))
            self._norms[unit] = [
                unit * K1 * (1 - B + B * length / mean) for length in self._lengths
            ]
        return self._norms[unit]

    def rarity(self, terms: Sequence[tuple[str, bytes]]) -> float:
        """How much it tells that one of these terms stands in a document: the inverse document
        frequency of BM25.
        """
        key = tuple(terms)
        if key not in self._rarity:
            found = (
                segment.terms.find(field, word)
                for segment in self.segments
                for field, word in terms
            )
            documents = min(self.count, sum(term.documents for term in found if term))
            self._rarity[key] = math.log(1 + (self.count - documents + 0.5) / (documents + 0.5))
        return self._rarity[key]

    def telling(self, word: str) -> float:
        """How telling a word is, for likeness: its rarity, and nothing for a word that stands in
        one document alone.
        """
        terms = [(layout.CONTENT, stem(word).encode())]
        held = sum(
            term.documents
            for term in (segment.terms.find(*terms[0]) for segment in self.segments)
            if term
        )
        return self.rarity(terms) if held > 1 else 0.0

    def plan(self, node: tree.Query) -> Plan:
        """The plan for a query."""
        match node:
            case tree.Everything():
                return _All
            case tree.And(parts):
                return self._both(parts)
            case tree.Or(parts):
                plans = [self.plan(part) for part in parts]
                return lambda segment: _Either([plan(segment) for plan in plans])
            case tree.Not(part):
                inner = self.plan(part)
                return lambda segment: _All(segment, inner(segment))
            case tree.Boosted(part, factor):
                inner = self.plan(part)
                return lambda segment: _Louder(inner(segment), factor)
            case tree.YearRange(low, high):
                return lambda segment: _Listed(_in_years(segment.years, low, high))
            case tree.Flag(name, value):
                return lambda segment: _Listed(
                    _marked(segment, layout.FLAGS, f"{name}:{value}".encode())
                )
        return self._leaf(node)

    def _both(self, parts: Sequence[tree.Query]) -> Plan:
        wanted = [self.plan(part) for part in parts if not isinstance(part, tree.Not)] or [_All]
        unwanted = [self.plan(part.part) for part in parts if isinstance(part, tree.Not)]
        return lambda segment: _Both(
            [plan(segment) for plan in wanted], [plan(segment) for plan in unwanted]
        )

    def _leaf(self, leaf: tree.Leaf) -> Plan:
        asked = query_tokens(leaf.text)
        mask = self._mask(leaf.field)
        match leaf:
            case tree.Prefix() if len(asked) == 1 and not asked[0].cjk:
                beginning = asked[0].word.encode()
                return lambda segment: _Spelled(
                    segment,
                    [term for _, term in segment.terms.starting(layout.SURFACE, beginning)],
                    mask,
                )
            case tree.Wildcard():
                pattern, literal = wildcard(leaf.text)
                return lambda segment: _Spelled(
                    segment, _standing(segment, segment.words(pattern, literal)), mask
                )
            case tree.Fuzzy(distance=most) if len(asked) == 1 and not asked[0].cjk:
                return self._fuzzy(asked[0].word, most, mask)
        words = [token.word for token in asked]
        if len(words) == 1:
            return self._word(words[0], leaf.field)
        return self._phrase(words, leaf.slop if isinstance(leaf, tree.Phrase) else 1, leaf.field)

    # Words

    def _mask(self, field: str | None) -> int | None:
        """The bits of the fields a word is to stand in; None for any."""
        if field is None:
            return None
        return sum(
            1 << self._slots[name]
            for name in (self.structured if field == ALL_STRUCTURED else (field,))
        )

    def _word(self, word: str, field: str | None) -> Plan:
        root, norms = stem(word), self.norms(1)
        if field is None:
            terms = [
                (layout.CONTENT, root.encode()),
                (layout.CONTENT, f"{layout.UNSTEMMED}{word}".encode()),
            ]
            factor, norms = self.rarity(terms) * (K1 + 1), self.norms(layout.UNIT)
            return lambda segment: _weighed(segment, [word for _, word in terms], norms, factor)
        mask, stemmed = self._mask(field), layout.is_stemmed(field)

        def plan(segment: Segment) -> Matches:
            forms = segment.forms(root) if stemmed else (word,)
            rarity = self.rarity([(layout.SURFACE, form.encode()) for form in forms])
            return _Spelled(segment, _standing(segment, forms), mask, norms, rarity * (K1 + 1))

        return plan

    def _phrase(self, words: Sequence[str], slop: int, field: str | None) -> Plan:
        stems, names = (
            [stem(word) for word in words],
            [f"{layout.UNSTEMMED}{word}" for word in words],
        )
        if field is None:
            plans = [PhrasePlan(self, terms, slop, 0, None) for terms in (stems, names)]
            return lambda segment: _Either([plan(segment) for plan in plans])
        first = (
            self._slots[field]
            if field != ALL_STRUCTURED
            else len(self._slots) - len(self.structured)
        )
        low = first << layout.SLOT
        high = None if field == ALL_STRUCTURED else low + (1 << layout.SLOT)
        return PhrasePlan(self, stems if layout.is_stemmed(field) else names, slop, low, high)

    def _fuzzy(self, word: str, most: int, mask: int | None) -> Plan:
        pattern, norms = near(word, most), self.norms(1)

        def plan(segment: Segment) -> Matches:
            parts = []
            for found in segment.words(pattern, word[0]):
                away = distance(found, word, most)
                if away <= most:
                    rarity = self.rarity([(layout.SURFACE, found.encode())])
                    parts.append(
                        _Spelled(
                            segment,
                            _standing(segment, [found]),
                            mask,
                            norms,
                            rarity * (K1 + 1) * _CLOSE**away,
                        )
                    )
            return _Best(parts)

        return plan


def _weighed(
    segment: Segment, words: Sequence[bytes], norms: Sequence[float], factor: float
) -> Matches:
    found = [term for term in map(segment.ranked, words) if term]
    return _Word(segment, found, norms, factor) if found else _Listed(())


def _standing(segment: Segment, words: Iterable[str]) -> list[Term]:
    return [
        term
        for term in (segment.terms.find(layout.SURFACE, word.encode()) for word in words)
        if term
    ]


def _marked(segment: Segment, field: str, mark: bytes) -> Documents:
    term = segment.terms.find(field, mark)
    return segment.postings(term).documents if term else ()


def _in_years(years: Sequence[int], low: int | None, high: int | None) -> list[int]:
    lowest, highest = layout.NO_YEAR + 1 if low is None else low, 2**31 if high is None else high
    return [n for n, year in enumerate(years) if lowest <= year <= highest]


def counted(segment: Segment, name: str, documents: set[int]) -> Mapping[str, int]:
    """How many of ``documents`` have each value of a facet."""
    found = {}
    prefix = layout.facet_prefix(name).encode()
    for mark, term in segment.terms.starting(layout.FACETS, prefix):
        count = len(documents.intersection(segment.postings(term).documents))
        if count:
            found[mark[len(prefix) :].decode()] = count
    return found
