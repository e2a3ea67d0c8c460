"""Sources, the blocks they are cut into, and the import runs that read them: rows in, rows out."""

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
    """One version of a file or paste: what is needed to write its bytes again, and which version
    came before.
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
    """A block as it is kept, with the record it belongs to."""

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
    """The equation of an import run."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0


class ImportRun(NamedTuple):
    """Who brought sources in, when, and from which database by which words if that was told."""

    id: str
    actor: str
    at: str
    database: str | None
    query: str | None
    counts: ImportCounts = ImportCounts()


class Sources:
    """What a library knows of the files that were read into it."""

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
        sql = f"SELECT {', '.join(SourceRow._fields)} FROM source AS s WHERE {where} ORDER BY s.seq DESC LIMIT 1"
        row = self._connection.execute(sql, (value,)).fetchone()
        return None if row is None else SourceRow(*row)

    def last_read(self, source_id: str | None) -> int:
        """The number of the operation that last read a version; 0 when there is none."""
        sql = "SELECT MAX(r.operation) FROM import_source AS i JOIN import_run AS r ON r.id = i.run_id WHERE i.source_id = ?"
        return int(self._connection.execute(sql, (source_id,)).fetchone()[0] or 0)

    # Blocks

    def blocks(self, source_id: str) -> list[BlockRow]:
        """The blocks of a version, in its order; joined, their raw texts are its text."""
        sql = "SELECT position, line, kind, key, raw, raw_hash, record_id FROM block WHERE source_id = ? ORDER BY position"
        return [BlockRow(*row) for row in self._connection.execute(sql, (source_id,))]

    def hashes_seen(self, hashes: Sequence[str]) -> set[str]:
        """Which of these hashes of blocks were read before."""
        sql = "SELECT raw_hash FROM block WHERE raw_hash IN ({})"
        return {row[0] for row in in_chunks(self._connection, sql, hashes)}

    def owners(self, raw_hash: str, first: str | None) -> list[Owner]:
        """The records that blocks with this hash belong to: living ones before others, those of the
        version ``first`` first.
        """
        sql = """SELECT r.id, r.tombstone IS NULL AS alive FROM block AS b JOIN current_source AS s ON s.id = b.source_id JOIN record AS r ON r.id = b.record_id
                 WHERE b.raw_hash = ? ORDER BY alive DESC, s.id <> ?, b.position"""
        return [
            Owner(row[0], bool(row[1]))
            for row in self._connection.execute(sql, (raw_hash, first or ""))
        ]

    def blocks_of(self, record_id: str) -> list[tuple[str, int]]:
        """The source and place of every block that belongs to a record."""
        sql = "SELECT source_id, position FROM block WHERE record_id = ?"
        return [(row[0], row[1]) for row in self._connection.execute(sql, (record_id,)).fetchall()]

    def lone_abstracts(self) -> list[tuple[str, str]]:
        """Records without a title that were alone in a text file, with the file's name."""
        sql = """SELECT r.id, s.name FROM current_source AS s JOIN block AS b ON b.source_id = s.id JOIN record AS r ON r.id = b.record_id
                 WHERE s.format = 'text' AND b.kind = 'abstract' AND r.tombstone IS NULL
                   AND NOT EXISTS (SELECT 1 FROM field AS f WHERE f.record_id = r.id AND f.name = 'title')
                   AND (SELECT COUNT(*) FROM block AS c WHERE c.source_id = s.id AND c.kind = 'abstract') = 1"""
        return [(row[0], row[1]) for row in self._connection.execute(sql)]

    def other_keys(self) -> list[tuple[str, str, str]]:
        """Records whose file gives them another key than they have here: the record, its key in the
        file, its key here.
        """
        sql = """SELECT b.record_id, b.key, r.key FROM block AS b JOIN current_source AS s ON s.id = b.source_id JOIN record AS r ON r.id = b.record_id
                 WHERE b.key IS NOT NULL AND r.tombstone IS NULL AND b.key <> r.key"""
        return [(row[0], row[1], row[2]) for row in self._connection.execute(sql)]

    def places(self, ids: Sequence[str]) -> dict[str, tuple[str, str, int]]:
        """Where each of these records was read last: locator and name of the file, and the line."""
        sql = """SELECT b.record_id, s.locator, s.name, b.line FROM block AS b JOIN current_source AS s ON s.id = b.source_id
                 WHERE b.record_id IN ({}) ORDER BY s.seq, b.position DESC"""
        return {row[0]: (row[1], row[2], row[3]) for row in in_chunks(self._connection, sql, ids)}

    # All of them, for a copy of the library

    def all(self) -> list[SourceRow]:
        """Every source that was not taken back, in the order in which they came."""
        names = ", ".join(SourceRow._fields)
        return [
            SourceRow(*row)
            for row in self._connection.execute(
                f"SELECT {names} FROM source WHERE undone = 0 ORDER BY seq"
            )
        ]

    def feeding(self, ids: Sequence[str]) -> set[str]:
        """The ids of the sources with a block that belongs to one of these records."""
        return {
            row[0]
            for row in in_chunks(
                self._connection,
                "SELECT DISTINCT source_id FROM block WHERE record_id IN ({})",
                ids,
            )
        }

    def living_blocks(self, source_id: str) -> Iterator[BlockRow]:
        """The blocks of a source, in its order; those of removed records belong to none."""
        alive = "CASE WHEN EXISTS (SELECT 1 FROM record AS r WHERE r.id = b.record_id AND r.tombstone IS NULL) THEN b.record_id END"
        sql = f"SELECT position, line, kind, key, raw, raw_hash, {alive} AS record_id FROM block AS b WHERE source_id = ? ORDER BY position"
        return (BlockRow(*row) for row in self._connection.execute(sql, (source_id,)))

    def runs(self) -> list[tuple[ImportRun, list[str]]]:
        """Every import run with the ids of the sources it read, the earliest first."""
        sql = "SELECT id, actor, at, database, query, read, added, updated, unchanged, quarantined FROM import_run ORDER BY at, id"
        runs = [
            ImportRun(row[0], row[1], row[2], row[3], row[4], ImportCounts(*row[5:]))
            for row in self._connection.execute(sql).fetchall()
        ]
        of_run = "SELECT source_id FROM import_source WHERE run_id = ? ORDER BY source_id"
        return [
            (run, [row[0] for row in self._connection.execute(of_run, (run.id,))]) for run in runs
        ]

    # BibTeX

    def entries_of(self, ids: Sequence[str]) -> dict[str, EntryRow]:
        """For each of these records that came from BibTeX, its entry in the source that was read
        last.
        """
        sql = f"""SELECT b.record_id, b.source_id, b.position, b.line, b.key, b.raw FROM block AS b JOIN current_source AS s ON s.id = b.source_id
                  WHERE b.record_id IN ({{}}) AND b.kind = 'entry' AND s.format IN {BIBTEX} ORDER BY s.seq, b.position DESC"""
        return {row[0]: EntryRow(*row) for row in in_chunks(self._connection, sql, ids)}

    def entries_in(self, locator: str) -> list[EntryRow]:
        """The entries of the last version of a file that belong to a record, in its order."""
        sql = """SELECT b.record_id, b.source_id, b.position, b.line, b.key, b.raw FROM block AS b JOIN current_source AS s ON s.id = b.source_id
                 WHERE s.locator = ? AND b.kind = 'entry' AND b.record_id IS NOT NULL ORDER BY b.position"""
        return [EntryRow(*row) for row in self._connection.execute(sql, (locator,))]

    def strings(self, source_id: str) -> list[tuple[int, str]]:
        """The place and raw text of each ``@string`` of a source, in its order."""
        sql = "SELECT position, raw FROM block WHERE source_id = ? AND kind = 'string' ORDER BY position"
        return [(row[0], row[1]) for row in self._connection.execute(sql, (source_id,))]


