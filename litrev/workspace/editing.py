"""What a person changes in records: cells, metadata, keys, tags, notes; and taking it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

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
"""``["site=L county", "methods+=survey"]``, or ``{"site": "L county", "methods": ["survey",
"interview"]}``.
"""


class Editing:
    """The changes of one library."""

    def __init__(self, session: Session, selecting: Selecting, syncing: Syncing) -> None:
        self._session, self._selecting, self._syncing = session, selecting, syncing
        self._library = session.library

    # Cells and metadata

    def set(
        self, pointer: str, assignments: Assignments = (), not_reported: Sequence[str] = ()
    ) -> list[str]:
        """Set cells and metadata of one record; the names of what changed."""
        codebook, changed = self._library.codebook(), list[str]()
        with self._syncing.operation("set") as operation:
            record_id = self._selecting.resolve(pointer)
            for name, value in _assigned(assignments):
                if self._assign(operation, record_id, codebook, name, value):
                    changed.append(_name_of(codebook, name.removesuffix("+").strip()))
            for name in not_reported:
                record, cell = (
                    self._library.record(record_id),
                    self._cell(record_id, codebook[name]),
                )
                if edits.not_reported(operation, record, cell):
                    changed.append(codebook[name].name)
        return changed

    def _assign(
        self,
        operation: Operation,
        record_id: str,
        codebook: Codebook,
        name: str,
        value: str | Sequence[str],
    ) -> bool:
        record = self._library.record(record_id)  # as the assignment before left it
        adding, name = name.endswith("+"), name.removesuffix("+").strip()
        field = field_of(codebook, name)
        if field:
            return edits.enter(
                operation, record, self._cell(record_id, field), field, value, replace=not adding
            )
        if adding:
            raise UsageFault(
                f"{name} is one text; += adds to structured fields only", f"Write {name}=…."
            )
        if not isinstance(value, str):
            raise UsageFault(
                f"{name} is one text, and several were given",
                "Only structured fields hold several values.",
            )
        return edits.set_metadata(operation, record, name, value)

    def _cell(self, record_id: str, field: StructuredField) -> Cell:
        return self._library.cells([record_id], [field.name])[record_id][field.name]

    def accept(
        self, query: str = "", fields: Sequence[str] = (), above: float = 0.0
    ) -> tuple[int, int]:
        """Accept what is proposed with at least this confidence; how many values, in how many
        records.
        """
        codebook = self._library.codebook()
        names = [codebook[name].name for name in fields] or list(codebook.names)
        ids = self._selecting.select(query)
        values = records = 0
        with self._syncing.operation("accept") as operation:
            for record_id in ids:
                cells = self._library.cells([record_id], names, self._library.actor)[record_id]
                count = edits.accept(operation, record_id, cells.values(), above)
                values, records = values + count, records + bool(count)
                operation.checkpoint()
        return values, records

    def as_text(self, pointer: str) -> str:
        """One record as text for an editor."""
        return record_text.render(self._library, self._selecting.resolve(pointer))

    def take_text(self, pointer: str, original: str, text: str) -> list[str]:
        """Write what differs between the text that :meth:`as_text` gave and the one that came back;
        the names of what changed.
        """
        record_id = self._selecting.resolve(pointer)
        with self._syncing.operation("edit") as operation:
            return record_text.apply(self._library, operation, record_id, original, text)

    # Records

    def tag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()) -> int:
        """Put tags on records and take others off; how many records changed."""
        with self._syncing.operation("tag") as operation:
            return sum(
                edits.tag(operation, record_id, _several(add), _several(remove))
                for record_id in ids
            )

    def note(self, pointer: str, text: str) -> None:
        """Leave a remark on a record."""
        if not text.strip():
            raise UsageFault("an empty note", "Give its text.")
        with self._syncing.operation("note") as operation:
            operation.add_note(self._selecting.resolve(pointer), text)

    def rename(self, pointer: str, key: str) -> tuple[str, str]:
        """Give a record another citation key, the old one still resolving; the old and the new key."""
        with self._syncing.operation("rename") as operation:
            record = self._selecting.record(pointer)
            edits.rename(operation, record, key, self._library.holders)
        return record.key, key

    def rekey(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """Give records whose key was generated one from their metadata; the old and new keys."""
        renamed, pattern = list[tuple[str, str]](), key_pattern(self._library.folder)
        with self._syncing.operation("rekey") as operation:
            for record in self._library.records(ids):
                proposed = (
                    keys.proposed_key(record.fields, pattern) if record.key_generated else None
                )
                if proposed and proposed != record.key:
                    key = keys.unique_key(proposed, self._library.key_taken)
                    edits.rename(operation, record, key, self._library.holders)
                    renamed.append((record.key, key))
        return renamed

    def remove(self, ids: Sequence[str]) -> list[str]:
        """Take records out of the library, until undone; their keys."""
        gone = [record.key for record in self._library.records(ids)]
        with self._syncing.operation("rm") as operation:
            for record_id in ids:
                operation.put(Slot("alive", record_id), None)
        return gone

    # Searches with names

    def save_search(self, name: str, query: str | None) -> None:
        """Let ``@name`` mean ``query`` from now on; None forgets it."""
        if not re.fullmatch(r"\w[\w.-]{0,59}", name):
            raise UsageFault(
                f"{name!r:.60} cannot name a search",
                "A name is letters, digits, dots and hyphens: litrev save recent 'year:>=2020'",
            )
        if query is None and name not in self._library.saved_searches():
            raise NotFound(f"no search is saved as @{name}", "`litrev save` lists them.")
        if query is not None:
            self._selecting.parse(query)
        with self._syncing.operation("save") as operation:
            operation.put(Slot("search", name=name), query)

    # History

    def undo(self, target: str | None = None) -> LogEntry:
        """Take back the actor's last operation, or the one named; what was taken back."""
        with self._syncing.named_operation(f"litrev undo {target or ''}".strip()) as operation:
            return history.undo(operation, target)

    def story(self, pointer: str) -> list[tuple[ChangeEntry, str]]:
        """What happened to one record, oldest first, each change with a sentence that tells it."""
        record_id = self._selecting.resolve(pointer)
        values = self._library.values(record_id)
        return [
            (change, describe_change(change, values)) for change in self._library.story(record_id)
        ]


def _assigned(assignments: Assignments) -> Iterator[tuple[str, str | Sequence[str]]]:
    """Name and value of each assignment; a name that ends in "+" adds. Raises UsageFault for one
    that is none.
    """
    if isinstance(assignments, Mapping):
        for name, value in assignments.items():
            yield name.strip(), _words(name, value)
        return
    for assignment in [assignments] if isinstance(assignments, str) else assignments:
        name, sign, text = assignment.partition("=")
        if not sign or not name:
            raise UsageFault(f"{assignment!r} is no assignment", "Write it as field=value.")
        yield name.strip(), text


def _several(words: Sequence[str]) -> Sequence[str]:
    return [words] if isinstance(words, str) else words


def _words(name: str, value: Value) -> str | Sequence[str]:
    """A value of a mapping as text: numbers in digits, True as yes, None as nothing; several texts
    as they are.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, str | int | float):
        return "" if value is None else str(value)
    if isinstance(value, Sequence) and all(isinstance(part, str) for part in value):
        return value
    raise UsageFault(
        f"{name}: {value!r:.60} is no text, number, yes or no, nor several texts",
        "None, or an empty text, takes a value away.",
    )


def _name_of(codebook: Codebook, name: str) -> str:
    field = field_of(codebook, name)
    return field.name if field else name
