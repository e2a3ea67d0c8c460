"""NDJSON: a complete copy of a library, one JSON object a line.

A library written and read back is the same library: records with everything known of them,
sources with their blocks, import runs, quarantine. What belongs to one copy alone (its id, its
revisions, its operations) is not part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from litrev.library.formats.format import COPY, Export
from litrev.library.model.record import Record, Value
from litrev.library.model.source import Text
from litrev.library.storage.chunks import chunks
from litrev.library.storage.library import Library, Made
from litrev.library.storage.sources import ImportRun, SourceRow
from litrev.text.json import dump

NAME = COPY
SUFFIXES = (".ndjson", ".jsonl")
VERSION = 1
_FIRST = re.compile(
    r'\{\s*"litrev"\s*:\s*"(?:library|source|record|block|import|quarantine)"\s*[,}]'
)


def is_copy(text: Text) -> bool:
    """Whether a text is a copy of a library, and no export of records."""
    return _FIRST.match(text.text.lstrip("\ufeff \t\r\n")[:100]) is not None


def write(library: Library, ids: Sequence[str]) -> Export:
    """Everything known of the records; of the whole library when ``ids`` are all of it."""
    return Export(_lines(library, ids))


def _lines(library: Library, ids: Sequence[str]) -> Iterator[str]:
    with library.snapshot():
        whole = len(ids) == library.count()
        sources = _sources(library, None if whole else ids)
        yield _line("library", version=VERSION, codebook=library.codebook_text())
        for source in sources:
            yield _line("source", **source._asdict())
        for record in _records(library, ids):
            yield _line("record", **record)
        yield from _blocks(library, sources, None if whole else set(ids))
        if whole:
            kept = {source.id for source in sources}
            yield from (
                _run(run, [source for source in read if source in kept])
                for run, read in library.sources.runs()
            )
            yield from _quarantine(library)


def _line(what: str, **values: Any) -> str:
    return dump({"litrev": what, **values}, indent=None)


def _sources(library: Library, ids: Sequence[str] | None) -> list[SourceRow]:
    sources = library.sources.all()
    if ids is not None:
        feeding = library.sources.feeding(ids)
        sources = [source for source in sources if source.id in feeding]
    kept = {source.id for source in sources}
    return [
        source if source.supersedes in kept else source._replace(supersedes=None)
        for source in sources
    ]


def _blocks(library: Library, sources: Sequence[SourceRow], kept: set[str] | None) -> Iterator[str]:
    for source in sources:
        for block in library.sources.living_blocks(source.id):
            if kept is None or block.record_id in kept:
                told = block._asdict()
                del told["raw_hash"]  # of the raw text, and made of it again
                yield _line("block", source_id=source.id, **told)


def _run(run: ImportRun, sources: list[str]) -> str:
    told = run._asdict()
    counts = told.pop("counts")._asdict()
    return _line("import", **told, **counts, sources=sources)


def _quarantine(library: Library) -> Iterator[str]:
    names = (
        "id",
        "run_id",
        "kind",
        "file",
        "line",
        "reason",
        "raw",
        "format",
        "record_id",
        "field",
        "locator",
    )
    for entry in library.quarantine.open():
        yield _line("quarantine", **{name: getattr(entry, name) for name in names})


def _records(library: Library, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    for chunk in chunks(ids):
        made = library.made(chunk)
        distinct = library.duplicate_keys.distinct_before(chunk)
        for record in library.stream(chunk):
            told = {**_metadata(record), **_made(record.id, made)}
            if (
                record.id in distinct
            ):  # each pair stands with the record that comes second: then the other is known already
                told["distinct"] = distinct[record.id]
            yield told


def _metadata(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "key": record.key,
        "key_generated": record.key_generated,
        "entry_type": record.entry_type,
        "type_guessed": record.type_guessed,
        "created": record.created,
        "fields": [field._asdict() for field in record.fields],
        "abstract": record.abstract,
        "tags": list(record.tags),
        "aliases": list(record.aliases),
        "notes": [note._asdict() for note in record.notes],
    }


def _made(record_id: str, made: Made) -> dict[str, Any]:
    names = ("id", "actor", "field", "subject", "verdict", "value_id", "at", "follows")
    return {
        "values": [_value(value) for value in made.values.get(record_id, {}).values()],
        "extraction": [search._asdict() for search in made.searches.get(record_id, ())],
        "decisions": [
            {name: getattr(decision, name) for name in names}
            for decision in made.decisions.get(record_id, ())
        ],
    }


def _value(value: Value) -> dict[str, Any]:
    names = ("id", "field", "text", "label", "number", "maker", "confidence", "made")
    return {
        **{name: getattr(value, name) for name in names},
        "evidence": [span._asdict() for span in value.evidence],
    }
