"""What an engine that ranks gives for three documents, worked out by hand.

The three have 5, 3 and 1 words, 3 in the mean. With k1 = 1.2 and b = 0.75, BM25F (Robertson and
Zaragoza, The Probabilistic Relevance Framework, 2009) adds to the weight of a word
norm = 1.2 (0.25 + 0.75 length / 3): 1.8, 1.2 and 0.6. A word of the title weighs 4, one of the
abstract 1. A word of ``n`` of 3 documents has idf = ln(1 + (3 - n + 0.5) / (n + 0.5)), and the
score is idf (k1 + 1) weight / (weight + norm).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from math import log
from pathlib import Path

import pytest

from litrev.index.documents import Document
from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.engine import Engine
from litrev.index.grammar import parse
from tests.contract.test_engines import FIELDS, STRUCTURED, document, seen

THREE = [
    document(1, 2018, ("has:methods",), title="trust", abstract="trust trust villages nurses"),
    document(2, 2020, (), abstract="trust among nurses"),
    document(3, 2023, (), abstract="nurses"),
]
IN_ONE, IN_TWO, IN_ALL = log(1 + 2.5 / 1.5), log(1 + 1.5 / 2.5), log(1 + 0.5 / 3.5)


@pytest.fixture(params=["one part", "a part a document"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = EmbeddedEngine(tmp_path / "index", STRUCTURED)
    if request.param == "one part":
        made.rebuild(THREE, seen(1), lambda done: None)
    else:
        made.rebuild(THREE[:1], seen(1), lambda done: None)
        for number, one in enumerate(THREE[1:], 2):
            made.apply([one], [], seen(number))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("query", "scores"),
    [
        # weights 4 + 2 and 1
        ("trust", {1: IN_TWO * 2.2 * 6 / 7.8, 2: IN_TWO * 2.2 / 2.2}),
        ("nurses", {1: IN_ALL * 2.2 / 2.8, 2: IN_ALL * 2.2 / 2.2, 3: IN_ALL * 2.2 / 1.6}),
        ("villages", {1: IN_ONE * 2.2 / 2.8}),
        ("village", {1: IN_ONE * 2.2 / 2.8}),
        # in a field a word is there or not
        ("abstract:trust", {1: IN_TWO * 2.2 / 2.8, 2: IN_TWO * 2.2 / 2.2}),
        ("title:trust", {1: IN_TWO * 2.2 / 2.8}),
        # a phrase is a word whose idf is the sum of its words'
        ('"trust villages"', {1: (IN_TWO + IN_ONE) * 2.2 / 2.8}),
        ('"trust trust"', {1: IN_TWO * 2.2 / 2.8}),
        ('"trust nurses"~2', {1: (IN_TWO + IN_ALL) * 2.2 / 2.8, 2: (IN_TWO + IN_ALL) * 2.2 / 2.2}),
        ('"trust nurses"', {}),
        ('title:"trust nurses"~2', {}),
        # a typing error halves
        ("trast~", {1: IN_TWO * 2.2 / 2.8 / 2, 2: IN_TWO * 2.2 / 2.2 / 2}),
        ("trist~2", {1: IN_TWO * 2.2 / 2.8 / 2, 2: IN_TWO * 2.2 / 2.2 / 2}),
        ("traat~2", {1: IN_TWO * 2.2 / 2.8 / 4, 2: IN_TWO * 2.2 / 2.2 / 4}),
        ("nurzez~2", {1: IN_ALL * 2.2 / 2.8 / 4, 2: IN_ALL / 4, 3: IN_ALL * 2.2 / 1.6 / 4}),
        # scores of parts add up, and only what is asked for adds
        ("trust villages", {1: IN_TWO * 2.2 * 6 / 7.8 + IN_ONE * 2.2 / 2.8}),
        ("trust OR villages", {1: IN_TWO * 2.2 * 6 / 7.8 + IN_ONE * 2.2 / 2.8, 2: IN_TWO}),
        ("trust NOT villages", {2: IN_TWO}),
        ("trust^3", {1: 3 * IN_TWO * 2.2 * 6 / 7.8, 2: 3 * IN_TWO}),
        ("trust^0.5 villages^2", {1: IN_TWO * 1.1 * 6 / 7.8 + 2 * IN_ONE * 2.2 / 2.8}),
        # what is there or not counts a tenth
        ("*", {1: 0.1, 2: 0.1, 3: 0.1}),
        ("year:2018", {1: 0.1}),
        ("year:[2019 TO 2023]", {2: 0.1, 3: 0.1}),
        ("year:>2020", {3: 0.1}),
        ("has:methods", {1: 0.1}),
        ("missing:methods trust", {}),
        ("villag*", {1: 0.1}),
        ("abstract:n?rses", {1: 0.1, 2: 0.1, 3: 0.1}),
        ("trust year:2020", {2: IN_TWO + 0.1}),
        ("NOT villages", {2: 0.1, 3: 0.1}),
    ],
)
def test_scores_are_those_worked_out_by_hand(
    engine: Engine, query: str, scores: dict[int, float]
) -> None:
    hits = engine.search(parse(query, FIELDS), None).hits
    assert {int(hit.id.removeprefix("id-")): hit.score for hit in hits} == pytest.approx(scores)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_what_each_part_of_a_query_adds_is_told(engine: Engine) -> None:
    parts = [parse(words, FIELDS) for words in ("trust", "villages", "surveys")]
    assert engine.weigh(parts, "id-1") == pytest.approx(
        [IN_TWO * 2.2 * 6 / 7.8, IN_ONE * 2.2 / 2.8, 0]
    )
    assert engine.weigh(parts, "id-3") == pytest.approx([0, 0, 0])


def test_documents_are_alike_by_the_rare_words_they_share(engine: Engine) -> None:
    assert [hit.id for hit in engine.like(THREE[1], 5).hits] == ["id-1", "id-3"]


_PHRASE_SCORE = """
import sys
from pathlib import Path
from litrev.index.documents import Document
from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.query import Phrase
from tests.contract.test_engines import STRUCTURED, document, seen

