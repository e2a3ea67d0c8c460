"""What a person changes in records: cells, metadata, keys, tags, notes; and undoing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from litrev.errors import NotFound, UsageFault
from litrev.library.bibtex import citation_keys as keys
from litrev.library.model.codebook import Codebook, StructuredField, field_of
from litrev.library.model.record import Cell
from litrev.library.storage import edits, history
from litrev.library.storage.history import ChangeEntry, LogEntry
from litrev.library.storage.history_text import describe_change
from litrev.library.storage.journal import Slot
from litrev.library.storage.operations import Operation
from litrev.workspace import record_text
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session
from litrev.workspace.settings import key_pattern
from litrev.workspace.syncing import Syncing

Value = str | int | float | bool | None | Sequence[str]
Assignments = Sequence[str] | Mapping[str, Value]
"""Texts such as ``["site=L county", "methods+=survey"]``, or a mapping of names to values such as
``{"site": "L county", "methods": ["survey", "interview"]}``.
"""

_SEARCH_NAME = re.compile(r"\w[\w.-]{0,59}")


class _Assignment(NamedTuple):
    """A value for the field ``name``; ``adds`` to the values that are there, or replaces them.

    ``value`` is one text, which may stand for several values, or several texts, a value each.
    """

    name: str
    value: str | Sequence[str]
    adds: bool


class Editing:
    """The edits of one library."""

    def __init__(self, session: Session, selecting: Selecting, syncing: Syncing) -> None:
        self._selecting = selecting
        self._syncing = syncing
        self._library = session.library

    # Cells and metadata

    def set(
        self, pointer: str, assignments: Assignments = (), not_reported: Sequence[str] = ()
    ) -> list[str]:
        """Set cells and metadata of one record, and return the names of what changed.

        ``not_reported`` are fields about which the abstract says nothing. Raises UsageFault for
        what is not an assignment, and for a field or value that cannot be set.
        """
        codebook = self._library.codebook()
        changed: list[str] = []
        with self._syncing.operation("set") as operation:
            record_id = self._selecting.resolve(pointer)
            for assignment in _parsed(assignments):
                if self._assign(operation, record_id, codebook, assignment):
                    field = field_of(codebook, assignment.name)
                    changed.append(field.name if field else assignment.name)
            for name in not_reported:
                field = codebook[name]
                record = self._library.record(record_id)
                cell = self._cell(record_id, field)
                if edits.not_reported(operation, record, cell):
                    changed.append(field.name)
        return changed

    def _assign(
        self, operation: Operation, record_id: str, codebook: Codebook, assignment: _Assignment
    ) -> bool:
        """Do one assignment; return whether it changed anything."""
        name, value, adds = assignment
        # Read anew each time: the assignment before may have changed the same field.
        record = self._library.record(record_id)
        field = field_of(codebook, name)
        if field:
            return edits.enter(
                operation, record, self._cell(record_id, field), field, value, replace=not adds
            )
        if adds:
            raise UsageFault(
                f"{name} holds one text; += adds to structured fields only", f"Write {name}=…."
            )
        if not isinstance(value, str):
            raise UsageFault(
                f"{name} holds one text, not several", "Only structured fields hold several values."
            )
        return edits.set_metadata(operation, record, name, value)

    def _cell(self, record_id: str, field: StructuredField) -> Cell:
        cells = self._library.cells([record_id], [field.name])
        return cells[record_id][field.name]

    def accept(
        self, query: str = "", fields: Sequence[str] = (), above: float = 0.0
    ) -> tuple[int, int]:
        """Accept what is proposed, and return how many values of how many records were accepted.

        ``fields`` are names of structured fields; without them all are meant. ``above`` is the
        least confidence, from 0 to 1. Raises UsageFault for an unknown field.
        """
        codebook = self._library.codebook()
        actor = self._library.actor
        names = [codebook[name].name for name in fields] or list(codebook.names)
        ids = self._selecting.select(query)
        value_count = record_count = 0
        with self._syncing.operation("accept") as operation:
            for record_id in ids:
                # With the actor: what others have decided is still open for this person.
                cells = self._library.cells([record_id], names, actor)[record_id]
                accepted = edits.accept(operation, record_id, cells.values(), above)
                value_count += accepted
                record_count += bool(accepted)
                operation.checkpoint()
        return value_count, record_count

    def as_text(self, pointer: str) -> str:
        """One record as text for an editor."""
        record_id = self._selecting.resolve(pointer)
        return record_text.render(self._library, record_id)

    def take_text(self, pointer: str, original: str, text: str) -> list[str]:
        """Save an edited text of a record, and return the names of what changed.

        ``original`` is what :meth:`as_text` returned. Raises UsageFault, naming the line, for a
        line that cannot be read, Conflict where somebody else has changed the same thing.
        """
        record_id = self._selecting.resolve(pointer)
        with self._syncing.operation("edit") as operation:
            return record_text.apply(self._library, operation, record_id, original, text)

    # Records

    def tag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()) -> int:
        """Add tags to records and remove others; return how many records changed.

        Raises UsageFault for a text that cannot be a tag.
        """
        added = _as_several(add)
        removed = _as_several(remove)
        with self._syncing.operation("tag") as operation:
            return sum(edits.tag(operation, record_id, added, removed) for record_id in ids)

    def note(self, pointer: str, text: str) -> None:
        """Add a note by the actor to a record; raises UsageFault for an empty text."""
        if not text.strip():
            raise UsageFault("the note is empty", "Give its text.")
        with self._syncing.operation("note") as operation:
            operation.add_note(self._selecting.resolve(pointer), text)

    def rename(self, pointer: str, key: str) -> tuple[str, str]:
        """Give a record another citation key, and return the old and the new key.

        Raises UsageFault for a text that cannot be a key, Conflict when another record has or had
        the key.
        """
        with self._syncing.operation("rename") as operation:
            record = self._selecting.record(pointer)
            edits.rename(operation, record, key, self._library.holders)
        return record.key, key

    def rekey(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """Give records whose key was generated one from their metadata; return old and new keys.

        Records that have the key already, or too few metadata for one, are passed over.
        """
        pattern = key_pattern(self._library.folder)
        renamed: list[tuple[str, str]] = []
        with self._syncing.operation("rekey") as operation:
            for record in self._library.records(ids):
                if not record.key_generated:
                    continue
                proposed = keys.proposed_key(record.fields, pattern)
                if not proposed or proposed == record.key:
                    continue
                key = keys.unique_key(proposed, self._library.key_taken)
                edits.rename(operation, record, key, self._library.holders)
                renamed.append((record.key, key))
        return renamed

    def remove(self, ids: Sequence[str]) -> list[str]:
        """Take records out of the library, until undone, and return their keys."""
        # Their keys are read first: a removed record is no longer found.
        records = self._library.records(ids)
        removed_keys = [record.key for record in records]
        with self._syncing.operation("rm") as operation:
            for record_id in ids:
                operation.put(Slot("alive", record_id), None)
        return removed_keys

    # Searches with names

    def save_search(self, name: str, query: str | None) -> None:
        """Let ``@name`` mean ``query`` from now on; None forgets the name.

        Raises UsageFault for a name that cannot be used, NotFound for one that cannot be
        forgotten, QuerySyntax for a query that cannot be read.
        """
        if not _SEARCH_NAME.fullmatch(name):
            raise UsageFault(
                f"{name!r:.60} cannot name a search",
                "A name is letters, digits, dots and hyphens: litrev save recent 'year:>=2020'",
            )
        if query is not None:
            self._selecting.parse(query)  # raises QuerySyntax for one that cannot be read
        elif name not in self._library.saved_searches():
            raise NotFound(f"no search is saved as @{name}", "`litrev save` lists them.")
        with self._syncing.operation("save") as operation:
            operation.put(Slot("search", name=name), query)

    # History

    def undo(self, target: str | None = None) -> LogEntry:
        """Undo the actor's last operation, or the one whose id begins with ``target``.

        Returns the operation that was undone. Raises NotFound when there is none, Conflict when it
        is somebody else's or what it changed was changed again since.
        """
        command = f"litrev undo {target or ''}".strip()
        with self._syncing.named_operation(command) as operation:
            return history.undo(operation, target)

    def story(self, pointer: str) -> list[tuple[ChangeEntry, str]]:
        """The changes of one record, oldest first, each with a sentence that describes it."""
        record_id = self._selecting.resolve(pointer)
        values = self._library.values(record_id)
        changes = self._library.story(record_id)
        return [(change, describe_change(change, values)) for change in changes]


def _parsed(assignments: Assignments) -> Iterator[_Assignment]:
    """The assignments in texts or in a mapping; raises UsageFault for a text that is not one."""
    if isinstance(assignments, Mapping):
        for name, value in assignments.items():
            yield _assignment(name, _as_text(name, value))
        return
    for text in _as_several(assignments):
        name, sign, value_text = text.partition("=")
        if not sign or not name:
            raise UsageFault(f"{text!r} is not an assignment", "Write it as field=value.")
        yield _assignment(name, value_text)


def _assignment(name: str, value: str | Sequence[str]) -> _Assignment:
    """An assignment to ``name``, which adds where the name ends in "+".

    >>> _assignment("methods +", "survey")
    _Assignment(name='methods', value='survey', adds=True)
    """
    name = name.strip()
    field_name = name.removesuffix("+").strip()
    return _Assignment(field_name, value, adds=name.endswith("+"))


def _as_several(texts: Sequence[str]) -> Sequence[str]:
    """Several texts as they are; one alone as a list of one, not as its letters."""
    return [texts] if isinstance(texts, str) else texts


def _as_text(name: str, value: Value) -> str | Sequence[str]:
    """A value of a mapping as text, or several texts as they are.

    Numbers become digits, True and False yes and no, None an empty text. Raises UsageFault for a
    value that is none of these.

    >>> _as_text("year", 2020), _as_text("coded", True), _as_text("site", None)
    ('2020', 'yes', '')
    """
    # A bool is an int too, so it comes first.
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return str(value)
    # A mapping from Python code may hold anything, whatever the annotation says.
    are_texts = isinstance(value, Sequence) and all(isinstance(part, str) for part in value)
    if are_texts:
        return value
    raise UsageFault(
        f"{name}: {value!r:.60} is not a text, a number, yes or no, or a list of texts",
        "None, or an empty text, removes a value.",
    )
