"""Putting records in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from litrev.errors import UsageFault
from litrev.library.model.record import Record

_KEYS: dict[str, Callable[[Record], tuple[str | int, ...]]] = {
    "relevance": lambda r: (),
    "year": lambda r: (r.year or 0, r.key.casefold()),
    "key": lambda r: (r.key.casefold(),),
    "title": lambda r: (r.label().casefold(), r.key.casefold()),
    "author": lambda r: (r.get("author").casefold(), r.year or 0, r.key.casefold()),
    "added": lambda r: (r.seq,),
}


def check_sort(sort: str) -> str:
    """The name in ``sort`` without a leading "-"; raises UsageFault for one that is not there."""
    name = sort.removeprefix("-")
    if name not in _KEYS:
        raise UsageFault(f"cannot sort by {sort}", f"Sort by one of {', '.join(_KEYS)}.")
    return name


def sort_records(records: Sequence[Record], sort: str) -> list[Record]:
    """``records`` by year, key, title, author or the order in which they came; "-" first turns it
    round.
    """
    return sorted(records, key=_KEYS[check_sort(sort)], reverse=sort.startswith("-"))
