"""Extraction scored, or its predictions written as the scorer reads them, through the public face.

python benchmarks/extraction.py --predictions OUT.jsonl FILES...
python benchmarks/extraction.py --score FOLDER [--split open]
python benchmarks/extraction.py --speed FOLDER

--score prints the scorer's table with its bootstrap interval, and how often values of each confidence were right.
--speed compares extraction with searching every sentence once for every cue of the language, the import of the
extractor with that of rich, and a text with one twice as long.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import litrev
from litrev.library.extraction.pipeline import extract, read

SECTIONS = ("roles", "research_object", "methods", "findings", "problems", "causes", "recommendations", "theory", "chapters")
CUES = {"explicit", "label", "aim", "passive", "verb", "declare", "done", "example", "leads", "list", "exclude", "modal", "work"}
SCORER = Path(__file__).parent.parent.parent / "shared" / "data" / "extraction" / "score.py"


def predictions(name: str, text: str) -> Iterator[dict[str, Any]]:
    """What a new library proposes for an abstract."""
    with tempfile.TemporaryDirectory() as folder, litrev.init(folder) as review:
        review.add_text(text)
        for record in review.records():
            for field, cell in review.cells(record.id).items():
                for item in cell.items:
                    for e in item.value.evidence:
                        value = item.value.label or (e.quote.lower() if field == "methods" else e.quote)
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


def cue_table(text: str) -> int:
    """Search every sentence once for every cue; how many were found."""
    found = 0
    lexicon, sentences = read(text)
    patterns = [lexicon.cues(section, name) for section in SECTIONS for name in lexicon.table[section] if name in CUES or section == "roles"]
    for sentence in sentences:
        for pattern in patterns:
            found += sum(1 for _ in pattern.finditer(text, sentence.start, sentence.end)) if pattern else 0
    return found


def seconds(work: Callable[[], object]) -> float:
    """The least CPU time of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def imported(module: str) -> float:
    """The least time of ten imports, each in a new process, less that of starting Python."""

    def run(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    return min(run(f"import {module}") for _ in range(10)) - min(run("pass") for _ in range(10))


def speed(files: list[Path]) -> None:
    """Print the ratios."""
    texts = [text_of(file) for file in files]
    for text in texts:
        extract(text)  # patterns compiled and weights read
    reading = seconds(lambda: [read(text) for text in texts])
    cues = seconds(lambda: list(map(cue_table, texts))) - reading
    whole = seconds(lambda: [extract(text) for text in texts])
    print(f"extraction: {1000 * whole / len(texts):.1f} ms an abstract, {whole / cues:.1f} times the search for every cue")
    print(f"import of the extractor: {imported('litrev.library.extraction.pipeline') / imported('rich.console'):.2f} times that of rich.console")
    long = "\n".join(texts)[:40_000]
    once, twice = seconds(lambda: extract(long)), seconds(lambda: extract(long + "\n" + long))
    print(f"a text twice as long: {twice / once:.2f} times the time")
    huge = (long * 600)[:20_000_000]
    print(f"a paste of 20 MB: {seconds(lambda: extract(huge)) / once:.1f} times the time of its first 40,000 characters")


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
            subprocess.run([sys.executable, str(SCORER), f"{name}/predictions.jsonl", str(gold), "--boot", "1000"], check=True)


if __name__ == "__main__":
    main()
