"""What a picture shows, as plain data: papers by year or by value, maps of two fields, chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from litrev.errors import UsageFault
from litrev.library.model.codebook import Codebook
from litrev.library.model.record import Record
from litrev.library.synthesis import matrix, table
from litrev.library.synthesis.model import Column, Row, Table, TableCell, shorten, text_cell
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
    """How many papers fall under each name, as bars.

    ``counts`` are in the order in which they are drawn, and ``of`` is the number of all papers.
    ``left_out`` is the number of names that are not shown. ``upright`` is set for years, whose bars
    stand beside each other.
    """

    title: str
    counts: tuple[Count, ...]
    of: int
    left_out: int = 0
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """How many papers have each pair of values of two fields.

    ``down`` and ``across`` are the headings of the fields, ``rows`` and ``columns`` their values.
    ``counts`` has a row for each of ``rows`` with a number for each of ``columns``; a 0 is a gap.
    ``left_out`` is the number of values, of both fields, that are not shown.
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
        """How many of the pairs shown no paper has."""
        return sum(row.count(0) for row in self.counts)


@dataclass(frozen=True, slots=True)
class Chapters:
    """What each chapter of each paper is about.

    ``papers`` are keys, ``heads`` the headings of the chapters. ``texts`` has a row for each of
    ``papers`` with a text for each of ``heads``, which is empty when the paper has no such chapter.
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
    """The figure of ``records`` of a ``kind``, which is one of ``KINDS``.

    A map is of methods by what the papers are about (see :func:`theme`), or of the two columns that
    ``cross`` names, the one downwards first. Without a ``title`` the figure has that of its kind.

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
    """Raise UsageFault for an unknown kind, and for two columns to cross without a map."""
    if kind not in KINDS:
        raise UsageFault(
            f"there is no figure {kind}",
            did_you_mean(kind, KINDS) or f"There are: {', '.join(KINDS)}.",
        )
    if cross and kind != "map":
        raise UsageFault("only a map has two columns to cross", "Leave --cross out, or draw a map.")


def _map_title(down: str, across: str, codebook: Codebook) -> str:
    down_heading = table.column(down, codebook).heading
    across_heading = table.column(across, codebook).heading
    return f"{down_heading} by {across_heading.casefold()}"


def years(title: str, records: Sequence[Record]) -> Bars:
    """Papers by year, from the first to the last; papers without a year come after them.

    A year between that no paper has is there with 0, unless the years are more than 120.
    """
    papers = Counter(record.year for record in records)
    undated = papers.pop(None, 0)
    counts = [Count(str(year), papers[year]) for year in _shown_years(papers)]
    if undated:
        counts.append(Count("no year", undated))
    return Bars(title=title, counts=tuple(counts), of=len(records), upright=True)


def _shown_years(papers: Mapping[int | None, int]) -> Sequence[int]:
    """All years from the first to the last; of a very long span only those that have papers."""
    known = sorted(year for year in papers if year is not None)
    if not known:
        return known
    first, last = known[0], known[-1]
    if last - first < _MOST_YEARS:
        return range(first, last + 1)
    return known


def values(
    title: str, name: str, records: Sequence[Record], cells: table.Cells, codebook: Codebook
) -> Bars:
    """The 20 most frequent values of the column ``name``, by how many papers have them.

    Upper and lower case count as the same. Raises UsageFault for an unknown column.
    """
    column = table.column(name, codebook)
    values_by_paper = []
    for record in records:
        record_cells = cells.get(record.id, {})
        values_by_paper.append(table.values_of(record, column, record_cells))
    counts = counted(values_by_paper)
    shown = tuple(counts[:_MOST_BARS])
    return Bars(title=title, counts=shown, of=len(records), left_out=len(counts) - len(shown))


def crossed(
    title: str,
    down: str,
    across: str,
    records: Sequence[Record],
    cells: table.Cells,
    codebook: Codebook,
) -> Map:
    """The column ``down`` counted against ``across``, with the most frequent values of each.

    There are up to 20 values downwards and up to 12 across. Papers without a value have a row or a
    column in addition. Raises UsageFault for an unknown column.
    """
    down_column = table.column(down, codebook)
    across_column = table.column(across, codebook)
    found = matrix.crossed(down_column, across_column, records, cells)
    rows = _shown_names(found.down, down_column, _MOST_ROWS)
    heads = _shown_names(found.across, across_column, _MOST_COLUMNS)
    counts = []
    for row in rows:
        row_counts = [found.pairs[row, head] for head in heads]
        counts.append(tuple(row_counts))
    rows_left_out = len(found.down) - len(rows)
    columns_left_out = len(found.across) - len(heads)
    return Map(
        title=title,
        down=down_column.heading,
        across=across_column.heading,
        rows=tuple(rows),
        columns=tuple(heads),
        counts=tuple(counts),
        left_out=rows_left_out + columns_left_out,
    )


def _shown_names(names: list[str], column: Column, most: int) -> list[str]:
    """The first ``most`` names, which are the most frequent; of years the latest.

    The name of the papers without a value, which comes last, is shown in addition.
    """
    no_value = table.name_of_no_value(column)
    has_no_value = names[-1:] == [no_value]
    if has_no_value:
        names = names[:-1]
    by_year = column.name == "year"
    shown = names[-most:] if by_year else names[:most]
    return [*shown, no_value] if has_no_value else shown


def theme(records: Sequence[Record], cells: table.Cells) -> str:
    """The name of the column that says best what the papers are about.

    It is the first of theory and tags that any paper has; when no paper has them it is site.
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
    """The chapters of the first 30 of those papers that have any, side by side."""
    side_by_side = table.chapters(title, records, cells, codebook)
    rows = [row for row in side_by_side.rows if table.count_filled(_chapter_cells(row))]
    shown = rows[:_MOST_PAPERS]
    _, *chapter_columns = side_by_side.columns
    return Chapters(
        title=title,
        papers=tuple(row.key for row in shown),
        heads=tuple(column.heading for column in chapter_columns),
        texts=tuple(map(_chapter_texts, shown)),
        left_out=len(rows) - len(shown),
    )


def _chapter_cells(row: Row) -> tuple[TableCell, ...]:
    """The cells of a row without the first, which is the key of the paper."""
    return row.cells[1:]


def _chapter_texts(row: Row) -> tuple[str, ...]:
    return tuple(cell.text(marks=False) for cell in _chapter_cells(row))


def tabled(figure: Chapters) -> Table:
    """The chapters as a table: a row for each paper, with each text cut to 140 characters."""
    rows = []
    for paper, texts in zip(figure.papers, figure.texts, strict=True):
        row_cells = (text_cell(paper), *map(text_cell, texts))
        rows.append(Row("", paper, row_cells))
    chapter_columns = [Column(head, head) for head in figure.heads]
    uncut = Table(
        title=figure.title, columns=(table.KEY_COLUMN, *chapter_columns), rows=tuple(rows)
    )
    return shorten(uncut, _MOST_CHARACTERS)
