"""What a renderer is given beside the table, and what the formats have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt

from litrev.library.synthesis.model import Column, Row, Table


@dataclass(frozen=True, slots=True)
class Rendering:
    """What can be chosen about a document; a format that leaves no such choice ignores it.

    ``standalone`` asks for a document of its own instead of a part of one. ``cite`` is the LaTeX
    command that names a paper, without its backslash, or "none"; empty means the usual one.
    """

    standalone: bool = False
    cite: str = ""


def groups(table: Table) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each group with its name; one nameless group in a table without groups.

    Nothing in a table without rows.
    """
    for name, rows in groupby(table.rows, key=lambda row: row.group):
        yield name, list(rows)


_PAGE = 150  # letters of a small size on a landscape page
_LONGEST_WORD = 18  # letters of a word that a narrow column keeps together


def widths(table: Table) -> list[float]:
    """The share of the width each column gets; the shares add up to 1.

    Every column gets what its longest word needs. What is left is divided among those that are not
    narrow, by how much text they have.
    """
    least = []
    weights = []
    for number, column in enumerate(table.columns):
        lines: list[str] = []
        for row in table.rows:
            lines += row.cells[number].lines(table.quotes)
        least.append(_least_share(column, lines))
        weights.append(_weight(column, lines, len(table.rows)))
    if not any(weights):
        weights = [1.0] * len(weights)
    left = max(0.0, 1 - sum(least))
    total_weight = sum(weights)
    shares = []
    for minimum, weight in zip(least, weights, strict=True):
        shares.append(minimum + left * weight / total_weight)
    # The least shares of many columns can add up to more than a page.
    total = sum(shares)
    return [share / total for share in shares]


def _least_share(column: Column, lines: Sequence[str]) -> float:
    """The share of a page that the longest word of a column needs, its heading included."""
    words = " ".join([*lines, column.heading]).split()
    longest = max(map(len, words), default=0)
    return (min(longest, _LONGEST_WORD) + 3) / _PAGE


def _weight(column: Column, lines: Sequence[str], rows: int) -> float:
    """How much of the width that is left a column asks for; a narrow one asks for none."""
    if column.narrow:
        return 0.0
    letters = sum(map(len, lines)) / max(1, rows)
    # The root: a column with four times the text is twice as wide, not four times.
    return sqrt(letters) + 1
