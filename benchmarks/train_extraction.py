"""Train the small linear models of extraction on annotated abstracts, and say how they do on
abstracts they have not seen.

python benchmarks/train_extraction.py [PLACE...] [--folds 5] [--write]

A PLACE is a folder of annotated abstracts, one JSON file each (text, sentences with roles, fields
with spans), or a file of our own annotations, one JSON object a line. The abstracts are dealt into
parts, each judged by models trained on the others; with --write the models trained on all of them
become those of the program.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import learning
from litrev.library.extraction import linear, named, pipeline, research_object, roles, statements
from litrev.library.extraction.lexicon import lexicon_for
from litrev.library.extraction.sentences import RoledSentence, Sentence, split_sentences

WEIGHTS = Path(linear.__file__).parent / "data" / "weights.json"
SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
SCORER = SHARED / "extraction" / "score.py"
ANNOTATED = Path(__file__).parent / "annotated"
ALL = [
    "research_object",
    "methods",
    "chapters",
    "findings",
    "problems",
    "recommendations",
    "theory",
    "site",
]
REAL = 2.0  # what an abstract that was not written for training counts
KINDS = ["none", "findings", "problems", "causes", "recommendations"]
Document = dict[str, Any]
Sample = tuple[Sequence[str], str, float]


def use(models: Mapping[str, Any]) -> None:
    """Judge by these models from now on."""
    loaded = linear.loaded(models)
    linear.models = lambda: loaded  # type: ignore[assignment]


def train_roles(documents: Sequence[Document]) -> dict[str, Any]:
    sequences, labels, weights = [], [], []
    for document in documents:
        text = document["text"]
        rows = roles.features_of(
            [
                Sentence(s["start"], s["end"], text[s["start"] : s["end"]])
                for s in document["sentences"]
            ],
            lexicon_for(text),
        )
        kept = [
            (row, state(document, s))
            for row, s in zip(rows, document["sentences"], strict=True)
            if row is not None
        ]
        if kept:
            weights.append(document["weight"])
            sequences.append([row for row, _ in kept])
            labels.append([role for _, role in kept])
    return learning.fit_chain(sequences, labels, weights, strength=0.7)


def state(document: Document, sentence: Mapping[str, Any]) -> str:
    """The role of a sentence; a result that states problems and no findings is a "problem"."""

    def states(field: str) -> bool:
        starts = [span["start"] for span in document["fields"].get(field, [])]
        return any(sentence["start"] <= start < sentence["end"] for start in starts)

    if sentence["role"] == "result" and states("problems") and not states("findings"):
        return "problem"
    return str(sentence["role"])


def overlap(a: Mapping[str, int] | tuple[int, int], b: Mapping[str, Any]) -> float:
    start, end = a if isinstance(a, tuple) else (a["start"], a["end"])
    shared, whole = (
        min(end, b["end"]) - max(start, b["start"]),
        max(end, b["end"]) - min(start, b["start"]),
    )
    return float(max(0, shared) / whole)


def best(
    span: tuple[int, int], spans: Iterable[tuple[str, Mapping[str, Any]]]
) -> tuple[float, str, bool]:
    """The overlap with the span that fits best, its kind, and whether it is optional."""
    fits = [(round(overlap(span, s), 6), not s.get("optional"), kind) for kind, s in spans]
    share, required, kind = max(fits, default=(0.0, False, ""))
    return share, kind, not required


def statement_labels(
    document: Document, rows: Sequence[Sequence[statements.Weighed]]
) -> list[list[tuple[str, float]]]:
    """What each stretch is, by the annotated spans, and how much that counts."""
    fields = document["fields"]
    spans = [(field, s) for field in ("findings", "recommendations") for s in fields.get(field, [])]
    spans += [
        ("causes" if s.get("kind") == "cause" else "problems", s)
        for s in fields.get("problems", [])
    ]

    def label(stretch: statements.Weighed) -> tuple[str, float]:
        share, kind, optional = best(stretch.span, spans)
        if share >= 0.5:
            return kind, 0.3 if optional else 1.0
        return "none", 0.4 if share > 0.35 else 1.0

    return [[label(stretch) for stretch in row] for row in rows]


def statement_samples(document: Document, sentences: Sequence[RoledSentence]) -> list[Sample]:
    rows = [*statements.candidates(document["text"], sentences, lexicon_for(document["text"]))]
    labels = statement_labels(document, rows)
    return [
        (stretch.features, *told)
        for row, row_labels in zip(rows, labels, strict=True)
        for stretch, told in zip(row, row_labels, strict=True)
    ]


def name_samples(
    field: str, document: Document, sentences: Sequence[RoledSentence]
) -> list[Sample]:
    text, spans = document["text"], [("yes", s) for s in document["fields"].get(field, [])]
    said = {s["text"].casefold(): bool(s.get("optional")) for _, s in reversed(spans)}
    found: list[Sample] = []
    for name in named.names(field, text, sentences, lexicon_for(text)):
        share, _, optional = best((name.start, name.end), spans)
        spoken = text[name.start : name.end].casefold()
        if share < 0.5 and spoken in said:
            share, optional = 1.0, said[spoken]
        found.append(
            (
                name.features,
                "yes" if share >= 0.5 else "no",
                (0.3 if optional else 1.0) if share >= 0.5 else 1.0,
            )
        )
    return found


def object_samples(document: Document, sentences: Sequence[RoledSentence]) -> list[Sample]:
    text, spans = (
        document["text"],
        [("yes", s) for s in document["fields"].get("research_object", [])],
    )
    found: list[Sample] = []
    for phrase in research_object.phrases(text, sentences, lexicon_for(text)):
        share, _, optional = best((phrase.start, phrase.end), spans)
        found.append(
            (
                phrase.features,
                "yes" if share >= 0.5 else "no",
                0.7 if optional and share >= 0.5 else 1.0,
            )
        )
    return found


def fit(samples: Sequence[Sample], order: Sequence[str], strength: float) -> dict[str, Any]:
    rows, labels, weights = (
        [s[0] for s in samples],
        [s[1] for s in samples],
        [s[2] for s in samples],
    )
    if not order:
        return learning.fit_pair(rows, labels, weights, strength=strength)
    return learning.fit_choice(rows, labels, weights, strength=strength, order=order)


Maker = Callable[[Document, Sequence[RoledSentence]], list[Sample]]


def name_maker(field: str) -> Maker:
    return lambda document, sentences: name_samples(field, document, sentences)


MAKERS: dict[str, tuple[Maker, list[str], float]] = {
    "statements": (statement_samples, KINDS, 4.0),
    "research_object": (object_samples, [], 1.0),
    **{field: (name_maker(field), [], 1.0) for field in named.FIELDS},
}


def trained(
    name: str, documents: Sequence[Document], read: Mapping[str, Sequence[RoledSentence]]
) -> dict[str, Any]:
    maker, order, strength = MAKERS[name]
    samples = [
        (features, label, weight * d["weight"])
        for d in documents
        for features, label, weight in maker(d, read[d["id"]])
    ]
    return fit(samples, order, strength)


def dealt(documents: Sequence[Document], folds: int) -> list[list[Document]]:
    order = list(documents)
    random.Random(1).shuffle(order)
    return [order[n::folds] for n in range(folds)]


def without(documents: Sequence[Document], part: Sequence[Document]) -> list[Document]:
    held = {d["id"] for d in part}
    return [d for d in documents if d["id"] not in held]


def read_part(
    documents: Sequence[Document], part: Sequence[Document]
) -> dict[str, list[RoledSentence]]:
    """The sentences of each abstract of a part, with roles from models that never saw it."""
    use({"roles": train_roles(without(documents, part))})
    found = {}
    for document in part:
        lexicon = lexicon_for(document["text"])
        found[document["id"]] = roles.assign_roles(
            split_sentences(document["text"], lexicon), lexicon
        )
    return found


def judge_part(
    documents: Sequence[Document], part: Sequence[Document], read: Mapping[str, list[RoledSentence]]
) -> list[dict[str, Any]]:
    """What models that never saw an abstract propose for it."""
    rest = without(documents, part)
    use({name: trained(name, rest, read) for name in MAKERS})
    lines = []
    for document in part:
        text, sentences = document["text"], read[document["id"]]
        for p in pipeline.fields_of(text, sentences, lexicon_for(text)):
            quote = text[p.start : p.end]
            line = {
                "id": document["id"],
                "field": p.field,
                "value": p.label or (quote.lower() if p.field == "methods" else quote),
                "text": quote,
            }
            lines.append(
                {
                    **line,
                    "start": p.start,
                    "end": p.end,
                    "confidence": p.confidence,
                    "number": p.number,
                    "rule": p.rule,
                }
            )
        for s in sentences:
            line = {"id": document["id"], "field": "sentence", "value": s.role}
            lines.append(
                {**line, "start": s.sentence.start, "end": s.sentence.end, "confidence": 0.5}
            )
    return lines


def score(documents: Sequence[Document], lines: Sequence[Mapping[str, Any]], *options: str) -> str:
    """The scorer's table for these abstracts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "gold").mkdir()
        for document in documents:
            (folder / "gold" / f"{document['id']}.json").write_text(json.dumps(document), "utf-8")
        held = {d["id"] for d in documents}
        (folder / "lines").write_text(
            "".join(json.dumps(line) + "\n" for line in lines if line["id"] in held), "utf-8"
        )
        done = subprocess.run(
            [sys.executable, str(SCORER), str(folder / "lines"), str(folder / "gold"), *options],
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout


def documents_in(places: Iterable[Path]) -> list[Document]:
    """The annotated abstracts of folders and files; of a folder that says which of them are open,
    only those.
    """
    found: list[Document] = []
    for place in places:
        if place.suffix == ".jsonl":
            found += [
                {**whole(json.loads(line), str(place)), "weight": 1.0}
                for line in place.read_text("utf-8").splitlines()
            ]
            continue
        split = place / "SPLIT.tsv"
        rows = (
            [line.split("\t") for line in split.read_text("utf-8").splitlines()[1:]]
            if split.exists()
            else []
        )
        closed = {row[0] for row in rows if row[3] == "closed"}
        paths = [path for path in sorted(place.glob("*.json")) if path.stem not in closed]
        found += [
            {**json.loads(path.read_text("utf-8")), "folder": str(place), "weight": REAL}
            for path in paths
        ]
    return found


def whole(entry: dict[str, Any], folder: str) -> Document:
    """A line of our own annotations as the scorer reads it; an abstract of the corpus is looked up
    there.
    """
    text = entry["text"] if "text" in entry else corpus()[entry["corpus"]]
    sentences = [
        {"start": s, "end": e, "role": role, "also": also}
        for s, e, role, *also in entry["sentences"]
    ]
    fields: dict[str, list[dict[str, Any]]] = {}
    for field in ALL:
        quotes = [
            {**span, "text": text[span["start"] : span["end"]]}
            for span in entry["fields"].get(field, [])
        ]
        fields[field] = [
            {
                "value": span["text"].lower(),
                "optional": False,
                **({"number": None} if field == "chapters" else {}),
                **span,
            }
            for span in quotes
        ]
    return {
        "id": entry["id"],
        "lang": entry["lang"],
        "text": text,
        "sentences": sentences,
        "fields": fields,
        "folder": folder,
    }


@cache
def corpus() -> dict[str, str]:
    """The abstracts of the corpus by their keys."""
    with lzma.open(SHARED / "corpus" / "records-100k.jsonl.xz", "rt", encoding="utf-8") as lines:
        records = (json.loads(line) for line in lines)
        return {record["key"]: record.get("abstract") or "" for record in records}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "places",
        nargs="*",
        type=Path,
        default=[
            SHARED / "extraction" / "gold",
            SHARED / "extraction" / "dev",
            *sorted(ANNOTATED.glob("*.jsonl")),
        ],
    )
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--lines", type=Path, help="write what was judged, a JSON object a line")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    documents = documents_in(options.places)
    parts = dealt(documents, options.folds)
    with ProcessPoolExecutor() as pool:
        read: dict[str, list[RoledSentence]] = {}
        for found in pool.map(read_part, repeat(documents), parts):
            read.update(found)
        judged = [
            line
            for lines in pool.map(judge_part, repeat(documents), parts, repeat(read))
            for line in lines
        ]
        report(documents, judged, options)
        if options.write:
            names = ["roles", *MAKERS]
            final = [
                pool.submit(train_roles, documents),
                *(pool.submit(trained, name, documents, read) for name in MAKERS),
            ]
            weights = dict(zip(names, (future.result() for future in final), strict=True))
            told = {**weights, "confidence": confidences(documents, judged)}
            WEIGHTS.write_text(
                json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8"
            )
            print(
                {name: len(model["weights"]) for name, model in weights.items()},
                WEIGHTS.stat().st_size,
                "bytes",
            )


