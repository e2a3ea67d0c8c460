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
    """A piece of a field, with the words that were looked for marked in it.

    In ``text``, ``;`` stands for the gap between two values. ``marks`` are pairs of offsets in it,
    in order and apart from each other; ``start`` is the offset of ``text`` in the whole field. All
    count Unicode code points. ``cut_before`` and ``cut_after`` say whether the field goes on there.
    """

    field: str
    text: str
    marks: tuple[Span, ...]
    start: int
    cut_before: bool
    cut_after: bool


def snippet(query: Query, texts: Mapping[str, str], width: int = 160) -> Snippet | None:
    """The best piece of the best field: the one that most leaves of the query are found in.

    ``texts`` are by field. None when nothing is found. Among equals a field that the query names
    wins, then the first. The piece has about ``width`` characters.
    """
    leaves = list(dict.fromkeys(leaves_of(query)))
    best: _Marked | None = None
    for name, text in texts.items():
        if name in _NOT_SHOWN or not text:
            continue
        marked = _marked(leaves, name, text)
        if marked.matching and (best is None or marked.rank > best.rank):
            best = marked
    return _cut(best, width) if best else None


class _Marked(NamedTuple):
    """A field, and where the leaves of a query are in its text.

    ``matching`` leaves were found there, of which ``naming`` name this field.
    """

    field: str
    text: str
    spans: list[Span]
    matching: int
    naming: int

    @property
    def rank(self) -> tuple[int, int]:
        return self.matching, self.naming


def _marked(leaves: Iterable[Leaf], field: str, text: str) -> _Marked:
    """The text of ``field`` with every leaf that may be found there."""
    spans = list[Span]()
    matching = 0
    naming = 0
    for leaf in leaves:
        if leaf.field not in (None, field, ALL_STRUCTURED):
            continue
        leaf_spans = find(leaf, field, text)
        if leaf_spans:
            spans += leaf_spans
            matching += 1
            naming += leaf.field == field
    return _Marked(field, text, spans, matching, naming)


def find(leaf: Leaf, field: str, text: str) -> list[Span]:
    """Where in the text of ``field`` is what ``leaf`` looks for, whichever field that names.

    A span is a pair of offsets; the spans may overlap. A phrase gives a span from its first word to
    its last, or one for each word when others may be between them.
    """
    words = _asked(leaf.text)
    test = _surface_test(leaf, words)
    if test:
        return [(token.start, token.end) for token in _tokens(text) if test(token.word)]
    if field in UNSTEMMED:
        return _find_words(leaf, words, text, root=str, beginning=str)
    return _find_words(leaf, words, text, root=stem, beginning=_common_beginning)


def _find_words(
    leaf: Leaf,
    words: Sequence[Token],
    text: str,
    *,
    root: Callable[[str], str],
    beginning: Callable[[str], str],
) -> list[Span]:
    """Where forms of these words follow each other: words that have the same ``root``.

    ``beginning`` gives what all forms of a word begin with. Where words are not stemmed both give
    the word itself, as ``str`` does.
    """
    roots = [root(word.word) for word in words]
    beginnings = tuple(beginning(word.word) for word in words)
    # In plain English most fields can be passed over, or searched, without dividing them.
    quick = _plain(text)
    if quick is not None:
        if any(start not in quick for start in beginnings):
            return []
        if len(words) == 1:
            return _find_word(roots[0], beginnings[0], quick, root)
    slop = leaf.slop if isinstance(leaf, Phrase) else 1
    candidates = [token for token in _tokens(text) if token.word.startswith(beginnings)]
    return _sequences(roots, candidates, slop, root)


def _find_word(wanted: str, beginning: str, text: str, root: Callable[[str], str]) -> list[Span]:
    """Where words with the root ``wanted`` are in plain English."""
    # Only words that begin like it are stemmed.
    word_like = rf"(?<![a-z0-9]){re.escape(beginning)}[a-z0-9]*"
    words = re.finditer(word_like, text)
    return [match.span() for match in words if root(match.group()) == wanted]


