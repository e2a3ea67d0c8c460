"""What is studied: by an explicit marker, by the label of the aim, else by its verb."""

from __future__ import annotations

import re
from collections.abc import Sequence

from litrev.library.extraction.cues import slot
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.phrases import cut, trim
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence

LONGEST = 260
_LOOKED_AT = 1_500


def find_research_object(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> list[Proposal]:
    """At most one proposal."""
    for finder in (_explicit, _labelled, _aim):
        found = finder(text, sentences, lexicon)
        if found is not None:
            return [found]
    return []


def _explicit(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Proposal | None:
    pattern = lexicon.cues("research_object", "explicit")
    for sentence in sentences if pattern else ():
        match = pattern.search(text, sentence.start, min(sentence.end, sentence.start + _LOOKED_AT)) if pattern else None
        if match:
            found = _propose(text, match, sentence, lexicon, 0.9, "object.explicit")
            if found:
                return found
    return None


def _aim(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Proposal | None:
    pattern = lexicon.cues("research_object", "aim")
    ranked = [s for s in sentences if s.role == "objective"] + [s for s in sentences if s.role in {"method", "structure", "result"}]
    for sentence in ranked if pattern else ():
        match = pattern.search(text, sentence.start, min(sentence.end, sentence.start + _LOOKED_AT)) if pattern else None
        if match:
            found = _propose(text, match, sentence, lexicon, 0.75 if sentence.role == "objective" else 0.6, "object.aim")
            if found:
                return found
    return None


def _labelled(text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon) -> Proposal | None:
    pattern = lexicon.cues("research_object", "label")
    for sentence in sentences:
        match = pattern.match(text, sentence.start, sentence.end) if pattern and sentence.labelled and sentence.role == "objective" else None
        if match:
            return _spanned(text, match.end(), sentence.end, lexicon, 0.8, "object.label")
    return None


def _propose(text: str, match: re.Match[str], sentence: RoledSentence, lexicon: Lexicon, confidence: float, rule: str) -> Proposal | None:
    taken = slot(match)
    start, end = taken or (match.end(), sentence.end)
    return _spanned(text, start, end, lexicon, confidence, rule)


def _spanned(text: str, start: int, end: int, lexicon: Lexicon, confidence: float, rule: str) -> Proposal | None:
    while start < end and text[start] in " ,，:：":
        start += 1
    end = cut(text, start, min(end, start + LONGEST), lexicon.list("research_object", "stops"))
    start, end = trim(text, start, end, lexicon)
    if end - start < (4 if lexicon.words else 3):
        return None
    return Proposal("research_object", start, end, confidence, rule)
