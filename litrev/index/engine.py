"""What every engine can do, whether its index is embedded or distributed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import NamedTuple, Protocol

from litrev.errors import EnvironmentFault, LitrevError
from litrev.index.documents import Document
from litrev.index.query import Query
from litrev.library.storage.library import Position


class Seen(NamedTuple):
    """What an index has seen: the position of a library, the analyzer that made its tokens, and the
    format it was written in.
    """

    position: Position
    analyzer: int
    format: int


class Hit(NamedTuple):
    """A record that matches, and how well."""

    id: str
    score: float


class Page(NamedTuple):
    """Some of the best hits, how many there are in all, how many have which value of a facet, and
    whether part of the index did not answer.
    """

    hits: tuple[Hit, ...]
    total: int
    partial: bool = False
    facets: Mapping[str, Mapping[str, int]] = MappingProxyType({})


class Health(NamedTuple):
    """The state of an index: documents that can be found, deleted ones still in it, parts, bytes,
    and what is wrong with it.
    """

    documents: int
    deleted: int
    segments: int
    size: int
    problems: tuple[str, ...] = ()


class DamagedIndex(LitrevError):
    """The index cannot be read and must be rebuilt."""

    status = EnvironmentFault.status


class Engine(Protocol):
    """An index. The contract suite holds its laws; objects of an engine's own never leave it.

    ``format`` is raised when the engine changes what it writes: an index of another format is
    rebuilt. Whatever is wrong with an index is raised as DamagedIndex.
    """

    format: int

    def seen(self) -> Seen | None:
        """What the index has seen; None when there is none, or none that can be trusted."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Be the only process that writes this index while the block lasts.

        apply and rebuild must be called in such a block.
        """

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        """Add or replace changed documents and take out removed ones.

        To do it twice has the same result as to do it once.
        """

    def rebuild(
        self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]
    ) -> None:
        """Index everything anew beside the old index, and swap the two at the end."""

    def search(
        self, query: Query, limit: int | None, offset: int = 0, facets: Sequence[str] = ()
    ) -> Page:
        """The best ``limit`` hits (all when None) after the first ``offset``, best first; equal
        scores in the order of the ids.

        ``facets`` names what is counted over all documents that match: ``year``, or a facet of the
        documents.
        """

    def count(self, query: Query) -> int:
        """How many documents match."""

    def ids(self, query: Query) -> set[str]:
        """The ids of all that match."""

    def like(self, document: Document, limit: int) -> Page:
        """The documents that share the most distinctive words with ``document``, without itself."""

    def weigh(self, parts: Sequence[Query], document_id: str) -> list[float]:
        """What each part of a query adds to the score of a document; 0 where it does not match."""

    def suggest(self, word: str) -> str | None:
        """The commonest word of the index that is one or two typing errors away from ``word``;
        None when there is none.
        """

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Words of a field that begin with ``prefix``, each with the number of documents it is in,
        commonest first.
        """

    def compact(self) -> None:
        """Merge all parts into one, without deleted documents."""

    def health(self) -> Health:
        """The state of the index, after a look at every file of it."""

    def close(self) -> None:
        """Close files and connections."""
