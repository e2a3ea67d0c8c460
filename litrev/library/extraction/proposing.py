"""Extraction and the library: proposals become values of a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from litrev.library.extraction.lexicon import Folders
from litrev.library.extraction.pipeline import extract, extractors
from litrev.library.extraction.proposal import Proposal
from litrev.library.model.codebook import Codebook
from litrev.library.model.ids import derived_id
from litrev.library.model.record import Evidence, Record, Value
from litrev.library.storage.library import Library
from litrev.library.storage.operations import Operation


class Extractor(NamedTuple):
    """Searches abstracts for the fields of a codebook.

    ``languages`` are folders of language files beside those that come with litrev.
    """

    codebook: Codebook
    languages: Folders = ()

    def search(self, text: str) -> list[Proposal]:
        """What an abstract says of each field."""
        # It needs no library, so that other processes can do it (see workers.py).
        kept = set(self.codebook.names)
        own = [field for field in self.codebook.fields if field.own or field.values]
        return [
            proposal for proposal in extract(text, own, self.languages) if proposal.field in kept
        ]


def propose(
    library: Library,
    operation: Operation,
    record: Record,
    extractor: Extractor,
    proposals: Sequence[Proposal] | None = None,
) -> bool:
    """Search the abstract of ``record`` for every field, and store what is proposed.

    ``proposals``, if there are any, are used instead of a search. True if it changed what is
    proposed. Where a person has accepted or rejected a value, no other is proposed for the same
    place. The same words found by the same rule are the same value on every machine.
    """
    text = record.abstract or ""
    judged = library.decided_values(record.id)
    values_of: dict[str, list[Value]] = {name: [] for name in extractor.codebook.names}
    for p in extractor.search(text) if proposals is None else proposals:
        quote = text[p.start : p.end]
        value_id = derived_id(record.id, p.field, p.start, p.end, quote, p.label, p.number, p.rule)
        evidence = (Evidence(p.start, p.end, quote),)
        value = Value(
            value_id,
            p.field,
            _one_line(quote),
            p.label,
            evidence,
            f"rule:{p.rule}",
            p.confidence,
            operation.now,
            p.number,
        )
        if not _ruled_on(value, judged):
            values_of[p.field].append(value)
    changed = False
    by = extractors(extractor.codebook)
    for name, values in values_of.items():
        changed |= operation.propose(record.id, name, by[name], values)
    return changed


def _ruled_on(value: Value, judged: Sequence[Value]) -> bool:
    """Whether a person has judged another value of the field in the same place."""
    span = value.evidence[0]
    if any(value.id == other.id for other in judged):
        return False
    for other in judged:
        for judged_evidence in other.evidence if other.field == value.field else ():
            shared = min(span.end, judged_evidence.end) - max(span.start, judged_evidence.start)
            if not judged_evidence.stale and 2 * shared >= min(
                span.end - span.start, judged_evidence.end - judged_evidence.start
            ):
                return True
    return False


def _one_line(quote: str) -> str:
    return " ".join(quote.split())
