"""Checks of records, duplicates, and the quarantine."""

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
    """The checks of one library."""

    def __init__(self, session: Session, selecting: Selecting, syncing: Syncing) -> None:
        self._library = session.library
        self._selecting = selecting
        self._syncing = syncing

    def check(self, query: str = "") -> list[Finding]:
        """What is missing or wrong in the records that ``query`` means.

        With an empty query, what is in quarantine too.
        """
        records = self._selecting.records(query)
        cells = self._selecting.cells_of(records)
        findings = checks.check_records(self._library, records, cells)
        if query:
            return findings
        return findings + checks.check_quarantine(self._library)

    def repair(self, query: str = "") -> list[Finding]:
        """Correct what :meth:`check` finds, where that is certain; return what was corrected."""
        # The findings are read inside the operation: nobody else can change the records meanwhile.
        with self._syncing.operation("check --fix") as operation:
            findings = self.check(query)
            return checks.repair(self._library, operation, findings)

    # Records that may be one work

    def duplicates(self, query: str = "") -> list[Pair]:
        """The pairs of records that may be one work, most likely first.

        At least one record of each pair is one that ``query`` means.
        """
        ids = self._selecting.select(query) if query else None
        return duplicates.pairs(self._library, ids)

    def merge(self, keep: str, other: str) -> tuple[str, str, list[Field]]:
        """Merge the record ``other`` into ``keep``.

        Returns both keys, and the fields of ``other`` that were not kept. Raises Conflict when both
        are the same record.
        """
        with self._syncing.operation("dedupe") as operation:
            kept = self._selecting.record(keep)
            merged = self._selecting.record(other)
            lost_fields = duplicates.merge(self._library, operation, kept, merged)
        return kept.key, merged.key, lost_fields

    def merge_all(self, pairs: Sequence[Pair]) -> list[tuple[str, str, list[Field]]]:
        """Merge pairs; where three or more records are one work, all into the first.

        Returns, for each record that was merged, the same as :meth:`merge`.
        """
        with self._syncing.operation("dedupe") as operation:
            return duplicates.merge_all(self._library, operation, pairs)

    def distinguish(self, one: str, other: str) -> None:
        """Remember that two records are two works; raises Conflict when they are the same one."""
        with self._syncing.operation("dedupe") as operation:
            one_id = self._selecting.resolve(one)
            other_id = self._selecting.resolve(other)
            duplicates.distinguish(operation, one_id, other_id)

    # The quarantine

    def quarantine(self) -> list[Quarantined]:
        """The entries that could not be read and were not settled yet."""
        return self._library.quarantine.open()

    def quarantined(self, start: str) -> Quarantined:
        """The entry of the quarantine whose id begins with ``start``.

        Raises NotFound when there is not exactly one.
        """
        entries = self.quarantine()
        matching = [entry for entry in entries if entry.id.startswith(start)]
        if len(matching) != 1:
            raise NotFound(
                f"{len(matching)} entries of the quarantine have an id that begins with {start}",
                "`litrev quarantine` lists them.",
            )
        return matching[0]

    def settle(self, starts: Sequence[str]) -> None:
        """Take the entries whose ids begin with these texts off the list of the quarantine.

        Raises as :meth:`quarantined`; then nothing is settled.
        """
        # All are looked up first: one that is not found leaves the others as they are.
        ids = [self.quarantined(start).id for start in starts]
        with self._syncing.operation("quarantine settle") as operation:
            for entry_id in ids:
                operation.put(Slot("quarantine", "", entry_id), None)
