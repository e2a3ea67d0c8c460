"""Chapters, parts and steps: the outline an abstract gives of the work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.phrases import trim
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence

_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12}


@dataclass(frozen=True, slots=True)
class _Label:
    start: int
    end: int
    number: int | None
    kind: str


@cache
def _unit_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    units = "|".join(lexicon.list("chapters", "units"))
    numbers = "|".join(sorted(lexicon.list("chapters", "numbers"), key=len, reverse=True))
    closing = "|".join(map(re.escape, lexicon.list("chapters", "conclusion")))
    opening = "|".join(map(re.escape, lexicon.list("chapters", "introduction")))
    if lexicon.words:
        ordinals = "|".join(lexicon.list("chapters", "ordinals"))
        numbered = rf"\b(?:the\s+)?(?P<ordinal>{ordinals})\s+(?:{units})\b|\b(?:{units})\s+(?P<number>\d{{1,2}}|[IVX]{{1,4}}|{numbers})\b"
    else:
        numbered = rf"第\s?(?P<ordinal>\d{{1,2}}|{numbers})\s?(?:{units})"
    return re.compile(rf"{numbered}|(?P<closing>{closing})|(?P<opening>{opening})", re.IGNORECASE)


@cache
def _step_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    steps = "|".join(re.escape(step) for step in sorted(lexicon.list("chapters", "steps"), key=len, reverse=True))
    if lexicon.words:
        return re.compile(rf"(?:(?<=[.;,，；|])|^)\s*(?P<step>\b(?:{steps})\b)", re.IGNORECASE)
    return re.compile(rf"(?:(?<=[。；;，,.\s])|^)\s*(?P<step>{steps})")


def unit_label(text: str, lexicon: Lexicon) -> bool:
    """Whether ``text`` begins with, or soon comes to, the label of a chapter or part."""
    found = _unit_pattern(lexicon).search(text[:80])
    return found is not None and (found.lastgroup in {"ordinal", "number"} or found.start() < 3)


def find_chapters(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> list[Proposal]:
    """The chapters an abstract lists, each with its description; discourse steps where there are none."""
    labelled = [(sentence, _labels(text, sentence, lexicon)) for sentence in sentences]
    numbered = {label.number for _, labels in labelled for label in labels if label.number}
    if len(numbered) < 2:
        return _steps(text, sentences, lexicon)
    found, seen = list[Proposal](), set[int]()
    highest = max(numbered)
    for sentence, labels in labelled:
        for n, label in enumerate(labels):
            number = highest + 1 if label.kind == "closing" else label.number
            if number is None or number in seen:
                continue
            seen.add(number)
            start, end = _extent(text, sentence, labels, n)
            found.append(Proposal("chapters", start, end, 0.95 if label.kind == "chapter" else 0.85, f"chapters.{label.kind}", number=number))
    return found


def _labels(text: str, sentence: RoledSentence, lexicon: Lexicon) -> list[_Label]:
    return [
        _Label(m.start(), m.end(), _number(m, lexicon), "chapter" if m.lastgroup in {"ordinal", "number"} else str(m.lastgroup))
        for m in _unit_pattern(lexicon).finditer(text, sentence.sentence.start, sentence.end)
        if m.lastgroup in {"ordinal", "number"} or _opens_clause(text, m.start(), sentence.sentence.start)
    ]


def _opens_clause(text: str, at: int, start: int) -> bool:
    before = text[start:at].rstrip()
    return not before or before[-1] in ":：;；.。"


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
    for name in ("ordinals", "numbers"):
        if word.casefold() in lexicon.list("chapters", name):
            return lexicon.list("chapters", name).index(word.casefold()) + 1
    return None


def _extent(text: str, sentence: RoledSentence, labels: Sequence[_Label], n: int) -> tuple[int, int]:
    """From the label to the next one, a semicolon before it, or the end; the whole sentence when it stands inside."""
    label = labels[n]
    start = label.start
    if n == 0 and len(labels) == 1 and start - sentence.start > 3 and not _opens_clause(text, start, sentence.start):
        start = sentence.start
    end = labels[n + 1].start if n + 1 < len(labels) else sentence.end
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".。;；,，|"):
        end -= 1
    return start, end


def _steps(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> list[Proposal]:
    """Markers that order the author's own work, if there are at least two and the first one opens."""
    work = lexicon.cues("chapters", "work")
    found, pattern = list[tuple[int, int]](), _step_pattern(lexicon)
    for sentence in sentences:
        if sentence.role in {"background", "gap"} and not found:
            continue
        markers = [m.start("step") for m in pattern.finditer(text, sentence.start, sentence.end)]
        markers = [m for m in markers if work and work.search(text, m, min(m + 160, sentence.end))]
        for n, start in enumerate(markers):
            end = markers[n + 1] if n + 1 < len(markers) else sentence.end
            found.append((start, end))
    firsts = lexicon.list("chapters", "first_steps")
    if len(found) < 2 or not text[found[0][0] : found[0][1]].casefold().startswith(firsts):
        return []
    spans = []
    for start, end in found:
        while end > start and text[end - 1] in " .。;；,，|\n":
            end -= 1
        spans.append((start, end))
    return [Proposal("chapters", a, b, 0.6, "chapters.step", number=n) for n, (a, b) in enumerate(spans, 1) if trim(text, a, b, lexicon)[1] > a]
