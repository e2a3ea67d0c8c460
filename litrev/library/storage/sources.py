"""Rows of sources, of the blocks they are divided into, and of the import runs that read them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from litrev.library.model.source import EntryRow
from litrev.library.storage.chunks import in_chunks
from litrev.library.storage.journal import Slot
from litrev.library.storage.operations import Operation

BIBTEX = ("bibtex", "biblatex")


class SourceRow(NamedTuple):
    """One version of a file or paste, with what is needed to write its bytes again.

    ``supersedes`` is the id of the version before it.
    """

    id: str
    name: str
    locator: str
    format: str
    sha256: str
    encoding: str
    bom: bool
    newline: str
    supersedes: str | None = None


class BlockRow(NamedTuple):
    """A block as it is stored, with the record it belongs to."""

    position: int
    line: int
    kind: str
    key: str | None
    raw: str
    raw_hash: str
    record_id: str | None = None


class Owner(NamedTuple):
    """A record that a block belongs to, and whether it is still there."""

    id: str
    alive: bool


class ImportCounts(NamedTuple):
    """The equation of an import run: ``read`` is the sum of the others."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0


class ImportRun(NamedTuple):
    """Who imported sources and when; from which database and by which query, if given."""

    id: str
    actor: str
    at: str
    database: str | None
    query: str | None
    counts: ImportCounts = ImportCounts()


