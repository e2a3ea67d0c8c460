"""Where words are in an abstract, and where they are after it was edited."""

from __future__ import annotations

import pytest

from litrev.library.model.evidence import find_evidence, mover
from litrev.library.model.record import Evidence


@pytest.mark.parametrize(
    ("abstract", "text", "quote"),
    [
        ("We used Interviews.", "interviews", "Interviews"),
        ("case\n  study", "case study", "case\n  study"),
        ("reinterviews", "interviews", None),
        ("interviewsheet", "interviews", None),
        ("interviews2", "interviews", None),
        ("采用访谈法研究", "访谈法", "访谈法"),
        ("a (b) c", "(b)", "(b)"),
        ("anything", "  ", None),
    ],
)
def test_words_are_found_whole_in_any_case_and_with_any_blanks(
    abstract: str, text: str, quote: str | None
) -> None:
    quotes = [span.quote for span in find_evidence(abstract, text)]
    assert quotes == ([] if quote is None else [quote])
    for span in find_evidence(abstract, text):
        assert abstract[span.start : span.end] == span.quote


def evidence(text: str, quote: str) -> Evidence:
    start = text.index(quote)
    return Evidence(start, start + len(quote), quote)


@pytest.mark.parametrize(
    ("old", "new", "quote", "start"),
    [
        ("We used interviews.", "In 2020 we used interviews.", "interviews", 16),
        ("one two three", "three one two", "three", 0),
        ("a trust b trust", "x trust y", "trust", 2),
    ],
)
def test_evidence_moves_with_its_words(old: str, new: str, quote: str, start: int) -> None:
    moved = mover(old, new)(evidence(old, quote))
    assert moved == Evidence(start, start + len(quote), quote)


@pytest.mark.parametrize("new", ["", "We used talks.", "interview s"])
def test_evidence_whose_words_are_gone_stays_and_is_stale(new: str) -> None:
    span = evidence("We used interviews.", "interviews")
    assert mover("We used interviews.", new)(span) == span._replace(stale=True)


def test_stale_evidence_is_found_again_only_where_its_words_are_once() -> None:
    stale = Evidence(0, 5, "trust", stale=True)
    assert mover("", "in trust")(stale) == Evidence(3, 8, "trust")
    assert mover("", "trust, trust")(stale) == stale
