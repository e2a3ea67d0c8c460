"""Tables as CSV (RFC 4180), with the mark of UTF-8 that Excel asks for and no cell that is a formula."""

from __future__ import annotations

import csv
import io

from litrev.library.synthesis.table import Table

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(table: Table) -> str:
    """A row of headings and a row a paper; items of a cell are divided by line breaks."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([neutral(column.heading) for column in table.columns])
    for row in table.rows:
        writer.writerow([neutral("\n".join(cell.lines())) for cell in row.cells])
    return BOM + buffer.getvalue()


def neutral(text: str) -> str:
    """``text``, with an apostrophe before what a spreadsheet would run as a formula; no NUL."""
    text = text.replace("\x00", "\u2400")
    return "'" + text if text.startswith(_FORMULA) else text
