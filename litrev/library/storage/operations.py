"""The one way to write: an operation, journalled slot by slot, that can be undone."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from litrev.library.model.duplicate_keys import duplicate_keys
from litrev.library.model.evidence import mover
from litrev.library.model.ids import Clock, abstract_hash, derived_id, fold_key, new_id, stamp
from litrev.library.model.record import Evidence, Field, Note, Value, Verdict
from litrev.library.storage import journal
from litrev.library.storage.connection import begin
from litrev.library.storage.decision_rows import DecisionRow, append_decision, last_decision
from litrev.library.storage.journal import Json, Slot, WriteContext
from litrev.library.storage.on_commit import note_duplicate_keys, note_pending, stamp_records

# The command of an operation that synced a linked file begins with this.
SYNC_PREFIX = "(follows)"
BATCH_SECONDS = 1.0  # a long operation commits this often, so that others wait no longer

# The fields from which the duplicate keys of a record are made.
_DUPLICATE_KEY_FIELDS = frozenset({"title", "subtitle", "doi"})


class Unstorable(ValueError):
    """A row that the database refuses: an id that does not exist, a word that is not allowed."""


class Operation:
    """The one way to write: what one command did, journalled slot by slot.

    It holds a transaction open from :meth:`begin` to :meth:`commit` or :meth:`roll_back`. An
    operation that changes nothing writes nothing and leaves the revision as it is. Long work calls
    :meth:`checkpoint` between two complete steps.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        actor: str,
        command: str,
        clock: Clock,
        dry_run: bool = False,
    ) -> None:
        self.connection = connection
        self.dry_run = dry_run
        self.actor = actor
        self.command = command
        self.now = stamp(clock())
        self.id = new_id()
        self.undoes: str | None = None
        # Locators of the files that follow the library and do not have these changes yet.
        self.linked: frozenset[str] = frozenset()

        self._seq: int | None = None  # the operation's number, given at its first write
        # What follows belongs to the present transaction: a checkpoint begins it anew.
        self._revision: int | None = None
        self._touched: set[str] = set()  # ids of changed records
        self._journal: list[tuple[int, int, str, str, str, str, str]] = []  # not yet written
        # New duplicate keys by record; None where they must be computed from the stored fields.
        self._duplicate_keys: dict[str, list[str] | None] = {}
        self._next_record = 0  # the number of the next new record; 0 when it must be looked up
        self._began = 0.0

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self._seq is not None

    def begin(self) -> None:
        """Start a transaction, waiting for other writers."""
        begin(self.connection)
        # Another process may have added records since the last transaction.
        self._next_record = 0
        self._began = time.monotonic()

    def commit(self, finished: bool = True) -> None:
        """Make what was done permanent; ``finished`` says that nothing is left to do."""
        if finished and self._seq is not None:
            self.connection.execute(
                "UPDATE operation SET finished = ? WHERE seq = ?", (self.now, self._seq)
            )
        self._stamp_records()
        self._write_journal()
        self.connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Forget what was done since the last commit."""
        self._journal.clear()
        if self.connection.in_transaction:  # SQLite may have ended it: a full disk does
            self.connection.execute("ROLLBACK")

    @property
    def checkpoint_due(self) -> bool:
        """Whether a batch's time is over, so that :meth:`checkpoint` will commit."""
        # A dry run is one transaction, so that it can be rolled back as a whole.
        return not self.dry_run and time.monotonic() - self._began >= BATCH_SECONDS

    def checkpoint(self) -> bool:
        """Commit and begin again if a batch's time is over; True when it did.

        Others can write in between. What was committed stays when the work is interrupted later.
        """
        if not self.checkpoint_due:
            return False
        self.commit(finished=False)
        # The next batch needs a revision of its own: an index may have seen this one by then.
        self._revision = None
        self.begin()
        return True

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Take back what the block wrote, and only that, when it raises.

        Raises Unstorable when the database refuses a row.
        """
        # What was journalled before the block must survive it; what is left in memory does not.
        self._write_journal()
        seq, revision = self._seq, self._revision
        touched, keys = self._touched, self._duplicate_keys
        # The block fills collections of its own. To copy the others for each step would cost more
        # with each step.
        self._touched = set()
        self._duplicate_keys = {}
        self.connection.execute("SAVEPOINT step")
        try:
            yield
        except BaseException as error:
            if self.connection.in_transaction:  # a full disk may have ended it
                self.connection.execute("ROLLBACK TO step")
            self._seq, self._revision = seq, revision
            self._touched, self._duplicate_keys = touched, keys
            self._journal.clear()
            self._next_record = 0
            # An operational error is the machine's (a full disk, a lock), not the row's.
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.OperationalError):
                raise Unstorable(str(error)) from error
            raise
        else:
            touched.update(self._touched)
            keys.update(self._duplicate_keys)
            self._touched, self._duplicate_keys = touched, keys
        finally:
            # ROLLBACK TO leaves the savepoint open, so it is released in both cases.
            if self.connection.in_transaction:
                self.connection.execute("RELEASE step")

    def write_context(self) -> WriteContext:
        """The operation's number and the transaction's revision, both taken at the first write."""
        if self._seq is None:
            cursor = self.connection.execute(
                "INSERT INTO operation (id, actor, command, started, undoes)"
                " VALUES (?, ?, ?, ?, ?)",
                (self.id, self.actor, self.command, self.now, self.undoes),
            )
            self._seq = cursor.lastrowid
        if self._revision is None:
            sql = "UPDATE library SET revision = revision + 1 RETURNING revision"
            (self._revision,) = self.connection.execute(sql).fetchone()
        assert self._seq is not None and self._revision is not None
        return WriteContext(self.connection, self._seq, self._revision, self.actor, self.now)

    def touch(self, record_id: str) -> None:
        """Note that what is known about a record has changed."""
        if record_id:  # empty for what belongs to no record, such as the codebook
            self._touched.add(record_id)

    def mark_synced(self, locator: str) -> None:
        """Note that this operation has brought a linked file into step with the library."""
        # The commit must not note the file as waiting for the very changes that came from it.
        self.linked -= {locator}
        self.write_context()
        self.connection.execute("DELETE FROM pending_sync WHERE locator = ?", (locator,))

    def put(self, slot: Slot, value: Json) -> bool:
        """Put ``value`` into ``slot`` and journal it; False when it was there already."""
        before = journal.read(self.connection, slot)
        if before == value:
            return False
        journal.write(self.write_context(), slot, value)
        self.journal(slot, before, value)
        return True

    def current(self, slot: Slot) -> Json:
        """What a slot holds now; None when it is empty."""
        return journal.read(self.connection, slot)

    def journal_insertion(self, slot: Slot) -> None:
        """Journal that a row was inserted; undo empties its slot."""
        self.journal(slot, None, True)

    def journal(self, slot: Slot, before: Json, after: Json) -> None:
        """Note what a slot held and what it holds now, for undo and for the log."""
        context = self.write_context()
        self._journal.append(
            (
                context.operation,
                context.revision,
                slot.record_id,
                slot.kind,
                slot.name,
                _dump(before),
                _dump(after),
            )
        )
        self.touch(slot.record_id)
        changes_keys = slot.kind == "field" and slot.name in _DUPLICATE_KEY_FIELDS
        if changes_keys or slot.kind == "alive":
            self._duplicate_keys[slot.record_id] = None

    def _write_journal(self) -> None:
        """Write the rows that wait, all at once; must come before a query of the journal."""
        sql = (
            "INSERT INTO change (operation, revision, record_id, kind, name, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        self.connection.executemany(sql, self._journal)
        self._journal.clear()

    def _stamp_records(self) -> None:
        if not self._touched:
            return
        stamp_records(self.connection, self.write_context().revision, self._touched)
        note_duplicate_keys(self.connection, self._duplicate_keys)
        note_pending(self.connection, self.linked, self._touched)
        self._touched.clear()
        self._duplicate_keys.clear()

    # Changes in the terms of the data model

    def add_record(
        self,
        record_id: str,
        key: str,
        entry_type: str,
        fields: Sequence[Field],
        abstract: str | None,
        *,
        key_generated: bool = False,
        type_guessed: bool = False,
        created: str | None = None,
    ) -> None:
        """Add a record with all it holds; undo removes it as a whole."""
        revision = self.write_context().revision
        row = (
            record_id,
            key,
            fold_key(key),
            key_generated,
            entry_type,
            type_guessed,
            abstract,
            abstract_hash(abstract),
            created or self.now,
            self._take_record_number(),
            revision,
        )
        self.connection.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", row
        )
        rows = [(record_id, f.name, position, f.value, f.raw) for position, f in enumerate(fields)]
        self.connection.executemany("INSERT INTO field VALUES (?, ?, ?, ?, ?)", rows)
        self.journal_insertion(Slot("alive", record_id))
        # Last, for the journal has just asked for the keys to be computed from the stored fields.
        # Here the fields are at hand, which saves a query for each record of an import.
        texts = {f.name: f.value for f in fields if f.name in _DUPLICATE_KEY_FIELDS}
        self._duplicate_keys[record_id] = duplicate_keys(lambda name: texts.get(name, ""))

    def _take_record_number(self) -> int:
        """The number of a new record, looked up once in a transaction."""
        if not self._next_record:
            (self._next_record,) = self.connection.execute(
                "SELECT coalesce(MAX(seq), 0) + 1 FROM record"
            ).fetchone()
        number = self._next_record
        self._next_record += 1
        return number

    def set_field(self, record_id: str, name: str, field: Field | None) -> bool:
        """Set, or with None remove, a bibliographic field; a new one comes last."""
        slot = Slot("field", record_id, name)
        if field is None:
            return self.put(slot, None)
        current = journal.read(self.connection, slot)
        if current is None:
            sql = "SELECT coalesce(MAX(position), -1) + 1 FROM field WHERE record_id = ?"
            (position,) = self.connection.execute(sql, (record_id,)).fetchone()
        else:
            position, _text, _raw = current
        return self.put(slot, [position, field.value, field.raw])

    def add_value(self, record_id: str, value: Value) -> bool:
        """Store a value, which never changes from then on; False when it was stored already."""
        # Values are not journalled: they only count once a slot (extraction, decision) names them.
        inserted = self.connection.execute(
            "INSERT OR IGNORE INTO value VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                value.id,
                record_id,
                value.field,
                value.text,
                value.label,
                value.number,
                value.maker,
                value.confidence,
                value.made,
            ),
        )
        if not inserted.rowcount:
            return False
        self.write_context()
        rows = [
            (value.id, position, span.start, span.end, span.quote, span.stale)
            for position, span in enumerate(value.evidence)
        ]
        self.connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?)", rows)
        return True

    def emptied(self, slot: Slot) -> bool:
        """Whether the last change of an empty slot was that somebody emptied it, not an undo."""
        self._write_journal()
        row = self.connection.execute(
            """SELECT c.after, o.undoes FROM change AS c JOIN operation AS o ON o.seq = c.operation
               WHERE c.record_id = ? AND c.kind = ? AND c.name = ? ORDER BY c.seq DESC LIMIT 1""",
            (slot.record_id, slot.kind, slot.name),
        ).fetchone()
        return row is not None and row["after"] == "null" and row["undoes"] is None

    def propose(self, record_id: str, field: str, extractor: str, values: Sequence[Value]) -> bool:
        """Make ``values`` the proposals for ``field``; an empty list says that none was found."""
        for value in values:
            is_new = self.add_value(record_id, value)
            if not is_new:  # found again: its evidence may have moved or been stale meanwhile
                spans = [[span.start, span.end, span.quote, 0] for span in value.evidence]
                self.put(Slot("evidence", record_id, value.id), spans)
        value_ids = [value.id for value in values]
        return self.put(Slot("extraction", record_id, field), [extractor, value_ids])

    def decide(
        self,
        record_id: str,
        field: str,
        subject: str,
        verdict: Verdict | None,
        value_id: str | None = None,
    ) -> bool:
        """The actor's decision on a value, or with an empty ``subject`` on the field.

        None as ``verdict`` takes it back.
        """
        slot = Slot("decision", record_id, journal.decision_name(field, subject, self.actor))
        return self.put(slot, None if verdict is None else [verdict.value, value_id])

    def add_decision_row(self, row: DecisionRow) -> bool:
        """Append a decision that was made in another copy; False when it is known.

        A later decision of the same person in this library stays in force.
        """
        # None of this is journalled: a decision made elsewhere is a fact, and nobody may take it
        # back in the name of the person who made it.
        last = last_decision(self.connection, row.record_id, row.field, row.subject, row.actor)
        if not append_decision(self.connection, row):
            return False
        if last and row.follows != last.id and (last.at, last.id) > (row.at, row.id):
            self._repeat_decision(last, row)
        self.touch(row.record_id)
        return True

    def _repeat_decision(self, last: DecisionRow, row: DecisionRow) -> None:
        """Append ``last`` again behind the older ``row`` from another copy."""
        # The row that was inserted last is in force. The id is derived, so that two copies that
        # meet each other repeat the decision under one id, not under two.
        repeated = row._replace(
            id=derived_id(row.record_id, "said again", last.id, row.id),
            verdict=last.verdict,
            value_id=last.value_id,
            at=last.at,
            follows=row.id,
        )
        append_decision(self.connection, repeated)

    def set_abstract(self, record_id: str, text: str | None) -> bool:
        """Change the abstract; an empty text removes it.

        Evidence whose words did not change moves with them, the rest becomes stale.
        """
        rows = self.connection.execute(
            "SELECT id FROM value WHERE record_id = ?", (record_id,)
        ).fetchall()
        # Before the abstract itself, because evidence moves from the abstract that is stored now.
        self.move_evidence(record_id, [row[0] for row in rows], text or "")
        return self.put(Slot("abstract", record_id), text or None)

    def move_evidence(self, record_id: str, value_ids: Sequence[str], text: str) -> None:
        """Move the evidence of values from the stored abstract into ``text``."""
        old = journal.read(self.connection, Slot("abstract", record_id)) or ""
        if old == text:
            return
        move = mover(old, text)
        for value_id in value_ids:
            slot = Slot("evidence", record_id, value_id)
            moved_spans = []
            for start, end, quote, stale in journal.read(self.connection, slot):
                moved = move(Evidence(start, end, quote, bool(stale)))
                moved_spans.append([moved.start, moved.end, moved.quote, int(moved.stale)])
            self.put(slot, moved_spans)

    def add_note(self, record_id: str, text: str) -> Note:
        """Add a note by the actor to a record."""
        note = Note(new_id(), text, self.actor, self.now)
        self.put(Slot("note", record_id, note.id), [note.text, note.actor, note.at])
        return note


def _dump(value: Json) -> str:
    # Nearly all changes of an import are additions, from null to true: no encoder for these.
    if value is None:
        return "null"
    if value is True:
        return "true"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
