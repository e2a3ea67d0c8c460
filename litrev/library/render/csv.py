"""Tables as CSV (RFC 4180), with the byte order mark that Excel needs and no formulas."""

from __future__ import annotations

import csv
import io

from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Table
from litrev.text.spreadsheet import BOM, escape_formula


def render(table: Table, rendering: Rendering) -> str:
    """A row of headings, then a row for each paper.

    The items of a cell are divided by line breaks. A grouped table has its groups in the first
    column.
    """
    return BOM + delimited(table, ",")


def delimited(table: Table, delimiter: str) -> str:
    """The rows of the table, their cells divided by ``delimiter``; no byte order mark.

    Rows end with CR LF, as RFC 4180 has it. A cell that a spreadsheet would run as a formula gets
    an apostrophe before it; :func:`litrev.text.spreadsheet.unescape_formula` takes it away again.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    headings = [column.title for column in table.columns]
    if table.grouped_by:
        headings.insert(0, table.grouped_by)
    writer.writerow(map(escape_formula, headings))
    for row in table.rows:
        cells = ["\n".join(cell.lines(table.quotes)) for cell in row.cells]
        if table.grouped_by:
            cells.insert(0, row.group)
        writer.writerow(map(escape_formula, cells))
    return buffer.getvalue()
