"""Citation keys: how one is made, how it is told that it was made, and how it stays unique."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from litrev.library.bibtex.names import parse_names
from litrev.library.errors import UsageFault
from litrev.library.identity import fingerprint
from litrev.library.record import Field

GENERATED = "gen-"  # what a key begins with that was made from nothing but the abstract
_FORBIDDEN = re.compile(r"[\s,{}()\"'#%=~\\@\x00-\x1f\x7f-\x9f]")
_SMALL_WORDS = frozenset("a an and as at by for from in into of on or the to toward towards under upon via with".split())


def check_key(key: str) -> str:
    """``key`` if BibTeX, biblatex and a shell can carry it; raises UsageFault if not."""
    if not key:
        raise UsageFault("an empty citation key", "Give one such as smith2020trust.")
    bad = _FORBIDDEN.search(key)
    if bad:
        raise UsageFault(f"the citation key {key!r} holds {bad.group()!r}, which BibTeX cannot carry", "Use letters, digits and - _ : . +")
    if key.startswith(("#", "+", "-")):
        raise UsageFault(f"the citation key {key!r} begins with a sign that means something else here", "Begin it with a letter.")
    return key


def anonymous_key(abstract: str) -> str:
    """A key that looks generated, the same on every machine for the same abstract."""
    return GENERATED + fingerprint(abstract.strip(" \t\r\n\f|"))[:6]


def proposed_key(fields: tuple[Field, ...]) -> str | None:
    """Family name, year and first telling word of the title; None without author or title.

    >>> from litrev.library.record import Field
    >>> proposed_key((Field("author", "Knuth, Donald E."), Field("title", "The Art of X"), Field("year", "1968")))
    'knuth1968art'
    """
    values = {field.name: field.value for field in fields}
    names = parse_names(values.get("author") or values.get("editor") or "")
    family = _plain(names[0].family or names[0].given) if names else ""
    words = [_plain(word) for word in re.split(r"[\s\-–—:;,./]+", values.get("title", ""))]
    telling = next((word for word in words if word and word not in _SMALL_WORDS), "")
    if _is_han(telling):
        telling = telling[:4]
    year = re.search(r"(?<!\d)\d{4}(?!\d)", values.get("year") or values.get("date") or "")
    if not family and not telling:
        return None
    return (family or "anon") + (year.group() if year else "") + telling


def unique_key(key: str, taken: Callable[[str], bool]) -> str:
    """``key``, or ``key-2``, ``key-3`` … whichever is the first that is not ``taken``."""
    number, candidate = 1, key
    while taken(candidate):
        number += 1
        candidate = f"{key}-{number}"
    return candidate


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if char.isalnum())


def _is_han(word: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in word)
