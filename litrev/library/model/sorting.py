"""Putting records in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from litrev.errors import UsageFault
from litrev.library.model.record import Record

_SORT_KEYS: dict[str, Callable[[Record], tuple[str | int, ...]]] = {
    # All keys are equal: sorting is stable, and a search gives the most relevant records first.
    "relevance": lambda r: (),
    "year": lambda r: (r.year or 0, r.key.casefold()),
    "key": lambda r: (r.key.casefold(),),
    "title": lambda r: (r.label().casefold(), r.key.casefold()),
    "author": lambda r: (r.get("author").casefold(), r.year or 0, r.key.casefold()),
    "added": lambda r: (r.seq,),
}


def check_sort(sort: str) -> str:
    """The name in ``sort`` without a leading "-"; raises UsageFault for an unknown name."""
    name = sort.removeprefix("-")
    if name not in _SORT_KEYS:
        raise UsageFault(f"cannot sort by {sort}", f"Sort by one of {', '.join(_SORT_KEYS)}.")
    return name


def sort_records(records: Sequence[Record], sort: str) -> list[Record]:
    """``records`` by year, key, title, author or the order in which they were added.

    A "-" before the name reverses the order. Raises UsageFault for an unknown name.
    """
    key = _SORT_KEYS[check_sort(sort)]
    return sorted(records, key=key, reverse=sort.startswith("-"))