def confidences(
    documents: Sequence[Document], lines: Sequence[Mapping[str, Any]]
) -> dict[str, list[list[float]]]:
    """For each field, how often what was judged this likely was right: points of a line that never
    falls.
    """
    spans = {
        (d["id"], field): [("", s) for s in found]
        for d in documents
        for field, found in d["fields"].items()
    }
    seen: dict[str, list[tuple[float, bool]]] = {}
    for line in lines:
        if line["field"] != "sentence":
            share, _, _ = best(
                (line["start"], line["end"]), spans.get((line["id"], line["field"]), [])
            )
            same = any(
                line["text"].casefold() == s["text"].casefold()
                for _, s in spans.get((line["id"], line["field"]), [])
            )
            seen.setdefault(line["field"], []).append(
                (line["confidence"], share >= 0.5 or (same and line["field"] in named.FIELDS))
            )
    return {field: learning.rising(pairs) for field, pairs in seen.items()}


def report(
    documents: Sequence[Document], lines: Sequence[Mapping[str, Any]], options: argparse.Namespace
) -> None:
    """Print the scorer's tables, for all and for each folder."""
    if options.lines:
        options.lines.write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8"
        )
    for folder in [None, *dict.fromkeys(d["folder"] for d in documents)]:
        print(folder or "all")
        print(
            score(
                [d for d in documents if folder in {None, d["folder"]}],
                lines,
                *(["--errors"] if options.errors else []),
            )
        )


if __name__ == "__main__":
    main()
