"""Library: one SQLite file, read in bulk and written in operations."""

from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from litrev.errors import Conflict, EnvironmentFault, NotFound, UsageFault
from litrev.library.model import codebook as codebooks
from litrev.library.model.ids import Clock, new_id, stamp, system_clock
from litrev.library.model.record import Cell, Decision, Record, Value
from litrev.library.storage import cell_rows, record_rows
from litrev.library.storage import connection as database
from litrev.library.storage.cell_rows import Search
from litrev.library.storage.chunks import chunks, in_chunks
from litrev.library.storage.decision_rows import DecisionRow, current_decisions, decisions
from litrev.library.storage.folder import DATABASE, check_owner, is_own, make_folder
from litrev.library.storage.operations import Operation
from litrev.library.storage.schema import MIGRATIONS
from litrev.text.display import visible
from litrev.text.validity import is_person

if TYPE_CHECKING:
    from litrev.library.storage.duplicate_keys import DuplicateKeys
    from litrev.library.storage.history import ChangeEntry, LogEntry
    from litrev.library.storage.journal import Slot
    from litrev.library.storage.linked_files import LinkedFiles
    from litrev.library.storage.quarantine import Quarantine
    from litrev.library.storage.sources import Sources

IMPORT_LOCK = ".importing"  # held while files are brought in


class Position(NamedTuple):
    """How far a library has come: what an index must have seen to be in step with it.

    ``head`` is the id of the last operation: two copies of a library that went apart may have
    come to the same revision by other ways.
    """

    library: str
    epoch: str
    revision: int
    codebook: int
    head: str = ""


class Made(NamedTuple):
    """The values that were made for records, the searches that proposed some of them, and what
    persons said, by record.
    """

    values: Mapping[str, Mapping[str, Value]]
    searches: Mapping[str, Sequence[Search]]
    decisions: Mapping[str, Sequence[DecisionRow]]


