"""The Python API: one library, opened; whatever a command does is one call on it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from litrev.workspace.parts import Parts
from litrev.workspace.session import Session

if TYPE_CHECKING:
    from litrev.index.engine import Health
    from litrev.index.query import Query
    from litrev.index.synonyms import Synonyms
    from litrev.library.bibtex.entry_source import FileEntry
    from litrev.library.formats.format import Export
    from litrev.library.importing.checks import Finding
    from litrev.library.importing.duplicates import Pair
    from litrev.library.importing.import_report import Report
    from litrev.library.importing.sync import Sync
    from litrev.library.model.codebook import Codebook
    from litrev.library.model.record import Cell, Field, ItemState, Record
    from litrev.library.storage.history import ChangeEntry, LogEntry
    from litrev.library.storage.operations import Operation
    from litrev.library.storage.quarantine import Quarantined
    from litrev.library.synthesis.figures import Figure
    from litrev.library.synthesis.model import Table
    from litrev.library.synthesis.summary import Summary
    from litrev.workspace.editing import Assignments
    from litrev.workspace.importing import Source
    from litrev.workspace.indexing import Indexing
    from litrev.workspace.review import Review
    from litrev.workspace.searching import Answer

StrPath = str | os.PathLike[str]


class Workspace:
    """One library, opened. Close it, or use it as a context manager.

    A *pointer* means one record: its key, the start of its key, ``"#3"`` for row 3 of the last
    list, or its id. A *query* means several, in the language of ``litrev search``; an empty one
    means all.

    >>> import litrev, tempfile
    >>> review = litrev.init(tempfile.mkdtemp())
    >>> report = review.add_text("We used semi-structured interviews with 20 nurses. It is found that trust matters.")
    >>> report.equation
    'read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0'
    >>> [match.snippet.text for match in review.search("methods:interview").matches]
    ['semi-structured interviews']
    >>> review.close()
    """

    def __init__(self, session: Session, indexing: Indexing | None = None) -> None:
        self._session = session
        self._owner = indexing is None
        self._parts = Parts(session, indexing)
        self.library = session.library

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the library and its index; what is asked of it afterwards says that it is
        closed.

        One that :meth:`using` gave leaves both to the workspace it came from.
        """
        if self._owner:
            self._parts.indexing.close()
            self.library.close()

    def using(self, *, command: str | None = None, dry_run: bool = False) -> Workspace:
        """The same library, where what is done is called ``command`` in the log, and with
        ``dry_run`` is only tried.

        Of what is tried nothing is kept, in the library, in .bib files, in the user's config or
        elsewhere; only the index, which is made of the library, is looked after as always. Closing
        it does not close this one.

        >>> import litrev, tempfile
        >>> with litrev.init(tempfile.mkdtemp()) as review:
        ...     report = review.using(dry_run=True).add_text("An abstract.")
        ...     report.equation, review.count()
        ('read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0', 0)
        """
        context = self._session.context.within(command, dry_run)
        return Workspace(self._session._replace(context=context), self._parts.indexing)

    @property
    def folder(self) -> Path:
        """The folder the library lies in."""
        return self.library.folder

    @property
    def database(self) -> Path:
        """The file that holds everything."""
        return self.library.database

    @property
    def actor(self) -> str:
        """The person whose decisions these are."""
        return self.library.actor

    # Which records

    def select(self, query: str = "") -> list[str]:
        """The ids of the records ``query`` means: a key, a row number of the last list, or a
        search; all when empty.

        Raises QuerySyntax for a query that cannot be read, NotFound for one that matches nothing.
        """
        return self._parts.selecting.select(query)

    def resolve(self, pointer: str) -> str:
        """The id of the one record ``pointer`` means; raises NotFound when there is none,
        UsageFault when it could be several.
        """
        return self._parts.selecting.resolve(pointer)

    def _ids(self, pointers: Sequence[str]) -> list[str]:
        return self._parts.selecting.ids_of(pointers)

    def exact(self, query: str) -> str | None:
        """The id of the record whose key, or row of the last list, ``query`` is; None when it is a
        search.
        """
        return self._parts.selecting.exact(query)

    def record(self, pointer: str) -> Record:
        """The one record ``pointer`` means; raises as :meth:`resolve`."""
        return self._parts.selecting.record(pointer)

    def records(self, query: str = "", sort: str | None = None) -> list[Record]:
        """The records ``query`` means, in the order of the search or of ``sort``: year, key, title,
        author, added; "-" first turns it round.
        """
        return self._parts.selecting.records(query, sort)

    def cells(self, pointer: str) -> dict[str, Cell]:
        """The cells of the structured fields of the one record ``pointer`` means, by field; raises
        as :meth:`resolve`.
        """
        return self._parts.selecting.cells(pointer)

    def cells_of(self, records: Iterable[Record]) -> dict[str, dict[str, Cell]]:
        """The cells of several records at once, by id and then by field."""
        return self._parts.selecting.cells_of(records)

    def count(self) -> int:
        """How many records there are."""
        return self.library.count()

    def remember_list(self, ids: Iterable[str]) -> None:
        """Let ``#1``, ``#2`` … mean these records from now on."""
        self._parts.selecting.remember_list(ids)

    # Searching

    def search(
        self,
        query: str,
        limit: int | None = 20,
        sort: str = "relevance",
        *,
        offset: int = 0,
        facets: Sequence[str] = (),
        context: int = 160,
        synonyms: Synonyms | bool = False,
        explain: bool = False,
    ) -> Answer:
        """The records that match ``query``, best first or by ``sort`` (a leading "-" turns the
        order round), from ``offset`` on.

        ``facets`` are fields whose values are counted over all matches; ``context`` is about how
        many characters the words are shown in, none with 0; ``synonyms`` are looked for too, with
        True those of the user's and the library's files. Raises QuerySyntax for a query that cannot
        be read, UsageFault for an unknown ``sort`` or facet, NotFound where there are no files of
        synonyms.
        """
        return self._parts.searching.search(
            query,
            limit,
            sort,
            offset=offset,
            facets=_several(facets),
            context=context,
            synonyms=synonyms,
            explain=explain,
        )

    def like(self, pointer: str, limit: int = 10) -> Answer:
        """The records that are most like one: those that share its most telling words."""
        return self._parts.searching.like(pointer, limit)

    def parse(self, query: str) -> Query:
        """The tree of ``query``; raises QuerySyntax with the place of the fault."""
        return self._parts.selecting.parse(query)

    def saved_searches(self) -> dict[str, str]:
        """The queries that were given a name, by it."""
        return self.library.saved_searches()

    def save_search(self, name: str, query: str | None) -> None:
        """Let ``@name`` mean ``query`` from now on; None forgets it. Raises UsageFault, NotFound,
        or QuerySyntax for what cannot be read.
        """
        self._parts.editing.save_search(name, query)

    @property
    def index_folder(self) -> Path:
        """Where the index of this library lies."""
        return self._parts.indexing.folder

    def index_health(self) -> tuple[Health, bool]:
        """How the index does, and whether it has seen all there is."""
        return self._parts.indexing.health()

    def rebuild_index(self) -> int:
        """Build the index anew; how many records are in it."""
        return self._parts.indexing.rebuild()

    def compact_index(self) -> int:
        """Put all parts of the index into one, without what was deleted; its size in bytes."""
        return self._parts.indexing.compact()

    # Tables, pictures, reports

    def summary(self, query: str = "") -> Summary:
        """Counts over the records ``query`` means."""
        return self._parts.tables.summary(query)

    def table(
        self,
        query: str = "",
        columns: Sequence[str] | None = None,
        title: str = "",
        sort: str | None = None,
        *,
        view: str = "synthesis",
        group_by: str | None = None,
        states: Sequence[ItemState] = (),
        quotes: bool = False,
        transposed: bool = False,
    ) -> Table:
        """The synthesis table of the records ``query`` means, or another view of them: chapters,
        evidence or gaps.

        ``group_by`` puts the papers under the values of a column, ``states`` leaves items of other
        states out, ``quotes`` says that a renderer is to show the words each item rests on.
        Raises UsageFault for an unknown column or view.
        """
        return self._parts.tables.table(
            query,
            columns and _several(columns),
            title,
            sort,
            view=view,
            group_by=group_by,
            states=states,
            quotes=quotes,
            transposed=transposed,
        )

    def matrix(
        self,
        query: str = "",
        by: str = "methods",
        *,
        concepts: StrPath | None = None,
        unit: str | None = None,
        title: str = "",
        sort: str | None = None,
        states: Sequence[ItemState] = (),
        transposed: bool = False,
    ) -> Table:
        """The concept matrix: papers by the values of a column, or by the concepts of a file.

        Raises UsageFault for an unknown column, or with file and line for what is no list of
        concepts.
        """
        file = Path(concepts) if concepts is not None else None
        return self._parts.tables.matrix(
            query,
            by,
            concepts=file,
            unit=unit,
            title=title,
            sort=sort,
            states=states,
            transposed=transposed,
        )

    def cross(
        self,
        one: str,
        other: str,
        query: str = "",
        *,
        title: str = "",
        states: Sequence[ItemState] = (),
        transposed: bool = False,
    ) -> Table:
        """One column counted against another: an evidence map. Raises UsageFault for an unknown
        column.
        """
        return self._parts.tables.cross(
            one, other, query, title=title, states=states, transposed=transposed
        )

    def compare(
        self,
        pointers: Sequence[str],
        *,
        title: str = "",
        states: Sequence[ItemState] = (),
        transposed: bool = False,
    ) -> Table:
        """Papers side by side, field by field, with what they agree on; chapters on one topic in
        one row.
        """
        return self._parts.tables.compare(
            pointers, title=title, states=states, transposed=transposed
        )

    def draft(
        self,
        query: str = "",
        by: str = "methods",
        format: str = "markdown",
        *,
        title: str = "",
        states: Sequence[ItemState] = (),
    ) -> str:
        """An outline of the review made of what the cells say, each statement with its citation and
        quote.
        """
        return self._parts.tables.draft(query, by, format, title=title, states=states)

    def render(
        self,
        table: Table,
        format: str = "markdown",
        *,
        standalone: bool = False,
        cite: str = "",
        max_chars: int | None = None,
    ) -> str | bytes:
        """A table in a format: markdown, latex, csv, tsv, html, json as text; xlsx and docx as
        bytes.

        ``standalone`` makes LaTeX a document of its own, ``cite`` names the LaTeX command for keys,
        ``max_chars`` cuts items, with a sign. Raises UsageFault for a format that is not there.
        """
        return self._parts.tables.render(table, format, standalone, cite, max_chars)

    def draw(self, figure: Figure, format: str = "svg") -> str | bytes:
        """A picture as SVG text, or as PNG bytes (extra ``png``). Raises UsageFault for another
        format.
        """
        return self._parts.reports.draw(figure, format)

    def figure(
        self, kind: str, query: str = "", *, cross: tuple[str, str] | None = None, title: str = ""
    ) -> Figure:
        """What a picture (years, methods, sites, map or chapters) shows of the records ``query``
        means; ``cross`` are the two columns of a map.

        :meth:`draw` makes a picture of it. Raises UsageFault for an unknown kind or column.
        """
        return self._parts.reports.figure(kind, query, cross=cross, title=title)

    def report(self, query: str = "", title: str = "", *, live: bool = False) -> str:
        """The records ``query`` means as one HTML page that loads nothing: pictures, and a table
        whose values open their words.

        ``live`` gives it a form to search with, for a server that answers it. Raises QuerySyntax,
        or NotFound where nothing matches.
        """
        return self._parts.reports.report(query, title, live=live)

    def bibliography(
        self,
        query: str = "",
        format: str = "text",
        *,
        ids: Sequence[str] | None = None,
        style: str = "apa",
        annotated: bool = False,
        chinese_first: bool = False,
        standalone: bool = False,
        title: str = "",
        sort: str | None = None,
        folder: StrPath = "",
    ) -> bytes:
        """The references of the records ``query`` means, or of these ``ids`` in their order,
        formatted by pandoc.

        ``style`` is a name such as apa or gb7714-2015, or a CSL file as seen from ``folder``.
        Raises UsageFault for an unknown style or format, EnvironmentFault where pandoc is missing
        or fails.
        """
        wanted = (
            self._ids(ids)
            if ids is not None
            else [record.id for record in self.records(query, sort)]
        )
        options = self._parts.references.options(
            style, chinese_first, annotated, standalone, title, Path(folder)
        )
        return self._parts.references.bibliography(wanted, format, options)

    def plain_bibliography(
        self, query: str = "", *, ids: Sequence[str] | None = None, annotated: bool = False
    ) -> str:
        """The same as plain author-year lines, without pandoc."""
        return self._parts.references.plain(
            self.select(query) if ids is None else self._ids(ids), annotated=annotated
        )

    def incomplete_references(self, ids: Sequence[str]) -> list[str]:
        """What metadata the references of these records lack, a line each."""
        return self._parts.references.incomplete(ids)

    # Bringing in

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
        """Bring in files, and BibTeX ``metadata`` that joins their abstracts; the report holds the
        equation.

        A str or Path is a file, or a folder whose files are read (those directly in it that some
        format names); bytes are a paste. ``key``, ``entry_type``, ``fields`` and ``tags`` are set
        on what is added; ``database`` and ``search_query`` say where it was found, and by which
        words; ``again`` brings in anew what was removed. ``format`` and ``encoding`` are named
        where they are not to be recognised, ``columns`` says in which column of a table a field
        stands; ``extract`` None means as the library's settings say. Raises UsageFault for what
        cannot be a key, type or field, EnvironmentFault for a file that cannot be read.
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
        """Bring in a pasted text; ``name`` stands for the file in reports."""
        from litrev.library.model.encoding import decode

        return self.add(decode(text.encode("utf-8"), name), key=key, fields=fields, tags=tags)

    def extract(self, ids: Sequence[str] | None = None, *, workers: int = 1) -> tuple[int, int]:
        """Search abstracts for the structured fields; how many records were searched, and how many
        changed.

        ``ids`` None means those not searched yet as the codebook now says. What a person decided
        stays. With ``workers`` above 1 many abstracts are searched by so many processes; what is
        interrupted goes on from where it was when called again.
        """
        return self._parts.extracting.extract(
            None if ids is None else self._ids(ids), workers=workers
        )

    # Taking out, and files that stay in step

    def export(
        self,
        format: str,
        query: str = "",
        *,
        ids: Sequence[str] | None = None,
        structured: str = "decided",
        ascii: bool = False,
        columns: Mapping[str, str] | None = None,
    ) -> Export:
        """The records ``query`` means, or those with these ids, in a format such as bibtex, ris or
        ndjson: pieces of text to be joined.

        ``structured`` says which values of the structured fields go along: none, decided or
        proposed (and the decided ones); ``ascii`` writes other characters as LaTeX escapes;
        ``columns`` names the columns of a table and the field each holds. Raises UsageFault for a
        format that cannot be written.
        """
        return self._parts.exporting.export(
            format, query, None if ids is None else self._ids(ids), structured, ascii, columns or {}
        )

    def cited(self, manuscripts: Sequence[StrPath], query: str = "") -> tuple[list[str], list[str]]:
        """The ids of the records that manuscripts cite, by their keys or former keys, and the keys
        that are no record's.
        """
        return self._parts.exporting.cited([Path(path) for path in _several(manuscripts)], query)

    def sync(self, path: StrPath, *, structured: bool = False, canonical: bool = False) -> Sync:
        """Bring a .bib file that was read and the library into step: changes of both sides, each
        field by itself.

        With ``structured`` decided values are written as ``litrev-…`` fields, with ``canonical``
        the whole file is laid out anew. As a dry run neither file nor library is changed; the
        result holds what the file's bytes would be. Raises NotFound for a file that was not read
        into this library, Conflict when somebody else writes it at this moment.
        """
        return self._parts.syncing.sync(
            Path(path).absolute(), structured=structured, canonical=canonical
        )

    def link(self, path: StrPath) -> Sync:
        """Let a .bib file follow the library from now on; what is kept in the user's own config
        says so.
        """
        return self._parts.syncing.link(Path(path).absolute())

    def unlink(self, path: StrPath) -> None:
        """Let a file no longer follow; raises NotFound for one that does not."""
        self._parts.syncing.unlink(Path(path).absolute())

    def linked_files(self) -> list[Path]:
        """The files that follow the library."""
        return self._parts.syncing.linked_files()

    def entries(self, path: StrPath) -> list[FileEntry]:
        """The entries of a .bib file as it was last read: line, key in the file, record, fields as
        LaTeX text with macros expanded.
        """
        return self._parts.syncing.entries(Path(path).absolute())

    def backup(self, path: StrPath, *, force: bool = False) -> Path:
        """Write a consistent copy of the library's database, also while others work in it.

        Raises Conflict for a file that is there, without ``force``, and for one that is the
        library's own.
        """
        self.library.back_up(Path(path), force=force, dry_run=self._session.context.dry_run)
        return Path(path)

    def restore(self, path: StrPath) -> None:
        """Become what a backup of a library holds; what stands here is backed up beside it first.
        Raises EnvironmentFault for a file that is no library.
        """
        self.library.restore(Path(path), dry_run=self._session.context.dry_run)

    # Changing

    def writing(self, command: str, dry_run: bool = False) -> AbstractContextManager[Operation]:
        """An operation that stands as ``command`` in the log, and after it the files that follow
        the library.
        """
        return self._parts.syncing.writing(command, dry_run)

    def set(
        self, pointer: str, assignments: Assignments = (), not_reported: Sequence[str] = ()
    ) -> list[str]:
        """Set cells and metadata of one record; the names of what changed.

        ``assignments`` are texts as on the command line (``field=value`` replaces, ``field+=value``
        adds, ``field=`` empties), or a mapping of names to a text or, for structured fields, to
        several. ``not_reported`` are fields of which the person says that the abstract does not
        tell. Raises UsageFault for an assignment that is none.
        """
        return self._parts.editing.set(pointer, assignments, not_reported)

    def accept(
        self, query: str = "", fields: Sequence[str] = (), above: float = 0.0
    ) -> tuple[int, int]:
        """Accept what is proposed with at least this confidence; how many values, in how many
        records.
        """
        return self._parts.editing.accept(query, _several(fields), above)

    def review(self, query: str = "") -> Review:
        """A review of the records ``query`` means, question by question; raises NotFound where
        there are none.
        """
        from litrev.workspace.review import Review

        return Review(
            self._session,
            self._parts.selecting,
            self._parts.editing,
            self._parts.syncing.doing,
            query,
        )

    def as_text(self, pointer: str) -> str:
        """One record as text that can be edited: a ``name = value`` a line, then the abstract."""
        return self._parts.editing.as_text(pointer)

    def take_text(self, pointer: str, original: str, text: str) -> list[str]:
        """Write what differs between the text that :meth:`as_text` gave and the one that came back;
        the names of what changed.

        What others changed meanwhile stays. Raises UsageFault, naming the line, for what cannot be
        read, Conflict where somebody has changed the same thing.
        """
        return self._parts.editing.take_text(pointer, original, text)

    def tag(
        self, pointers: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> int:
        """Put tags on records and take others off; how many records changed."""
        return self._parts.editing.tag(self._ids(pointers), add, remove)

    def note(self, pointer: str, text: str) -> None:
        """Leave a remark on a record."""
        self._parts.editing.note(pointer, text)

    def rename(self, pointer: str, key: str) -> tuple[str, str]:
        """Give a record another citation key, the old one still resolving; the old and the new key."""
        return self._parts.editing.rename(pointer, key)

    def rekey(self, pointers: Sequence[str]) -> list[tuple[str, str]]:
        """Give records whose key was generated one from their metadata; the old and new keys."""
        return self._parts.editing.rekey(self._ids(pointers))

    def remove(self, pointers: Sequence[str]) -> list[str]:
        """Take records out of the library, until undone; their keys."""
        return self._parts.editing.remove(self._ids(pointers))

    def log(self, limit: int = -1) -> list[LogEntry]:
        """What was done, latest first; all of it with a negative ``limit``."""
        return self.library.log(limit)

    def story(self, pointer: str) -> list[tuple[ChangeEntry, str]]:
        """What happened to one record, oldest first, each change with a sentence that tells it."""
        return self._parts.editing.story(pointer)

    def undo(self, target: str | None = None) -> LogEntry:
        """Take back the actor's last operation, or the one named; what was taken back."""
        return self._parts.editing.undo(target)

    # The codebook

    def codebook(self) -> Codebook:
        """The structured fields in force."""
        return self.library.codebook()

    def define(self, entries: Mapping[str, Mapping[str, Any]], *, new: bool = False) -> None:
        """Add structured fields, or change what is said of some: kind, heading, definition, cues,
        values, retired.

        None takes a word back. What was decided in a field stays, whatever becomes of it. With
        ``new`` the names must not be taken. Raises UsageFault for what cannot be a field.
        """
        self._parts.codebooks.define(entries, new=new)

    def import_codebook(self, path: StrPath) -> list[str]:
        """Take the fields of a TOML file; their names. Raises UsageFault that names the file and
        the line.
        """
        return self._parts.codebooks.read(Path(path))

    def export_codebook(self, *, everything: bool = False) -> str:
        """The library's own fields, and what it says otherwise of the built-in ones, as TOML; with
        ``everything`` all fields.
        """
        return self._parts.codebooks.text(everything=everything)

    # Looking after it

    def check(self, query: str = "") -> list[Finding]:
        """What the records ``query`` means lack, what does not hold, and what is in quarantine."""
        return self._parts.checking.check(query)

    def repair(self, query: str = "") -> list[Finding]:
        """Put right what :meth:`check` finds and what is certain; what was put right."""
        return self._parts.checking.repair(query)

    def duplicates(self, query: str = "") -> list[Pair]:
        """The pairs of records that may be one work, one of them meant by ``query``; the likeliest
        first.
        """
        return self._parts.checking.duplicates(query)

    def merge(self, keep: str, other: str) -> tuple[str, str, list[Field]]:
        """Make the record ``other`` part of ``keep``: their keys, and the fields of ``other`` that
        gave way.
        """
        return self._parts.checking.merge(keep, other)

    def merge_all(self, pairs: Sequence[Pair]) -> list[tuple[str, str, list[Field]]]:
        """Merge pairs, of three or more that are one into the first; as :meth:`merge` for each that
        was merged.
        """
        return self._parts.checking.merge_all(pairs)

    def distinguish(self, one: str, other: str) -> None:
        """Remember that two records are two works."""
        self._parts.checking.distinguish(one, other)

    def quarantine(self) -> list[Quarantined]:
        """What could not be read and was not settled yet."""
        return self._parts.checking.quarantine()

    def quarantined(self, start: str) -> Quarantined:
        """The entry of the quarantine whose id begins so; raises NotFound when there is not exactly
        one.
        """
        return self._parts.checking.quarantined(start)

    def settle(self, starts: Sequence[str]) -> None:
        """Take entries off the quarantine's list."""
        self._parts.checking.settle(_several(starts))


def _several(given: Any) -> list[Any]:
    """What is given where several are meant: one alone is one."""
    return [given] if isinstance(given, str | os.PathLike) else list(given)
