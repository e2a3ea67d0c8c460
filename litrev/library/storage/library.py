"""Library: one SQLite file, read in bulk and written in operations."""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from litrev.errors import EnvironmentFault, NotFound, UsageFault
from litrev.library.model import codebook as codebooks
from litrev.library.model import consensus as standing
from litrev.library.model.crossref import PARENTS, inherited
from litrev.library.model.ids import Clock, new_id, stamp, system_clock
from litrev.library.model.record import Cell, Decision, Evidence, Field, Note, Record, Value, Verdict
from litrev.library.storage import connection as database
from litrev.library.storage.folder import DATABASE, check_owner, make_folder
from litrev.library.storage.journal import fold_key
from litrev.library.storage.operations import Operation
from litrev.library.storage.schema import MIGRATIONS
from litrev.text.display import visible
from litrev.text.validity import is_person

IMPORT_LOCK = ".importing"  # held while files are brought in
CHUNK = 500  # records loaded by one statement


@dataclass(frozen=True, slots=True)
class Position:
    """How far a library has come: what an index must have seen to be in step with it.

    ``head`` is the id of the last operation: two copies of a library that went apart may have
    come to the same revision by other ways.
    """

    library: str
    epoch: str
    revision: int
    codebook: int
    head: str = ""


class Library:
    """One library. Close it, or use it as a context manager."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, actor: str, clock: Clock) -> None:
        if not is_person(actor):
            raise UsageFault(f"{visible(actor)!r} cannot be the name of a person", "Set LITREV_USER, or actor in your config, to a plain name.")
        self.folder = folder
        self.connection = connection
        self.actor = actor
        self.clock = clock

    @classmethod
    def create(cls, folder: Path, actor: str | None = None, clock: Clock = system_clock) -> Library:
        """A new, empty library in ``folder``; raises EnvironmentFault where that cannot be."""
        make_folder(folder)
        partial = folder / f".{DATABASE}.{new_id()}"
        with database.faults(folder / DATABASE):
            with closing(database.create(partial)) as connection:
                database.migrate(connection, partial, MIGRATIONS)
                now = stamp(clock())
                connection.execute("INSERT INTO codebook VALUES (1, '', ?, ?)", (actor or login(), now))
                connection.execute("INSERT INTO library VALUES (1, ?, ?, 0, 1, ?)", (new_id(), new_id(), now))
            partial.rename(folder / DATABASE)  # whole, or not there
            connection = database.connect(folder / DATABASE)
        return cls(folder, connection, actor or login(), clock)

    @classmethod
    def open(cls, folder: Path, actor: str | None = None, clock: Clock = system_clock, allowed: frozenset[str] = frozenset()) -> Library:
        """The library in ``folder``; ``allowed`` names folders of other users that may be opened.

        Raises EnvironmentFault for a foreign owner, a newer schema or a file that is no library.
        """
        with database.faults(folder / DATABASE):
            check_owner(folder, allowed)
            return cls(folder, database.connect(folder / DATABASE), actor or login(), clock)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Where it stands

    def position(self) -> Position:
        """Id, epoch, revision and codebook version, at this moment."""
        head = "coalesce((SELECT o.id FROM operation AS o ORDER BY o.seq DESC LIMIT 1), '')"
        row = self.connection.execute(f"SELECT id, epoch, revision, codebook, {head} FROM library").fetchone()
        if row is None:
            raise EnvironmentFault(f"{self.folder / DATABASE}: the library is damaged", "Restore a backup of the library.")
        return Position(*row)

    def knows(self, operation_id: str) -> bool:
        """Whether the operation with this id (none, when empty) was done in this library."""
        known = self.connection.execute("SELECT 1 FROM operation WHERE id = ?", (operation_id,)).fetchone()
        return not operation_id or known is not None

    def codebook(self) -> codebooks.Codebook:
        """The structured fields in force."""
        row = self.connection.execute("SELECT version, definition FROM codebook WHERE version = (SELECT codebook FROM library)").fetchone()
        return codebooks.codebook(row[0], row[1])

    def saved_searches(self) -> dict[str, str]:
        """The queries that were given a name, by it."""
        return dict(self.connection.execute("SELECT name, query FROM saved_search ORDER BY name").fetchall())

    def codebook_text(self) -> str:
        """What the library itself says of structured fields, as TOML."""
        (definition,) = self.connection.execute("SELECT definition FROM codebook WHERE version = (SELECT codebook FROM library)").fetchone()
        return str(definition)

    def changed_since(self, revision: int) -> tuple[list[str], list[str]]:
        """Ids of the records changed, and of those removed, after ``revision``."""
        rows = self.connection.execute("SELECT id, tombstone FROM record WHERE revision > ? ORDER BY seq", (revision,)).fetchall()
        return [r[0] for r in rows if r[1] is None], [r[0] for r in rows if r[1] is not None]

    @contextmanager
    def operation(self, command: str, dry_run: bool = False) -> Iterator[Operation]:
        """Write: all of it is kept when the block ends, none of the last batch when it raises.

        With ``dry_run`` nothing is kept, but everything happens as if it were.
        """
        operation = Operation(self.connection, self.actor, command, self.clock, dry_run)
        with database.faults(self.folder / DATABASE):
            operation.begin()
            try:
                yield operation
                if dry_run:
                    operation.roll_back()
                else:
                    operation.commit()
            except BaseException:
                if self.connection.in_transaction:
                    operation.roll_back()
                raise

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Import alone: others may write in between the batches, but not bring in the same file.

        A lock in a database of its own is let go of by the system when the process dies.
        """
        path = self.folder / IMPORT_LOCK
        with database.faults(path), closing(sqlite3.connect(path, timeout=database.PATIENCE, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read several things as they were at one moment."""
        if self.connection.in_transaction:
            yield
            return
        with database.faults(self.folder / DATABASE):
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self.connection.execute("COMMIT")

    def restore(self, file: Path) -> None:
        """Become what a backup holds; what stands here is backed up first, and a new epoch begins.

        Raises EnvironmentFault for a file that is no library.
        """
        with closing(database.connect(file)) as backup:
            path = self.folder / DATABASE
            database.back_up(self.connection, path.with_name(f"{path.name}.before-restore"))
            with database.faults(path):
                backup.backup(self.connection)
                self.connection.execute("UPDATE library SET epoch = ?, revision = revision + 1", (new_id(),))

    def was_removed(self, record_id: str) -> bool:
        """Whether a person took the record out (and not just took back that it was added)."""
        sql = """SELECT o.undoes FROM change AS c JOIN operation AS o ON o.seq = c.operation
                 WHERE c.record_id = ? AND c.kind = 'alive' ORDER BY c.seq DESC LIMIT 1"""
        row = self.connection.execute(sql, (record_id,)).fetchone()
        return row is not None and row[0] is None

    # Records

    def count(self) -> int:
        """How many records there are."""
        (count,) = self.connection.execute("SELECT COUNT(*) FROM record WHERE tombstone IS NULL").fetchone()
        return int(count)

    def ids(self) -> list[str]:
        """The ids of all records, in the order in which they came."""
        return [row[0] for row in self.connection.execute("SELECT id FROM record WHERE tombstone IS NULL ORDER BY seq")]

    def records(self, ids: Sequence[str] | None = None) -> list[Record]:
        """The records with these ids (all when None), in the order given; ids of none are passed over."""
        wanted = self.ids() if ids is None else list(ids)
        found = {r.id: r for chunk in _chunks(wanted) for r in self._load(chunk)}
        return [self._with_inherited(found[i]) for i in wanted if i in found]

    def _with_inherited(self, record: Record, generations: int = 5) -> Record:
        """The record with what it takes over from those it names in crossref and xdata; in views only."""
        names = [(f.name, key.strip()) for f in record.fields if f.name in PARENTS for key in f.value.split(",")]
        for name, key in names if generations else ():
            parent_id = self.find_key(key)
            parent = next(iter(self._load([parent_id])), None) if parent_id and parent_id != record.id else None
            if parent is not None:
                more = inherited(record, self._with_inherited(parent, generations - 1), by_crossref=name == "crossref")
                record = record._replace(inherited=(*record.inherited, *more))
        return record

    def stream(self, ids: Sequence[str]) -> Iterator[Record]:
        """The records with these ids one by one, so that never many are held at once."""
        return (record for chunk in _chunks(ids) for record in self.records(chunk))

    def record(self, record_id: str) -> Record:
        """One record; raises NotFound when it is not (or no longer) there."""
        found = self.records([record_id])
        if not found:
            raise NotFound(f"there is no record with the id {record_id}")
        return found[0]

    def _load(self, ids: Sequence[str]) -> Iterator[Record]:
        fields = self._grouped("SELECT record_id, name, value, raw FROM field WHERE record_id IN ({}) ORDER BY record_id, position", ids)
        tags = self._grouped("SELECT record_id, tag FROM tag WHERE record_id IN ({}) ORDER BY tag", ids)
        notes = self._grouped("SELECT record_id, id, text, actor, at FROM note WHERE record_id IN ({}) ORDER BY at, id", ids)
        aliases = self._grouped("SELECT record_id, key FROM alias WHERE record_id IN ({}) ORDER BY key", ids)
        for row in self._many("SELECT * FROM record WHERE tombstone IS NULL AND id IN ({})", ids):
            record_id = row["id"]
            yield Record(
                record_id, row["key"], row["entry_type"],
                tuple(Field(*rest) for rest in fields.get(record_id, ())), row["abstract"],
                tuple(tag for (tag,) in tags.get(record_id, ())), tuple(Note(*rest) for rest in notes.get(record_id, ())),
                tuple(key for (key,) in aliases.get(record_id, ())), bool(row["key_generated"]), bool(row["type_guessed"]),
                row["revision"], row["created"], row["seq"],
            )  # fmt: skip

    # Keys

    def key_taken(self, key: str) -> bool:
        """Whether a record has, or once had, this key in any case."""
        return bool(self.holders(key))

    def holders(self, key: str) -> list[str]:
        """The ids of the records with this key, or of those that once had it."""
        sql = """SELECT id, 0 FROM record WHERE key_folded = :key AND tombstone IS NULL UNION ALL
                 SELECT r.id, 1 FROM alias AS a JOIN record AS r ON r.id = a.record_id WHERE a.key_folded = :key AND r.tombstone IS NULL"""
        rows = self.connection.execute(sql, {"key": fold_key(key)}).fetchall()
        return [row[0] for row in rows if row[1] == 0] or [row[0] for row in rows]

    def find_key(self, key: str) -> str | None:
        """The id of the record that answers to exactly this key."""
        holders = self.holders(key)
        return holders[0] if len(holders) == 1 else None

    def point(self, pointer: str) -> str:
        """The id of the record with this key, or whose key alone begins with it.

        Raises NotFound when there is none, UsageFault when there are several.
        """
        exact = self.holders(pointer)
        if len(exact) == 1:
            return exact[0]
        folded = fold_key(pointer)
        rows = [(r.id, r.key) for r in self.records(exact)]
        if not rows and folded:
            sql = "SELECT id, key FROM record WHERE tombstone IS NULL AND substr(key_folded, 1, ?) = ? ORDER BY key_folded LIMIT 6"
            rows = [(str(row[0]), str(row[1])) for row in self.connection.execute(sql, (len(folded), folded))]
        if len(rows) == 1:
            return rows[0][0]
        if rows:
            raise UsageFault(f"{pointer} could be any of {', '.join(key for _, key in rows[:5])}", "Type more of the key.")
        raise NotFound(f"no record has the key {pointer}, nor one that begins with it", "`litrev list` shows the keys.")

    def parents(self, ids: Sequence[str]) -> list[str]:
        """The ids of the records that these name in ``crossref`` or ``xdata``, in the order in which they are named."""
        sql = "SELECT value FROM field WHERE name IN ('crossref', 'xdata') AND record_id IN ({})"
        keys = [key.strip() for chunk in _chunks(ids) for (value,) in self._many(sql, chunk) for key in value.split(",")]
        found = (self.find_key(key) for key in dict.fromkeys(keys) if key)
        return list(dict.fromkeys(i for i in found if i is not None))

    # Structured fields

    def cells(self, ids: Sequence[str], fields: Iterable[str] | None = None, actor: str | None = None) -> dict[str, dict[str, Cell]]:
        """For each record the cell of each structured field; with ``actor``, as that person alone sees it."""
        names = tuple(fields) if fields is not None else self.codebook().names
        return {record_id: cells for chunk in _chunks(ids) for record_id, cells in self._cells(chunk, names, actor)}

    def _cells(self, ids: Sequence[str], names: Sequence[str], actor: str | None) -> Iterator[tuple[str, dict[str, Cell]]]:
        single = {field.name for field in self.codebook().fields if field.single}
        searched: dict[tuple[str, str], list[str]] = {}
        for row in self._many("SELECT record_id, field, value_ids FROM extraction WHERE record_id IN ({})", ids):
            searched[row[0], row[1]] = json.loads(row[2])
        decisions: dict[tuple[str, str], list[Decision]] = {}
        for row in self._many("SELECT * FROM standing WHERE record_id IN ({}) ORDER BY seq", ids):
            decision = Decision(row["actor"], row["field"], row["subject"], Verdict(row["verdict"]), row["value_id"], row["at"])
            decisions.setdefault((row["record_id"], row["field"]), []).append(decision)
        values = self._values(ids)
        made = {value_id: n for n, value_id in enumerate(values)}
        for record_id in ids:
            cells = {}
            for name in names:
                place = (record_id, name)
                proposed = [values[i] for i in searched[place] if i in values] if place in searched else None
                cells[name] = standing.cell(name, proposed, decisions.get(place, ()), values, actor, single=name in single, made=made)
            yield record_id, cells

    def _values(self, ids: Sequence[str]) -> dict[str, Value]:
        spans: dict[str, list[Evidence]] = {}
        sql = """SELECT e.value_id, e.start, e."end", e.quote, e.stale FROM evidence AS e JOIN value AS v ON v.id = e.value_id
                 WHERE v.record_id IN ({}) ORDER BY e.value_id, e.position"""
        for row in self._many(sql, ids):
            spans.setdefault(row[0], []).append(Evidence(row[1], row[2], row[3], bool(row[4])))
        return {
            r["id"]: Value(
                r["id"], r["field"], r["text"], r["label"], tuple(spans.get(r["id"], ())),
                r["maker"], r["confidence"], r["made"], r["number"],
            )
            for r in self._many("SELECT * FROM value WHERE record_id IN ({}) ORDER BY rowid", ids)
        }  # fmt: skip

    def values(self, record_id: str) -> dict[str, Value]:
        """Every value ever made for a record, by id."""
        return self._values([record_id])

    def judged(self, record_id: str) -> list[Value]:
        """The values of a record that somebody has ruled on, rejected ones too."""
        subjects = {row[0] for row in self.connection.execute("SELECT subject FROM standing WHERE record_id = ?", (record_id,))}
        return [value for value in self.values(record_id).values() if value.id in subjects]

    def unextracted(self, extractors: Mapping[str, str]) -> list[str]:
        """The ids of the records with an abstract where some field was not searched by its extractor yet."""
        marks = ",".join("(?, ?)" for _ in extractors)
        sql = f"""SELECT id FROM record WHERE tombstone IS NULL AND abstract IS NOT NULL AND
                  (SELECT COUNT(*) FROM extraction AS e WHERE e.record_id = record.id AND (e.field, e.extractor) IN (VALUES {marks})) < ? ORDER BY seq"""
        return [row[0] for row in self.connection.execute(sql, (*(word for pair in extractors.items() for word in pair), len(extractors)))]

    def _many(self, sql: str, ids: Sequence[str]) -> list[sqlite3.Row]:
        return self.connection.execute(sql.format(",".join("?" * len(ids))), tuple(ids)).fetchall()

    def _grouped(self, sql: str, ids: Sequence[str]) -> dict[str, list[tuple[str, ...]]]:
        groups: dict[str, list[tuple[str, ...]]] = {}
        for row in self._many(sql, ids):
            groups.setdefault(row[0], []).append(tuple(row)[1:])
        return groups


def login() -> str:
    """The name of the person at this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user in the password database, as in a bare container
        return "somebody"


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
