"""The words of a query in the text they were found in, right to the character."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from litrev.index.analysis import VALUE_GAP, Token, plain, query_tokens, stem, tokens
from litrev.index.documents import ALL_STRUCTURED, ELSEWHERE, UNSTEMMED
from litrev.index.query import Fuzzy, Leaf, Phrase, Prefix, Query, Wildcard, wanted
from litrev.index.spelling import distance, wildcard

Span = tuple[int, int]

_NOT_SHOWN = frozenset({ALL_STRUCTURED, ELSEWHERE})


class Snippet(NamedTuple):
    """A piece of a field: ``text`` with the ``marks`` in it, and where it begins in the whole
    field.
    """

    field: str
    text: str
    marks: tuple[Span, ...]
    start: int
    cut_before: bool
    cut_after: bool


def snippet(query: Query, texts: Mapping[str, str], width: int = 160) -> Snippet | None:
    """The best piece of the best field: the one with most of the words that were asked for."""
    leaves = list(dict.fromkeys(wanted(query)))
    best, most = None, (0, 0)
    for name, text in texts.items():
        if name in _NOT_SHOWN or not text:
            continue
        found = [
            (leaf, spans)
            for leaf in leaves
            if leaf.field in (None, name, ALL_STRUCTURED) and (spans := find(leaf, name, text))
        ]
        asked = sum(leaf.field == name for leaf, _ in found)
        if (len(found), asked) > most:
            most, best = (
                (len(found), asked),
                (name, text, [span for _, spans in found for span in spans]),
            )
    return _cut(*best, width) if best else None


def find(leaf: Leaf, field: str, text: str) -> list[Span]:
    """Where what ``leaf`` looks for stands in the text of ``field``."""
    words = _asked(leaf.text)
    stemmed = field not in UNSTEMMED
    test = _surface_test(leaf, words)
    beginnings = tuple(word.word[: _sure(word.word)] if stemmed else word.word for word in words)
    quick = _plain(text) if test is None else None
    if quick is not None:
        if any(beginning not in quick for beginning in beginnings):
            return []
        if len(words) == 1:
            return _beginning(beginnings[0], words[0].word, stemmed, quick)
    there = _tokens(text)
    if test:
        return [(t.start, t.end) for t in there if test(t.word)]
    terms = [stem(w.word) if stemmed else w.word for w in words]
    slop = leaf.slop if isinstance(leaf, Phrase) else 1
    return _sequences(
        terms, [token for token in there if token.word.startswith(beginnings)], slop, stemmed
    )


def _beginning(beginning: str, word: str, stemmed: bool, text: str) -> list[Span]:
    """Where forms of a word stand in plain English: only words that begin like it are looked at."""
    found = re.compile(rf"(?<![a-z0-9]){re.escape(beginning)}[a-z0-9]*").finditer(text)
    root = stem(word)
    return [
        match.span()
        for match in found
        if (stem(match.group()) == root if stemmed else match.group() == word)
    ]


def _sure(word: str) -> int:
    """How many characters of a word all its forms begin with."""
    return max(1, len(stem(word)) - 2)


@lru_cache(maxsize=32)
def _plain(text: str) -> str | None:
    return plain(text)


@lru_cache(maxsize=512)
def _asked(text: str) -> tuple[Token, ...]:
    """The tokens a word of a query asks for, found once for all fields of all hits."""
    return tuple(query_tokens(text))


@lru_cache(maxsize=32)
def _tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, kept while one word after the other is looked for."""
    return tuple(tokens(text))


def _surface_test(leaf: Leaf, words: Sequence[Token]) -> Callable[[str], bool] | None:
    single = len(words) == 1 and not words[0].cjk
    if isinstance(leaf, Prefix) and single:
        return lambda word: word.startswith(words[0].word)
    if isinstance(leaf, Wildcard):
        pattern, _ = wildcard(leaf.text)
        return lambda word: bool(pattern.fullmatch(word))
    if isinstance(leaf, Fuzzy) and single:
        return lambda word: (
            word[:1] == words[0].word[:1]
            and distance(word, words[0].word, leaf.distance) <= leaf.distance
        )
    return None


def _sequences(
    terms: Sequence[str], there: Sequence[Token], slop: int, stemmed: bool
) -> list[Span]:
    """Spans in which ``terms`` follow each other, each at most ``slop`` positions after the last."""
    places: dict[str, list[Token]] = {}
    for token in there:
        places.setdefault(stem(token.word) if stemmed else token.word, []).append(token)
    runs = [[token] for token in places.get(terms[0], ())] if terms else []
    for term in terms[1:]:
        # Of the runs that come to the same token one is enough: they would go on alike.
        longer = {
            token: [*run, token]
            for run in runs
            for token in places.get(term, ())
            if 0 < token.position - run[-1].position <= slop
        }
        runs = list(longer.values())
    if slop == 1:
        return [(run[0].start, run[-1].end) for run in runs]
    return [(token.start, token.end) for run in runs for token in run]


def _cut(field: str, text: str, spans: list[Span], width: int) -> Snippet:
    spans = merged(spans)
    start, end = _window(text, spans, width)
    marks = tuple(
        (max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start
    )
    shown = text[start:end].replace(VALUE_GAP, ";")
    return Snippet(field, shown, marks, start, start > 0, end < len(text))


def merged(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap made one."""
    out: list[Span] = []
    for a, b in sorted(spans):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return out


def _window(text: str, spans: Sequence[Span], width: int) -> Span:
    """The stretch of about ``width`` characters with most marks in it, not cutting words."""
    if len(text) <= width:
        return 0, len(text)
    best, most = spans[0][0], 0
    for a, _ in spans:
        count = sum(1 for c, d in spans if a <= c and d <= a + width)
        if count > most:
            best, most = a, count
    inside = [d for c, d in spans if best <= c and d <= best + width]
    spare = max(0, width - (max(inside, default=best) - best))
    start = max(0, min(best - spare // 2, len(text) - width))
    end = min(len(text), start + width)
    # To the next blank at either end, but never far, and never over a mark.
    while (
        0 < start < best
        and not text[start - 1].isspace()
        and best - start > 1
        and start > best - spare
    ):
        if ord(text[start]) > 0x2E80:
            break
        start += 1
    while (
        end < len(text)
        and end - 1 > max(inside, default=best)
        and not text[end].isspace()
        and ord(text[end]) < 0x2E80
    ):
        end -= 1
    return start, end
