"""Where a missing value may be: the sentences whose role fits a field."""

from __future__ import annotations

from litrev.library.extraction.lexicon import Folders
from litrev.library.extraction.own import find_own
from litrev.library.extraction.phrases import Span, trim
from litrev.library.extraction.pipeline import read
from litrev.library.model.codebook import StructuredField

MOST = 4
_FITTING = {
    "research_object": ("objective",), "methods": ("method", "objective"),
    "chapters": ("structure",), "findings": ("result", "problem", "conclusion"),
    "problems": ("problem", "result", "gap"), "recommendations": ("recommendation", "conclusion"),
    "theory": ("method", "structure", "objective"), "site": ("method", "objective"),
}  # fmt: skip
_ELSE = ("method", "result")


def fitting_sentences(
    text: str, field: StructuredField, languages: Folders = (), most: int = MOST
) -> list[Span]:
    """Sentences of an abstract that may hold a value of ``field``, likeliest first.

    Their spans leave out a label and the final stop.
    """
    lexicon, sentences = read(text, languages)
    roles = _FITTING.get(field.name, _ELSE)
    cued = (
        [(p.start, p.end) for p in find_own(field, text, sentences, lexicon)] if field.own else []
    )
    ranked = []
    for n, sentence in enumerate(sentences):
        likely = sum(sentence.likely.get(role, 0.0) for role in roles) + any(
            sentence.start <= a < sentence.end for a, _ in cued
        )
        if likely >= 0.2:
            ranked.append((-likely, n, trim(text, sentence.start, sentence.end, lexicon)))
    return [span for _, _, span in sorted(ranked)[:most]]
