"""The query tree that every engine takes: plain data, made by the grammar, free of any engine."""

from __future__ import annotations

from collections.abc import Iterator


# Plain classes and not dataclasses: to define a dozen of those takes longer than a search.
class Node:
    """A part of a query: equal to one of the same kind with the same values, and never changed.

    >>> Phrase("title", "party building") == Phrase("title", "party building", slop=1)
    True
    >>> Prefix("title", "trust") == Term("title", "trust")
    False
    """

    __slots__: tuple[str, ...] = ()
    __match_args__: tuple[str, ...] = ()

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return False
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        named_values = zip(self.__match_args__, self._values(), strict=True)
        arguments = ", ".join(f"{name}={value!r}" for name, value in named_values)
        return f"{type(self).__name__}({arguments})"


class Everything(Node):
    """Every record."""

    __slots__ = ()


class _Text(Node):
    """What looks for a ``text`` in a ``field``; in any field when that is None."""

    __slots__ = ("field", "text")
    __match_args__ = ("field", "text")

    def __init__(self, field: str | None, text: str) -> None:
        self.field = field
        self.text = text


class Term(_Text):
    """A word as it is typed, looked for by its stem unless the field has names or keys.

    When it has several tokens, as ``decision-making`` has, it is looked for as a phrase.
    """

    __slots__ = ()


class Prefix(_Text):
    """Words that begin with ``text``, as they are written; never stemmed."""

    __slots__ = ()


class Wildcard(_Text):
    """Words that match ``text``, with ``?`` for one character and ``*`` for any number or none.

    Never stemmed.
    """

    __slots__ = ()


class Phrase(Node):
    """The words of ``text`` one after the other in ``field``, or in any field when that is None.

    From each to the next are at most ``slop`` positions: with 1, no other word is between them.
    """

    __slots__ = ("field", "slop", "text")
    __match_args__ = ("field", "text", "slop")

    def __init__(self, field: str | None, text: str, slop: int = 1) -> None:
        self.field = field
        self.text = text
        self.slop = slop


class Fuzzy(Node):
    """Words that are at most ``distance`` typing errors (1 or 2) away from ``text``.

    In ``field``, or in any field when that is None; never stemmed.
    """

    __slots__ = ("distance", "field", "text")
    __match_args__ = ("field", "text", "distance")

    def __init__(self, field: str | None, text: str, distance: int = 1) -> None:
        self.field = field
        self.text = text
        self.distance = distance


class YearRange(Node):
    """Records with a year from ``low`` to ``high``, both included; None leaves an end open.

    A record without a year matches no range, not even one that is open at both ends.
    """

    __slots__ = ("high", "low")
    __match_args__ = ("low", "high")

    def __init__(self, low: int | None, high: int | None) -> None:
        self.low = low
        self.high = high


class Flag(Node):
    """Records with a mark, such as ``has:methods``, ``state:proposed`` or ``is:undecided``.

    ``name`` is what comes before the colon, ``value`` what comes after it.
    """

    __slots__ = ("name", "value")
    __match_args__ = ("name", "value")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value


class _Parts(Node):
    """What joins several parts."""

    __slots__ = ("parts",)
    __match_args__ = ("parts",)

    def __init__(self, parts: tuple[Query, ...]) -> None:
        self.parts = parts


class And(_Parts):
    """What matches all of the ``parts``."""

    __slots__ = ()


class Or(_Parts):
    """What matches any of the ``parts``."""

    __slots__ = ()


class Not(Node):
    """All records but those that match ``part``."""

    __slots__ = ("part",)
    __match_args__ = ("part",)

    def __init__(self, part: Query) -> None:
        self.part = part


class Boosted(Node):
    """What matches ``part``, with ``factor`` times the score."""

    __slots__ = ("factor", "part")
    __match_args__ = ("part", "factor")

    def __init__(self, part: Query, factor: float) -> None:
        self.part = part
        self.factor = factor


Leaf = Term | Phrase | Prefix | Wildcard | Fuzzy
Query = Everything | Leaf | YearRange | Flag | And | Or | Not | Boosted


def leaves_of(query: Query) -> Iterator[Leaf]:
    """The leaves a query looks for, from left to right, without those it excludes.

    >>> nurses = Boosted(Term(None, "nurses"), 2.0)
    >>> list(leaves_of(And((nurses, Not(Term(None, "robots"))))))
    [Term(field=None, text='nurses')]
    """
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves_of(part)
        case Boosted(part):
            yield from leaves_of(part)
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            yield query
