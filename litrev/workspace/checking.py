"""What is missing or does not hold, what is in quarantine, and records that may be one work."""

from __future__ import annotations

from collections.abc import Sequence

from litrev.errors import NotFound
from litrev.library.importing import checks, duplicates
from litrev.library.importing.checks import Finding
from litrev.library.importing.duplicates import Pair
from litrev.library.model.record import Field
from litrev.library.storage.journal import Slot
from litrev.library.storage.quarantine import Quarantined
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session
from litrev.workspace.syncing import Syncing


class Checking:
    """The state of one library."""

    def __init__(self, session: Session, selecting: Selecting, syncing: Syncing) -> None:
        self._library, self._selecting, self._syncing = session.library, selecting, syncing

    def check(self, query: str = "") -> list[Finding]:
        """What the records ``query`` means lack, what does not hold, and what is in quarantine."""
        records = self._library.records(self._selecting.select(query))
        found = checks.check_records(self._library, records, self._selecting.cells_of(records))
        return found if query else found + checks.check_quarantine(self._library)

    def repair(self, query: str = "") -> list[Finding]:
        """Put right what :meth:`check` finds and what is certain; what was put right."""
        with self._syncing.doing("check --fix") as operation:
            return checks.repair(self._library, operation, self.check(query))

    # Records that may be one work

    def duplicates(self, query: str = "") -> list[Pair]:
        """The pairs of records that may be one work, one of them meant by ``query``; the likeliest
        first.
        """
        return duplicates.pairs(self._library, self._selecting.select(query) if query else None)

    def merge(self, keep: str, other: str) -> tuple[str, str, list[Field]]:
        """Make the record ``other`` part of ``keep``: their keys, and the fields of ``other`` that
        gave way.
        """
        with self._syncing.doing("dedupe") as operation:
            one, two = self._selecting.record(keep), self._selecting.record(other)
            return one.key, two.key, duplicates.merge(self._library, operation, one, two)

    def merge_all(self, pairs: Sequence[Pair]) -> list[tuple[str, str, list[Field]]]:
        """Merge pairs, of three or more that are one into the first; as :meth:`merge` for each that
        was merged.
        """
        with self._syncing.doing("dedupe") as operation:
            return duplicates.merge_all(self._library, operation, pairs)

    def distinguish(self, one: str, other: str) -> None:
        """Remember that two records are two works."""
        with self._syncing.doing("dedupe") as operation:
            duplicates.distinguish(
                operation, self._selecting.resolve(one), self._selecting.resolve(other)
            )

    # What is in quarantine

    def quarantine(self) -> list[Quarantined]:
        """What could not be read and was not settled yet."""
        return self._library.quarantine.open()

    def quarantined(self, start: str) -> Quarantined:
        """The entry of the quarantine whose id begins so; raises NotFound when there is not exactly
        one.
        """
        found = [entry for entry in self.quarantine() if entry.id.startswith(start)]
        if len(found) != 1:
            raise NotFound(
                f"{len(found)} entries of the quarantine have an id that begins with {start}",
                "`litrev quarantine` lists them.",
            )
        return found[0]

    def settle(self, starts: Sequence[str]) -> None:
        """Take entries off the quarantine's list."""
        ids = [self.quarantined(start).id for start in starts]
        with self._syncing.doing("quarantine settle") as operation:
            for entry_id in ids:
                operation.put(Slot("quarantine", "", entry_id), None)
