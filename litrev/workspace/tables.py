"""Summaries, synthesis tables, matrices, comparisons and drafts, made of records and their cells."""

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
        self._library, self._selecting = session.library, selecting

    def summary(self, query: str = "") -> Summary:
        """Counts over the records ``query`` means."""
        from litrev.library.synthesis.summary import summarise

        ids = self._selecting.select(query)
        return summarise(
            self._library.records(ids), self._library.cells(ids), self._library.codebook()
        )

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
        """The synthesis table of the records ``query`` means, or another view of them.

        ``group_by`` puts the papers under the values of a column, ``states`` leaves items of other
        states out, ``quotes`` says that a renderer is to show the words each item rests on.
        Raises UsageFault for an unknown column or view.
        """
        if view not in VIEWS:
            raise UsageFault(
                f"there is no view {view}",
                did_you_mean(view, VIEWS) or f"There are: {', '.join(VIEWS)}.",
            )
        codebook = self._library.codebook()
        default = codebook.names if view == "evidence" else table.DEFAULT_COLUMNS
        chosen = table.columns(columns or default, codebook)
        if view in {"chapters", "gaps"} and columns:
            raise UsageFault(
                f"the view {view} has columns of its own", "Leave --columns out, or --view."
            )
        if group_by and view == "evidence":
            raise UsageFault(
                "the view evidence cannot be grouped", "Group the synthesis table, with --quotes."
            )
        records = self._selecting.records(query, sort)
        cells = self._selecting.cells_of(records)
        match view:
            case "chapters":
                made = table.chapters(title, records, cells, codebook)
            case "evidence":
                made = table.evidence(title, chosen, records, cells, codebook)
            case "gaps":
                made = table.gaps(title, records, cells, codebook)
            case _:
                made = table.build(title, chosen, records, cells, codebook)
        if group_by:
            made = table.grouped(made, records, cells, group_by, codebook)
        made = model.only(made, states) if states else made
        return replace(model.transpose(made) if transposed else made, quotes=quotes)

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
        """The concept matrix: papers by the values of a column, or by the concepts of a file.

        Raises UsageFault for an unknown column, or with file and line for what is no list of
        concepts.
        """
        from litrev.library.synthesis import matrix

        codebook = self._library.codebook()
        down, below = table.column(by, codebook), table.column(unit, codebook) if unit else None
        named = (
            matrix.read_concepts(decode(read_whole(concepts), str(concepts)).text, str(concepts))
            if concepts
            else None
        )
        records = self._selecting.records(query, sort)
        cells = _only(self._selecting.cells_of(records), states)
        made = matrix.concept_matrix(title, down, records, cells, codebook, named, below)
        return model.transpose(made) if transposed else made

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
        """One column counted against another: an evidence map. Raises UsageFault for an unknown
        column.
        """
        from litrev.library.synthesis import matrix

        codebook = self._library.codebook()
        down, across = (
            table.column(other if transposed else one, codebook),
            table.column(one if transposed else other, codebook),
        )
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
        """Papers side by side, field by field, with what they agree on; chapters on one topic in
        one row.
        """
        from litrev.library.synthesis import comparing

        ids = self._selecting.ids_of(pointers)
        if len(ids) < 2:
            raise UsageFault("one paper cannot be compared", "Name two or more.")
        records = self._library.records(ids)
        made = comparing.compare(
            title, records, self._selecting.cells_of(records), self._library.codebook()
        )
        made = model.only(made, states) if states else made
        return model.transpose(made) if transposed else made

    def draft(
        self,
        query: str = "",
        by: str = "methods",
        format: str = "markdown",
        *,
        title: str = "",
        states: Sequence[ItemState] = (),
    ) -> str:
        """An outline of the review made of what the cells say, each statement with its citation and
        quote.
        """
        from litrev.library.render import outlining
        from litrev.library.synthesis import drafting

        codebook = self._library.codebook()
        records = self._selecting.records(query)
        made = drafting.outline(
            title,
            table.column(by, codebook),
            records,
            self._selecting.cells_of(records),
            codebook,
            states,
        )
        return outlining.render(made, format)

    def render(
        self, made: Table, format: str, standalone: bool, cite: str, max_chars: int | None
    ) -> str | bytes:
        """A table in a format; raises UsageFault for one that is not there."""
        from litrev.library.render import registry
        from litrev.library.render.rendering import Rendering

        render = registry.renderer(format)
        return render(
            model.shorten(made, max_chars) if max_chars else made, Rendering(standalone, cite)
        )


def _only(
    cells: dict[str, dict[str, Cell]], states: Sequence[ItemState]
) -> dict[str, dict[str, Cell]]:
    """Cells without the items in other states; all of them where none is named."""
    if not states:
        return cells

    def kept(cell: Cell) -> Cell:
        return cell._replace(items=tuple(item for item in cell.items if item.state in states))

    return {
        record: {name: kept(cell) for name, cell in held.items()} for record, held in cells.items()
    }
