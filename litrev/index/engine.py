"""What every engine can do: the door behind which an embedded or a distributed index stands."""

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
    """What an index has seen: a library's position, with the analyzer and format that read it."""

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
    """How an index does: documents that can be found, deleted ones still in it, parts, bytes, and
    what is wrong with it.
    """

    documents: int
    deleted: int
    segments: int
    size: int
    problems: tuple[str, ...] = ()


class DamagedIndex(LitrevError):
    """The index cannot be read; it is to be rebuilt."""

    status = EnvironmentFault.status


class Engine(Protocol):
    """An index. Its laws are the contract suite; no engine's own objects come through here.

    ``format`` is raised when the engine lays things out anew: an index of another format is
    rebuilt. Whatever is wrong with an index is raised as DamagedIndex.
    """

    format: int

    def seen(self) -> Seen | None:
        """What the index has seen; None when there is none, or none that can be trusted."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Be the only process that writes this index while the block lasts; apply and rebuild want
        that.
        """

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        """Take in changed documents and take out removed ones; doing it twice is doing it once."""

    def rebuild(
        self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]
    ) -> None:
        """Index everything anew beside the old index, and swap the two at the end."""

    def search(
        self, query: Query, limit: int | None, offset: int = 0, facets: Sequence[str] = ()
    ) -> Page:
        """The best ``limit`` hits (all when None) after the first ``offset``, best first; equal
        scores in the order of the ids.

        ``facets`` names what is counted over all that match: ``year``, or what documents have
        facets of.
        """

    def count(self, query: Query) -> int:
        """How many documents match."""

    def ids(self, query: Query) -> set[str]:
        """The ids of all that match."""

    def like(self, document: Document, limit: int) -> Page:
        """The documents that share the most telling words with ``document``, itself left out."""

    def weigh(self, parts: Sequence[Query], document_id: str) -> list[float]:
        """What each part of a query adds to the score of a document; 0 for one it does not match."""

    def suggest(self, word: str) -> str | None:
        """The commonest word at most two typing errors away from ``word`` that is in the index;
        None without one.
        """

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Words of a field that begin so, and in how many documents they stand, commonest first."""

    def compact(self) -> None:
        """Put all parts into one, without what was deleted."""

    def health(self) -> Health:
        """How the index does, every file of it looked at."""

    def close(self) -> None:
        """Let go of files and connections."""
