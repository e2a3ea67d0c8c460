"""The features of a stretch of text: its words, as names for which a linear model has weights."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from litrev.library.extraction.lexicon import Lexicon

MOST = 70  # words (twice as many characters, where no spaces divide words) that are looked at
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[#%<>=±;:?“\"]")
_CHARACTER = re.compile(r"[^\W\d_]|[#%<>=±;:?；：？“]")


@lru_cache(maxsize=4096)
def words(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The words of ``text`` in lower case, each number as ``#``.

    Single characters in a language without spaces.
    """
    most = MOST if lexicon.words else 2 * MOST
    folded = _NUMBER.sub("#", text[: 12 * most].casefold())
    return tuple((_WORD if lexicon.words else _CHARACTER).findall(folded)[:most])


def word_features(text: str, lexicon: Lexicon, prefix: str) -> Iterator[str]:
    """Words, pairs of neighbours, and the words at the beginning and end; each once."""
    seen_words = words(text, lexicon)
    name = f"{lexicon.name}:{prefix}"
    yield from {f"{name}{word}" for word in seen_words} if lexicon.words else ()
    yield from {f"{name}{a} {b}" for a, b in pairwise(seen_words)}
    if not lexicon.words:
        yield from {
            f"{name}{a} {b} {c}"
            for a, b, c in zip(seen_words, seen_words[1:], seen_words[2:], strict=False)
        }
    if seen_words:
        yield f"{name}^{seen_words[0]}"
        yield f"{name}^{' '.join(seen_words[:2])}"
        yield f"{name}{' '.join(seen_words[-2:])}$"


def bin_of(number: float, bounds: tuple[float, ...]) -> int:
    """How many of ``bounds`` the number reaches."""
    return bisect_right(bounds, number)
