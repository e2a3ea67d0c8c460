"""NDJSON: a complete copy of a library, one JSON object a line.

A library written and read back is the same library: records with everything known about them,
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
from litrev.library.storage.library import ExtractionHistory, Library
from litrev.library.storage.sources import SourceRow
from litrev.text.json import dump

NAME = COPY
SUFFIXES = (".ndjson", ".jsonl")
VERSION = 1
# How a line of a copy begins: with its kind, in whichever order the lines come.
_FIRST = re.compile(
    r'\{\s*"litrev"\s*:\s*"(?:library|source|record|block|import|quarantine)"\s*[,}]'
)

# What of a row is written, in this order.
_QUARANTINE_COLUMNS = (
    "id", "run_id", "kind", "file", "line", "reason", "raw", "format",
    "record_id", "field", "locator",
)  # fmt: skip
_DECISION_COLUMNS = ("id", "actor", "field", "subject", "verdict", "value_id", "at", "follows")
_VALUE_COLUMNS = ("id", "field", "text", "label", "number", "maker", "confidence", "made")


def is_copy(text: Text) -> bool:
    """Whether a text is a copy of a library, and not an export of records.

    Only its beginning is looked at.
    """
    beginning = text.text.lstrip("\ufeff \t\r\n")[:100]
    return _FIRST.match(beginning) is not None


def write(library: Library, ids: Sequence[str]) -> Export:
    """Everything known about the records; about the whole library if ``ids`` are all of it.

    The lines are made while the export is read: until its end, the library must stay open. All of
    them show the library as it was when the first was read.
    """
    lines = _lines(library, ids)
    return Export(lines)


def _lines(library: Library, ids: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the copy; import runs and quarantine only if it is of all records."""
    with library.snapshot():
        is_whole = len(ids) == library.count()
        some_ids = None if is_whole else ids
        sources = _sources(library, some_ids)
        yield _line("library", version=VERSION, codebook=library.codebook_text())
        # Sources come before records, and records before blocks: a line that is merged may only
        # refer to what is there already.
        for source in sources:
            yield _line("source", **source._asdict())
        for record in _records(library, ids):
            yield _line("record", **record)
        yield from _blocks(library, sources, some_ids)
        if is_whole:
            yield from _runs(library, sources)
            yield from _quarantine(library)


def _line(line_kind: str, **values: Any) -> str:
    """One line of the copy: its kind first, by which :func:`is_copy` knows it, then the values."""
    return dump({"litrev": line_kind, **values}, indent=None)


def _sources(library: Library, ids: Sequence[str] | None) -> list[SourceRow]:
    """All sources, or those that have a block of one of the records; older versions first."""
    sources = library.sources.all()
    if ids is not None:
        feeding = library.sources.sources_of(ids)
        sources = [source for source in sources if source.id in feeding]
    kept = {source.id for source in sources}
    for position, source in enumerate(sources):
        # A source must not refer to an earlier version that is not in the copy.
        if source.supersedes not in kept:
            sources[position] = source._replace(supersedes=None)
    return sources


def _blocks(
    library: Library, sources: Sequence[SourceRow], ids: Sequence[str] | None
) -> Iterator[str]:
    """Yield the blocks of the sources; with ``ids``, only those that belong to these records."""
    kept = None if ids is None else set(ids)
    for source in sources:
        for block in library.sources.present_blocks(source.id):
            if kept is None or block.record_id in kept:
                values = block._asdict()
                del values["raw_hash"]  # made again from the raw text when the line is merged
                yield _line("block", source_id=source.id, **values)


def _runs(library: Library, sources: Sequence[SourceRow]) -> Iterator[str]:
    """Yield the import runs, each with its equation and the ids of the sources that it read."""
    kept = {source.id for source in sources}
    for run, read in library.sources.runs():
        values = run._asdict()
        counts = values.pop("counts")._asdict()
        source_ids = [source_id for source_id in read if source_id in kept]
        yield _line("import", **values, **counts, sources=source_ids)


def _quarantine(library: Library) -> Iterator[str]:
    """Yield the entries of the quarantine that nobody has settled."""
    for entry in library.quarantine.open():
        yield _line("quarantine", **_values(entry, _QUARANTINE_COLUMNS))


def _records(library: Library, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield what the lines of the records hold, in the order of ``ids``."""
    for chunk in chunks(ids):
        made = library.extraction_history(chunk)
        distinct = library.duplicate_keys.distinct_before(chunk)
        for record in library.stream(chunk):
            values = _metadata(record)
            values.update(_made(record.id, made))
            # Each pair goes with the record that comes second: when its line is merged, the
            # other one is there already.
            if record.id in distinct:
                values["distinct"] = distinct[record.id]
            yield values


def _metadata(record: Record) -> dict[str, Any]:
    """What a record holds beside its structured fields."""
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


def _made(record_id: str, made: ExtractionHistory) -> dict[str, Any]:
    """What was ever extracted, entered and decided for a record."""
    values_by_id = made.values.get(record_id, {})
    searches = made.searches.get(record_id, ())
    decisions = made.decisions.get(record_id, ())
    return {
        "values": [_value(value) for value in values_by_id.values()],
        "extraction": [search._asdict() for search in searches],
        "decisions": [_values(decision, _DECISION_COLUMNS) for decision in decisions],
    }


def _value(value: Value) -> dict[str, Any]:
    """A value of a structured field, with the evidence for it."""
    evidence = [span._asdict() for span in value.evidence]
    return {**_values(value, _VALUE_COLUMNS), "evidence": evidence}


def _values(row: object, names: Sequence[str]) -> dict[str, Any]:
    """The attributes of a row that have these names."""
    return {name: getattr(row, name) for name in names}
