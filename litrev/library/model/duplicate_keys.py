"""The keys under which records that may be one work meet: a DOI, or a title in any width, case and
punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_NO_LETTER = re.compile(r"[\W_]+")
_LEAST = 8  # letters of a title that says anything; of Han characters half as many


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
    found = _DOI.search(text)
    return found.group().rstrip(".,;").casefold() if found else ""


def whole_title(get: Callable[[str], str]) -> str:
    """Title and subtitle."""
    return " ".join(filter(None, (get("title"), get("subtitle"))))


def duplicate_keys(get: Callable[[str], str]) -> list[str]:
    """The keys of a record whose bibliographic fields ``get`` gives."""
    found, doi, title = [], bare_doi(get("doi")), fold(whole_title(get))
    if doi:
        found.append(f"doi:{doi}")
    if (
        len(title) >= _LEAST
        or len(title) + sum("\u3400" <= char <= "\u9fff" for char in title) >= _LEAST
    ):
        found.append(f"title:{title}")
    return found
