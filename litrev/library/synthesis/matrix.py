"""Papers by concepts, and one field counted against another, so that gaps can be seen.

The concept matrix is that of Webster and Watson, "Analyzing the Past to Prepare for the Future:
Writing a Literature Review", MIS Quarterly 26(2), 2002: a row for each paper, a column for each
concept, and, where it helps, sub-columns for the unit of analysis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, product
from typing import NamedTuple

from litrev.errors import UsageFault
from litrev.library.model.codebook import Codebook
from litrev.library.model.record import ItemState, Record
from litrev.library.synthesis.model import (
    EMPTY,
    Column,
    Row,
    Table,
    TableCell,
    TableItem,
    one_line,
    text_cell,
)
from litrev.library.synthesis.summary import counted, distinct_texts
from litrev.library.synthesis.table import (
    KEY_COLUMN,
    Cells,
    cells_by_column,
    column_cells,
    count_filled,
    described,
    name_of_no_value,
    ranked,
    values_by_paper,
)

COVERED, OTHER, TOTAL = "✓", "other", "Total"
_MOST_YEARS = 60  # from first to last; a longer span shows only the years that have papers
_SUREST_FIRST = (ItemState.DECIDED, ItemState.PROPOSED, ItemState.DISPUTED)


class Concept(NamedTuple):
    """A concept of a matrix, and the values that mean it, case-folded."""

    name: str
    words: frozenset[str]


def read_concepts(text: str, source: str) -> list[Concept]:
    """The concepts of a file, in the order in which they become columns.

    A line has one concept and, after a colon, its other names: ``trust: confidence, reliance``. A
    comment starts with "#".

    Raises UsageFault, with the file and the line, for a name that is there twice, for other names
    without a concept, and for a file without concepts.
    """
    concepts: list[Concept] = []
    line_of: dict[str, int] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        name, _, others = line.partition("#")[0].partition(":")
        words = [one_line(word) for word in (name, *others.split(",")) if word.strip()]
        if not words:
            continue
        if not name.strip():
            raise UsageFault(
                f"{source}:{number}: other names without a concept",
                "Write the concept before the colon.",
            )
        for word in words:
            # A name may be repeated on the line of its concept, as "Trust: trust".
            known_line = line_of.setdefault(word.casefold(), number)
            if known_line != number:
                raise UsageFault(
                    f"{source}:{number}: {word!r} stands in line {known_line} too",
                    "A value belongs to one concept.",
                )
        concepts.append(Concept(words[0], frozenset(map(str.casefold, words))))
    if not concepts:
        raise UsageFault(f"{source}: no concepts", "Write one a line, other names after a colon.")
    return concepts


def concept_matrix(
    title: str,
    by: Column,
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
    concepts: Sequence[Concept] | None = None,
    unit: Column | None = None,
) -> Table:
    """Papers by the values of ``by``, or by ``concepts`` that these values mean.

    With ``unit``, each concept has a sub-column for each value of that column. The last row counts
    papers and the last column concepts; a 0 is a gap.
    """
    value_cells = column_cells(by, records, cells)
    shown_concepts = _shown_concepts(concepts, value_cells)
    units_by_id = _units_by_id(records, unit, cells)
    parts = list(product(shown_concepts, _units_in_order(units_by_id, unit)))
    rows = []
    for record, cell in zip(records, value_cells, strict=True):
        marks = _marks(cell, shown_concepts)
        row_cells = [text_cell(record.key)]
        for concept, unit_value in parts:
            applies = unit_value in units_by_id[record.id]
            row_cells.append(marks.get(concept.name, EMPTY) if applies else EMPTY)
        row_cells.append(_count_cell(len(marks)))
        rows.append(Row(record.id, record.key, tuple(row_cells)))
    if rows:
        rows.append(_totals(rows))
    heads = [_part_column(by, unit, concept, unit_value) for concept, unit_value in parts]
    all_columns = (KEY_COLUMN, *heads, Column("total", TOTAL, narrow=True))
    return described(Table(title, all_columns, tuple(rows)), records, codebook)


def _shown_concepts(
    concepts: Sequence[Concept] | None, cells: Iterable[TableCell]
) -> list[Concept]:
    """The concepts given, and "other" if a value means none of them; else one for each value."""
    if concepts is None:
        counts = counted(map(distinct_texts, cells))
        return [Concept(count.name, frozenset({count.name.casefold()})) for count in counts]
    shown = list(concepts)
    items = chain.from_iterable(cell.items for cell in cells)
    if any(_meant_by(item, concepts) is None for item in items):
        shown.append(Concept(OTHER, frozenset()))
    return shown


def _units_by_id(
    records: Sequence[Record], unit: Column | None, cells: Cells
) -> Mapping[str, Sequence[str]]:
    """The values of ``unit`` for each paper; without a unit, each paper has one without a name."""
    if unit is None:
        return {record.id: ("",) for record in records}
    return values_by_paper(records, unit, cells)


def _units_in_order(units_by_id: Mapping[str, Sequence[str]], unit: Column | None) -> list[str]:
    counts = Counter(chain.from_iterable(units_by_id.values()))
    return ranked(counts, unit) if unit else list(counts)


def _part_column(by: Column, unit: Column | None, concept: Concept, unit_value: str) -> Column:
    """The column of a concept, or of one unit below it."""
    name = f"{by.name}:{concept.name}"
    if unit is None:
        return Column(name, concept.name, narrow=True)
    return Column(f"{name}/{unit_value}", unit_value, over=concept.name, narrow=True)


def _marks(cell: TableCell, concepts: Sequence[Concept]) -> dict[str, TableCell]:
    """The mark of each concept that a paper covers, by the name of the concept.

    It is as sure as the surest value of the concept, and has the evidence of all of them.
    """
    items_by_concept: dict[str, list[TableItem]] = {}
    for item in cell.items:
        concept = _meant_by(item, concepts)
        name = concept.name if concept else OTHER
        items_by_concept.setdefault(name, []).append(item)
    marks = {}
    for name, items in items_by_concept.items():
        state = min((item.state for item in items), key=_SUREST_FIRST.index)
        evidence = chain.from_iterable(item.evidence for item in items)
        mark = TableItem(COVERED, state, evidence=tuple(evidence))
        marks[name] = TableCell(cell.state, (mark,))
    return marks


def _meant_by(item: TableItem, concepts: Sequence[Concept]) -> Concept | None:
    """The first concept that a value means, by its own words or its label."""
    words = {one_line(item.text.casefold()), one_line(item.shown.casefold())}
    for concept in concepts:
        if not words.isdisjoint(concept.words):
            return concept
    return None


def _totals(rows: Sequence[Row]) -> Row:
    """How many papers have a mark in each column; the last column is the number of papers."""
    _, *part_columns, _ = cells_by_column(rows)
    totals = [_count_cell(count_filled(column)) for column in part_columns]
    return Row("", TOTAL, (text_cell(TOTAL), *totals, _count_cell(len(rows))))


def _count_cell(count: int) -> TableCell:
    return text_cell(str(count))


class Crossed(NamedTuple):
    """Two columns counted against each other.

    ``sides`` are the values of each paper in both columns, ``down`` and ``across`` the values of
    each column in order, and ``pairs`` how many papers have each pair of values.
    """

    sides: list[tuple[list[str], list[str]]]
    down: list[str]
    across: list[str]
    pairs: Counter[tuple[str, str]]


def crossed(down: Column, across: Column, records: Sequence[Record], cells: Cells) -> Crossed:
    """The values of two columns counted against each other; a paper counts once in each pair."""
    down_by_id = values_by_paper(records, down, cells)
    across_by_id = values_by_paper(records, across, cells)
    sides = [(down_by_id[record.id], across_by_id[record.id]) for record in records]
    pairs: Counter[tuple[str, str]] = Counter()
    for down_values, across_values in sides:
        pairs.update(product(down_values, across_values))
    down_counts, across_counts = _counts_of_sides(sides)
    return Crossed(
        sides, _side_in_order(down_counts, down), _side_in_order(across_counts, across), pairs
    )


def _counts_of_sides(
    sides: Sequence[tuple[list[str], list[str]]],
) -> tuple[Counter[str], Counter[str]]:
    """How many papers have each value, in the one column and in the other."""
    down: Counter[str] = Counter()
    across: Counter[str] = Counter()
    for down_values, across_values in sides:
        down.update(down_values)
        across.update(across_values)
    return down, across


def _side_in_order(counts: Counter[str], column: Column) -> list[str]:
    """The values of one side of a map; of years, also those between that no paper has."""
    if column.name != "year":
        return ranked(counts, column)
    last = name_of_no_value(column)
    years = sorted(int(value) for value in counts if value != last)
    if years and years[-1] - years[0] <= _MOST_YEARS:
        years = list(range(years[0], years[-1] + 1))
    names = list(map(str, years))
    if last in counts:
        names.append(last)
    return names


def cross(
    title: str,
    down: Column,
    across: Column,
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
) -> Table:
    """An evidence map: how many papers have each pair of values of two columns.

    A paper counts once in each of its pairs. A 0 is a gap.
    """
    sides, row_names, heads, pairs = crossed(down, across, records, cells)
    papers_down, papers_across = _counts_of_sides(sides)
    rows = []
    for name in row_names:
        counts = [_count_cell(pairs[name, head]) for head in heads]
        rows.append(Row("", name, (text_cell(name), *counts, _count_cell(papers_down[name]))))
    if rows:
        totals = [_count_cell(papers_across[head]) for head in heads]
        rows.append(Row("", "papers", (text_cell("Papers"), *totals, _count_cell(len(records)))))
    all_columns = [Column("value", down.heading)]
    for head in heads:
        name = f"{across.name}:{head}"
        all_columns.append(Column(name, head, over=across.heading, narrow=True))
    all_columns.append(Column("total", "Papers", narrow=True))
    return described(Table(title, tuple(all_columns), tuple(rows)), records, codebook)
