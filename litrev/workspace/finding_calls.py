"""The calls of the Python API that find records: by key, by search, and with which index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.workspace.parts import PartCalls, as_list

if TYPE_CHECKING:
    from litrev.index.engine import Health
    from litrev.index.query import Query
    from litrev.index.synonyms import Synonyms
    from litrev.library.model.record import Cell, Record
    from litrev.workspace.searching import Answer


class FindingCalls(PartCalls):
    """Calls that find: which records are meant, searches, the index.

    The words *pointer* and *query* mean what :class:`~litrev.workspace.workspace.Workspace` says.
    """

    # Which records

    def select(self, query: str = "") -> list[str]:
        """The ids of the records that ``query`` means; all records for an empty query.

        A query is a key, a row number of the last list, or a search. The ids of a search come best
        first. Raises QuerySyntax for a query that cannot be read, NotFound for one that matches
        nothing. An empty query never raises, even if there are no records.
        """
        return self._parts.selecting.select(query)

    def resolve(self, pointer: str) -> str:
        """The id of the one record that ``pointer`` means.

        Raises NotFound when there is none, UsageFault when it could be several.
        """
        return self._parts.selecting.resolve(pointer)

    def exact(self, query: str) -> str | None:
        """The id of the record whose key, or row of the last list, ``query`` is.

        It is None when ``query`` is a search, or empty. Raises NotFound for a row that the last
        list does not have.
        """
        return self._parts.selecting.exact(query)

    def record(self, pointer: str) -> Record:
        """The one record that ``pointer`` means.

        Raises as :meth:`resolve`.
        """
        return self._parts.selecting.record(pointer)

    def records(self, query: str = "", sort: str | None = None) -> list[Record]:
        """The records that ``query`` means, in the order of the search or of ``sort``.

        ``sort`` is year, key, title, author or added; a leading "-" reverses the order. Raises as
        :meth:`select`, and UsageFault for an unknown ``sort``.
        """
        return self._parts.selecting.records(query, sort)

    def cells(self, pointer: str) -> dict[str, Cell]:
        """The structured fields of the one record that ``pointer`` means: a cell for each name.

        Raises as :meth:`resolve`.
        """
        return self._parts.selecting.cells(pointer)

    def cells_of(self, records: Iterable[Record]) -> dict[str, dict[str, Cell]]:
        """The cells of several records, by the id of the record and then by the name of the field.

        They are read at once, which is faster than :meth:`cells` for each record.
        """
        return self._parts.selecting.cells_of(records)

    def count(self) -> int:
        """How many records there are in the library, without those that were removed."""
        return self.library.count()

    def remember_list(self, ids: Iterable[str]) -> None:
        """Let ``#1``, ``#2`` … mean the records with these ids from now on.

        The list is kept in the user's cache, not in the library. A list that cannot be kept raises
        nothing: the user gets a notice.
        """
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
        """The records that match ``query``, best first or by ``sort``: one page of them.

        The page has up to ``limit`` matches (None for all) from number ``offset`` on, which counts
        from 0. ``sort`` is relevance, or as in :meth:`records`. ``facets`` are fields whose values
        are counted over all matches. ``context`` is about how many characters of text are shown
        around the words that match; 0 shows none. ``synonyms`` are searched for too; True means
        those in the user's and the library's files. ``explain`` says how the query was read, and
        how the first match got its score.

        An answer may be empty: unlike :meth:`select`, a query that matches nothing raises nothing.
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
        """The records that share the most distinctive words with one, up to ``limit``, best first.

        The record itself is not among them. Raises as :meth:`resolve`.
        """
        return self._parts.searching.like(pointer, limit)

    def parse(self, query: str) -> Query:
        """The tree of ``query``, with saved searches in the place of their names.

        Raises QuerySyntax, with the position of the error, for a query that cannot be read.
        """
        return self._parts.selecting.parse(query)

    def saved_searches(self) -> dict[str, str]:
        """The saved queries, by name without the "@"."""
        return self.library.saved_searches()

    @property
    def index_folder(self) -> Path:
        """The folder of this library's index, in the user's cache; it may not exist yet."""
        return self._parts.indexing.folder

    def index_health(self) -> tuple[Health, bool]:
        """The state of the index, and whether it is up to date with the library.

        A damaged index does not raise: its problems are in the state.
        """
        return self._parts.indexing.health()

    def rebuild_index(self) -> int:
        """Build the index anew, and return how many records the library has.

        Raises Busy when another process writes the index for longer than litrev waits.
        """
        return self._parts.indexing.rebuild()

    def compact_index(self) -> int:
        """Put all parts of the index into one, without deleted records, and return its size.

        The size is in bytes. Raises as :meth:`rebuild_index`.
        """
        return self._parts.indexing.compact()
