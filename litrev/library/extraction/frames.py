"""Frames: the stretches of a sentence that a trigger governs, and what it announces.

"The problems are: a; b" announces problems from the colon on; "存在a、b等问题" announces them
before the noun. A frame says which kind of statement is there; its text is divided and judged
later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from litrev.library.extraction.cues import either, slot
from litrev.library.extraction.lexicon import Lexicon

KINDS = ("problems", "causes", "recommendations", "findings")
LOOKED_AT = 4_000  # characters of a sentence that are searched
_NEAR = 70  # characters between an announcing noun and the word that opens its list
_LONGEST = 160  # characters of a list that comes before its noun
_LISTED = rf"(?P<slot>[^.;:。；：]{{2,{_LONGEST}}}?)"


class Frame(NamedTuple):
    """What was announced at ``at`` is from ``start`` to ``end``; kind "" was not announced."""

    at: int
    start: int
    end: int
    kind: str
    rule: str


def frames(text: str, start: int, end: int, lexicon: Lexicon) -> list[Frame]:
    """The frames of a sentence in order, without overlap.

    Together with the words that announce them they cover the sentence.
    """
    end = min(end, start + LOOKED_AT)
    chosen, at = list[Frame](), start
    for frame in sorted(_announced(text, start, end, lexicon), key=lambda f: (f.at, -f.end)):
        if (
            chosen
            and frame.at < chosen[-1].end
            and (chosen[-1].kind and frame.start < chosen[-1].start + 4)
        ):
            continue
        if frame.start < at or frame.end - frame.start < 2:
            continue
        if chosen and chosen[-1].end > frame.at:
            chosen[-1] = Frame(
                chosen[-1].at,
                chosen[-1].start,
                max(chosen[-1].start, frame.at),
                chosen[-1].kind,
                chosen[-1].rule,
            )
        elif frame.at > at:
            chosen.append(Frame(at, at, frame.at, "", "plain"))
        chosen.append(frame)
        at = frame.end
    if at < end:
        chosen.append(Frame(at, at, end, "", "plain"))
    return [frame for frame in chosen if frame.end > frame.start]


@lru_cache(maxsize=1024)
def mentions(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The kinds whose announcing nouns are in ``text``."""
    return (
        tuple(kind for kind in KINDS if _nouns(lexicon, kind).search(text))
        if _any_noun(lexicon).search(text)
        else ()
    )


def _announced(text: str, start: int, end: int, lexicon: Lexicon) -> Iterator[Frame]:
    named = _any_noun(lexicon).search(text, start, end)
    for kind in KINDS:
        pattern = lexicon.cues(kind, "list")
        for match in pattern.finditer(text, start, end) if pattern else ():
            span = slot(match)
            a, b = span or (match.end(), end)
            yield Frame(match.start(), a, b, kind, "cue")
        if not named or not _nouns(lexicon, kind).search(text, start, end):
            continue
        for match in _opening(lexicon, kind).finditer(text, start, end):
            yield Frame(match.start(), match.end(), end, kind, "noun")
        for rule, pattern in (
            ("closing", _closing(lexicon, kind)),
            ("copula", _copula(lexicon, kind)),
        ):
            for match in pattern.finditer(text, start, end) if pattern else ():
                yield Frame(match.start(), *match.span("slot"), kind, rule)


def _words(lexicon: Lexicon, kind: str, name: str) -> Sequence[str]:
    return lexicon.list(kind, name)


@cache
def _any_noun(lexicon: Lexicon) -> re.Pattern[str]:
    nouns = either([noun for kind in KINDS for noun in _words(lexicon, kind, "nouns")])
    return re.compile(rf"\b(?:{nouns})\b" if lexicon.words else rf"(?:{nouns})", re.IGNORECASE)


@cache
def _nouns(lexicon: Lexicon, kind: str) -> re.Pattern[str]:
    nouns = either(_words(lexicon, kind, "nouns"))
    return re.compile(rf"\b(?:{nouns})\b" if lexicon.words else rf"(?:{nouns})", re.IGNORECASE)


@cache
def _opening(lexicon: Lexicon, kind: str) -> re.Pattern[str]:
    """A noun, a few words, and a word that opens a list: "the problems of X mainly include"."""
    links = either(lexicon.list("announcing", "links"))
    signs = r"\s*[:：]"
    between = rf"[^.;:!?。；：！？]{{0,{_NEAR if lexicon.words else _NEAR // 3}}}?"
    edge = r"\b" if lexicon.words else ""
    return re.compile(
        rf"{_nouns(lexicon, kind).pattern}{between}(?:{signs}|{edge}(?:{links}){edge}{signs}?)",
        re.IGNORECASE,
    )


@cache
def _closing(lexicon: Lexicon, kind: str) -> re.Pattern[str] | None:
    """A list before its noun: "存在a、b等问题", "has a, b and other problems"."""
    openers, enders = lexicon.list("announcing", "openers"), lexicon.list("announcing", "enders")
    if not openers or not enders:
        return None
    edge = r"\b" if lexicon.words else ""
    opener = rf"{edge}(?:{either(openers)}){edge}"
    ender = rf"{edge}(?:{either(enders)}){edge}"
    near = r"[^,，.;:。；：]{0,24}?" if lexicon.words else r"[^,，.;:。；：]{0,10}?"
    noun = _nouns(lexicon, kind).pattern
    return re.compile(rf"{opener}{_LISTED}{ender}{near}{noun}", re.IGNORECASE)


@cache
def _copula(lexicon: Lexicon, kind: str) -> re.Pattern[str] | None:
    """A list before a copula and its noun: "a, b and c are the main obstacles"."""
    copulas = _words(lexicon, "announcing", "copulas")
    if not copulas:
        return None
    edge = r"\b" if lexicon.words else ""
    near = r"[^,，.;:。；：]{0,60}?" if lexicon.words else r"[^,，.;:。；：]{0,18}?"
    openers = either([*lexicon.list("announcing", "openers"), "that"])
    opener = rf"(?:(?<=[.;:。；：|])|{edge}(?:{openers}){edge}|[,，](?=[^,，]*[、]))"
    copula = rf"{edge}(?:{either(copulas)}){edge}"
    noun = _nouns(lexicon, kind).pattern
    return re.compile(rf"{opener}\s*{_LISTED}{copula}{near}{noun}", re.IGNORECASE)
