"""What a renderer may be told beside the table, and what the text formats have in common."""

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
_WORD = 18  # letters of a word that a narrow column keeps together


def widths(table: Table) -> list[float]:
    """The share of the width each column gets: narrow ones what their longest word needs, the
    others by how much they have to say; they add up to 1.
    """
    wanted = []
    for n, column in enumerate(table.columns):
        held = [line for row in table.rows for line in row.cells[n].lines(table.quotes)]
        longest = max(
            (len(word) for line in (*held, column.heading) for word in line.split()), default=0
        )
        least = (min(longest, _WORD) + 3) / _PAGE
        wanted.append(
            (
                least,
                0.0 if column.narrow else sqrt(sum(map(len, held)) / max(1, len(table.rows))) + 1,
            )
        )
    taken, asked = sum(least for least, _ in wanted), sum(more for _, more in wanted)
    left = max(0.0, 1 - taken)
    shares = [
        least + (left * more / asked if asked else left / len(wanted)) for least, more in wanted
    ]
    return [share / sum(shares) for share in shares]
