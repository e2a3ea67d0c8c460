"""Where litrev's query language is also Whoosh's, both read the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litrev.index.grammar import Fields, parse
from litrev.index.query import And, Fuzzy, Not, Or, Phrase, Prefix, Query, Term, Wildcard

pytestmark = pytest.mark.filterwarnings("ignore")

NAMES = ("title", "author")
FIELDS = Fields({*NAMES, "text"}, ())
WORDS = st.sampled_from(["trust", "nurse", "ward", "village", "boat"])
FIELDED = st.builds(lambda name, word: f"{name}:{word}", st.sampled_from(NAMES), WORDS)
PHRASES = st.lists(WORDS, min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"')
LEAVES = st.one_of(
    WORDS,
    WORDS,
    FIELDED,
    PHRASES,
    WORDS.map(lambda w: w[:3] + "*"),
    WORDS.map(lambda w: f"{w[:2]}?{w[3:]}"),
    WORDS.map(lambda w: f"{w}~2"),
)


def joined(parts: list[str], word: str) -> str:
    return f" {word} ".join(parts)


QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " ".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + joined(parts, "AND") + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + joined(parts, "OR") + ")"),
        inner.map(lambda part: f"(boat NOT {part})"),
        st.tuples(st.sampled_from(NAMES), st.lists(WORDS, min_size=2, max_size=2)).map(
            lambda entry: f"{entry[0]}:({' '.join(entry[1])})"
        ),
    ),
    max_leaves=8,
)


def ours(query: Query) -> object:
    """A tree of ours as plain tuples, brackets inside brackets of one kind taken away."""
    match query:
        case And(parts) | Or(parts):
            return _flat("and" if isinstance(query, And) else "or", [ours(part) for part in parts])
        case Not(part):
            return ("not", ours(part))
        case Phrase(field, text):
            return ("phrase", field or "text", tuple(text.split()))
        case Fuzzy(field, text, distance):
            return ("fuzzy", field or "text", text, distance)
        case Prefix(field, text):
            return ("prefix", field or "text", text)
        case Wildcard(field, text):
            return ("wildcard", field or "text", text)
        case Term(field, text):
            return ("term", field or "text", text)
    raise TypeError(query)


def theirs(query: object) -> object:
    """A tree of Whoosh's as the same tuples."""
    from whoosh import query as whoosh

    match query:
        case whoosh.And() | whoosh.Or():
            return _flat(
                "and" if isinstance(query, whoosh.And) else "or", [theirs(part) for part in query]
            )
        case whoosh.Not():
            return ("not", theirs(query.query))
        case whoosh.Phrase():
            return ("phrase", query.fieldname, tuple(query.words))
        case whoosh.FuzzyTerm():
            return ("fuzzy", query.fieldname, query.text, query.maxdist)
        case whoosh.Prefix():
            return ("prefix", query.fieldname, query.text)
        case whoosh.Wildcard():
            return ("wildcard", query.fieldname, query.text)
        case whoosh.Term():
            return ("term", query.fieldname, query.text)
    raise TypeError(query)


def _flat(kind: str, parts: list[object]) -> object:
    found: list[object] = []
    for part in parts:
        found += part[1] if isinstance(part, tuple) and part[0] == kind else [part]
    return found[0] if len(found) == 1 else (kind, found)


@given(QUERIES)
def test_both_read_the_same(text: str) -> None:
    from whoosh.analysis import SimpleAnalyzer
    from whoosh.fields import TEXT, Schema
    from whoosh.qparser import FuzzyTermPlugin, PlusMinusPlugin, QueryParser

    schema = Schema(**{name: TEXT(analyzer=SimpleAnalyzer()) for name in (*NAMES, "text")})
    parser = QueryParser("text", schema)
    parser.add_plugin(FuzzyTermPlugin())
    parser.remove_plugin_class(PlusMinusPlugin)
    assert ours(parse(text, FIELDS)) == theirs(parser.parse(text, normalize=False)), text
