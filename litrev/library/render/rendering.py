"""What a renderer is given beside the table, and what the formats have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import sqrt

from litrev.library.synthesis.model import Row, Table


@dataclass(frozen=True, slots=True)
class Rendering:
    """``standalone``: a document of its own; ``cite``: the LaTeX command that names a paper."""

    standalone: bool = False
    cite: str = ""


def groups(table: Table) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each group with its name; one nameless group in a table without."""
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
    more = []
    for number, column in enumerate(table.columns):
        lines: list[str] = []
        for row in table.rows:
            lines += row.cells[number].lines(table.quotes)
        words = " ".join([*lines, column.heading]).split()
        longest = max(map(len, words), default=0)
        least.append((min(longest, _LONGEST_WORD) + 3) / _PAGE)
        letters = sum(map(len, lines)) / max(1, len(table.rows))
        # The root: a column with four times the text is twice as wide, not four times.
        more.append(0.0 if column.narrow else sqrt(letters) + 1)
    left = max(0.0, 1 - sum(least))
    if not sum(more):
        more = [1.0] * len(more)
    asked = sum(more)
    shares = [minimum + left * extra / asked for minimum, extra in zip(least, more, strict=True)]
    return [share / sum(shares) for share in shares]
