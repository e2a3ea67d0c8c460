"""What an annotation says: a person's words, or a draft of nothing but what a person accepted."""

from __future__ import annotations

from collections.abc import Mapping

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Cell, CellState, ItemState, Record
from litrev.library.synthesis.model import one_line

FIELDS = ("annotation", "annote")  # where BibTeX keeps what a person wrote
DRAFT = "Draft, from the accepted fields:"


def annotation(record: Record, cells: Mapping[str, Cell], codebook: Codebook) -> tuple[str, ...]:
    """The paragraphs under a reference, as plain text.

    They are the record's field ``annotation`` or ``annote`` where one is filled in. Otherwise there
    is one paragraph, marked as a draft, that says what is decided in the fields of the codebook;
    none where nothing is. ``cells`` are those of the record, by field.
    """
    for name in FIELDS:
        written = record.get(name)
        if written.strip():
            paragraphs = [one_line(part) for part in written.split("\n\n")]
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
    if not sentences:
        return ()
    return (f"{DRAFT} {' '.join(sentences)}",)


def _decided_values(cell: Cell) -> list[str]:
    """The decided values of a cell, each once, without the full stop or semicolon at its end."""
    values: dict[str, None] = {}
    for item in cell.items:
        if item.state is ItemState.DECIDED:
            value = one_line(item.value.display)
            values[value.rstrip(".;。；")] = None
    return list(values)
