"""Tables as an Excel workbook: the synthesis, its evidence, the codebook and the bibliography, a
sheet each.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from litrev.library.render.rendering import Rendering, widths
from litrev.library.synthesis.model import Row, Table, TableItem
from litrev.text.display import visible

MOST_CHARACTERS = 32_767  # that a cell of Excel can hold
_PAGE = 150  # letters of width that a sheet takes where that is enough
_WIDEST_SHEET = 3 * _PAGE
_WIDEST = 110.0  # letters of a column of texts
_WIDEST_NARROW = 22.0  # letters of a column of words
_LINE = 15  # points
_TALLEST = 400  # points of a row
_CUT = " … (cut: a cell of Excel holds no more)"
_NOT_XML = re.compile("[\ufffe\uffff]")
# Fixed, because the same library must give the same bytes.
_CREATED = datetime(2000, 1, 1)
# XlsxWriter would make formulas, links and numbers of texts that look like them.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_HEADING_FORMAT = {
    "bold": True,
    "text_wrap": True,
    "valign": "top",
    "bottom": 1,
    "bg_color": "#E8E8E8",
}
_CELL_FORMAT = {"text_wrap": True, "valign": "top"}


class _Sheet(NamedTuple):
    """A sheet to be written.

    ``headings``, ``widths`` and each of ``rows`` have one item a column; widths are in letters.
    ``below`` is a line under the rows.
    """

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    below: str = ""


def render(table: Table, rendering: Rendering) -> bytes:
    """The workbook: texts are texts, never formulas or links.

    Headings stay in view, and every column can be filtered. A text longer than a cell can hold is
    cut and says so. The same table gives the same bytes.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    book.set_properties({"title": _text(table.title), "created": _CREATED})
    heading_format = book.add_format(_HEADING_FORMAT)
    cell_format = book.add_format(_CELL_FORMAT)
    for make_sheet in (_synthesis, _evidence, _codebook, _bibliography):
        sheet = make_sheet(table)
        worksheet = book.add_worksheet(sheet.name)
        _write(worksheet, sheet, heading_format, cell_format)
    book.close()
    return buffer.getvalue()


def _synthesis(table: Table) -> _Sheet:
    """The table itself; the groups of a grouped one are in the first column."""
    headings = [column.title for column in table.columns]
    rows = []
    for row in table.rows:
        cells = ["\n".join(cell.lines(table.quotes)) for cell in row.cells]
        rows.append(cells)
    shares = widths(table)
    narrow = [column.narrow for column in table.columns]
    if table.grouped_by:
        headings.insert(0, table.grouped_by)
        for cells, row in zip(rows, table.rows, strict=True):
            cells.insert(0, row.group)
        shares.insert(0, 0.1)
        narrow.insert(0, True)
    return _Sheet(
        name="Synthesis",
        headings=headings,
        rows=rows,
        widths=_letters(rows, shares, narrow),
        below=table.legend,
    )


def _evidence(table: Table) -> _Sheet:
    """A row for each span that a value rests on."""
    # A paper is in several groups where it has several values; its evidence is written once.
    papers: Sequence[Row] = table.rows
    if table.grouped_by:
        by_id = {row.record_id: row for row in table.rows}
        papers = list(by_id.values())
    spans: list[list[str]] = []
    for row in papers:
        for column, cell in zip(table.columns, row.cells, strict=True):
            for item in cell.items:
                spans += _spans(row.key, column.title, item)
    return _Sheet(
        name="Evidence",
        headings=["Key", "Field", "Value", "Quote", "Place in the abstract", "Remark"],
        rows=spans,
        widths=[16, 18, 40, 70, 12, 14],
    )


def _spans(key: str, field: str, item: TableItem) -> Iterator[list[str]]:
    """The rows of the evidence of one value."""
    for span in item.evidence:
        yield [
            key,
            field,
            item.line,
            span.quote,
            f"{span.start}–{span.end}",
            "the abstract has changed" if span.stale else "",
        ]


def _codebook(table: Table) -> _Sheet:
    rows = [
        [field.name, field.heading, field.kind, field.definition] for field in table.definitions
    ]
    return _Sheet(
        name="Codebook",
        headings=["Field", "Heading", "Kind", "Definition"],
        rows=rows,
        widths=[20, 22, 12, 90],
    )


def _bibliography(table: Table) -> _Sheet:
    rows = [[ref.key, ref.text, ref.entry_type, ref.year, ref.doi] for ref in table.references]
    return _Sheet(
        name="Bibliography",
        headings=["Key", "Reference", "Type", "Year", "DOI"],
        rows=rows,
        widths=[16, 90, 16, 8, 30],
    )


def _letters(
    rows: Sequence[Sequence[str]], shares: Sequence[float], narrow: Sequence[bool]
) -> list[float]:
    """How wide each column is, in letters: wider where a row would be taller than Excel shows."""
    total = sum(shares)
    room = max(_PAGE, 14 * len(shares))
    while True:
        letters = []
        for share, is_narrow in zip(shares, narrow, strict=True):
            widest = _WIDEST_NARROW if is_narrow else _WIDEST
            asked = room * share / total
            letters.append(max(8.0, min(widest, asked)))
        if room >= _WIDEST_SHEET or all(_is_shown_whole(row, letters) for row in rows):
            return letters
        room += _PAGE // 2


def _is_shown_whole(row: Sequence[str], letters: Sequence[float]) -> bool:
    return _lines(row, letters) * _LINE <= _TALLEST


def _write(worksheet: Any, sheet: _Sheet, heading_format: Any, cell_format: Any) -> None:
    """Write a sheet, set up for printing on pages as wide as it is."""
    worksheet.freeze_panes(1, 1)
    worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(0)
    for column, width in enumerate(sheet.widths):
        worksheet.set_column(column, column, width)
    for column, heading in enumerate(sheet.headings):
        worksheet.write_string(0, column, _text(heading), heading_format)
    for number, row in enumerate(sheet.rows, 1):
        height = _LINE * _lines(row, sheet.widths)
        worksheet.set_row(number, min(_TALLEST, height))
        for column, text in enumerate(row):
            worksheet.write_string(number, column, _text(text), cell_format)
    last_row = len(sheet.rows)
    last_column = len(sheet.headings) - 1
    if sheet.rows:
        worksheet.autofilter(0, 0, last_row, last_column)
    if sheet.below:
        worksheet.write_string(last_row + 2, 0, _text(sheet.below))


def _lines(row: Sequence[str], letters: Sequence[float]) -> int:
    """The lines of the tallest cell of a row."""
    heights = []
    for text, width in zip(row, letters, strict=True):
        lines = [1 + int(_width(line) / width) for line in text.split("\n")]
        heights.append(sum(lines))
    return max(heights, default=1)


def _width(line: str) -> int:
    """The width in letters; a Chinese character is as wide as two."""
    if line.isascii():
        return len(line)
    return sum(2 if "\u2e80" <= char <= "\uffdc" else 1 for char in line)


def _text(text: str) -> str:
    """A text as Excel can hold it: no control characters but line ends, and cut where too long."""
    lines = "\n".join(map(visible, text.split("\n")))
    # What Excel would read as one character, as _x0041_, XlsxWriter escapes itself.
    shown = _NOT_XML.sub("\ufffd", lines)
    if len(shown) <= MOST_CHARACTERS:
        return shown
    return shown[: MOST_CHARACTERS - len(_CUT)] + _CUT
