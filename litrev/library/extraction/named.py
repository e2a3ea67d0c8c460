"""Fields that are named things: methods, theory, site.

What may be a name is found by its form and judged by its surroundings.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from litrev.library.extraction.chunks import chunks, joined
from litrev.library.extraction.cues import either, slot
from litrev.library.extraction.features import bin_of, words
from litrev.library.extraction.lexicon import Lexicon, find_methods
from litrev.library.extraction.linear import Pair, judge
from litrev.library.extraction.phrases import trim
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence

FIELDS = ("methods", "theory", "site")
# How likely a phrase must be a name to be proposed.
_WORTH = {"methods": 0.42, "theory": 0.42, "site": 0.38}
# How likely a sentence must describe methods, for every stretch of it to be judged.
_DECLARING = 0.25
_LOOKED_AT = 3_000
_MOST = 300  # names of one field in one abstract that are judged
_WORD = r"[A-Za-z][\w’'/-]*"
_SUFFIX = re.compile(r"\s+(?:method|approach)(?:e?s)?\b|法|方法", re.IGNORECASE)


class Name(NamedTuple):
    """A phrase that may be a name of the field, with its label in the vocabulary if it has one."""

    start: int
    end: int
    rule: str
    label: str | None
    around: tuple[str, ...]
    own: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """All its features: those of its sentence, and its own."""
        return self.around + self.own


def find_named(
    field: str, text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> list[Proposal]:
    """The names of a field, likeliest first where they overlap, each once."""
    model = judge(field, Pair)
    candidates = names(field, text, sentences, lexicon)
    shared = {around: model.sum(around) for around in {name.around for name in candidates}}
    ranked = [(model.probability(name.own, shared[name.around]), name) for name in candidates]
    kept, kept_texts = list[tuple[float, Name]](), set[str]()
    for likely, name in sorted(ranked, key=lambda entry: (-entry[0], entry[1].start)):
        folded = text[name.start : name.end].casefold()
        if (
            likely >= _WORTH[field]
            and folded not in kept_texts
            and not any(n.start < name.end and name.start < n.end for _, n in kept)
        ):
            kept_texts.add(folded)
            kept.append((likely, name))
    return [
        Proposal(field, n.start, n.end, likely, f"{field}.{n.rule}", n.label)
        for likely, n in sorted(kept, key=lambda entry: entry[1].start)
    ]


def names(
    field: str, text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> list[Name]:
    """Every phrase that may be a name of the field, each place once."""
    candidates, seen = list[Name](), set[tuple[int, int]]()
    generic = set(lexicon.list(field, "generic"))
    texts_before: set[str] = set()
    first_sentence: dict[str, int] = {}
    declare = lexicon.cues(field, "declare")
    for n, sentence in enumerate(sentences):
        around = tuple(_place(sentences, n))
        declared = (
            [match.end() for match in declare.finditer(text, sentence.start, sentence.end)]
            if declare
            else []
        )
        for start, end, rule, label in _FORMS[field](text, sentence, lexicon):
            start, end = trim(text, start, end, lexicon)
            folded = text[start:end].casefold()
            if (
                (start, end) in seen
                or end - start < 2
                or folded in generic
                or len(candidates) == _MOST
            ):
                continue
            seen.add((start, end))
            own = _own(text, sentence, (start, end), _since(declared, start), lexicon)
            known = (
                f"rule:{rule}",
                f"rule:{rule}&role:{sentence.role}",
                "again" if folded in texts_before else "first",
            )
            labelled = (
                "unlabelled name"
                if label is None
                else "label again"
                if first_sentence.get(label, n) != n
                else "label first",
            )
            candidates.append(Name(start, end, rule, label, around, (*own, *known, *labelled)))
            texts_before.add(folded)
            first_sentence.setdefault(label or folded, n)
    return candidates


def _place(sentences: Sequence[RoledSentence], n: int) -> Iterator[str]:
    sentence = sentences[n]
    for role, share in sentence.likely.items():
        if share >= 0.1:
            yield f"role:{role}:{bin_of(share, (0.3, 0.6, 0.9))}"
    yield "labelled" if sentence.labelled else "unlabelled"
    yield f"sentence:{bin_of(n / max(len(sentences) - 1, 1), (0.01, 0.3, 0.6, 0.99))}"


def _own(
    text: str, sentence: RoledSentence, span: tuple[int, int], since: int, lexicon: Lexicon
) -> Iterator[str]:
    start, end = span
    quote, name = text[start:end], lexicon.name
    quoted_words = words(quote, lexicon)
    yield f"long:{bin_of(len(quoted_words), (2, 3, 4, 6, 9, 14))}"
    if quote != quote.lower():
        yield "capital"
    if "#" in quoted_words:
        yield "digit"
    yield f"declared:{bin_of(since, (3, 12, 40, 130))}"
    yield f"said:{min(3, text.count(quote))}"
    before = words(text[max(sentence.start, start - 30) : start], lexicon)
    after = words(text[end : min(sentence.end, end + 30)], lexicon)
    if lexicon.words:
        yield from (f"{name}:n:{word}" for word in set(quoted_words))
    else:
        yield from (f"{name}:n:{a}{b}" for a, b in set(pairwise(quoted_words)))
    yield f"{name}:n^{' '.join(quoted_words[:1])}"
    yield f"{name}:n{' '.join(quoted_words[-1:])}$"
    yield f"{name}:n{' '.join(quoted_words[-2:])}$"
    yield from (f"{name}:n<{word}" for word in before[-1:])
    yield from (f"{name}:n<{a} {b}" for a, b in pairwise(before[-2:]))
    yield from (f"{name}:n<<{word}" for word in set(before[-4:]))
    yield from (f"{name}:n>{word}" for word in after[:1])
    yield from (f"{name}:n>{a} {b}" for a, b in pairwise(after[:2]))


def _since(ends: Sequence[int], at: int) -> int:
    """How far before ``at`` the last of ``ends`` is; a large number without one."""
    n = bisect_right(ends, at)
    return at - ends[n - 1] if n else 999


def _modifier(lexicon: Lexicon) -> str:
    """A word that may come before the head of a noun phrase: any but a function word."""
    return rf"(?:(?!(?:{either(lexicon.plain('function_words'))})\b){_WORD}[ ])"


# Methods


@cache
def _method_heads(lexicon: Lexicon) -> re.Pattern[str]:
    heads = either(lexicon.list("methods", "heads"))
    if lexicon.words:
        return re.compile(
            rf"\b{_modifier(lexicon)}{{1,5}}(?:{heads})\b(?:\s\([A-Z][\w-]{{1,10}}\))?",
            re.IGNORECASE,
        )
    leads = lexicon.list("methods", "leads")
    edge = rf"(?:(?<={')|(?<='.join(map(re.escape, leads))})|(?<=[\s,，。；;:：(（”]))"
    return re.compile(
        rf"{edge}(?:(?!{either(leads)})[\w\u4e00-\u9fff/–-]){{1,16}}?(?:{heads})(?![\u4e00-\u9fff]?法)"
    )


def _methods(
    text: str, sentence: RoledSentence, lexicon: Lexicon
) -> Iterator[tuple[int, int, str, str | None]]:
    limit = min(sentence.end, sentence.start + _LOOKED_AT)
    spans = [m.span() for m in _method_heads(lexicon).finditer(text, sentence.start, limit)]
    known = [*find_methods(text, sentence.start, limit)]
    for start, end, label in known:
        more = _SUFFIX.match(text, end)
        yield start, more.end() if more else end, "vocabulary", label
        for a, b in spans:
            if a <= start and end <= b and (a, b) != (start, end) and lexicon.words:
                yield a, b, "wider", label
    for a, b in spans:
        yield a, b, "head", _label(known, a, b)
    for match in _instruments(lexicon).finditer(text, sentence.start, limit):
        yield *match.span(), "instrument", None
    if (
        sum(sentence.likely.get(role, 0.0) for role in ("method", "objective", "structure"))
        >= _DECLARING
    ):
        for (a, b), count in joined(chunks(text, sentence.start, limit, lexicon), 2):
            yield a, b, f"chunk {count}", _label(known, a, b)
            more = _SUFFIX.match(text, b)
            if more:
                yield a, more.end(), "chunk with method", _label(known, a, b)
    pattern = lexicon.cues("methods", "done")
    for match in pattern.finditer(text, sentence.start, limit) if pattern else ():
        yield *match.span(), "done", None


def _label(known: Sequence[tuple[int, int, str]], start: int, end: int) -> str | None:
    """The label of the first name of the vocabulary within a span."""
    return next((label for a, b, label in known if start <= a and b <= end), None)


@cache
def _instruments(lexicon: Lexicon) -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:{either(lexicon.list('methods', 'instruments'))})(?:\s?\d+(?:\.\d+)?)?", re.ASCII
    )


# Theory


@cache
def _theory_heads(lexicon: Lexicon) -> re.Pattern[str]:
    heads = either(lexicon.list("theory", "heads"))
    if lexicon.words:
        of = either(lexicon.list("theory", "of"))
        modifier = _modifier(lexicon)
        based_on = rf"(?:\son\s(?:{_WORD}\s){{1,4}}(?:and\s{_WORD}\s)?theory)?"
        before = rf"\b{modifier}{{1,5}}(?:{heads})\b{based_on}"
        after = (
            rf"\b(?:{of})\s(?:the\s)?{_WORD}(?:\s(?!(?:as|to|is|was|in|for|with)\b){_WORD}){{0,10}}"
        )
        return re.compile(rf"{after}|{before}", re.IGNORECASE)
    lead = either(lexicon.list("theory", "leads"))
    return re.compile(rf"(?:(?!{lead})[^。；;，,、]){{2,16}}?(?:{heads})")


@cache
def _theory_word(lexicon: Lexicon) -> re.Pattern[str]:
    words = either(lexicon.list("theory", "heads"))
    return re.compile(
        rf"\b(?:{words})\b|\b[a-z]+(?:ics|logy|ism)\b|\b[A-Z]\w+[’']s\b" if lexicon.words else words
    )


def _theories(
    text: str, sentence: RoledSentence, lexicon: Lexicon
) -> Iterator[tuple[int, int, str, str | None]]:
    limit = min(sentence.end, sentence.start + _LOOKED_AT)
    for match in _theory_heads(lexicon).finditer(text, sentence.start, limit):
        yield *match.span(), "named", None
    heads = [match.start() for match in _theory_word(lexicon).finditer(text, sentence.start, limit)]
    for (a, b), count in joined(chunks(text, sentence.start, limit, lexicon), 3) if heads else ():
        if _any_within(heads, a, b):
            yield a, b, f"chunk {count}", None


def _any_within(places: Sequence[int], start: int, end: int) -> bool:
    """Whether one of ``places``, which are in order, lies in the span."""
    n = bisect_left(places, start)
    return n < len(places) and places[n] < end


# Site


@cache
def _places(lexicon: Lexicon) -> re.Pattern[str]:
    places, known = either(lexicon.list("site", "places")), either(lexicon.list("site", "known"))
    if lexicon.words:
        place = rf"(?i:{places})\b"
        title = r"(?:No\.\s?\d+|[A-Z][\w’'-]*)"
        joined = rf"(?:\s{title}|\s(?:of|in|the|and)(?=\s(?:the\s)?{title})|\s{place})"
        whole_title = rf"(?:the\s)?{title}{joined}{{0,5}}"
        # "12 rural schools in Hubei", "villages of the Yangtze Delta", "Wuhan East Lake District"
        counted = rf"\b\d[\d,]*\s(?:[a-z-]+\s){{0,3}}{place}(?:\s(?:of|in|from)\s{whole_title})?"
        small = rf"\b{_modifier(lexicon)}{{0,3}}{place}\s(?:of|in|at)\s{whole_title}"
        first = rf"\b(?:[a-z]\s(?={place})|{title}\s)"
        name = rf"{first}(?:{title}\s){{0,3}}?{place}{joined}{{0,6}}(?:,{title})?"
        return re.compile(rf"{counted}|{small}|{name}|\b(?:{known})\b")
    edge = "(?<=[以对在于,，。;；:：、取择用合析讨论为例|从就某和与及过)）])"
    return re.compile(
        rf"[A-Z]{{1,2}}[\u4e00-\u9fff]{{0,4}}?(?:{places})(?!场)"
        rf"|某[\u4e00-\u9fff]{{0,8}}?(?:{places})"
        rf"|{edge}[\u4e00-\u9fff]{{1,12}}?(?:{places})(?:[\u4e00-\u9fff]{{1,8}}?(?:{places}))*"
        rf"|(?:{known})(?:[\u4e00-\u9fff]{{1,8}}?(?:{places}))*"
    )


@cache
def _place_word(lexicon: Lexicon) -> re.Pattern[str]:
    """A sign that a stretch names a place: a word for one, a capital after a small letter."""
    words = either((*lexicon.list("site", "places"), *lexicon.list("site", "known")))
    return re.compile(
        rf"\b(?i:{words})\b|(?<=[a-z,]\s)[A-Z]"
        if lexicon.words
        else rf"{words}|某|[A-Z](?=[\u4e00-\u9fff])"
    )


def _sites(
    text: str, sentence: RoledSentence, lexicon: Lexicon
) -> Iterator[tuple[int, int, str, str | None]]:
    limit = min(sentence.end, sentence.start + _LOOKED_AT)
    example = lexicon.cues("methods", "example")
    for match in example.finditer(text, sentence.start, limit) if example else ():
        span = slot(match)
        if span and span[1] - span[0] <= 120:
            yield *span, "example", None
            for inner in _places(lexicon).finditer(text, *span):
                yield *inner.span(), "in example", None
    words = [match.start() for match in _place_word(lexicon).finditer(text, sentence.start, limit)]
    if not words:
        return
    for match in _places(lexicon).finditer(text, sentence.start, limit):
        yield *match.span(), "named", None
    for (a, b), count in joined(chunks(text, sentence.start, limit, lexicon)):
        if b - a <= 120 and _any_within(words, a, b):
            yield a, b, f"chunk {count}", None


_FORMS: dict[
    str, Callable[[str, RoledSentence, Lexicon], Iterator[tuple[int, int, str, str | None]]]
] = {"methods": _methods, "theory": _theories, "site": _sites}
