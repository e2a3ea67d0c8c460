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
    """An engine that is brought up to date before it answers.

    ``notice`` is called with a sentence for the user whenever the index must be rebuilt, and
    ``progress`` with the number of records done and the number of all.
    """

    def __init__(
        self, library: Library, engine: Engine, notice: Notice, progress: Progress
    ) -> None:
        self.library = library
        self.engine = engine
        self.notice = notice
        self.progress = progress

    def ask(self, question: Callable[[Engine], Answer]) -> Answer:
        """The engine's answer for the library as it is now.

        A damaged index is rebuilt, and then asked again. Raises Busy when another process writes
        the index for too long.
        """
        try:
            self.catch_up()
            return question(self.engine)
        except DamagedIndex as damage:
            self.notice(f"the index is damaged ({damage.message}); it is rebuilt")
            self.rebuild()
            return question(self.engine)

    def catch_up(self) -> None:
        """Bring the engine up to date: step by step where that can be done, or by a new index."""
        if self.engine.seen() == self.wanted():
            return
        with self.engine.exclusive(), self.library.snapshot():
            wanted = self.wanted()
            seen = self.engine.seen()
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
        """Index the records that were changed since; all records when those are most of them."""
        changed, removed = self.library.changed_since(seen.position.revision)
        most = max(LARGE, self.library.count() // 2)
        if len(changed) > most:
            self._build()
        else:
            self.engine.apply(self._documents_with_progress(changed), removed, wanted)

    def rebuild(self) -> None:
        """Index the whole library anew."""
        with self.engine.exclusive(), self.library.snapshot():
            self._build()

    def _build(self) -> None:
        """Index the whole library anew, in a block that has the index and a snapshot already."""
        ids = self.library.ids()
        documents = self._documents(ids)

        def report(done: int) -> None:
            self.progress(done, len(ids))

        self.engine.rebuild(documents, self.wanted(), report)

    def wanted(self) -> Seen:
        """What an index that is up to date has seen."""
        return Seen(
            position=self.library.position(), analyzer=analysis.version(), format=self.engine.format
        )

    def _documents_with_progress(self, ids: Sequence[str]) -> Iterator[Document]:
        """The documents of changed records; progress is shown only when there are many."""
        for number, changed in enumerate(self._documents(ids), 1):
            if len(ids) >= LARGE:
                self.progress(number, len(ids))
            yield changed

    def _documents(self, ids: Sequence[str]) -> Iterator[Document]:
        """The records as documents, read from the library a chunk at a time."""
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
