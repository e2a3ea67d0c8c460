"""Extraction scored, or its predictions written as the scorer reads them, through the public face.

python benchmarks/extraction.py --predictions OUT.jsonl FILES...
python benchmarks/extraction.py --score FOLDER [--split open]
python benchmarks/extraction.py --speed FOLDER

--score prints the scorer's table with its bootstrap interval, and how often values of each
confidence were right. --speed compares extraction with searching every sentence once for every cue
of the language, the import of the extractor with that of rich, and a text with one twice as long.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import litrev
from litrev.library.extraction.cues import either
from litrev.library.extraction.lexicon import Lexicon, lexicon_for, method_names
from litrev.library.extraction.pipeline import extract
from litrev.library.extraction.sentences import split_sentences

CUES = {
    "explicit",
    "label",
    "aim",
    "passive",
    "verb",
    "declare",
    "done",
    "example",
    "leads",
    "list",
    "exclude",
    "modal",
    "work",
}
SCORER = Path(__file__).parent.parent.parent / "shared" / "data" / "extraction" / "score.py"


def predictions(name: str, text: str) -> Iterator[dict[str, Any]]:
    """What a new library proposes for an abstract."""
    with tempfile.TemporaryDirectory() as folder, litrev.init(folder) as review:
        review.add_text(text)
        for record in review.records():
            for field, cell in review.cells(record.id).items():
                for item in cell.items:
                    for e in item.value.evidence:
                        value = item.value.label or (
                            e.quote.lower() if field == "methods" else e.quote
                        )
                        yield {
                            "id": name,
                            "field": field,
                            "value": value,
                            "start": e.start,
                            "end": e.end,
                            "text": e.quote,
                            "confidence": item.value.confidence,
                            "number": item.value.number,
                        }


def text_of(path: Path) -> str:
    """The abstract in a text file or an annotated JSON file."""
    content = path.read_bytes().decode("utf-8")
    return str(json.loads(content)["text"]) if path.suffix == ".json" else content


def write(path: Path, files: list[Path]) -> None:
    """Write the predictions for ``files``, a JSON object a line."""
    with path.open("w", encoding="utf-8") as out:
        for file in files:
            for line in predictions(file.stem, text_of(file)):
                out.write(json.dumps(line, ensure_ascii=False) + "\n")


def part(folder: Path, split: str | None) -> list[Path]:
    """The annotated files of one part of a folder, or all of them."""
    files = sorted(folder.glob("*.json"))
    if split is None:
        return files
    rows = [line.split("\t") for line in (folder / "SPLIT.tsv").read_text("utf-8").splitlines()[1:]]
    names = {row[0] for row in rows if row[3] == split}
    return [file for file in files if file.stem in names]


@cache
def table(lexicon: Lexicon) -> list[re.Pattern[str]]:
    """The whole cue table of a language: a pattern for each list of its data file, and one for the
    names of methods.
    """
    lists = [
        (section, name)
        for section, found in lexicon.table.items()
        if isinstance(found, dict)
        for name in found
    ]
    cues = [
        lexicon.cues(section, name) for section, name in lists if section == "roles" or name in CUES
    ]
    plain = [
        lexicon.list(section, name)
        for section, name in lists
        if section != "roles" and name not in CUES
    ]
    return [
        *filter(None, cues),
        *(re.compile(either(words), re.IGNORECASE) for words in (*plain, tuple(method_names()))),
    ]


def cue_table(text: str) -> int:
    """Search every sentence once for every cue; how many were found."""
    lexicon = lexicon_for(text)
    return sum(
        1
        for s in split_sentences(text, lexicon)
        for pattern in table(lexicon)
        for _ in pattern.finditer(s.text)
    )


def seconds(*works: Callable[[], object]) -> list[float]:
    """The least CPU time of five runs of each, one after the other in turn."""
    least = [float("inf")] * len(works)
    for _ in range(5):
        for n, work in enumerate(works):
            start = time.process_time()
            work()
            least[n] = min(least[n], time.process_time() - start)
    return least


def imported(*modules: str) -> list[float]:
    """The least CPU time of importing each, in turn and each time in a new process, less that of
    starting Python.
    """
    least = [float("inf")] * (len(modules) + 1)
    for _ in range(15):
        for n, code in enumerate(["pass", *(f"import {module}" for module in modules)]):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", code], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            least[n] = min(
                least[n], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            )
    return [time - least[0] for time in least[1:]]


def speed(files: list[Path]) -> None:
    """Print the ratios."""
    texts = [text_of(file) for file in files]
    for text in texts:
        extract(text)  # patterns compiled and weights read
    cues, whole = seconds(lambda: list(map(cue_table, texts)), lambda: list(map(extract, texts)))
    print(
        f"extraction: {1000 * whole / len(texts):.1f} ms an abstract, "
        f"{whole / cues:.1f} times the search for every cue"
    )
    ours, rich = imported("litrev.library.extraction.pipeline", "rich.console")
    print(f"import of the extractor: {ours / rich:.2f} times that of rich.console")
    long = "\n".join(texts)[:40_000]
    huge = (long * 600)[:20_000_000]
    once, twice, paste = seconds(
        lambda: extract(long), lambda: extract(long + "\n" + long), lambda: extract(huge)
    )
    print(f"a text twice as long: {twice / once:.2f} times the time")
    print(f"a paste of 20 MB: {paste / once:.1f} times the time of its first 40,000 characters")


def main() -> None:
    """Write predictions, or print the scorer's table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--score", type=Path)
    parser.add_argument("--split")
    parser.add_argument("--speed", type=Path)
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    if options.speed:
        speed(part(options.speed, options.split))
    if options.predictions:
        write(options.predictions, options.files)
    if options.score:
        with tempfile.TemporaryDirectory() as name:
            gold = Path(name) / "gold"
            gold.mkdir()
            files = part(options.score, options.split)
            for file in files:
                (gold / file.name).write_bytes(file.read_bytes())
            write(Path(name) / "predictions.jsonl", files)
            subprocess.run(
                [
                    sys.executable,
                    str(SCORER),
                    f"{name}/predictions.jsonl",
                    str(gold),
                    "--boot",
                    "1000",
                ],
                check=True,
            )


if __name__ == "__main__":
    main()
