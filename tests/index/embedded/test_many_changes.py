"""However an index came about, it finds what one built anew finds."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litrev.index.documents import Document
from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.engine import Engine, Page
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


def pages(engine: Engine) -> dict[str, Page]:
    """What each query finds, with counts of facets."""
    facets = ("year", "site")
    return {query: engine.search(parse(query, FIELDS), None, 0, facets) for query in QUERIES}


def counts(engine: Engine) -> dict[str, Any]:
    """What any two engines agree in: totals and facets, but not scores."""
    return {query: (page.total, page.facets) for query, page in pages(engine).items()}


def rebuild(engine: Engine, documents: Iterable[Document], step: int) -> None:
    engine.rebuild(list(documents), seen(step), lambda done: None)


NUMBERS = st.integers(0, 9)
VERSIONS = st.integers(0, 30)
CHANGES = st.lists(
    st.one_of(
        # documents that are added or replaced, and the numbers of those that are removed
        st.tuples(
            st.lists(st.tuples(NUMBERS, VERSIONS), max_size=3), st.lists(NUMBERS, max_size=2)
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
    folder = tmp_path_factory.mktemp("grown")
    grown = EmbeddedEngine(folder, STRUCTURED)
    reference = ReferenceEngine()
    for engine in (grown, reference):
        rebuild(engine, (document(number, 0) for number in range(6)), 0)
    for step, change in enumerate(changes, 1):
        if change == "compact":
            grown.compact()
        elif change == "rebuild":
            for engine in (grown, reference):
                rebuild(engine, reference.documents.values(), step)
        else:
            added, removed = change
            documents = {number: document(number, version) for number, version in added}
            removed_ids = [f"id-{number:02}" for number in removed]
            for engine in (grown, reference):
                engine.apply(documents.values(), removed_ids, seen(step))
    assert found(grown) == found(reference)
    assert grown.health().documents == len(reference.documents)
    is_as_if_built_anew(grown, reference, tmp_path_factory.mktemp("fresh"))
    shutil.rmtree(folder)


def is_as_if_built_anew(grown: EmbeddedEngine, reference: ReferenceEngine, folder: Path) -> None:
    """Compare with the reference, and, once compact, with an index built anew in ``folder``."""
    fresh = EmbeddedEngine(folder, STRUCTURED)
    rebuild(fresh, reference.documents.values(), 99)
    assert counts(grown) == counts(reference)
    grown.compact()
    assert pages(grown) == pages(fresh)
    assert lying_about(grown.folder) == set()
    for engine in (grown, fresh):
        engine.close()


@pytest.mark.slow
def test_many_single_changes_are_put_together_on_the_way(tmp_path: Path) -> None:
    grown = EmbeddedEngine(tmp_path / "grown", STRUCTURED)
    reference = ReferenceEngine()
    for engine in (grown, reference):
        rebuild(engine, (document(number, number) for number in range(20)), 0)
    most = 0
    for step in range(1, 60):
        changed = document(step * 7 % 60, step)
        removed_id = f"id-{step * 13 % 60:02}"
        for engine in (grown, reference):
            engine.apply([changed], [removed_id], seen(step))
        most = max(most, grown.health().segments)
        if step % 15 == 0:
            assert found(grown) == found(reference), step
    assert 4 < most <= 24
    is_as_if_built_anew(grown, reference, tmp_path / "fresh")


def test_nothing_is_left_of_an_index_whose_documents_were_all_removed(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, STRUCTURED)
    take(engine, 0)
    every_id = [f"id-{number:02}" for number in range(RECORDS)]
    engine.apply([], every_id, seen(1))
    assert found(engine) == {query: [] for query in QUERIES}
    assert engine.health().segments == 0
    engine.compact()
    engine.apply([document(1, 1)], [], seen(2))
    assert found(engine)["*"] == ["id-01"]
    engine.close()
