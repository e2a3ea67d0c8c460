"""Filling the structured fields from the abstracts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from litrev.library.extraction.pipeline import extractors
from litrev.library.extraction.proposal import Proposal
from litrev.library.extraction.proposing import Extractor, propose
from litrev.library.extraction.workers import MANY, searching
from litrev.library.storage.operations import Operation
from litrev.workspace.session import Session
from litrev.workspace.syncing import Syncing

_AT_ONCE = 100  # records read by one statement


class Extracting:
    """The extraction of one library."""

    def __init__(self, session: Session, syncing: Syncing) -> None:
        self._session = session
        self._syncing = syncing
        self._library = session.library

    def extract(self, ids: Sequence[str] | None = None, *, workers: int = 1) -> tuple[int, int]:
        """Search abstracts for values of the structured fields.

        Returns how many records were searched, and how many changed. ``ids`` None means those not
        yet searched with the codebook as it is now. ``workers`` processes search when there are
        many abstracts. What was done before an interruption is kept.
        """
        codebook = self._library.codebook()
        extractor = Extractor(codebook, self._session.languages)
        if ids is None:
            ids = self._library.unextracted(extractors(codebook))
        # For fewer abstracts, starting processes takes longer than it saves.
        processes = workers if len(ids) >= MANY else 1
        searched = changed = 0
        with (
            searching(extractor, processes) as search,
            self._syncing.operation("extract") as operation,
        ):
            results = zip(ids, search(self._abstracts(ids)), strict=True)
            for number, (record_id, (abstract, proposals)) in enumerate(results, 1):
                has_changed = self._propose(operation, extractor, record_id, abstract, proposals)
                if has_changed is not None:
                    searched += 1
                    changed += has_changed
                self._session.reporting.progress("extracting", number, len(ids))
                if not operation.dry_run:
                    operation.checkpoint()
        return searched, changed

    def _propose(
        self,
        operation: Operation,
        extractor: Extractor,
        record_id: str,
        abstract: str,
        proposals: list[Proposal],
    ) -> bool | None:
        """Propose what was found in ``abstract``; return whether the record changed.

        None where there is nothing to search: the record has no abstract, or is gone.
        """
        # The record is read again: between the search and now others may have removed it, or
        # changed its abstract, which is then searched anew.
        records = self._library.records([record_id])
        if not records or records[0].abstract is None:
            return None
        record = records[0]
        still_valid = proposals if record.abstract == abstract else None
        return propose(self._library, operation, record, extractor, still_valid)

    def _abstracts(self, ids: Sequence[str]) -> Iterator[str]:
        """The abstract of each record; an empty one for a record that is not there."""
        for start in range(0, len(ids), _AT_ONCE):
            chunk = ids[start : start + _AT_ONCE]
            records = self._library.records(chunk)
            abstracts = {record.id: record.abstract or "" for record in records}
            for record_id in chunk:
                yield abstracts.get(record_id, "")
