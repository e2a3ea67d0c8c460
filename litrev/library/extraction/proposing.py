"""Extraction and the library: proposals become values of a record."""

from __future__ import annotations

from litrev.library.codebook import Codebook
from litrev.library.extraction.pipeline import VERSION, extract
from litrev.library.history import Operation
from litrev.library.identity import derived_id
from litrev.library.record import Cell, Evidence, Record, Value


def propose(operation: Operation, record: Record, codebook: Codebook, cells: dict[str, Cell] | None = None) -> bool:
    """Search the abstract of ``record`` for every field; True if that changed what is proposed.

    A proposal that overlaps what a person has decided in ``cells`` is not made again. The same
    words found by the same rule are the same value on every machine.
    """
    text = record.abstract or ""
    found: dict[str, list[Value]] = {name: [] for name in codebook.names}
    for p in extract(text):
        if p.field not in found:
            continue
        quote = text[p.start : p.end]
        value_id = derived_id(record.id, p.field, p.start, p.end, quote, p.label, p.number, p.rule)
        evidence = (Evidence(p.start, p.end, quote),)
        value = Value(value_id, p.field, _one_line(quote), p.label, evidence, f"rule:{p.rule}", p.confidence, operation.now, p.number)
        if cells is None or not _decided(value, cells.get(p.field)):
            found[p.field].append(value)
    changed = False
    for name, values in found.items():
        changed |= operation.propose(record.id, name, VERSION, values)
    return changed


def _decided(value: Value, cell: Cell | None) -> bool:
    """Whether a person has decided on other words in the same place."""
    span = value.evidence[0]
    for item in cell.items if cell else ():
        for other in item.value.evidence if item.actors and item.value.id != value.id else ():
            shared = min(span.end, other.end) - max(span.start, other.start)
            if not other.stale and 2 * shared >= min(span.end - span.start, other.end - other.start):
                return True
    return False


def _one_line(quote: str) -> str:
    return " ".join(quote.split())
