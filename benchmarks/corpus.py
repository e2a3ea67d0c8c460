"""The records of the shared corpus as BibTeX, for benchmarks."""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litrev.library.bibtex.writer import write_entry
from litrev.library.model.record import Field

CORPUS = (
    Path(__file__).parent.parent.parent / "shared" / "data" / "corpus" / "records-100k.jsonl.xz"
)
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


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that all benchmarks have."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--records", type=int, default=1000)
    return made


@contextmanager
def prepared(description: str | None) -> Iterator[tuple[Path, dict[str, str], int]]:
    """A folder with ``corpus.bib`` of as many records as --records asks for, an environment apart,
    and that number.
    """
    count = parser(description).parse_args().records
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_bibtex(folder / "corpus.bib", count)
        yield (
            folder,
            {"LITREV_CACHE": str(folder / "cache"), "LITREV_CONFIG": str(folder / "config.toml")},
            count,
        )
