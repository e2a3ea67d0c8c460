"""Fields that are said: findings, problems, recommendations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from litrev.library.extraction.cues import slot
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.phrases import Span, cut, items, trim
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence

LOOKED_AT = 4_000  # characters of a sentence that are searched
_CAUSE_STARTS = ("reason", "cause", "原因")


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Items that follow a trigger; ``at`` is where the trigger begins."""

    at: int
    proposals: tuple[Proposal, ...]

    @property
    def span(self) -> Span:
        """From the trigger to the end of the last item."""
        return self.at, max(p.end for p in self.proposals)


def find_problems(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Iterator[Enumeration]:
    """Deficiencies after a trigger, and their causes, one span an item."""
    for sentence in _study(sentences):
        for at, start, end, rule in _enumerations(text, sentence, lexicon, "problems", ("list", "causes")):
            spans = [part for span in items(text, start, end, lexicon) for part in _short_parts(text, span, lexicon)]
            if not spans or (rule == "list" and not _complains(text, spans, lexicon)):
                continue
            confidence = 0.75 if len(spans) > 1 else 0.55
            yield Enumeration(at, tuple(Proposal("problems", a, b, confidence, f"problems.{rule}") for a, b in spans))


def _short_parts(text: str, span: Span, lexicon: Lexicon) -> list[Span]:
    """Without blanks between words an item may still hold short ones: a、b以及c."""
    if lexicon.words:
        return [span]
    pieces = [(m.start(), m.end()) for m in re.compile(r"(?:(?!、|以及).)+").finditer(text, *span)]
    return pieces if len(pieces) > 1 and all(b - a >= 4 for a, b in pieces) else [span]


def find_recommendations(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Iterator[Enumeration]:
    """Measures after a trigger, one span an item."""
    verbs = lexicon.list("recommendations", "verbs")
    next_verb = re.compile(rf"[,，]\s*(?:and |to )?(?=(?:{'|'.join(map(re.escape, verbs))})\b)" if lexicon.words else r"(?!)", re.IGNORECASE)
    for sentence in _study(sentences):
        if sentence.role in {"method", "objective"} and sentence.labelled:
            continue
        for at, start, end, _ in _enumerations(text, sentence, lexicon, "recommendations", ("list",)):
            end = cut(text, start, end, lexicon.list("recommendations", "stops"))
            spans = [part for span in items(text, start, end, lexicon) for part in _at_verbs(text, span, next_verb, lexicon)]
            spans = [(a, b) for a, b in spans if b - a > 3]
            active = sum(text[a : a + 40].casefold().startswith(verbs) for a, b in spans)
            advised = sentence.role == "recommendation" and len(spans) > 1
            if advised or (active and active * 2 >= len(spans)):
                confidence = 0.72 if len(spans) > 1 else 0.55
                yield Enumeration(at, tuple(Proposal("recommendations", a, b, confidence, "recommendations.list") for a, b in spans))


def _at_verbs(text: str, span: Span, next_verb: re.Pattern[str], lexicon: Lexicon) -> Iterator[Span]:
    """Cut where a comma is followed by the verb of the next measure; "to" before a verb is no part of it."""
    start, end = span
    cuts = [m.span() for m in next_verb.finditer(text, start, end)]
    for a, b in zip([start, *(c[1] for c in cuts)], [*(c[0] for c in cuts), end], strict=True):
        a, b = trim(text, a, b, lexicon)
        yield (a + 3 if lexicon.words and text[a : a + 3].casefold() == "to " else a), b


def find_findings(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon, taken: Sequence[Span]) -> Iterator[Proposal]:
    """What result sentences and conclusions say, one span a sentence or item, but what ``taken`` holds already."""
    exclude, inside = lexicon.cues("findings", "exclude"), lexicon.cues("findings", "inside")
    for sentence in sentences:
        reports = sentence.role in {"result", "conclusion"}
        words = sentence.words[:LOOKED_AT]
        told = inside.search(words) if inside and sentence.role in {"structure", "method", "objective"} and not sentence.labelled else None
        if not (reports or told) or (exclude and exclude.search(words) and not (sentence.role == "result" and inside and inside.search(words))):
            continue
        if sentence.role == "conclusion" and not sentence.labelled and not (inside and inside.search(words)):
            continue
        start = sentence.start + (told.end() if told else 0)
        for a, b in _clauses(text, start, sentence.end, lexicon):
            b = trim(text, a, min([at for at, _ in taken if a + 12 < at < b], default=b), lexicon)[1]
            if b - a < (12 if lexicon.words else 6) or _covered((a, b), taken):
                continue
            confidence = 0.85 if sentence.labelled and sentence.role == "result" else 0.72 if sentence.role == "result" else 0.6
            yield Proposal("findings", a, b, confidence, f"findings.{sentence.role}")


def _clauses(text: str, start: int, end: int, lexicon: Lexicon) -> Iterator[Span]:
    """The parts of a result between semicolons or numbers, without what leads in to them."""
    for a, b in items(text, start, end, lexicon, commas=False):
        start = _after_lead(text, a, b, lexicon)
        inside = lexicon.cues("findings", "inside")
        told = inside.search(text, start, b) if inside and start == a else None
        if told and b - told.end() > max(12, 0.3 * (b - a)):
            start = told.end()
        yield trim(text, start, b, lexicon)


def _after_lead(text: str, start: int, end: int, lexicon: Lexicon) -> int:
    leads = lexicon.cues("findings", "leads")
    for _ in range(3):
        match = leads.match(text, start, end) if leads else None
        if not match or match.end() == start:
            return start
        start = match.end()
        while start < end and text[start] in " ,，:：":
            start += 1
    return start


def _enumerations(text: str, sentence: RoledSentence, lexicon: Lexicon, section: str, names: Sequence[str]) -> Iterator[tuple[int, int, int, str]]:
    """Each stretch that follows a trigger, up to the next trigger or the end of the sentence."""
    limit = min(sentence.end, sentence.start + LOOKED_AT)
    starts: list[tuple[int, int, int | None, str]] = []
    for name in names:
        pattern = lexicon.cues(section, name)
        for match in pattern.finditer(text, sentence.start, limit) if pattern else ():
            span = slot(match)
            starts.append((match.start(), span[0] if span else match.end(), span[1] if span else None, name))
    starts.sort()
    for n, (at, start, end, name) in enumerate(starts):
        if n and at < starts[n - 1][1]:
            continue
        later = min((s[0] for s in starts[n + 1 :] if s[0] > start), default=limit)
        yield at, start, min(end or limit, later), name


def _complains(text: str, spans: Sequence[Span], lexicon: Lexicon) -> bool:
    """Whether enough of the items say that something is missing or wrong."""
    words = lexicon.list("problems", "negative")
    if lexicon.words:
        pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b", re.IGNORECASE)
        hits = sum(1 for a, b in spans if pattern.search(text, a, b))
    else:
        hits = sum(1 for a, b in spans if any(word in text[a:b] for word in words))
    return bool(spans) and hits * 2 >= len(spans)


def _study(sentences: Sequence[RoledSentence]) -> Iterator[RoledSentence]:
    """The sentences from the first one that is about this study: what stands before is background."""
    begun = False
    for sentence in sentences:
        begun = begun or sentence.role not in {"background", "gap", "heading"}
        if begun and sentence.role != "other":
            yield sentence


def _covered(span: Span, taken: Sequence[Span]) -> bool:
    length = sum(max(0, min(span[1], b) - max(span[0], a)) for a, b in taken)
    return length > 0.4 * (span[1] - span[0])
