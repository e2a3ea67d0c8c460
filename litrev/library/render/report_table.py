"""The table of a report, in which every value knows the places of its words in the abstract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from litrev.library.model.record import CellState, ItemState
from litrev.library.render.markup import Html, element, joined, start_tag
from litrev.library.render.report_abstracts import page_text, utf16_offsets
from litrev.library.synthesis.model import MARKS, Column, Row, Table, TableCell, TableItem, one_line

MANY_ROWS = 3_000  # above so many the table comes in pages
PAGE_ROWS = 500  # of such a page

# Of each state: the letter that report.js and report.css know it by, and the words for it.
_ITEM_STATES = {
    ItemState.PROPOSED: ("p", "proposed, not yet decided"),
    ItemState.DISPUTED: ("x", "reviewers differ"),
    ItemState.DECIDED: ("d", "decided"),
}
_EMPTY_STATES = {
    CellState.NEVER: ("v", "never searched"),
    CellState.SEARCHED: ("s", "searched, nothing found"),
    CellState.PROPOSED: ("p", "proposed, not yet decided"),
    CellState.DECIDED: ("d", "decided"),
    CellState.NOT_REPORTED: ("n", "not reported"),
}
_LINE_BREAK = Html("<br>")
_CELL = element("td", role="cell")
_NARROW_CELL = element("td", role="cell", class_="n")
_ROW_HEADING = element("th", scope="row", role="rowheader")
_KEY_BUTTON = element("button", title="the whole abstract")
_MARK = element("i")

# From a place in a text in code points to the place as JavaScript counts it.
Offset = Callable[[int], int]


def table_lines(
    table: Table, method_numbers: Mapping[str, int], abstracts: Mapping[str, str]
) -> Iterator[Html]:
    """The table, a row a line.

    ``method_numbers`` are the numbers of the methods, in small letters, as the filter of methods
    has them; ``abstracts`` are by the rows' ``record_id``, and may lack some.
    """
    page_rows = PAGE_ROWS if len(table.rows) > MANY_ROWS else None
    start = start_tag(
        "table", id="papers", role="table", aria_labelledby="table-title", data_page=page_rows
    )
    cells = map(_heading, table.columns)
    headings = element("tr", role="row")(*cells)
    yield Html('<div class="wide" tabindex="0" role="region" aria-label="Rows and columns">')
    yield Html('{}\n<thead role="rowgroup">{}</thead>').format(start, headings)
    yield Html('<tbody role="rowgroup">')
    for number, row in enumerate(table.rows):
        abstract = page_text(abstracts.get(row.record_id, ""))
        offset = utf16_offsets(abstract)
        yield _row(number, table, row, method_numbers, offset)
    yield Html("</tbody>\n</table>\n</div>")


def values_to_filter(table: Table, row: Row, column_name: str) -> list[str]:
    """What a row has in a column, in small letters, each once and in the order of the cell.

    Nothing where the table has no such column.
    """
    values: dict[str, None] = {}
    for column, cell in zip(table.columns, row.cells, strict=True):
        if column.name == column_name:
            for item in cell.items:
                values[one_line(item.shown.casefold())] = None
    return list(values)


def _heading(column: Column) -> Html:
    narrow = "n" if column.narrow else None
    heading = element("th", scope="col", role="columnheader", class_=narrow)
    # The page's script sorts the table by it.
    button = element("button", type="button")
    return heading(button(column.title))


def _row(
    number: int, table: Table, row: Row, method_numbers: Mapping[str, int], offset: Offset
) -> Html:
    """A paper; its attributes are what the filters of the page compare.

    ``number`` is the place of its abstract in the page, ``offset`` counts in that abstract.
    """
    # Methods beyond the most frequent have no number: they cannot be chosen.
    methods = values_to_filter(table, row, "methods")
    chosen_by = [str(method_numbers[name]) for name in methods if name in method_numbers]
    years = values_to_filter(table, row, "year")
    columns_and_cells = list(zip(table.columns, row.cells, strict=True))
    letters: set[str] = set()
    for column, cell in columns_and_cells:
        if column.structured:
            letters.update(_state_letters(cell))
    whole_row = element(
        "tr",
        role="row",
        data_r=number,
        data_m=" ".join(chosen_by),
        data_y=years[0] if years else "",
        data_s="".join(sorted(letters)),
    )
    key_button = _KEY_BUTTON(one_line(row.key))
    cells = [_cell(column, cell, offset) for column, cell in columns_and_cells[1:]]
    return whole_row(_ROW_HEADING(key_button), *cells)


def _state_letters(cell: TableCell) -> list[str]:
    """The states that the filter finds a cell by: those of its items, or its own."""
    letters = [_ITEM_STATES[item.state][0] for item in cell.items]
    return letters or [_EMPTY_STATES[cell.state][0]]


def _cell(column: Column, cell: TableCell, offset: Offset) -> Html:
    """A cell; only values of the codebook's fields are buttons, since only they have evidence."""
    if not column.structured:
        texts = [one_line(item.shown) for item in cell.items]
        plain_cell = _NARROW_CELL if column.narrow else _CELL
        return plain_cell(joined(texts, _LINE_BREAK))
    if cell.items:
        values = [_value(item, offset) for item in cell.items]
        return _CELL(*values)
    mark = MARKS[cell.state]
    if not mark:
        return _CELL()
    _, words_for_state = _EMPTY_STATES[cell.state]
    empty = element("i", class_="o", title=words_for_state)
    return _CELL(empty(mark))


def _value(item: TableItem, offset: Offset) -> Html:
    """A value as a button that knows the places of its words, and those no longer there."""
    letter, words_for_state = _ITEM_STATES[item.state]
    places = []
    stale_quotes = []
    for span in item.evidence:
        if span.stale:
            stale_quotes.append(span.quote)
        else:
            places.append(f"{offset(span.start)}-{offset(span.end)}")
    stale = "; ".join(stale_quotes)
    button = element(
        "button",
        class_=letter,
        title=words_for_state,
        data_e=" ".join(places) or None,
        data_q=one_line(stale) if stale else None,
    )
    shown = one_line(item.shown)
    if not item.mark:
        return button(shown)
    return button(shown, " ", _MARK(item.mark))
