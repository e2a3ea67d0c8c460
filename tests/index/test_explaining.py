"""How a query is described in words."""

from __future__ import annotations

import pytest

from litrev.index.explaining import explain
from litrev.index.grammar import Fields, parse

FIELDS = Fields({"title", "author"}, ())


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("year:2018", "year 2018"),
        ("year:[2018 TO 2018]", "year 2018"),
        ("year:[2018 TO 2023]", "year 2018–2023"),
        ("year:>=2018", "year 2018–…"),
        ("year:[* TO 2018]", "year …–2018"),
        ("year:[* TO *]", "any year"),
        ("year:[0 TO 5]", "year 0–5"),
        ("year:<1", "year …–0"),
    ],
)
def test_years_are_described_by_their_ends(query: str, line: str) -> None:
    assert list(explain(parse(query, FIELDS))) == [line]


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("trust", "trust"),
        ("title:studies", "studies → studi in title"),
        ("author:Studies", "Studies → studies in author"),
        ('"trust nurse"', "trust nurse → trust nurs side by side"),
        ('"trust garden"', "trust garden side by side"),
        ('"trust garden"~3', "trust garden, each at most 3 after the last"),
    ],
)
def test_words_are_described_as_they_are_looked_for(query: str, line: str) -> None:
    assert list(explain(parse(query, FIELDS))) == [line]
