"""What an annotation says: a person's words, or a draft of nothing but what a person accepted."""

from __future__ import annotations

from collections.abc import Mapping

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Cell, CellState, ItemState, Record

FIELDS = ("annotation", "annote")  # where BibTeX keeps what a person wrote
DRAFT = "Draft, from the accepted fields:"


def annotation(record: Record, cells: Mapping[str, Cell], codebook: Codebook) -> tuple[str, ...]:
    """The paragraphs under a reference: the record's field ``annotation`` where there is one, else
    a marked draft of its decided fields.
    """
    for name in FIELDS:
        written = record.get(name)
        if written.strip():
            paragraphs = [" ".join(part.split()) for part in written.split("\n\n")]
            return tuple(filter(None, paragraphs))
    sentences = []
    for field in codebook.fields:
        cell = cells.get(field.name)
        if cell is None:
            continue
        values = _decided_values(cell)
        if values:
            sentences.append(f"{field.heading}: {'; '.join(values)}.")
        elif cell.state is CellState.NOT_REPORTED:
            sentences.append(f"{field.heading}: not reported.")
    return (f"{DRAFT} {' '.join(sentences)}",) if sentences else ()


def _decided_values(cell: Cell) -> list[str]:
    """Each once, without the full stop or semicolon at its end."""
    values: dict[str, None] = {}
    for item in cell.items:
        if item.state is ItemState.DECIDED:
            values[" ".join(item.value.display.split()).rstrip(".;。；")] = None
    return list(values)
