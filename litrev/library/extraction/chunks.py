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
    """Where a stretch ends in a language without spaces: signs, and the words between names."""
    return re.compile(rf"[^\w（）()/–·%.+-]|(?<!\d)\.|\.(?!\d)|{either(lexicon.plain('breaks'))}")


@cache
def _small(lexicon: Lexicon) -> tuple[frozenset[str], frozenset[str]]:
    joins = frozenset(lexicon.plain("joins"))
    return frozenset((*lexicon.plain("function_words"), *lexicon.plain("breaks"))), joins


@lru_cache(maxsize=32)
def chunks(text: str, start: int, end: int, lexicon: Lexicon) -> list[tuple[int, int, bool]]:
    """The stretches between ``start`` and ``end``.

    Each comes with whether only a joining word ("of", "的") separates it from the next.
    """
    return (
        _by_words(text, start, end, lexicon)
        if lexicon.words
        else _by_signs(text, start, end, lexicon)
    )


def joined(
    stretches: list[tuple[int, int, bool]], most: int = MOST_JOINED
) -> Iterator[tuple[Span, int]]:
    """Each stretch, and each run of stretches joined by such words, with how many it holds."""
    for n, (start, end, _) in enumerate(stretches):
        yield (start, end), 1
        for more in range(1, most):
            if n + more >= len(stretches) or not stretches[n + more - 1][2]:
                break
            yield (start, stretches[n + more][1]), more + 1


def _by_words(text: str, start: int, end: int, lexicon: Lexicon) -> list[tuple[int, int, bool]]:
    small, joins = _small(lexicon)
    stretches: list[tuple[int, int, bool]] = []
    begun, at, between = -1, start, list[str]()
    for match in _TOKEN.finditer(text, start, end):
        word = match.group().casefold()
        if word in small or not (word[0].isalnum() or word[-1].isalnum()):
            if begun >= 0:
                stretches.append((begun, at, False))
                begun, between = -1, []
            between.append(word)
        else:
            if begun < 0:
                if (
                    stretches
                    and between
                    and between[0] in joins
                    and all(w in joins or w in {"the", "a", "an"} for w in between)
                ):
                    stretches[-1] = (*stretches[-1][:2], True)
                begun = match.start()
            at = match.end()
    if begun >= 0:
        stretches.append((begun, at, False))
    return stretches


def _by_signs(text: str, start: int, end: int, lexicon: Lexicon) -> list[tuple[int, int, bool]]:
    _, joins = _small(lexicon)
    stretches: list[tuple[int, int, bool]] = []
    at, last = start, ""
    for match in [*_breaks(lexicon).finditer(text, start, end), None]:
        stop = match.start() if match else end
        if stop > at:
            if stretches and last in joins and stretches[-1][1] + len(last) == at:
                stretches[-1] = (*stretches[-1][:2], True)
            stretches.append((at, stop, False))
        last = match.group() if match and stop > at else last + match.group() if match else ""
        at = match.end() if match else end
    return stretches
