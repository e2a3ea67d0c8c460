"""Papers by fields: which columns there are, and the views of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from litrev.errors import UsageFault
from litrev.library.model.codebook import Codebook, StructuredField, field_of
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

# The structured fields of each record: by its id, and then by the name of the field.
Cells = Mapping[str, Mapping[str, Cell]]


def columns(names: Sequence[str], codebook: Codebook) -> tuple[Column, ...]:
    """The columns called ``names``, in this order; blank names are left out.

    Raises UsageFault, with a suggestion, for an unknown column, and when no name is left.
    """
    stripped_names = filter(None, map(str.strip, names))
    chosen = tuple(column(name, codebook) for name in stripped_names)
    if not chosen:
        known = (*METADATA, *codebook.names)
        raise UsageFault("a table without columns", f"There are: {', '.join(known)}.")
    return chosen


def column(name: str, codebook: Codebook) -> Column:
    """The column called ``name``, in upper or lower case.

    It is a field of the codebook, one of ``METADATA``, or ``bib:FIELD`` for a field of BibTeX.
    Raises UsageFault, with a suggestion, for an unknown column.
    """
    field = field_of(codebook, name)
    if field:
        return field_column(field)
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


def field_column(field: StructuredField) -> Column:
    """The column of a field of the codebook."""
    return Column(field.name, field.heading, structured=True)


def build(
    title: str,
    chosen: Sequence[Column],
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
) -> Table:
    """The table of ``records``, a row for each, by the ``chosen`` columns."""
    rows = []
    for record in records:
        record_cells = cells.get(record.id, {})
        row_cells = [cell_of(record, column, record_cells) for column in chosen]
        rows.append(Row(record.id, record.key, tuple(row_cells)))
    table = Table(title, tuple(chosen), tuple(rows))
    return described(table, records, codebook)


def described(table: Table, records: Sequence[Record], codebook: Codebook) -> Table:
    """``table`` with the references of ``records``, and the definitions of its columns.

    Columns that are not fields of the codebook have no definition.
    """
    names = [column.name for column in table.columns if column.structured]
    fields = [codebook[name] for name in names if name in codebook]
    return replace(
        table,
        references=tuple(map(_reference, records)),
        definitions=tuple(map(_definition, fields)),
    )


def _definition(field: StructuredField) -> Definition:
    return Definition(
        name=field.name, heading=field.heading, kind=str(field.kind), definition=field.definition
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
    """The values of a paper in a column, each as one line; upper and lower case count as the same.

    ``cells`` are those of the paper, by the name of the field.
    """
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
    """The name of the group of papers that have no value in a column.

    >>> name_of_no_value(Column("methods", "Methods"))
    'no methods'
    """
    return f"no {column.heading.casefold()}"


def ranked(counts: Mapping[str, int], column: Column) -> list[str]:
    """The values of a column in the order in which they are shown.

    Years are in their own order, other values by how many papers have them, the most frequent
    first. The name of the papers without a value is last. ``counts`` are numbers of papers.

    >>> ranked({"survey": 1, "no methods": 3, "interview": 2}, Column("methods", "Methods"))
    ['interview', 'survey', 'no methods']
    """
    last = name_of_no_value(column)
    by_year = column.name == "year"

    def rank(value: str) -> tuple[bool, int, str]:
        frequency = 0 if by_year else counts[value]
        return value == last, -frequency, value.casefold()

    return sorted(counts, key=rank)


def chapters(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """The chapters of each paper side by side: a row for each paper, a column for each chapter.

    The columns are in the order of the numbers; chapters without a number are together in the last.
    """
    chapter_cells = column_cells(_chapter_column(0), records, cells)
    by_number = [_items_by_number(cell) for cell in chapter_cells]
    numbers = _chapter_numbers(by_number)
    rows = []
    for record, cell, items in zip(records, chapter_cells, by_number, strict=True):
        row_cells = _chapter_cells(cell, items, numbers)
        rows.append(Row(record.id, record.key, (text_cell(record.key), *row_cells)))
    heads = (KEY_COLUMN, *map(_chapter_column, numbers))
    table = Table(title, heads, tuple(rows))
    return described(table, records, codebook)


def _chapter_cells(
    cell: TableCell, items_by_number: Mapping[int, list[TableItem]], numbers: Sequence[int]
) -> list[TableCell]:
    """The chapters of one paper, which are all in ``cell``, as a cell for each of ``numbers``."""
    # A paper that has chapters, but not this one, shows nothing; a paper without any shows what
    # became of the search.
    blank = EMPTY if cell.items else TableCell(cell.state)
    row_cells = []
    for number in numbers:
        items = items_by_number.get(number)
        row_cells.append(TableCell(cell.state, tuple(items)) if items else blank)
    return row_cells


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
    """The column of the chapters with a number; 0 is that of the chapters without one."""
    if number == 0:
        return Column("chapters", "Chapters", structured=True)
    return Column(f"chapter_{number}", f"Chapter {number}", structured=True)


def evidence(
    title: str,
    chosen: Sequence[Column],
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
) -> Table:
    """Why the values are there: a row for each span of the abstract that supports a value.

    A row has the quote and its place, in Unicode code points, the confidence, and the rule or
    person that the value is from. A value without evidence has one row. Columns that are not
    structured fields are passed over.
    """
    fields = [column for column in chosen if column.structured]
    rows = []
    for record in records:
        record_cells = cells.get(record.id, {})
        for field in fields:
            for item in field_cell(record_cells, field.name).items:
                spans = item.evidence or (None,)
                rows += [_evidence_row(record, field, item, span) for span in spans]
    table = Table(title, _EVIDENCE_COLUMNS, tuple(rows))
    return described(table, records, codebook)


def _evidence_row(record: Record, field: Column, item: TableItem, span: Evidence | None) -> Row:
    """The row of one span, or of a value without evidence when ``span`` is None."""
    value = TableItem(item.text, item.state, item.label)
    quote, place, confidence = "", "", ""
    if span:
        quote, place = span.quote, _place(span)
    if item.confidence is not None:
        confidence = f"{item.confidence:.2f}"
    row_cells = (
        text_cell(record.key),
        text_cell(field.heading),
        TableCell(CellState.DECIDED, (value,)),
        text_cell(item.state.value),
        text_cell(quote),
        text_cell(place),
        text_cell(confidence),
        text_cell(item.maker),
    )
    return Row(record.id, record.key, row_cells)


def _place(span: Evidence) -> str:
    """Where the span is in the abstract, and whether it still is."""
    place = f"{span.start}–{span.end}"
    return f"{place} (the abstract has changed)" if span.stale else place


def gaps(title: str, records: Sequence[Record], cells: Cells, codebook: Codebook) -> Table:
    """What is still missing: a row for each paper, a column for each field of the codebook.

    A cell has the number of values in each state; the last column names the metadata that the paper
    lacks. The last row counts the papers that have any value, and those whose metadata are
    complete.
    """
    fields = [replace(field_column(field), narrow=True) for field in codebook.fields]
    rows = []
    for record in records:
        record_cells = cells.get(record.id, {})
        row_cells = (
            text_cell(record.key),
            *(_counted(field_cell(record_cells, field.name)) for field in fields),
            text_cell(", ".join(_lacking(record))),
        )
        rows.append(Row(record.id, record.key, row_cells))
    if rows:
        rows.append(_gaps_total(rows))
    table = Table(
        title=title,
        columns=(KEY_COLUMN, *fields, Column("missing:metadata", "Missing metadata")),
        rows=tuple(rows),
    )
    return described(table, records, codebook)


def _lacking(record: Record) -> list[str]:
    """The required bibliographic fields that a record does not have, and "abstract"."""
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
    """The last row: how many papers have a value in each column, and complete metadata."""
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
    cells_by_row = [row.cells for row in rows]
    return list(zip(*cells_by_row, strict=True))


def count_filled(cells: Sequence[TableCell]) -> int:
    """How many of the cells have items."""
    return sum(bool(cell.items) for cell in cells)


def column_cells(column: Column, records: Sequence[Record], cells: Cells) -> list[TableCell]:
    """The content of a column for each of ``records``, in their order."""
    return [cell_of(record, column, cells.get(record.id, {})) for record in records]


def cell_of(record: Record, column: Column, cells: Mapping[str, Cell]) -> TableCell:
    """The content of a column for a record; ``cells`` are those of the record, by field.

    Metadata that the record does not have are an empty cell.
    """
    if column.structured:
        return field_cell(cells, column.name)
    return text_cell(*_metadata(record, column.name))


def _metadata(record: Record, name: str) -> Sequence[str]:
    """The texts of a column that is not a structured field."""
    texts_of = _METADATA_TEXTS.get(name)
    if texts_of:
        return texts_of(record)
    return (record.get(name.removeprefix("bib:")),)


def field_cell(cells: Mapping[str, Cell], name: str) -> TableCell:
    """The cell of the structured field ``name`` of a record, ``EMPTY`` if it has none."""
    return structured_cell(cells[name]) if name in cells else EMPTY


def structured_cell(cell: Cell) -> TableCell:
    """A cell of a structured field, with items of the same label and state as one.

    Such an item has the evidence of all of them, and whatever else the last of them has.
    """
    items: dict[tuple[str, ItemState], TableItem] = {}
    for item in cell.items:
        # Of different states they stay apart: each has its own mark.
        key = (item.value.display, item.state)
        same = items.get(key)
        earlier_evidence = same.evidence if same else ()
        items[key] = _table_item(item, (*earlier_evidence, *item.value.evidence))
    return TableCell(cell.state, tuple(items.values()))


def _table_item(item: Item, evidence: tuple[Evidence, ...]) -> TableItem:
    """The item of a cell, with ``evidence`` instead of its own."""
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
