"""Records on their way out: with their cells, and with the BibTeX entries they were read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial

from litrev.library.bibtex.entry_source import (
    Definitions,
    Entry,
    EntrySource,
    FileEntry,
    definitions,
    latex,
)
from litrev.library.model.crossref import PARENTS
from litrev.library.model.record import Cell, Field, Record
from litrev.library.model.source import EntryRow
from litrev.library.storage.chunks import chunks
from litrev.library.storage.connection import faults
from litrev.library.storage.library import Library

_GENERATIONS = 10  # of parents of parents that come along


class EntrySources:
    """The BibTeX entries that records were read from; the ``@string`` definitions of each source
    are read once.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._definitions: dict[str, Definitions] = {}

    def of(self, ids: Sequence[str]) -> dict[str, EntrySource]:
        """For each of these records that came from BibTeX, its entry in the source read last."""
        return {
            record_id: self._source(row)
            for record_id, row in self._library.sources.entries_of(ids).items()
        }

    def in_file(self, locator: str) -> list[FileEntry]:
        """The entries of the last version of a file, in its order; those of removed records are
        left out.
        """
        rows = self._library.sources.entries_in(locator)
        records = {
            record.id: record
            for record in self._library.records(list(dict.fromkeys(row.record_id for row in rows)))
        }
        found = ((row, records[row.record_id]) for row in rows if row.record_id in records)
        return [
            FileEntry(row.line, row.key or "", record, latex(record, self._source(row)))
            for row, record in found
        ]

    def _source(self, row: EntryRow) -> EntrySource:
        if row.source_id not in self._definitions:
            strings = self._library.sources.strings(row.source_id)
            self._definitions[row.source_id] = Definitions(
                found for place, raw in strings for found in definitions(raw, place)
            )
        return EntrySource(
            row.source_id, row.position, row.key or "", row.raw, self._definitions[row.source_id]
        )


class Entries:
    """Records to be written, one by one; what belongs to them is read some hundred at a time, when
    it is asked for.
    """

    def __init__(self, library: Library, ids: Sequence[str]) -> None:
        self._library, self._ids = library, ids
        self._sources = EntrySources(library)
        self._current_keys: dict[str, str] = {}  # of parents, by the keys that name them

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Entry]:
        for chunk in chunks(self._ids):
            batch = _Batch(self._library, self._sources, chunk)
            with faults(
                self._library.database
            ):  # so that nobody takes them for a fault of who writes
                records = [self._pointing(record) for record in self._library.stream(chunk)]
            for record in records:
                yield Entry(
                    record, partial(batch.cells_of, record.id), partial(batch.source_of, record.id)
                )

    def _pointing(self, record: Record) -> Record:
        """The record with crossrefs to the keys that its parents have by now."""
        if not any(field.name in PARENTS for field in record.fields):
            return record
        return record._replace(fields=tuple(self._current(field) for field in record.fields))

    def _current(self, field: Field) -> Field:
        if field.name not in PARENTS:
            return field
        keys = [self._current_key(key.strip()) for key in field.value.split(",")]
        value = ",".join(keys)
        return (
            field
            if value.replace(" ", "") == field.value.replace(" ", "")
            else Field(field.name, value)
        )

    def _current_key(self, key: str) -> str:
        if key not in self._current_keys:
            parent = self._library.find_key(key)
            self._current_keys[key] = self._library.record(parent).key if parent else key
        return self._current_keys[key]


class _Batch:
    """What belongs to some hundred records."""

    def __init__(self, library: Library, sources: EntrySources, ids: Sequence[str]) -> None:
        self._library, self._sources, self._ids = library, sources, ids

    @cached_property
    def _all_cells(self) -> Mapping[str, Mapping[str, Cell]]:
        with faults(self._library.database):
            return self._library.cells(self._ids)

    @cached_property
    def _all_sources(self) -> Mapping[str, EntrySource]:
        with faults(self._library.database):
            return self._sources.of(self._ids)

    def cells_of(self, record_id: str) -> Mapping[str, Cell]:
        return self._all_cells[record_id]

    def source_of(self, record_id: str) -> EntrySource | None:
        return self._all_sources.get(record_id)


def with_parents(library: Library, ids: Sequence[str]) -> list[str]:
    """``ids`` with the crossref parents of all, each behind its children, as BibTeX wants them."""
    ordered = dict.fromkeys(ids)
    new = list(ids)
    for _ in range(_GENERATIONS):
        parents = [i for i in library.parents(new) if i not in new] if new else []
        for parent in parents:
            ordered.pop(parent, None)
            ordered[parent] = None
        new = parents
    return list(ordered)
