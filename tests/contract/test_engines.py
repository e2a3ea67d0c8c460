"""The laws every engine keeps, and that all engines find the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litrev.index.documents import Document
from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.engine import Engine, Seen
from litrev.index.grammar import Fields, parse
from litrev.index.query import (
    And,
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
from litrev.library.storage.library import Position
from tests.contract.reference import ReferenceEngine

STRUCTURED = ("methods", "site")
FIELDS = Fields(
    {"title", "author", "abstract", "key", "tag", "fields", *STRUCTURED}, set(STRUCTURED)
)


def document(
    number: int, year: int | None = None, flags: tuple[str, ...] = (), **texts: str
) -> Document:
    structured = "\x1e ".join(text for name, text in texts.items() if name in STRUCTURED)
    facets = {
        name: tuple(text.split("\x1e ")) for name, text in texts.items() if name in STRUCTURED
    }
    return Document(
        f"id-{number}",
        {**texts, **({"fields": structured} if structured else {})},
        year,
        flags,
        facets,
    )


CORPUS = [
    document(
        1,
        2018,
        ("has:methods",),
        title="Trust in village libraries",
        author="José García",
        methods="semi-structured interview",
        abstract="Old experience.Entered a new era",
    ),
    document(
        2,
        2020,
        ("has:methods",),
        title="社区治理研究",
        methods="访谈法\x1e 问卷调查",
        abstract="党建引领社区治理，community 治理的经验",
    ),
    document(
        3,
        2023,
        (),
        title="Low-resource machine translation",
        abstract="A study of studies; resources are low",
        author="Lee, An",
    ),
    document(
        4,
        None,
        ("has:site",),
        title="BERT模型的比较",
        site="S community",
        abstract="the machine in the low field, and a translation",
    ),
    document(
        5, 2018, (), title="Bayes and the bay", abstract="bayesian inference for bays\x1e trust"
    ),
]


@pytest.fixture(params=["embedded", "reference"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made: Engine = (
        EmbeddedEngine(tmp_path / "index", STRUCTURED)
        if request.param == "embedded"
        else ReferenceEngine()
    )
    yield made
    made.close()


def seen(revision: int) -> Seen:
    return Seen(Position("library", "epoch", revision, 1), 1, 1)


def found(engine: Engine, query: str) -> list[int]:
    return sorted(
        int(hit.id.removeprefix("id-")) for hit in engine.search(parse(query, FIELDS), None).hits
    )


def build(engine: Engine) -> None:
    engine.rebuild(CORPUS, seen(1), lambda done: None)


def test_a_new_engine_has_seen_nothing(engine: Engine) -> None:
    assert engine.seen() is None


def test_an_engine_knows_what_it_has_seen(engine: Engine) -> None:
    build(engine)
    assert engine.seen() == seen(1)
    engine.apply([], [], seen(2))
    assert engine.seen() == seen(2)


def test_rebuilding_tells_its_progress(engine: Engine) -> None:
    told: list[int] = []
    engine.rebuild(CORPUS, seen(1), told.append)
    assert told == [1, 2, 3, 4, 5]


def test_applying_twice_is_applying_once(engine: Engine) -> None:
    build(engine)
    for _ in range(2):
        engine.apply([document(1, title="Entirely new words")], ["id-5"], seen(2))
        assert found(engine, "entirely") == [1]
        assert found(engine, "village") == []
        assert found(engine, "*") == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("trust", [1, 5]),
        ("trusting", [1, 5]),
        ("title:trust", [1]),
        ("experience", [1]),
        ("社区", [2]),
        ("党建", [2]),
        ("治", [2]),
        ("community 治理", [2]),
        ("区治", [2]),
        ("理治", []),
        ("BERT模型", [4]),
        ("ｂｅｒｔ", [4]),
        ("low-resource", [3]),
        ("low-resource machine-translation", [3]),
        ('"machine translation"', [3]),
        ('"machine low"~3', [4]),
        ('"low machine"~3', [3]),
        ("machine AND translation", [3, 4]),
        ("machine OR village", [1, 3, 4]),
        ("machine NOT resource", [4]),
        ("NOT machine", [1, 2, 5]),
        ("trust (village OR bayesian)", [1, 5]),
        ("bayes*", [5]),
        ("studi*", [3]),
        ("studies*", [3]),
        ("stud*es", [3]),
        ("b?ys", [5]),
        ("trst~", [1, 5]),
        ("methods:interview", [1]),
        ("methods:(interview OR 问卷)", [1, 2]),
        ("methods:访谈", [2]),
        ("author:garcia", [1]),
        ("author:García", [1]),
        ("year:2018", [1, 5]),
        ("year:[2018 TO 2020]", [1, 2, 5]),
        ("year:[* TO 2019]", [1, 5]),
        ("year:>=2020", [2, 3]),
        ("year:<2020", [1, 5]),
        ("has:methods", [1, 2]),
        ("missing:methods", []),
        ("has:methods year:>2018", [2]),
        ('"bays trust"', []),
        ("*", [1, 2, 3, 4, 5]),
        ("", [1, 2, 3, 4, 5]),
    ],
)
def test_what_a_query_finds(engine: Engine, query: str, numbers: list[int]) -> None:
    build(engine)
    assert found(engine, query) == numbers


def test_a_page_is_cut_and_says_how_many_there_are(engine: Engine) -> None:
    build(engine)
    page = engine.search(parse("trust OR machine", FIELDS), 2)
    assert (len(page.hits), page.total, page.partial) == (2, 4, False)


WORDS = st.sampled_from(
    [
        "trust",
        "village",
        "machine",
        "low",
        "resource",
        "studies",
        "bay",
        "社区",
        "治理",
        "治",
        "BERT",
        "interview",
        "the",
        "community",
    ]
)
NAMES = st.sampled_from([None, "title", "abstract", "methods"])
LEAVES: st.SearchStrategy[Query] = st.one_of(
    st.builds(Term, NAMES, WORDS),
    st.builds(
        Phrase, NAMES, st.lists(WORDS, min_size=1, max_size=2).map(" ".join), st.integers(1, 3)
    ),
    st.builds(Prefix, NAMES, st.sampled_from(["tr", "ba", "stud", "low"])),
    st.builds(Wildcard, NAMES, st.sampled_from(["b?y", "tr*t", "*s"])),
    st.builds(Fuzzy, NAMES, st.sampled_from(["trst", "vilage", "bay"]), st.just(1)),
    st.builds(YearRange, st.sampled_from([None, 2018, 2020]), st.sampled_from([None, 2020, 2023])),
    st.builds(Flag, st.just("has"), st.sampled_from(STRUCTURED)),
    st.just(Everything()),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine]]:
    pair: tuple[Engine, Engine] = (
        EmbeddedEngine(tmp_path_factory.mktemp("index"), STRUCTURED),
        ReferenceEngine(),
    )
    for made in pair:
        build(made)
    yield pair
    pair[0].close()


@settings(max_examples=200)
@given(QUERIES)
def test_the_embedded_engine_finds_what_the_reference_finds(
    both: tuple[Engine, Engine], query: Query
) -> None:
    embedded, reference = ({hit.id for hit in engine.search(query, None).hits} for engine in both)
    assert embedded == reference
    assert both[0].search(query, 2).total == both[1].search(query, 2).total


def test_pages_follow_each_other(engine: Engine) -> None:
    build(engine)
    query = parse("trust OR machine", FIELDS)
    whole = engine.search(query, None).hits
    assert engine.search(query, 2).hits + engine.search(query, 2, 2).hits == whole
    assert engine.search(query, 2, 9).hits == ()
    assert engine.search(query, 0).total == 4


def test_facets_count_all_that_match(engine: Engine) -> None:
    build(engine)
    page = engine.search(parse("*", FIELDS), 1, 0, ("year", "methods", "site"))
    assert dict(page.facets["year"]) == {"2018": 2, "2020": 1, "2023": 1}
    assert dict(page.facets["methods"]) == {
        "semi-structured interview": 1,
        "访谈法": 1,
        "问卷调查": 1,
    }
    assert dict(engine.search(parse("year:2018", FIELDS), 1, 0, ("site",)).facets["site"]) == {}


def test_what_matches_is_counted_and_named(engine: Engine) -> None:
    build(engine)
    assert engine.count(parse("machine", FIELDS)) == 2
    assert engine.ids(parse("machine", FIELDS)) == {"id-3", "id-4"}
    engine.apply([], ["id-3"], seen(2))
    assert engine.ids(parse("machine", FIELDS)) == {"id-4"}
    assert engine.count(parse("*", FIELDS)) == 4


def test_what_is_like_a_document_shares_its_words(engine: Engine) -> None:
    build(engine)
    assert engine.like(document(9, title="translation by machine in low fields"), 2).hits[0].id in {
        "id-3",
        "id-4",
    }
    alike = engine.like(CORPUS[2], 5)
    assert "id-3" not in {hit.id for hit in alike.hits}
    assert "id-4" in {hit.id for hit in alike.hits}
    unlike_all = document(9, title="nothing of this stands anywhere else but here")
    assert engine.like(unlike_all, 5).total >= 0


def test_each_part_says_what_it_adds(engine: Engine) -> None:
    build(engine)
    trust, machine = engine.weigh([parse("trust", FIELDS), parse("machine", FIELDS)], "id-1")
    assert trust > 0
    assert machine == 0


def test_the_commonest_near_word_is_suggested(engine: Engine) -> None:
    build(engine)
    assert engine.suggest("machne") == "machine"
    assert engine.suggest("villages") == "village"
    assert engine.suggest("xylophone") is None


def test_words_of_a_field_are_listed_commonest_first(engine: Engine) -> None:
    build(engine)
    assert engine.terms("title", "t", 9) == [("the", 1), ("translation", 1), ("trust", 1)]
    assert engine.terms("abstract", "s", 1) == [("studies", 1)]


def test_compacting_changes_nothing_that_is_found(engine: Engine) -> None:
    build(engine)
    for number in range(20):
        engine.apply(
            [document(5, title=f"bayes number {number}")],
            ["id-2"] if number == 7 else [],
            seen(number + 2),
        )
    everything, bayes = parse("*", FIELDS), parse("bayes", FIELDS)
    hits = engine.search(everything, None).hits
    total = engine.search(bayes, None).total
    engine.compact()
    assert engine.search(everything, None).hits == hits
    assert engine.search(bayes, None).total == total
    health = engine.health()
    assert (health.documents, health.deleted, health.problems) == (4, 0, ())
    assert engine.seen() == seen(21)


@pytest.mark.parametrize(
    "query",
    [
        "a*b*c*d*e*f*g*h",
        "*a*a*a*a*a*a*a*a*b",
        "?" * 60 + "a",
        "x" * 900 + "~2",
        "(" * 50 + "a" + ")" * 50,
        "NOT " * 99 + "a",
        " OR ".join(["a*"] * 40),
    ],
)
def test_hard_queries_are_answered(tmp_path: Path, query: str) -> None:
    engine = EmbeddedEngine(tmp_path, STRUCTURED)
    engine.rebuild(
        [*CORPUS, document(6, title="a" * 5_000 + " " + "ab" * 2_000)], seen(1), lambda done: None
    )
    assert engine.count(parse(query, FIELDS)) >= 0
    engine.close()
