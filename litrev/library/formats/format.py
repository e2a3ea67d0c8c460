"""What a format is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from litrev.library.model.source import Reading, Text
from litrev.library.storage.library import Library


class Structured(Enum):
    """Which values of the structured fields an export takes along."""

    NONE = "none"
    DECIDED = "decided"
    PROPOSED = "proposed"  # and the decided ones


@dataclass(frozen=True, slots=True)
class Options:
    """How an export is to be written.

    ``ascii`` turns other characters into LaTeX escapes; ``columns`` names the columns of a CSV
    file and the field each holds. A format passes over what does not concern it.
    """

    structured: Structured = Structured.DECIDED
    ascii: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """An export to be written piece by piece; ``left_out`` says what the format cannot hold."""

    pieces: Iterator[str]
    left_out: tuple[str, ...] = ()


Writer = Callable[[Library, Sequence[str], Options], Export]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``recognises`` gives 0 (no) to 1 (certainly) for a text.

    ``read`` is None for NDJSON, which carries whole libraries and is merged instead of read;
    ``write`` is None for a format that is only read. ``configured`` gives the format for a table
    whose columns were named: field to heading.
    """

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Text], float]
    read: Callable[[Text], Reading] | None = None
    write: Writer | None = None
    configured: Callable[[Mapping[str, str]], Format] | None = None
