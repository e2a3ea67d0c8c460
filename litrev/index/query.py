"""The query tree every engine takes: plain data, made by the grammar, free of any engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Everything:
    """Every record."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words as they are typed; more than one token makes them a phrase. ``field`` None: anywhere."""

    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after the other, at most ``slop`` - 1 words apart."""

    field: str | None
    text: str
    slop: int = 1


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so; never stemmed."""

    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Words with ``?`` for one character and ``*`` for any; never stemmed."""

    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words at most ``distance`` typing errors away; never stemmed."""

    field: str | None
    text: str
    distance: int = 1


@dataclass(frozen=True, slots=True)
class YearRange:
    """Years from ``low`` to ``high``, both included; None leaves an end open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A mark on the record: ``has:methods``, ``missing:site``, ``state:proposed``, ``is:undecided``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """All records but these."""

    part: Query


@dataclass(frozen=True, slots=True)
class Boosted:
    """What matches ``part``, counting ``factor`` times as much."""

    part: Query
    factor: float


Leaf = Term | Phrase | Prefix | Wildcard | Fuzzy
Query = Everything | Leaf | YearRange | Flag | And | Or | Not | Boosted


def wanted(query: Query) -> Iterator[Leaf]:
    """The words a query looks for, without those it excludes."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from wanted(part)
        case Boosted(part):
            yield from wanted(part)
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            yield query
