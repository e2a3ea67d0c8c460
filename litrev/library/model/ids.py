"""Ids that mean the same on every machine, hashes that recognise equal content, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def new_id() -> str:
    """A random UUID (version 4) in its usual text form."""
    import uuid

    return str(uuid.uuid4())


def derived_id(parent: str, *parts: object) -> str:
    """A UUID (version 5) that is always the same for the same ``parts`` of the same ``parent``."""
    import uuid

    return str(uuid.uuid5(uuid.UUID(parent), "\x1f".join(map(str, parts))))


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """``moment`` in ISO 8601, in UTC and to the second: the form in which times are stored."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(data: bytes | str) -> str:
    """The SHA-256 of ``data`` (text as UTF-8) in hexadecimal."""
    import hashlib

    if isinstance(data, str):
        # Plain UTF-8 refuses half of a surrogate pair, which JSON and edited text can hold.
        data = data.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


def abstract_hash(text: str | None) -> str | None:
    """A hash that recognises the same abstract: blanks and surrounding bars do not change it."""
    if text is None:
        return None
    words = text.strip(" \t\r\n\f|\ufeff").split()
    return fingerprint(" ".join(words))


def fold_key(key: str) -> str:
    """A citation key for comparison: BibTeX and biblatex ignore upper and lower case."""
    return key.casefold()
