"""What a picture shows, as plain counts: papers by year, values of a field, one field against
another, chapters side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from litrev.errors import UsageFault
from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Record
from litrev.library.synthesis import matrix, table
from litrev.library.synthesis.model import Column, Row, Table, said, shorten
from litrev.library.synthesis.summary import Count
from litrev.text.suggestions import did_you_mean

KINDS = ("years", "methods", "sites", "map", "chapters")
_NAMED = {"methods": ("methods", "Most used methods"), "sites": ("site", "Sites")}
_MOST_YEARS = 120  # between the first and the last that are shown one by one
_SHORT = 140  # characters of a chapter on a terminal
_MOST_BARS, _MOST_ROWS, _MOST_COLUMNS, _MOST_PAPERS = 20, 20, 12, 30


@dataclass(frozen=True, slots=True)
class Bars:
    """Papers under each name, ``of`` so many; ``left_out`` names more are not shown. ``upright``
    for years in their order.
    """

    title: str
    counts: tuple[Count, ...]
    of: int
    left_out: int = 0
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """Papers with each pair of values, a row of counts for each of ``rows``; 0 is a gap."""

    title: str
    down: str
    across: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    left_out: int = 0

    @property
    def gaps(self) -> int:
        """How many pairs no paper has."""
        return sum(not count for row in self.counts for count in row)


@dataclass(frozen=True, slots=True)
class Chapters:
    """What each chapter of each paper is about: a row of texts for each of ``papers``, empty where
    there is none.
    """

    title: str
    papers: tuple[str, ...]
    heads: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    left_out: int = 0


Figure = Bars | Map | Chapters


def figure(
    kind: str,
    records: Sequence[Record],
    cells: table.Cells,
    codebook: Codebook,
    cross: tuple[str, str] | None = None,
    title: str = "",
) -> Figure:
    """The figure of one of ``KINDS``; a map is of methods by what the papers are about, unless
    ``cross`` names two columns.

    Raises UsageFault for an unknown kind or column.
    """
    if kind not in KINDS:
        raise UsageFault(
            f"there is no picture {kind}",
            did_you_mean(kind, KINDS) or f"There are: {', '.join(KINDS)}.",
        )
    if cross and kind != "map":
        raise UsageFault("only a map has two columns to cross", "Leave --cross out, or draw a map.")
    match kind:
        case "years":
            return years(title or "Papers by year", records)
        case "map":
            down, across = cross or ("methods", theme(records, cells))
            heads = [table.column(name, codebook).heading for name in (down, across)]
            return crossed(
                title or f"{heads[0]} by {heads[1].casefold()}",
                down,
                across,
                records,
                cells,
                codebook,
            )
        case "chapters":
            return chapters(title or "Chapters side by side", records, cells, codebook)
    name, heading = _NAMED[kind]
    return values(title or heading, name, records, cells, codebook)


def years(title: str, records: Sequence[Record]) -> Bars:
    """Papers by year, with the years between of which there is none."""
    found = Counter(record.year for record in records)
    known = sorted(year for year in found if year is not None)
    shown = (
        range(known[0], known[-1] + 1) if known and known[-1] - known[0] < _MOST_YEARS else known
    )
    counts = [Count(str(year), found[year]) for year in shown]
    return Bars(
        title,
        (*counts, *([Count("no year", found[None])] if found[None] else [])),
        len(records),
        upright=True,
    )


def values(
    title: str, name: str, records: Sequence[Record], cells: table.Cells, codebook: Codebook
) -> Bars:
    """The values of a column by how many papers have them, the most frequent first."""
    column = table.column(name, codebook)
    spelled: dict[str, str] = {}
    found: Counter[str] = Counter()
    for record in records:
        for value in table.values_of(record, column, cells.get(record.id, {})):
            found[value.casefold()] += 1
            spelled.setdefault(value.casefold(), value)
    order = sorted(found, key=lambda value: (-found[value], value))
    shown = tuple(Count(spelled[value], found[value]) for value in order[:_MOST_BARS])
    return Bars(title, shown, len(records), len(order) - len(shown))


def crossed(
    title: str,
    down: str,
    across: str,
    records: Sequence[Record],
    cells: table.Cells,
    codebook: Codebook,
) -> Map:
    """One column counted against another; the most frequent values of each."""
    one, other = table.column(down, codebook), table.column(across, codebook)
    counted = matrix.crossed(one, other, records, cells)
    rows, heads = _kept(counted.down, one, _MOST_ROWS), _kept(counted.across, other, _MOST_COLUMNS)
    counts = tuple(tuple(counted.pairs[row, head] for head in heads) for row in rows)
    left_out = len(counted.down) - len(rows) + len(counted.across) - len(heads)
    return Map(title, one.heading, other.heading, tuple(rows), tuple(heads), counts, left_out)


def _kept(names: list[str], column: Column, most: int) -> list[str]:
    """The first names, which are the most frequent, or of years the latest; what stands for papers
    without any is kept.
    """
    without = [name for name in names[-1:] if name == table.without(column)]
    others = names[: len(names) - len(without)]
    return [*(others[-most:] if column.name == "year" else others[:most]), *without]


def theme(records: Sequence[Record], cells: table.Cells) -> str:
    """The column that says best what the papers are about: theory, else tags, else site, whichever
    any of them has.
    """
    for name in ("theory", "site"):
        if any(name in held and held[name].items for held in cells.values()):
            return name
        if any(record.tags for record in records):
            return "tags"
    return "site"


def chapters(
    title: str, records: Sequence[Record], cells: table.Cells, codebook: Codebook
) -> Chapters:
    """The chapters of those papers that have any, side by side."""
    made: Table = table.chapters(title, records, cells, codebook)
    rows = [row for row in made.rows if any(cell.items for cell in row.cells[1:])]
    texts = tuple(
        tuple(
            "; ".join(" ".join(item.shown.split()) for item in cell.items) for cell in row.cells[1:]
        )
        for row in rows[:_MOST_PAPERS]
    )
    heads = tuple(column.heading for column in made.columns[1:])
    return Chapters(
        title, tuple(row.key for row in rows[:_MOST_PAPERS]), heads, texts, len(rows) - len(texts)
    )


def tabled(figure: Chapters) -> Table:
    """The same as a table, texts cut short."""
    heads = (Column("key", "Key", narrow=True), *(Column(head, head) for head in figure.heads))
    rows = (
        Row("", paper, (said(paper), *map(said, texts)))
        for paper, texts in zip(figure.papers, figure.texts, strict=True)
    )
    return shorten(Table(figure.title, heads, tuple(rows)), _SHORT)
