"""The query language: what is typed becomes a tree, or a caret under the error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litrev.errors import QuerySyntax
from litrev.index.grammar import Fields, parse
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

FIELDS = Fields(
    {"title", "methods", "author", "key", "tag", "doi"},
    {"methods"},
    {"recent": "year:>=2020", "either": "a OR @recent"},
)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Everything()),
        ("  ", Everything()),
        ("*", Everything()),
        ("a b", And((Term(None, "a"), Term(None, "b")))),
        ("a AND b", And((Term(None, "a"), Term(None, "b")))),
        ("a OR b c", Or((Term(None, "a"), And((Term(None, "b"), Term(None, "c")))))),
        (
            "a and or not",
            And((Term(None, "a"), Term(None, "and"), Term(None, "or"), Term(None, "not"))),
        ),
        ("a NOT b", And((Term(None, "a"), Not(Term(None, "b"))))),
        ("NOT NOT a", Term(None, "a")),
        ("(a OR b) c", And((Or((Term(None, "a"), Term(None, "b"))), Term(None, "c")))),
        ('"a b"', Phrase(None, "a b")),
        ("“a b”", Phrase(None, "a b")),
        ('"a b"~3', Phrase(None, "a b", 3)),
        ('title:"a b"', Phrase("title", "a b")),
        ("methods:interview", Term("methods", "interview")),
        ("Title:x", Term("title", "x")),
        ("methods:(a OR b*)", Or((Term("methods", "a"), Prefix("methods", "b")))),
        ("govern*", Prefix(None, "govern")),
        ("w?rd", Wildcard(None, "w?rd")),
        ("w*d", Wildcard(None, "w*d")),
        ("what works?", And((Term(None, "what"), Term(None, "works?")))),
        ("trst~", Fuzzy(None, "trst", 1)),
        ("trst~2", Fuzzy(None, "trst", 2)),
        ("year:2018", YearRange(2018, 2018)),
        ("year:[2018 TO 2023]", YearRange(2018, 2023)),
        ("year:[* TO 2023]", YearRange(None, 2023)),
        ("year:>=2018", YearRange(2018, None)),
        ("year:>2018", YearRange(2019, None)),
        ("year:<=2018", YearRange(None, 2018)),
        ("year:<2018", YearRange(None, 2017)),
        ("has:methods", Flag("has", "methods")),
        ("missing:abstract", Flag("missing", "abstract")),
        ("is:undecided", Flag("is", "undecided")),
        ("low-resource", Term(None, "low-resource")),
        ("C++", Term(None, "C++")),
        ("http://x.org/a?b=1", Term(None, "http://x.org/a?b=1")),
        ("doi:10.1000/xyz(1)", And((Term("doi", "10.1000/xyz"), Term(None, "1")))),
        (r"a\b", Term(None, "ab")),
        ("methods:*", Flag("has", "methods")),
        ("a^2 b", And((Boosted(Term(None, "a"), 2.0), Term(None, "b")))),
        ('title:"a b"~3^1.5', Boosted(Phrase("title", "a b", 3), 1.5)),
        ("(a OR b)^.5", And((Or((Term(None, "a"), Term(None, "b"))), Term(None, "^.5")))),
        ("(a OR b)^0.5", Boosted(Or((Term(None, "a"), Term(None, "b"))), 0.5)),
        ("methods:(a b)^2", Boosted(And((Term("methods", "a"), Term("methods", "b"))), 2.0)),
        (r"x\^2", Term(None, "x^2")),
        ("gov*^3", Boosted(Prefix(None, "gov"), 3.0)),
        ("@recent", YearRange(2020, None)),
        (
            "b @either^2",
            And((Term(None, "b"), Boosted(Or((Term(None, "a"), YearRange(2020, None))), 2.0))),
        ),
    ],
)
def test_what_is_typed_becomes_a_tree(text: str, tree: Query) -> None:
    assert parse(text, FIELDS) == tree


@pytest.mark.parametrize(
    ("text", "marked", "reason"),
    [
        ("year:>", "year:>", "a year is missing"),
        ("a AND", "", "missing at the end"),
        ("(a", "(", "unmatched opening parenthesis"),
        ("a)", ")", "unmatched closing parenthesis"),
        ("()", ")", "missing before this closing parenthesis"),
        ('"a', '"', "unmatched quotation mark"),
        ("AND a", "AND", "missing before AND"),
        ("a OR OR b", "OR", "missing before OR"),
        ("metods:x", "metods", "there is no field"),
        ("year:abc", "abc", "abc is not a year"),
        ("year:[2020 TO 2018]", "[2020 TO 2018]", "ends before it begins"),
        ("year:[TO]", "[TO]", "not a range of years"),
        ("has:nothing", "has:nothing", "nothing is not a value of has:"),
        ("?", "?", "nothing to search for"),
        ("~", "~", "nothing to search for"),
        ("++", "++", "nothing to search for"),
        ('""', '""', "nothing to search for"),
    ],
)
def test_a_fault_is_pointed_at(text: str, marked: str, reason: str) -> None:
    with pytest.raises(QuerySyntax) as caught:
        parse(text, FIELDS)
    fault = caught.value
    assert reason in fault.reason
    assert text[fault.start : fault.end] == marked
    query, carets = fault.pointed().split("\n")
    assert carets.index("^") == len(query[: 2 + fault.start])
    assert fault.remedy


def test_a_field_that_is_not_there_gets_a_suggestion() -> None:
    with pytest.raises(QuerySyntax, match=r"Did you mean methods\?"):
        parse("method:x", FIELDS)


def test_carets_stand_under_wide_characters_too() -> None:
    with pytest.raises(QuerySyntax) as caught:
        parse("社区 (", FIELDS)
    assert caught.value.pointed().split("\n")[1].index("^") == 2 + 4 + 1 + 1


@given(st.text(max_size=60))
def test_any_text_is_a_tree_or_a_fault(text: str) -> None:
    try:
        parse(text, FIELDS)
    except QuerySyntax as fault:
        assert 0 <= fault.start <= len(text)  # noqa: PT017
        assert fault.end > fault.start  # noqa: PT017


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "a " * 5_000,
        "a OR " * 20_000 + "a",
        "NOT " * 5_000 + "a",
        "x" * 10_000,
        '"' + "a " * 4_000 + '"',
        "a" * 200_000,
    ],
)
def test_long_queries_are_answered_or_pointed_at(text: str) -> None:
    try:
        parse(text, FIELDS)
    except QuerySyntax as fault:
        assert len(str(fault)) < 500  # noqa: PT017
