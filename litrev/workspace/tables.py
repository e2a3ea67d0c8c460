"""Summaries, synthesis tables, matrices, comparisons and drafts of records and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.errors import UsageFault
from litrev.library.model.encoding import decode
from litrev.library.storage.atomic_files import read_whole
from litrev.library.synthesis import model, table
from litrev.text.suggestions import did_you_mean
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session

if TYPE_CHECKING:
    from litrev.library.model.record import Cell, ItemState
    from litrev.library.synthesis.model import Table
    from litrev.library.synthesis.summary import Summary

VIEWS = ("synthesis", "chapters", "evidence", "gaps")


class Tables:
    """The tables of one library."""

    def __init__(self, session: Session, selecting: Selecting) -> None:
        self._library = session.library
        self._selecting = selecting

    def summary(self, query: str = "") -> Summary:
        """Counts over the records that ``query`` means; raises as :meth:`Selecting.select`."""
        from litrev.library.synthesis.summary import summarise

        ids = self._selecting.select(query)
        records = self._library.records(ids)
        cells = self._library.cells(ids)
        return summarise(records, cells, self._library.codebook())

    def table(
        self,
        query: str = "",
        columns: Sequence[str] | None = None,
        title: str = "",
        sort: str | None = None,
        *,
        view: str = "synthesis",
        group_by: str | None = None,
        states: Sequence[ItemState] = (),
        quotes: bool = False,
        transposed: bool = False,
    ) -> Table:
        """The synthesis table of the records that ``query`` means, or another of the ``VIEWS``.

        ``group_by`` puts the papers under the values of a column. ``states`` leaves out items in
        other states. ``quotes`` asks the renderer to show the words that each item rests on.
        Raises UsageFault for an unknown column or view, and for options that a view cannot follow.
        """
        _check_view(view)
        codebook = self._library.codebook()
        default_columns = codebook.names if view == "evidence" else table.DEFAULT_COLUMNS
        chosen = table.columns(columns or default_columns, codebook)
        _check_view_options(view, columns, group_by)
        records = self._selecting.records(query, sort)
        cells = self._selecting.cells_of(records)
        match view:
            case "chapters":
                result = table.chapters(title, records, cells, codebook)
            case "evidence":
                result = table.evidence(title, chosen, records, cells, codebook)
            case "gaps":
                result = table.gaps(title, records, cells, codebook)
            case _:
                result = table.build(title, chosen, records, cells, codebook)
        if group_by:
            result = table.grouped(result, records, cells, group_by, codebook)
        return replace(_finished(result, states, transposed), quotes=quotes)

    def matrix(
        self,
        query: str = "",
        by: str = "methods",
        *,
        concepts: Path | None = None,
        unit: str | None = None,
        title: str = "",
        sort: str | None = None,
        states: Sequence[ItemState] = (),
        transposed: bool = False,
    ) -> Table:
        """The concept matrix: papers by the values of a column, or by the concepts in a file.

        Raises UsageFault for an unknown column, or, with file and line, for a file that is not a
        list of concepts.
        """
        from litrev.library.synthesis import matrix

        codebook = self._library.codebook()
        by_column = table.column(by, codebook)
        unit_column = table.column(unit, codebook) if unit else None
        concept_list = None
        if concepts:
            text = decode(read_whole(concepts), str(concepts)).text
            concept_list = matrix.read_concepts(text, str(concepts))
        records = self._selecting.records(query, sort)
        # Items in other states are left out before they are counted, not in the finished table.
        cells = _only(self._selecting.cells_of(records), states)
        result = matrix.concept_matrix(
            title, by_column, records, cells, codebook, concept_list, unit_column
        )
        return model.transpose(result) if transposed else result

    def cross(
        self,
        one: str,
        other: str,
        query: str = "",
        *,
        title: str = "",
        states: Sequence[ItemState] = (),
        transposed: bool = False,
    ) -> Table:
        """An evidence map: the values of one column counted against those of another.

        The values of ``one`` are rows, or with ``transposed`` columns. Items in other states than
        ``states`` are not counted. Raises UsageFault for an unknown column.
        """
        from litrev.library.synthesis import matrix

        codebook = self._library.codebook()
        if transposed:
            one, other = other, one
        down = table.column(one, codebook)
        across = table.column(other, codebook)
        records = self._selecting.records(query)
        cells = _only(self._selecting.cells_of(records), states)
        return matrix.cross(title, down, across, records, cells, codebook)

    def compare(
        self,
        pointers: Sequence[str],
        *,
        title: str = "",
        states: Sequence[ItemState] = (),
        transposed: bool = False,
    ) -> Table:
        """Papers side by side, a column for each and a row for each field, with their agreement.

        Raises UsageFault for fewer than two papers.
        """
        from litrev.library.synthesis import comparing

        ids = self._selecting.ids_of(pointers)
        if len(ids) < 2:
            raise UsageFault("one paper cannot be compared", "Name two or more.")
        records = self._library.records(ids)
        cells = self._selecting.cells_of(records)
        codebook = self._library.codebook()
        result = comparing.compare(title, records, cells, codebook)
        return _finished(result, states, transposed)

    def draft(
        self,
        query: str = "",
        by: str = "methods",
        format: str = "markdown",
        *,
        title: str = "",
        states: Sequence[ItemState] = (),
    ) -> str:
        """An outline of the review as markdown or latex, each statement with citation and quote.

        Raises UsageFault for an unknown column or format.
        """
        from litrev.library.render import outlining
        from litrev.library.synthesis import drafting

        codebook = self._library.codebook()
        records = self._selecting.records(query)
        cells = self._selecting.cells_of(records)
        column = table.column(by, codebook)
        outline = drafting.outline(title, column, records, cells, codebook, states)
        return outlining.render(outline, format)

    def render(
        self, table: Table, format: str, standalone: bool, cite: str, max_chars: int | None
    ) -> str | bytes:
        """A table in a format, with items cut to ``max_chars`` characters if that is given.

        Raises UsageFault for an unknown format.
        """
        from litrev.library.render import registry
        from litrev.library.render.rendering import Rendering

        render = registry.renderer(format)
        if max_chars:
            table = model.shorten(table, max_chars)
        return render(table, Rendering(standalone, cite))


def _check_view(view: str) -> None:
    if view not in VIEWS:
        raise UsageFault(
            f"there is no view {view}",
            did_you_mean(view, VIEWS) or f"There are: {', '.join(VIEWS)}.",
        )


def _check_view_options(view: str, columns: Sequence[str] | None, group_by: str | None) -> None:
    """Raise UsageFault for options that a view cannot follow."""
    if view in {"chapters", "gaps"} and columns:
        raise UsageFault(
            f"the view {view} has columns of its own", "Leave --columns out, or --view."
        )
    if group_by and view == "evidence":
        raise UsageFault(
            "the view evidence cannot be grouped", "Group the synthesis table, with --quotes."
        )


def _finished(result: Table, states: Sequence[ItemState], transposed: bool) -> Table:
    """A table with only the items in ``states`` (all where none is named), transposed if asked."""
    if states:
        result = model.with_states(result, states)
    return model.transpose(result) if transposed else result


def _only(
    cells: dict[str, dict[str, Cell]], states: Sequence[ItemState]
) -> dict[str, dict[str, Cell]]:
    """Cells with only the items in ``states``; all items where none is named."""
    if not states:
        return cells

    def filtered(cell: Cell) -> Cell:
        items = [item for item in cell.items if item.state in states]
        return cell._replace(items=tuple(items))

    filtered_cells = {}
    for record_id, record_cells in cells.items():
        by_name = {name: filtered(cell) for name, cell in record_cells.items()}
        filtered_cells[record_id] = by_name
    return filtered_cells
