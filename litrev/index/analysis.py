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


def _small_or_space(code: int) -> str:
    char = chr(code)
    return char.lower() if char.isalnum() else " "


# For str.translate: ASCII in small letters, with a space for whatever is not part of a word.
_SPREAD = {code: _small_or_space(code) for code in range(128)}
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
    """A word and its place in a text.

    ``word`` is folded, but not stemmed. ``text[start:end]`` is what it was made of, in Unicode code
    points. ``position`` counts words from 0; between two values of a field it jumps, so that no
    phrase reaches from one to the other.

    A run of Chinese gives each character and each pair of neighbours, both with ``cjk`` and at the
    position of the (first) character.
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
    """The version of the analyzer as it works here.

    Another version gives other tokens for the same text, so an index keeps the version it was made
    with and is rebuilt when that is not this one.
    """
    # With OpenCC's table installed traditional characters give other tokens.
    return 2 * _VERSION + (_characters() is not None)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of ``text`` in order, folded but not stemmed.

    Case, accents and full width are folded, and with the extra ``cjk`` traditional characters.

    >>> [token.word for token in tokens("Café-based 党建")]
    ['cafe', 'based', '党', '党建', '建']
    """
    position = 0
    pattern = _tokens() if _may_hold_cjk(text) else _PLAIN_TOKEN
    for match in pattern.finditer(text):
        matched = match.group()
        start = match.start()
        if matched == VALUE_GAP:
            position += _GAP_POSITIONS
        elif match.lastgroup:
            run = matched.translate(_simplified())
            yield from _chinese(run, start, position)
            position += len(run)
        else:
            word = fold(matched)
            if word:
                yield Token(word, start, match.end(), position)
                position += 1


def _chinese(run: str, start: int, position: int) -> Iterator[Token]:
    """The characters of a run of Chinese and its pairs of neighbours.

    The run begins at the offset ``start`` of its text, and at the word ``position``.
    """
    for n, char in enumerate(run):
        at = start + n
        yield Token(char, at, at + 1, position + n, cjk=True)
        if n + 1 < len(run):
            yield Token(run[n : n + 2], at, at + 2, position + n, cjk=True)


def plain(text: str) -> str | None:
    """The text in small ASCII letters, digits and spaces, each where it was in ``text``.

    None when the text has other letters. Typographic signs become spaces, too.

    >>> plain("State-of-the-art: ≥ 5 %")
    'state of the art    5  '
    """
    if not text.isascii():
        text = _SIGNS.sub(" ", text)
    return text.translate(_SPREAD) if text.isascii() else None


def placed(text: str, base: int = 0) -> tuple[list[str], Iterable[int]]:
    """The words of :func:`tokens` and their positions, much quicker for plain English.

    Positions are counted from ``base``. There is one for each word, but the positions may go on
    without end: take no more of them than there are words.

    >>> words, positions = placed("Trust, and trust", base=7)
    >>> list(zip(words, positions))
    [('trust', 7), ('and', 8), ('trust', 9)]
    """
    if not text.isascii():
        text = _SIGNS.sub(" ", text)
    is_ascii = text.isascii()
    spread = text.translate(_SPREAD_VALUES) if is_ascii else text
    words = list[str]()
    positions = list[int]()
    for value in spread.split(VALUE_GAP):
        if value.isascii():
            lowered = value if is_ascii else value.translate(_SPREAD)
            value_words = lowered.split()
            if len(value) == len(text):  # the only value, as most texts are: nothing to be counted
                return value_words, count(base)
        elif _may_hold_cjk(value) and _cjk().search(value):
            found = list(tokens(value))
            words += (token.word for token in found)
            positions += (base + token.position for token in found)
            base = positions[-1] + 1 + _GAP_POSITIONS
            continue
        else:
            folded = map(fold, _WORD.findall(value))
            value_words = list(filter(None, folded))
        words += value_words
        positions += range(base, base + len(value_words))
        base += len(value_words) + _GAP_POSITIONS
    return words, positions


def query_tokens(text: str) -> list[Token]:
    """The tokens a search for ``text`` asks for.

    Of a run of Chinese these are the pairs, or its only character.

    >>> [token.word for token in query_tokens("社区治理 trust 党")]
    ['社区', '区治', '治理', 'trust', '党']
    """
    all_tokens = list(tokens(text))
    pairs = {token.start for token in all_tokens if _is_pair(token)}

    def is_asked_for(token: Token) -> bool:
        if not token.cjk or _is_pair(token):
            return True
        is_in_a_pair = token.start in pairs or token.start - 1 in pairs
        return not is_in_a_pair

    return [token for token in all_tokens if is_asked_for(token)]


def _is_pair(token: Token) -> bool:
    return token.cjk and token.end - token.start == 2


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """``word`` in lower case without accents, full-width forms made half-width.

    Signs and everything else that is neither letter nor digit are left out; nothing may be left.

    >>> [fold(word) for word in ("Café", "ＢＥＲＴ", "Straße")]
    ['cafe', 'bert', 'strasse']
    """
    if word.isascii():
        return word.lower()
    # NFKD divides an accented letter into the letter and its accents, which are combining.
    divided = unicodedata.normalize("NFKD", word.casefold())
    without_accents = (char for char in divided if not unicodedata.combining(char))
    return "".join(filter(str.isalnum, without_accents))


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
    """The simplified form of each traditional character, by its code point, for str.translate.

    Empty without OpenCC's table.
    """
    table = _characters()
    if table is None:
        return {}
    simplified = {}
    for line in table.read_text("utf-8").splitlines():
        traditional, _, forms = line.partition("\t")
        form = forms.split(" ")[0]
        # One character for one, so that every token stays where it was.
        is_one_for_one = len(traditional) == len(form) == 1
        if is_one_for_one and traditional != form:
            simplified[ord(traditional)] = form
    return simplified


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The English stem of a folded word; words of other letters, or with digits, as they are.

    By Porter's algorithm (An algorithm for suffix stripping, Program 14(3), 1980). A stem need not
    be a word.

    >>> [stem(word) for word in ("studies", "studied", "covid19", "社区")]
    ['studi', 'studi', 'covid19', '社区']
    """
    has_english_letters = word.isascii() and word.isalpha()
    if not has_english_letters or len(word) <= 2:
        return word
    return str(_porter()(word))


@cache
def _porter():  # type: ignore[no-untyped-def]
    # Imported when a word is first stemmed, because importing Whoosh takes long.
    from whoosh.lang.porter import stem as porter

    return porter
