"""Real records and real queries: the embedded engine finds exactly what looking at every document
finds.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from benchmarks.search_engines import written
from litrev.index.documents import Document
from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.engine import Page, Seen
from litrev.index.grammar import Fields, parse
from litrev.library.storage.library import Position
from tests.contract.reference import ReferenceEngine

STRUCTURED = ("methods", "findings")
FIELDS = Fields(
    {"title", "author", "venue", "abstract", "key", "type", "fields", *STRUCTURED}, set(STRUCTURED)
)
HARD = [
    "*ing", "m?del", "tr*n", "a*b*c", "modle~2", "netwrk~2", "convolutionall~2", '"of the"',
    '"the model"~5', 'title:"neural network"', "abstract:learning", "fields:model", "NOT model",
    "model NOT network", "author:j*", "venue:acl", "title:netwok~", 'findings:"outperforms"',
    "type:article year:<2000", "neural OR (image AND NOT data)",
    "(learning model) (network OR data) NOT (image OR language)", "state-of-the-art",
    "10.1000/182 OR the", "low-resource",
]  # fmt: skip


def documents(path: Path) -> Iterator[Document]:
    """Every five-hundredth record of the corpus."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, islice(lines, 0, None, 500)):
            yield document(record)


def document(record: dict[str, Any]) -> Document:
    methods = record["methods"] or ()
    joined_methods = "\x1e ".join(methods)
    findings = str(record["findings"] or "")
    texts = {
        "title": str(record["title"] or ""),
        "abstract": str(record["abstract"] or ""),
        "key": str(record["key"] or ""),
        "findings": findings,
        "author": str(record["author"] or "").replace(" and ", "\x1e "),
        "venue": str(record["journal"] or record["booktitle"] or ""),
        "type": record["entrytype"],
        "methods": joined_methods,
        "fields": f"{findings}\x1e {joined_methods}",
    }
    return Document(
        id=record["key"],
        texts={name: text for name, text in texts.items() if text},
        year=record["year"],
        flags=(),
        facets={"methods": tuple(dict.fromkeys(methods))},
    )


@pytest.fixture(scope="module")
def engines(
    shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedEngine, ReferenceEngine]]:
    pair = EmbeddedEngine(tmp_path_factory.mktemp("index"), STRUCTURED), ReferenceEngine()
    found = list(documents(shared("corpus/records-100k.jsonl.xz")))
    for engine in pair:
        engine.rebuild(found, Seen(Position("library", "epoch", 1, 1), 1, 1), lambda done: None)
    # A third of it once more, so that there are several segments with deleted documents in them.
    pair[0].apply(found[::3], [], Seen(Position("library", "epoch", 2, 1), 1, 1))
    yield pair
    pair[0].close()


def facet_counts(page: Page) -> dict[str, dict[str, int]]:
    return {name: dict(counts) for name, counts in page.facets.items()}


@pytest.mark.slow
def test_every_query_of_the_set_and_harder_ones_find_the_same(
    engines: tuple[EmbeddedEngine, ReferenceEngine], shared: Callable[[str], Path]
) -> None:
    embedded, reference = engines
    queries = json.loads(shared("search/queries.json").read_text("utf-8"))
    for query in [*map(written, queries), *HARD]:
        tree = parse(query, FIELDS)
        found = embedded.search(tree, None, 0, ("year", "methods"))
        expected = reference.search(tree, None, 0, ("year", "methods"))
        assert {hit.id for hit in found.hits} == {hit.id for hit in expected.hits}, query
        assert found.total == expected.total == embedded.count(tree), query
        assert facet_counts(found) == facet_counts(expected), query
        ranked = sorted(found.hits, key=lambda hit: (-hit.score, hit.id))
        assert found.hits == tuple(ranked), query
        first_five, next_five = embedded.search(tree, 5), embedded.search(tree, 5, 5)
        assert first_five.hits + next_five.hits == found.hits[:10], query
