"""Tables, and everything else that is read by programs, as JSON."""

from __future__ import annotations

from typing import Any

from litrev.library.model.record import Cell, Evidence, Item, Note, Record
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Column, Row, Table, TableCell, TableItem
from litrev.text.json import dump

__all__ = ["SCHEMA", "dump", "evidence", "record", "render"]

SCHEMA = 1


def render(table: Table, rendering: Rendering) -> str:
    """The table with the state of every cell and the evidence of every item.

    The cells of a row are by the names of their columns.
    """
    return dump(
        {
            "schema": SCHEMA,
            "title": table.title,
            "columns": [_column(column) for column in table.columns],
            "grouped_by": table.grouped_by,
            "rows": [_row(table, row) for row in table.rows],
        }
    )


def _column(column: Column) -> dict[str, str]:
    """The names of a column; ``over`` only where a heading stands over several columns."""
    described = {"name": column.name, "heading": column.heading}
    if column.over:
        described["over"] = column.over
    return described


def _row(table: Table, row: Row) -> dict[str, Any]:
    cells = {}
    for column, cell in zip(table.columns, row.cells, strict=True):
        cells[column.name] = _cell(cell)
    return {"id": row.record_id, "key": row.key, "group": row.group, "cells": cells}


def _cell(cell: TableCell) -> dict[str, Any]:
    items = [_item(item) for item in cell.items]
    return {"state": cell.state.value, "items": items}


def _item(item: TableItem) -> dict[str, Any]:
    return {
        "text": item.text,
        "label": item.label,
        "number": item.number,
        "state": item.state.value,
        "confidence": item.confidence,
        "evidence": [evidence(span) for span in item.evidence],
    }


def evidence(span: Evidence) -> dict[str, Any]:
    """One span of the abstract; ``stale`` only where the abstract has changed since.

    ``start`` and ``end`` count Unicode code points, not bytes nor the units of UTF-16.

    >>> evidence(Evidence(4, 14, "interviews"))
    {'start': 4, 'end': 14, 'quote': 'interviews'}
    """
    described: dict[str, Any] = {"start": span.start, "end": span.end, "quote": span.quote}
    if span.stale:
        described["stale"] = True
    return described


def record(record: Record, cells: dict[str, Cell]) -> dict[str, Any]:
    """One record with all its fields, as ``show --json`` gives it.

    ``metadata`` are the bibliographic fields, ``fields`` those of the codebook: ``cells`` by name.
    """
    return {
        "schema": SCHEMA,
        "id": record.id,
        "key": record.key,
        "type": record.entry_type,
        "metadata": {field.name: field.value for field in record.fields},
        "abstract": record.abstract,
        "fields": {name: _field(cell) for name, cell in cells.items()},
        "tags": list(record.tags),
        "notes": [_note(note) for note in record.notes],
        "aliases": list(record.aliases),
    }


def _note(note: Note) -> dict[str, str]:
    return {"text": note.text, "by": note.actor, "at": note.at}


def _field(cell: Cell) -> dict[str, Any]:
    values = [_value(item) for item in cell.items]
    return {"state": cell.state.value, "values": values}


def _value(item: Item) -> dict[str, Any]:
    """A value; ``by`` names those who decided it, or the rule that proposed it."""
    value = item.value
    return {
        "id": value.id,
        "text": value.text,
        "label": value.label,
        "number": value.number,
        "state": item.state.value,
        "by": list(item.actors) or [value.maker],
        "confidence": value.confidence,
        "rule": value.maker,
        "evidence": [evidence(span) for span in value.evidence],
    }
