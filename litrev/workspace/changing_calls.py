"""The calls of the Python API that change a library or the files that follow it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litrev.workspace.parts import PartCalls, StrPath, as_list

if TYPE_CHECKING:
    from litrev.library.importing.checks import Finding
    from litrev.library.importing.duplicates import Pair
    from litrev.library.importing.import_report import Report
    from litrev.library.importing.sync import Sync
    from litrev.library.model.record import Field
    from litrev.library.storage.history import LogEntry
    from litrev.library.storage.operations import Operation
    from litrev.workspace.editing import Assignments
    from litrev.workspace.importing import Source
    from litrev.workspace.review import Review


class ChangingCalls(PartCalls):
    """Calls that write: adding, extracting, syncing, editing, the codebook, repairs, backups."""

    # Adding and extracting

    def add(
        self,
        sources: Source | Iterable[Source],
        metadata: Source | Iterable[Source] = (),
        *,
        key: str | None = None,
        entry_type: str | None = None,
        fields: Mapping[str, str | int] | None = None,
        tags: Sequence[str] = (),
        database: str | None = None,
        search_query: str | None = None,
        again: bool = False,
        format: str | None = None,
        columns: Mapping[str, str] | None = None,
        encoding: str | None = None,
        extract: bool | None = None,
    ) -> Report:
        """Add files, and BibTeX ``metadata`` that is joined to their abstracts.

        The report holds the equation. A str or Path is a file, or a folder: then the files
        directly in it that have the suffix of a known format are read. Bytes are a paste.

        ``key``, ``entry_type``, ``fields`` and ``tags`` are set on what is added. ``database`` and
        ``search_query`` record where it was found, and with which words. ``again`` adds removed
        records again. ``format`` and ``encoding`` are needed where they are not to be recognised.
        ``columns`` says which column of a table holds a field. ``extract`` None follows the
        library's settings.

        Raises UsageFault for something that cannot be a key, type or field, EnvironmentFault for a
        file that cannot be read.
        """
        options = self._parts.importing.options(
            key, entry_type, fields or {}, tags, database, search_query, again
        )
        return self._parts.importing.add(
            sources,
            metadata,
            options,
            format=format,
            columns=columns or {},
            encoding=encoding,
            extract=extract,
        )

    def add_text(
        self,
        text: str,
        name: str = "<paste>",
        *,
        key: str | None = None,
        fields: Mapping[str, str | int] | None = None,
        tags: Sequence[str] = (),
    ) -> Report:
        """Add a pasted text; ``name`` is used in place of a file name in reports."""
        from litrev.library.model.encoding import decode

        return self.add(decode(text.encode("utf-8"), name), key=key, fields=fields, tags=tags)

    def extract(self, ids: Sequence[str] | None = None, *, workers: int = 1) -> tuple[int, int]:
        """Search abstracts for values of the structured fields.

        Returns how many records were searched, and how many changed. ``ids`` None means those not
        yet searched with the codebook as it is now. What a person decided stays. With ``workers``
        above 1, that many processes search when there are many abstracts. After an interruption,
        call it again: it continues where it was.
        """
        chosen = None if ids is None else self._ids(ids)
        return self._parts.extracting.extract(chosen, workers=workers)

    # Files that stay in step, and copies of the whole

    def sync(self, path: StrPath, *, structured: bool = False, canonical: bool = False) -> Sync:
        """Synchronise a .bib file that was added with the library, each field by itself.

        Changes of both sides are merged. With ``structured``, decided values are written as
        ``litrev-…`` fields; with ``canonical``, the whole file is laid out anew. In a dry run
        neither file nor library is changed; the result holds the bytes that the file would have.

        Raises NotFound for a file that was not added to this library, Conflict when another
        program writes the file at the same time.
        """
        return self._parts.syncing.sync(
            Path(path).absolute(), structured=structured, canonical=canonical
        )

    def link(self, path: StrPath) -> Sync:
        """Let a .bib file follow the library from now on.

        The link is stored in the user's own config.
        """
        return self._parts.syncing.link(Path(path).absolute())

    def unlink(self, path: StrPath) -> None:
        """Let a file no longer follow; raises NotFound for one that does not."""
        self._parts.syncing.unlink(Path(path).absolute())

    def backup(self, path: StrPath, *, force: bool = False) -> Path:
        """Write a consistent copy of the library's database, also while others use it.

        Raises Conflict for a file that exists, unless ``force`` is given, and for one of the
        library's own files.
        """
        self.library.back_up(Path(path), force=force, dry_run=self._session.context.dry_run)
        return Path(path)

    def restore(self, path: StrPath) -> None:
        """Replace the library by the backup at ``path``; the present state is backed up first.

        Raises EnvironmentFault for a file that is not a library.
        """
        self.library.restore(Path(path), dry_run=self._session.context.dry_run)

    # Editing

    def writing(self, command: str, dry_run: bool = False) -> AbstractContextManager[Operation]:
        """An operation that is called ``command`` in the log.

        When it ends, the files that follow the library are written.
        """
        return self._parts.syncing.named_operation(command, dry_run)

    def set(
        self, pointer: str, assignments: Assignments = (), not_reported: Sequence[str] = ()
    ) -> list[str]:
        """Set cells and metadata of one record. Returns the names of what changed.

        ``assignments`` are texts as on the command line (``field=value`` replaces, ``field+=value``
        adds, ``field=`` empties), or a mapping of names to a text or, for structured fields, to
        several. ``not_reported`` are fields about which, the person says, the abstract says
        nothing. Raises UsageFault for a text that is not an assignment.
        """
        return self._parts.editing.set(pointer, assignments, not_reported)

    def accept(
        self, query: str = "", fields: Sequence[str] = (), above: float = 0.0
    ) -> tuple[int, int]:
        """Accept what is proposed with at least this confidence.

        Returns how many values were accepted, in how many records.
        """
        return self._parts.editing.accept(query, as_list(fields), above)

    def review(self, query: str = "") -> Review:
        """A review of the records that ``query`` means, question by question.

        Raises NotFound where there are none.
        """
        from litrev.workspace.review import Review

        return Review(
            self._session,
            self._parts.selecting,
            self._parts.editing,
            self._parts.syncing.operation,
            query,
        )

    def take_text(self, pointer: str, original: str, text: str) -> list[str]:
        """Save an edited text of a record. Returns the names of what changed.

        ``original`` is the text that :meth:`as_text` returned; only its differences to ``text``
        are written, so what others changed in the meantime stays. Raises UsageFault, naming the
        line, for a line that cannot be read, Conflict where somebody else has changed the same
        thing.
        """
        return self._parts.editing.take_text(pointer, original, text)

    def tag(
        self, pointers: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> int:
        """Add tags to records and remove others. Returns how many records changed."""
        return self._parts.editing.tag(self._ids(pointers), add, remove)

    def note(self, pointer: str, text: str) -> None:
        """Add a note to a record."""
        self._parts.editing.note(pointer, text)

    def rename(self, pointer: str, key: str) -> tuple[str, str]:
        """Give a record another citation key. Returns the old and the new key.

        The record can still be found by the old one.
        """
        return self._parts.editing.rename(pointer, key)

    def rekey(self, pointers: Sequence[str]) -> list[tuple[str, str]]:
        """Give records whose key was generated one from their metadata; the old and new keys."""
        return self._parts.editing.rekey(self._ids(pointers))

    def remove(self, pointers: Sequence[str]) -> list[str]:
        """Take records out of the library, until undone. Returns their keys."""
        return self._parts.editing.remove(self._ids(pointers))

    def save_search(self, name: str, query: str | None) -> None:
        """Let ``@name`` mean ``query`` from now on; None forgets the name.

        Raises UsageFault for a name that cannot be used, NotFound for one that cannot be
        forgotten, QuerySyntax for a query that cannot be read.
        """
        self._parts.editing.save_search(name, query)

    def undo(self, target: str | None = None) -> LogEntry:
        """Undo the actor's last operation, or the one named. Returns what was undone."""
        return self._parts.editing.undo(target)

    # The codebook

    def define(self, entries: Mapping[str, Mapping[str, Any]], *, new: bool = False) -> None:
        """Add structured fields, or change properties of some.

        The properties are kind, heading, definition, cues, values, retired; None removes one. What
        was decided in a field stays, whatever happens to the field. With ``new`` the names must
        not be in use. Raises UsageFault for what cannot be a field.
        """
        self._parts.codebooks.define(entries, new=new)

    def import_codebook(self, path: StrPath) -> list[str]:
        """Define the fields of a TOML file. Returns their names.

        Raises UsageFault that names the file and the line.
        """
        return self._parts.codebooks.read(Path(path))

    # Repairs, duplicates, quarantine

    def repair(self, query: str = "") -> list[Finding]:
        """Correct what ``check`` finds, where the correction is certain.

        Returns what was corrected.
        """
        return self._parts.checking.repair(query)

    def merge(self, keep: str, other: str) -> tuple[str, str, list[Field]]:
        """Merge the record ``other`` into ``keep``.

        Returns both keys, and the fields of ``other`` that were not kept.
        """
        return self._parts.checking.merge(keep, other)

    def merge_all(self, pairs: Sequence[Pair]) -> list[tuple[str, str, list[Field]]]:
        """Merge pairs; where three or more records are one work, all into the first.

        Returns, for each record that was merged, the same as :meth:`merge`.
        """
        return self._parts.checking.merge_all(pairs)

    def distinguish(self, one: str, other: str) -> None:
        """Remember that two records are two works."""
        self._parts.checking.distinguish(one, other)

    def settle(self, starts: Sequence[str]) -> None:
        """Take the entries whose ids begin with these texts off the list of the quarantine."""
        self._parts.checking.settle(as_list(starts))
