"""Citation keys: how one is made, how it is told that it was made, and how it stays unique."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from litrev.errors import UsageFault
from litrev.library.bibtex.names import Name, is_han, parse_names
from litrev.library.model.ids import fingerprint
from litrev.library.model.record import Field
from litrev.text.pinyin import can_romanise, romanised

GENERATED = "gen-"  # what a key begins with that was made from nothing but the abstract
_FORBIDDEN = re.compile(r"[\s,{}()\"'#%=~\\@\x00-\x1f\x7f-\x9f]")
PATTERN = "{auth}{year}{title}"
_PART = re.compile(
    r"\{(auth|authors|year|shortyear|title)(?:(?<=title)([1-9]))?(?::([1-9]\d?|upper|lower|capital))?\}"
)
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŋ": "n",
    }
)
_SMALL_WORDS = frozenset(
    "a an and as at by for from in into of on or the to toward towards under upon via with".split()
)


def check_key(key: str) -> str:
    """``key`` if BibTeX, biblatex and a shell can carry it; raises UsageFault if not."""
    if not key:
        raise UsageFault("an empty citation key", "Give one such as smith2020trust.")
    bad = _FORBIDDEN.search(key)
    if bad:
        raise UsageFault(
            f"the citation key {key!r} holds {bad.group()!r}, which BibTeX cannot carry",
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
    rest = _PART.sub("", pattern)
    if (
        "{" in rest
        or "}" in rest
        or _FORBIDDEN.search(rest)
        or not _PART.search(pattern)
        or pattern[:1] in ("-", "+", "#")
    ):
        raise UsageFault(
            f"{pattern!r} is no pattern for citation keys",
            "Put it together from {auth}, {authors}, {year}, {title} and letters, as {auth}{year}{title}.",
        )
    return pattern


def proposed_key(fields: tuple[Field, ...], pattern: str = PATTERN) -> str | None:
    """The key a pattern makes of a record's metadata; None without author or title.

    The parts are ``{auth}`` (first family name), ``{authors}`` (up to three), ``{year}``,
    ``{shortyear}``, ``{title}`` (its first telling word) and ``{title3}`` (the first three); ``:5``
    cuts a part to five letters, ``:upper`` and ``:capital`` change its case.

    >>> from litrev.library.model.record import Field
    >>> fields = (Field("author", "Knuth, Donald E."), Field("title", "The Art of X"), Field("year", "1968"))
    >>> proposed_key(fields), proposed_key(fields, "{auth:capital}-{shortyear}-{title2}")
    ('knuth1968art', 'Knuth-68-artx')
    """
    values = {field.name: field.value for field in fields}
    names = [
        _family(name)
        for name in parse_names(values.get("author") or values.get("editor") or "")
        if not name.others
    ]
    words = _telling_words(values.get("title", ""))
    year = re.search(r"(?<!\d)\d{4}(?!\d)", values.get("year") or values.get("date") or "")
    if not any(names) and not words:
        return None
    parts = {
        "auth": names[0] if names and names[0] else "anon",
        "authors": "".join(names[:3]) or "anon",
        "year": year.group() if year else "",
        "shortyear": year.group()[2:] if year else "",
    }

    def part(match: re.Match[str]) -> str:
        name, count, form = match.groups()
        text = parts[name] if name in parts else "".join(words[: int(count or 1)])
        if (form or "").isdigit():
            return text[: int(form)]
        return text.upper() if form == "upper" else text.capitalize() if form == "capital" else text

    return _PART.sub(part, pattern) or None


def _family(name: Name) -> str:
    family = name.family or name.given
    return romanised(family, surname=True) if is_han(family) else _plain(f"{name.prefix}{family}")


def _telling_words(title: str) -> list[str]:
    words = []
    for word in re.split(r"[\s\-–—:;,./，。：；、“”‘’《》()（）]+", title):
        plain = _plain(word)
        if plain and plain not in _SMALL_WORDS:
            words.append(
                romanised(plain[:2] if can_romanise() else plain[:4]) if _is_han(plain) else plain
            )
    return words


def unique_key(key: str, taken: Callable[[str], bool]) -> str:
    """``key``, or ``key-2``, ``key-3`` … whichever is the first that is not ``taken``."""
    return numbered(key, taken)[0]


def numbered(key: str, taken: Callable[[str], bool], number: int = 1) -> tuple[str, int]:
    """As :func:`unique_key`, from ``number`` on; the key and its number."""
    candidate = key if number == 1 else f"{key}-{number}"
    while taken(candidate):
        number += 1
        candidate = f"{key}-{number}"
    return candidate, number


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    return "".join(char for char in decomposed if char.isalnum())


def _is_han(word: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in word)
