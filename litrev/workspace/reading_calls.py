"""The calls of the Python API that read a library: nothing here changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.workspace.parts import PartCalls, StrPath, as_list

if TYPE_CHECKING:
    from litrev.index.engine import Health
    from litrev.index.query import Query
    from litrev.index.synonyms import Synonyms
    from litrev.library.bibtex.entry_source import FileEntry
    from litrev.library.formats.format import Export
    from litrev.library.importing.checks import Finding
    from litrev.library.importing.duplicates import Pair
    from litrev.library.model.codebook import Codebook
    from litrev.library.model.record import Cell, ItemState, Record
    from litrev.library.storage.history import ChangeEntry, LogEntry
    from litrev.library.storage.quarantine import Quarantined
    from litrev.library.synthesis.figures import Figure
    from litrev.library.synthesis.model import Table
    from litrev.library.synthesis.summary import Summary
    from litrev.workspace.searching import Answer


class ReadingCalls(PartCalls):
    """Calls that read: records, searches, tables, references, exports, the log, checks."""

    # Which records

    def select(self, query: str = "") -> list[str]:
        """The ids of the records that ``query`` means; all records for an empty query.

        A query is a key, a row number of the last list, or a search. Raises QuerySyntax for a
        query that cannot be read, NotFound for one that matches nothing.
        """
        return self._parts.selecting.select(query)

    def resolve(self, pointer: str) -> str:
        """The id of the one record that ``pointer`` means.

        Raises NotFound when there is none, UsageFault when it could be several.
        """
        return self._parts.selecting.resolve(pointer)

    def exact(self, query: str) -> str | None:
        """The id of the record whose key, or row of the last list, ``query`` is.

        None when ``query`` is a search.
        """
        return self._parts.selecting.exact(query)

    def record(self, pointer: str) -> Record:
        """The one record that ``pointer`` means; raises as :meth:`resolve`."""
        return self._parts.selecting.record(pointer)

    def records(self, query: str = "", sort: str | None = None) -> list[Record]:
        """The records that ``query`` means, in the order of the search or of ``sort``.

        ``sort`` is year, key, title, author or added; a leading "-" reverses the order.
        """
        return self._parts.selecting.records(query, sort)

    def cells(self, pointer: str) -> dict[str, Cell]:
        """The structured fields of the one record that ``pointer`` means: a cell for each name.

        Raises as :meth:`resolve`.
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
        """The records that match ``query``, best first or by ``sort``, from ``offset`` on.

        A leading "-" in ``sort`` reverses the order. ``facets`` are fields whose values are
        counted over all matches. ``context`` is about how many characters of text are shown
        around the words that match; 0 shows none. ``synonyms`` are searched for too; True means
        those in the user's and the library's files. ``explain`` says how the query was read, and
        how the first match got its score.

        Raises QuerySyntax for a query that cannot be read, UsageFault for an unknown ``sort`` or
        facet, NotFound where there are no files of synonyms.
        """
        return self._parts.searching.search(
            query,
            limit,
            sort,
            offset=offset,
            facets=as_list(facets),
            context=context,
            synonyms=synonyms,
            explain=explain,
        )

    def like(self, pointer: str, limit: int = 10) -> Answer:
        """The records that are most like one: those that share its most telling words."""
        return self._parts.searching.like(pointer, limit)

    def parse(self, query: str) -> Query:
        """The tree of ``query``; raises QuerySyntax with the position of the error."""
        return self._parts.selecting.parse(query)

    def saved_searches(self) -> dict[str, str]:
        """The saved queries, by name."""
        return self.library.saved_searches()

    @property
    def index_folder(self) -> Path:
        """The folder of this library's index."""
        return self._parts.indexing.folder

    def index_health(self) -> tuple[Health, bool]:
        """The state of the index, and whether it is up to date with the library."""
        return self._parts.indexing.health()

    def rebuild_index(self) -> int:
        """Build the index anew. Returns how many records are in it."""
        return self._parts.indexing.rebuild()

    def compact_index(self) -> int:
        """Put all parts of the index into one, without deleted records.

        Returns its size in bytes.
        """
        return self._parts.indexing.compact()

    # Tables, pictures, reports

    def summary(self, query: str = "") -> Summary:
        """Counts over the records that ``query`` means."""
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
        """The synthesis table of the records that ``query`` means, or another view of them.

        ``view`` is synthesis, chapters, evidence or gaps. ``group_by`` puts the papers under the
        values of a column. ``states`` leaves out items in other states. ``quotes`` asks the
        renderer to show the words that each item rests on. Raises UsageFault for an unknown
        column or view.
        """
        return self._parts.tables.table(
            query,
            columns and as_list(columns),
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
        """The concept matrix: papers by the values of a column, or by the concepts in a file.

        Raises UsageFault for an unknown column, or, with file and line, for a file that is not a
        list of concepts.
        """
        return self._parts.tables.matrix(
            query,
            by,
            concepts=Path(concepts) if concepts is not None else None,
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
        """An evidence map: the values of one column counted against those of another.

        Raises UsageFault for an unknown column.
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
        """Papers side by side, field by field, with what they agree on.

        Chapters on one topic are in one row. Raises UsageFault for fewer than two papers.
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
        """An outline of the review, made from the cells.

        Each statement has its citation and its quote.
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
        """A table in a format: markdown, latex, csv, tsv, html, json as text; xlsx, docx as bytes.

        ``standalone`` makes LaTeX a document of its own. ``cite`` is the LaTeX command for keys.
        ``max_chars`` cuts longer items and marks the cut. Raises UsageFault for an unknown format.
        """
        return self._parts.tables.render(table, format, standalone, cite, max_chars)

    def figure(
        self, kind: str, query: str = "", *, cross: tuple[str, str] | None = None, title: str = ""
    ) -> Figure:
        """The data of a picture of the records that ``query`` means; :meth:`draw` draws it.

        ``kind`` is years, methods, sites, map or chapters. ``cross`` are the two columns of a map.
        Raises UsageFault for an unknown kind or column.
        """
        return self._parts.reports.figure(kind, query, cross=cross, title=title)

    def draw(self, figure: Figure, format: str = "svg") -> str | bytes:
        """A picture as SVG text, or as PNG bytes (extra ``png``).

        Raises UsageFault for another format.
        """
        return self._parts.reports.draw(figure, format)

    def report(self, query: str = "", title: str = "", *, live: bool = False) -> str:
        """The records that ``query`` means as one HTML page, which loads no other file.

        It has pictures, and a table in which each value opens the words it rests on. ``live`` adds
        a search form, for a server that answers it. Raises QuerySyntax for a query that cannot be
        read, NotFound where nothing matches.
        """
        return self._parts.reports.report(query, title, live=live)

    # References and exports

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
        """The references of the records that ``query`` means, formatted by pandoc.

        With ``ids``, those of these records, in this order. ``style`` is a name such as apa or
        gb7714-2015, or the path of a CSL file, relative to ``folder``. Raises UsageFault for an
        unknown style or format, EnvironmentFault where pandoc is missing or fails.
        """
        if ids is not None:
            chosen = self._ids(ids)
        else:
            chosen = [record.id for record in self.records(query, sort)]
        options = self._parts.references.options(
            style, chinese_first, annotated, standalone, title, Path(folder)
        )
        return self._parts.references.bibliography(chosen, format, options)

    def plain_bibliography(
        self, query: str = "", *, ids: Sequence[str] | None = None, annotated: bool = False
    ) -> str:
        """The references as plain author-year lines, without pandoc."""
        chosen = self.select(query) if ids is None else self._ids(ids)
        return self._parts.references.plain(chosen, annotated=annotated)

    def incomplete_references(self, ids: Sequence[str]) -> list[str]:
        """The metadata that the references of these records lack, a line for each record."""
        return self._parts.references.incomplete(ids)

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
        """The records that ``query`` means, or those with these ids, in a format such as ris.

        The result holds pieces of text to be joined. ``structured`` says which values of the
        structured fields are written: none, decided, or proposed (which includes the decided
        ones). ``ascii`` writes other characters as LaTeX escapes. ``columns`` names the columns of
        a table and the field each holds. Raises UsageFault for a format that cannot be written.
        """
        chosen = None if ids is None else self._ids(ids)
        return self._parts.exporting.export(format, query, chosen, structured, ascii, columns or {})

    def cited(self, manuscripts: Sequence[StrPath], query: str = "") -> tuple[list[str], list[str]]:
        """The ids of the records that manuscripts cite, and the cited keys that no record has.

        Former keys of a record count too. Only records that ``query`` means are returned.
        """
        paths = [Path(path) for path in as_list(manuscripts)]
        return self._parts.exporting.cited(paths, query)

    def entries(self, path: StrPath) -> list[FileEntry]:
        """The entries of a .bib file as it was last read.

        Each has its line, its key in the file, its record, and its fields as LaTeX text with
        macros expanded.
        """
        return self._parts.syncing.entries(Path(path).absolute())

    def linked_files(self) -> list[Path]:
        """The .bib files that follow the library."""
        return self._parts.syncing.linked_files()

    def as_text(self, pointer: str) -> str:
        """One record as text that can be edited: ``name = value`` lines, then the abstract."""
        return self._parts.editing.as_text(pointer)

    # The codebook, the log, checks

    def codebook(self) -> Codebook:
        """The structured fields in force."""
        return self.library.codebook()

    def export_codebook(self, *, everything: bool = False) -> str:
        """The library's own fields, and its changes to the built-in ones, as TOML.

        With ``everything``, all fields.
        """
        return self._parts.codebooks.text(everything=everything)

    def log(self, limit: int = -1) -> list[LogEntry]:
        """The operations that were done, latest first; all of them with a negative ``limit``."""
        return self.library.log(limit)

    def story(self, pointer: str) -> list[tuple[ChangeEntry, str]]:
        """The changes of one record, oldest first, each with a sentence that describes it."""
        return self._parts.editing.story(pointer)

    def check(self, query: str = "") -> list[Finding]:
        """What is missing or wrong in the records that ``query`` means.

        With an empty query, what is in quarantine too.
        """
        return self._parts.checking.check(query)

    def duplicates(self, query: str = "") -> list[Pair]:
        """The pairs of records that may be one work, most likely first.

        At least one record of each pair is one that ``query`` means.
        """
        return self._parts.checking.duplicates(query)

    def quarantine(self) -> list[Quarantined]:
        """The entries that could not be read and were not settled yet."""
        return self._parts.checking.quarantine()

    def quarantined(self, start: str) -> Quarantined:
        """The entry of the quarantine whose id begins with ``start``.

        Raises NotFound when there is not exactly one.
        """
        return self._parts.checking.quarantined(start)
