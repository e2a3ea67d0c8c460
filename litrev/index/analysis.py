"""One analyzer for English, Chinese and mixtures: which words a text has, and exactly where."""

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
_VERSION = 2  # raise it when the same text gives other tokens: every index is then rebuilt
_GAP_POSITIONS = 50

_FIRST_CJK = "\u3005"
_CJK = (
    "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(r"[^\W_]+")
_PLAIN_TOKEN = re.compile(rf"[^\W_]+|{VALUE_GAP}")
# Typographic signs are not part of a word; without them most English texts are ASCII, which is
# divided much faster.
_SIGNS = re.compile("[‐-―‘-‟…•′″≤≥±×÷·°®™©«»→−≈]")
# For str.translate: ASCII in small letters, with a space for whatever is not part of a word.
_SPREAD = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_SPREAD_VALUES = {**_SPREAD, ord(VALUE_GAP): VALUE_GAP}


@cache
def _tokens() -> re.Pattern[str]:
    """Runs of Chinese, other words, and the gaps between values."""
    # Made when it is first needed: compiling so many ranges takes long.
    return re.compile(rf"(?P<cjk>[{_CJK}]+)|(?:(?![{_CJK}])[^\W_])+|{VALUE_GAP}")


@cache
def _cjk() -> re.Pattern[str]:
    return re.compile(f"[{_CJK}]")


class Token(NamedTuple):
    """A word and its place: ``text[start:end]`` is what it was made of, ``position`` counts words.

    A run of Chinese gives each character and each pair of neighbours, both at the position of the
    (first) character.
    """

    word: str
    start: int
    end: int
    position: int
    cjk: bool = False


def _may_hold_cjk(text: str) -> bool:
    """Whether ``text`` has characters as high as Chinese ones."""
    # Asked first, so that the pattern for Chinese is often not needed at all.
    return not text.isascii() and max(text) >= _FIRST_CJK


def version() -> int:
    """The version of the analyzer as it works here; another version gives other tokens."""
    # With OpenCC's table installed traditional characters give other tokens.
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
            yield from _chinese(found.translate(_simplified()), start, position)
            position += len(found)
        else:
            word = fold(found)
            if word:
                yield Token(word, start, match.end(), position)
                position += 1


def _chinese(run: str, start: int, position: int) -> Iterator[Token]:
    """The characters of a run of Chinese and its pairs of neighbours."""
    for n, char in enumerate(run):
        yield Token(char, start + n, start + n + 1, position + n, True)
        if n + 1 < len(run):
            yield Token(run[n : n + 2], start + n, start + n + 2, position + n, True)


def plain(text: str) -> str | None:
    """The text in small ASCII letters, digits and spaces, each where it was in ``text``.

    None when the text has other letters.
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
    is_ascii = text.isascii()
    spread = text.translate(_SPREAD_VALUES) if is_ascii else text
    words, positions = list[str](), list[int]()
    for value in spread.split(VALUE_GAP):
        if value.isascii():
            value_words = value.split() if is_ascii else value.translate(_SPREAD).split()
            if len(value) == len(text):  # the only value, as most texts are: nothing to be counted
                return value_words, count(base)
        elif _may_hold_cjk(value) and _cjk().search(value):
            found = list(tokens(value))
            words += (token.word for token in found)
            positions += (base + token.position for token in found)
            base = positions[-1] + 1 + _GAP_POSITIONS
            continue
        else:
            value_words = [*filter(None, map(fold, _WORD.findall(value)))]
        words += value_words
        positions += range(base, base + len(value_words))
        base += len(value_words) + _GAP_POSITIONS
    return words, positions


def query_tokens(text: str) -> list[Token]:
    """The tokens a search for ``text`` asks for: of a run of Chinese the pairs, or its only
    character.
    """
    found = list(tokens(text))
    pairs = {token.start for token in found if _is_pair(token)}

    def is_in_a_pair(token: Token) -> bool:
        return token.start in pairs or token.start - 1 in pairs

    return [token for token in found if not token.cjk or _is_pair(token) or not is_in_a_pair(token)]


def _is_pair(token: Token) -> bool:
    return token.cjk and token.end - token.start == 2


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """``word`` in lower case without accents, full-width forms made half-width."""
    if word.isascii():
        return word.lower()
    # NFKD divides an accented letter into the letter and its accents, which are combining.
    divided = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in divided if not unicodedata.combining(char) and char.isalnum())


def _characters() -> Path | None:
    """OpenCC's table of characters, which comes with the extra ``cjk``; None without it."""
    from importlib.util import find_spec

    # Only found, not imported: the table is all that is needed of it.
    spec = find_spec("opencc")
    if spec is None or not spec.origin:
        return None
    table = Path(spec.origin).parent / "dictionary" / "TSCharacters.txt"
    return table if table.is_file() else None


@cache
def _simplified() -> dict[int, str]:
    """The simplified form of each traditional character, for str.translate; empty without
    OpenCC's table.
    """
    table = _characters()
    if table is None:
        return {}
    simplified = {}
    for line in table.read_text("utf-8").splitlines():
        traditional, tab, forms = line.partition("\t")
        form = forms.split(" ")[0]
        # One character for one, so that every token stays where it was.
        if tab and len(traditional) == len(form) == 1 and traditional != form:
            simplified[ord(traditional)] = form
    return simplified


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The English stem of a folded word (Porter's algorithm); other words as they are."""
    if not (word.isascii() and word.isalpha() and len(word) > 2):
        return word
    return str(_porter()(word))


@cache
def _porter():  # type: ignore[no-untyped-def]
    # Imported when a word is first stemmed, because importing Whoosh takes long.
    from whoosh.lang.porter import stem as porter

    return porter
