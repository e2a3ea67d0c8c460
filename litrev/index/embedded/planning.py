"""From a query to the matchers that answer it.

A query becomes a *plan*, made once with the counts of the whole index; for each segment a plan
gives the :class:`~litrev.index.embedded.scoring.Matcher` of that segment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from litrev.index import query as tree
from litrev.index.analysis import query_tokens, stem
from litrev.index.documents import ALL_STRUCTURED
from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3 import Term
from litrev.index.embedded.scoring import (
    K1,
    AllDocuments,
    BestOf,
    Boost,
    Complement,
    ConstantScore,
    Documents,
    ExactWordMatcher,
    Intersection,
    Matcher,
    PhraseMatcher,
    TermMatcher,
    Union,
    inverse_document_frequency,
    length_norms,
)
from litrev.index.embedded.segment import Segment
from litrev.index.spelling import distance, near, wildcard

_PER_ERROR = 0.5  # what a word counts for each typing error, beside the word itself
_LATEST = 2**31  # after any year that a column of four bytes can hold

Plan = Callable[[Segment], Matcher]
FieldTerm = tuple[str, bytes]  # a field of the index, and a term in it


class Planner:
    """Plans for queries on these segments."""

    def __init__(
        self, segments: Sequence[Segment], structured: Sequence[str], lengths: Sequence[int]
    ) -> None:
        self.segments, self.structured, self._lengths = segments, tuple(structured), lengths
        self.count = sum(segment.count for segment in segments)
        self._slots = {name: number for number, name in enumerate(layout.slots(structured))}
        self._norms: dict[int, list[float]] = {}
        self._rarity: dict[tuple[FieldTerm, ...], float] = {}

    # Statistics of the whole index

    def norms(self, unit: int) -> list[float]:
        """What BM25 adds to a weight for each byte that stands for a length of a document.

        A weight of 1 is stored as ``unit``.
        """
        if unit not in self._norms:
            words = sum(segment.length for segment in self.segments)
            mean = max(1.0, words / max(self.count, 1))
            self._norms[unit] = length_norms(self._lengths, mean, unit)
        return self._norms[unit]

    def rarity(self, terms: Sequence[FieldTerm]) -> float:
        """The inverse document frequency of documents that have one of these terms."""
        key = tuple(terms)
        if key not in self._rarity:
            matching = min(self.count, self._documents_with(terms))
            self._rarity[key] = inverse_document_frequency(self.count, matching)
        return self._rarity[key]

    def distinctiveness(self, word: str) -> float:
        """The weight of a word when similar documents are looked for.

        That is its rarity, and 0 for a word of only one document, which no other document shares.
        """
        terms = [(layout.CONTENT, stem(word).encode())]
        return self.rarity(terms) if self._documents_with(terms) > 1 else 0.0

    def _documents_with(self, terms: Sequence[FieldTerm]) -> int:
        """In how many documents these terms are; one with several of them counts several times."""
        total = 0
        for segment in self.segments:
            for field, word in terms:
                term = segment.terms.find(field, word)
                if term is not None:
                    total += term.documents
        return total

    # Operators

    def plan(self, node: tree.Query) -> Plan:
        """The plan for a query."""
        match node:
            case tree.Everything():
                return AllDocuments
            case tree.And(parts):
                return self._and(parts)
            case tree.Or(parts):
                plans = [self.plan(part) for part in parts]
                return lambda segment: Union(_on(segment, plans))
            case tree.Not(part):
                inner = self.plan(part)
                return lambda segment: Complement(segment, inner(segment))
            case tree.Boosted(part, factor):
                inner = self.plan(part)
                return lambda segment: Boost(inner(segment), factor)
            case tree.YearRange(low, high):
                return lambda segment: ConstantScore(_in_years(segment.years, low, high))
            case tree.Flag(name, value):
                flag = f"{name}:{value}".encode()
                return lambda segment: ConstantScore(_flagged(segment, flag))
        return self._leaf(node)

    def _and(self, parts: Sequence[tree.Query]) -> Plan:
        required = [self.plan(part) for part in parts if not isinstance(part, tree.Not)]
        excluded = [self.plan(part.part) for part in parts if isinstance(part, tree.Not)]
        if not required:
            required = [AllDocuments]
        return lambda segment: Intersection(_on(segment, required), _on(segment, excluded))

    # Words

    def _leaf(self, leaf: tree.Leaf) -> Plan:
        words = query_tokens(leaf.text)
        single = len(words) == 1 and not words[0].cjk
        match leaf:
            case tree.Prefix() if single:
                return self._prefix(words[0].word, leaf.field)
            case tree.Wildcard():
                return self._wildcard(leaf.text, leaf.field)
            case tree.Fuzzy(distance=most) if single:
                return self._fuzzy(words[0].word, most, leaf.field)
        if len(words) == 1:
            return self._word(words[0].word, leaf.field)
        slop = leaf.slop if isinstance(leaf, tree.Phrase) else 1
        return self._phrase([token.word for token in words], slop, leaf.field)

    def _mask(self, field: str | None) -> int | None:
        """The fields a word may be in, as bits; None for any."""
        if field is None:
            return None
        names = self.structured if field == ALL_STRUCTURED else (field,)
        return sum(1 << self._slots[name] for name in names)

    def _prefix(self, word: str, field: str | None) -> Plan:
        mask, prefix = self._mask(field), word.encode()

        def plan(segment: Segment) -> Matcher:
            terms = [term for _, term in segment.terms.starting(layout.SURFACE, prefix)]
            return ExactWordMatcher(segment, terms, mask)

        return plan

    def _wildcard(self, text: str, field: str | None) -> Plan:
        mask = self._mask(field)
        pattern, literal = wildcard(text)

        def plan(segment: Segment) -> Matcher:
            terms = _surface_terms(segment, segment.words(pattern, literal))
            return ExactWordMatcher(segment, terms, mask)

        return plan

    def _fuzzy(self, word: str, most: int, field: str | None) -> Plan:
        mask, norms = self._mask(field), self.norms(1)
        pattern = near(word, most)

        def plan(segment: Segment) -> Matcher:
            parts = []
            for candidate in segment.words(pattern, word[0]):
                errors = distance(candidate, word, most)
                if errors <= most:
                    terms = _surface_terms(segment, [candidate])
                    rarity = self.rarity([(layout.SURFACE, candidate.encode())])
                    factor = rarity * (K1 + 1) * _PER_ERROR**errors
                    parts.append(ExactWordMatcher(segment, terms, mask, norms, factor))
            return BestOf(parts)

        return plan

    def _word(self, word: str, field: str | None) -> Plan:
        if field is None:
            return self._word_anywhere(word)
        root, norms = stem(word), self.norms(1)
        mask, stemmed = self._mask(field), layout.is_stemmed(field)

        def plan(segment: Segment) -> Matcher:
            # Stems have no bits of fields, so the forms of the word are looked for instead.
            forms = segment.forms(root) if stemmed else (word,)
            rarity = self.rarity([(layout.SURFACE, form.encode()) for form in forms])
            terms = _surface_terms(segment, forms)
            return ExactWordMatcher(segment, terms, mask, norms, rarity * (K1 + 1))

        return plan

    def _word_anywhere(self, word: str) -> Plan:
        names = (stem(word).encode(), f"{layout.UNSTEMMED}{word}".encode())
        factor = self.rarity([(layout.CONTENT, name) for name in names]) * (K1 + 1)
        norms = self.norms(layout.UNIT)

        def plan(segment: Segment) -> Matcher:
            terms = [term for term in map(segment.ranked, names) if term is not None]
            if not terms:
                return ConstantScore(())
            return TermMatcher(segment, terms, norms, factor)

        return plan

    # Phrases

    def _phrase(self, words: Sequence[str], slop: int, field: str | None) -> Plan:
        stems = [stem(word) for word in words]
        unstemmed = [f"{layout.UNSTEMMED}{word}" for word in words]
        if field is None:
            plans = [self._terms_in_a_row(terms, slop, 0, None) for terms in (stems, unstemmed)]
            return lambda segment: Union(_on(segment, plans))
        terms = stems if layout.is_stemmed(field) else unstemmed
        if field == ALL_STRUCTURED:  # these fields are the last ones, so their range has no end
            first = len(self._slots) - len(self.structured)
            return self._terms_in_a_row(terms, slop, first << layout.SLOT, None)
        low = self._slots[field] << layout.SLOT
        return self._terms_in_a_row(terms, slop, low, low + (1 << layout.SLOT))

    def _terms_in_a_row(self, terms: Sequence[str], slop: int, low: int, high: int | None) -> Plan:
        """Terms one after the other, at most ``slop`` positions apart, at positions from ``low`` to
        before ``high``.
        """
        names = [term.encode() for term in terms]

        def plan(segment: Segment) -> Matcher:
            found = [segment.terms.find(layout.CONTENT, name) for name in names]
            present = [term for term in found if term is not None]
            if len(present) < len(names):
                return ConstantScore(())
            # Sorted: the order of a set depends on the hash seed, and the last digit on the order.
            rarity = sum(self.rarity([(layout.CONTENT, name)]) for name in sorted(set(names)))
            factor = rarity * (K1 + 1)
            return PhraseMatcher(segment, present, slop, low, high, self.norms(1), factor)

        return plan


def _on(segment: Segment, plans: Iterable[Plan]) -> list[Matcher]:
    return [plan(segment) for plan in plans]


def _surface_terms(segment: Segment, words: Iterable[str]) -> list[Term]:
    """The terms of words as they are written; without words that are not in the segment."""
    terms = (segment.terms.find(layout.SURFACE, word.encode()) for word in words)
    return [term for term in terms if term is not None]


def _flagged(segment: Segment, flag: bytes) -> Documents:
    term = segment.terms.find(layout.FLAGS, flag)
    return segment.postings(term).documents if term else ()


def _in_years(years: Sequence[int], low: int | None, high: int | None) -> list[int]:
    lowest = layout.NO_YEAR + 1 if low is None else low
    highest = _LATEST if high is None else high
    return [document for document, year in enumerate(years) if lowest <= year <= highest]
