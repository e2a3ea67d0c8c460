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
    """What is searched for in abstracts: the fields of a codebook, in our languages and those of
    the user's own folders.
    """

    codebook: Codebook
    languages: Folders = ()

    def search(self, text: str) -> list[Proposal]:
        """What an abstract says of each field: a library is not asked, so that any process can do
        it.
        """
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
    """Search the abstract of ``record`` for every field, unless ``proposals`` say what is there;
    True if that changed what is proposed.

    What a person has ruled on, rejections too, is not proposed again in other words of the same
    place. The same words found by the same rule are the same value on every machine.
    """
    text = record.abstract or ""
    judged = library.judged(record.id)
    found: dict[str, list[Value]] = {name: [] for name in extractor.codebook.names}
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
            found[p.field].append(value)
    changed = False
    by = extractors(extractor.codebook)
    for name, values in found.items():
        changed |= operation.propose(record.id, name, by[name], values)
    return changed


def _ruled_on(value: Value, judged: Sequence[Value]) -> bool:
    """Whether a person has ruled on another value of the field that stands in the same place."""
    span = value.evidence[0]
    if any(value.id == other.id for other in judged):
        return False
    for other in judged:
        for theirs in other.evidence if other.field == value.field else ():
            shared = min(span.end, theirs.end) - max(span.start, theirs.start)
            if not theirs.stale and 2 * shared >= min(
                span.end - span.start, theirs.end - theirs.start
            ):
                return True
    return False


def _one_line(quote: str) -> str:
    return " ".join(quote.split())
