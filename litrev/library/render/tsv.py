"""Tables with tabs between the cells, quoted like CSV where a cell asks for it; no mark of UTF-8,
no cell that is a formula.
"""

from __future__ import annotations

from litrev.library.render.csv import delimited
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Table


def render(table: Table, rendering: Rendering) -> str:
    """A row of headings and a row a paper; items of a cell are divided by line breaks."""
    return delimited(table, "\t")
