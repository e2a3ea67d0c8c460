"""Searching: the best matches with the words that show them, and records like another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from litrev.errors import NotFound, UsageFault
from litrev.library.model.record import Record
from litrev.library.model.sorting import check_sort, sort_records
from litrev.workspace.indexing import Indexing
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session
from litrev.workspace.settings import SYNONYMS

if TYPE_CHECKING:
    from litrev.index.engine import Page
    from litrev.index.query import Query
    from litrev.index.snippets import Snippet
    from litrev.index.synonyms import Synonyms


class Match(NamedTuple):
    """A record that a search found, its score, and the words that matched in their context.

    A higher ``score`` is a better match; scores of different queries cannot be compared.
    ``snippet`` is None when no context was asked for.
    """

    record: Record
    score: float
    snippet: Snippet | None


class Answer(NamedTuple):
    """What a search found: a page of the matches, and how many there are in all.

    ``offset`` is the number of the first match of the page, from 0. ``facets`` has, for each field
    that was asked for, the values of all matches, each with the number of matches. ``explanation``
    describes the query and the first score, in lines; it is empty if it was not asked for.
    ``suggestion`` is a query that finds something where this one finds nothing, else None.
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


class Searching:
    """The searches of one library."""

    def __init__(self, session: Session, index: Indexing, selecting: Selecting) -> None:
        self._session = session
        self._index = index
        self._selecting = selecting
        self._library = session.library

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
        """The records that match ``query``; see :meth:`FindingCalls.search`."""
        tree = self._selecting.parse(query)
        if synonyms:
            tree = self._widened(tree, synonyms)
        check_sort(sort)
        self._check_facets(facets)
        page, records = self._page(tree, limit, sort, offset, facets)
        scores = {hit.id: hit.score for hit in page.hits}
        matches = self._matches(tree, records, scores, context)
        return Answer(
            matches=matches,
            total=page.total,
            offset=offset,
            facets=page.facets,
            explanation=self._explained(tree, matches) if explain else (),
            suggestion=None if page.total else self._suggested(query, tree),
        )

    def _page(
        self, tree: Query, limit: int | None, sort: str, offset: int, facets: Sequence[str]
    ) -> tuple[Page, list[Record]]:
        """What the engine found, and the records of the page that is asked for, in order."""
        by_relevance = sort == "relevance"
        # The index sorts by relevance only: otherwise all matches are sorted here, and the page is
        # cut out.
        if by_relevance:
            page = self._index.follower.ask(
                lambda engine: engine.search(tree, limit, offset, facets)
            )
        else:
            page = self._index.follower.ask(lambda engine: engine.search(tree, None, 0, facets))
        ids = [hit.id for hit in page.hits]
        records = self._library.records(ids)
        if by_relevance:
            return page, records
        return page, sort_records(records, sort)[offset:][:limit]

    def like(self, pointer: str, limit: int = 10) -> Answer:
        """The records that share the most distinctive words with one, best first."""
        from litrev.index.documents import document

        record = self._selecting.record(pointer)
        cells = self._library.cells([record.id])[record.id]
        example = document(record, cells)
        page = self._index.follower.ask(lambda engine: engine.like(example, limit))
        scores = {hit.id: hit.score for hit in page.hits}
        similar = self._library.records(list(scores))
        matches = _without_context(similar, scores)
        return Answer(matches, page.total)

    def synonyms(self) -> Synonyms:
        """The synonyms in the user's own file and the library's.

        Raises NotFound when there is neither file.
        """
        from litrev.index.synonyms import read_synonyms
        from litrev.library.model.encoding import decode
        from litrev.library.storage.atomic_files import read_whole

        paths = [folder / SYNONYMS for folder in self._synonym_folders()]
        existing = [path for path in paths if path.is_file()]
        if not existing:
            raise NotFound(
                "there are no synonyms",
                f"Write groups such as 党建 = party building, one a line, into {paths[0]}",
            )
        files = []
        for path in existing:
            name = str(path)
            text = decode(read_whole(path), name).text
            files.append((text, name))
        return read_synonyms(files)

    def _synonym_folders(self) -> list[Path]:
        """The folder of the user's config, if there is one, and that of the library."""
        if self._session.config is None:
            return [self._library.folder]
        return [self._session.config.parent, self._library.folder]

    def _widened(self, tree: Query, synonyms: Synonyms | bool) -> Query:
        """The query with synonyms beside its words; True means those in the files."""
        from litrev.index.synonyms import widened

        groups = self.synonyms() if isinstance(synonyms, bool) else synonyms
        return widened(tree, groups)

    def _matches(
        self, tree: Query, records: Sequence[Record], scores: Mapping[str, float], context: int
    ) -> tuple[Match, ...]:
        """The records as matches, with about ``context`` characters around the words that match."""
        from litrev.index.documents import texts_of
        from litrev.index.snippets import snippet

        if not context:
            return _without_context(records, scores)
        cells = self._library.cells([record.id for record in records])
        matches = []
        for record in records:
            texts = texts_of(record, cells[record.id])
            words = snippet(tree, texts, context)
            matches.append(Match(record, scores[record.id], words))
        return tuple(matches)

    def _check_facets(self, facets: Sequence[str]) -> None:
        """Raise UsageFault, with a suggestion, for a field whose values cannot be counted."""
        if not facets:
            return
        known = ("year", "type", "venue", "tag", *self._library.codebook().names)
        for name in facets:
            if name not in known:
                from litrev.text.suggestions import did_you_mean

                raise UsageFault(
                    f"matches cannot be counted by {name!r:.60}",
                    did_you_mean(name, known) or f"There are: {', '.join(known)}.",
                )

    def _explained(self, tree: Query, matches: Sequence[Match]) -> tuple[str, ...]:
        """The query as it was read, and how much each of its parts adds to the first score."""
        from litrev.index.explaining import explain
        from litrev.index.query import leaves_of

        lines = [*explain(tree)]
        if not matches:
            return tuple(lines)
        best = matches[0]
        record = best.record
        parts = list(dict.fromkeys(leaves_of(tree)))
        shares = self._index.follower.ask(lambda engine: engine.weigh(parts, record.id))
        lines.append(f"{record.key} scores {best.score:.2f}")
        for leaf, share in zip(parts, shares, strict=True):
            description = next(explain(leaf))
            lines.append(f"  {share:.2f}  {description}")
        return tuple(lines)

    def _suggested(self, query: str, tree: Query) -> str | None:
        """The query with words that no record has replaced by common similar ones.

        None if that finds nothing either.
        """
        from litrev.index.query import Term, leaves_of

        engine = self._index.follower.engine
        better = query
        for leaf in leaves_of(tree):
            word = leaf.text.casefold()
            is_word = isinstance(leaf, Term) and word.isalnum()
            if not is_word or engine.count(leaf):
                continue
            similar = engine.suggest(word)
            if similar:
                whole_word = rf"(?<!\w){re.escape(leaf.text)}(?!\w)"
                better = re.sub(whole_word, similar, better, count=1)
        if better == query:
            return None
        finds_something = engine.count(self._selecting.parse(better)) > 0
        return better if finds_something else None


def _without_context(records: Sequence[Record], scores: Mapping[str, float]) -> tuple[Match, ...]:
    """The records as matches that show no words; ``scores`` are by the ids of records."""
    return tuple(Match(record, scores[record.id], None) for record in records)
