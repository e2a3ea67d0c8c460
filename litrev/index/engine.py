"""What every engine can do: the door behind which an embedded or a distributed index stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from litrev.index.documents import Document
from litrev.index.query import Query
from litrev.library.errors import EnvironmentFault, LitrevError
from litrev.library.store import Position


@dataclass(frozen=True, slots=True)
class Seen:
    """What an index has seen: a library's position, with the analyzer and format that read it."""

    position: Position
    analyzer: int
    format: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that matches, and how well."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Page:
    """The best hits, how many there are in all, and whether part of the index did not answer."""

    hits: tuple[Hit, ...]
    total: int
    partial: bool = False


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
        """Be the only process that writes this index while the block lasts; apply and rebuild want that."""

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        """Take in changed documents and take out removed ones; doing it twice is doing it once."""

    def rebuild(self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]) -> None:
        """Index everything anew beside the old index, and swap the two at the end."""

    def search(self, query: Query, limit: int | None) -> Page:
        """The best ``limit`` hits (all when None), best first; equal scores in the order of the ids."""

    def close(self) -> None:
        """Let go of files and connections."""
