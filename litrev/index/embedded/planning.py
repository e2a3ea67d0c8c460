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
    """Makes plans for queries on these segments.

    ``structured`` are the fields of the codebook; ``lengths`` is the table of the manifest, the
    length that each byte stands for. ``count`` is how many documents there are, deleted ones too:
    the statistics are of what was written, and change only when segments are merged.
    """

    def __init__(
        self, segments: Sequence[Segment], structured: Sequence[str], lengths: Sequence[int]
    ) -> None:
        self.segments = segments
        self.structured = tuple(structured)
        self._lengths = lengths
        self.count = sum(segment.count for segment in segments)
        numbered = enumerate(layout.slots(structured))
        self._slots = {name: number for number, name in numbered}
        self._norms: dict[int, list[float]] = {}
        self._rarity: dict[tuple[FieldTerm, ...], float] = {}

    # Statistics of the whole index

    def norms(self, unit: int) -> list[float]:
        """What BM25 adds to a weight for each byte that stands for a length of a document.

        A weight of 1 is stored as ``unit``.
        """
        if unit not in self._norms:
            words = sum(segment.length for segment in self.segments)
            documents = max(self.count, 1)
            mean = max(1.0, words / documents)
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
        term = (layout.CONTENT, stem(word).encode())
        if self._documents_with([term]) <= 1:
            return 0.0
        return self.rarity([term])

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
        """The plan for a query: a function from a segment to the matcher of it.

        Scores that a plan leads to are for the whole index, so those of several segments can be
        compared.
        """
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
        """What matches all parts; NOT parts only take away, and add no score."""
        required: list[Plan] = []
        excluded: list[Plan] = []
        for part in parts:
            if isinstance(part, tree.Not):
                excluded.append(self.plan(part.part))
            else:
                required.append(self.plan(part))
        if not required:
            required = [AllDocuments]
        return lambda segment: Intersection(_on(segment, required), _on(segment, excluded))

    # Words

    def _leaf(self, leaf: tree.Leaf) -> Plan:
        """The plan for words; text that has several words, as ``low-resource``, is a phrase.

        A prefix or a spelling with errors is looked for only where the text is one word that is not
        Chinese, Japanese or Korean. Else it is looked for as it is.
        """
        tokens = query_tokens(leaf.text)
        words = [token.word for token in tokens]
        single = len(words) == 1 and not tokens[0].cjk
        match leaf:
            case tree.Prefix() if single:
                return self._prefix(words[0], leaf.field)
            case tree.Wildcard():
                return self._wildcard(leaf.text, leaf.field)
            case tree.Fuzzy(distance=most) if single:
                return self._fuzzy(words[0], most, leaf.field)
        if len(words) == 1:
            return self._word(words[0], leaf.field)
        slop = leaf.slop if isinstance(leaf, tree.Phrase) else 1
        return self._phrase(words, slop, leaf.field)

    def _mask(self, field: str | None) -> int | None:
        """The fields a word may be in, as bits; None for any."""
        if field is None:
            return None
        names = self.structured if field == ALL_STRUCTURED else (field,)
        return sum(1 << self._slots[name] for name in names)

    def _prefix(self, word: str, field: str | None) -> Plan:
        """Words that begin with ``word`` as written, all with the same score."""
        mask = self._mask(field)
        prefix = word.encode()

        def plan(segment: Segment) -> Matcher:
            completions = segment.terms.starting(layout.SURFACE, prefix)
            terms = [term for _, term in completions]
            return ExactWordMatcher(segment, terms, mask)

        return plan

    def _wildcard(self, text: str, field: str | None) -> Plan:
        """Words that match a pattern with ``*`` and ``?``, all with the same score."""
        mask = self._mask(field)
        pattern, literal = wildcard(text)

        def plan(segment: Segment) -> Matcher:
            terms = _surface_terms(segment, segment.words(pattern, literal))
            return ExactWordMatcher(segment, terms, mask)

        return plan

    def _fuzzy(self, word: str, most: int, field: str | None) -> Plan:
        """Words at most ``most`` typing errors away; each error halves the score."""
        mask = self._mask(field)
        norms = self.norms(1)
        pattern = near(word, most)

        def plan(segment: Segment) -> Matcher:
            parts = []
            for candidate in segment.words(pattern, word[0]):
                errors = distance(candidate, word, most)
                if errors > most:
                    continue
                terms = _surface_terms(segment, [candidate])
                rarity = self._surface_rarity([candidate])
                factor = rarity * (K1 + 1) * _PER_ERROR**errors
                part = ExactWordMatcher(segment, terms, mask, norms, factor)
                parts.append(part)
            return BestOf(parts)

        return plan

    def _word(self, word: str, field: str | None) -> Plan:
        """A word in all its forms, where the field is stemmed; in a field it counts once."""
        if field is None:
            return self._word_anywhere(word)
        root = stem(word)
        stemmed = layout.is_stemmed(field)
        mask = self._mask(field)
        norms = self.norms(1)

        def plan(segment: Segment) -> Matcher:
            # Stems have no bits of fields, so the forms of the word are looked for instead.
            forms = segment.forms(root) if stemmed else (word,)
            terms = _surface_terms(segment, forms)
            factor = self._surface_rarity(forms) * (K1 + 1)
            return ExactWordMatcher(segment, terms, mask, norms, factor)

        return plan

    def _surface_rarity(self, words: Iterable[str]) -> float:
        """The rarity of any of some words as they are written."""
        return self.rarity([(layout.SURFACE, word.encode()) for word in words])

    def _word_anywhere(self, word: str) -> Plan:
        """A word in any field: its stem, or the word itself in fields that are not stemmed."""
        root = stem(word).encode()
        unstemmed = f"{layout.UNSTEMMED}{word}".encode()
        names = (root, unstemmed)
        rarity = self.rarity([(layout.CONTENT, name) for name in names])
        factor = rarity * (K1 + 1)
        norms = self.norms(layout.UNIT)

        def plan(segment: Segment) -> Matcher:
            found = map(segment.ranked, names)
            terms = [term for term in found if term is not None]
            if not terms:
                return ConstantScore(())
            return TermMatcher(segment, terms, norms, factor)

        return plan

    # Phrases

    def _phrase(self, words: Sequence[str], slop: int, field: str | None) -> Plan:
        """Words one after the other in one field; without a field, in any."""
        stems = [stem(word) for word in words]
        unstemmed = [f"{layout.UNSTEMMED}{word}" for word in words]
        if field is None:
            plans = [self._terms_in_a_row(stems, slop), self._terms_in_a_row(unstemmed, slop)]
            return lambda segment: Union(_on(segment, plans))
        terms = stems if layout.is_stemmed(field) else unstemmed
        if field == ALL_STRUCTURED:  # these fields are the last ones, so their range has no end
            first = len(self._slots) - len(self.structured)
            low = first << layout.SLOT
            return self._terms_in_a_row(terms, slop, low)
        low = self._slots[field] << layout.SLOT
        high = low + (1 << layout.SLOT)
        return self._terms_in_a_row(terms, slop, low, high)

    def _terms_in_a_row(
        self, terms: Sequence[str], slop: int, low: int = 0, high: int | None = None
    ) -> Plan:
        """Terms one after the other, at most ``slop`` positions apart.

        Their positions are at least ``low`` and below ``high`` (None: no limit).
        """
        names = [term.encode() for term in terms]

        def plan(segment: Segment) -> Matcher:
            found = [segment.terms.find(layout.CONTENT, name) for name in names]
            present = [term for term in found if term is not None]
            if len(present) < len(names):
                return ConstantScore(())
            # Sorted: the order of a set depends on the hash seed, and the last digit on the order.
            rarity = sum(self.rarity([(layout.CONTENT, name)]) for name in sorted(set(names)))
            return PhraseMatcher(
                segment, present, slop, low, high, norms=self.norms(1), factor=rarity * (K1 + 1)
            )

        return plan


def _on(segment: Segment, plans: Iterable[Plan]) -> list[Matcher]:
    """The matchers that some plans have for a segment."""
    return [plan(segment) for plan in plans]


def _surface_terms(segment: Segment, words: Iterable[str]) -> list[Term]:
    """The terms of words as they are written; without words that are not in the segment."""
    find = segment.terms.find
    found = [find(layout.SURFACE, word.encode()) for word in words]
    return [term for term in found if term is not None]


def _flagged(segment: Segment, flag: bytes) -> Documents:
    """The documents with a flag such as ``has:methods``."""
    term = segment.terms.find(layout.FLAGS, flag)
    return segment.postings(term).documents if term else ()


def _in_years(years: Sequence[int], low: int | None, high: int | None) -> list[int]:
    """The documents with a year from ``low`` to ``high``, both included (None: no limit).

    A document without a year is never one of them.

    >>> _in_years([1999, layout.NO_YEAR, 2005], None, 2004)
    [0]
    """
    lowest = layout.NO_YEAR + 1 if low is None else low
    highest = _LATEST if high is None else high
    return [document for document, year in enumerate(years) if lowest <= year <= highest]
