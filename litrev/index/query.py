"""The query tree that every engine takes: plain data, made by the grammar, free of any engine."""

from __future__ import annotations

from collections.abc import Iterator


# Plain classes and not dataclasses: to define a dozen of those takes longer than a search.
class Node:
    """A part of a query; equal to one of the same kind with the same values, and never changed."""

    __slots__: tuple[str, ...] = ()
    __match_args__: tuple[str, ...] = ()

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Node):
            return False
        return self._values() == other._values()

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
    __slots__ = ("field", "text")
    __match_args__ = ("field", "text")

    def __init__(self, field: str | None, text: str) -> None:
        self.field, self.text = field, text


class Term(_Text):
    """Words as they are typed; more than one token is a phrase. ``field`` None: in any field."""

    __slots__ = ()


class Prefix(_Text):
    """Words that begin with ``text``; never stemmed."""

    __slots__ = ()


class Wildcard(_Text):
    """Words with ``?`` for one character and ``*`` for any number; never stemmed."""

    __slots__ = ()


class Phrase(Node):
    """Words one after the other, at most ``slop`` - 1 words apart."""

    __slots__ = ("field", "slop", "text")
    __match_args__ = ("field", "text", "slop")

    def __init__(self, field: str | None, text: str, slop: int = 1) -> None:
        self.field, self.text, self.slop = field, text, slop


class Fuzzy(Node):
    """Words at most ``distance`` typing errors away; never stemmed."""

    __slots__ = ("distance", "field", "text")
    __match_args__ = ("field", "text", "distance")

    def __init__(self, field: str | None, text: str, distance: int = 1) -> None:
        self.field, self.text, self.distance = field, text, distance


class YearRange(Node):
    """Years from ``low`` to ``high``, both included; None leaves an end open."""

    __slots__ = ("high", "low")
    __match_args__ = ("low", "high")

    def __init__(self, low: int | None, high: int | None) -> None:
        self.low, self.high = low, high


class Flag(Node):
    """A mark on the record: ``has:methods``, ``missing:site``, ``state:proposed``,
    ``is:undecided``.
    """

    __slots__ = ("name", "value")
    __match_args__ = ("name", "value")

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value


class _Parts(Node):
    __slots__ = ("parts",)
    __match_args__ = ("parts",)

    def __init__(self, parts: tuple[Query, ...]) -> None:
        self.parts = parts


class And(_Parts):
    """All of them."""

    __slots__ = ()


class Or(_Parts):
    """Any of them."""

    __slots__ = ()


class Not(Node):
    """All records but these."""

    __slots__ = ("part",)
    __match_args__ = ("part",)

    def __init__(self, part: Query) -> None:
        self.part = part


class Boosted(Node):
    """What matches ``part``, counting ``factor`` times as much."""

    __slots__ = ("factor", "part")
    __match_args__ = ("part", "factor")

    def __init__(self, part: Query, factor: float) -> None:
        self.part, self.factor = part, factor


Leaf = Term | Phrase | Prefix | Wildcard | Fuzzy
Query = Everything | Leaf | YearRange | Flag | And | Or | Not | Boosted


def leaves_of(query: Query) -> Iterator[Leaf]:
    """The leaves a query looks for, without those it excludes."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves_of(part)
        case Boosted(part):
            yield from leaves_of(part)
        case Term() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            yield query
