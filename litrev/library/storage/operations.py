"""The one way to write: an operation, journalled slot by slot, that can be taken back."""

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
from litrev.library.storage.journal import Json, Slot, Writing
from litrev.library.storage.on_commit import note_duplicate_keys, note_pending, stamp_records

FOLLOWING = (
    "(follows)"  # how the command of an operation begins that brought a linked file into step
)
BATCH_SECONDS = 1.0  # the longest stretch of work one commit holds back


class Unstorable(ValueError):
    """A row that the database refuses: the id of nothing, a word that is none of those allowed."""


class Operation:
    """The one way to write: what one command did, journalled slot by slot.

    A transaction is open while it lives. Nothing is written, and no revision spent, by an
    operation that changes nothing. Long work calls :meth:`checkpoint` between two whole steps.
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
        self._seq: int | None = None
        self._revision: int | None = None
        self._touched: set[str] = set()
        self._journal: list[
            tuple[int, int, str, str, str, str, str]
        ] = []  # of this transaction, not yet written
        self._next_record = 0  # the number of the next new record in this transaction
        self._named: dict[
            str, list[str] | None
        ] = {}  # whose title or DOI may have changed, with their keys where known
        self.linked: frozenset[str] = (
            frozenset()
        )  # locators of the files that follow the library and are not yet told of this
        self._since = 0.0

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self._seq is not None

    def begin(self) -> None:
        """Start the first transaction."""
        begin(self.connection)
        self._next_record = 0
        self._since = time.monotonic()

    def commit(self, finished: bool = True) -> None:
        """Make what was done last."""
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
        return not self.dry_run and time.monotonic() - self._since >= BATCH_SECONDS

    def checkpoint(self) -> bool:
        """Commit and begin again if a batch's time is over; others get to write in between."""
        if not self.checkpoint_due:
            return False
        self.commit(finished=False)
        self._revision = None
        self.begin()
        return True

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Take back what the block wrote, and only that, when it raises.

        Raises Unstorable where the database refuses a row.
        """
        self._write_journal()
        before = self._seq, self._revision, self._touched, self._named
        self._touched, self._named = (
            set(),
            {},
        )  # of this step alone: copying what came before would cost the more the more there is
        self.connection.execute("SAVEPOINT step")
        try:
            yield
        except BaseException as error:
            if self.connection.in_transaction:  # a full disk may have ended it
                self.connection.execute("ROLLBACK TO step")
            self._seq, self._revision, self._touched, self._named = before
            self._journal.clear()
            self._next_record = 0
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.OperationalError):
                raise Unstorable(str(error)) from error
            raise
        else:
            before[2].update(self._touched)
            before[3].update(self._named)
            self._touched, self._named = before[2], before[3]
        finally:
            if self.connection.in_transaction:
                self.connection.execute("RELEASE step")

    def writing(self) -> Writing:
        """The operation's number and the transaction's revision, taken on the first write."""
        if self._seq is None:
            cursor = self.connection.execute(
                "INSERT INTO operation (id, actor, command, started, undoes) VALUES (?, ?, ?, ?, ?)",
                (self.id, self.actor, self.command, self.now, self.undoes),
            )
            self._seq = cursor.lastrowid
        if self._revision is None:
            sql = "UPDATE library SET revision = revision + 1 RETURNING revision"
            (self._revision,) = self.connection.execute(sql).fetchone()
        assert self._seq is not None and self._revision is not None
        return Writing(self.connection, self._seq, self._revision, self.actor, self.now)

    def touch(self, record_id: str) -> None:
        """Note that what is known of a record has changed."""
        if record_id:
            self._touched.add(record_id)

    def in_step(self, locator: str) -> None:
        """A linked file has been brought into step by this very operation."""
        self.linked -= {locator}
        self.writing()
        self.connection.execute("DELETE FROM pending_sync WHERE locator = ?", (locator,))

    def put(self, slot: Slot, value: Json) -> bool:
        """Put ``value`` into ``slot`` and journal it; False when it was there already."""
        before = journal.read(self.connection, slot)
        if before == value:
            return False
        writing = self.writing()
        journal.write(writing, slot, value)
        self.journal(slot, before, value)
        return True

    def current(self, slot: Slot) -> Json:
        """What a slot holds now; None when it is empty."""
        return journal.read(self.connection, slot)

    def appeared(self, slot: Slot) -> None:
        """Journal that a row was inserted which stands until it is taken back."""
        self.journal(slot, None, True)

    def journal(self, slot: Slot, before: Json, after: Json) -> None:
        """Note what a slot held and holds, for undo and for the log."""
        writing = self.writing()
        self._journal.append(
            (
                writing.operation,
                writing.revision,
                slot.record_id,
                slot.kind,
                slot.name,
                _dump(before),
                _dump(after),
            )
        )
        self.touch(slot.record_id)
        if slot.kind == "alive" or (
            slot.kind == "field" and slot.name in {"title", "subtitle", "doi"}
        ):
            self._named[slot.record_id] = None

    def _write_journal(self) -> None:
        """Write what was noted so far, before it is looked at or made last."""
        sql = "INSERT INTO change (operation, revision, record_id, kind, name, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self.connection.executemany(sql, self._journal)
        self._journal.clear()

    def _stamp_records(self) -> None:
        if self._touched:
            stamp_records(self.connection, self.writing().revision, self._touched)
            note_duplicate_keys(self.connection, self._named)
            note_pending(self.connection, self.linked, self._touched)
            self._touched.clear()
            self._named.clear()

    # What a caller says, in the words of the data model

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
        """A new record with all it holds; taking it back removes it as a whole."""
        revision = self.writing().revision
        if not self._next_record:
            (self._next_record,) = self.connection.execute(
                "SELECT coalesce(MAX(seq), 0) + 1 FROM record"
            ).fetchone()
        seq, self._next_record = self._next_record, self._next_record + 1
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
            seq,
            revision,
        )
        self.connection.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", row
        )
        rows = [(record_id, f.name, position, f.value, f.raw) for position, f in enumerate(fields)]
        self.connection.executemany("INSERT INTO field VALUES (?, ?, ?, ?, ?)", rows)
        self.appeared(Slot("alive", record_id))
        values = {f.name: f.value for f in fields if f.name in {"title", "subtitle", "doi"}}
        self._named[record_id] = duplicate_keys(lambda name: values.get(name, ""))

    def set_field(self, record_id: str, name: str, field: Field | None) -> bool:
        """Set, or with None remove, a bibliographic field; a new one comes last."""
        slot = Slot("field", record_id, name)
        if field is None:
            return self.put(slot, None)
        now = journal.read(self.connection, slot)
        if now is None:
            sql = "SELECT coalesce(MAX(position), -1) + 1 FROM field WHERE record_id = ?"
            (position,) = self.connection.execute(sql, (record_id,)).fetchone()
        else:
            position = now[0]
        return self.put(slot, [position, field.value, field.raw])

    def add_value(self, record_id: str, value: Value) -> bool:
        """Keep a value for good; False when it was kept already."""
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
        if inserted.rowcount:
            self.writing()
            rows = [
                (value.id, n, e.start, e.end, e.quote, e.stale)
                for n, e in enumerate(value.evidence)
            ]
            self.connection.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?)", rows)
        return bool(inserted.rowcount)

    def emptied(self, slot: Slot) -> bool:
        """Whether the last thing that happened to an empty slot is that somebody emptied it."""
        self._write_journal()
        row = self.connection.execute(
            """SELECT c.after, o.undoes FROM change AS c JOIN operation AS o ON o.seq = c.operation
               WHERE c.record_id = ? AND c.kind = ? AND c.name = ? ORDER BY c.seq DESC LIMIT 1""",
            (slot.record_id, slot.kind, slot.name),
        ).fetchone()
        return row is not None and row["after"] == "null" and row["undoes"] is None

    def propose(self, record_id: str, field: str, extractor: str, values: Sequence[Value]) -> bool:
        """Let ``values`` be what was found for ``field``; an empty list says it was searched in
        vain.
        """
        for value in values:
            if not self.add_value(record_id, value):  # found again where it once stood
                self.put(
                    Slot("evidence", record_id, value.id),
                    [[e.start, e.end, e.quote, 0] for e in value.evidence],
                )
        return self.put(
            Slot("extraction", record_id, field), [extractor, [value.id for value in values]]
        )

    def decide(
        self,
        record_id: str,
        field: str,
        subject: str,
        verdict: Verdict | None,
        value_id: str | None = None,
    ) -> bool:
        """The actor's word on a value, or with an empty ``subject`` on the field; None takes it
        back.
        """
        slot = Slot("decision", record_id, journal.decision_name(field, subject, self.actor))
        return self.put(slot, None if verdict is None else [verdict.value, value_id])

    def add_decision_row(self, row: DecisionRow) -> bool:
        """Append what somebody said in another copy, as it was said there; False when it is known.

        Where a later word of the same person stands here it is said again, and so goes on standing.
        None of it is journalled: what was said elsewhere is a fact, and no undo takes it back in
        their name.
        """
        last = last_decision(self.connection, row.record_id, row.field, row.subject, row.actor)
        if not append_decision(self.connection, row):
            return False
        if last and row.follows != last.id and (last.at, last.id) > (row.at, row.id):
            again = derived_id(row.record_id, "said again", last.id, row.id)
            append_decision(
                self.connection,
                row._replace(
                    id=again,
                    verdict=last.verdict,
                    value_id=last.value_id,
                    at=last.at,
                    follows=row.id,
                ),
            )
        self.touch(row.record_id)
        return True

    def set_abstract(self, record_id: str, text: str | None) -> bool:
        """Change the abstract: evidence whose words did not change moves with them, the rest
        becomes stale.
        """
        rows = self.connection.execute(
            "SELECT id FROM value WHERE record_id = ?", (record_id,)
        ).fetchall()
        self.move_evidence(record_id, [row[0] for row in rows], text or "")
        return self.put(Slot("abstract", record_id), text or None)

    def move_evidence(self, record_id: str, value_ids: Sequence[str], text: str) -> None:
        """Let the evidence of values, which stands in the abstract as it is now, stand in ``text``."""
        old = journal.read(self.connection, Slot("abstract", record_id)) or ""
        if old == text:
            return
        move = mover(old, text)
        for value_id in value_ids:
            slot = Slot("evidence", record_id, value_id)
            spans = (
                move(Evidence(start, end, quote, bool(stale)))
                for start, end, quote, stale in journal.read(self.connection, slot)
            )
            self.put(slot, [[span.start, span.end, span.quote, int(span.stale)] for span in spans])

    def add_note(self, record_id: str, text: str) -> Note:
        """A remark by the actor."""
        note = Note(new_id(), text, self.actor, self.now)
        self.put(Slot("note", record_id, note.id), [note.text, note.actor, note.at])
        return note


def _dump(value: Json) -> str:
    if value is None or value is True:
        return "true" if value else "null"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