# Writing


def add_source(operation: Operation, source: SourceRow) -> bool:
    """Keep a source; one that is here already stands again if it was taken back. True if that
    changed anything.
    """
    sql = f"INSERT INTO source ({', '.join(SourceRow._fields)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
    slot = Slot("source", "", source.id)
    if not operation.connection.execute(sql, source).rowcount:
        return operation.put(slot, True)
    operation.journal_insertion(slot)
    return True


def add_blocks(operation: Operation, source_id: str, blocks: Iterable[BlockRow]) -> bool:
    """Keep blocks of a source; those that are here already stay as they are. True if any is new."""
    sql = "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
    added = (
        operation.connection.executemany(sql, ((source_id, *block) for block in blocks)).rowcount
        > 0
    )
    if added:
        operation.write_context()
    return added


def own_blocks(operation: Operation, owners: Iterable[tuple[str, str, int]]) -> None:
    """Let blocks belong to records: record, source and place of each."""
    operation.connection.executemany(
        "UPDATE block SET record_id = ? WHERE source_id = ? AND position = ?", owners
    )


def add_run(operation: Operation, run: ImportRun, *, here: bool) -> bool:
    """Keep an import run; ``here`` says that this operation is it, and not one of another copy.
    True if it is new.
    """
    names = (
        "id, operation, actor, at, database, query, read, added, updated, unchanged, quarantined"
    )
    sql = f"INSERT INTO import_run ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
    number = operation.write_context().operation if here else None
    added = operation.connection.execute(sql, (run.id, number, *run[1:5], *run.counts)).rowcount > 0
    if added:
        operation.write_context()
    return added


def add_to_run(operation: Operation, run_id: str, source_id: str) -> bool:
    """Note that an import run read a source. True if that is new."""
    added = (
        operation.connection.execute(
            "INSERT INTO import_source VALUES (?, ?) ON CONFLICT DO NOTHING", (run_id, source_id)
        ).rowcount
        > 0
    )
    if added:
        operation.write_context()
    return added


def count_run(operation: Operation, run_id: str, counts: ImportCounts) -> None:
    """Put an import run's equation into its row."""
    sql = "UPDATE import_run SET read = ?, added = ?, updated = ?, unchanged = ?, quarantined = ? WHERE id = ?"
    operation.connection.execute(sql, (*counts, run_id))