words = "alpha beta gamma delta epsilon zeta".split()
texts = [" ".join(words[first:]) for first in range(len(words))]
documents = [document(n, 2020, (), abstract=text) for n, text in enumerate(texts)]
engine = EmbeddedEngine(Path(sys.argv[1]), STRUCTURED)
engine.rebuild(documents, seen(1), lambda done: None)
[hit] = engine.search(Phrase("abstract", texts[0]), None).hits
print(repr(hit.score))
"""


def test_a_phrase_scores_the_same_to_the_last_digit_in_every_process(tmp_path: Path) -> None:
    scores = set[str]()
    for seed in "1234":
        command = [sys.executable, "-c", _PHRASE_SCORE, str(tmp_path / seed)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        scores.add(run.stdout)
    assert len(scores) == 1


def scored(folder: Path, documents: list[Document], query: str) -> dict[str, float]:
    """The scores of an index of these documents, by the numbers in their ids."""
    made = EmbeddedEngine(folder / "index", STRUCTURED)
    made.rebuild(documents, seen(1), lambda done: None)
    hits = made.search(parse(query, FIELDS), None).hits
    made.close()
    return {hit.id: hit.score for hit in hits}


def test_a_word_weighs_in_names_and_in_texts_together(tmp_path: Path) -> None:
    documents = [
        document(1, author="Lee", abstract="asks lee"),
        document(2, abstract="lee went there"),
        document(3, abstract="nobody else came"),
        document(4, author="Lee", abstract="nobody came"),
    ]
    # 3 words each, so norm is 1.2. The name is in two documents and the word in two, and so many
    # are counted: all 4.
    idf = log(1 + 0.5 / 4.5)
    assert scored(tmp_path, documents, "lee") == pytest.approx(
        {"id-1": idf * 2.2 * 3 / 4.2, "id-2": idf * 2.2 * 1 / 2.2, "id-4": idf * 2.2 * 2 / 3.2}
    )


def test_a_phrase_in_a_field_is_in_that_field_alone(tmp_path: Path) -> None:
    documents = [
        document(1, title="trust villages", abstract="villages of trust"),
        document(2, abstract="trust villages"),
    ]
    assert set(scored(tmp_path, documents, 'abstract:"trust villages"')) == {"id-2"}
    assert set(scored(tmp_path, documents, 'title:"trust villages"')) == {"id-1"}
    assert set(scored(tmp_path, documents, '"trust villages"')) == {"id-1", "id-2"}
