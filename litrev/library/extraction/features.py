"""What is seen of a stretch of text: its words, as names a linear model has weights for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from litrev.library.extraction.lexicon import Lexicon

MOST = 70  # words, or characters where words have no blanks between them, that are looked at
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[%<>=±;:?“\"]")
_CHARACTER = re.compile(r"[^\W\d_]|\d+|[%<>=±;:?；：？“]")


def words(text: str, lexicon: Lexicon) -> list[str]:
    """The words of ``text``, folded, numbers all alike; single characters in a language without blanks."""
    most = MOST if lexicon.words else 2 * MOST
    found = (_WORD if lexicon.words else _CHARACTER).findall(text[: 12 * most].casefold())[:most]
    return ["#" if word.isdigit() else word for word in found]


def word_features(text: str, lexicon: Lexicon, prefix: str) -> Iterator[str]:
    """Words and pairs of neighbours, and the ones it begins with; each once."""
    found = words(text, lexicon)
    name = f"{lexicon.name}:{prefix}"
    yield from {f"{name}{word}" for word in found} if lexicon.words else ()
    yield from {f"{name}{a} {b}" for a, b in pairwise(found)}
    if not lexicon.words:
        yield from {f"{name}{a} {b} {c}" for a, b, c in zip(found, found[1:], found[2:], strict=False)}
    if found:
        yield f"{name}^{found[0]}"
        yield f"{name}^{' '.join(found[:2])}"
        yield f"{name}{' '.join(found[-2:])}$"


def bin_of(number: float, bounds: tuple[float, ...]) -> int:
    """How many of ``bounds`` the number reaches."""
    return sum(number >= bound for bound in bounds)
