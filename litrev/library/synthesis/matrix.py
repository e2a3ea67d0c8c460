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
    """A concept of a matrix, and the values that mean it.

    ``name`` is the heading of its column, as it was written. ``words`` are its names, case-folded
    and each on one line; "other" has none.
    """

    name: str
    words: frozenset[str]


def read_concepts(text: str, source: str) -> list[Concept]:
    """The concepts of a file, in the order in which they become columns.

    ``text`` is the text of the file, and ``source`` its name for messages. A line has one concept
    and, after a colon, its other names: ``trust: confidence, reliance``. A comment starts with "#".

    Raises UsageFault, with the file and the line, for a name that is there twice, for other names
    without a concept, and for a file without concepts.

    >>> concepts = read_concepts("Trust: confidence, reliance  # both", "concepts.txt")
    >>> concepts[0].name, sorted(concepts[0].words)
    ('Trust', ['confidence', 'reliance', 'trust'])
    """
    concepts: list[Concept] = []
    line_of: dict[str, int] = {}
    # Without a byte order mark, which would become part of the first concept.
    lines = text.lstrip("\ufeff").splitlines()
    for number, line in enumerate(lines, 1):
        content, _, _ = line.partition("#")
        name, _, others = content.partition(":")
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
        folded_words = frozenset(map(str.casefold, words))
        concepts.append(Concept(words[0], folded_words))
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
    """Papers by the values of the column ``by``, or by ``concepts`` that these values mean.

    A paper has a mark under each concept that it covers. Values that mean none of ``concepts`` are
    under "other", which is there only when it is needed. With ``unit``, each concept has a
    sub-column for each value of that column. The last row counts papers and the last column
    concepts; a 0 is a gap.
    """
    value_cells = column_cells(by, records, cells)
    shown_concepts = _shown_concepts(concepts, value_cells)
    units_by_id = _units_by_id(records, unit, cells)
    units = _units_in_order(units_by_id, unit)
    parts = list(product(shown_concepts, units))
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
    table = Table(
        title=title,
        columns=(KEY_COLUMN, *heads, Column("total", TOTAL, narrow=True)),
        rows=tuple(rows),
    )
    return described(table, records, codebook)


def _shown_concepts(
    concepts: Sequence[Concept] | None, cells: Iterable[TableCell]
) -> list[Concept]:
    """The concepts given, and "other" if a value means none of them; else one for each value."""
    if concepts is None:
        counts = counted(map(distinct_texts, cells))
        return [_concept_of_value(count.name) for count in counts]
    shown = list(concepts)
    items = chain.from_iterable(cell.items for cell in cells)
    if any(_meant_by(item, concepts) is None for item in items):
        shown.append(Concept(OTHER, frozenset()))
    return shown


def _concept_of_value(value: str) -> Concept:
    """The concept that only one value means."""
    return Concept(value, frozenset({value.casefold()}))


def _units_by_id(
    records: Sequence[Record], unit: Column | None, cells: Cells
) -> Mapping[str, Sequence[str]]:
    """The values of ``unit`` for each paper; without a unit, each paper has one without a name."""
    if unit is None:
        return {record.id: ("",) for record in records}
    return values_by_paper(records, unit, cells)


def _units_in_order(units_by_id: Mapping[str, Sequence[str]], unit: Column | None) -> list[str]:
    """The values of ``unit`` that papers have, in the order of the sub-columns."""
    counts = Counter(chain.from_iterable(units_by_id.values()))
    return ranked(counts, unit) if unit else list(counts)


def _part_column(by: Column, unit: Column | None, concept: Concept, unit_value: str) -> Column:
    """The column of a concept, or of one unit below it."""
    name = f"{by.name}:{concept.name}"
    if unit is None:
        return Column(name, concept.name, narrow=True)
    return Column(name=f"{name}/{unit_value}", heading=unit_value, over=concept.name, narrow=True)


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
        states = [item.state for item in items]
        state = min(states, key=_SUREST_FIRST.index)
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
    row_cells = (text_cell(TOTAL), *totals, _count_cell(len(rows)))
    return Row("", TOTAL, row_cells)


def _count_cell(count: int) -> TableCell:
    return text_cell(str(count))


# The values of one paper in two columns: those downwards, and those across.
Sides = tuple[list[str], list[str]]


class Crossed(NamedTuple):
    """Two columns counted against each other.

    ``sides`` are the values of each paper in both columns, ``down`` and ``across`` the values of
    each column in order, and ``pairs`` how many papers have each pair of values. A pair that no
    paper has counts as 0.
    """

    sides: list[Sides]
    down: list[str]
    across: list[str]
    pairs: Counter[tuple[str, str]]


def crossed(down: Column, across: Column, records: Sequence[Record], cells: Cells) -> Crossed:
    """The values of two columns counted against each other; a paper counts once in each pair.

    A paper without a value is under "no …", and years that no paper has are among the values, as
    :class:`Crossed` is what a map draws.
    """
    down_by_id = values_by_paper(records, down, cells)
    across_by_id = values_by_paper(records, across, cells)
    sides = [(down_by_id[record.id], across_by_id[record.id]) for record in records]
    pairs: Counter[tuple[str, str]] = Counter()
    for down_values, across_values in sides:
        pairs.update(product(down_values, across_values))
    down_counts, across_counts = _counts_of_sides(sides)
    return Crossed(
        sides=sides,
        down=_side_in_order(down_counts, down),
        across=_side_in_order(across_counts, across),
        pairs=pairs,
    )


def _counts_of_sides(sides: Sequence[Sides]) -> tuple[Counter[str], Counter[str]]:
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
    no_year = name_of_no_value(column)
    years = sorted(int(value) for value in counts if value != no_year)
    names = list(map(str, _years_between(years)))
    if no_year in counts:
        names.append(no_year)
    return names


def _years_between(years: Sequence[int]) -> Sequence[int]:
    """All years from the first to the last; of a very long span only those that have papers."""
    if not years:
        return years
    first, last = years[0], years[-1]
    if last - first <= _MOST_YEARS:
        return range(first, last + 1)
    return years


def cross(
    title: str,
    down: Column,
    across: Column,
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
) -> Table:
    """An evidence map: how many papers have each pair of values of two columns.

    There is a row for each value of ``down`` and a column for each value of ``across``. A paper
    counts once in each of its pairs; a 0 is a gap. The last row and the last column count papers,
    so that they are less than the sum when a paper has several values.
    """
    sides, row_names, heads, pairs = crossed(down, across, records, cells)
    papers_down, papers_across = _counts_of_sides(sides)
    rows = []
    for name in row_names:
        counts = [pairs[name, head] for head in heads]
        rows.append(_counts_row(name, name, counts, papers_down[name]))
    if rows:
        totals = [papers_across[head] for head in heads]
        rows.append(_counts_row("papers", "Papers", totals, len(records)))
    table = Table(
        title=title,
        columns=(
            Column("value", down.heading),
            *(_value_column(across, head) for head in heads),
            Column("total", "Papers", narrow=True),
        ),
        rows=tuple(rows),
    )
    return described(table, records, codebook)


def _counts_row(key: str, heading: str, counts: Sequence[int], total: int) -> Row:
    """A row of a map: its heading, the number of papers for each value across, and in all."""
    row_cells = (text_cell(heading), *map(_count_cell, counts), _count_cell(total))
    return Row("", key, row_cells)


def _value_column(across: Column, value: str) -> Column:
    """The column of a map for one value, below the heading of the column it is from."""
    return Column(name=f"{across.name}:{value}", heading=value, over=across.heading, narrow=True)
