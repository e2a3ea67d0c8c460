"""Tokens and snippets: right to the character in the stored text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litrev.index.analysis import placed, query_tokens, stem, tokens
from litrev.index.grammar import Fields, parse
from litrev.index.snippets import snippet
from litrev.index.spelling import distance, near, wildcard

FIELDS = Fields({"title", "abstract", "methods", "author"}, {"methods"})


def words(text: str) -> list[tuple[str, int]]:
    return [(token.word, token.position) for token in tokens(text)]


def test_missing_spaces_do_not_glue_words() -> None:
    assert words("experience.Entered the") == [("experience", 0), ("entered", 1), ("the", 2)]


def test_chinese_gives_characters_and_pairs_at_their_places() -> None:
    assert words("社区治") == [("社", 0), ("社区", 0), ("区", 1), ("区治", 1), ("治", 2)]
    assert [token.word for token in query_tokens("社区治")] == ["社区", "区治"]
    assert [token.word for token in query_tokens("党")] == ["党"]


def test_mixtures_accents_and_full_width_forms_are_folded() -> None:
    found = [word for word, _ in words("ＢＥＲＴ模型 Café naïve")]
    assert found == ["bert", "模", "模型", "型", "cafe", "naive"]


@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ab é社区\x1e")), max_size=80),
    st.integers(0, 9),
)
def test_words_and_places_are_those_of_the_tokens(text: str, base: int) -> None:
    found, positions = placed(text, base)
    assert list(zip(found, positions, strict=False)) == [
        (token.word, base + token.position) for token in tokens(text)
    ]


@given(st.text(max_size=80))
def test_every_token_is_a_stretch_of_the_text(text: str) -> None:
    last = 0
    for token in tokens(text):
        assert text[token.start : token.end]
        assert token.position >= last
        last = token.position


def test_stems_leave_what_is_not_english_alone() -> None:
    assert stem("interviews") == "interview"
    assert [stem(word) for word in ("社区", "x2", "ab")] == ["社区", "x2", "ab"]


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("interview", "We used interviews, then an interview.", ["interviews", "interview"]),
        (
            '"party building"',
            "party; the Party building of party buildings",
            ["Party building", "party buildings"],
        ),
        ("govern*", "Government governs ungoverned", ["Government", "governs"]),
        ("社区治理", "对社区治理的研究", ["社区治理"]),
        ("社区 研究", "对社区治理的研究", ["社区", "研究"]),
        ("trst~", "trust and thrust", ["trust"]),
        ("a?c", "abc adc abbc", ["abc", "adc"]),
        ('"a c"~3', "a b c d", ["a", "c"]),
        ("low-resource", "low resource and resource low", ["low resource"]),
        ("café", "A CAFE and a café", ["CAFE", "café"]),
    ],
)
def test_the_words_that_were_asked_for_are_marked(query: str, text: str, marked: list[str]) -> None:
    found = snippet(parse(query, FIELDS), {"abstract": text})
    assert found
    assert [found.text[a:b] for a, b in found.marks] == marked


def test_words_that_are_excluded_are_not_marked() -> None:
    found = snippet(parse("a NOT b", FIELDS), {"abstract": "a b"})
    assert found
    assert [found.text[x:y] for x, y in found.marks] == ["a"]


def test_the_field_with_most_of_the_words_is_shown() -> None:
    found = snippet(
        parse("trust nurses", FIELDS), {"title": "Trust", "abstract": "Nurses trust nobody"}
    )
    assert found
    assert found.field == "abstract"


def test_a_long_text_is_cut_around_the_words_with_a_sign() -> None:
    text = "word " * 200 + "needle " + "word " * 200
    found = snippet(parse("needle", FIELDS), {"abstract": text})
    assert found
    assert found.cut_before
    assert found.cut_after
    assert len(found.text) <= 170
    assert text[found.start : found.start + len(found.text)] == found.text
    assert [found.text[a:b] for a, b in found.marks] == ["needle"]


@given(
    st.text(st.sampled_from("ab 社区.\n"), max_size=400),
    st.sampled_from(["a", "社区", "ab OR 区", "a*"]),
)
def test_marks_lie_inside_the_snippet_and_the_snippet_in_the_text(text: str, query: str) -> None:
    found = snippet(parse(query, FIELDS), {"abstract": text}, width=40)
    if found:
        assert text[found.start : found.start + len(found.text)] == found.text
        assert found.marks
        assert all(0 <= a < b <= len(found.text) for a, b in found.marks)


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [
        ("trust", "trust", 0),
        ("trsut", "trust", 1),
        ("trst", "trust", 1),
        ("tryst", "trust", 1),
        ("abc", "xyz", 3),
    ],
)
def test_typing_errors_are_counted(one: str, other: str, errors: int) -> None:
    assert distance(one, other, 3) == errors


@given(
    st.text(alphabet="ab*?", min_size=1, max_size=8),
    st.lists(st.text(alphabet="ab", min_size=1, max_size=8), max_size=6),
)
def test_a_wildcard_fits_what_its_plain_meaning_fits(pattern: str, found: list[str]) -> None:
    plain = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
    lines = "\n" + "\n".join(found) + "\n"
    assert [match.group() for match in wildcard(pattern)[0].finditer(lines) if match.group()] == [
        word for word in found if plain.fullmatch(word)
    ]


@given(
    st.text(alphabet="abc", min_size=2, max_size=30),
    st.integers(1, 2),
    st.lists(st.text(alphabet="abc", min_size=1, max_size=30), max_size=6),
    st.data(),
)
def test_no_misspelling_is_passed_over(
    word: str, most: int, others: list[str], data: st.DataObject
) -> None:
    for _ in range(most):
        at = data.draw(st.integers(1, max(1, len(word) - 1)))
        others.append(
            data.draw(
                st.sampled_from(
                    [
                        word[:at] + word[at + 1 :],
                        word[:at] + "c" + word[at:],
                        word[:at] + "b" + word[at + 1 :],
                    ]
                )
            )
        )
    lines = [other for other in others if other and other[0] == word[0]]
    fits = {match.group() for match in near(word, most).finditer("\n" + "\n".join(lines) + "\n")}
    assert {line for line in lines if distance(line, word, most) <= most} <= fits


def test_a_pattern_made_to_hurt_does_not() -> None:
    assert snippet(parse("*a*a*a*a*a*a*a*a*b", FIELDS), {"abstract": "a" * 20_000 + " ab"}) is None
