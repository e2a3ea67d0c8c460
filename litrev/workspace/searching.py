"""Which records are meant: by key, by row of the last list, or by a search that follows the library."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Self

from litrev.errors import EnvironmentFault, NotFound, UsageFault
from litrev.library.model.record import Record
from litrev.library.model.sorting import check_sort, sort_records
from litrev.library.storage.library import Library
from litrev.workspace.settings import Links

if TYPE_CHECKING:
    from litrev.index.engine import Engine, Health
    from litrev.index.follow import Follower
    from litrev.index.query import Query
    from litrev.index.snippets import Snippet
    from litrev.index.synonyms import Synonyms


class Reporting(NamedTuple):
    """Where a workspace says what it is doing: a line, a conflict it left alone, and how much of long work is done."""

    notice: Callable[[str], None] = lambda line: None
    conflict: Callable[[str], None] = lambda line: None
    progress: Callable[[str, int, int], None] = lambda what, done, total: None


class Match(NamedTuple):
    """A record that a search found, how well, and the words that show it."""

    record: Record
    score: float
    snippet: Snippet | None


class Answer(NamedTuple):
    """What a search found: some of the best matches, how many there are in all, and what was asked for beside.

    ``facets`` counts the values of fields over all matches, ``explanation`` tells the query and the
    first score in lines, ``suggestion`` is a query that finds something where this one does not.
    """

    matches: tuple[Match, ...]
    total: int
    offset: int = 0
    facets: Mapping[str, Mapping[str, int]] = MappingProxyType({})
    explanation: tuple[str, ...] = ()
    suggestion: str | None = None

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
        exact = self.exact(words)
        if exact:
            return [exact]
        tree = self.parse(words)
        found = [hit.id for hit in self.follower.ask(lambda engine: engine.search(tree, None)).hits]
        if not found:
            raise NotFound(f"nothing matches {words}")
        return found

    def exact(self, query: str) -> str | None:
        """The id of the record whose key, or row of the last list, ``query`` is; None when it is a search."""
        words = query.strip()
        return (self._row(words) or self.library.find_key(words) or None) if words else None

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
        from litrev.library.storage.atomic_files import write_whole

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
            from litrev.index.embedded.engine import EmbeddedEngine
            from litrev.index.follow import Follower

            engine = EmbeddedEngine(self.index_folder, self.library.codebook().names)
            self._follower = Follower(self.library, engine, self.reporting.notice, lambda a, b: self.reporting.progress("indexing", a, b))
        return self._follower

    @property
    def index_folder(self) -> Path:
        """Where the index of this library lies."""
        return self.cache / "index" / self.library.position().library

    def index_health(self) -> tuple[Health, bool]:
        """How the index does, and whether it has seen all there is."""
        from litrev.index.engine import DamagedIndex, Health

        try:
            health = self.follower.engine.health()
            return health, self.follower.engine.seen() == self.follower.wanted()
        except DamagedIndex as fault:
            return Health(0, 0, 0, 0, (fault.message,)), False

    def compact_index(self) -> None:
        """Put all parts of the index into one."""

        def compact(engine: Engine) -> None:
            with engine.exclusive():
                engine.compact()

        self.follower.ask(compact)

    def parse(self, query: str) -> Query:
        """The tree of ``query``; raises QuerySyntax with the place of the fault."""
        from litrev.index.documents import searchable
        from litrev.index.grammar import parse

        return parse(query, searchable(self.library.codebook(), self.library.saved_searches() if "@" in query else {}))

    def search(
        self,
        query: str,
        limit: int | None = 20,
        sort: str = "relevance",
        *,
        offset: int = 0,
        facets: Sequence[str] = (),
        context: int = 160,
        synonyms: Synonyms | None = None,
        explain: bool = False,
    ) -> Answer:
        """The records that match ``query``, best first or by ``sort`` (a leading "-" turns the order round), from ``offset`` on.

        ``facets`` are fields whose values are counted over all matches; ``context`` is about how many
        characters the words are shown in, none with 0. Raises QuerySyntax for a query that cannot be
        read, UsageFault for an unknown ``sort`` or facet.
        """
        tree = self.parse(query)
        if synonyms:
            from litrev.index.synonyms import widened

            tree = widened(tree, synonyms)
        check_sort(sort)
        self._check_facets(facets)
        ranked = sort == "relevance"
        page = self.follower.ask(lambda engine: engine.search(tree, limit if ranked else None, offset if ranked else 0, facets))
        scores = {hit.id: hit.score for hit in page.hits}
        records = self.library.records(list(scores))
        if not ranked:
            records = sort_records(records, sort)[offset:][:limit]
        matches = self._matches(tree, records, scores, context)
        explanation = self._explained(tree, matches) if explain else ()
        return Answer(matches, page.total, offset, page.facets, explanation, None if page.total else self._suggested(query, tree))

    def like(self, pointer: str, limit: int = 10) -> Answer:
        """The records that are most like one: those that share its most telling words."""
        from litrev.index.documents import document

        record = self.library.record(self.point(pointer))
        page = self.follower.ask(lambda engine: engine.like(document(record, self.library.cells([record.id])[record.id]), limit))
        scores = {hit.id: hit.score for hit in page.hits}
        return Answer(tuple(Match(found, scores[found.id], None) for found in self.library.records(list(scores))), page.total)

    def _matches(self, tree: Query, records: Sequence[Record], scores: Mapping[str, float], context: int) -> tuple[Match, ...]:
        from litrev.index.documents import texts_of
        from litrev.index.snippets import snippet

        if not context:
            return tuple(Match(record, scores[record.id], None) for record in records)
        cells = self.library.cells([record.id for record in records])
        return tuple(Match(r, scores[r.id], snippet(tree, texts_of(r, cells[r.id]), context)) for r in records)

    def _check_facets(self, facets: Sequence[str]) -> None:
        known = ("year", "type", "venue", "tag", *self.library.codebook().names) if facets else ()
        for name in facets:
            if name not in known:
                from litrev.text.suggestions import did_you_mean

                raise UsageFault(f"{name!r:.60} cannot be counted by", did_you_mean(name, known) or f"There are: {', '.join(known)}.")

    def _explained(self, tree: Query, matches: Sequence[Match]) -> tuple[str, ...]:
        """The query as it was read, and what each of its parts adds to the first score."""
        from litrev.index.explaining import told
        from litrev.index.query import wanted

        lines = [*told(tree)]
        if matches:
            first, leaves = matches[0], list(dict.fromkeys(wanted(tree)))
            shares = self.follower.ask(lambda engine: engine.weigh(leaves, first.record.id))
            lines.append(f"{first.record.key} scores {first.score:.2f}")
            lines += [f"  {share:.2f}  {next(told(leaf))}" for leaf, share in zip(leaves, shares, strict=True)]
        return tuple(lines)

    def _suggested(self, query: str, tree: Query) -> str | None:
        """The query with words that stand nowhere replaced by the commonest ones near them, if that finds something."""
        from litrev.index.query import Term, wanted

        better = query
        for leaf in wanted(tree):
            word = leaf.text.casefold()
            if isinstance(leaf, Term) and word.isalnum() and not self.follower.engine.count(leaf):
                other = self.follower.engine.suggest(word)
                if other:
                    better = re.sub(rf"(?<!\w){re.escape(leaf.text)}(?!\w)", other, better, count=1)
        return better if better != query and self.follower.engine.count(self.parse(better)) else None
