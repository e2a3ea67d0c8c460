"""Plain Whoosh reads what litrev writes, and ranks as litrev does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import log
from pathlib import Path
from typing import Any

import pytest

from litrev.index.documents import Document
from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3_writer import BLOCK
from litrev.index.embedded.engine import EmbeddedEngine
from litrev.index.embedded.manifest import read_manifest
from litrev.index.embedded.segment import Segment
from litrev.index.grammar import parse
from tests.conftest import ROOT
from tests.index.embedded.changing import FIELDS, STRUCTURED, document, seen

# By field and word; each row is a document, a weight, and positions where the field has them.
Postings = dict[str, list[list[Any]]]
# By word: pairs of a document and its score, and last the word's inverse document frequency.
Scores = dict[str, list[Any]]
WORDS = ["trust", "harbour", "ferri", "studi", "villag", "社区", "word7", "survei"]

COMPARE = """
import json, sys
from whoosh import __version__
from whoosh.index import open_dir
from whoosh.query import Term
from whoosh.scoring import BM25F

index = open_dir(sys.argv[1])
postings, scores = {}, {}
with index.searcher(weighting=BM25F(B=0.75, K1=2.4)) as searcher:
    names = sorted(set(index.schema.names()))
    for reader, start in (index.reader().leaf_readers()):
        for name, word in reader.all_terms():
            found = reader.postings(name, word)
            rows = postings.setdefault(f"{name} {word.decode()}", [])
            while found.is_active():
                places = None
                if name == "Content":
                    places = index.schema[name].format.decode_positions(found.value())
                rows.append((start + found.id(), found.weight(), places))
                found.next()
    for word in sys.argv[2:]:
        hits = searcher.search(Term("Content", word), limit=None)
        scores[word] = [(hit.docnum, hit.score) for hit in hits]
        scores[word].append(searcher.idf("Content", word.encode()))
json.dump([list(__version__), names, postings, scores], sys.stdout)
"""


def as_ours(folder: Path) -> tuple[Postings, list[str]]:
    """All postings as litrev reads them, numbered through all segments, and the ids by these
    numbers.
    """
    postings: Postings = {}
    ids: list[str] = []
    for entry in segments_of(folder):
        segment = Segment(folder, entry)
        for name in segment.terms.fields:
            for word, term in segment.terms.starting(name, b""):
                rows = postings.setdefault(f"{name} {word.decode()}", [])
                documents, weights, values = segment.postings(term)
                for k, number in enumerate(documents):
                    weight = weights[k] if weights else 1
                    places = layout.positions(values[k]) if name == layout.CONTENT else None
                    rows.append([len(ids) + number, float(weight), places])
        ids += map(segment.identity, range(segment.count))
        segment.close()
    return postings, ids


def segments_of(folder: Path) -> list[dict[str, Any]]:
    """What the manifest says about each segment."""
    manifest = read_manifest(folder)
    assert manifest is not None
    return list(manifest["segments"])


def build(engine: EmbeddedEngine) -> None:
    """Build an index of several segments, with deleted documents and lists of several blocks."""
    first = [document(number, number) for number in range(60)]
    many = [
        Document(f"many-{number:04}", {"title": f"trust {'ferry ' * (number % 4)}"}, None, ())
        for number in range(2 * BLOCK + 1)
    ]
    engine.rebuild(first, seen(0), lambda done: None)
    engine.apply(many, [], seen(1))
    engine.apply([document(3, 99)], ["id-05"], seen(2))


def read_by_whoosh(folder: Path, path: str) -> tuple[list[int], list[str], Postings, Scores]:
    """What plain Whoosh, from the folder ``path`` if any, prints of an index.

    That is its version, the names of the fields, all postings, and how it scores WORDS.
    """
    folders = filter(None, (path, str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COMPARE, str(folder), *WORDS],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    version, names, postings, scores = json.loads(done.stdout)
    return version, names, postings, scores


def deleted_of(folder: Path) -> set[int]:
    """The deleted documents, numbered through all segments."""
    deleted = set[int]()
    start = 0
    for segment in segments_of(folder):
        deleted |= {start + number for number in segment["deleted"]}
        start += segment["documents"]
    return deleted


def compare_with_whoosh(folder: Path, path: str = "") -> list[int]:
    """Let plain Whoosh read the index; its version."""
    engine = EmbeddedEngine(folder, STRUCTURED)
    build(engine)
    version, names, theirs, scores = read_by_whoosh(folder, path)
    ours, ids = as_ours(folder)
    assert {layout.CONTENT, layout.COMMON, layout.SURFACE} <= set(names)
    assert {key.split(" ")[0] for key in ours} <= set(names)
    deleted = deleted_of(folder)
    assert deleted
    assert len(segments_of(folder)) > 1
    assert theirs.keys() == ours.keys()
    for key, rows in ours.items():
        living = [row for row in rows if row[0] not in deleted]
        assert theirs[key] == living, key
    for word in WORDS:
        *hits, their_rarity = scores[word]
        documents = len(ours[f"{layout.CONTENT} {word}"])
        # The two count rarity in other ways, and K1 + 1 stands before both scores.
        rarity = inverse_document_frequency(len(ids), documents)
        factor = rarity * 2.2 / (their_rarity * 3.4)
        expected = [(-score * factor, ids[number]) for number, score in hits]
        ranks_alike(engine, word, expected)
    engine.close()
    return version


def ranks_alike(engine: EmbeddedEngine, word: str, expected: list[tuple[float, str]]) -> None:
    """The engine finds these pairs of negated score and id, in their order."""
    hits = engine.search(parse(word, FIELDS), None).hits
    assert len(hits) == len(expected) > 0, word
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    wanted = sorted(expected, key=rounded)
    got = sorted(((-hit.score, hit.id) for hit in hits), key=rounded)
    assert [identity for _, identity in got] == [identity for _, identity in wanted], word
    wanted_scores = [score for score, _ in wanted]
    assert [score for score, _ in got] == pytest.approx(wanted_scores, rel=1e-6), word


def rounded(hit: tuple[float, str]) -> tuple[float, str]:
    """A key by which scores that differ in the last digits alone count as equal."""
    score, identity = hit
    return round(score, 6), identity


def inverse_document_frequency(documents: int, matching: int) -> float:
    """That of BM25, worked out here once more and not taken from the engine."""
    return log(1 + (documents - matching + 0.5) / (matching + 0.5))


def test_plain_whoosh_reads_the_same_postings_and_ranks_alike(tmp_path: Path) -> None:
    assert compare_with_whoosh(tmp_path) == [2, 7, 4]


@pytest.mark.skipif(
    "LITREV_WHOOSH_RELOADED" not in os.environ,
    reason="LITREV_WHOOSH_RELOADED names no folder with whoosh-reloaded in it",
)
def test_whoosh_reloaded_reads_the_same_postings_and_ranks_alike(tmp_path: Path) -> None:
    """To run it: pip install --no-deps --target FOLDER whoosh-reloaded cached-property."""
    assert compare_with_whoosh(tmp_path, os.environ["LITREV_WHOOSH_RELOADED"]) > [2, 7, 4]
