"""The Python face: one library with its index, formats and renderers; each command is one call on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litrev.errors import NotFound, UsageFault
from litrev.library.model.record import Record
from litrev.workspace.files import bytes_of
from litrev.workspace.searching import Answer, Match, Reporting
from litrev.workspace.tables import Synthesising

if TYPE_CHECKING:
    from litrev.library.storage.operations import ChangeEntry, LogEntry

__all__ = ["Answer", "Match", "Reporting", "Workspace"]


class Workspace(Synthesising):
    """One library, opened. Close it, or use it as a context manager.

    >>> import litrev, tempfile
    >>> review = litrev.init(tempfile.mkdtemp())
    >>> report = review.add_text("We used semi-structured interviews with 20 nurses. It is found that trust matters.")
    >>> report.equation
    'read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0'
    >>> [match.snippet.text for match in review.search("methods:interview").matches]
    ['semi-structured interviews']
    >>> review.close()
    """

    def extract(self, ids: Sequence[str] | None = None, *, command: str = "extract", dry_run: bool = False, workers: int = 1) -> tuple[int, int]:
        """Search abstracts for the structured fields; how many records were searched, and how many changed.

        ``ids`` None means those not searched yet as the codebook now says. What a person decided
        stays. With ``workers`` above 1 many abstracts are searched by so many processes; what is
        interrupted goes on from where it was when called again.
        """
        from litrev.library.extraction.pipeline import extractors
        from litrev.library.extraction.proposing import propose
        from litrev.library.extraction.workers import MANY, searching

        codebook = self.library.codebook()
        wanted = self.library.unextracted(extractors(codebook)) if ids is None else list(ids)
        changed = searched = 0
        with searching(codebook, workers if len(wanted) >= MANY else 1) as search, self.writing(command, dry_run) as operation:
            texts = (record.abstract or "" for start in range(0, len(wanted), 100) for record in self._in_order(wanted[start : start + 100]))
            for number, (record_id, (text, proposals)) in enumerate(zip(wanted, search(texts), strict=True), 1):
                for record in self.library.records([record_id]):  # none if it was removed meanwhile
                    if record.abstract is not None:
                        searched += 1
                        changed += propose(self.library, operation, record, codebook, proposals if record.abstract == text else None)
                self.reporting.progress("extracting", number, len(wanted))
                if not dry_run:
                    operation.breathe()
        return searched, changed

    def _in_order(self, ids: Sequence[str]) -> Iterator[Record]:
        """The records with these ids; an empty one for each that is not there."""
        found = {record.id: record for record in self.library.records(ids)}
        for record_id in ids:
            yield found.get(record_id) or Record(record_id, "", "", (), None)

    # The codebook

    def define(self, entries: Mapping[str, Mapping[str, Any]], *, new: bool = False, command: str = "codebook", dry_run: bool = False) -> None:
        """Add structured fields, or change what is said of some: kind, heading, definition, cues, values, retired.

        None takes a word back. What was decided in a field stays, whatever becomes of it. With
        ``new`` the names must not be taken. Raises UsageFault for what cannot be a field.
        """
        from litrev.library.extraction.own import check_cues
        from litrev.library.model import codebook
        from litrev.library.storage.journal import Slot

        with self.writing(command, dry_run) as operation:
            now = self.library.codebook_text()
            there = {field.name: field for field in codebook.codebook(0, now).every}
            for name in entries if new else ():
                if name in there:
                    raise UsageFault(
                        f"there is a field {name} already", f"Change it: litrev codebook edit {name}{' --restore' if there[name].retired else ''} …"
                    )
            text = codebook.changed(now, entries)
            for field in codebook.codebook(0, text).every:
                check_cues(field)
            operation.put(Slot("codebook"), text or None)

    def import_codebook(self, path: Path, *, command: str = "codebook import", dry_run: bool = False) -> list[str]:
        """Take the fields of a TOML file; their names. Raises UsageFault that names the file and the line."""
        from litrev.library.model import codebook
        from litrev.library.model.encoding import decode

        entries = codebook.read(decode(bytes_of(path), str(path)).text, str(path))
        self.define(entries, command=command, dry_run=dry_run)
        return list(entries)

    def export_codebook(self, *, everything: bool = False) -> str:
        """The library's own fields, and what it says otherwise of the built-in ones, as TOML; with ``everything`` all fields."""
        from litrev.library.model import codebook

        if not everything:
            return self.library.codebook_text()
        return codebook.write({field.name: codebook.entry_of(field) for field in self.library.codebook().every})

    # Saved searches

    def save_search(self, name: str, query: str | None, *, command: str = "save", dry_run: bool = False) -> None:
        """Let ``@name`` mean ``query`` from now on; None forgets it. Raises UsageFault, NotFound, or QuerySyntax for what cannot be read."""
        from litrev.library.storage.journal import Slot

        if not re.fullmatch(r"\w[\w.-]{0,59}", name):
            raise UsageFault(f"{name!r:.60} cannot name a search", "A name is letters, digits, dots and hyphens: litrev save recent 'year:>=2020'")
        if query is None and name not in self.library.saved_searches():
            raise NotFound(f"no search is saved as @{name}", "`litrev save` lists them.")
        if query is not None:
            self.parse(query)
        with self.writing(command, dry_run) as operation:
            operation.put(Slot("search", name=name), query)

    # Changing

    def set(self, pointer: str, assignments: Sequence[str] = (), not_reported: Sequence[str] = (), *, command: str = "set", dry_run: bool = False) -> list[str]:
        """Set cells and metadata of one record: ``field=value`` replaces, ``field+=value`` adds, ``field=`` empties.

        ``not_reported`` are fields of which the person says that the abstract does not tell. The
        names of what changed. Raises UsageFault for an assignment that is none.
        """
        from litrev.library.model.codebook import field_of as codebook_field
        from litrev.library.storage import edits as editing

        codebook, changed = self.library.codebook(), list[str]()
        with self.writing(command, dry_run) as operation:
            record_id = self.point(pointer)
            for assignment in assignments:
                record = self.library.record(record_id)  # as the assignment before left it
                name, sign, text = assignment.partition("=")
                if not sign or not name:
                    raise UsageFault(f"{assignment!r} is no assignment", "Write it as field=value.")
                adding = name.endswith("+")
                name = name.removesuffix("+").strip()
                field = codebook_field(codebook, name)
                if field:
                    cell = self.library.cells([record.id], [field.name])[record.id][field.name]
                    done = editing.enter(operation, record, cell, field, text, replace=not adding)
                elif adding:
                    raise UsageFault(f"{name} is one text; += adds to structured fields only", f"Write {name}=….")
                else:
                    done = editing.set_metadata(operation, record, name, text)
                if done:
                    changed.append(field.name if field else name)
            for name in not_reported:
                field, record = codebook[name], self.library.record(record_id)
                cell = self.library.cells([record.id], [field.name])[record.id][field.name]
                if editing.not_reported(operation, record, cell):
                    changed.append(field.name)
        return changed

    def accept(self, query: str = "", fields: Sequence[str] = (), above: float = 0.0, *, command: str = "accept", dry_run: bool = False) -> tuple[int, int]:
        """Accept what is proposed with at least this confidence; how many values, in how many records."""
        from litrev.library.storage import edits as editing

        codebook = self.library.codebook()
        names = [codebook[name].name for name in fields] or list(codebook.names)
        ids = self.select(query)
        values = records = 0
        with self.writing(command, dry_run) as operation:
            for record_id in ids:
                cells = self.library.cells([record_id], names, self.library.actor)[record_id]
                count = editing.accept(operation, record_id, cells.values(), above)
                values, records = values + count, records + bool(count)
                operation.breathe()
        return values, records

    def tag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = (), *, command: str = "tag", dry_run: bool = False) -> int:
        """Put tags on records and take others off; how many records changed."""
        from litrev.library.storage import edits as editing

        with self.writing(command, dry_run) as operation:
            return sum(editing.tag(operation, record_id, add, remove) for record_id in ids)

    def note(self, pointer: str, text: str, *, command: str = "note", dry_run: bool = False) -> None:
        """Leave a remark on a record."""
        if not text.strip():
            raise UsageFault("an empty note", "Give its text.")
        with self.writing(command, dry_run) as operation:
            record_id = self.point(pointer)
            operation.add_note(record_id, text)

    def rename(self, pointer: str, key: str, *, command: str = "rename", dry_run: bool = False) -> tuple[str, str]:
        """Give a record another citation key, the old one still resolving; the old and the new key."""
        from litrev.library.storage import edits as editing

        with self.writing(command, dry_run) as operation:
            record = self.library.record(self.point(pointer))
            editing.rename(operation, record, key, self.library.holders)
        return record.key, key

    def rekey(self, ids: Sequence[str], *, command: str = "rekey", dry_run: bool = False) -> list[tuple[str, str]]:
        """Give records whose key was generated one from their metadata; the old and new keys."""
        from litrev.library.bibtex import citation_keys as keys
        from litrev.library.storage import edits as editing
        from litrev.workspace.settings import key_pattern

        renamed, pattern = [], key_pattern(self.library.folder)
        with self.writing(command, dry_run) as operation:
            for record in self.library.records(ids):
                proposed = keys.proposed_key(record.fields, pattern) if record.key_generated else None
                if proposed and proposed != record.key:
                    key = keys.unique_key(proposed, self.library.key_taken)
                    editing.rename(operation, record, key, self.library.holders)
                    renamed.append((record.key, key))
        return renamed

    def remove(self, ids: Sequence[str], *, command: str = "rm", dry_run: bool = False) -> list[str]:
        """Take records out of the library, until undone; their keys."""
        from litrev.library.storage.journal import Slot

        keys = [record.key for record in self.library.records(ids)]
        with self.writing(command, dry_run) as operation:
            for record_id in ids:
                operation.put(Slot("alive", record_id), None)
        return keys

    # Reading

    def log(self, limit: int = -1) -> list[LogEntry]:
        """What was done, latest first."""
        from litrev.library.storage import operations as history

        return history.log(self.library.connection, limit)

    def story(self, pointer: str) -> tuple[Record, list[ChangeEntry]]:
        """What happened to one record, oldest first."""
        from litrev.library.storage import operations as history

        record = self.library.record(self.point(pointer))
        return record, history.story(self.library.connection, record.id)

    def restore(self, file: Path) -> None:
        """Become what a backup of a library holds; what stands here is backed up beside it first."""
        self.library.restore(file)

    def undo(self, target: str | None = None, *, dry_run: bool = False) -> LogEntry:
        """Take back the actor's last operation, or the one named; what was taken back."""
        from litrev.library.storage import operations as history

        with self.writing(f"litrev undo {target or ''}".strip(), dry_run) as operation:
            return history.undo(operation, target)
