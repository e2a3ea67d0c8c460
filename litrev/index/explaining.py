"""A query described in words, one line for each part."""

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
    """The lines that describe a query; parts inside others are indented.

    ``depth`` counts the parts around the query, with two spaces for each. Words are shown as they
    are looked for, when that differs from how they were typed.

    >>> from litrev.index.grammar import Fields, parse
    >>> for line in explain(parse('"trusted nurses" NOT year:<2018', Fields({"title"}, ()))):
    ...     print(line)
    all of
      trusted nurses → trust nurs side by side
      none of
        year …–2017
    """
    before = "  " * depth
    match query:
        case And(parts) | Or(parts):
            title = "all of" if isinstance(query, And) else "any of"
            yield before + title
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
    """A part without parts, in words. Raises TypeError for any other."""
    match query:
        case Everything():
            return "every record"
        case Flag(name, value):
            return f"{name}:{value}"
        case YearRange(low, high):
            return _years(low, high)
        case Prefix(field, text):
            return f"words that begin with {text}{_where(field)}"
        case Wildcard(field, text):
            return f"words like {text}{_where(field)}"
        case Fuzzy(field, text, distance):
            errors = "error" if distance == 1 else "errors"
            return f"words at most {distance} typing {errors} from {text}{_where(field)}"
        case Term(field, text):
            return _words(field, text, 1)
        case Phrase(field, text, slop):
            return _words(field, text, slop)
    raise TypeError(f"{type(query).__name__} is not a leaf")


def _years(low: int | None, high: int | None) -> str:
    """A range of years; an end that is open is shown as …."""
    if low is None and high is None:
        return "any year"
    if low == high:
        return f"year {low}"
    first = "…" if low is None else low
    last = "…" if high is None else high
    return f"year {first}–{last}"


def _words(field: str | None, text: str, slop: int) -> str:
    """The words of a text as they are looked for, when that differs from how they were typed."""
    words = [token.word for token in query_tokens(text)]
    if field not in UNSTEMMED:
        words = [stem(word) for word in words]
    searched = " ".join(words)
    shown = text if text == searched else f"{text} → {searched}"
    if len(words) > 1 and slop > 1:
        shown += f", each at most {slop} after the last"
    elif len(words) > 1:
        shown += " side by side"
    return f"{shown}{_where(field)}"


def _where(field: str | None) -> str:
    return f" in {field}" if field else ""
