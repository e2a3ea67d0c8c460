"""Searching: the best hits with the words that show them, what is like a record, searches with
names.
"""

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
    from litrev.index.query import Query
    from litrev.index.snippets import Snippet
    from litrev.index.synonyms import Synonyms


class Match(NamedTuple):
    """A record that a search found, how well, and the words that show it."""

    record: Record
    score: float
    snippet: Snippet | None


class Answer(NamedTuple):
    """What a search found: some of the best matches, how many there are in all, and what was asked
    for beside.

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


class Searching:
    """The searches of one library."""

    def __init__(self, session: Session, index: Indexing, selecting: Selecting) -> None:
        self._session, self._index, self._selecting = session, index, selecting
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
        """The records that match ``query``, best first or by ``sort`` (a leading "-" turns the
        order round), from ``offset`` on.

        ``facets`` are fields whose values are counted over all matches; ``context`` is about how
        many characters the words are shown in, none with 0; ``synonyms`` are looked for too, with
        True those of the user's and the library's files. Raises QuerySyntax for a query that cannot
        be read, UsageFault for an unknown ``sort`` or facet, NotFound where there are no files of
        synonyms.
        """
        tree = self._selecting.parse(query)
        if synonyms:
            from litrev.index.synonyms import widened

            tree = widened(tree, self.synonyms() if synonyms is True else synonyms)
        check_sort(sort)
        self._check_facets(facets)
        ranked = sort == "relevance"
        page = self._index.follower.ask(
            lambda engine: engine.search(
                tree, limit if ranked else None, offset if ranked else 0, facets
            )
        )
        scores = {hit.id: hit.score for hit in page.hits}
        records = self._library.records(list(scores))
        if not ranked:
            records = sort_records(records, sort)[offset:][:limit]
        matches = self._matches(tree, records, scores, context)
        explanation = self._explained(tree, matches) if explain else ()
        return Answer(
            matches,
            page.total,
            offset,
            page.facets,
            explanation,
            None if page.total else self._suggested(query, tree),
        )

    def like(self, pointer: str, limit: int = 10) -> Answer:
        """The records that are most like one: those that share its most telling words."""
        from litrev.index.documents import document

        record = self._library.record(self._selecting.resolve(pointer))
        page = self._index.follower.ask(
            lambda engine: engine.like(
                document(record, self._library.cells([record.id])[record.id]), limit
            )
        )
        scores = {hit.id: hit.score for hit in page.hits}
        return Answer(
            tuple(
                Match(found, scores[found.id], None)
                for found in self._library.records(list(scores))
            ),
            page.total,
        )

    def synonyms(self) -> Synonyms:
        """The groups of the user's own file and of the library's; raises NotFound when there is
        neither.
        """
        from litrev.index.synonyms import read_synonyms
        from litrev.library.model.encoding import decode
        from litrev.library.storage.atomic_files import read_whole

        places = [folder / SYNONYMS for folder in (*self._config_folder(), self._library.folder)]
        found = [place for place in places if place.is_file()]
        if not found:
            raise NotFound(
                "there are no synonyms",
                f"Write groups such as 党建 = party building, one a line, into {places[0]}",
            )
        return read_synonyms(
            [(decode(read_whole(place), str(place)).text, str(place)) for place in found]
        )

    def _config_folder(self) -> list[Path]:
        return [self._session.config.parent] if self._session.config else []

    def _matches(
        self, tree: Query, records: Sequence[Record], scores: Mapping[str, float], context: int
    ) -> tuple[Match, ...]:
        from litrev.index.documents import texts_of
        from litrev.index.snippets import snippet

        if not context:
            return tuple(Match(record, scores[record.id], None) for record in records)
        cells = self._library.cells([record.id for record in records])
        return tuple(
            Match(r, scores[r.id], snippet(tree, texts_of(r, cells[r.id]), context))
            for r in records
        )

    def _check_facets(self, facets: Sequence[str]) -> None:
        known = ("year", "type", "venue", "tag", *self._library.codebook().names) if facets else ()
        for name in facets:
            if name not in known:
                from litrev.text.suggestions import did_you_mean

                raise UsageFault(
                    f"{name!r:.60} cannot be counted by",
                    did_you_mean(name, known) or f"There are: {', '.join(known)}.",
                )

    def _explained(self, tree: Query, matches: Sequence[Match]) -> tuple[str, ...]:
        """The query as it was read, and what each of its parts adds to the first score."""
        from litrev.index.explaining import explain
        from litrev.index.query import wanted

        lines = [*explain(tree)]
        if matches:
            first, leaves = matches[0], list(dict.fromkeys(wanted(tree)))
            shares = self._index.follower.ask(lambda engine: engine.weigh(leaves, first.record.id))
            lines.append(f"{first.record.key} scores {first.score:.2f}")
            lines += [
                f"  {share:.2f}  {next(explain(leaf))}"
                for leaf, share in zip(leaves, shares, strict=True)
            ]
        return tuple(lines)

    def _suggested(self, query: str, tree: Query) -> str | None:
        """The query with words that stand nowhere replaced by the commonest ones near them, if that
        finds something.
        """
        from litrev.index.query import Term, wanted

        better = query
        for leaf in wanted(tree):
            word = leaf.text.casefold()
            if (
                isinstance(leaf, Term)
                and word.isalnum()
                and not self._index.follower.engine.count(leaf)
            ):
                other = self._index.follower.engine.suggest(word)
                if other:
                    better = re.sub(rf"(?<!\w){re.escape(leaf.text)}(?!\w)", other, better, count=1)
        return (
            better
            if better != query and self._index.follower.engine.count(self._selecting.parse(better))
            else None
        )
