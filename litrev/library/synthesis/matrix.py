"""Papers by concepts, and one field counted against another, with gaps to be seen.

The concept matrix is that of Webster and Watson, "Analyzing the Past to Prepare for the Future:
Writing a Literature Review", MIS Quarterly 26(2), 2002: a row a paper, a column a concept, and
where it helps sub-columns for the unit of analysis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from litrev.errors import UsageFault
from litrev.library.model.codebook import Codebook
from litrev.library.model.record import CellState, ItemState, Record
from litrev.library.synthesis.model import Column, Row, Table, TableCell, TableItem, said
from litrev.library.synthesis.table import Cells, cell_of, described, filed, ranked, without

COVERED, OTHER, TOTAL = "✓", "other", "Total"
_MOST_YEARS = 60  # between the first and the last that are shown one by one, with those of which there is nothing


class Concept(NamedTuple):
    """A concept of a matrix and the values that mean it, in small letters."""

    name: str
    words: frozenset[str]


def read_concepts(text: str, source: str) -> list[Concept]:
    """The concepts of a file: one a line, in the order of the columns, other names after a colon:
    ``trust: confidence, reliance``.

    Raises UsageFault that names the file and the line for a name that stands there twice.
    """
    found: list[Concept] = []
    taken: dict[str, int] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        name, _, others = line.partition("#")[0].partition(":")
        words = [" ".join(word.split()) for word in (name, *others.split(",")) if word.strip()]
        if not name.strip():
            if words:
                raise UsageFault(
                    f"{source}:{number}: other names without a concept",
                    "Write the concept before the colon.",
                )
            continue
        for word in words:
            if taken.setdefault(word.casefold(), number) != number:
                raise UsageFault(
                    f"{source}:{number}: {word!r} stands in line {taken[word.casefold()]} too",
                    "A value belongs to one concept.",
                )
        found.append(Concept(words[0], frozenset(map(str.casefold, words))))
    if not found:
        raise UsageFault(f"{source}: no concepts", "Write one a line, other names after a colon.")
    return found


def concept_matrix(
    title: str,
    by: Column,
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
    concepts: Sequence[Concept] | None = None,
    unit: Column | None = None,
) -> Table:
    """Papers by the values of ``by``, or by ``concepts`` that these values mean; by ``unit`` below
    each, where there is one.

    The last row counts papers, the last column concepts; 0 there is a gap.
    """
    held = {record.id: cell_of(record, by, cells.get(record.id, {})) for record in records}
    wanted = list(concepts) if concepts is not None else _concepts(held)
    units = filed(records, unit, cells) if unit else {record.id: [""] for record in records}
    counts = Counter(name for names in units.values() for name in names)
    named = ranked(counts, unit) if unit else list(counts)
    if concepts is not None and any(
        _means(item, wanted) is None for cell in held.values() for item in cell.items
    ):
        wanted.append(Concept(OTHER, frozenset()))
    parts = [(concept, name) for concept in wanted for name in named]
    heads = [
        Column(
            f"{by.name}:{c.name}" + (f"/{name}" if unit else ""),
            name if unit else c.name,
            over=c.name if unit else "",
            narrow=True,
        )
        for c, name in parts
    ]
    rows = []
    for record in records:
        found = _found(held[record.id], wanted)
        marks = [
            found[concept.name]
            if concept.name in found and name in units[record.id]
            else TableCell(CellState.NEVER)
            for concept, name in parts
        ]
        rows.append(Row(record.id, record.key, (said(record.key), *marks, _total(len(found)))))
    totals = [
        _total(sum(bool(row.cells[n].items) for row in rows)) for n in range(1, len(parts) + 1)
    ]
    last = Row("", TOTAL, (said(TOTAL), *totals, said(str(len(rows)))))
    table = Table(
        title,
        (Column("key", "Key", narrow=True), *heads, Column("total", TOTAL, narrow=True)),
        (*rows, last) if rows else (),
    )
    return described(table, records, codebook)


def cross(
    title: str,
    down: Column,
    across: Column,
    records: Sequence[Record],
    cells: Cells,
    codebook: Codebook,
) -> Table:
    """How many papers have each pair of values: an evidence map; a paper counts once in each of its
    pairs. 0 is a gap.
    """
    sides, rows_named, heads, pairs = crossed(down, across, records, cells)
    papers = Counter(one for ones, _ in sides for one in ones)
    columns = (
        Column("value", down.heading),
        *(
            Column(f"{across.name}:{head}", head, over=across.heading, narrow=True)
            for head in heads
        ),
        Column("total", "Papers", narrow=True),
    )
    rows = [
        Row(
            "",
            name,
            (said(name), *(_total(pairs[name, head]) for head in heads), said(str(papers[name]))),
        )
        for name in rows_named
    ]
    below = Counter(other for _, others in sides for other in others)
    last = Row(
        "",
        "papers",
        (said("Papers"), *(said(str(below[head])) for head in heads), said(str(len(records)))),
    )
    return described(Table(title, columns, (*rows, last) if rows else ()), records, codebook)


class Crossed(NamedTuple):
    """The values that each paper has on both sides, those of each side in order, and how many
    papers have each pair.
    """

    sides: list[tuple[list[str], list[str]]]
    down: list[str]
    across: list[str]
    pairs: Counter[tuple[str, str]]


def crossed(down: Column, across: Column, records: Sequence[Record], cells: Cells) -> Crossed:
    """The values of two columns counted against each other; a paper counts once in each of its
    pairs.
    """
    one_side, other_side = filed(records, down, cells), filed(records, across, cells)
    sides = [(one_side[record.id], other_side[record.id]) for record in records]
    pairs = Counter((one, other) for ones, others in sides for one in ones for other in others)
    return Crossed(
        sides,
        _side(down, [side[0] for side in sides]),
        _side(across, [side[1] for side in sides]),
        pairs,
    )


def _concepts(held: Mapping[str, TableCell]) -> list[Concept]:
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for cell in held.values():
        words = {
            word.casefold(): word for word in (" ".join(item.shown.split()) for item in cell.items)
        }
        counts.update(words.keys())
        for folded, word in words.items():
            spelled.setdefault(folded, word)
    return [
        Concept(spelled[word], frozenset({word}))
        for word in sorted(counts, key=lambda word: (-counts[word], word))
    ]


def _means(item: TableItem, concepts: Sequence[Concept]) -> Concept | None:
    words = {" ".join(item.text.casefold().split()), " ".join(item.shown.casefold().split())}
    return next((concept for concept in concepts if concept.words & words), None)


def _found(cell: TableCell, concepts: Sequence[Concept]) -> dict[str, TableCell]:
    """The mark of each concept that a paper covers, as sure as the surest of its values, with the
    evidence of all.
    """
    items: dict[str, list[TableItem]] = {}
    for item in cell.items:
        concept = _means(item, concepts)
        items.setdefault(concept.name if concept else OTHER, []).append(item)
    order = (ItemState.DECIDED, ItemState.PROPOSED, ItemState.DISPUTED)
    made = {}
    for name, held in items.items():
        state = min((item.state for item in held), key=order.index)
        made[name] = TableCell(
            cell.state,
            (TableItem(COVERED, state, evidence=tuple(e for item in held for e in item.evidence)),),
        )
    return made


def _side(column: Column, held: Sequence[Sequence[str]]) -> list[str]:
    """The values of one side of a map in order; of years also those of which there is nothing."""
    counts = Counter(value for values in held for value in values)
    if column.name != "year":
        return ranked(counts, column)
    last = without(column)
    years = sorted(int(value) for value in counts if value != last)
    if years and years[-1] - years[0] <= _MOST_YEARS:
        years = [*range(years[0], years[-1] + 1)]
    return [*map(str, years), *([last] if last in counts else [])]


def _total(count: int) -> TableCell:
    return said(str(count))
