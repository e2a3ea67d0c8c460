"""What a table shows: marks and their legend, and tables cut, filtered and turned."""

from __future__ import annotations

import pytest

from litrev.library.model.record import CellState, Evidence, ItemState
from litrev.library.synthesis.model import (
    Column,
    Row,
    Table,
    TableCell,
    TableItem,
    shorten,
    text_cell,
    titled,
    transpose,
    with_states,
)

PROPOSED = TableItem("a  b", ItemState.PROPOSED, evidence=(Evidence(0, 1, "q\nr"),) * 2)
DISPUTED = TableItem("long text", ItemState.DISPUTED, label="label")
DECIDED = TableItem("c")


def table(*cells: TableCell) -> Table:
    columns = (Column("key", "Key"), Column("site", "Site", structured=True, over="Field"))
    rows = [Row(f"id{n}", f"k{n}", (text_cell(f"k{n}"), cell)) for n, cell in enumerate(cells)]
    return Table("T", columns, tuple(rows))


@pytest.mark.parametrize(
    ("cell", "text", "legend"),
    [
        (TableCell(CellState.NEVER), "", ""),
        (TableCell(CellState.SEARCHED), "·", "· searched, nothing found"),
        (TableCell(CellState.PROPOSED), "?", "? proposed, not yet decided"),
        (TableCell(CellState.DECIDED), "✓", "✓ decided, not shown here"),
        (TableCell(CellState.NOT_REPORTED), "—", "— not reported"),
        (TableCell(CellState.DECIDED, (DECIDED,)), "c", ""),
        (
            TableCell(CellState.PROPOSED, (PROPOSED, DISPUTED, DECIDED)),
            "a b ?; label ≠; c",
            "? proposed, not yet decided; ≠ reviewers differ",
        ),
    ],
)
def test_a_cell_shows_its_items_or_else_its_state_and_the_legend_says_what_that_means(
    cell: TableCell, text: str, legend: str
) -> None:
    assert cell.text() == text
    assert table(cell).legend == legend


def test_quotes_are_below_their_item_and_each_is_there_once() -> None:
    cell = TableCell(CellState.PROPOSED, (PROPOSED, DECIDED))
    assert cell.lines(quotes=True) == ["a b ?", "“q r”", "c"]
    assert cell.text(marks=False) == "a b; c"


def test_a_cell_that_loses_all_of_its_items_shows_its_state() -> None:
    made = table(
        TableCell(CellState.PROPOSED, (PROPOSED, DECIDED)), TableCell(CellState.DECIDED, (DECIDED,))
    )
    kept = with_states(made, [ItemState.PROPOSED])
    assert [row["site"] for row in kept.to_dicts()] == ["a b ?", "✓"]
    assert [row["key"] for row in kept.to_dicts()] == ["k0", "k1"], "metadata have no states"


@pytest.mark.parametrize(
    ("limit", "text"), [(9, "long text"), (8, "long te…"), (6, "long…"), (1, "…")]
)
def test_long_texts_are_cut_to_the_limit(limit: int, text: str) -> None:
    made = shorten(table(text_cell("long text")), limit)
    assert made.rows[0].cells[1].text() == text


def test_labels_are_cut_like_texts() -> None:
    item = shorten(table(TableCell(CellState.PROPOSED, (DISPUTED,))), 3).rows[0].cells[1].items[0]
    assert (item.text, item.label) == ("lo…", "la…")


def test_a_transposed_table_has_the_keys_as_headings_and_drops_their_row() -> None:
    made = table(text_cell("x"), text_cell("y"))
    turned = transpose(made)
    assert [column.heading for column in turned.columns] == ["Field", "k0", "k1"]
    assert [column.name for column in turned.columns] == ["field", "id0", "id1"]
    assert [[cell.text() for cell in row.cells] for row in turned.rows] == [
        ["Field: Site", "x", "y"]
    ]
    assert turned.to_dicts() == [{"field": "Field: Site", "k0": "x", "k1": "y"}]


def test_titles_come_after_the_first_column() -> None:
    made = titled(table(text_cell("x")), ["A title"])
    assert [column.name for column in made.columns] == ["key", "label", "site"]
    assert made.to_dicts() == [{"key": "k0", "label": "A title", "site": "x"}]
