"""Tables as an Excel workbook: the synthesis, its evidence, the codebook and the bibliography, a
sheet each.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from litrev.library.render.rendering import Rendering, widths
from litrev.library.synthesis.model import Table
from litrev.text.display import visible

MOST_CHARACTERS = 32_767  # that a cell of Excel can hold
_PAGE = 150  # letters of width that a sheet takes where that is enough
_WIDEST, _WIDEST_NARROW = 110.0, 22.0  # letters: a column of texts, and one of words
_LINE, _TALLEST = 15, 400  # points
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
    """A sheet to be written, with the width of each column in letters."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    below: str = ""


def render(table: Table, rendering: Rendering) -> bytes:
    """The workbook: texts are texts, never formulas or links.

    Headings stay in view, and every column can be filtered.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    book.set_properties({"title": _text(table.title), "created": _CREATED})
    heading_format = book.add_format(_HEADING_FORMAT)
    cell_format = book.add_format(_CELL_FORMAT)
    for sheet in (_synthesis(table), _evidence(table), _codebook(table), _bibliography(table)):
        _write(book.add_worksheet(sheet.name), sheet, heading_format, cell_format)
    book.close()
    return buffer.getvalue()


def _synthesis(table: Table) -> _Sheet:
    headings = [column.title for column in table.columns]
    rows = [["\n".join(cell.lines(table.quotes)) for cell in row.cells] for row in table.rows]
    shares = widths(table)
    narrow = [column.narrow for column in table.columns]
    if table.grouped_by:
        headings.insert(0, table.grouped_by)
        for cells, row in zip(rows, table.rows, strict=True):
            cells.insert(0, row.group)
        shares.insert(0, 0.1)
        narrow.insert(0, True)
    return _Sheet("Synthesis", headings, rows, _letters(rows, shares, narrow), table.legend)


def _evidence(table: Table) -> _Sheet:
    """A row for each span that a value rests on."""
    # A paper is in several groups where it has several values; its evidence is written once.
    rows_once = {
        (row.record_id if table.grouped_by else number): row
        for number, row in enumerate(table.rows)
    }
    spans = []
    for row in rows_once.values():
        for column, cell in zip(table.columns, row.cells, strict=True):
            for item in cell.items:
                for span in item.evidence:
                    remark = "the abstract has changed" if span.stale else ""
                    place = f"{span.start}–{span.end}"
                    spans.append([row.key, column.title, item.line, span.quote, place, remark])
    headings = ["Key", "Field", "Value", "Quote", "Place in the abstract", "Remark"]
    return _Sheet("Evidence", headings, spans, [16, 18, 40, 70, 12, 14])


def _codebook(table: Table) -> _Sheet:
    rows = [
        [field.name, field.heading, field.kind, field.definition] for field in table.definitions
    ]
    return _Sheet("Codebook", ["Field", "Heading", "Kind", "Definition"], rows, [20, 22, 12, 90])


def _bibliography(table: Table) -> _Sheet:
    rows = [[ref.key, ref.text, ref.entry_type, ref.year, ref.doi] for ref in table.references]
    headings = ["Key", "Reference", "Type", "Year", "DOI"]
    return _Sheet("Bibliography", headings, rows, [16, 90, 16, 8, 30])


def _letters(
    rows: Sequence[Sequence[str]], shares: Sequence[float], narrow: Sequence[bool]
) -> list[float]:
    """How wide each column is, in letters: wider where a row would be taller than Excel shows."""
    room = max(_PAGE, 14 * len(shares))
    while True:
        letters = []
        for share, is_narrow in zip(shares, narrow, strict=True):
            widest = _WIDEST_NARROW if is_narrow else _WIDEST
            letters.append(max(8.0, min(widest, room * share / sum(shares))))
        if room >= 3 * _PAGE or all(_lines(row, letters) * _LINE <= _TALLEST for row in rows):
            return letters
        room += _PAGE // 2


def _write(worksheet: Any, sheet: _Sheet, heading_format: Any, cell_format: Any) -> None:
    worksheet.freeze_panes(1, 1)
    worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(0)
    for column, width in enumerate(sheet.widths):
        worksheet.set_column(column, column, width)
    for column, heading in enumerate(sheet.headings):
        worksheet.write_string(0, column, _text(heading), heading_format)
    for number, row in enumerate(sheet.rows, 1):
        worksheet.set_row(number, min(_TALLEST, _LINE * _lines(row, sheet.widths)))
        for column, text in enumerate(row):
            worksheet.write_string(number, column, _text(text), cell_format)
    if sheet.rows:
        worksheet.autofilter(0, 0, len(sheet.rows), len(sheet.headings) - 1)
    if sheet.below:
        worksheet.write_string(len(sheet.rows) + 2, 0, _text(sheet.below))


def _lines(row: Sequence[str], letters: Sequence[float]) -> int:
    """The lines of the tallest cell of a row."""
    heights = []
    for text, width in zip(row, letters, strict=True):
        heights.append(sum(1 + int(_width(line) / width) for line in text.split("\n")))
    return max(heights, default=1)


def _width(line: str) -> int:
    """The width in letters; a Chinese character is as wide as two."""
    if line.isascii():
        return len(line)
    return sum(2 if "\u2e80" <= char <= "\uffdc" else 1 for char in line)


def _text(text: str) -> str:
    # What Excel would read as one character, as _x0041_, XlsxWriter escapes itself.
    shown = _NOT_XML.sub("\ufffd", "\n".join(map(visible, text.split("\n"))))
    if len(shown) <= MOST_CHARACTERS:
        return shown
    return shown[: MOST_CHARACTERS - len(_CUT)] + _CUT
