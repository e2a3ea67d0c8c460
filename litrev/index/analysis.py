"""One analyzer for English, Chinese and mixtures of them: what stands in a text, and exactly where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

VALUE_GAP = "\x1e"  # between two values of one field: no phrase reaches across it
BETWEEN_VALUES = VALUE_GAP + " "
_VERSION = 2  # raise it when the same text gives other tokens: every index is rebuilt then
_GAP_POSITIONS = 50

_FIRST_CJK = "\u3005"
_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(r"[^\W_]+")
_PLAIN_TOKEN = re.compile(rf"[^\W_]+|{VALUE_GAP}")
_SIGNS = re.compile(
    "[‐-―‘-‟…•′″≤≥±×÷·°®™©«»→−≈]"
)  # no part of a word; without them most texts are plain English
_SPREAD = {
    n: chr(n).lower() if chr(n).isalnum() else " " for n in range(128)
}  # plain English in small letters with spaces between words
_SPREAD_VALUES = {**_SPREAD, ord(VALUE_GAP): VALUE_GAP}


@cache
def _tokens() -> re.Pattern[str]:
    """Runs of Chinese, other words, and the ends of values; made when it is first needed, for it
    takes its time.
    """
    return re.compile(rf"(?P<cjk>[{_CJK}]+)|(?:(?![{_CJK}])[^\W_])+|{VALUE_GAP}")


@cache
def _cjk() -> re.Pattern[str]:
    return re.compile(f"[{_CJK}]")


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


def _may_hold_cjk(text: str) -> bool:
    """Whether ``text`` has characters as high as Chinese ones; the pattern for those takes long to
    make.
    """
    return not text.isascii() and max(text) >= _FIRST_CJK


def version() -> int:
    """The version of the analyzer as it works here; another one gives other tokens."""
    return 2 * _VERSION + (_characters() is not None)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of ``text``: folded (case, accents, full width; traditional characters with the
    extra ``cjk``), not stemmed.
    """
    position = 0
    for match in (_tokens() if _may_hold_cjk(text) else _PLAIN_TOKEN).finditer(text):
        found, start = match.group(), match.start()
        if found == VALUE_GAP:
            position += _GAP_POSITIONS
        elif match.lastgroup:
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


def plain(text: str) -> str | None:
    """The text in small plain letters and figures, each where it was, and spaces; None for one that
    cannot be told so.
    """
    if not text.isascii():
        text = _SIGNS.sub(" ", text)
    return text.translate(_SPREAD) if text.isascii() else None


def placed(text: str, base: int = 0) -> tuple[list[str], Iterable[int]]:
    """The words of :func:`tokens`, and their positions counted from ``base``; much quicker for
    plain English.
    """
    if not text.isascii():
        text = _SIGNS.sub(" ", text)
    words, positions = list[str](), list[int]()
    for value in (text.translate(_SPREAD_VALUES) if text.isascii() else text).split(VALUE_GAP):
        if value.isascii():
            spoken = (value if text.isascii() else value.translate(_SPREAD)).split()
            if len(value) == len(text):
                return spoken, count(base)
        elif _may_hold_cjk(value) and _cjk().search(value):
            found = list(tokens(value))
            words += (token.word for token in found)
            positions += (base + token.position for token in found)
            base = positions[-1] + 1 + _GAP_POSITIONS
            continue
        else:
            spoken = [*filter(None, map(fold, _WORD.findall(value)))]
        words += spoken
        positions += range(base, base + len(spoken))
        base += len(spoken) + _GAP_POSITIONS
    return words, positions


def query_tokens(text: str) -> list[Token]:
    """The tokens a search for ``text`` asks for: of a run of Chinese the pairs, or its only
    character.
    """
    found = list(tokens(text))
    pairs = {t.start for t in found if t.cjk and t.end - t.start == 2}
    return [
        t for t in found if not t.cjk or t.end - t.start == 2 or not {t.start, t.start - 1} & pairs
    ]


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """``word`` in lower case without accents, full-width forms made half-width."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char) and char.isalnum())


def _characters() -> Path | None:
    """OpenCC's table of characters, which comes with the extra ``cjk``."""
    from importlib.util import find_spec

    found = find_spec("opencc")
    table = (
        Path(found.origin).parent / "dictionary" / "TSCharacters.txt"
        if found and found.origin
        else None
    )
    return table if table and table.is_file() else None


@cache
def _simplified() -> dict[int, str]:
    """The simplified form of each traditional character, one for one; empty without OpenCC's table."""
    table = _characters()
    rows = (
        (line.split("\t") for line in table.read_text("utf-8").splitlines() if "\t" in line)
        if table
        else ()
    )
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
