"""Records to be exported, with their cells and the BibTeX entries they were read from."""

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
    """The BibTeX entries that records were read from."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._definitions: dict[str, Definitions] = {}  # by source, as its entries share them

    def of(self, ids: Sequence[str]) -> dict[str, EntrySource]:
        """For each of these records that came from BibTeX, its entry in the source read last."""
        rows = self._library.sources.entries_of(ids)
        return {record_id: self._source(row) for record_id, row in rows.items()}

    def in_file(self, locator: str) -> list[FileEntry]:
        """The entries of the last version of a file, in its order, without those of removed
        records.
        """
        rows = self._library.sources.entries_in(locator)
        ids = list(dict.fromkeys(row.record_id for row in rows))
        records = {record.id: record for record in self._library.records(ids)}
        entries = []
        for row in rows:
            record = records.get(row.record_id)
            if record is not None:
                latex_texts = latex(record, self._source(row))
                entries.append(FileEntry(row.line, row.key or "", record, latex_texts))
        return entries

    def _source(self, row: EntryRow) -> EntrySource:
        if row.source_id not in self._definitions:
            self._definitions[row.source_id] = self._read_definitions(row.source_id)
        return EntrySource(
            row.source_id, row.position, row.key or "", row.raw, self._definitions[row.source_id]
        )

    def _read_definitions(self, source_id: str) -> Definitions:
        strings = self._library.sources.strings(source_id)
        return Definitions(
            definition for place, raw in strings for definition in definitions(raw, place)
        )


class Entries:
    """Records to be written, in the order of ``ids``; they are read a chunk at a time.

    Cells and sources of a chunk are read when the first of them is asked for.
    """

    def __init__(self, library: Library, ids: Sequence[str]) -> None:
        self._library = library
        self._ids = ids
        self._sources = EntrySources(library)
        self._current_keys: dict[str, str] = {}  # of parents, by the keys that name them

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Entry]:
        for chunk in chunks(self._ids):
            batch = _Batch(self._library, self._sources, chunk)
            # A format, perhaps of another package, takes the entries. Translated here, an error of
            # the database is not taken for the format's.
            with faults(self._library.database):
                stream = self._library.stream(chunk)
                records = [self._with_current_parent_keys(record) for record in stream]
            for record in records:
                yield Entry(
                    record, partial(batch.cells_of, record.id), partial(batch.source_of, record.id)
                )

    def _with_current_parent_keys(self, record: Record) -> Record:
        """The record with crossrefs to the keys that its parents have now, not once had."""
        if not any(field.name in PARENTS for field in record.fields):
            return record
        fields = tuple(self._with_current_keys(field) for field in record.fields)
        return record._replace(fields=fields)

    def _with_current_keys(self, field: Field) -> Field:
        if field.name not in PARENTS:
            return field
        keys = [self._current_key(key.strip()) for key in field.value.split(",")]
        value = ",".join(keys)
        if value.replace(" ", "") == field.value.replace(" ", ""):
            return field  # with its raw expression, so that it is written as it was read
        return Field(field.name, value)

    def _current_key(self, key: str) -> str:
        if key not in self._current_keys:
            parent = self._library.find_key(key)
            self._current_keys[key] = self._library.record(parent).key if parent else key
        return self._current_keys[key]


class _Batch:
    """The cells and sources of one chunk of records."""

    def __init__(self, library: Library, sources: EntrySources, ids: Sequence[str]) -> None:
        self._library = library
        self._sources = sources
        self._ids = ids

    # A format may ask for neither cells nor sources, so they are read only when asked for; then for
    # the whole chunk at once.

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
    generation = list(ids)
    for _ in range(_GENERATIONS):
        if not generation:
            break
        parents = [parent for parent in library.parents(generation) if parent not in generation]
        for parent in parents:
            # A parent may be in the list already: it moves behind all that name it.
            ordered.pop(parent, None)
            ordered[parent] = None
        generation = parents
    return list(ordered)
