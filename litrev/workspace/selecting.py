"""Which records are meant: by key, by row of the last list, by id, or by a search."""

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


class Selecting:
    """The records of a library, found by what a person calls them."""

    def __init__(self, session: Session, index: Indexing) -> None:
        self._session, self._index = session, index
        self._library = session.library

    def select(self, query: str = "") -> list[str]:
        """The ids of the records ``query`` means: a key, a row number of the last list, or a
        search; all when empty.

        Raises QuerySyntax for a query that cannot be read, NotFound for one that matches nothing.
        """
        if not isinstance(query, str):
            raise UsageFault(
                f"{query!r:.60} is no query", "A query is a text; an empty one means all records."
            )
        words = query.strip()
        if not words:
            return self._library.ids()
        exact = self.exact(words)
        if exact:
            return [exact]
        tree = self.parse(words)
        found = [
            hit.id
            for hit in self._index.follower.ask(lambda engine: engine.search(tree, None)).hits
        ]
        if not found:
            raise NotFound(f"nothing matches {words}")
        return found

    def exact(self, query: str) -> str | None:
        """The id of the record whose key, or row of the last list, ``query`` is; None when it is a
        search.
        """
        words = query.strip()
        return (self._row(words) or self._library.find_key(words) or None) if words else None

    def resolve(self, pointer: str) -> str:
        """The id of the one record ``pointer`` means: a key, the start of one, ``#3``, or an id.

        Raises NotFound when there is none, UsageFault when it could be several.
        """
        if not isinstance(pointer, str):
            raise UsageFault(
                f"{pointer!r:.60} means no record",
                "A record is meant by its key, the start of its key, a row such as #3, or its id.",
            )
        row = self._row(pointer)
        if row:
            return row
        if _ID.fullmatch(pointer) and self._library.status(pointer):
            return pointer
        return self._library.resolve(pointer)

    def ids_of(self, pointers: Iterable[str]) -> list[str]:
        """The ids of the records that these pointers mean, each once; raises as :meth:`resolve`."""
        given = [pointers] if isinstance(pointers, str) else list(pointers)
        known = self._library.known(
            [pointer for pointer in given if isinstance(pointer, str) and _ID.fullmatch(pointer)]
        )
        return list(
            dict.fromkeys(
                pointer if pointer in known else self.resolve(pointer) for pointer in given
            )
        )

    def record(self, pointer: str) -> Record:
        """The one record ``pointer`` means; raises as :meth:`resolve`."""
        return self._library.record(self.resolve(pointer))

    def cells(self, pointer: str) -> dict[str, Cell]:
        """The cells of the one record ``pointer`` means, by field; raises as :meth:`resolve`."""
        record_id = self.resolve(pointer)
        return self._library.cells([record_id])[record_id]

    def cells_of(self, records: Iterable[Record]) -> dict[str, dict[str, Cell]]:
        """The cells of records, by id."""
        return self._library.cells([record.id for record in records])

    def records(self, query: str = "", sort: str | None = None) -> list[Record]:
        """The records ``query`` means, in the order of the search or of ``sort``."""
        records = self._library.records(self.select(query))
        return sort_records(records, sort) if sort and sort != "relevance" else records

    def parse(self, query: str) -> Query:
        """The tree of ``query``; raises QuerySyntax with the place of the fault."""
        if not isinstance(query, str):
            raise UsageFault(
                f"{query!r:.60} is no query", "A query is a text, such as 'methods:interview'."
            )
        from litrev.index.documents import searchable
        from litrev.index.grammar import parse

        saved: Mapping[str, str] = self._library.saved_searches() if "@" in query else {}
        return parse(query, searchable(self._library.codebook(), saved))

    # Rows of the last list

    def remember_list(self, ids: Iterable[str]) -> None:
        """Let ``#1``, ``#2`` … mean these records from now on."""
        from litrev.library.storage.atomic_files import write_whole

        if self._session.context.dry_run:
            return
        try:
            self._list_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._list_file, ["\n".join(ids)])
        except (OSError, EnvironmentFault) as error:
            self._session.reporting.notice(f"row numbers cannot be kept: {error}")

    def _row(self, pointer: str) -> str | None:
        number = pointer.removeprefix("#")
        if not pointer.startswith("#") or not number.isascii() or not number.isdigit():
            return None
        number = number[:9]
        rows = self._last_list()
        if not 1 <= int(number) <= len(rows):
            raise NotFound(
                f"the last list has no row {pointer}",
                f"It has {len(rows)} rows; `litrev list` makes a new one.",
            )
        return self._library.record(rows[int(number) - 1]).id

    def _last_list(self) -> list[str]:
        try:
            return self._list_file.read_text("utf-8").split()
        except OSError:
            return []

    @property
    def _list_file(self) -> Path:
        return self._session.cache / "lists" / self._library.position().library