def _common_beginning(word: str) -> str:
    """What all forms of a word begin with."""
    # A stem may end otherwise than its forms (studi, study): two characters are left off.
    return word[: max(1, len(stem(word)) - 2)]


@lru_cache(maxsize=32)
def _plain(text: str) -> str | None:
    """The text in plain English letters, kept like its tokens."""
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
        return _nearness_test(asked, leaf.distance)
    return None


def _nearness_test(asked: str, most: int) -> Callable[[str], bool]:
    """Whether a word is at most so many typing errors away from the one that was asked for."""

    def is_near(word: str) -> bool:
        # An error in the first character is not forgiven: engines look through the words that
        # begin with it.
        return word[:1] == asked[:1] and distance(word, asked, most) <= most

    return is_near


def _sequences(
    roots: Sequence[str], candidates: Sequence[Token], slop: int, root: Callable[[str], str]
) -> list[Span]:
    """Spans in which words with these roots follow each other, at most ``slop`` positions apart."""
    if not roots:
        return []
    places: dict[str, list[Token]] = {}
    for token in candidates:
        places.setdefault(root(token.word), []).append(token)
    runs = [[token] for token in places.get(roots[0], ())]
    for following in roots[1:]:
        runs = _longer_runs(runs, places.get(following, ()), slop)
    if slop == 1:
        return [(run[0].start, run[-1].end) for run in runs]
    # With other words in between only the words of the phrase are marked.
    return [(token.start, token.end) for run in runs for token in run]


def _longer_runs(
    runs: Iterable[list[Token]], following: Sequence[Token], slop: int
) -> list[list[Token]]:
    """The runs that go on with one of the ``following`` tokens, each with that token added."""
    # Of the runs that come to the same token one is enough: they would go on alike, and in a text
    # that repeats itself there would be ever more of them.
    longer = {}
    for run in runs:
        for token in following:
            apart = token.position - run[-1].position
            if 0 < apart <= slop:
                longer[token] = [*run, token]
    return list(longer.values())


def _cut(marked: _Marked, width: int) -> Snippet:
    """The piece of about ``width`` characters that has most marks."""
    text = marked.text
    spans = merged(marked.spans)
    start, end = _window(text, spans, width)
    marks = []
    for begin, stop in spans:
        if begin < end and stop > start:
            mark_start = max(begin, start) - start
            mark_end = min(stop, end) - start
            marks.append((mark_start, mark_end))
    return Snippet(
        field=marked.field,
        text=text[start:end].replace(VALUE_GAP, ";"),
        marks=tuple(marks),
        start=start,
        cut_before=start > 0,
        cut_after=end < len(text),
    )


def merged(spans: Sequence[Span]) -> list[Span]:
    """The spans in order, with those that touch or overlap made one.

    >>> merged([(8, 9), (0, 3), (2, 5), (5, 6)])
    [(0, 6), (8, 9)]
    """
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
    centred = first - spare // 2
    start = max(0, min(centred, len(text) - width))
    end = min(len(text), start + width)
    start = _next_word(text, start, first, spare)
    return start, _end_of_word(text, end, last)


def _densest(spans: Sequence[Span], width: int) -> Span:
    """From the first to the last of the marks that most lie within ``width`` of."""
    start = spans[0][0]
    densest = list[Span]()
    for begin, _ in spans:
        last = begin + width
        within = [span for span in spans if begin <= span[0] and span[1] <= last]
        if len(within) > len(densest):
            start = begin
            densest = within
    ends = (end for _, end in densest)
    return start, max(ends, default=start)


def _next_word(text: str, start: int, first: int, spare: int) -> int:
    """The beginning of a word at or after ``start``, but before the mark at ``first``.

    ``spare`` is how far before the mark a piece may begin at most.
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
