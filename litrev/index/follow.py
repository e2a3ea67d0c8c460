"""Keeping an engine in step with the library, so that nobody has to ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from litrev.index import analysis
from litrev.index.documents import Document, document
from litrev.index.engine import DamagedIndex, Engine, Seen
from litrev.library.storage.chunks import chunks
from litrev.library.storage.library import Library

LARGE = 500  # changed records: with more, building anew may be quicker than changing
_RESTORED = "the library was restored from a backup"

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
        """The engine's answer for the library as it is now; a damaged index is rebuilt first."""
        try:
            self.catch_up()
            return question(self.engine)
        except DamagedIndex as damage:
            self.notice(f"the index is damaged ({damage.message}); it is rebuilt")
            self.rebuild()
            return question(self.engine)

    def catch_up(self) -> None:
        """Bring the engine up to date."""
        if self.engine.seen() == self.wanted():
            return
        with self.engine.exclusive(), self.library.snapshot():
            wanted, seen = self.wanted(), self.engine.seen()
            if seen == wanted:  # another process was quicker
                return
            reason = self._reason_to_rebuild(seen, wanted)
            if seen is None:
                self._build()
            elif reason:
                self.notice(f"{reason}; the index is rebuilt")
                self._build()
            else:
                self._apply_changes(seen, wanted)

    def _reason_to_rebuild(self, seen: Seen | None, wanted: Seen) -> str:
        """Why the index cannot be brought up to date step by step; empty when it can."""
        reason = _difference(seen, wanted)
        if reason or seen is None:
            return reason
        # A library copied back by hand keeps its epoch, and may have been written on since: then
        # the last operation that the index has seen is not in it.
        return "" if self.library.has_operation(seen.position.head) else _RESTORED

    def _apply_changes(self, seen: Seen, wanted: Seen) -> None:
        changed, removed = self.library.changed_since(seen.position.revision)
        if len(changed) > max(LARGE, self.library.count() // 2):
            self._build()
        else:
            self.engine.apply(self._documents_with_progress(changed), removed, wanted)

    def rebuild(self) -> None:
        """Index the whole library anew."""
        with self.engine.exclusive(), self.library.snapshot():
            self._build()

    def _build(self) -> None:
        ids = self.library.ids()
        documents = self._documents(ids)
        self.engine.rebuild(documents, self.wanted(), lambda done: self.progress(done, len(ids)))

    def wanted(self) -> Seen:
        """What an index that is up to date has seen."""
        return Seen(self.library.position(), analysis.version(), self.engine.format)

    def _documents_with_progress(self, ids: Sequence[str]) -> Iterator[Document]:
        """The documents of changed records; progress is shown only when there are many."""
        for number, found in enumerate(self._documents(ids), 1):
            if len(ids) >= LARGE:
                self.progress(number, len(ids))
            yield found

    def _documents(self, ids: Sequence[str]) -> Iterator[Document]:
        for chunk in chunks(ids):
            cells = self.library.cells(chunk)
            for record in self.library.records(chunk):
                yield document(record, cells[record.id])


def _difference(seen: Seen | None, wanted: Seen) -> str:
    """Why an index that has ``seen`` this can only be rebuilt; empty when nothing is against it."""
    if seen is None:
        return "there is no index"
    if (seen.analyzer, seen.format) != (wanted.analyzer, wanted.format):
        return "the index was made by another version of litrev"
    old, new = seen.position, wanted.position
    if old.library != new.library:
        return "the index belongs to another library"
    if old.epoch != new.epoch or old.revision > new.revision:
        return _RESTORED
    if old.codebook != new.codebook:
        return "the codebook has changed"
    return ""
