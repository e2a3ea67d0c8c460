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
from litrev.index.engine import Seen
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
    """A record of the corpus as an engine indexes it."""
    methods = record["methods"] or ()
    findings = str(record["findings"] or "")
    joined_methods = "\x1e ".join(methods)
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
        record["key"],
        {name: text for name, text in texts.items() if text},
        record["year"],
        (),
        {"methods": tuple(dict.fromkeys(methods))},
    )


def seen(revision: int) -> Seen:
    return Seen(Position("library", "epoch", revision, 1), 1, 1)


@pytest.fixture(scope="module")
def engines(
    shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedEngine, ReferenceEngine]]:
    embedded = EmbeddedEngine(tmp_path_factory.mktemp("index"), STRUCTURED)
    reference = ReferenceEngine()
    found = list(documents(shared("corpus/records-100k.jsonl.xz")))
    embedded.rebuild(found, seen(1), lambda done: None)
    reference.rebuild(found, seen(1), lambda done: None)
    # A third of it once more, so that there are several segments with deleted documents in them.
    embedded.apply(found[::3], [], seen(2))
    yield embedded, reference
    embedded.close()


def test_every_query_of_the_set_and_harder_ones_find_the_same(
    engines: tuple[EmbeddedEngine, ReferenceEngine], shared: Callable[[str], Path]
) -> None:
    embedded, reference = engines
    query_set = json.loads(shared("search/queries.json").read_text("utf-8"))
    for query in [*map(written, query_set), *HARD]:
        tree = parse(query, FIELDS)
        found = embedded.search(tree, None, 0, ("year", "methods"))
        expected = reference.search(tree, None, 0, ("year", "methods"))
        assert {hit.id for hit in found.hits} == {hit.id for hit in expected.hits}, query
        assert found.total == expected.total == embedded.count(tree), query
        assert found.facets == expected.facets, query
        best_first = sorted(found.hits, key=lambda hit: (-hit.score, hit.id))
        assert list(found.hits) == best_first, query
        first_page = embedded.search(tree, 5).hits
        second_page = embedded.search(tree, 5, 5).hits
        assert first_page + second_page == found.hits[:10], query
