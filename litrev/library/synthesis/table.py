"""Papers by fields: which columns there are, and the views of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from litrev.errors import UsageFault
from litrev.library.model.codebook import Codebook, field_of
from litrev.library.model.entry_types import missing
from litrev.library.model.record import Cell, CellState, Evidence, Item, ItemState, Record
from litrev.library.synthesis.model import (
    EMPTY,
    Column,
    Definition,
    Reference,
    Row,
    Table,
    TableCell,
    TableItem,
    one_line,
    text_cell,
)
from litrev.library.synthesis.references import author_names, plain_reference
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
KEY_COLUMN = Column("key", "Key", narrow=True)
_NARROW = frozenset({"key", "year", "type"})
# The metadata that are not simply the text of a bibliographic field; empty texts are left out.
_METADATA_TEXTS: Mapping[str, Callable[[Record], Sequence[str]]] = {
    "key": lambda record: (record.key,),
    "label": lambda record: (record.label(),),
    "author": author_names,
    "year": lambda record: (str(record.year or ""),),
    "type": lambda record: (record.entry_type,),
    "venue": lambda record: (record.venue,),
    "abstract": lambda record: (record.abstract or "",),
    "tags": lambda record: record.tags,
    "notes": lambda record: [note.text for note in record.notes],
}
_EVIDENCE_COLUMNS = (
    KEY_COLUMN,
    Column("field", "Field", narrow=True),
    Column("value", "Value", structured=True),
    Column("state", "State", narrow=True),
    Column("quote", "Quote"),
    Column("place", "Place", narrow=True),
    Column("confidence", "Confidence", narrow=True),
    Column("from", "From"),
)

Cells = Mapping[str, Mapping[str, Cell]]


def columns(names: Sequence[str], codebook: Codebook) -> tuple[Column, ...]:
    """The columns called ``names``; blank names are left out.

    Raises UsageFault, with a suggestion, for an unknown column, and when no name is left.
    """
    chosen = tuple(column(name.strip(), codebook) for name in names if name.strip())
    if not chosen:
        raise UsageFault(
            "a table without columns", f"There are: {', '.join((*METADATA, *codebook.names))}."
        )
    return chosen


def column(name: str, codebook: Codebook) -> Column:
    """The column of this name; raises UsageFault, with a suggestion, for an unknown one."""
    field = field_of(codebook, name)
    if field:
        return Column(field.name, field.heading, True)
    folded = name.casefold()
    if folded in METADATA or folded.startswith("bib:"):
        heading = folded.removeprefix("bib:").capitalize()
        return Column(folded, heading, narrow=folded in _NARROW)
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
    rows = []
    for record in records:
        record_cells = cells.get(record.id, {})
        row_cells = tuple(cell_of(record, column, record_cells) for column in chosen)
        rows.append(Row(record.id, record.key, row_cells))
    return described(Table(title, tuple(chosen), tuple(rows)), records, codebook)


def described(table: Table, records: Sequence[Record], codebook: Codebook) -> Table:
    """``table`` with the references of its papers, and the definitions of its columns."""
    definitions = []
    for column in table.columns:
        if column.structured and column.name in codebook:
            field = codebook[column.name]
            definitions.append(
                Definition(field.name, field.heading, str(field.kind), field.definition)
            )
    return replace(
        table, references=tuple(map(_reference, records)), definitions=tuple(definitions)
    )


def _reference(record: Record) -> Reference:
    return Reference(
        key=record.key,
        text=plain_reference(record),
        entry_type=record.entry_type,
        year=str(record.year or ""),
        doi=record.get("doi"),
    )


def grouped(
    table: Table, records: Sequence[Record], cells: Cells, name: str, codebook: Codebook
) -> Table:
    """``table`` with its rows grouped by the values of the column ``name``.

    A paper has a row under each of its values. Papers without a value come after the others, and
    rows that are not papers, such as totals, come last. Raises UsageFault for an unknown column.
    """
    by = column(name, codebook)
    groups_of = values_by_paper(records, by, cells)
    rows_by_group: dict[str, list[Row]] = {}
    totals = []
    for row in table.rows:
        if row.record_id not in groups_of:
            totals.append(row)
        for group in groups_of.get(row.record_id, ()):
            rows_by_group.setdefault(group, []).append(replace(row, group=group))
    counts = {group: len(rows) for group, rows in rows_by_group.items()}
    rows: list[Row] = []
    for group in ranked(counts, by):
        rows += rows_by_group[group]
    return replace(table, rows=(*rows, *totals), grouped_by=by.heading)


def values_of(record: Record, column: Column, cells: Mapping[str, Cell]) -> list[str]:
    """The values of a paper in a column, each once; upper and lower case count as the same."""
    by_folded = {}
    for item in cell_of(record, column, cells).items:
        text = one_line(item.shown)
        by_folded[text.casefold()] = text
    return list(by_folded.values())


def values_by_paper(
    records: Sequence[Record], column: Column, cells: Cells
) -> dict[str, list[str]]:
    """For each paper, by its id, the values of a column under which it is put.

    A paper without a value is under "no …". A value that papers write in different case is always
    spelled as the first of them writes it.
    """
    spelled: dict[str, str] = {}
    values_by_id = {}
    for record in records:
        values = values_of(record, column, cells.get(record.id, {}))
        as_first_spelled = [spelled.setdefault(value.casefold(), value) for value in values]
        values_by_id[record.id] = as_first_spelled or [name_of_no_value(column)]
    return values_by_id


def name_of_no_value(column: Column) -> str:
    """The name of the group of papers that have no value in a column."""
    return f"no {column.heading.casefold()}"


def ranked(counts: Mapping[str, int], column: Column) -> list[str]:
    """The values of a column in the order in which they are shown.

    Years are in their own order, other values by how many papers have them, the most frequent
    first. The name of the papers without a value is last.
    """
    last = name_of_no_value(column)
    by_year = column.name == "year"

    def rank(value: str) -> tuple[bool, int, str]:
        frequency = 0 if by_year else counts[value]
        return value == last, -frequency, value.casefold()

    return sorted(counts, key=rank)


def chapters(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """The chapters of each paper side by side: a column for each number, and one for those without
    a number.
    """
    chapter_cells = column_cells(_chapter_column(0), records, cells)
    by_number = [_items_by_number(cell) for cell in chapter_cells]
    numbers = _chapter_numbers(by_number)
    rows = []
    for record, cell, items in zip(records, chapter_cells, by_number, strict=True):
        # A paper that has chapters, but not this one, shows nothing; a paper without any shows what
        # became of the search.
        blank = EMPTY if cell.items else TableCell(cell.state)
        row_cells = [text_cell(record.key)]
        for number in numbers:
            numbered = items.get(number)
            row_cells.append(TableCell(cell.state, tuple(numbered)) if numbered else blank)
        rows.append(Row(record.id, record.key, tuple(row_cells)))
    heads = (KEY_COLUMN, *map(_chapter_column, numbers))
    return described(Table(title, heads, tuple(rows)), records, codebook)


def _items_by_number(cell: TableCell) -> dict[int, list[TableItem]]:
    """The chapters of a cell under their numbers, those without a number under 0."""
    by_number: dict[int, list[TableItem]] = {}
    for item in cell.items:
        by_number.setdefault(item.number or 0, []).append(item)
    return by_number


def _chapter_numbers(by_number: Sequence[Mapping[int, object]]) -> list[int]:
    """The numbers that any paper has, in order, with 0 last; only 0 when there are no chapters."""
    numbers = set().union(*by_number)
    ordered = sorted(numbers - {0})
    if 0 in numbers or not ordered:
        ordered.append(0)
    return ordered


def _chapter_column(number: int) -> Column:
    if number == 0:
        return Column("chapters", "Chapters", True)
    return Column(f"chapter_{number}", f"Chapter {number}", True)


def evidence(
    title: str,
    chosen: Sequence[Column],
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
) -> Table:
    """A row for each span of each value: the words of the abstract that support it, and the rule or
    person that it is from.

    A value without evidence has one row. Columns that are not structured fields are passed over.
    """
    fields = [column for column in chosen if column.structured]
    rows = []
    for record in records:
        record_cells = cells.get(record.id, {})
        for field in fields:
            for item in field_cell(record_cells, field.name).items:
                spans = item.evidence or (None,)
                rows += [_evidence_row(record, field, item, span) for span in spans]
    return described(Table(title, _EVIDENCE_COLUMNS, tuple(rows)), records, codebook)


def _evidence_row(record: Record, field: Column, item: TableItem, span: Evidence | None) -> Row:
    value = TableItem(item.text, item.state, item.label)
    confidence = "" if item.confidence is None else f"{item.confidence:.2f}"
    row_cells = (
        text_cell(record.key),
        text_cell(field.heading),
        TableCell(CellState.DECIDED, (value,)),
        text_cell(item.state.value),
        text_cell(span.quote if span else ""),
        text_cell(_place(span) if span else ""),
        text_cell(confidence),
        text_cell(item.maker),
    )
    return Row(record.id, record.key, row_cells)


def _place(span: Evidence) -> str:
    place = f"{span.start}–{span.end}"
    return f"{place} (the abstract has changed)" if span.stale else place


def gaps(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """What is still missing: how many values each paper has in each field, and which metadata it
    lacks.

    The last row counts the papers that have any value, and those whose metadata are complete.
    """
    fields = [Column(f.name, f.heading, True, narrow=True) for f in codebook.fields]
    heads = (KEY_COLUMN, *fields, Column("missing:metadata", "Missing metadata"))
    rows = []
    for record in records:
        record_cells = cells.get(record.id, {})
        counts = [_counted(field_cell(record_cells, field.name)) for field in fields]
        row_cells = (text_cell(record.key), *counts, text_cell(", ".join(_lacking(record))))
        rows.append(Row(record.id, record.key, row_cells))
    if rows:
        rows.append(_gaps_total(rows))
    return described(Table(title, heads, tuple(rows)), records, codebook)


def _lacking(record: Record) -> list[str]:
    lacking = list(missing(record.entry_type, record.get))
    if record.abstract is None:
        lacking.append("abstract")
    return lacking


def _counted(cell: TableCell) -> TableCell:
    """A cell with the numbers of its items in each state, instead of the items."""
    if not cell.items:
        return cell
    counts = Counter(item.state for item in cell.items)
    items = tuple(TableItem(str(count), state) for state, count in counts.items())
    return TableCell(cell.state, items)


def _gaps_total(rows: Sequence[Row]) -> Row:
    papers = len(rows)
    _, *field_columns, metadata_column = cells_by_column(rows)
    totals = []
    for column in field_columns:
        filled = count_filled(column)
        totals.append(text_cell(f"{filled} of {papers}"))
    # Metadata are complete where nothing is named that the paper lacks.
    complete = papers - count_filled(metadata_column)
    last = text_cell(f"{complete} of {papers} complete")
    return Row("", "papers", (text_cell("papers"), *totals, last))


def cells_by_column(rows: Sequence[Row]) -> list[tuple[TableCell, ...]]:
    """The cells of each column, in the order of the rows."""
    return list(zip(*(row.cells for row in rows), strict=True))


def count_filled(cells: Sequence[TableCell]) -> int:
    """How many of the cells have items."""
    return sum(bool(cell.items) for cell in cells)


def column_cells(column: Column, records: Sequence[Record], cells: Cells) -> list[TableCell]:
    """The content of a column for each of ``records``."""
    return [cell_of(record, column, cells.get(record.id, {})) for record in records]


def cell_of(record: Record, column: Column, cells: Mapping[str, Cell]) -> TableCell:
    """The content of a column for a record; ``cells`` are those of the record, by field."""
    if column.structured:
        return field_cell(cells, column.name)
    return text_cell(*_metadata(record, column.name))


def _metadata(record: Record, name: str) -> Sequence[str]:
    texts_of = _METADATA_TEXTS.get(name)
    if texts_of:
        return texts_of(record)
    return (record.get(name.removeprefix("bib:")),)


def field_cell(cells: Mapping[str, Cell], name: str) -> TableCell:
    """The cell of the structured field ``name`` among the cells of a record."""
    return structured_cell(cells[name]) if name in cells else EMPTY


def structured_cell(cell: Cell) -> TableCell:
    """A cell of a structured field, with items of the same label and state as one."""
    items: dict[tuple[str, ItemState], TableItem] = {}
    for item in cell.items:
        key = (item.value.display, item.state)
        known = items.get(key)
        evidence = (*known.evidence, *item.value.evidence) if known else item.value.evidence
        items[key] = _table_item(item, evidence)
    return TableCell(cell.state, tuple(items.values()))


def _table_item(item: Item, evidence: tuple[Evidence, ...]) -> TableItem:
    value = item.value
    return TableItem(
        text=value.text,
        state=item.state,
        label=value.label,
        number=value.number,
        confidence=value.confidence,
        evidence=evidence,
        maker=value.maker,
    )
