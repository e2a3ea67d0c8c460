"""Finding the records that are meant: by key, row of the last list, id, or search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.errors import EnvironmentFault, NotFound, UsageFault
from litrev.library.model.record import Cell, Record
from litrev.library.model.sorting import sort_records
from litrev.workspace.indexing import Indexing
from litrev.workspace.session import Session

if TYPE_CHECKING:
    from litrev.index.query import Query

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_ROW = 9  # digits of a row number; int() refuses, or takes long over, very many


class Selecting:
    """The records of a library, found by what a person calls them."""

    def __init__(self, session: Session, index: Indexing) -> None:
        self._session = session
        self._index = index
        self._library = session.library

    def select(self, query: str = "") -> list[str]:
        """The ids of the records that ``query`` means; all records for an empty query.

        A query is a key, a row number of the last list, or a search. Raises QuerySyntax for a
        query that cannot be read, NotFound for one that matches nothing.
        """
        if not isinstance(query, str):
            raise UsageFault(
                f"{query!r:.60} is not a query",
                "A query is a text; an empty one means all records.",
            )
        query = query.strip()
        if not query:
            return self._library.ids()
        # A key or a row needs no index, so none is built for it.
        exact = self.exact(query)
        if exact:
            return [exact]
        tree = self.parse(query)
        page = self._index.follower.ask(lambda engine: engine.search(tree, None))
        if not page.hits:
            raise NotFound(f"nothing matches {query}")
        return [hit.id for hit in page.hits]

    def exact(self, query: str) -> str | None:
        """The id of the record whose key, or row of the last list, ``query`` is.

        None when ``query`` is a search.
        """
        query = query.strip()
        if not query:
            return None
        row_id = self._row(query)
        return row_id or self._library.find_key(query)

    def resolve(self, pointer: str) -> str:
        """The id of the one record that ``pointer`` means: a key, the start of one, a row, an id.

        Raises NotFound when there is none, UsageFault when it could be several.
        """
        if not isinstance(pointer, str):
            raise UsageFault(
                f"{pointer!r:.60} does not name a record",
                "Name a record by its key, the start of its key, a row such as #3, or its id.",
            )
        record_id = self._row(pointer)
        if record_id:
            return record_id
        if _is_id(pointer) and self._library.status(pointer):
            return pointer
        return self._library.resolve(pointer)

    def ids_of(self, pointers: Iterable[str]) -> list[str]:
        """The ids of the records that these pointers mean, each once; raises as :meth:`resolve`."""
        if isinstance(pointers, str):
            pointers = [pointers]
        pointers = list(pointers)
        # Ids are looked up all at once: a whole library may be given by them.
        given_ids = [pointer for pointer in pointers if _is_id(pointer)]
        known_ids = self._library.known(given_ids)
        ids = (pointer if pointer in known_ids else self.resolve(pointer) for pointer in pointers)
        return list(dict.fromkeys(ids))

    def record(self, pointer: str) -> Record:
        """The one record that ``pointer`` means; raises as :meth:`resolve`."""
        return self._library.record(self.resolve(pointer))

    def cells(self, pointer: str) -> dict[str, Cell]:
        """The cells of the record that ``pointer`` means, by field; raises as :meth:`resolve`."""
        record_id = self.resolve(pointer)
        return self._library.cells([record_id])[record_id]

    def cells_of(self, records: Iterable[Record]) -> dict[str, dict[str, Cell]]:
        """The cells of records, by the id of the record and then by the name of the field."""
        ids = [record.id for record in records]
        return self._library.cells(ids)

    def records(self, query: str = "", sort: str | None = None) -> list[Record]:
        """The records that ``query`` means, in the order of the search or of ``sort``.

        Raises as :meth:`select`, and UsageFault for an unknown ``sort``.
        """
        ids = self.select(query)
        records = self._library.records(ids)
        if not sort or sort == "relevance":
            return records
        return sort_records(records, sort)

    def parse(self, query: str) -> Query:
        """The tree of ``query``, with saved searches in the place of their names.

        Raises QuerySyntax with the position of the error.
        """
        if not isinstance(query, str):
            raise UsageFault(
                f"{query!r:.60} is not a query", "A query is a text, such as 'methods:interview'."
            )
        from litrev.index.documents import searchable
        from litrev.index.grammar import parse

        codebook = self._library.codebook()
        saved: Mapping[str, str] = {}
        # Saved searches are read only for a query that may name one.
        if "@" in query:
            saved = self._library.saved_searches()
        return parse(query, searchable(codebook, saved))

    # Rows of the last list

    def remember_list(self, ids: Iterable[str]) -> None:
        """Let ``#1``, ``#2`` … mean these records from now on.

        A list that cannot be kept is reported, and raises nothing.
        """
        from litrev.library.storage.atomic_files import write_whole

        if self._session.context.dry_run:
            return
        file = self._list_file
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(file, ["\n".join(ids)])
        except (OSError, EnvironmentFault) as error:
            self._session.reporting.notice(f"row numbers cannot be kept: {error}")

    def _row(self, pointer: str) -> str | None:
        """The id of the record in a row of the last list; None for what is not a row.

        Raises NotFound when the list has no such row, or the record was removed since then.
        """
        digits = pointer.removeprefix("#")
        # isdigit alone takes digits of other scripts too.
        is_number = digits.isascii() and digits.isdigit()
        if not pointer.startswith("#") or not is_number:
            return None
        row = int(digits[:_LONGEST_ROW])
        listed_ids = self._listed_ids()
        if not 1 <= row <= len(listed_ids):
            raise NotFound(
                f"the last list has no row {pointer}",
                f"It has {len(listed_ids)} rows; `litrev list` makes a new one.",
            )
        # The record may have been removed since then, which raises NotFound.
        return self._library.record(listed_ids[row - 1]).id

    def _listed_ids(self) -> list[str]:
        """The ids in the last list, in the order of its rows; none when no list was kept."""
        try:
            return self._list_file.read_text("utf-8").split()
        except OSError:
            return []

    @property
    def _list_file(self) -> Path:
        library_id = self._library.position().library
        return self._session.cache / "lists" / library_id


def _is_id(pointer: object) -> bool:
    """Whether a pointer is written as an id, which need not be that of a record."""
    return isinstance(pointer, str) and _ID.fullmatch(pointer) is not None
