"""Citation keys: making them from metadata, checking them, and keeping them unique."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from litrev.errors import UsageFault
from litrev.library.bibtex.names import Name, is_han, parse_names
from litrev.library.model.ids import fingerprint
from litrev.library.model.record import Field
from litrev.text.pinyin import can_romanise, romanised

GENERATED = "gen-"  # the beginning of a key that was made from the abstract alone
_FORBIDDEN = re.compile(r"[\s,{}()\"'#%=~\\@\x00-\x1f\x7f-\x9f]")
PATTERN = "{auth}{year}{title}"
_PART = re.compile(
    r"\{(auth|authors|year|shortyear|title)"
    r"(?:(?<=title)([1-9]))?"  # how many words of the title
    r"(?::([1-9]\d?|upper|lower|capital))?\}"  # how many letters, or which case
)
# Letters that Unicode does not divide into a base letter and a mark.
_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
        "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n",
    }
)  # fmt: skip
_SMALL_WORDS = frozenset(
    "a an and as at by for from in into of on or the to toward towards under upon via with".split()
)


_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_WORD_BREAKS = re.compile(r"[\s\-–—:;,./，。：；、“”‘’《》()（）]+")


def check_key(key: str) -> str:
    """``key`` if BibTeX, biblatex and a shell can use it; raises UsageFault if not."""
    if not key:
        raise UsageFault("the citation key is empty", "Give one such as smith2020trust.")
    bad = _FORBIDDEN.search(key)
    if bad:
        raise UsageFault(
            f"the citation key {key!r} holds {bad.group()!r}, which BibTeX cannot use",
            "Use letters, digits and - _ : . +",
        )
    if key.startswith(("#", "+", "-")):
        raise UsageFault(
            f"the citation key {key!r} begins with a sign that means something else here",
            "Begin it with a letter.",
        )
    return key


def anonymous_key(abstract: str) -> str:
    """A key that looks generated, the same on every machine for the same abstract."""
    return GENERATED + fingerprint(abstract.strip(" \t\r\n\f|"))[:6]


def check_pattern(pattern: str) -> str:
    """``pattern`` if keys can be made by it; raises UsageFault for a part that does not exist."""
    has_part = _PART.search(pattern) is not None
    letters = _PART.sub("", pattern)
    # Brackets are forbidden too: those that are left over belong to unknown parts.
    has_forbidden = _FORBIDDEN.search(letters) is not None
    if not has_part or has_forbidden or pattern.startswith(("-", "+", "#")):
        raise UsageFault(
            f"{pattern!r} is not a pattern for citation keys",
            "Put it together from {auth}, {authors}, {year}, {title} and letters, "
            "as {auth}{year}{title}.",
        )
    return pattern


def proposed_key(fields: tuple[Field, ...], pattern: str = PATTERN) -> str | None:
    """The key that a pattern makes of a record's metadata; None without author or title.

    The parts are ``{auth}`` (first family name), ``{authors}`` (up to three), ``{year}``,
    ``{shortyear}``, ``{title}`` (its first telling word) and ``{title3}`` (the first three); ``:5``
    cuts a part to five letters, ``:upper`` and ``:capital`` change its case.

    >>> from litrev.library.model.record import Field
    >>> author, title = Field("author", "Knuth, Donald E."), Field("title", "The Art of X")
    >>> fields = (author, title, Field("year", "1968"))
    >>> proposed_key(fields), proposed_key(fields, "{auth:capital}-{shortyear}-{title2}")
    ('knuth1968art', 'Knuth-68-artx')
    """
    values = {field.name: field.value for field in fields}
    people = values.get("author") or values.get("editor") or ""
    names = parse_names(people)
    families = [_family(name) for name in names if not name.others]
    title_words = _telling_words(values.get("title", ""))
    if not any(families) and not title_words:
        return None
    date = values.get("year") or values.get("date") or ""
    year = _year_in(date)
    parts = {
        "auth": "".join(families[:1]) or "anon",
        "authors": "".join(families[:3]) or "anon",
        "year": year,
        "shortyear": year[2:],
    }

    def filled(part: re.Match[str]) -> str:
        name, count, form = part.groups()
        if name == "title":
            word_count = int(count or 1)
            text = "".join(title_words[:word_count])
        else:
            text = parts[name]
        return _formed(text, form or "")

    return _PART.sub(filled, pattern) or None


def _year_in(text: str) -> str:
    match = _YEAR.search(text)
    return match.group() if match else ""


def _formed(text: str, form: str) -> str:
    """A part of a key, cut to a number of letters or put into a case."""
    if form.isdigit():
        return text[: int(form)]
    if form == "upper":
        return text.upper()
    if form == "capital":
        return text.capitalize()
    return text  # it is in lower case already


def _family(name: Name) -> str:
    """The family name as a part of a key: plain letters, with particles, Chinese in pinyin."""
    family = name.family or name.given
    if is_han(family):
        return romanised(family, surname=True)
    return _plain(f"{name.prefix}{family}")


def _telling_words(title: str) -> list[str]:
    """The words of a title, plain, without articles, prepositions and the like."""
    words = []
    for word in _WORD_BREAKS.split(title):
        plain = _plain(word)
        if not plain or plain in _SMALL_WORDS:
            continue
        if _has_han(plain):
            # Chinese has no blanks between words: the first characters stand for the first word.
            length = 2 if can_romanise() else 4
            plain = romanised(plain[:length])
        words.append(plain)
    return words


def unique_key(key: str, taken: Callable[[str], bool]) -> str:
    """The first of ``key``, ``key-2``, ``key-3`` … that is not ``taken``.

    >>> unique_key("knuth1968", {"knuth1968", "knuth1968-2"}.__contains__)
    'knuth1968-3'
    """
    unique, _ = numbered(key, taken)
    return unique


def numbered(key: str, taken: Callable[[str], bool], number: int = 1) -> tuple[str, int]:
    """As :func:`unique_key`, beginning with ``number``; the key and its number.

    Who makes many keys from one passes the number that the last one got, and need not ask again
    for all before it.
    """
    candidate = key if number == 1 else f"{key}-{number}"
    while taken(candidate):
        number += 1
        candidate = f"{key}-{number}"
    return candidate, number


def _plain(word: str) -> str:
    """The letters and digits of a word in lower case, without accents."""
    folded = word.casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(char for char in decomposed if char.isalnum())


def _has_han(word: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in word)
