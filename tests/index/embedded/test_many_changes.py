"""However an index came about, it finds what one built anew finds."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.engine import Engine
from litrev.index.grammar import parse
from tests.contract.reference import ReferenceEngine
from tests.index.embedded.changing import (
    FIELDS,
    QUERIES,
    RECORDS,
    STRUCTURED,
    document,
    found,
    lying_about,
    seen,
    take,
)


def pages(engine: Engine, facets: tuple[str, ...] = ("year", "site")) -> dict[str, Any]:
    return {query: engine.search(parse(query, FIELDS), None, 0, facets) for query in QUERIES}


CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), max_size=3),
            st.lists(st.integers(0, 9), max_size=2),
        ),
        st.just("compact"),
        st.just("rebuild"),
    ),
    min_size=1,
    max_size=14,
)


@pytest.mark.slow
@settings(max_examples=12)
@given(CHANGES)
def test_whatever_is_changed_an_index_finds_what_one_built_anew_finds(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Any]
) -> None:
    """In the end also with the same scores, once it is compact."""
    folder, reference = tmp_path_factory.mktemp("grown"), ReferenceEngine()
    grown = EmbeddedEngine(folder, STRUCTURED)
    for engine in (grown, reference):
        engine.rebuild([document(number, 0) for number in range(6)], seen(0), lambda done: None)
    for step, change in enumerate(changes, 1):
        if change == "compact":
            grown.compact()
        elif change == "rebuild":
            for engine in (grown, reference):
                engine.rebuild(list(reference.documents.values()), seen(step), lambda done: None)
        else:
            added, removed = change
            documents = {number: document(number, version) for number, version in added}
            for engine in (grown, reference):
                engine.apply(
                    documents.values(), [f"id-{number:02}" for number in removed], seen(step)
                )
    assert found(grown) == found(reference)
    assert grown.health().documents == len(reference.documents)
    is_as_if_built_anew(grown, reference, tmp_path_factory.mktemp("fresh"))
    shutil.rmtree(folder)


def is_as_if_built_anew(grown: EmbeddedEngine, reference: ReferenceEngine, folder: Path) -> None:
    fresh = EmbeddedEngine(folder, STRUCTURED)
    fresh.rebuild(list(reference.documents.values()), seen(99), lambda done: None)
    before, plain = pages(grown), pages(reference)
    assert {query: (page.total, page.facets) for query, page in before.items()} == {
        query: (page.total, page.facets) for query, page in plain.items()
    }
    grown.compact()
    assert pages(grown) == pages(fresh)
    assert lying_about(grown.folder) == set()
    for engine in (grown, fresh):
        engine.close()


@pytest.mark.slow
def test_many_single_changes_are_put_together_on_the_way(tmp_path: Path) -> None:
    grown, reference = EmbeddedEngine(tmp_path / "grown", STRUCTURED), ReferenceEngine()
    for engine in (grown, reference):
        engine.rebuild(
            [document(number, number) for number in range(20)], seen(0), lambda done: None
        )
    most = 0
    for step in range(1, 60):
        for engine in (grown, reference):
            engine.apply([document(step * 7 % 60, step)], [f"id-{step * 13 % 60:02}"], seen(step))
        most = max(most, grown.health().segments)
        if step % 15 == 0:
            assert found(grown) == found(reference), step
    assert 4 < most <= 24
    is_as_if_built_anew(grown, reference, tmp_path / "fresh")


def test_nothing_is_left_of_an_index_whose_documents_were_all_removed(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, STRUCTURED)
    take(engine, 0)
    engine.apply([], [f"id-{number:02}" for number in range(RECORDS)], seen(1))
    assert found(engine) == {query: [] for query in QUERIES}
    assert engine.health().segments == 0
    engine.compact()
    engine.apply([document(1, 1)], [], seen(2))
    assert found(engine)["*"] == ["id-01"]
    engine.close()
