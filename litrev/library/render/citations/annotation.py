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
            return tuple(" ".join(part.split()) for part in written.split("\n\n") if part.strip())
    said = []
    for field in codebook.fields:
        cell = cells.get(field.name)
        if cell is None:
            continue
        texts = dict.fromkeys(
            " ".join(item.value.display.split()).rstrip(".;。；")
            for item in cell.items
            if item.state is ItemState.DECIDED
        )
        if texts:
            said.append(f"{field.heading}: {'; '.join(texts)}.")
        elif cell.state is CellState.NOT_REPORTED:
            said.append(f"{field.heading}: not reported.")
    return (f"{DRAFT} {' '.join(said)}",) if said else ()
