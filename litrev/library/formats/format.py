"""What a format is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from litrev.library.bibtex.entry_source import Entry
from litrev.library.model.source import Reading, Text

# A copy of a library. It is not a format of works, and importing reads and writes it, but people
# name it like one.
COPY = "ndjson"


class Structured(StrEnum):
    """Which values of the structured fields an export includes."""

    NONE = "none"
    DECIDED = "decided"
    PROPOSED = "proposed"  # and the decided ones


@dataclass(frozen=True, slots=True)
class Options:
    """How an export is to be written.

    ``ascii`` turns other characters into LaTeX escapes; ``columns`` names the columns of a CSV
    file and the field each holds. A format ignores the options that it does not need.
    """

    structured: Structured = Structured.DECIDED
    ascii: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """An export to be written piece by piece; ``left_out`` says what the format cannot hold."""

    pieces: Iterator[str]
    left_out: tuple[str, ...] = ()


Writer = Callable[[Iterable[Entry], Options], Export]
"""Makes text of records with their cells.

It may go through the entries more than once; they are read from the library each time.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: a name, the suffixes of its files, and functions of text.

    ``recognises`` gives 0 (no) to 1 (certainly) for a text. ``read`` makes works of it, None for a
    format that is only written; ``write`` makes text of records, None for one that is only read.
    ``configured`` gives the format for a table whose columns were named: field to heading.
    ``parents_last`` says that records named in ``crossref`` are written too, after their children.
    """

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Text], float]
    read: Callable[[Text], Reading] | None = None
    write: Writer | None = None
    configured: Callable[[Mapping[str, str]], Format] | None = None
    parents_last: bool = False
