"""What is seen of a stretch of text: its words, as names a linear model has weights for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from litrev.library.extraction.lexicon import Lexicon

MOST = 70  # words, or characters where words have no blanks between them, that are looked at
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[#%<>=±;:?“\"]")
_CHARACTER = re.compile(r"[^\W\d_]|[#%<>=±;:?；：？“]")


@lru_cache(maxsize=4096)
def words(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The words of ``text``, folded, numbers all alike; single characters in a language without
    blanks.
    """
    most = MOST if lexicon.words else 2 * MOST
    folded = _NUMBER.sub("#", text[: 12 * most].casefold())
    return tuple((_WORD if lexicon.words else _CHARACTER).findall(folded)[:most])


def word_features(text: str, lexicon: Lexicon, prefix: str) -> Iterator[str]:
    """Words and pairs of neighbours, and the ones it begins with; each once."""
    found = words(text, lexicon)
    name = f"{lexicon.name}:{prefix}"
    yield from {f"{name}{word}" for word in found} if lexicon.words else ()
    yield from {f"{name}{a} {b}" for a, b in pairwise(found)}
    if not lexicon.words:
        yield from {
            f"{name}{a} {b} {c}" for a, b, c in zip(found, found[1:], found[2:], strict=False)
        }
    if found:
        yield f"{name}^{found[0]}"
        yield f"{name}^{' '.join(found[:2])}"
        yield f"{name}{' '.join(found[-2:])}$"


def bin_of(number: float, bounds: tuple[float, ...]) -> int:
    """How many of ``bounds`` the number reaches."""
    return bisect_right(bounds, number)
