"""Filling the structured fields from the abstracts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from litrev.library.extraction.pipeline import extractors
from litrev.library.extraction.proposing import Extractor, propose
from litrev.library.extraction.workers import MANY, searching
from litrev.library.model.record import Record
from litrev.workspace.session import Session
from litrev.workspace.syncing import Syncing

_AT_ONCE = 100  # records read by one statement


class Extracting:
    """The extraction of one library."""

    def __init__(self, session: Session, syncing: Syncing) -> None:
        self._session, self._syncing = session, syncing
        self._library = session.library

    def extract(self, ids: Sequence[str] | None = None, *, workers: int = 1) -> tuple[int, int]:
        """Search abstracts for the structured fields; how many records were searched, and how many
        changed.
        """
        extractor = Extractor(self._library.codebook(), self._session.languages)
        wanted = (
            self._library.unextracted(extractors(extractor.codebook)) if ids is None else list(ids)
        )
        processes = workers if len(wanted) >= MANY else 1
        changed = searched = 0
        with searching(extractor, processes) as search, self._syncing.doing("extract") as operation:
            found = zip(wanted, search(self._abstracts(wanted)), strict=True)
            for number, (record_id, (text, proposals)) in enumerate(found, 1):
                for record in self._library.records(
                    [record_id]
                ):  # none if it was removed meanwhile
                    if record.abstract is not None:
                        searched += 1
                        still = proposals if record.abstract == text else None
                        changed += propose(self._library, operation, record, extractor, still)
                self._session.reporting.progress("extracting", number, len(wanted))
                if not operation.dry_run:
                    operation.checkpoint()
        return searched, changed

    def _abstracts(self, ids: Sequence[str]) -> Iterator[str]:
        """The abstract of each record; an empty one for a record that is not there."""
        for start in range(0, len(ids), _AT_ONCE):
            chunk = ids[start : start + _AT_ONCE]
            found: dict[str, Record] = {
                record.id: record for record in self._library.records(chunk)
            }
            yield from (
                (found[record_id].abstract or "") if record_id in found else ""
                for record_id in chunk
            )
