"""The keys under which records that may be one work meet: a DOI, or a title in any width, case and
punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_NO_LETTER = re.compile(r"[\W_]+")
_LEAST_LETTERS = 8  # of a title that says anything; a Han character counts for two


def fold(text: str) -> str:
    """Letters and digits of a text: half-width, without case, accents, blanks and punctuation."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    return _NO_LETTER.sub("", text.casefold())


def bare_doi(text: str) -> str:
    """The DOI in a text, without resolver and case; empty when there is none.

    >>> bare_doi("https://doi.org/10.1000/ABC.1")
    '10.1000/abc.1'
    """
    match = _DOI.search(text)
    # What follows is read as punctuation of the sentence in which the DOI is quoted.
    return match.group().rstrip(".,;").casefold() if match else ""


def whole_title(get: Callable[[str], str]) -> str:
    """Title and subtitle."""
    return " ".join(filter(None, (get("title"), get("subtitle"))))


def duplicate_keys(get: Callable[[str], str]) -> list[str]:
    """The keys of a record whose bibliographic fields ``get`` gives."""
    keys = []
    doi = bare_doi(get("doi"))
    if doi:
        keys.append(f"doi:{doi}")
    title = fold(whole_title(get))
    if _is_telling(title):
        keys.append(f"title:{title}")
    return keys


def _is_telling(title: str) -> bool:
    """Whether a title is long enough to mean one work."""
    if len(title) >= _LEAST_LETTERS:
        return True
    han_characters = sum("\u3400" <= char <= "\u9fff" for char in title)
    return len(title) + han_characters >= _LEAST_LETTERS
