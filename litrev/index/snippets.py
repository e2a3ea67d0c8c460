"""Where exactly the words of a query are in a text, and a piece of the text around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from litrev.index.analysis import VALUE_GAP, Token, plain, query_tokens, stem, tokens
from litrev.index.documents import ALL_STRUCTURED, ELSEWHERE, UNSTEMMED
from litrev.index.query import Fuzzy, Leaf, Phrase, Prefix, Query, Wildcard, leaves_of
from litrev.index.spelling import distance, wildcard

Span = tuple[int, int]

_NOT_SHOWN = frozenset({ALL_STRUCTURED, ELSEWHERE})
_FIRST_WIDE = 0x2E80  # Chinese and its like begin here: it may be cut between any two characters


class Snippet(NamedTuple):
    """A piece of a field: its text, the ``marks`` in it, and where it begins in the whole field."""

    field: str
    text: str
    marks: tuple[Span, ...]
    start: int
    cut_before: bool
    cut_after: bool


def snippet(query: Query, texts: Mapping[str, str], width: int = 160) -> Snippet | None:
    """The best piece of the best field: the one that most leaves of the query are found in.

    None when nothing is found. Among equals a field that the query names wins, then the first.
    """
    leaves = list(dict.fromkeys(leaves_of(query)))
    best, most = None, (0, 0)
    for name, text in texts.items():
        if name in _NOT_SHOWN or not text:
            continue
        spans, matching, named = list[Span](), 0, 0
        for leaf in leaves:
            leaf_spans = (
                find(leaf, name, text) if leaf.field in (None, name, ALL_STRUCTURED) else []
            )
            if leaf_spans:
                spans += leaf_spans
                matching += 1
                named += leaf.field == name
        if (matching, named) > most:
            best, most = (name, text, spans), (matching, named)
    return _cut(*best, width) if best else None


def find(leaf: Leaf, field: str, text: str) -> list[Span]:
    """Where in the text of ``field`` is what ``leaf`` looks for."""
    words = _asked(leaf.text)
    test = _surface_test(leaf, words)
    if test:
        return [(token.start, token.end) for token in _tokens(text) if test(token.word)]
    stemmed = field not in UNSTEMMED
    beginnings = tuple(_common_beginning(word.word) if stemmed else word.word for word in words)
    # In plain English most fields can be passed over, or searched, without dividing them.
    quick = _plain(text)
    if quick is not None:
        if any(beginning not in quick for beginning in beginnings):
            return []
        if len(words) == 1:
            return _beginning(beginnings[0], words[0].word, stemmed, quick)
    terms = [stem(word.word) if stemmed else word.word for word in words]
    slop = leaf.slop if isinstance(leaf, Phrase) else 1
    candidates = [token for token in _tokens(text) if token.word.startswith(beginnings)]
    return _sequences(terms, candidates, slop, stemmed)


def _beginning(beginning: str, word: str, stemmed: bool, text: str) -> list[Span]:
    """Where the forms of a word are in plain English; only words that begin like it are stemmed."""
    root = stem(word)
    spans = []
    for match in re.finditer(rf"(?<![a-z0-9]){re.escape(beginning)}[a-z0-9]*", text):
        is_form = stem(match.group()) == root if stemmed else match.group() == word
        if is_form:
            spans.append(match.span())
    return spans


def _common_beginning(word: str) -> str:
    """What all forms of a word begin with."""
    # A stem may end otherwise than its forms (studi, study): two characters are left off.
    return word[: max(1, len(stem(word)) - 2)]


@lru_cache(maxsize=32)
def _plain(text: str) -> str | None:
    return plain(text)


@lru_cache(maxsize=512)
def _asked(text: str) -> tuple[Token, ...]:
    """The tokens a leaf of a query asks for, found once for all fields of all hits."""
    return tuple(query_tokens(text))


@lru_cache(maxsize=32)
def _tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, kept while the words of a query are looked for in turn."""
    return tuple(tokens(text))


