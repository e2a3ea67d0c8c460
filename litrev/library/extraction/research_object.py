"""What is studied: every phrase that may name it is judged, and the likeliest is proposed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from litrev.library.extraction.chunks import chunks, joined
from litrev.library.extraction.cues import either, slot
from litrev.library.extraction.features import bin_of, words
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.linear import Pair, judge
from litrev.library.extraction.phrases import Span, cut, trim
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence

LONGEST = 260
_LOOKED_AT = 1_500
_CUTS = 4  # ends that are tried for a phrase
# How likely a sentence must state an aim, for each of its noun phrases to be judged.
_AIMING = 0.3
_MARKED = 0.2  # "takes X as the research object" goes before all else, unless less likely than this
_MOST = 160  # phrases of one abstract that are judged
_WAYS = ("explicit", "label", "aim", "passive", "verb")
_CLAUSE = (",", "，", ";", "；", ":", "：")
_STOPS = ".。!！?？…"


class Phrase(NamedTuple):
    """A phrase that may name what is studied, with its features."""

    start: int
    end: int
    way: str
    around: tuple[str, ...]
    own: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """All its features: those of its sentence, and its own."""
        return self.around + self.own


def find_research_object(
    text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> list[Proposal]:
    """At most one proposal."""
    model = judge("research_object", Pair)
    candidates = phrases(text, sentences, lexicon)
    shared = {around: model.sum(around) for around in {phrase.around for phrase in candidates}}
    ranked = [
        (model.probability(phrase.own, shared[phrase.around]), -n, phrase)
        for n, phrase in enumerate(candidates)
    ]
    if not ranked:
        return []
    marked = [entry for entry in ranked if entry[2].way == "explicit" and entry[0] >= _MARKED]
    likely, _, best = max(marked or ranked, key=lambda entry: entry[:2])
    return [Proposal("research_object", best.start, best.end, likely, f"object.{best.way}")]


def phrases(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> list[Phrase]:
    """Each phrase that may name what is studied, once."""
    candidates, seen = list[Phrase](), set[Span]()
    commonness = _Commonness(text, lexicon)
    first = next((n for n, s in enumerate(sentences) if s.role == "objective"), None)
    for n, sentence in enumerate(sentences):
        if sentence.role == "other":
            continue
        around = tuple(_place(sentences, n, first))
        for order, (start, end, way, variant) in enumerate(_candidates(text, sentence, lexicon)):
            start, end = trim(text, start, end, lexicon)
            if (
                (start, end) in seen
                or not (4 if lexicon.words else 2) <= end - start <= LONGEST
                or len(candidates) == _MOST
            ):
                continue
            seen.add((start, end))
            own = _own(text, sentence, (start, end), way, variant, lexicon)
            candidates.append(
                Phrase(
                    start,
                    end,
                    way,
                    around,
                    (*own, f"order:{min(order, 4)}", f"common:{commonness.of(start, end)}"),
                )
            )
    return candidates


class _Commonness:
    """How often the words of a phrase occur in the whole text."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text, self.lexicon = text, lexicon
        self.plain = frozenset(lexicon.plain("common"))
        self.counts: dict[str, int] = {}
        for start in range(0, min(len(text), 20_000), 400):
            for token in self._tokens(text[start : start + 400]):
                self.counts[token] = self.counts.get(token, 0) + 1

    def _tokens(self, text: str) -> list[str]:
        uncommon = [word for word in words(text, self.lexicon) if word not in self.plain]
        return uncommon if self.lexicon.words else [a + b for a, b in pairwise(uncommon)]

    def of(self, start: int, end: int) -> int:
        """A bin of the mean count of its words."""
        tokens = self._tokens(self.text[start:end])
        mean = sum(self.counts.get(token, 1) for token in tokens) / len(tokens) if tokens else 0
        return bin_of(mean, (1.2, 1.6, 2.0, 2.6, 3.5))


def _place(sentences: Sequence[RoledSentence], n: int, first: int | None) -> Iterator[str]:
    sentence = sentences[n]
    for role, share in sentence.likely.items():
        if share >= 0.1:
            yield f"role:{role}:{bin_of(share, (0.3, 0.6, 0.9))}"
    yield f"sentence:{min(n, 4)}" if n < len(sentences) - 1 else "sentence:last"
    yield "labelled" if sentence.labelled else "unlabelled"
    yield f"from objective:{'none' if first is None else max(-2, min(n - first, 3))}"


