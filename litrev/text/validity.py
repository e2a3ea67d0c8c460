"""What can be a name: of a field, a type or a key that comes from a file, or of a person."""

from __future__ import annotations

import re
from functools import lru_cache

from litrev.text.display import visible

_FIELD = re.compile(r"[^\s\"#%'(),={}\\]+")
_TYPE = re.compile(r"[A-Za-z][\w+.:-]*")
_KEY = re.compile(r"[^{},\\%\n\r]+")
_TAG = re.compile(r"[^\s,;\"'()]+")


@lru_cache(maxsize=1024)
def is_field_name(name: str) -> bool:
    """Whether ``name`` can stand before the "=" of a BibTeX field, and on a terminal."""
    return bool(_FIELD.fullmatch(name)) and visible(name) == name


@lru_cache(maxsize=256)
def is_entry_type(name: str) -> bool:
    """Whether ``name`` can stand after the "@" of a BibTeX entry."""
    return bool(_TYPE.fullmatch(name))


def is_key(key: str) -> bool:
    """Whether a BibTeX entry can have this key, and a terminal can show it.

    The keys that a person may choose are fewer.

    >>> is_key("müller 2020"), is_key("a,b"), is_key("")
    (True, False, False)
    """
    return bool(_KEY.fullmatch(key)) and visible(key) == key


def is_tag(name: str) -> bool:
    """Whether ``name`` is one word without commas, quotes or brackets, as a tag is.

    >>> is_tag("to-read"), is_tag("to read")
    (True, False)
    """
    return bool(_TAG.fullmatch(name)) and name.isprintable()


def is_person(name: str) -> bool:
    """Whether decisions and the log can call a person by this name."""
    return visible(name) == name and bool(name.strip())
