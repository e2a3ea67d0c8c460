"""Keeping an engine in step with the library: the index is a shadow, and follows by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from litrev.index import analysis
from litrev.index.documents import Document, document
from litrev.index.engine import DamagedIndex, Engine, Seen
from litrev.library.storage.chunks import chunks
from litrev.library.storage.library import Library

LARGE = 500  # changed records from which on building anew may be quicker than changing

Notice = Callable[[str], None]
Progress = Callable[[int, int], None]
Answer = TypeVar("Answer")


class Follower:
    """An engine that is brought up to date before it answers."""

    def __init__(
        self, library: Library, engine: Engine, notice: Notice, progress: Progress
    ) -> None:
        self.library, self.engine, self.notice, self.progress = library, engine, notice, progress

    def ask(self, question: Callable[[Engine], Answer]) -> Answer:
        """The engine's answer as the library stands now; a damaged index is rebuilt first."""
        try:
            self.catch_up()
            return question(self.engine)
        except DamagedIndex as fault:
            self.notice(f"the index is damaged ({fault.message}); it is rebuilt")
            self.rebuild()
            return question(self.engine)

    def catch_up(self) -> None:
        """Let the engine see what it has not seen."""
        if self.engine.seen() == self.wanted():
            return
        with self.engine.exclusive(), self.library.snapshot():
            wanted, seen = self.wanted(), self.engine.seen()
            if seen == wanted:  # another process was quicker
                return
            reason = _why_anew(seen, wanted) or (
                "" if seen and self.library.knows(seen.position.head) else _RESTORED
            )
            changed, removed = (
                self.library.changed_since(seen.position.revision)
                if seen and not reason
                else ([], [])
            )
            if reason or len(changed) > max(LARGE, self.library.count() // 2):
                if reason and seen is not None:
                    self.notice(f"{reason}; the index is rebuilt")
                self._build()
            else:
                self.engine.apply(self._told(changed), removed, wanted)

    def rebuild(self) -> None:
        """Index the whole library anew."""
        with self.engine.exclusive(), self.library.snapshot():
            self._build()

    def _build(self) -> None:
        ids = self.library.ids()
        self.engine.rebuild(
            self._documents(ids), self.wanted(), lambda done: self.progress(done, len(ids))
        )

    def wanted(self) -> Seen:
        """What an index that is in step has seen."""
        return Seen(self.library.position(), analysis.version(), self.engine.format)

    def _told(self, ids: Sequence[str]) -> Iterator[Document]:
        """The documents of changed records; when there are many, with progress."""
        for number, found in enumerate(self._documents(ids), 1):
            if len(ids) >= LARGE:
                self.progress(number, len(ids))
            yield found

    def _documents(self, ids: Sequence[str]) -> Iterator[Document]:
        for chunk in chunks(ids):
            cells = self.library.cells(chunk)
            for record in self.library.records(chunk):
                yield document(record, cells[record.id])


_RESTORED = "the library was restored from a backup"


def _why_anew(seen: Seen | None, wanted: Seen) -> str:
    """Why the index cannot be brought up to date step by step; empty when it can."""
    if seen is None:
        return "there is no index"
    if (seen.analyzer, seen.format) != (wanted.analyzer, wanted.format):
        return "the index was made by another version of litrev"
    if seen.position.library != wanted.position.library:
        return "the index belongs to another library"
    if (
        seen.position.epoch != wanted.position.epoch
        or seen.position.revision > wanted.position.revision
    ):
        return _RESTORED
    if seen.position.codebook != wanted.position.codebook:
        return "the codebook has changed"
    return ""
