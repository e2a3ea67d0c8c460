"""Tables as an Excel workbook: the synthesis, its evidence, the codebook and the bibliography, a
sheet each.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litrev.library.render.rendering import Rendering, widths
from litrev.library.synthesis.model import Table
from litrev.text.display import visible

MOST = 32_767  # characters a cell of Excel can hold
_PAGE = 150  # letters of width that a sheet takes where that is enough
_WIDEST, _NARROW = 110.0, 22.0  # letters that a column of texts may take, and one of words
_LINE, _TALLEST = 15, 400  # points
_CUT = " … (cut: a cell of Excel holds no more)"
_NOT_XML = re.compile("[\ufffe\uffff]")
_BEFORE_ALL_TIME = datetime(2000, 1, 1)  # the same library gives the same bytes


def render(table: Table, rendering: Rendering) -> bytes:
    """The workbook: texts are texts, never formulas or links; headings stay in view, every column
    can be filtered.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": _text(table.title), "created": _BEFORE_ALL_TIME})
    styles = {
        "head": book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8E8E8"}
        ),
        "cell": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    group = [table.grouped_by] if table.grouped_by else []
    rows = [
        [
            *([row.group] if group else []),
            *("\n".join(cell.lines(table.quotes)) for cell in row.cells),
        ]
        for row in table.rows
    ]
    shares = [*([0.1] if group else []), *widths(table)]
    wide = _wide(
        rows, shares, [*([True] if group else []), *(column.narrow for column in table.columns)]
    )
    below = [[], [table.legend]] if table.legend else []
    _sheet(
        book,
        styles,
        "Synthesis",
        [*group, *(column.title for column in table.columns)],
        rows,
        wide,
        below,
    )
    _sheet(
        book,
        styles,
        "Evidence",
        ["Key", "Field", "Value", "Quote", "Place in the abstract", "Remark"],
        _evidence(table),
        [16, 18, 40, 70, 12, 14],
    )
    defined = [[one.name, one.heading, one.kind, one.definition] for one in table.definitions]
    _sheet(
        book,
        styles,
        "Codebook",
        ["Field", "Heading", "Kind", "Definition"],
        defined,
        [20, 22, 12, 90],
    )
    listed = [[one.key, one.text, one.entry_type, one.year, one.doi] for one in table.references]
    _sheet(
        book,
        styles,
        "Bibliography",
        ["Key", "Reference", "Type", "Year", "DOI"],
        listed,
        [16, 90, 16, 8, 30],
    )
    book.close()
    return buffer.getvalue()


def _wide(
    rows: Sequence[Sequence[str]], shares: Sequence[float], narrow: Sequence[bool]
) -> list[float]:
    """How wide each column is, in letters: wider where else a row would be taller than Excel shows."""
    room = max(_PAGE, 14 * len(shares))
    while True:
        wide = [
            max(8.0, min(_NARROW if few else _WIDEST, room * share / sum(shares)))
            for share, few in zip(shares, narrow, strict=True)
        ]
        if room >= 3 * _PAGE or all(_lines(row, wide) * _LINE <= _TALLEST for row in rows):
            return wide
        room += _PAGE // 2


def _evidence(table: Table) -> list[list[str]]:
    """A row for each span a value rests on; a paper counts once under however many groups it
    stands.
    """
    once = {(row.record_id if table.grouped_by else n): row for n, row in enumerate(table.rows)}
    return [
        [
            row.key,
            column.title,
            item.line,
            span.quote,
            f"{span.start}–{span.end}",
            "the abstract has changed" if span.stale else "",
        ]
        for row in once.values()
        for column, cell in zip(table.columns, row.cells, strict=True)
        for item in cell.items
        for span in item.evidence
    ]


def _sheet(
    book: Any,
    styles: dict[str, Any],
    name: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    wide: Sequence[float],
    below: Sequence[Sequence[str]] = (),
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for n, width in enumerate(wide):
        sheet.set_column(n, n, width)
    for n, text in enumerate(head):
        sheet.write_string(0, n, _text(text), styles["head"])
    for number, row in enumerate(rows, 1):
        sheet.set_row(number, min(_TALLEST, _LINE * _lines(row, wide)))
        for n, text in enumerate(row):
            sheet.write_string(number, n, _text(text), styles["cell"])
    if rows:
        sheet.autofilter(0, 0, len(rows), len(head) - 1)
    for number, row in enumerate(below, len(rows) + 1):
        for n, text in enumerate(row):
            sheet.write_string(number, n, _text(text))


def _lines(row: Sequence[str], wide: Sequence[float]) -> int:
    """The lines of the tallest cell of a row; a Chinese character is as wide as two letters."""
    return max(
        (
            sum(1 + int(_width(line) / width) for line in text.split("\n"))
            for text, width in zip(row, wide, strict=True)
        ),
        default=1,
    )


def _width(line: str) -> int:
    return (
        len(line)
        if line.isascii()
        else sum(2 if "\u2e80" <= char <= "\uffdc" else 1 for char in line)
    )


def _text(text: str) -> str:
    shown = _NOT_XML.sub(
        "\ufffd", "\n".join(map(visible, text.split("\n")))
    )  # XlsxWriter escapes what Excel would read as _x0041_
    return shown if len(shown) <= MOST else shown[: MOST - len(_CUT)] + _CUT
