"""Tables as CSV (RFC 4180), with the mark of UTF-8 that Excel asks for and no cell that is a
formula.
"""

from __future__ import annotations

import csv
import io

from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Table
from litrev.text.spreadsheet import BOM, escape_formula


def render(table: Table, rendering: Rendering) -> str:
    """A row of headings and a row a paper; items of a cell are divided by line breaks. A grouped
    table has its groups in the first column.
    """
    return BOM + delimited(table, ",")


def delimited(table: Table, delimiter: str) -> str:
    """The rows of the table, divided so."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    group = [escape_formula(table.grouped_by)] if table.grouped_by else []
    writer.writerow([*group, *(escape_formula(column.title) for column in table.columns)])
    for row in table.rows:
        under = [escape_formula(row.group)] if table.grouped_by else []
        writer.writerow(
            [*under, *(escape_formula("\n".join(cell.lines(table.quotes))) for cell in row.cells)]
        )
    return buffer.getvalue()
