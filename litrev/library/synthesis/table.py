"""The table model: rows, columns, and cells whose items keep their state and their evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from litrev.library.bibtex.names import parse_names
from litrev.library.codebook import Codebook
from litrev.library.editing import field_of
from litrev.library.errors import UsageFault
from litrev.library.record import Cell, CellState, Evidence, ItemState, Record
from litrev.library.suggest import did_you_mean

DEFAULT_COLUMNS = ("key", "year", "research_object", "methods", "chapters", "findings")
METADATA = ("key", "label", "title", "author", "year", "type", "venue", "doi", "url", "keywords", "abstract", "tags", "notes")
MARKS = {CellState.NEVER: "", CellState.SEARCHED: "·", CellState.NOT_REPORTED: "—"}
ITEM_MARKS = {ItemState.PROPOSED: "?", ItemState.DISPUTED: "≠", ItemState.DECIDED: ""}


@dataclass(frozen=True, slots=True)
class TableItem:
    """One entry of a table's cell."""

    text: str
    state: ItemState = ItemState.DECIDED
    label: str | None = None
    number: int | None = None
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def shown(self) -> str:
        """The label of the vocabulary, or the text."""
        return self.label or self.text

    @property
    def mark(self) -> str:
        """The sign "?" for what is only proposed, "≠" for what is disputed, nothing for what is decided."""
        return ITEM_MARKS[self.state]


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell; one without items shows the mark of its state."""

    state: CellState
    items: tuple[TableItem, ...] = ()

    def lines(self) -> list[str]:
        """The cell as plain text, an item a line, each state with its mark."""
        if not self.items:
            return [MARKS[self.state]]
        return [f"{item.shown} {item.mark}".rstrip() for item in self.items]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the data and its heading; ``structured`` for a field of the codebook."""

    name: str
    heading: str
    structured: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One paper."""

    record_id: str
    key: str
    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Papers by fields; every renderer is given this and nothing else."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def legend(self) -> str:
        """What the marks in this table mean; empty when there are none."""
        cells = [cell for row in self.rows for cell in row.cells]
        parts = []
        if any(item.state is ItemState.PROPOSED for cell in cells for item in cell.items):
            parts.append("? proposed, not yet decided")
        if any(item.state is ItemState.DISPUTED for cell in cells for item in cell.items):
            parts.append("≠ reviewers differ")
        if any(cell.state is CellState.SEARCHED for cell in cells):
            parts.append("· searched, nothing found")
        if any(cell.state is CellState.NOT_REPORTED for cell in cells):
            parts.append("— not reported")
        return "; ".join(parts)


def columns(names: Sequence[str], codebook: Codebook) -> tuple[Column, ...]:
    """The columns called ``names``; raises UsageFault, with a suggestion, for one that is not there."""
    found = tuple(_column(name.strip(), codebook) for name in names if name.strip())
    if not found:
        raise UsageFault("a table without columns", f"There are: {', '.join((*METADATA, *codebook.names))}.")
    return found


def _column(name: str, codebook: Codebook) -> Column:
    field = field_of(codebook, name)
    if field:
        return Column(field.name, field.heading, True)
    folded = name.casefold()
    if folded in METADATA or folded.startswith("bib:"):
        return Column(folded, folded.removeprefix("bib:").capitalize(), False)
    known = (*METADATA, *codebook.names)
    raise UsageFault(f"there is no column {name}", did_you_mean(folded, known) or f"There are: {', '.join(known)}, and bib:FIELD for any BibTeX field.")


def build(title: str, chosen: Sequence[Column], records: Sequence[Record], cells: Mapping[str, Mapping[str, Cell]]) -> Table:
    """The table of ``records`` by ``chosen`` columns."""
    rows = tuple(Row(r.id, r.key, tuple(_cell(r, column, cells.get(r.id, {})) for column in chosen)) for r in records)
    return Table(title, tuple(chosen), rows)


def shorten(table: Table, limit: int) -> Table:
    """``table`` with every item's text cut to ``limit`` characters, the cut marked by "…"."""

    def short(item: TableItem) -> TableItem:
        text = item.text if len(item.text) <= limit else item.text[: limit - 1].rstrip() + "…"
        return replace(item, text=text)

    rows = (replace(row, cells=tuple(replace(cell, items=tuple(map(short, cell.items))) for cell in row.cells)) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _cell(record: Record, column: Column, cells: Mapping[str, Cell]) -> TableCell:
    if column.structured:
        return structured_cell(cells[column.name]) if column.name in cells else TableCell(CellState.NEVER)
    texts = [text for text in _metadata(record, column.name) if text]
    return TableCell(CellState.DECIDED if texts else CellState.NEVER, tuple(TableItem(text) for text in texts))


def structured_cell(cell: Cell) -> TableCell:
    """A cell of a structured field, items under one label brought together."""
    items: dict[tuple[str, ItemState], TableItem] = {}
    for item in cell.items:
        value = item.value
        made = TableItem(value.text, item.state, value.label, value.number, value.confidence, value.evidence)
        known = items.get((made.shown, made.state))
        evidence = (*known.evidence, *value.evidence) if known else value.evidence
        items[made.shown, made.state] = TableItem(made.text, made.state, made.label, made.number, made.confidence, evidence)
    return TableCell(cell.state, tuple(items.values()))


def _metadata(record: Record, name: str) -> list[str]:
    match name:
        case "key":
            return [record.key]
        case "label":
            return [record.label()]
        case "author":
            return [name.natural or "et al." for name in parse_names(record.get("author") or record.get("editor"))]
        case "year":
            return [str(record.year)] if record.year else []
        case "type":
            return [record.entry_type]
        case "venue":
            return [record.venue]
        case "abstract":
            return [record.abstract or ""]
        case "tags":
            return list(record.tags)
        case "notes":
            return [note.text for note in record.notes]
    return [record.get(name.removeprefix("bib:"))]
