"""Papers by fields: which columns there are, and the views a table can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from litrev.errors import UsageFault
from litrev.library.bibtex.names import parse_names
from litrev.library.model.codebook import Codebook, field_of
from litrev.library.model.entry_types import missing
from litrev.library.model.record import Cell, CellState, ItemState, Record
from litrev.library.synthesis.model import (
    Column,
    Definition,
    Reference,
    Row,
    Table,
    TableCell,
    TableItem,
    said,
)
from litrev.library.synthesis.references import plain_reference
from litrev.text.suggestions import did_you_mean

DEFAULT_COLUMNS = ("key", "year", "research_object", "methods", "chapters", "findings")
METADATA = (
    "key",
    "label",
    "title",
    "author",
    "year",
    "type",
    "venue",
    "doi",
    "url",
    "keywords",
    "abstract",
    "tags",
    "notes",
)
_NARROW = frozenset({"key", "year", "type"})

Cells = Mapping[str, Mapping[str, Cell]]


def columns(names: Sequence[str], codebook: Codebook) -> tuple[Column, ...]:
    """The columns called ``names``; raises UsageFault, with a suggestion, for one that is not
    there.
    """
    found = tuple(column(name.strip(), codebook) for name in names if name.strip())
    if not found:
        raise UsageFault(
            "a table without columns", f"There are: {', '.join((*METADATA, *codebook.names))}."
        )
    return found


def column(name: str, codebook: Codebook) -> Column:
    """The column of this name; raises UsageFault, with a suggestion, for one that is not there."""
    field = field_of(codebook, name)
    if field:
        return Column(field.name, field.heading, True)
    folded = name.casefold()
    if folded in METADATA or folded.startswith("bib:"):
        return Column(folded, folded.removeprefix("bib:").capitalize(), narrow=folded in _NARROW)
    known = (*METADATA, *codebook.names)
    raise UsageFault(
        f"there is no column {name}",
        did_you_mean(folded, known)
        or f"There are: {', '.join(known)}, and bib:FIELD for any BibTeX field.",
    )


def build(
    title: str,
    chosen: Sequence[Column],
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
) -> Table:
    """The table of ``records`` by ``chosen`` columns."""
    rows = tuple(
        Row(r.id, r.key, tuple(cell_of(r, one, cells.get(r.id, {})) for one in chosen))
        for r in records
    )
    return described(Table(title, tuple(chosen), rows), records, codebook)


def described(table: Table, records: Sequence[Record], codebook: Codebook) -> Table:
    """``table`` with the references of its papers, and the definitions of its columns."""
    references = tuple(
        Reference(r.key, plain_reference(r), r.entry_type, str(r.year or ""), r.get("doi"))
        for r in records
    )
    held = {
        field.name: Definition(field.name, field.heading, str(field.kind), field.definition)
        for field in codebook.fields
    }
    return replace(
        table,
        references=references,
        definitions=tuple(held[c.name] for c in table.columns if c.structured and c.name in held),
    )


def grouped(
    table: Table, records: Sequence[Record], cells: Cells, name: str, codebook: Codebook
) -> Table:
    """``table`` with its rows under the values of ``name``; a paper stands under each value it has,
    those without any at the end.
    """
    by = column(name, codebook)
    held: dict[str, list[Row]] = {}
    under = filed(records, by, cells)
    totals = [row for row in table.rows if row.record_id not in under]
    for row in table.rows:
        for value in under.get(row.record_id, ()):
            held.setdefault(value, []).append(replace(row, group=value))
    order = ranked({value: len(rows) for value, rows in held.items()}, by)
    return replace(
        table,
        rows=(*(row for value in order for row in held[value]), *totals),
        grouped_by=by.heading,
    )


def values_of(record: Record, column: Column, cells: Mapping[str, Cell]) -> list[str]:
    """The values a paper has in a column, each once; labels in whatever case count as one."""
    return [
        *{
            item.shown.casefold(): " ".join(item.shown.split())
            for item in cell_of(record, column, cells).items
        }.values()
    ]


def filed(records: Sequence[Record], column: Column, cells: Cells) -> dict[str, list[str]]:
    """Under which values of a column each paper stands, by its id; one without any under "no …". A
    value is spelled as it first was, in whatever case.
    """
    spelled: dict[str, str] = {}
    found = {record.id: values_of(record, column, cells.get(record.id, {})) for record in records}
    return {
        name: [spelled.setdefault(value.casefold(), value) for value in values] or [without(column)]
        for name, values in found.items()
    }


def without(column: Column) -> str:
    """What stands for the papers that have no value in a column."""
    return f"no {column.heading.casefold()}"


def ranked(counts: Mapping[str, int], column: Column) -> list[str]:
    """Values in the order in which they are shown: years as they come, others the most frequent
    first, those without any last.
    """
    last, by_year = without(column), column.name == "year"
    return sorted(
        counts,
        key=lambda value: (value == last, 0 if by_year else -counts[value], value.casefold()),
    )


def chapters(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """The chapters of each paper side by side: a column for each number, and one for those without
    a number.
    """
    parts: list[dict[int, list[TableItem]]] = []
    shown = [
        structured_cell(cells.get(record.id, {}).get("chapters", Cell("chapters", CellState.NEVER)))
        for record in records
    ]
    for cell in shown:
        numbered: dict[int, list[TableItem]] = {}
        for item in cell.items:
            numbered.setdefault(item.number or 0, []).append(item)
        parts.append(numbered)
    numbers = sorted(
        {number for numbered in parts for number in numbered},
        key=lambda number: (number == 0, number),
    ) or [0]
    heads = (
        Column("key", "Key", narrow=True),
        *(
            Column(f"chapter_{n}" if n else "chapters", f"Chapter {n}" if n else "Chapters", True)
            for n in numbers
        ),
    )
    rows = []
    for record, cell, numbered in zip(records, shown, parts, strict=True):
        blank = TableCell(CellState.NEVER if cell.items else cell.state)
        rows.append(
            Row(
                record.id,
                record.key,
                (
                    said(record.key),
                    *(
                        TableCell(cell.state, tuple(numbered[n])) if n in numbered else blank
                        for n in numbers
                    ),
                ),
            )
        )
    return described(Table(title, heads, tuple(rows)), records, codebook)


def evidence(
    title: str,
    chosen: Sequence[Column],
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
) -> Table:
    """A row for each span of each value: the words of the abstract a value rests on, and which rule
    or person said so.
    """
    heads = ("key", "field", "value", "state", "quote", "place", "confidence", "from")
    rows = []
    for record in records:
        for field in chosen:
            for item in (
                structured_cell(
                    cells.get(record.id, {}).get(field.name, Cell(field.name, CellState.NEVER))
                ).items
                if field.structured
                else ()
            ):
                value = TableItem(item.text, item.state, item.label)
                for span in item.evidence or (None,):
                    place = (
                        ""
                        if span is None
                        else f"{span.start}–{span.end}{' (the abstract has changed)' if span.stale else ''}"
                    )
                    sure = "" if item.confidence is None else f"{item.confidence:.2f}"
                    about = (
                        said(item.state.value),
                        said(span.quote if span else ""),
                        said(place),
                        said(sure),
                        said(item.maker),
                    )
                    rows.append(
                        Row(
                            record.id,
                            record.key,
                            (
                                said(record.key),
                                said(field.heading),
                                TableCell(CellState.DECIDED, (value,)),
                                *about,
                            ),
                        )
                    )
    named = tuple(
        Column(
            name,
            name.capitalize(),
            name == "value",
            narrow=name in {"key", "field", "state", "place", "confidence"},
        )
        for name in heads
    )
    return described(Table(title, named, tuple(rows)), records, codebook)


def gaps(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """What is still missing: for each paper how many values each field has, and which metadata it
    lacks; the last row counts papers with any.
    """
    heads = (
        Column("key", "Key", narrow=True),
        *(Column(f.name, f.heading, True, narrow=True) for f in codebook.fields),
        Column("missing:metadata", "Missing metadata"),
    )
    rows = []
    for record in records:
        mine = cells.get(record.id, {})
        found = [
            structured_cell(mine.get(field.name, Cell(field.name, CellState.NEVER)))
            for field in codebook.fields
        ]
        lacking = [
            *missing(record.entry_type, record.get),
            *(["abstract"] if record.abstract is None else []),
        ]
        rows.append(
            Row(
                record.id,
                record.key,
                (said(record.key), *map(_counted, found), said(", ".join(lacking))),
            )
        )
    there = [sum(bool(row.cells[n].items) for row in rows) for n in range(1, len(heads) - 1)]
    complete = sum(not row.cells[-1].items for row in rows)
    total = Row(
        "",
        "papers",
        (
            said("papers"),
            *(said(f"{n} of {len(rows)}") for n in there),
            said(f"{complete} of {len(rows)} complete"),
        ),
    )
    return described(Table(title, heads, (*rows, total) if rows else ()), records, codebook)


def _counted(cell: TableCell) -> TableCell:
    if not cell.items:
        return cell
    states = [item.state for item in cell.items]
    return TableCell(
        cell.state,
        tuple(TableItem(str(states.count(state)), state) for state in dict.fromkeys(states)),
    )


def cell_of(record: Record, column: Column, cells: Mapping[str, Cell]) -> TableCell:
    """What a record has in a column."""
    if column.structured:
        return (
            structured_cell(cells[column.name])
            if column.name in cells
            else TableCell(CellState.NEVER)
        )
    texts = [text for text in _metadata(record, column.name) if text]
    return TableCell(
        CellState.DECIDED if texts else CellState.NEVER, tuple(TableItem(text) for text in texts)
    )


def structured_cell(cell: Cell) -> TableCell:
    """A cell of a structured field, items under one label brought together."""
    items: dict[tuple[str, ItemState], TableItem] = {}
    for item in cell.items:
        value = item.value
        made = TableItem(
            value.text,
            item.state,
            value.label,
            value.number,
            value.confidence,
            value.evidence,
            value.maker,
        )
        known = items.get((made.shown, made.state))
        evidence = (*known.evidence, *value.evidence) if known else value.evidence
        items[made.shown, made.state] = replace(made, evidence=evidence)
    return TableCell(cell.state, tuple(items.values()))


def _metadata(record: Record, name: str) -> list[str]:
    match name:
        case "key":
            return [record.key]
        case "label":
            return [record.label()]
        case "author":
            return [
                name.natural or "et al."
                for name in parse_names(record.get("author") or record.get("editor"))
            ]
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
