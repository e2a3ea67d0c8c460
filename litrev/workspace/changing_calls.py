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
    """Calls that write: adding, extracting, syncing, editing, the codebook, repairs, backups.

    The words *pointer* and *query* mean what :class:`~litrev.workspace.workspace.Workspace` says.
    A call that changes records or the codebook is one operation in the log, which :meth:`undo`
    takes back. After it the files that follow the library are written.
    """

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
        """Add files, and BibTeX ``metadata`` that is joined to their abstracts; return a report.

        The report says what became of each work, and holds the equation. A str or Path is a file,
        or a folder: then the files directly in it that have the suffix of a known format are read.
        Bytes are a paste.

        ``key``, ``entry_type``, ``fields`` and ``tags`` are set on what is added. ``database`` and
        ``search_query`` record where it was found, and with which words. ``again`` adds removed
        records again. ``format`` and ``encoding`` are needed where they are not to be recognised.
        ``columns`` says which column of a table holds a field. ``extract`` says whether the
        structured fields are filled; None follows the library's settings.

        What cannot be read as a work does not raise: it goes to the quarantine. Raises UsageFault
        for something that cannot be a key, type or field, EnvironmentFault for a file that cannot
        be read.
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
        """Add a pasted text, such as an abstract, and return the report.

        ``name`` is used in place of a file name in reports. ``key``, ``fields`` and ``tags`` are
        set on what is added. Raises as :meth:`add`.
        """
        from litrev.library.model.encoding import decode

        source = decode(text.encode("utf-8"), name)
        return self.add(source, key=key, fields=fields, tags=tags)

    def extract(self, ids: Sequence[str] | None = None, *, workers: int = 1) -> tuple[int, int]:
        """Search abstracts for values of the structured fields; return two numbers of records.

        They are how many were searched, and how many changed. ``ids`` None means the records not
        yet searched with the codebook as it is now. What a person decided stays. With ``workers``
        above 1, that many processes search when there are many abstracts. After an interruption,
        call it again: it continues where it was. Raises as :meth:`resolve`.
        """
        chosen = None if ids is None else self._ids(ids)
        return self._parts.extracting.extract(chosen, workers=workers)

    # Files that stay in step, and copies of the whole

    def sync(self, path: StrPath, *, structured: bool = False, canonical: bool = False) -> Sync:
        """Synchronise a .bib file that was added with the library; return what was done.

        Changes of both sides are merged, each field by itself. With ``structured``, decided values
        are written as ``litrev-…`` fields; with ``canonical``, the whole file is laid out anew. In
        a dry run neither file nor library is changed; the result holds the bytes that the file
        would have.

        Raises NotFound for a file that was not added to this library, UsageFault for one that is
        not BibTeX, EnvironmentFault for one that is not there, Conflict when another program writes
        the file at the same time.
        """
        return self._parts.syncing.sync(
            Path(path).absolute(), structured=structured, canonical=canonical
        )

    def link(self, path: StrPath) -> Sync:
        """Let a .bib file follow the library from now on; return what its first sync did.

        The link is stored in the user's own config. Raises as :meth:`sync`.
        """
        return self._parts.syncing.link(Path(path).absolute())

    def unlink(self, path: StrPath) -> None:
        """Let a .bib file no longer follow the library; the file stays as it is.

        Raises NotFound for a file that does not follow it.
        """
        self._parts.syncing.unlink(Path(path).absolute())

    def backup(self, path: StrPath, *, force: bool = False) -> Path:
        """Write a consistent copy of the library's database to ``path``, and return ``path``.

        Others may use the library meanwhile. Raises Conflict for a file that exists, unless
        ``force`` is given, and for one of the library's own files.
        """
        dry_run = self._session.context.dry_run
        self.library.back_up(Path(path), force=force, dry_run=dry_run)
        return Path(path)

    def restore(self, path: StrPath) -> None:
        """Replace the library by the backup at ``path``; the present state is backed up first.

        This is not an operation that can be undone. Raises EnvironmentFault for a file that is not
        a library.
        """
        dry_run = self._session.context.dry_run
        self.library.restore(Path(path), dry_run=dry_run)

    # Editing

    def writing(self, command: str, dry_run: bool = False) -> AbstractContextManager[Operation]:
        """An operation called ``command`` in the log, as a context manager.

        What its block writes is kept when the block ends. When the block raises, what was written
        since the last checkpoint is undone. After it the files that follow the library are written.
        With ``dry_run`` nothing is kept. Raises Busy when somebody else writes for longer than
        litrev waits.
        """
        return self._parts.syncing.named_operation(command, dry_run)

    def set(
        self, pointer: str, assignments: Assignments = (), not_reported: Sequence[str] = ()
    ) -> list[str]:
        """Set cells and metadata of one record, and return the names of what changed.

        ``assignments`` are texts as on the command line (``field=value`` replaces, ``field+=value``
        adds, ``field=`` empties), or a mapping of names to a text or, for structured fields, to
        several. ``not_reported`` are fields about which, the person says, the abstract says
        nothing. All of it is done, or nothing.

        Raises as :meth:`resolve`, and UsageFault for a text that is not an assignment, and for a
        field or value that cannot be set.
        """
        return self._parts.editing.set(pointer, assignments, not_reported)

    def accept(
        self, query: str = "", fields: Sequence[str] = (), above: float = 0.0
    ) -> tuple[int, int]:
        """Accept what is proposed; return how many values were accepted, in how many records.

        ``fields`` are names of structured fields; without them all fields are meant. ``above`` is
        the least confidence, from 0 to 1, of what is accepted. Raises as :meth:`select`, and
        UsageFault for an unknown field.
        """
        return self._parts.editing.accept(query, as_list(fields), above)

    def review(self, query: str = "") -> Review:
        """A review of the records that ``query`` means, question by question.

        Nothing changes before a question is answered; each answer is an operation of its own.
        Raises as :meth:`select`, and NotFound where there are no records.
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
        """Save an edited text of a record, and return the names of what changed.

        ``original`` is the text that :meth:`as_text` returned; only its differences to ``text``
        are written, so what others changed in the meantime stays. Raises as :meth:`resolve`,
        UsageFault, naming the line, for a line that cannot be read, Conflict where somebody else
        has changed the same thing.
        """
        return self._parts.editing.take_text(pointer, original, text)

    def tag(
        self, pointers: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> int:
        """Add tags to records and remove others; return how many records changed.

        Raises as :meth:`resolve`, and UsageFault for a text that cannot be a tag: a tag is one word
        without commas, quotes or brackets.
        """
        return self._parts.editing.tag(self._ids(pointers), add, remove)

    def note(self, pointer: str, text: str) -> None:
        """Add a note by the actor to a record, beside those that it has.

        Raises as :meth:`resolve`, and UsageFault for an empty text.
        """
        self._parts.editing.note(pointer, text)

    def rename(self, pointer: str, key: str) -> tuple[str, str]:
        """Give a record another citation key, and return the old and the new key.

        The record can still be found by the old one. Raises as :meth:`resolve`, UsageFault for a
        text that cannot be a key, Conflict when another record has or had the key.
        """
        return self._parts.editing.rename(pointer, key)

    def rekey(self, pointers: Sequence[str]) -> list[tuple[str, str]]:
        """Give records whose key was generated one from their metadata; return old and new keys.

        Records whose key a person or a file gave, or whose key would not change, are passed over.
        Raises as :meth:`resolve`.
        """
        return self._parts.editing.rekey(self._ids(pointers))

    def remove(self, pointers: Sequence[str]) -> list[str]:
        """Take records out of the library, until undone, and return their keys.

        Raises as :meth:`resolve`; then nothing is removed.
        """
        return self._parts.editing.remove(self._ids(pointers))

    def save_search(self, name: str, query: str | None) -> None:
        """Let ``@name`` mean ``query`` in queries from now on; None forgets the name.

        A name is up to 60 letters, digits, dots and hyphens. Raises UsageFault for a name that
        cannot be used, NotFound for one that cannot be forgotten, QuerySyntax for a query that
        cannot be read.
        """
        self._parts.editing.save_search(name, query)

    def undo(self, target: str | None = None) -> LogEntry:
        """Undo the actor's last operation, and return its line of the log.

        ``target`` is the start of the id of an operation that is undone instead. Raises NotFound
        when there is no such operation, Conflict when it is somebody else's, or what it changed was
        changed again since; then nothing is undone.
        """
        return self._parts.editing.undo(target)

    # The codebook

    def define(self, entries: Mapping[str, Mapping[str, Any]], *, new: bool = False) -> None:
        """Add structured fields, or change properties of some: ``{name: {property: value}}``.

        The properties are kind, heading, definition, cues, values, retired; None removes one. What
        was decided in a field stays, whatever happens to the field. With ``new`` the names must
        not be in use. Raises UsageFault for what cannot be a field.
        """
        self._parts.codebooks.define(entries, new=new)

    def import_codebook(self, path: StrPath) -> list[str]:
        """Define the fields of a TOML file, and return their names.

        Raises UsageFault, naming the file and the line, for what cannot be a field, and
        EnvironmentFault for a file that cannot be read.
        """
        return self._parts.codebooks.read(Path(path))

    # Repairs, duplicates, quarantine

    def repair(self, query: str = "") -> list[Finding]:
        """Correct what :meth:`check` finds, where that is certain; return what was corrected.

        Raises as :meth:`select`.
        """
        return self._parts.checking.repair(query)

    def merge(self, keep: str, other: str) -> tuple[str, str, list[Field]]:
        """Merge the record ``other`` into ``keep``; return both keys and the fields that differed.

        ``keep`` takes over what it lacks. Where both have a field, the text of ``keep`` stays; the
        fields are those of ``other``. Raises as :meth:`resolve`, and Conflict when both are the
        same record.
        """
        return self._parts.checking.merge(keep, other)

    def merge_all(self, pairs: Sequence[Pair]) -> list[tuple[str, str, list[Field]]]:
        """Merge pairs from :meth:`duplicates`; return the same as :meth:`merge` for each merge.

        Where three or more records are one work, all are merged into the first.
        """
        return self._parts.checking.merge_all(pairs)

    def distinguish(self, one: str, other: str) -> None:
        """Remember that two records are two works: :meth:`duplicates` no longer has them.

        Raises as :meth:`resolve`, and Conflict when both are the same record.
        """
        self._parts.checking.distinguish(one, other)

    def settle(self, starts: Sequence[str]) -> None:
        """Take the entries whose ids begin with these texts off the list of the quarantine.

        Raises NotFound for a text with which not exactly one id begins; then nothing is settled.
        """
        self._parts.checking.settle(as_list(starts))
