"""Tables, and everything else that is read by programs, as JSON."""

from __future__ import annotations

from typing import Any

from litrev.library.model.record import Cell, Evidence, Item, Record
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Table, TableCell
from litrev.text.json import dump

__all__ = ["SCHEMA", "dump", "evidence", "record", "render"]

SCHEMA = 1


def render(table: Table, rendering: Rendering) -> str:
    """The table with the state of every cell and the evidence of every item."""
    return dump(
        {
            "schema": SCHEMA,
            "title": table.title,
            "columns": [
                {"name": c.name, "heading": c.heading} | ({"over": c.over} if c.over else {})
                for c in table.columns
            ],
            "grouped_by": table.grouped_by,
            "rows": [
                {
                    "id": row.record_id,
                    "key": row.key,
                    "group": row.group,
                    "cells": {
                        c.name: _cell(cell)
                        for c, cell in zip(table.columns, row.cells, strict=True)
                    },
                }
                for row in table.rows
            ],
        }
    )


def _cell(cell: TableCell) -> dict[str, Any]:
    items = [
        {
            "text": item.text, "label": item.label, "number": item.number, "state": item.state.value,
            "confidence": item.confidence, "evidence": [evidence(e) for e in item.evidence],
        }
        for item in cell.items
    ]  # fmt: skip
    return {"state": cell.state.value, "items": items}


def evidence(e: Evidence) -> dict[str, Any]:
    """One span, offsets in Unicode code points."""
    span: dict[str, Any] = {"start": e.start, "end": e.end, "quote": e.quote}
    return span | {"stale": True} if e.stale else span


def record(r: Record, cells: dict[str, Cell]) -> dict[str, Any]:
    """One record with all its fields, as ``show --json`` gives it."""
    return {
        "schema": SCHEMA,
        "id": r.id,
        "key": r.key,
        "type": r.entry_type,
        "metadata": {f.name: f.value for f in r.fields},
        "abstract": r.abstract,
        "fields": {
            name: {"state": cell.state.value, "values": [_value(item) for item in cell.items]}
            for name, cell in cells.items()
        },
        "tags": list(r.tags),
        "notes": [{"text": n.text, "by": n.actor, "at": n.at} for n in r.notes],
        "aliases": list(r.aliases),
    }


def _value(item: Item) -> dict[str, Any]:
    v = item.value
    return {
        "id": v.id, "text": v.text, "label": v.label, "number": v.number, "state": item.state.value, "by": list(item.actors) or [v.maker],
        "confidence": v.confidence, "rule": v.maker, "evidence": [evidence(e) for e in v.evidence],
    }  # fmt: skip
