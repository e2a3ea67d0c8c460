"""The records of the shared corpus as BibTeX, for benchmarks."""

from __future__ import annotations

import itertools
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from litrev.library.bibtex.writer import write_entry
from litrev.library.record import Field

CORPUS = Path(__file__).parent.parent.parent / "shared" / "data" / "corpus" / "records-100k.jsonl.xz"
_FIELDS = ("title", "author", "year", "booktitle", "journal", "doi", "abstract")


def records(count: int) -> Iterator[dict[str, Any]]:
    """The first ``count`` records of the corpus."""
    with lzma.open(CORPUS, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, itertools.islice(lines, count))


def write_bibtex(path: Path, count: int) -> None:
    """Write the first ``count`` records as a .bib file."""
    with path.open("w", encoding="utf-8") as file:
        for record in records(count):
            fields = [Field(name, str(record[name])) for name in _FIELDS if record.get(name)]
            file.write(write_entry(record.get("entrytype") or "misc", record["key"], fields) + "\n")