def _own(
    text: str, sentence: RoledSentence, span: Span, way: str, variant: str, lexicon: Lexicon
) -> Iterator[str]:
    start, end = span
    phrase_words = words(text[start:end], lexicon)
    size = bin_of((end - start) * (1 if lexicon.words else 4), (16, 32, 60, 100, 160))
    yield f"way:{way}"
    yield f"way:{way}:{variant}"
    yield f"way:{way}&role:{sentence.role}"
    yield f"long:{size}"
    yield f"way:{way}&long:{size}"
    yield f"{variant}&long:{size}"
    place = (start - sentence.start) / max(sentence.end - sentence.start, 1)
    yield f"at:{bin_of(place, (0.05, 0.3, 0.6))}"
    if any(char in text[start:end] for char in ",，;；"):
        yield "comma"
    name = lexicon.name
    yield from (
        (f"{name}:o:{word}" for word in set(phrase_words))
        if lexicon.words
        else (f"{name}:o:{a}{b}" for a, b in set(pairwise(phrase_words)))
    )
    yield f"{name}:o^{' '.join(phrase_words[:1])}"
    yield f"{name}:o^{' '.join(phrase_words[:2])}"
    yield f"{name}:o{' '.join(phrase_words[-1:])}$"
    yield f"{name}:o{' '.join(phrase_words[-2:])}$"
    before = words(text[max(sentence.start, start - 24) : start], lexicon)
    yield f"{name}:o<{' '.join(before[-1:])}"
    yield f"{name}:o<{' '.join(before[-2:])}"


def _candidates(
    text: str, sentence: RoledSentence, lexicon: Lexicon
) -> Iterator[tuple[int, int, str, str]]:
    limit = min(sentence.end, sentence.start + _LOOKED_AT)
    for way in _WAYS:
        pattern = lexicon.cues("research_object", way)
        for match in pattern.finditer(text, sentence.start, limit) if pattern else ():
            taken = slot(match)
            start, end = taken or (match.end(), sentence.end)
            yield from _variants(text, start, end, way, lexicon)
    title = _title(text, sentence, lexicon)
    if title:
        yield (*title, "title", "whole")
        for match in _title_ends(lexicon).finditer(text, *title):
            yield title[0], match.start(), "title", "cut"
    yield from _topic(text, sentence, lexicon)


def _variants(
    text: str, start: int, end: int, way: str, lexicon: Lexicon
) -> Iterator[tuple[int, int, str, str]]:
    """The words up to the first stop, and longer and shorter stretches of them."""
    while start < end and text[start] in " ,，:：":
        start += 1
    end = min(end, start + LONGEST)
    stopped = cut(text, start, end, lexicon.list("research_object", "stops"))
    clause = cut(text, start, end, _CLAUSE)
    yield start, stopped, way, "stopped"
    yield start, clause, way, "clause"
    at, number = start, 0
    while (
        number < _CUTS
        and (at := cut(text, at, clause, lexicon.list("research_object", "shorter"))) < clause
    ):
        yield start, at, way, f"short {number}"
        number += 1
    within = [
        match.end() for match in _inner(lexicon).finditer(text, start, min(clause, start + 120))
    ]
    for at in within[:2]:
        yield at, clause, way, "within"


@cache
def _inner(lexicon: Lexicon) -> re.Pattern[str]:
    heads = either(lexicon.list("research_object", "heads"))
    return re.compile(
        rf"\b(?:{heads})\s+(?:the\s+)?" if lexicon.words else rf"(?:{heads})", re.IGNORECASE
    )


@cache
def _title_ends(lexicon: Lexicon) -> re.Pattern[str]:
    return re.compile(either(lexicon.list("research_object", "title_ends")))


def _title(text: str, sentence: RoledSentence, lexicon: Lexicon) -> Span | None:
    """The whole sentence, if it looks like a title: short, and without a full stop."""
    words = sentence.words.rstrip(" |")
    if words[-1:] in _STOPS or not words or len(words) > (200 if lexicon.words else 60):
        return None
    return sentence.start, sentence.end


def _topic(
    text: str, sentence: RoledSentence, lexicon: Lexicon
) -> Iterator[tuple[int, int, str, str]]:
    """What the sentence begins with, up to a verb; and any noun phrase, if it states an aim."""
    limit = min(sentence.end, sentence.start + LONGEST)
    at, number = sentence.start, 0
    while (
        number < _CUTS
        and (at := cut(text, at, limit, lexicon.list("research_object", "verbs"))) < limit
    ):
        yield sentence.start, at, "topic", f"{number}"
        number += 1
    if sentence.likely.get("objective", 0.0) >= _AIMING:
        for (start, end), count in joined(
            chunks(text, sentence.start, min(sentence.end, sentence.start + _LOOKED_AT), lexicon), 6
        ):
            yield start, end, "chunk", f"{count}"
