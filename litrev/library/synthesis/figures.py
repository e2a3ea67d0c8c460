"""What a picture shows, as plain data: papers by year or by value, maps of two fields, chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from litrev.errors import UsageFault
from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Record
from litrev.library.synthesis import matrix, table
from litrev.library.synthesis.model import Column, Row, Table, shorten, text_cell
from litrev.library.synthesis.summary import Count, counted
from litrev.text.suggestions import did_you_mean

KINDS = ("years", "methods", "sites", "map", "chapters")
# Of the kinds that count the values of one column: the column and the title.
_BARS_OF = {"methods": ("methods", "Most used methods"), "sites": ("site", "Sites")}
_MOST_YEARS = 120  # from first to last; a longer span shows only the years that have papers
_MOST_CHARACTERS = 140  # of a chapter on a terminal
_MOST_BARS = 20
_MOST_ROWS = 20
_MOST_COLUMNS = 12
_MOST_PAPERS = 30


@dataclass(frozen=True, slots=True)
class Bars:
    """How many of the ``of`` papers fall under each name.

    ``left_out`` is the number of names that are not shown. ``upright`` is set for years.
    """

    title: str
    counts: tuple[Count, ...]
    of: int
    left_out: int = 0
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """How many papers have each pair of values: a row of counts for each of ``rows``.

    A 0 is a gap. ``left_out`` is the number of values that are not shown.
    """

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
        return sum(row.count(0) for row in self.counts)


@dataclass(frozen=True, slots=True)
class Chapters:
    """What each chapter is about: a row of texts for each of ``papers``, empty for no chapter.

    ``left_out`` is the number of papers that are not shown.
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
    """The figure of one of ``KINDS``.

    A map is of methods by what the papers are about, or of the two columns that ``cross`` names.
    Raises UsageFault for an unknown kind or column, and for a ``cross`` without a map.
    """
    _check_kind(kind, cross)
    if kind == "years":
        return years(title or "Papers by year", records)
    if kind == "map":
        down, across = cross or ("methods", theme(records, cells))
        title = title or _map_title(down, across, codebook)
        return crossed(title, down, across, records, cells, codebook)
    if kind == "chapters":
        return chapters(title or "Chapters side by side", records, cells, codebook)
    name, default_title = _BARS_OF[kind]
    return values(title or default_title, name, records, cells, codebook)


def _check_kind(kind: str, cross: tuple[str, str] | None) -> None:
    if kind not in KINDS:
        raise UsageFault(
            f"there is no picture {kind}",
            did_you_mean(kind, KINDS) or f"There are: {', '.join(KINDS)}.",
        )
    if cross and kind != "map":
        raise UsageFault("only a map has two columns to cross", "Leave --cross out, or draw a map.")


def _map_title(down: str, across: str, codebook: Codebook) -> str:
    down_heading = table.column(down, codebook).heading
    across_heading = table.column(across, codebook).heading
    return f"{down_heading} by {across_heading.casefold()}"


def years(title: str, records: Sequence[Record]) -> Bars:
    """Papers by year, and the years between that have none."""
    papers = Counter(record.year for record in records)
    undated = papers.pop(None, 0)
    counts = [Count(str(year), papers[year]) for year in _shown_years(papers)]
    if undated:
        counts.append(Count("no year", undated))
    return Bars(title, tuple(counts), len(records), upright=True)


def _shown_years(papers: Mapping[int | None, int]) -> Sequence[int]:
    known = sorted(year for year in papers if year is not None)
    if known and known[-1] - known[0] < _MOST_YEARS:
        return range(known[0], known[-1] + 1)
    return known


def values(
    title: str, name: str, records: Sequence[Record], cells: table.Cells, codebook: Codebook
) -> Bars:
    """The values of a column by how many papers have them, the most frequent first.

    Raises UsageFault for an unknown column.
    """
    column = table.column(name, codebook)
    counts = counted(
        table.values_of(record, column, cells.get(record.id, {})) for record in records
    )
    shown = tuple(counts[:_MOST_BARS])
    return Bars(title, shown, len(records), left_out=len(counts) - len(shown))


def crossed(
    title: str,
    down: str,
    across: str,
    records: Sequence[Record],
    cells: table.Cells,
    codebook: Codebook,
) -> Map:
    """One column counted against another, with the most frequent values of each.

    Raises UsageFault for an unknown column.
    """
    down_column = table.column(down, codebook)
    across_column = table.column(across, codebook)
    found = matrix.crossed(down_column, across_column, records, cells)
    rows = _shown_names(found.down, down_column, _MOST_ROWS)
    heads = _shown_names(found.across, across_column, _MOST_COLUMNS)
    counts = [tuple(found.pairs[row, head] for head in heads) for row in rows]
    left_out = len(found.down) - len(rows) + len(found.across) - len(heads)
    return Map(
        title=title,
        down=down_column.heading,
        across=across_column.heading,
        rows=tuple(rows),
        columns=tuple(heads),
        counts=tuple(counts),
        left_out=left_out,
    )


def _shown_names(names: list[str], column: Column, most: int) -> list[str]:
    """The first names, which are the most frequent; of years the latest.

    The name of the papers without a value, which comes last, is shown in addition.
    """
    no_value = table.name_of_no_value(column)
    has_no_value = names[-1:] == [no_value]
    others = names[:-1] if has_no_value else names
    shown = others[-most:] if column.name == "year" else others[:most]
    return [*shown, no_value] if has_no_value else shown


def theme(records: Sequence[Record], cells: table.Cells) -> str:
    """The column that says best what the papers are about: theory, else tags, else site.

    It is the first of them that any paper has.
    """
    if _is_filled("theory", cells):
        return "theory"
    if any(record.tags for record in records):
        return "tags"
    return "site"


def _is_filled(name: str, cells: table.Cells) -> bool:
    """Whether any paper has a value in a structured field."""
    return any(name in row and row[name].items for row in cells.values())


def chapters(
    title: str, records: Sequence[Record], cells: table.Cells, codebook: Codebook
) -> Chapters:
    """The chapters of those papers that have any, side by side."""
    side_by_side = table.chapters(title, records, cells, codebook)
    # The first column is the key of the paper.
    rows = [row for row in side_by_side.rows if table.count_filled(row.cells[1:])]
    shown = rows[:_MOST_PAPERS]
    return Chapters(
        title=title,
        papers=tuple(row.key for row in shown),
        heads=tuple(column.heading for column in side_by_side.columns[1:]),
        texts=tuple(map(_chapter_texts, shown)),
        left_out=len(rows) - len(shown),
    )


def _chapter_texts(row: Row) -> tuple[str, ...]:
    return tuple(cell.text(marks=False) for cell in row.cells[1:])


def tabled(figure: Chapters) -> Table:
    """The chapters as a table, with long texts cut."""
    rows = []
    for paper, texts in zip(figure.papers, figure.texts, strict=True):
        rows.append(Row("", paper, (text_cell(paper), *map(text_cell, texts))))
    heads = (table.KEY_COLUMN, *(Column(head, head) for head in figure.heads))
    return shorten(Table(figure.title, heads, tuple(rows)), _MOST_CHARACTERS)
