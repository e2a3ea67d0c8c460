"""A person's own fields: what is beside their cue words is taken, by the kind of the field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from litrev.errors import UsageFault
from litrev.library.extraction.cues import CUE_SYNTAX, compile_cues, slot
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.phrases import Span, comma_items, cut, numbered_items, trim
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.sentences import RoledSentence
from litrev.library.model.codebook import Kind, StructuredField

NEAR = 60  # characters between a cue and its number
LONGEST = 300
CONFIDENCE = 0.6  # what a cue finds is a guess until a person has looked at it
_LOOKED_AT = 4_000
_NUMBER = re.compile(
    r"(?<![\w.,])[-−–]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:[.．]\d+)?\s?[%％‰]?"
    r"|[一二三四五六七八九十百千万两]{2,}(?=[名位人个份所家例])"
)
_ENDS = (",", "，", ";", "；", "。", ". ")
_NO = re.compile(
    r"(?:\b(?:no|not|without|lack(?:s|ed|ing)?(?: of)?|never|neither)\b|没有|未|无|不|缺乏)"
    r"[^.,;。，；]{0,20}$",
    re.IGNORECASE,
)


def check_cues(field: StructuredField) -> None:
    """Raise UsageFault for a cue that cannot be read."""
    for cue in field.cues:
        try:
            compile_cues([cue], words=True)
        except (ValueError, IndexError) as error:
            raise UsageFault(f"{field.name}: {error}", CUE_SYNTAX) from error


def find_own(
    field: StructuredField, text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> list[Proposal]:
    """What is proposed for a person's own field.

    Nothing, if the abstract has neither a cue of the field nor a value of its vocabulary.
    """
    finders = {
        Kind.TEXT: _texts,
        Kind.LIST: _texts,
        Kind.NUMBER: _numbers,
        Kind.CATEGORY: _categories,
        Kind.YES_NO: _answers,
    }
    proposals = [*finders[field.kind](field, text, sentences, lexicon)]
    return proposals[:1] if field.single else proposals


def _sentences(sentences: Sequence[RoledSentence]) -> Iterator[tuple[int, int]]:
    """The sentences about the study first, then those about its background."""
    about = [s for s in sentences if s.role not in {"background", "gap", "heading", "other"}]
    for sentence in [*about, *(s for s in sentences if s not in about)]:
        yield sentence.start, min(sentence.end, sentence.start + _LOOKED_AT)


@lru_cache(maxsize=256)
def _pattern(cues: tuple[str, ...], words: bool) -> re.Pattern[str] | None:
    return compile_cues(cues, words)


def _cued(
    field: StructuredField, text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> Iterator[tuple[re.Match[str], Span]]:
    pattern = _pattern(field.cues, lexicon.words)
    for start, end in _sentences(sentences) if pattern else ():
        for match in pattern.finditer(text, start, end) if pattern else ():
            yield match, (start, end)


def _texts(
    field: StructuredField, text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> Iterator[Proposal]:
    """What a cue takes, or what follows it up to the end of the clause."""
    for match, (_, end) in _cued(field, text, sentences, lexicon):
        taken = slot(match)
        a, b = taken or (match.end(), min(end, match.end() + LONGEST))
        if field.kind is Kind.TEXT:
            spans = [(a, b if taken else cut(text, a, b, _ENDS))]
        else:
            outer = numbered_items(text, a, b, lexicon)
            spans = outer if len(outer) > 1 else comma_items(text, a, b, lexicon)
        for start, stop in (trim(text, *span, lexicon) for span in spans):
            if stop - start > 1:
                yield Proposal(field.name, start, stop, CONFIDENCE, "cue")


def _numbers(
    field: StructuredField, text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> Iterator[Proposal]:
    """The number nearest to a cue in its sentence; one before it rather than one after it."""
    for match, (start, end) in _cued(field, text, sentences, lexicon):
        near = (max(start, match.start() - NEAR), min(end, match.end() + NEAR))
        taken = slot(match)
        numbers = [m.span() for m in _NUMBER.finditer(text, *(taken or near))]
        apart = [
            (
                match.start() - b
                if b <= match.start()
                else a - match.end() + 1
                if a >= match.end()
                else 0,
                a,
                b,
            )
            for a, b in numbers
        ]
        for _, a, b in sorted(apart)[:1]:
            a, b = trim(text, a, b, lexicon) if text[a] not in "-−–" else (a, b)
            if b > a:
                yield Proposal(field.name, a, b, CONFIDENCE, "cue", plain_number(text[a:b]))


def plain_number(text: str) -> str | None:
    """A number as a program writes it: "1,520" is 1520; None for words such as 三百."""
    folded = (
        unicodedata.normalize("NFKC", text)
        .strip()
        .replace(",", "")
        .replace("−", "-")
        .replace("–", "-")
        .replace(" ", "")
    )
    return folded if re.fullmatch(r"-?\d+(?:\.\d+)?[%‰]?", folded) else None


def _categories(
    field: StructuredField, text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> Iterator[Proposal]:
    """The values that are named, the most frequent first, each at the first place of its name."""
    pattern = _pattern(field.cues, lexicon.words)
    names = {
        name.casefold(): label
        for label, others in field.values.items()
        for name in (label, *others)
    }
    places: dict[str, list[Span]] = {}
    for start, end in _sentences(sentences):
        if pattern and not pattern.search(text, start, end):
            continue
        for match in _names(tuple(names)).finditer(text, start, end):
            places.setdefault(names[match.group().casefold()], []).append(match.span())
    for label, spans in sorted(places.items(), key=lambda entry: -len(entry[1])):
        yield Proposal(field.name, *spans[0], CONFIDENCE, "value", label)


@lru_cache(maxsize=256)
def _names(names: tuple[str, ...]) -> re.Pattern[str]:
    def edged(name: str) -> str:
        before = r"(?<![A-Za-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
        after = r"(?![A-Za-z0-9])" if name[-1].isascii() and name[-1].isalnum() else ""
        return before + re.escape(name) + after

    return re.compile("|".join(map(edged, sorted(names, key=len, reverse=True))), re.IGNORECASE)


def _answers(
    field: StructuredField, text: str, sentences: Sequence[RoledSentence], lexicon: Lexicon
) -> Iterator[Proposal]:
    """Yes where a cue is found, no where the words before it deny it."""
    for match, (start, _) in _cued(field, text, sentences, lexicon):
        denied = _NO.search(text, max(start, match.start() - 40), match.start())
        a, b = trim(text, denied.start() if denied else match.start(), match.end(), lexicon)
        if b > a:
            yield Proposal(field.name, a, b, CONFIDENCE, "cue", "no" if denied else "yes")


def more_methods(
    field: StructuredField, text: str, sentences: Sequence[RoledSentence]
) -> list[Proposal]:
    """The methods that a person has added to the vocabulary, in the sentences about the study."""
    names = {
        name.casefold(): label
        for label, others in field.values.items()
        for name in (label, *others)
    }
    proposals, labels_before = list[Proposal](), set[str]()
    for start, end in (
        _sentences([s for s in sentences if s.role not in {"background", "gap", "other"}])
        if names
        else ()
    ):
        for match in _names(tuple(names)).finditer(text, start, end):
            label = names[match.group().casefold()]
            if label not in labels_before:
                labels_before.add(label)
                proposals.append(
                    Proposal(field.name, *match.span(), 0.8, "vocabulary of the library", label)
                )
    return proposals
