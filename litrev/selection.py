"""Which records are meant: by key, by row of the last list, or by a search that follows the library."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from litrev.library.errors import EnvironmentFault, NotFound
from litrev.library.ordering import check_sort, sort_records
from litrev.library.record import Record
from litrev.library.store import Library
from litrev.settings import Links

if TYPE_CHECKING:
    from litrev.index.follow import Follower
    from litrev.index.query import Query
    from litrev.index.snippets import Snippet


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where a workspace says what it is doing: a line, a conflict it left alone, and how much of long work is done."""

    notice: Callable[[str], None] = lambda line: None
    conflict: Callable[[str], None] = lambda line: None
    progress: Callable[[str, int, int], None] = lambda what, done, total: None


@dataclass(frozen=True, slots=True)
class Match:
    """A record that a search found, how well, and the words that show it."""

    record: Record
    score: float
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found: the best matches and how many there are in all."""

    matches: tuple[Match, ...]
    total: int

    @property
    def keys(self) -> list[str]:
        """The citation keys of the matches."""
        return [match.record.key for match in self.matches]


class Selection:
    """A library and its index. Close it, or use it as a context manager."""

    def __init__(self, library: Library, cache: Path, reporting: Reporting | None = None, links: Links | None = None) -> None:
        self.library, self.cache, self.reporting = library, cache, reporting or Reporting()
        self.links = links or Links(None)
        self._follower: Follower | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the library and its index."""
        if self._follower is not None:
            self._follower.engine.close()
        self.library.close()

    # Which records

    def select(self, query: str = "") -> list[str]:
        """The ids of the records ``query`` means: a key, a row number of the last list, or a search; all when empty.

        Raises QuerySyntax for a query that cannot be read, NotFound for one that matches nothing.
        """
        words = query.strip()
        if not words:
            return self.library.ids()
        exact = self._row(words) or self.library.find_key(words)
        if exact:
            return [exact]
        found = [hit.id for hit in self.follower.search(self.parse(words), None).hits]
        if not found:
            raise NotFound(f"nothing matches {words}")
        return found

    def point(self, pointer: str) -> str:
        """The id of the one record ``pointer`` means: a key, the start of one, or ``#3``."""
        return self._row(pointer) or self.library.point(pointer)

    def _row(self, pointer: str) -> str | None:
        number = pointer.removeprefix("#")
        if not pointer.startswith("#") or not number.isascii() or not number.isdigit():
            return None
        number = number[:9]
        rows = self._last_list()
        if not 1 <= int(number) <= len(rows):
            raise NotFound(f"the last list has no row {pointer}", f"It has {len(rows)} rows; `litrev list` makes a new one.")
        return self.library.record(rows[int(number) - 1]).id

    def _last_list(self) -> list[str]:
        try:
            return self._list_file.read_text("utf-8").split()
        except OSError:
            return []

    def remember_list(self, ids: Iterable[str]) -> None:
        """Let ``#1``, ``#2`` … mean these records from now on."""
        from litrev.library.files import write_whole

        try:
            self._list_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._list_file, ["\n".join(ids)])
        except (OSError, EnvironmentFault) as error:
            self.reporting.notice(f"row numbers cannot be kept: {error}")

    @property
    def _list_file(self) -> Path:
        return self.cache / "lists" / self.library.position().library

    # Searching

    @property
    def follower(self) -> Follower:
        """The index, which follows the library by itself."""
        if self._follower is None:
            from litrev.index.embedded import EmbeddedEngine
            from litrev.index.follow import Follower

            engine = EmbeddedEngine(self.index_folder, self.library.codebook().names)
            self._follower = Follower(self.library, engine, self.reporting.notice, lambda a, b: self.reporting.progress("indexing", a, b))
        return self._follower

    @property
    def index_folder(self) -> Path:
        """Where the index of this library lies."""
        return self.cache / "index" / self.library.position().library

    def parse(self, query: str) -> Query:
        """The tree of ``query``; raises QuerySyntax with the place of the fault."""
        from litrev.index.documents import searchable
        from litrev.index.grammar import parse

        return parse(query, searchable(self.library.codebook()))

    def search(self, query: str, limit: int | None = 20, sort: str = "relevance") -> Answer:
        """The records that match ``query``, best first or by ``sort`` (a leading "-" turns the order round).

        Raises QuerySyntax for a query that cannot be read, UsageFault for an unknown ``sort``.
        """
        from litrev.index.documents import document
        from litrev.index.snippets import snippet

        tree = self.parse(query)
        check_sort(sort)
        page = self.follower.search(tree, limit if sort == "relevance" else None)
        scores = {hit.id: hit.score for hit in page.hits}
        records = self.library.records(list(scores))
        if sort != "relevance":
            records = sort_records(records, sort)[:limit]
        cells = self.library.cells([record.id for record in records])
        matches = (Match(r, scores[r.id], snippet(tree, document(r, cells[r.id]).texts)) for r in records)
        return Answer(tuple(matches), page.total)