class Library:
    """One library. Close it, or use it as a context manager."""

    def __init__(
        self, folder: Path, connection: sqlite3.Connection, actor: str, clock: Clock
    ) -> None:
        if not is_person(actor):
            raise UsageFault(
                f"{visible(actor)!r} cannot be the name of a person",
                "Set LITREV_USER, or actor in your config, to a plain name.",
            )
        self.folder = folder
        self.actor = actor
        self.clock = clock
        self._connection: sqlite3.Connection | None = connection

    @property
    def connection(self) -> sqlite3.Connection:
        """The open file; for the storage room alone. Raises UsageFault once the library is closed."""
        if self._connection is None:
            raise UsageFault(
                f"{self.folder}: the library is closed",
                "Open it again: litrev.open(folder), or do the work inside the `with` block.",
            )
        return self._connection

    def check_open(self) -> None:
        """Raise UsageFault once the library is closed."""
        assert self.connection is not None

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / DATABASE

    @classmethod
    def create(cls, folder: Path, actor: str | None = None, clock: Clock = system_clock) -> Library:
        """A new, empty library in ``folder``; raises EnvironmentFault where that cannot be."""
        make_folder(folder)
        partial = folder / f".{DATABASE}.{new_id()}"
        with database.faults(folder / DATABASE):
            with closing(database.create(partial)) as connection:
                database.migrate(connection, partial, MIGRATIONS)
                now = stamp(clock())
                connection.execute(
                    "INSERT INTO codebook VALUES (1, '', ?, ?)", (actor or login(), now)
                )
                connection.execute(
                    "INSERT INTO library VALUES (1, ?, ?, 0, 1, ?)", (new_id(), new_id(), now)
                )
            partial.rename(folder / DATABASE)  # whole, or not there
            connection = database.connect(folder / DATABASE)
        return cls(folder, connection, actor or login(), clock)

    @classmethod
    def open(
        cls,
        folder: Path,
        actor: str | None = None,
        clock: Clock = system_clock,
        allowed: frozenset[str] = frozenset(),
    ) -> Library:
        """The library in ``folder``; ``allowed`` names folders of other users that may be opened.

        Raises EnvironmentFault for a foreign owner, a newer schema or a file that is no library.
        """
        with database.faults(folder / DATABASE):
            check_owner(folder, allowed)
            return cls(folder, database.connect(folder / DATABASE), actor or login(), clock)

    def close(self) -> None:
        """Let go of the file; doing it twice is doing it once."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Where it stands

    def position(self) -> Position:
        """Id, epoch, revision and codebook version, at this moment."""
        head = "coalesce((SELECT o.id FROM operation AS o ORDER BY o.seq DESC LIMIT 1), '')"
        row = self.connection.execute(
            f"SELECT id, epoch, revision, codebook, {head} FROM library"
        ).fetchone()
        if row is None:
            raise EnvironmentFault(
                f"{self.folder / DATABASE}: the library is damaged",
                "Restore a backup of the library.",
            )
        return Position(*row)

    def knows(self, operation_id: str) -> bool:
        """Whether the operation with this id (none, when empty) was done in this library."""
        known = self.connection.execute(
            "SELECT 1 FROM operation WHERE id = ?", (operation_id,)
        ).fetchone()
        return not operation_id or known is not None

    def codebook(self) -> codebooks.Codebook:
        """The structured fields in force."""
        row = self.connection.execute(
            "SELECT version, definition FROM codebook WHERE version = (SELECT codebook FROM library)"
        ).fetchone()
        return codebooks.codebook(row[0], row[1])

    def saved_searches(self) -> dict[str, str]:
        """The queries that were given a name, by it."""
        return dict(
            self.connection.execute("SELECT name, query FROM saved_search ORDER BY name").fetchall()
        )

    def codebook_text(self) -> str:
        """What the library itself says of structured fields, as TOML."""
        (definition,) = self.connection.execute(
            "SELECT definition FROM codebook WHERE version = (SELECT codebook FROM library)"
        ).fetchone()
        return str(definition)

    def changed_since(self, revision: int) -> tuple[list[str], list[str]]:
        """Ids of the records changed, and of those removed, after ``revision``."""
        rows = self.connection.execute(
            "SELECT id, tombstone FROM record WHERE revision > ? ORDER BY seq", (revision,)
        ).fetchall()
        return [r[0] for r in rows if r[1] is None], [r[0] for r in rows if r[1] is not None]

    @contextmanager
    def operation(
        self, command: str, dry_run: bool = False, linked: Callable[[], Iterable[str]] = tuple
    ) -> Iterator[Operation]:
        """Write: all of it is kept when the block ends, none of the last batch when it raises.

        With ``dry_run`` nothing is kept, but everything happens as if it were. ``linked`` gives the
        locators of the files that follow the library: those that what is done concerns will wait to
        be told.
        """
        if self.connection.in_transaction:
            raise UsageFault(
                "the library is being read or written at this moment",
                "End that first: finish the export, or leave the `with` block.",
            )
        operation = Operation(self.connection, self.actor, command, self.clock, dry_run)
        with database.faults(self.folder / DATABASE):
            operation.begin()
            try:
                operation.linked = frozenset(linked())
                yield operation
                if dry_run:
                    operation.roll_back()
                else:
                    operation.commit()
            except BaseException:
                operation.roll_back()
                raise

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Import alone: others may write in between the batches, but not bring in the same file.

        A lock in a database of its own is let go of by the system when the process dies.
        """
        path = self.folder / IMPORT_LOCK
        with (
            database.faults(path),
            closing(sqlite3.connect(path, timeout=database.PATIENCE, isolation_level=None)) as lock,
        ):
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

    def back_up(self, target: Path, *, force: bool = False, dry_run: bool = False) -> None:
        """Write a consistent copy of the database to ``target``, replacing what is there only when
        it is whole.

        Raises Conflict for a file that is there, without ``force``, and for one of the library
        itself.
        """
        if is_own(target.resolve()) or (target.exists() and target.samefile(self.database)):
            raise Conflict(f"{target.name}: is the library itself", "Choose another name.")
        if target.exists() and not force:
            raise Conflict(f"{target.name}: exists already", "Use --force to replace it.")
        if not dry_run:
            database.back_up(self.connection, target)

    def restore(self, file: Path, *, dry_run: bool = False) -> None:
        """Become what a backup holds; what stands here is backed up first, and a new epoch begins.

        Raises EnvironmentFault for a file that is no library.
        """
        with closing(database.connect(file)) as backup:
            if dry_run:
                return
            path = self.folder / DATABASE
            database.back_up(self.connection, path.with_name(f"{path.name}.before-restore"))
            with database.faults(path):
                backup.backup(self.connection)
                self.connection.execute(
                    "UPDATE library SET epoch = ?, revision = revision + 1", (new_id(),)
                )

    # Records

    def count(self) -> int:
        """How many records there are."""
        (count,) = self.connection.execute(
            "SELECT COUNT(*) FROM record WHERE tombstone IS NULL"
        ).fetchone()
        return int(count)

    def ids(self) -> list[str]:
        """The ids of all records, in the order in which they came."""
        return [
            row[0]
            for row in self.connection.execute(
                "SELECT id FROM record WHERE tombstone IS NULL ORDER BY seq"
            )
        ]

    def records(self, ids: Sequence[str] | None = None) -> list[Record]:
        """The records with these ids (all when None), in the order given; ids of none are passed
        over.
        """
        return list(self.stream(self.ids() if ids is None else ids))

    def stream(self, ids: Sequence[str]) -> Iterator[Record]:
        """The records with these ids one by one, so that never many are held at once."""
        for chunk in chunks(ids):
            found = record_rows.load(self.connection, chunk)
            for record_id in chunk:
                if record_id in found:
                    yield record_rows.with_inherited(self.connection, found[record_id])

    def record(self, record_id: str) -> Record:
        """One record; raises NotFound when it is not (or no longer) there."""
        found = self.records([record_id])
        if not found:
            raise NotFound(f"there is no record with the id {record_id}")
        return found[0]

    def with_abstract(self, text: str) -> list[str]:
        """The ids of the records that have, or had when they were removed, this abstract; blanks
        and bars aside.
        """
        return record_rows.with_abstract(self.connection, text)

    def status(self, record_id: str) -> bool | None:
        """Whether a record is there; None for one that never was."""
        row = self.connection.execute(
            "SELECT tombstone IS NULL FROM record WHERE id = ?", (record_id,)
        ).fetchone()
        return None if row is None else bool(row[0])

    def known(self, ids: Sequence[str]) -> set[str]:
        """Which of these are ids of records that are there."""
        return {
            row[0]
            for row in in_chunks(
                self.connection, "SELECT id FROM record WHERE tombstone IS NULL AND id IN ({})", ids
            )
        }

    def was_removed(self, record_id: str) -> bool:
        """Whether a person took the record out (and not just took back that it was added)."""
        from litrev.library.storage import history

        return history.was_removed(self.connection, record_id)

    # Keys

    def key_taken(self, key: str) -> bool:
        """Whether a record has, or once had, this key in any case."""
        return bool(self.holders(key))

    def holders(self, key: str) -> list[str]:
        """The ids of the records with this key, or of those that once had it."""
        return record_rows.holders(self.connection, key)

    def find_key(self, key: str) -> str | None:
        """The id of the record that answers to exactly this key."""
        return record_rows.only_holder(self.connection, key)

    def resolve(self, pointer: str) -> str:
        """The id of the record with this key, or whose key alone begins with it.

        Raises NotFound when there is none, UsageFault when there are several.
        """
        exact = self.holders(pointer)
        if len(exact) == 1:
            return exact[0]
        found = [(record.id, record.key) for record in self.records(exact)]
        if not found and pointer:
            found = record_rows.beginning_with(self.connection, pointer, 6)
        if len(found) == 1:
            return found[0][0]
        if found:
            raise UsageFault(
                f"{pointer} could be any of {', '.join(key for _, key in found[:5])}",
                "Type more of the key.",
            )
        raise NotFound(
            f"no record has the key {pointer}, nor one that begins with it",
            "`litrev list` shows the keys.",
        )

    def parents(self, ids: Sequence[str]) -> list[str]:
        """The ids of the records that these name in ``crossref`` or ``xdata``, in the order in
        which they are named.
        """
        return record_rows.parents(self.connection, ids)

    # Structured fields

    def cells(
        self, ids: Sequence[str], fields: Iterable[str] | None = None, actor: str | None = None
    ) -> dict[str, dict[str, Cell]]:
        """For each record the cell of each structured field; with ``actor``, as that person alone
        sees it.
        """
        codebook = self.codebook()
        names = tuple(fields) if fields is not None else codebook.names
        single = frozenset(field.name for field in codebook.fields if field.single)
        return {
            record_id: cells
            for chunk in chunks(ids)
            for record_id, cells in cell_rows.cells(self.connection, chunk, names, single, actor)
        }

    def values(self, record_id: str) -> dict[str, Value]:
        """Every value ever made for a record, by id."""
        return cell_rows.values(self.connection, [record_id]).get(record_id, {})

    def judged(self, record_id: str) -> list[Value]:
        """The values of a record that somebody has ruled on, rejected ones too."""
        subjects = {decision.subject for decision in self.decisions(record_id)}
        return (
            [value for value in self.values(record_id).values() if value.id in subjects]
            if subjects
            else []
        )

    def decisions(self, record_id: str) -> list[Decision]:
        """Each person's last words on a record, in the order in which they were said."""
        return current_decisions(self.connection, [record_id]).get(record_id, [])

    def made(self, ids: Sequence[str]) -> Made:
        """Everything that was ever made and said of these records, by record: for a copy of the
        library.
        """
        return Made(
            cell_rows.values(self.connection, ids),
            cell_rows.searches(self.connection, ids),
            decisions(self.connection, ids),
        )

    def unextracted(self, extractors: Mapping[str, str]) -> list[str]:
        """The ids of the records with an abstract where some field was not searched by its
        extractor yet.
        """
        return cell_rows.unsearched(self.connection, extractors)

    # What is kept beside the records; each is loaded when it is asked for, for a search needs none
    # of it

    @property
    def sources(self) -> Sources:
        """The files that were read, and their blocks."""
        from litrev.library.storage.sources import Sources

        return Sources(self.connection)

    @property
    def quarantine(self) -> Quarantine:
        """What could not be read, and conflicts with files."""
        from litrev.library.storage.quarantine import Quarantine

        return Quarantine(self.connection)

    @property
    def duplicate_keys(self) -> DuplicateKeys:
        """The keys under which records meet that may be one work."""
        from litrev.library.storage.duplicate_keys import DuplicateKeys

        return DuplicateKeys(self.connection)

    @property
    def linked_files(self) -> LinkedFiles:
        """What is still to be written into files that follow."""
        from litrev.library.storage.linked_files import LinkedFiles

        return LinkedFiles(self.connection)

    # History

    def log(self, limit: int = -1) -> list[LogEntry]:
        """The operations, latest first; all of them with a negative ``limit``."""
        from litrev.library.storage import history

        return history.log(self.connection, limit)

    def story(self, record_id: str) -> list[ChangeEntry]:
        """Everything that happened to one record, oldest first."""
        from litrev.library.storage import history

        return history.story(self.connection, record_id)

    def changed_after(self, slot: Slot, operation: int) -> bool:
        """Whether a slot was changed by an operation after the one with this number."""
        from litrev.library.storage import history

        return history.changed_after(self.connection, slot, operation)


def login() -> str:
    """The name of the person at this machine."""
    try:
        return getpass.getuser()
    except (
        KeyError,
        OSError,
        ImportError,
    ):  # no such user in the password database, as in a bare container
        return "somebody"
