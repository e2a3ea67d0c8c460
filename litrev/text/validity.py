"""What can be a name: of a field, a type or a key that comes from a file, and of a person."""

from __future__ import annotations

import re
from functools import lru_cache

from litrev.text.display import visible

_FIELD = re.compile(r"[^\s\"#%'(),={}\\]+")
_TYPE = re.compile(r"[A-Za-z][\w+.:-]*")
_KEY = re.compile(r"[^{},\\%\n\r]+")


@lru_cache(maxsize=1024)
def is_field_name(name: str) -> bool:
    """Whether ``name`` can stand before the "=" of a field, and on a terminal."""
    return bool(_FIELD.fullmatch(name)) and visible(name) == name


@lru_cache(maxsize=256)
def is_entry_type(name: str) -> bool:
    """Whether ``name`` can stand after the "@" of an entry."""
    return bool(_TYPE.fullmatch(name))


def is_key(key: str) -> bool:
    """Whether an entry can have this key, and a terminal show it; stricter is what a person may
    choose.
    """
    return bool(_KEY.fullmatch(key)) and visible(key) == key


def is_tag(name: str) -> bool:
    """Whether ``name`` is one word without commas, quotes or brackets, as a tag is."""
    return bool(name) and not any(
        char.isspace() or char in ",;\"'()" or not char.isprintable() for char in name
    )


def is_person(name: str) -> bool:
    """Whether decisions and the log can name a person so."""
    return visible(name) == name and bool(name.strip())
