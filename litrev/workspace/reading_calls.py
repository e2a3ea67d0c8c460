"""The calls of the Python API that read a library: nothing here changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.workspace.finding_calls import FindingCalls
from litrev.workspace.parts import StrPath, as_list

if TYPE_CHECKING:
    from litrev.library.bibtex.entry_source import FileEntry
    from litrev.library.formats.format import Export
    from litrev.library.importing.checks import Finding
    from litrev.library.importing.duplicates import Pair
    from litrev.library.model.codebook import Codebook
    from litrev.library.model.record import ItemState
    from litrev.library.storage.history import ChangeEntry, LogEntry
    from litrev.library.storage.quarantine import Quarantined
    from litrev.library.synthesis.figures import Figure
    from litrev.library.synthesis.model import Table
    from litrev.library.synthesis.summary import Summary


class ReadingCalls(FindingCalls):
    """Calls that read: tables, references, exports, the log, checks, and those that find records.

    The words *pointer* and *query* mean what :class:`~litrev.workspace.workspace.Workspace` says.
    """

    # Tables, pictures, reports

    def summary(self, query: str = "") -> Summary:
        """Counts over the records that ``query`` means: by year, type, method, site, tag and state.

        Raises as :meth:`select`.
        """
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

        ``columns`` are names of metadata or structured fields, or ``bib:FIELD``; None means the
        usual ones. ``sort`` is as in :meth:`records`. ``view`` is synthesis, chapters, evidence or
        gaps. ``group_by`` puts the papers under the values of a column. ``states`` leaves out items
        in other states. ``quotes`` asks the renderer to show the words that each item rests on.
        ``transposed`` has a column for each paper. :meth:`render` writes the table as text.

        Raises as :meth:`records`, and UsageFault for an unknown column or view, and for options
        that the view cannot follow.
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

        ``by`` is the column. ``concepts`` is a file with a concept on each line, and the values
        that mean it after a colon. ``unit`` is a column whose values divide each concept into
        sub-columns. Items in other states than ``states`` are not counted. ``sort`` and
        ``transposed`` are as in :meth:`table`.

        Raises as :meth:`records`, UsageFault for an unknown column, or, with file and line, for a
        file that is not a list of concepts, and EnvironmentFault for one that cannot be read.
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

        The values of ``one`` are rows and those of ``other`` columns, or with ``transposed`` the
        other way round. A number counts papers. Items in other states than ``states`` are not
        counted. Raises as :meth:`select`, and UsageFault for an unknown column.
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
        """Papers side by side, a column for each and a row for each field, with their agreement.

        Chapters on one topic are in one row. ``states`` leaves out items in other states.
        ``transposed`` has a row for each paper. Raises as :meth:`resolve`, and UsageFault for fewer
        than two papers.
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
        """An outline of the review as text, made from the cells and nothing else.

        It has a section for each value of the column ``by``. Each statement has its citation and
        its quote. ``format`` is markdown or latex. ``states`` leaves out statements in other
        states. Raises as :meth:`select`, and UsageFault for an unknown column or format.
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

        ``kind`` is years, methods, sites, map or chapters. ``cross`` are the two columns of a map,
        the one downwards first. Raises as :meth:`select`, and UsageFault for an unknown kind or
        column, and for ``cross`` without a map.
        """
        return self._parts.reports.figure(kind, query, cross=cross, title=title)

    def draw(self, figure: Figure, format: str = "svg") -> str | bytes:
        """A picture as SVG text, or as PNG bytes.

        ``format`` is svg or png. Raises UsageFault for another format, EnvironmentFault for png
        where the extra ``png`` is not installed.
        """
        return self._parts.reports.draw(figure, format)

    def report(self, query: str = "", title: str = "", *, live: bool = False) -> str:
        """The records that ``query`` means as one HTML page, which loads no other file.

        It has pictures, and a table in which each value opens the words it rests on. ``live`` adds
        a search form, for a server that answers it. Without a ``title`` the page has the usual
        one. Raises as :meth:`select`.
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
        """The references of the records that ``query`` means, formatted by pandoc, as bytes.

        With ``ids``, those of these records instead. ``format`` is text, markdown, html, latex or
        docx. ``style`` is a name such as apa or gb7714-2015, or the path of a CSL file, relative to
        ``folder``. A style that numbers references keeps the order of ``ids`` or ``sort``; others
        have their own. ``annotated`` adds an annotation to each reference. ``chinese_first`` puts
        works in Chinese before the others. ``standalone`` makes LaTeX a document of its own.

        Raises as :meth:`records`, UsageFault for an unknown style or format, EnvironmentFault
        where pandoc is missing or fails.
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
        """The references as plain author-year lines in alphabetical order, without pandoc.

        They are those of the records that ``query`` means, or of those with these ``ids``.
        ``annotated`` adds an annotation to each reference. Raises as :meth:`select`.
        """
        chosen = self.select(query) if ids is None else self._ids(ids)
        return self._parts.references.plain(chosen, annotated=annotated)

    def incomplete_references(self, ids: Sequence[str]) -> list[str]:
        """The metadata that the references of these records lack, a line for each such record."""
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
        a table and the field each holds. Raises as :meth:`select`, and UsageFault for a format that
        cannot be written.
        """
        chosen = None if ids is None else self._ids(ids)
        return self._parts.exporting.export(format, query, chosen, structured, ascii, columns or {})

    def cited(self, manuscripts: Sequence[StrPath], query: str = "") -> tuple[list[str], list[str]]:
        """The ids of the records that manuscripts cite, and the cited keys that no record has.

        ``manuscripts`` are paths; files that LaTeX includes in them are read too. Former keys of a
        record count too. Only records that ``query`` means are returned. Raises as :meth:`select`,
        and EnvironmentFault for a file that cannot be read.
        """
        paths = [Path(path) for path in as_list(manuscripts)]
        return self._parts.exporting.cited(paths, query)

    def entries(self, path: StrPath) -> list[FileEntry]:
        """The entries of a .bib file as it was last read.

        Each has its line, its key in the file, its record, and its fields as LaTeX text with
        macros expanded. A file that was never read has none.
        """
        return self._parts.syncing.entries(Path(path).absolute())

    def linked_files(self) -> list[Path]:
        """The absolute paths of the .bib files that follow the library; see :meth:`link`."""
        return self._parts.syncing.linked_files()

    def as_text(self, pointer: str) -> str:
        """One record as text that can be edited: ``name = value`` lines, then the abstract.

        :meth:`take_text` saves the edited text. Raises as :meth:`resolve`.
        """
        return self._parts.editing.as_text(pointer)

    # The codebook, the log, checks

    def codebook(self) -> Codebook:
        """The structured fields in force: the built-in ones as the library has changed them."""
        return self.library.codebook()

    def export_codebook(self, *, everything: bool = False) -> str:
        """The library's own fields, and its changes to the built-in ones, as TOML.

        With ``everything``, all fields. :meth:`import_codebook` reads it in another library.
        """
        return self._parts.codebooks.text(everything=everything)

    def log(self, limit: int = -1) -> list[LogEntry]:
        """The operations that were done, latest first, up to ``limit``.

        A negative ``limit`` means all of them.
        """
        return self.library.log(limit)

    def story(self, pointer: str) -> list[tuple[ChangeEntry, str]]:
        """The changes of one record, oldest first, each with a sentence that describes it.

        Raises as :meth:`resolve`.
        """
        return self._parts.editing.story(pointer)

    def check(self, query: str = "") -> list[Finding]:
        """What is missing or wrong in the records that ``query`` means.

        With an empty query, what is in quarantine too. Nothing is corrected; :meth:`repair` does
        that. Raises as :meth:`select`.
        """
        return self._parts.checking.check(query)

    def duplicates(self, query: str = "") -> list[Pair]:
        """The pairs of records that may be one work, most likely first.

        At least one record of each pair is one that ``query`` means. Raises as :meth:`select`.
        """
        return self._parts.checking.duplicates(query)

    def quarantine(self) -> list[Quarantined]:
        """The entries that could not be read, and the conflicts, that were not settled yet."""
        return self._parts.checking.quarantine()

    def quarantined(self, start: str) -> Quarantined:
        """The entry of the quarantine whose id begins with ``start``.

        Raises NotFound when there is not exactly one.
        """
        return self._parts.checking.quarantined(start)
