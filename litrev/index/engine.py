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
    """What an index was made from: when any of it differs, the index is out of date.

    ``position`` is that of the library, ``analyzer`` the version of the analyzer that made its
    tokens, and ``format`` the format the engine wrote it in.
    """

    position: Position
    analyzer: int
    format: int


class Hit(NamedTuple):
    """A record that matches: its id, and how well it matches (more is better)."""

    id: str
    score: float


class Page(NamedTuple):
    """Some of the best hits, best first.

    ``total`` counts all documents that match, not only these. ``partial`` says that a part of the
    index did not answer. ``facets`` has, for each facet that was asked for, how many of the
    documents that match have which value.
    """

    hits: tuple[Hit, ...]
    total: int
    partial: bool = False
    facets: Mapping[str, Mapping[str, int]] = MappingProxyType({})


class Health(NamedTuple):
    """The state of an index.

    ``documents`` can be found; ``deleted`` ones are still in its files, until these are merged.
    ``segments`` are the parts it consists of, ``size`` is in bytes. ``problems`` says in words what
    is wrong with it.
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
    """An index of one library, and what can be asked of it.

    ``tests/contract`` holds its laws. Objects of an engine's own never leave it: what it returns is
    plain data. ``format`` is raised when the engine changes what it writes: an index of another
    format is rebuilt.

    All methods raise DamagedIndex, whatever is wrong with an index, and EnvironmentFault when the
    machine refuses, as with a full disk. Those that search raise UsageFault when a query is too
    deep for the engine.
    """

    format: int

    def seen(self) -> Seen | None:
        """What the index was made from; None when there is none.

        Raises DamagedIndex when there is one that cannot be trusted.
        """

    def exclusive(self) -> AbstractContextManager[None]:
        """Be the only process that writes this index while the block lasts.

        apply and rebuild must be called in such a block. Raises Busy when another process writes
        for too long.
        """

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        """Add or replace changed documents and take out ``removed`` ones, which are ids.

        The index has then ``seen`` this. To do it twice has the same result as to do it once.
        Raises DamagedIndex when there is no index yet.
        """

    def rebuild(
        self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]
    ) -> None:
        """Index everything anew beside the old index, and swap the two at the end.

        ``progress`` is called with the number of documents that are done.
        """

    def search(
        self, query: Query, limit: int | None, offset: int = 0, facets: Sequence[str] = ()
    ) -> Page:
        """The best ``limit`` hits (all when None) after the first ``offset``, best first.

        Equal scores are in the order of the ids. ``facets`` names what is counted over all
        documents that match: ``year``, or a facet of the documents.
        """

    def count(self, query: Query) -> int:
        """How many documents match."""

    def ids(self, query: Query) -> set[str]:
        """The ids of all that match."""

    def like(self, document: Document, limit: int) -> Page:
        """The documents that share the most distinctive words with ``document``, without itself.

        At most ``limit`` of them; ``document`` need not be in the index.
        """

    def weigh(self, parts: Sequence[Query], document_id: str) -> list[float]:
        """What each part of a query adds to the score of a document, in the order of ``parts``.

        That is 0 where a part does not match, or where there is no such document.
        """

    def suggest(self, word: str) -> str | None:
        """The commonest word of the index that is one or two typing errors away from ``word``.

        None when there is no such word.
        """

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """At most ``limit`` words of a field that begin with ``prefix``, commonest first.

        Each comes with the number of documents it is in.
        """

    def compact(self) -> None:
        """Merge all parts into one, without deleted documents."""

    def health(self) -> Health:
        """The state of the index, after a look at every file of it."""

    def close(self) -> None:
        """Close files and connections."""
