"""Chapters, parts and steps: the outline an abstract gives of the work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from litrev.library.extraction.cues import either
from litrev.library.extraction.frames import mentions
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence

_LOOKED_AT = 4_000  # characters of a sentence that are searched
_WORKING = 0.55  # the mean share of the author's work that the steps must describe
_ROMAN = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
    "XI": 11,
    "XII": 12,
}


class _Label(NamedTuple):
    start: int
    end: int
    number: int | None
    kind: str


@cache
def _unit_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    units = either(lexicon.list("chapters", "units"))
    numbers = either(lexicon.list("chapters", "numbers"))
    closing = either(lexicon.list("chapters", "conclusion"))
    opening = either(lexicon.list("chapters", "introduction"))
    if lexicon.words:
        ordinals = either(
            (*lexicon.list("chapters", "ordinals"), *lexicon.list("chapters", "ordinal_figures"))
        )
        third_chapter = rf"\b(?:the\s+)?(?P<ordinal>{ordinals})\s+(?:{units})\b"
        chapter_three = rf"\b(?:{units})\s+(?P<number>\d{{1,2}}|[IVX]{{1,4}}|{numbers})\b"
        numbered = f"{third_chapter}|{chapter_three}"
    else:
        numbered = rf"第\s?(?P<ordinal>\d{{1,2}}|{numbers})\s?(?:{units})"
    return re.compile(rf"{numbered}|(?P<closing>{closing})|(?P<opening>{opening})", re.IGNORECASE)


@cache
def _step_patterns(lexicon: Lexicon) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A marker that opens a sentence, perhaps after its subject; and one that opens a clause."""
    steps = either(lexicon.list("chapters", "steps"))
    subjects = either(lexicon.list("chapters", "subjects"))
    edge = r"\b" if lexicon.words else ""
    marker = rf"(?P<step>{edge}(?:{steps}){edge})"
    opening = re.compile(rf"(?:(?:{subjects})\s*|and\s)?{marker}", re.IGNORECASE)
    within = re.compile(rf"(?<=[.;,，；。|])\s*{marker}", re.IGNORECASE)
    return opening, within


def unit_label(text: str, lexicon: Lexicon) -> bool:
    """Whether ``text`` begins with, or soon comes to, the label of a chapter or part."""
    match = _unit_pattern(lexicon).search(text[:80])
    return match is not None and (match.lastgroup in {"ordinal", "number"} or match.start() < 3)


def find_chapters(
    text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> list[Proposal]:
    """The chapters an abstract lists, each with its description.

    An abstract that lists fewer than two is searched for steps ("first ...; then ...") instead.
    """
    labelled = [(sentence, _labels(text, sentence, lexicon)) for sentence in sentences]
    numbered = {label.number for _, labels in labelled for label in labels if label.number}
    if len(numbered) < 2:
        return _steps(text, sentences, lexicon)
    proposals, seen = list[Proposal](), set[int]()
    highest = max(numbered)
    for sentence, labels in labelled:
        for n, label in enumerate(labels):
            number = highest + 1 if label.kind == "closing" else label.number
            if number is None or number in seen:
                continue
            seen.add(number)
            start, end = _extent(text, sentence, labels, n)
            proposals.append(
                Proposal(
                    "chapters",
                    start,
                    end,
                    0.95 if label.kind == "chapter" else 0.85,
                    f"chapters.{label.kind}",
                    number=number,
                )
            )
    return proposals


def _labels(text: str, sentence: RoledSentence, lexicon: Lexicon) -> list[_Label]:
    return [
        _Label(
            m.start(),
            m.end(),
            _number(m, lexicon),
            "chapter" if m.lastgroup in {"ordinal", "number"} else str(m.lastgroup),
        )
        for m in _unit_pattern(lexicon).finditer(text, sentence.sentence.start, sentence.end)
        if m.lastgroup in {"ordinal", "number"}
        or _opens_clause(text, m.start(), sentence.sentence.start)
    ]


def _opens_clause(text: str, at: int, start: int) -> bool:
    before = text[start:at].rstrip()
    return not before or before[-1] in ":：;；.。,，"


def _number(match: re.Match[str], lexicon: Lexicon) -> int | None:
    if match.lastgroup == "opening":
        return 0
    if match.lastgroup == "closing":
        return None
    word = match.group(match.lastgroup or 0)
    if word.isdigit():
        return int(word)
    if word.upper() in _ROMAN and word.isupper():
        return _ROMAN[word.upper()]
    for name in ("ordinals", "ordinal_figures", "numbers"):
        if word.casefold() in lexicon.list("chapters", name):
            return lexicon.list("chapters", name).index(word.casefold()) + 1
    return None


def _extent(
    text: str, sentence: RoledSentence, labels: Sequence[_Label], n: int
) -> tuple[int, int]:
    """From a label to the next one or to the end of the sentence, without the punctuation there.

    The whole sentence, if its only label is in the middle of a clause.
    """
    label = labels[n]
    start = label.start
    if (
        n == 0
        and len(labels) == 1
        and start - sentence.start > 3
        and not _opens_clause(text, start, sentence.start)
    ):
        start = sentence.start
    end = labels[n + 1].start if n + 1 < len(labels) else sentence.end
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".。;；,，|"):
        end -= 1
    return start, end


def _steps(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> list[Proposal]:
    """Markers that order the author's own work.

    At least two are needed; the first must open the series, and most must describe work. Markers
    that order findings, problems or measures are not steps: they follow a sentence that announces
    them, and do not describe work.
    """
    series = _marked(text, sentences, lexicon)
    begun = [n for n, step in enumerate(series) if step.first]
    series = series[begun[0] : begun[1] if len(begun) > 1 else None] if begun else []
    if (
        len(series) < 2
        or sum(step.work for step in series) < _WORKING * len(series)
        or series[0].announced
    ):
        return []
    sure = 0.85 if all(step.work > 0.6 for step in series) else 0.65
    return [
        Proposal("chapters", step.start, step.end, sure, "chapters.step", number=n)
        for n, step in enumerate(series, 1)
    ]


class _Step(NamedTuple):
    """A marked step; ``work`` is how likely it describes what the author did."""

    start: int
    end: int
    work: float
    announced: bool
    first: bool


def _marked(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> list[_Step]:
    work, firsts = lexicon.cues("chapters", "work"), lexicon.list("chapters", "first_steps")
    marked, (opening, within) = list[_Step](), _step_patterns(lexicon)
    for n, sentence in enumerate(sentences):
        limit = min(sentence.end, sentence.start + _LOOKED_AT)
        first = opening.match(text, sentence.start, limit)
        markers = [(sentence.start, first.group("step"))] if first else []
        markers += [
            (m.start("step"), m.group("step"))
            for m in within.finditer(text, first.end() if first else sentence.start, limit)
        ]
        likely = sum(
            sentence.likely.get(role, 0.0) for role in ("structure", "method", "objective")
        )
        before = sentences[n - 1].words[-120:] if n else ""
        for k, (start, marker) in enumerate(markers):
            end = markers[k + 1][0] if k + 1 < len(markers) else sentence.end
            while end > start and text[end - 1] in " .。;；,，|\n":
                end -= 1
            tells_work = bool(work and work.search(text, start, min(start + 160, end)))
            announced = (
                k == 0
                and likely < 0.5
                and bool(before)
                and any(kind != "findings" for kind in mentions(before, lexicon))
            )
            if end > start:
                marked.append(
                    _Step(
                        start,
                        end,
                        max(likely, 0.9 * tells_work),
                        announced,
                        marker.casefold() in firsts,
                    )
                )
    return marked