def _surface_test(leaf: Leaf, words: Sequence[Token]) -> Callable[[str], bool] | None:
    """How words are tested as they are written; None for a leaf that looks for stems."""
    if isinstance(leaf, Wildcard):
        pattern, _ = wildcard(leaf.text)
        return lambda word: bool(pattern.fullmatch(word))
    if len(words) != 1 or words[0].cjk:
        return None
    asked = words[0].word
    if isinstance(leaf, Prefix):
        return lambda word: word.startswith(asked)
    if isinstance(leaf, Fuzzy):
        most = leaf.distance
        return lambda word: word[:1] == asked[:1] and distance(word, asked, most) <= most
    return None


def _sequences(
    terms: Sequence[str], candidates: Sequence[Token], slop: int, stemmed: bool
) -> list[Span]:
    """Spans in which ``terms`` follow each other, at most ``slop`` positions apart."""
    places: dict[str, list[Token]] = {}
    for token in candidates:
        places.setdefault(stem(token.word) if stemmed else token.word, []).append(token)
    runs = [[token] for token in places.get(terms[0], ())] if terms else []
    for term in terms[1:]:
        runs = _longer_runs(runs, places.get(term, ()), slop)
    if slop == 1:
        return [(run[0].start, run[-1].end) for run in runs]
    # With other words in between only the words of the phrase are marked.
    return [(token.start, token.end) for run in runs for token in run]


def _longer_runs(
    runs: Iterable[list[Token]], following: Sequence[Token], slop: int
) -> list[list[Token]]:
    # Of the runs that come to the same token one is enough: they would go on alike, and in a text
    # that repeats itself there would be ever more of them.
    longer = {}
    for run in runs:
        for token in following:
            if 0 < token.position - run[-1].position <= slop:
                longer[token] = [*run, token]
    return list(longer.values())


def _cut(field: str, text: str, spans: list[Span], width: int) -> Snippet:
    spans = merged(spans)
    start, end = _window(text, spans, width)
    marks = []
    for begin, stop in spans:
        if begin < end and stop > start:
            marks.append((max(begin, start) - start, min(stop, end) - start))
    shown = text[start:end].replace(VALUE_GAP, ";")
    return Snippet(field, shown, tuple(marks), start, start > 0, end < len(text))


def merged(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, with those that touch or overlap made one."""
    separate: list[Span] = []
    for begin, end in sorted(spans):
        if separate and begin <= separate[-1][1]:
            last_begin, last_end = separate[-1]
            separate[-1] = (last_begin, max(last_end, end))
        else:
            separate.append((begin, end))
    return separate


def _window(text: str, spans: Sequence[Span], width: int) -> Span:
    """The stretch of about ``width`` characters with most marks in it, which cuts no words."""
    if len(text) <= width:
        return 0, len(text)
    first, last = _densest(spans, width)
    spare = max(0, width - (last - first))
    start = max(0, min(first - spare // 2, len(text) - width))
    end = min(len(text), start + width)
    start = _next_word(text, start, first, spare)
    return start, _end_of_word(text, end, last)


def _densest(spans: Sequence[Span], width: int) -> Span:
    """From the first to the last of the marks that most lie within ``width`` of."""
    best, most = spans[0][0], 0
    for begin, _ in spans:
        count = sum(1 for other, end in spans if begin <= other and end <= begin + width)
        if count > most:
            best, most = begin, count
    ends = (end for begin, end in spans if best <= begin and end <= best + width)
    return best, max(ends, default=best)


def _next_word(text: str, start: int, first: int, spare: int) -> int:
    """The beginning of a word at or after ``start``, but not far, and before the mark at
    ``first``.
    """
    earliest = max(first - spare, 0)
    while earliest < start < first - 1 and not text[start - 1].isspace():
        if ord(text[start]) > _FIRST_WIDE:
            break
        start += 1
    return start


def _end_of_word(text: str, end: int, last: int) -> int:
    """The end of a word at or before ``end``, but after the mark that ends at ``last``."""
    while last < end - 1 and end < len(text) and not text[end].isspace():
        if ord(text[end]) >= _FIRST_WIDE:
            break
        end -= 1
    return end
