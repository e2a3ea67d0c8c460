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


def as_ours(engine: EmbeddedEngine, folder: Path) -> tuple[dict[str, list[Any]], list[str]]:
    """All postings as litrev reads them, numbered through all segments, and the ids by these
    numbers.
    """
    told = read_manifest(folder)
    assert told is not None
    postings: dict[str, list[Any]] = {}
    ids: list[str] = []
    for entry in told["segments"]:
        segment = Segment(folder, entry)
        for name in segment.terms.fields:
            for word, term in segment.terms.starting(name, b""):
                documents, weights, values = segment.postings(term)
                rows = postings.setdefault(f"{name} {word.decode()}", [])
                for k, number in enumerate(documents):
                    places = layout.positions(values[k]) if name == layout.CONTENT else None
                    rows.append([len(ids) + number, float(weights[k] if weights else 1), places])
        ids += [segment.identity(number) for number in range(segment.count)]
        segment.close()
    return postings, ids


def compare_with_whoosh(folder: Path, path: str = "") -> list[int]:
    """Let plain Whoosh read the index; its version."""
    engine = EmbeddedEngine(folder, STRUCTURED)
    engine.rebuild((document(number, number) for number in range(60)), seen(0), lambda done: None)
    many = (
        Document(f"many-{number:04}", {"title": f"trust {'ferry ' * (number % 4)}"}, None, ())
        for number in range(2 * BLOCK + 1)
    )
    engine.apply(many, [], seen(1))
    engine.apply([document(3, 99)], ["id-05"], seen(2))
    words = ["trust", "harbour", "ferri", "studi", "villag", "社区", "word7", "survei"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (path, str(ROOT))))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COMPARE, str(folder), *words],
        capture_output=True,
        text=True,
        env=environ,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    version, names, theirs, scores = json.loads(done.stdout)
    ours, ids = as_ours(engine, folder)
    assert {layout.CONTENT, layout.COMMON, layout.SURFACE} <= set(names)
    assert {key.split(" ")[0] for key in ours} <= set(names)
    told = read_manifest(folder) or {}
    deleted, start = set[int](), 0
    for segment in told["segments"]:
        deleted |= {start + number for number in segment["deleted"]}
        start += segment["documents"]
    assert deleted
    assert len(told["segments"]) > 1
    living = {key: [row for row in rows if row[0] not in deleted] for key, rows in ours.items()}
    assert theirs.keys() == living.keys()
    for key, rows in theirs.items():
        assert rows == living[key], key
    for word in words:
        *hits, rarity = scores[word]
        mine = engine.search(parse(word, FIELDS), None).hits
        documents = len(ours[f"{layout.CONTENT} {word}"])
        # The two count rarity in other ways, and K1 + 1 stands before both scores.
        factor = engine_rarity(len(ids), documents) * 2.2 / (rarity * 3.4)
        assert len(mine) == len(hits) > 0, word
        wanted = sorted(
            ((-score * factor, ids[number]) for number, score in hits),
            key=lambda hit: (round(hit[0], 6), hit[1]),
        )
        got = sorted(
            ((-hit.score, hit.id) for hit in mine), key=lambda hit: (round(hit[0], 6), hit[1])
        )
        assert [hit[1] for hit in got] == [hit[1] for hit in wanted], word
        assert [hit[0] for hit in got] == pytest.approx([hit[0] for hit in wanted], rel=1e-6), word
        assert [hit.score for hit in mine] == sorted((hit.score for hit in mine), reverse=True)
    engine.close()
    return list(version)


def engine_rarity(documents: int, holding: int) -> float:
    return log(1 + (documents - holding + 0.5) / (holding + 0.5))


def test_plain_whoosh_reads_the_same_postings_and_ranks_alike(tmp_path: Path) -> None:
    assert compare_with_whoosh(tmp_path) == [2, 7, 4]


@pytest.mark.skipif(
    "LITREV_WHOOSH_RELOADED" not in os.environ,
    reason="LITREV_WHOOSH_RELOADED names no folder with whoosh-reloaded in it",
)
def test_whoosh_reloaded_reads_the_same_postings_and_ranks_alike(tmp_path: Path) -> None:
    """To run it: pip install --no-deps --target FOLDER whoosh-reloaded cached-property."""
    assert compare_with_whoosh(tmp_path, os.environ["LITREV_WHOOSH_RELOADED"]) > [2, 7, 4]
