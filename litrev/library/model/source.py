"""Where records come from: bytes read as text, cut into blocks, and what each block gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from litrev.library.model.ids import fingerprint
from litrev.library.model.record import Field


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file, and what it takes to write the same bytes again."""

    text: str
    name: str
    encoding: str
    bom: bool
    newline: str
    sha256: str
    locator: str = ""
    doubt: str = ""  # what is odd about its encoding


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a source. The blocks of a source, joined in order, are its text.

    ``kind`` is abstract, entry, string, preamble, comment, gap or failed; ``line`` counts from 1.
    """

    position: int
    line: int
    kind: str
    raw: str
    key: str | None = None
    # Recognises the same words wherever they are in the source.
    hash: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # A frozen dataclass refuses plain assignment, also to itself.
        object.__setattr__(self, "hash", fingerprint(self.raw.strip()))


class EntryRow(NamedTuple):
    """An entry of a BibTeX source as it is stored: its record, its place, its key and raw text."""

    record_id: str
    source_id: str
    position: int
    line: int
    key: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class Work:
    """One work as a source gives it; the library may already have it."""

    position: int
    line: int
    key: str | None = None
    entry_type: str | None = None
    fields: tuple[Field, ...] = ()
    abstract: str | None = None
    tags: tuple[str, ...] = ()

    def get(self, name: str) -> str:
        """The decoded value of a bibliographic field, or an empty string."""
        for entry_field in self.fields:
            if entry_field.name == name:
                return entry_field.value
        return ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a source that could not be read, or was read with a doubt.

    An ``unreadable`` part goes to quarantine with its ``raw`` text; a doubt is only reported.
    """

    line: int
    reason: str
    raw: str = ""
    unreadable: bool = True
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that a format read in a text; ``blocks`` together hold the whole text."""

    blocks: tuple[Block, ...]
    works: tuple[Work, ...]
    problems: tuple[Problem, ...] = field(default=())
