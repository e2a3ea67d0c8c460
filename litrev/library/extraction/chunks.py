"""Stretches between the small words of a language: what may be a noun phrase, without a grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from litrev.library.extraction.cues import either
from litrev.library.extraction.lexicon import Lexicon
from litrev.library.extraction.phrases import Span

MOST_JOINED = 4
_TOKEN = re.compile(r"[\w%&+’'./-]*\w(?:\s?\([A-Za-z][\w-]{0,11}s?\))?|[^\w\s]")


@cache
def _breaks(lexicon: Lexicon) -> re.Pattern[str]:
    """Where a stretch ends in a language without blanks: signs, and the words between names."""
    return re.compile(rf"[^\w（）()/–·%.+-]|(?<!\d)\.|\.(?!\d)|{either(lexicon.plain('breaks'))}")


@cache
def _small(lexicon: Lexicon) -> tuple[frozenset[str], frozenset[str]]:
    joins = frozenset(lexicon.plain("joins"))
    return frozenset((*lexicon.plain("function_words"), *lexicon.plain("breaks"))), joins


@lru_cache(maxsize=32)
def chunks(text: str, start: int, end: int, lexicon: Lexicon) -> list[tuple[int, int, bool]]:
    """The stretches between ``start`` and ``end``, and whether a joining word ("of", "的") alone
    parts each from the next.
    """
    return (
        _by_words(text, start, end, lexicon)
        if lexicon.words
        else _by_signs(text, start, end, lexicon)
    )


def joined(
    found: list[tuple[int, int, bool]], most: int = MOST_JOINED
) -> Iterator[tuple[Span, int]]:
    """Each stretch, and each run of stretches that joining words connect, with how many it holds."""
    for n, (start, end, _) in enumerate(found):
        yield (start, end), 1
        for more in range(1, most):
            if n + more >= len(found) or not found[n + more - 1][2]:
                break
            yield (start, found[n + more][1]), more + 1


def _by_words(text: str, start: int, end: int, lexicon: Lexicon) -> list[tuple[int, int, bool]]:
    small, joins = _small(lexicon)
    found: list[tuple[int, int, bool]] = []
    begun, at, between = -1, start, list[str]()
    for match in _TOKEN.finditer(text, start, end):
        word = match.group().casefold()
        if word in small or not (word[0].isalnum() or word[-1].isalnum()):
            if begun >= 0:
                found.append((begun, at, False))
                begun, between = -1, []
            between.append(word)
        else:
            if begun < 0:
                if (
                    found
                    and between
                    and between[0] in joins
                    and all(w in joins or w in {"the", "a", "an"} for w in between)
                ):
                    found[-1] = (*found[-1][:2], True)
                begun = match.start()
            at = match.end()
    if begun >= 0:
        found.append((begun, at, False))
    return found


def _by_signs(text: str, start: int, end: int, lexicon: Lexicon) -> list[tuple[int, int, bool]]:
    _, joins = _small(lexicon)
    found: list[tuple[int, int, bool]] = []
    at, last = start, ""
    for match in [*_breaks(lexicon).finditer(text, start, end), None]:
        stop = match.start() if match else end
        if stop > at:
            if found and last in joins and found[-1][1] + len(last) == at:
                found[-1] = (*found[-1][:2], True)
            found.append((at, stop, False))
        last = match.group() if match and stop > at else last + match.group() if match else ""
        at = match.end() if match else end
    return found
