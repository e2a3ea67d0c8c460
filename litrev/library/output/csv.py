"""Tables as CSV (RFC 4180), with the mark of UTF-8 that Excel asks for and no cell that is a formula."""

from __future__ import annotations

import csv
import io

from litrev.library.spreadsheets import BOM, neutral
from litrev.library.synthesis.table import Table


def render(table: Table) -> str:
    """A row of headings and a row a paper; items of a cell are divided by line breaks."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([neutral(column.heading) for column in table.columns])
    for row in table.rows:
        writer.writerow([neutral("\n".join(cell.lines())) for cell in row.cells])
    return BOM + buffer.getvalue()
