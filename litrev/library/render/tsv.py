"""Tables with tabs between cells, quoted like CSV; no byte order mark, no formulas."""

from __future__ import annotations

from litrev.library.render.csv import delimited
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Table


def render(table: Table, rendering: Rendering) -> str:
    """A row of headings, then a row for each paper.

    The items of a cell are divided by line breaks; the cell is then in quotation marks. A grouped
    table has its groups in the first column.
    """
    return delimited(table, "\t")
