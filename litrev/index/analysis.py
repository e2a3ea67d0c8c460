"""One analyzer for English, Chinese and mixtures of them: what stands in a text, and exactly where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import count
from typing import NamedTuple

VALUE_GAP = "\x1e"  # between two values of one field: no phrase reaches across it
BETWEEN_VALUES = VALUE_GAP + " "
_VERSION = 2  # raise it when the same text gives other tokens: every index is rebuilt then
_GAP_POSITIONS = 50

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_CJK}]+|(?:(?![{_CJK}])[^\W_])+|{VALUE_GAP}")
_IS_CJK = re.compile(f"[{_CJK}]")
_ASCII_WORD = re.compile("[a-z0-9]+")


class Token(NamedTuple):
    """A term and its place: ``text[start:end]`` is what it was made of, ``position`` counts words.

    A run of Chinese gives each character and each pair of neighbours, both at the place of the
    (first) character.
    """

    word: str
    start: int
    end: int
    position: int
    cjk: bool = False


def version() -> int:
    """The version of the analyzer as it works here; another one gives other tokens."""
    return 2 * _VERSION + bool(_simplified())


def tokens(text: str) -> Iterator[Token]:
    """The tokens of ``text``: folded (case, accents, full width; traditional characters with the extra ``cjk``), not stemmed."""
    position = 0
    for match in _TOKEN.finditer(text):
        found, start = match.group(), match.start()
        if found == VALUE_GAP:
            position += _GAP_POSITIONS
        elif _IS_CJK.match(found):
            found = found.translate(_simplified())
            for n, char in enumerate(found):
                yield Token(char, start + n, start + n + 1, position + n, True)
                if n + 1 < len(found):
                    yield Token(found[n : n + 2], start + n, start + n + 2, position + n, True)
            position += len(found)
        else:
            word = fold(found)
            if word:
                yield Token(word, start, match.end(), position)
                position += 1


def placed(text: str) -> Iterable[tuple[str, int]]:
    """The words of :func:`tokens` with their positions alone; much quicker for plain English."""
    if text.isascii() and VALUE_GAP not in text:
        return zip(_ASCII_WORD.findall(text.lower()), count(), strict=False)
    return ((token.word, token.position) for token in tokens(text))


def query_tokens(text: str) -> list[Token]:
    """The tokens a search for ``text`` asks for: of a run of Chinese the pairs, or its only character."""
    found = list(tokens(text))
    pairs = {t.start for t in found if t.cjk and t.end - t.start == 2}
    return [t for t in found if not t.cjk or t.end - t.start == 2 or not {t.start, t.start - 1} & pairs]


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """``word`` in lower case without accents, full-width forms made half-width."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char) and char.isalnum())


@cache
def _simplified() -> dict[int, str]:
    """The simplified form of each traditional character, one for one, by OpenCC's table of characters; empty without the extra ``cjk``."""
    try:
        from importlib import resources

        table = resources.files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text("utf-8")
    except (ImportError, OSError):
        return {}
    rows = (line.split("\t") for line in table.splitlines() if "\t" in line)
    pairs = ((old, new.split(" ")[0]) for old, new in rows)
    return {ord(old): new for old, new in pairs if len(old) == len(new) == 1 and old != new}


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The English stem of a folded word (Porter's algorithm); other words as they are."""
    if not (word.isascii() and word.isalpha() and len(word) > 2):
        return word
    return str(_porter()(word))


@cache
def _porter():  # type: ignore[no-untyped-def]
    from whoosh.lang.porter import stem as porter

    return porter
