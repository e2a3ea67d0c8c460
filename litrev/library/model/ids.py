"""Ids that mean the same on every machine, hashes by which the same thing is known again, and the
clock that dates things.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def new_id() -> str:
    """A random UUID (version 4) in its usual text form."""
    import uuid

    return str(uuid.uuid4())


def derived_id(parent: str, *parts: object) -> str:
    """A UUID (version 5) that is the same wherever the same ``parts`` are found in ``parent``."""
    import uuid

    return str(uuid.uuid5(uuid.UUID(parent), "\x1f".join(map(str, parts))))


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC to the second, the form in which times are kept."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(data: bytes | str) -> str:
    """The SHA-256 of ``data`` (text as UTF-8) in hexadecimal."""
    import hashlib

    return hashlib.sha256(
        data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    ).hexdigest()


def abstract_hash(text: str | None) -> str | None:
    """A hash that blanks and surrounding bars do not change, by which the same abstract is known
    again.
    """
    return None if text is None else fingerprint(" ".join(text.strip(" \t\r\n\f|\ufeff").split()))


def fold_key(key: str) -> str:
    """A citation key as BibTeX and biblatex compare it: in any case the same."""
    return key.casefold()
