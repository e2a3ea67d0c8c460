"""What each sentence does: background, gap, objective, method, structure, result, recommendation, conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from litrev.library.extraction.chapters import unit_label
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.sentences import RoledSentence, Sentence

LOOKED_AT = 1_500  # characters of a sentence that are searched for cues


def assign_roles(sentences: Sequence[Sentence], lexicon: Lexicon) -> list[RoledSentence]:
    """The role of each sentence: by its label, by the label it stands under, by its cues, by its neighbours."""
    found, under, last = list[RoledSentence](), "", "background"
    for sentence in sentences:
        label = lexicon.labels.match(sentence.text)
        body = 0
        if label and _is_label(sentence, label.end(), lexicon):
            under, body = label.lastgroup or "", label.end()
            if not sentence.text[body:].strip():
                found.append(RoledSentence(sentence, "heading", body, True))
                continue
        role = _by_cues(sentence.text[body : body + LOOKED_AT], lexicon)
        if under:
            role = _under_label(under, role)
        elif not role:
            role = _by_neighbour(last)
        found.append(RoledSentence(sentence, role, body, bool(under)))
        last = role
    return _nothing_before_the_study(found)


def _nothing_before_the_study(found: list[RoledSentence]) -> list[RoledSentence]:
    """Before the first sentence about this study, what sounds like a result or advice is background."""
    first = next((n for n, s in enumerate(found) if s.role in {"objective", "method", "structure"} or s.labelled), 0)
    return [
        replace(sentence, role="background") if n < first and sentence.role in {"result", "recommendation", "conclusion"} else sentence
        for n, sentence in enumerate(found)
    ]


def _is_label(sentence: Sentence, end: int, lexicon: Lexicon) -> bool:
    """A word is a label when punctuation or a new start sets it off."""
    label = sentence.text[:end]
    return label.rstrip()[-1:] in ":：.．】]" or "\n" in label or (lexicon.words and sentence.text[end : end + 1].isupper())


def _by_cues(text: str, lexicon: Lexicon) -> str:
    if unit_label(text, lexicon):
        return "structure"
    return next((role for role, pattern in lexicon.roles if pattern.search(text)), "")


def _under_label(under: str, role: str) -> str:
    """A label overrides every cue, but advice stays advice and a result inside a method part a result."""
    if under == "conclusion":
        return role if role in {"recommendation", "other"} else "conclusion"
    if under == "result" and role in {"recommendation", "other"}:
        return role
    if under == "method" and role in {"result", "other"}:
        return role
    if under == "background" and role in {"gap", "objective"}:
        return role
    return under


def _by_neighbour(last: str) -> str:
    if last in {"background", "gap"}:
        return "background"
    return {"objective": "method", "structure": "structure", "recommendation": "conclusion"}.get(last, last)