class Sources:
    """What a library knows about the files that were read into it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # Versions of a file

    def current(self, locator: str) -> SourceRow | None:
        """The last version of the file at this locator."""
        return self._source("id IN (SELECT id FROM current_source WHERE locator = ?)", locator)

    def with_bytes(self, sha256: str) -> SourceRow | None:
        """The last version of any file that has these bytes."""
        return self._source("id IN (SELECT id FROM current_source WHERE sha256 = ?)", sha256)

    def version(self, source_id: str) -> SourceRow | None:
        """The version with this id."""
        return self._source("id = ?", source_id)

    def _source(self, where: str, value: str) -> SourceRow | None:
        names = ", ".join(SourceRow._fields)
        sql = f"SELECT {names} FROM source AS s WHERE {where} ORDER BY s.seq DESC LIMIT 1"
        row = self._connection.execute(sql, (value,)).fetchone()
        return None if row is None else SourceRow(*row)

    def last_read(self, source_id: str | None) -> int:
        """The number of the operation that last read a version; 0 when there is none."""
        sql = (
            "SELECT MAX(r.operation) FROM import_source AS i"
            " JOIN import_run AS r ON r.id = i.run_id WHERE i.source_id = ?"
        )
        (number,) = self._connection.execute(sql, (source_id,)).fetchone()
        return int(number or 0)

    # Blocks

    def blocks(self, source_id: str) -> list[BlockRow]:
        """The blocks of a version, in its order; joined, their raw texts are its text."""
        sql = (
            "SELECT position, line, kind, key, raw, raw_hash, record_id FROM block"
            " WHERE source_id = ? ORDER BY position"
        )
        return [BlockRow(*row) for row in self._connection.execute(sql, (source_id,))]

    def hashes_seen(self, hashes: Sequence[str]) -> set[str]:
        """Which of these hashes of blocks were read before."""
        sql = "SELECT raw_hash FROM block WHERE raw_hash IN ({})"
        return {row[0] for row in in_chunks(self._connection, sql, hashes)}

    def owners(self, raw_hash: str, first: str | None) -> list[Owner]:
        """The records that blocks with this hash belong to.

        Records that are still there come first, and among them those of the version ``first``.
        """
        sql = """SELECT r.id, r.tombstone IS NULL AS alive FROM block AS b
                 JOIN current_source AS s ON s.id = b.source_id
                 JOIN record AS r ON r.id = b.record_id
                 WHERE b.raw_hash = ? ORDER BY alive DESC, s.id <> ?, b.position"""
        rows = self._connection.execute(sql, (raw_hash, first or ""))
        return [Owner(record_id, bool(alive)) for record_id, alive in rows]

    def blocks_of(self, record_id: str) -> list[tuple[str, int]]:
        """The source and position of every block that belongs to a record."""
        # Read whole: a merge gives these blocks to another record while it goes through them.
        sql = "SELECT source_id, position FROM block WHERE record_id = ?"
        rows = self._connection.execute(sql, (record_id,)).fetchall()
        return [(source_id, position) for source_id, position in rows]

    def lone_abstracts(self) -> list[tuple[str, str]]:
        """Records without a title that were alone in a text file, with the file's name."""
        sql = """SELECT r.id, s.name FROM current_source AS s JOIN block AS b ON b.source_id = s.id
                 JOIN record AS r ON r.id = b.record_id
                 WHERE s.format = 'text' AND b.kind = 'abstract' AND r.tombstone IS NULL
                   AND NOT EXISTS (SELECT 1 FROM field AS f
                                   WHERE f.record_id = r.id AND f.name = 'title')
                   AND (SELECT COUNT(*) FROM block AS c
                        WHERE c.source_id = s.id AND c.kind = 'abstract') = 1"""
        return [(record_id, name) for record_id, name in self._connection.execute(sql)]

    def other_keys(self) -> list[tuple[str, str, str]]:
        """Records with another key in their file than here: the record, its key there, and here."""
        sql = """SELECT b.record_id, b.key, r.key FROM block AS b
                 JOIN current_source AS s ON s.id = b.source_id
                 JOIN record AS r ON r.id = b.record_id
                 WHERE b.key IS NOT NULL AND r.tombstone IS NULL AND b.key <> r.key"""
        return [(row[0], row[1], row[2]) for row in self._connection.execute(sql)]

    def places(self, ids: Sequence[str]) -> dict[str, tuple[str, str, int]]:
        """Where each of these records was read last: locator and name of the file, and the line."""
        # The last row of a record wins: its newest source, and there its first block.
        sql = """SELECT b.record_id, s.locator, s.name, b.line FROM block AS b
                 JOIN current_source AS s ON s.id = b.source_id
                 WHERE b.record_id IN ({}) ORDER BY s.seq, b.position DESC"""
        return {row[0]: (row[1], row[2], row[3]) for row in in_chunks(self._connection, sql, ids)}

    # All of them, for a copy of the library

    def all(self) -> list[SourceRow]:
        """Every source that was not undone, in the order they came."""
        names = ", ".join(SourceRow._fields)
        sql = f"SELECT {names} FROM source WHERE undone = 0 ORDER BY seq"
        return [SourceRow(*row) for row in self._connection.execute(sql)]

    def sources_of(self, ids: Sequence[str]) -> set[str]:
        """The ids of the sources with a block that belongs to one of these records."""
        sql = "SELECT DISTINCT source_id FROM block WHERE record_id IN ({})"
        return {row[0] for row in in_chunks(self._connection, sql, ids)}

    def present_blocks(self, source_id: str) -> Iterator[BlockRow]:
        """The blocks of a source, in its order; those of removed records belong to none."""
        alive = (
            "CASE WHEN EXISTS (SELECT 1 FROM record AS r"
            " WHERE r.id = b.record_id AND r.tombstone IS NULL) THEN b.record_id END"
        )
        sql = (
            f"SELECT position, line, kind, key, raw, raw_hash, {alive} AS record_id"
            " FROM block AS b WHERE source_id = ? ORDER BY position"
        )
        return (BlockRow(*row) for row in self._connection.execute(sql, (source_id,)))

    def runs(self) -> list[tuple[ImportRun, list[str]]]:
        """Every import run with the ids of the sources it read, the earliest first."""
        sql = (
            "SELECT id, actor, at, database, query, read, added, updated, unchanged, quarantined"
            " FROM import_run ORDER BY at, id"
        )
        runs = []
        for run_id, actor, at, database, query, *counts in self._connection.execute(sql).fetchall():
            run = ImportRun(run_id, actor, at, database, query, ImportCounts(*counts))
            runs.append((run, self._sources_of_run(run_id)))
        return runs

    def _sources_of_run(self, run_id: str) -> list[str]:
        sql = "SELECT source_id FROM import_source WHERE run_id = ? ORDER BY source_id"
        return [row[0] for row in self._connection.execute(sql, (run_id,))]

    # BibTeX

    def entries_of(self, ids: Sequence[str]) -> dict[str, EntryRow]:
        """For each of these records that came from BibTeX, its entry in the source read last."""
        # The last row of a record wins, as in places().
        sql = f"""SELECT b.record_id, b.source_id, b.position, b.line, b.key, b.raw FROM block AS b
                  JOIN current_source AS s ON s.id = b.source_id
                  WHERE b.record_id IN ({{}}) AND b.kind = 'entry' AND s.format IN {BIBTEX}
                  ORDER BY s.seq, b.position DESC"""
        return {row[0]: EntryRow(*row) for row in in_chunks(self._connection, sql, ids)}

    def entries_in(self, locator: str) -> list[EntryRow]:
        """The entries of the last version of a file that belong to a record, in its order."""
        sql = """SELECT b.record_id, b.source_id, b.position, b.line, b.key, b.raw FROM block AS b
                 JOIN current_source AS s ON s.id = b.source_id
                 WHERE s.locator = ? AND b.kind = 'entry' AND b.record_id IS NOT NULL
                 ORDER BY b.position"""
        return [EntryRow(*row) for row in self._connection.execute(sql, (locator,))]

    def strings(self, source_id: str) -> list[tuple[int, str]]:
        """The position and raw text of each ``@string`` of a source, in its order."""
        sql = (
            "SELECT position, raw FROM block"
            " WHERE source_id = ? AND kind = 'string' ORDER BY position"
        )
        rows = self._connection.execute(sql, (source_id,))
        return [(position, raw) for position, raw in rows]


