"""Extraction scored, or its predictions written as the scorer reads them, through the public face.

python benchmarks/extraction.py --predictions OUT.jsonl FILES...
python benchmarks/extraction.py --score FOLDER [--split open]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import litrev

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


def main() -> None:
    """Write predictions, or print the scorer's table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--score", type=Path)
    parser.add_argument("--split")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
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
