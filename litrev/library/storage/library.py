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
from litrev.library.storage.chunks import chunks
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

IMPORT_LOCK = ".importing"  # the file that is locked during an import


class Position(NamedTuple):
    """The state of a library that an index must have seen to be in step with it.

    ``head`` is the id of the last operation: two copies of a library that were changed apart may
    have the same revision.
    """

    library: str
    epoch: str
    revision: int
    codebook: int
    head: str = ""


class ExtractionHistory(NamedTuple):
    """Values made for records, the searches that proposed some of them, and all decisions.

    Each is by record; the values are also by id.
    """

    values: Mapping[str, Mapping[str, Value]]
    searches: Mapping[str, Sequence[Search]]
    decisions: Mapping[str, Sequence[DecisionRow]]


class Library:
    """One open library. Close it, or use it as a context manager.

    Raises UsageFault when ``actor`` cannot be the name of a person.
    """

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
        """The open database, for the storage folder alone.

        Raises UsageFault once the library is closed.
        """
        if self._connection is None:
            raise UsageFault(
                f"{self.folder}: the library is closed",
                "Open it again: litrev.open(folder), or do the work inside the `with` block.",
            )
        return self._connection

    def check_open(self) -> None:
        """Raise UsageFault once the library is closed."""
        assert self.connection is not None  # the property raises

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / DATABASE

    @classmethod
    def create(cls, folder: Path, actor: str | None = None, clock: Clock = system_clock) -> Library:
        """Make a new, empty library in ``folder``. Raises EnvironmentFault when that is refused."""
        make_folder(folder)
        # Made under another name first: a library is complete or not there, also after a crash.
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
            partial.rename(folder / DATABASE)
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
        """Open the library in ``folder``; ``allowed`` names folders of other users to be trusted.

        Raises EnvironmentFault when another user owns it, when a newer litrev wrote it, or when
        the file is not a library.
        """
        with database.faults(folder / DATABASE):
            check_owner(folder, allowed)
            connection = database.connect(folder / DATABASE)
        try:
            return cls(folder, connection, actor or login(), clock)
        except UsageFault:
            connection.close()
            raise

    def close(self) -> None:
        """Close the database; closing it again does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Its state

    def position(self) -> Position:
        """Id, epoch, revision, codebook version and last operation, at this moment."""
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

    def has_operation(self, operation_id: str) -> bool:
        """Whether the operation with this id was done in this library; True for an empty id."""
        # Empty is the position of a library before its first operation.
        row = self.connection.execute(
            "SELECT 1 FROM operation WHERE id = ?", (operation_id,)
        ).fetchone()
        return not operation_id or row is not None

    def codebook(self) -> codebooks.Codebook:
        """The structured fields in force."""
        version, definition = self.connection.execute(
            "SELECT version, definition FROM codebook"
            " WHERE version = (SELECT codebook FROM library)"
        ).fetchone()
        return codebooks.codebook(version, definition)

    def saved_searches(self) -> dict[str, str]:
        """The saved queries, by name."""
        rows = self.connection.execute("SELECT name, query FROM saved_search ORDER BY name")
        return dict(rows.fetchall())

    def codebook_text(self) -> str:
        """The library's own definition of structured fields, as TOML."""
        (definition,) = self.connection.execute(
            "SELECT definition FROM codebook WHERE version = (SELECT codebook FROM library)"
        ).fetchone()
        return str(definition)

    def changed_since(self, revision: int) -> tuple[list[str], list[str]]:
        """Ids of the records changed, and of those removed, after ``revision``."""
        return record_rows.changed_since(self.connection, revision)

    @contextmanager
    def operation(
        self, command: str, dry_run: bool = False, linked: Callable[[], Iterable[str]] = tuple
    ) -> Iterator[Operation]:
        """Write in one operation, which is committed when the block ends.

        When the block raises, what was written since the last checkpoint is rolled back. With
        ``dry_run`` all is written and then rolled back. ``linked`` gives the locators of the files
        that follow the library; those with a changed record are noted as waiting for a sync.
        Raises UsageFault when a transaction is open already, Busy when others write too long.
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
        """Keep other imports out for the block. Raises Busy when another import takes too long.

        Others may still write between the batches, but not import the same file.
        """
        # The lock is that of an SQLite database of its own: the system gives it up when the process
        # dies, so no stale lock is left behind.
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
        if self.connection.in_transaction:  # it sees one moment anyway; SQLite has no nested BEGIN
            yield
            return
        with database.faults(self.folder / DATABASE):
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self.connection.execute("COMMIT")

    def back_up(self, target: Path, *, force: bool = False, dry_run: bool = False) -> None:
        """Write a consistent copy of the database to ``target``.

        Raises Conflict when ``target`` is a file of the library itself, and without ``force`` when
        it exists. What is there is replaced only once the copy is complete.
        """
        if is_own(target.resolve()) or (target.exists() and target.samefile(self.database)):
            raise Conflict(f"{target.name}: is the library itself", "Choose another name.")
        if target.exists() and not force:
            raise Conflict(f"{target.name}: exists already", "Use --force to replace it.")
        if not dry_run:
            database.back_up(self.connection, target)

    def restore(self, file: Path, *, dry_run: bool = False) -> None:
        """Take over the contents of a backup, after a backup of the present ones.

        Raises EnvironmentFault when the file is not a library.
        """
        with closing(database.connect(file)) as backup:
            if dry_run:
                return
            path = self.folder / DATABASE
            database.back_up(self.connection, path.with_name(f"{path.name}.before-restore"))
            with database.faults(path):
                backup.backup(self.connection)
                # A new epoch: revisions count from the backup's again, so an index must not trust
                # what it has seen.
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
        """The ids of all records, in the order they were added."""
        return record_rows.all_ids(self.connection)

    def records(self, ids: Sequence[str] | None = None) -> list[Record]:
        """The records with these ids (all when None), in this order; unknown ids are left out."""
        return list(self.stream(self.ids() if ids is None else ids))

    def stream(self, ids: Sequence[str]) -> Iterator[Record]:
        """Yield the records with these ids; only one chunk of them is in memory at a time."""
        for chunk in chunks(ids):
            records = record_rows.load(self.connection, chunk)
            for record_id in chunk:
                if record_id in records:
                    yield record_rows.with_inherited(self.connection, records[record_id])

    def record(self, record_id: str) -> Record:
        """One record. Raises NotFound when it is not in the library, or was removed."""
        records = self.records([record_id])
        if not records:
            raise NotFound(f"there is no record with the id {record_id}")
        return records[0]

    def with_abstract(self, text: str) -> list[str]:
        """The ids of the records with this abstract, removed ones too, but last.

        Blanks and bars around the abstract do not count.
        """
        return record_rows.with_abstract(self.connection, text)

    def status(self, record_id: str) -> bool | None:
        """Whether a record is in the library; None for one that never was."""
        return record_rows.is_present(self.connection, record_id)

    def known(self, ids: Sequence[str]) -> set[str]:
        """Which of these are ids of records in the library."""
        return record_rows.present(self.connection, ids)

    def was_removed(self, record_id: str) -> bool:
        """Whether a person removed the record; an undo of its addition is not a removal."""
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
        """The id of the record that this key names; None for no record or several."""
        return record_rows.only_holder(self.connection, key)

    def resolve(self, pointer: str) -> str:
        """The id of the one record with the key ``pointer``, or whose key begins with it.

        Raises NotFound when there is none, UsageFault when there are several.
        """
        holder_ids = self.holders(pointer)
        if len(holder_ids) == 1:
            return holder_ids[0]
        matches = [(record.id, record.key) for record in self.records(holder_ids)]
        if not matches and pointer:  # every key begins with an empty text
            matches = record_rows.beginning_with(self.connection, pointer, 6)
        if len(matches) == 1:
            record_id, _key = matches[0]
            return record_id
        if matches:
            raise UsageFault(
                f"{pointer} could be any of {', '.join(key for _, key in matches[:5])}",
                "Type more of the key.",
            )
        raise NotFound(
            f"no record has the key {pointer}, nor one that begins with it",
            "`litrev list` shows the keys.",
        )

    def parents(self, ids: Sequence[str]) -> list[str]:
        """The ids of the records that these name in ``crossref`` or ``xdata``, each once."""
        return record_rows.parents(self.connection, ids)

    # Structured fields

    def cells(
        self, ids: Sequence[str], fields: Iterable[str] | None = None, actor: str | None = None
    ) -> dict[str, dict[str, Cell]]:
        """For each record the cell of each structured field, by record and field.

        With ``fields``, only of these; with ``actor``, as that person's decisions alone make them.
        """
        codebook = self.codebook()
        names = codebook.names if fields is None else tuple(fields)
        single = frozenset(field.name for field in codebook.fields if field.single)
        by_record: dict[str, dict[str, Cell]] = {}
        for chunk in chunks(ids):
            by_record.update(cell_rows.cells(self.connection, chunk, names, single, actor))
        return by_record

    def values(self, record_id: str) -> dict[str, Value]:
        """Every value ever made for a record, by id."""
        return cell_rows.values(self.connection, [record_id]).get(record_id, {})

    def decided_values(self, record_id: str) -> list[Value]:
        """The values of a record that somebody has decided on, rejected ones too."""
        subjects = {decision.subject for decision in self.decisions(record_id)}
        if not subjects:
            return []
        return [value for value in self.values(record_id).values() if value.id in subjects]

    def decisions(self, record_id: str) -> list[Decision]:
        """Each person's decisions on a record that are in force, oldest first."""
        return current_decisions(self.connection, [record_id]).get(record_id, [])

    def extraction_history(self, ids: Sequence[str]) -> ExtractionHistory:
        """All values, searches and decisions of these records, for a copy of the library."""
        return ExtractionHistory(
            cell_rows.values(self.connection, ids),
            cell_rows.searches(self.connection, ids),
            decisions(self.connection, ids),
        )

    def unextracted(self, extractors: Mapping[str, str]) -> list[str]:
        """The ids of the records with an abstract in which a field is still to be searched.

        ``extractors`` names the present extractor of each field.
        """
        return cell_rows.unsearched(self.connection, extractors)

    # What is stored beside the records. Each module is imported when it is asked for, because a
    # search needs none of them and should start fast.

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
        """The keys that records share which may be one work."""
        from litrev.library.storage.duplicate_keys import DuplicateKeys

        return DuplicateKeys(self.connection)

    @property
    def linked_files(self) -> LinkedFiles:
        """What is still to be written into the files that follow the library."""
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
    """The login name of the person at this machine."""
    try:
        return getpass.getuser()
    # The user is not in the password database, as in a bare container.
    except (KeyError, OSError, ImportError):
        return "somebody"
