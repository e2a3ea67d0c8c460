"""Fields that are statements: findings, problems and their causes, recommendations.

Every stretch that may be one statement is judged by the words in it and around it; of those that
overlap, the set that is worth most is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from litrev.library.extraction.cues import either
from litrev.library.extraction.features import bin_of, word_features
from litrev.library.extraction.frames import Frame, frames, mentions
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.linear import Choice, judge
from litrev.library.extraction.phrases import (
    Span,
    comma_items,
    cut,
    numbered_items,
    short_items,
    starts_with_label,
    trim,
)
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence

_DIGIT = re.compile(r"\d")
NOTHING = "none"
FIELDS = {
    "findings": "findings",
    "problems": "problems",
    "causes": "problems",
    "recommendations": "recommendations",
}
_MOST = 120  # stretches of one sentence that are judged
# How likely a stretch must be a statement of its kind to be proposed.
_WORTH = {"findings": 0.4, "problems": 0.36, "causes": 0.36, "recommendations": 0.36}
_SURE = 0.97  # how likely a sentence must do something else to be skipped
_DRAWN = 0.3  # how much of its likelihood a member of an enumeration takes from their mean


class Stretch(NamedTuple):
    """Part of a sentence that may be one statement, and how it was cut out."""

    start: int
    end: int
    frame: Frame
    way: str
    siblings: int
    number: int


class Weighed(NamedTuple):
    """A stretch with its features; ``group`` numbers the enumeration that it belongs to."""

    stretch: Stretch
    around: tuple[str, ...]
    own: tuple[str, ...]
    group: int

    @property
    def features(self) -> tuple[str, ...]:
        """All its features: those of its sentence, and its own."""
        return self.around + self.own

    @property
    def span(self) -> Span:
        """Its place in the text."""
        return self.stretch.start, self.stretch.end

    @property
    def rule(self) -> str:
        """The kind of frame it was found by, and how it was cut out of it."""
        return f"{self.stretch.frame.rule}.{self.stretch.way}"


Likelihoods = Mapping[str, float]


def find_statements(
    text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> list[Proposal]:
    """The findings, problems, causes and recommendations of an abstract; none of them overlap."""
    model, proposals = judge("statements", Choice), list[Proposal]()
    for row in candidates(text, sentences, lexicon):
        shared = model.sums(row[0].around) if row else []
        likelihoods = _alike(row, [model.probabilities(item.own, shared) for item in row])
        entries = [(item, *_kind(likely)) for item, likely in zip(row, likelihoods, strict=True)]
        for item, kind, likely in _best(
            [
                entry
                for entry in entries
                if entry[2] >= _WORTH[entry[1]] or _in_company(entry, entries)
            ]
        ):
            proposals.append(Proposal(FIELDS[kind], *item.span, likely, f"{kind}.{item.rule}"))
    return proposals


def _in_company(
    entry: tuple[Weighed, str, float], entries: Sequence[tuple[Weighed, str, float]]
) -> bool:
    """Whether a stretch is in a list that is announced as one of its kind.

    Most members of the list must be likely enough.
    """
    item, kind, _ = entry
    frame = item.stretch.frame.kind
    if frame in {"", "findings"} or FIELDS[frame] != FIELDS[kind] or item.stretch.siblings < 3:
        return False
    group = [other for other in entries if other[0].group == item.group]
    likely = sum(FIELDS[k] == FIELDS[kind] and share >= _WORTH[k] for _, k, share in group)
    return 3 * likely >= 2 * len(group)


def _alike(row: Sequence[Weighed], likelihoods: Sequence[Likelihoods]) -> list[Likelihoods]:
    """The likelihoods, those of each enumeration moved towards their mean.

    The members of an enumeration are usually of one kind.
    """
    members: dict[int, list[Likelihoods]] = {}
    for item, likely in zip(row, likelihoods, strict=True):
        members.setdefault(item.group, []).append(likely)
    means = {
        group: {kind: sum(member[kind] for member in all_) / len(all_) for kind in all_[0]}
        for group, all_ in members.items()
    }
    return [
        {
            kind: (1 - _DRAWN) * share + _DRAWN * means[item.group][kind]
            for kind, share in likely.items()
        }
        for item, likely in zip(row, likelihoods, strict=True)
    ]


def _kind(likely: Likelihoods) -> tuple[str, float]:
    """The likeliest kind, and how likely it is a statement of that field."""
    sums = {kind: share for kind, share in likely.items() if kind != NOTHING}
    kind = max(sums, key=lambda name: sums[name])
    return kind, sum(share for name, share in sums.items() if FIELDS[name] == FIELDS[kind])


def _best(entries: Sequence[tuple[Weighed, str, float]]) -> list[tuple[Weighed, str, float]]:
    """Those that do not overlap and together are worth most (weighted interval scheduling)."""
    ordered = sorted(entries, key=lambda entry: entry[0].span[1])
    worth = [0.0]
    taken: list[tuple[bool, int]] = []
    for n, (item, kind, likely) in enumerate(ordered):
        before = n
        while before and ordered[before - 1][0].span[1] > item.span[0]:
            before -= 1
        gain = worth[before] + max(likely - _WORTH[kind], 0.0) + 0.01
        taken.append((gain > worth[-1], before))
        worth.append(max(gain, worth[-1]))
    kept, n = list[tuple[Weighed, str, float]](), len(ordered)
    while n:
        take, before = taken[n - 1]
        if take:
            kept.append(ordered[n - 1])
        n = before if take else n - 1
    return kept[::-1]


def candidates(
    text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> Iterator[list[Weighed]]:
    """For each sentence that may state something, its stretches with their features."""
    announced, since = "", 0
    for n, sentence in enumerate(sentences):
        if sentence.role in {"heading", "other"}:
            continue
        around = [*_around(sentences, n, lexicon)]
        around += [f"announced:{announced}:{bin_of(since, (1, 2, 4))}"] if announced else []
        parts = frames(text, sentence.start, sentence.end, lexicon)
        stretches = (
            []
            if _silent(sentence, parts)
            else [*_stretches(text, sentence, parts, lexicon)][:_MOST]
        )
        groups = {
            key: number
            for number, key in enumerate(dict.fromkeys((s.frame, s.way) for s in stretches))
        }
        seen = (*around, *(["listed"] if any(s.way == "listed" for s in stretches) else []))
        sight = _Sight(text, sentence, stretches, lexicon)
        joined = [
            f"{announced}&{way}&{'ordinal' if sight.ordinal else '-'}"
            for way in (s.way for s in stretches)
        ]
        yield [
            Weighed(s, seen, (*sight.own(n), *sight.joined(s), joined[n]), groups[s.frame, s.way])
            for n, s in enumerate(stretches)
        ]
        kinds = [frame.kind for frame in parts if frame.kind] or mentions(
            sentence.words[-160:], lexicon
        )
        announced, since = (kinds[-1], 0) if kinds else (announced, since + 1)


def _silent(sentence: RoledSentence, parts: Sequence[Frame]) -> bool:
    """Whether a sentence surely is not a statement, and announces none."""
    return not any(part.kind for part in parts) and any(
        sentence.likely.get(role, 0.0) >= _SURE for role in ("background", "method", "objective")
    )


def _around(sentences: Sequence[RoledSentence], n: int, lexicon: Lexicon) -> Iterator[str]:
    """The features of the sentence and its neighbours."""
    here = sentences[n]
    for role, share in here.likely.items():
        if share >= 0.1:
            yield f"role:{role}:{bin_of(share, (0.3, 0.6, 0.9))}"
    yield f"before:{sentences[n - 1].role if n else '-'}"
    yield f"after:{sentences[n + 1].role if n + 1 < len(sentences) else '-'}"
    yield "labelled" if here.labelled else "unlabelled"
    yield f"sentence:{bin_of(n / max(len(sentences) - 1, 1), (0.2, 0.4, 0.6, 0.8, 0.99))}"
    for kind in mentions(here.words[:1500], lexicon):
        yield f"names:{kind}"
    if n:
        for kind in mentions(sentences[n - 1].words[-200:], lexicon):
            yield f"named before:{kind}"
    if starts_with_label(here.words):
        yield "ordinal"


class _Sight:
    """The features of the stretches of one sentence; what they share is computed once."""

    def __init__(
        self, text: str, sentence: RoledSentence, stretches: Sequence[Stretch], lexicon: Lexicon
    ) -> None:
        self.text, self.sentence, self.stretches, self.lexicon = text, sentence, stretches, lexicon
        self.ordinal = starts_with_label(sentence.words)
        self.complaints = [len(_negative(lexicon).findall(text, s.start, s.end)) for s in stretches]
        self.measures = [bool(_measure(lexicon).match(text, s.start, s.end)) for s in stretches]
        self.parts = [n for n, s in enumerate(stretches) if s.way == "comma"]
        self.groups: dict[tuple[Frame, str], list[int]] = {}
        for n, s in enumerate(stretches):
            self.groups.setdefault((s.frame, s.way), []).append(n)
        ways: dict[Frame, set[str]] = {}
        for s in stretches:
            ways.setdefault(s.frame, set()).add(s.way)
        self.ways = {
            frame: " ".join(sorted(ways_of_frame)) for frame, ways_of_frame in ways.items()
        }
        self.nouns = set(mentions(sentence.words, lexicon))
        self.modal = self._possible("recommendations", "modal")
        self.boilerplate = self._possible("findings", "exclude")
        work = lexicon.cues("chapters", "work")
        aim = work.search(text, sentence.start, sentence.end) if work else None
        self.aim_ends = aim.end() if aim else sentence.end + 1

    def _possible(self, section: str, name: str) -> re.Pattern[str] | None:
        """The cues, if the sentence holds one at all."""
        pattern = self.lexicon.cues(section, name)
        return pattern if pattern and pattern.search(self.sentence.words) else None

    def joined(self, stretch: Stretch) -> Iterator[str]:
        """Features that are combinations: each part counts only with the other."""
        kind, way = stretch.frame.kind or "-", stretch.way
        role = self.sentence.role
        ways = self.ways[stretch.frame]
        yield from (
            f"{kind}&{way}",
            f"{kind}&{role}",
            f"{way}&{role}",
            f"{kind}&{way}&{role}",
            f"{way} of {ways}",
            f"{kind}&{way} of {ways}",
        )

    def own(self, n: int) -> Iterator[str]:
        """The features of a stretch, and of those beside and inside it."""
        stretch, kind = self.stretches[n], self.stretches[n].frame.kind
        words = self.text[stretch.start : stretch.end]
        size = len(words) * (1 if self.lexicon.words else 3)
        yield f"frame:{kind or '-'}"
        yield f"frame:{kind}:{stretch.frame.rule}"
        yield f"way:{stretch.way}"
        yield f"way:{stretch.way}:{bin_of(stretch.siblings, (2, 3, 4, 6))}"
        yield f"number:{min(stretch.number, 3)}"
        yield f"long:{bin_of(size, (12, 25, 45, 80, 130, 200))}"
        yield f"way:{stretch.way}&long:{bin_of(size, (25, 60, 130))}"
        yield f"share:{bin_of(len(words) / max(len(self.sentence.words), 1), (0.2, 0.5, 0.8))}"
        yield f"complains:{min(self.complaints[n], 2)}"
        yield from self._counted(n)
        if self.measures[n]:
            yield "measure"
            yield f"measure&{kind or '-'}"
        if self.modal and self.modal.search(words[:400]):
            yield "modal"
        if self.boilerplate and self.boilerplate.search(words[:600]):
            yield "boilerplate"
        if _DIGIT.search(words):
            yield "digit"
        if self.aim_ends <= min(stretch.start + 20, self.sentence.end):
            yield "aim"
        if self.nouns:
            yield from (f"holds:{noun}" for noun in mentions(words[:400], self.lexicon))
        yield from word_features(words, self.lexicon, "s:")

    def _counted(self, n: int) -> Iterator[str]:
        """How many of the parts of a stretch, and of its siblings, complain or begin with a
        measure's verb.
        """
        stretch = self.stretches[n]
        inside = [
            k
            for k in self.parts
            if k != n
            and stretch.start <= self.stretches[k].start
            and self.stretches[k].end <= stretch.end
        ]
        near = self.groups[stretch.frame, stretch.way]
        for name, counts in (("complaints", self.complaints), ("measures", self.measures)):
            if inside:
                share = sum(bool(counts[k]) for k in inside) / len(inside)
                yield f"inner {name}:{bin_of(share, (0.2, 0.5, 0.8))}:{min(len(inside), 3)}"
            if stretch.siblings > 1:
                share = sum(bool(counts[k]) for k in near) / len(near)
                yield f"sibling {name}:{bin_of(share, (0.2, 0.5, 0.8))}"


@cache
def _measure(lexicon: Lexicon) -> re.Pattern[str]:
    """The verb of a measure at the start."""
    return re.compile(either(lexicon.list("recommendations", "verbs")), re.IGNORECASE)


@cache
def _negative(lexicon: Lexicon) -> re.Pattern[str]:
    words = either(lexicon.list("problems", "negative"))
    return re.compile(rf"\b(?:{words})\b" if lexicon.words else words, re.IGNORECASE)


def _stretches(
    text: str, sentence: RoledSentence, parts: Sequence[Frame], lexicon: Lexicon
) -> Iterator[Stretch]:
    """Each stretch once: the parts of the sentence, whole and cut up, and the sentence itself."""
    seen: set[Span] = set()
    whole = Frame(sentence.start, sentence.start, sentence.end, "", "whole")
    for part in [*parts, *([whole] if len(parts) > 1 else [])]:
        for way, spans in _cuts(text, part, lexicon):
            for number, (start, end) in enumerate(spans):
                start, end = _without_lead_in(text, start, end, lexicon)
                if (start, end) not in seen and end - start >= (6 if lexicon.words else 4):
                    seen.add((start, end))
                    yield Stretch(start, end, part, way, len(spans), number)


def _cuts(text: str, part: Frame, lexicon: Lexicon) -> Iterator[tuple[str, list[Span]]]:
    yield "whole", [(part.start, part.end)]
    outer = numbered_items(text, part.start, part.end, lexicon)
    if len(outer) > 1:
        yield "listed", outer
    inner = [
        comma_items(text, *span, lexicon)
        for span in (outer if len(outer) > 1 else [(part.start, part.end)])
    ]
    if any(len(spans) > 1 for spans in inner):
        yield "comma", [span for spans in inner for span in spans]
    short = [
        piece for spans in inner for span in spans for piece in short_items(text, span, lexicon)
    ]
    if len(short) > sum(map(len, inner)):
        yield "short", short
    stopped = [
        (a, cut(text, a, b, lexicon.list("recommendations", "stops")))
        for a, b in (outer if len(outer) > 1 else [(part.start, part.end)])
    ]
    if any(
        b < d for (_, b), (_, d) in zip(stopped, outer or [(part.start, part.end)], strict=False)
    ):
        yield "stopped", stopped


def _without_lead_in(text: str, start: int, end: int, lexicon: Lexicon) -> Span:
    """The span without its leading words ("it was found that") and what surrounds it."""
    start, end = trim(text, start, end, lexicon)
    leads = lexicon.cues("findings", "leads")
    for _ in range(3):
        match = leads.match(text, start, end) if leads else None
        if not match or match.end() == start or end - match.end() < 8:
            break
        start = match.end()
        while start < end and text[start] in " ,，:：":
            start += 1
    for word in lexicon.list("recommendations", "leads"):
        after = word + " " if lexicon.words else word
        if text[start : start + len(after)].casefold() == after and end - start > len(after) + 6:
            start += len(after)
            break
    return trim(text, start, end, lexicon)