# Writing


def add_source(operation: Operation, source: SourceRow) -> bool:
    """Store a source; one that was undone counts again. True if that changed anything."""
    names = ", ".join(SourceRow._fields)
    sql = (
        f"INSERT INTO source ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING"
    )
    slot = Slot("source", "", source.id)
    if not operation.connection.execute(sql, source).rowcount:
        return operation.put(slot, True)
    operation.journal_insertion(slot)
    return True


def add_blocks(operation: Operation, source_id: str, blocks: Iterable[BlockRow]) -> bool:
    """Store blocks of a source; those that are stored stay as they are. True if any is new."""
    sql = "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
    rows = ((source_id, *block) for block in blocks)
    return _noted(operation, operation.connection.executemany(sql, rows))


def assign_blocks(operation: Operation, owners: Iterable[tuple[str, str, int]]) -> None:
    """Let blocks belong to records: record, source and position of each."""
    operation.connection.executemany(
        "UPDATE block SET record_id = ? WHERE source_id = ? AND position = ?", owners
    )


def add_run(operation: Operation, run: ImportRun, *, here: bool) -> bool:
    """Store an import run; True if it is new.

    ``here`` says that this operation is the run; otherwise it came with another copy.
    """
    names = (
        "id, operation, actor, at, database, query, read, added, updated, unchanged, quarantined"
    )
    sql = (
        f"INSERT INTO import_run ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING"
    )
    number = operation.write_context().operation if here else None
    row = (run.id, number, run.actor, run.at, run.database, run.query, *run.counts)
    return _noted(operation, operation.connection.execute(sql, row))


def add_to_run(operation: Operation, run_id: str, source_id: str) -> bool:
    """Note that an import run read a source; True if that is new."""
    sql = "INSERT INTO import_source VALUES (?, ?) ON CONFLICT DO NOTHING"
    return _noted(operation, operation.connection.execute(sql, (run_id, source_id)))


def _noted(operation: Operation, inserted: sqlite3.Cursor) -> bool:
    """Whether rows were inserted; the operation then has a line in the log and a revision."""
    # Such rows are only ever added and have no slot of their own; undo marks their source.
    is_new = inserted.rowcount > 0
    if is_new:
        operation.write_context()
    return is_new


def count_run(operation: Operation, run_id: str, counts: ImportCounts) -> None:
    """Put the counts of an import run into its row."""
    sql = (
        "UPDATE import_run SET read = ?, added = ?, updated = ?, unchanged = ?, quarantined = ?"
        " WHERE id = ?"
    )
    operation.connection.execute(sql, (*counts, run_id))
