"""A query told in words, a line a part."""

from __future__ import annotations

from collections.abc import Iterator

from litrev.index.analysis import query_tokens, stem
from litrev.index.documents import UNSTEMMED
from litrev.index.query import (
    And,
    Boosted,
    Everything,
    Flag,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
    Wildcard,
    YearRange,
)


def explain(query: Query, depth: int = 0) -> Iterator[str]:
    """The tree of a query, deeper parts further in."""
    before = "  " * depth
    match query:
        case And(parts) | Or(parts):
            yield f"{before}{'all of' if isinstance(query, And) else 'any of'}"
            for part in parts:
                yield from explain(part, depth + 1)
        case Not(part):
            yield f"{before}none of"
            yield from explain(part, depth + 1)
        case Boosted(part, factor):
            yield f"{before}counting {factor:g} times"
            yield from explain(part, depth + 1)
        case _:
            yield before + _leaf(query)


def _leaf(query: Query) -> str:
    match query:
        case Everything():
            return "every record"
        case Flag(name, value):
            return f"{name}:{value}"
        case YearRange(low, high):
            return f"year {low or '…'}–{high or '…'}" if low != high else f"year {low}"
        case Prefix(field, text):
            return f"words that begin with {text}{_where(field)}"
        case Wildcard(field, text):
            return f"words like {text}{_where(field)}"
        case Fuzzy(field, text, distance):
            return f"words at most {distance} typing {'error' if distance == 1 else 'errors'} from {text}{_where(field)}"
        case Term(field, text) | Phrase(field, text):
            words = [
                token.word if field in UNSTEMMED else stem(token.word)
                for token in query_tokens(text)
            ]
            slop = query.slop if isinstance(query, Phrase) else 1
            near = f", each at most {slop} after the last" if slop > 1 else " side by side"
            read = " ".join(words)
            return f"{text if text == read else f'{text} → {read}'}{near if len(words) > 1 else ''}{_where(field)}"
    raise TypeError(f"{type(query).__name__} is no leaf")


def _where(field: str | None) -> str:
    return f" in {field}" if field else ""
