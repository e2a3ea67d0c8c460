"""Where records come from: bytes read as text, cut into blocks, and what was made of each block."""

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
    """A stretch of a source. The blocks of a source, joined in order, are its text.

    ``kind`` is abstract, entry, string, preamble, comment, gap or failed; ``line`` counts from 1.
    """

    position: int
    line: int
    kind: str
    raw: str
    key: str | None = None
    hash: str = field(
        init=False, repr=False
    )  # by which the same words are known again, wherever they stand

    def __post_init__(self) -> None:
        object.__setattr__(self, "hash", fingerprint(self.raw.strip()))


class EntryRow(NamedTuple):
    """An entry of a BibTeX source as it is kept: whose it is, where it stands, its key there and
    its raw text.
    """

    record_id: str
    source_id: str
    position: int
    line: int
    key: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class Work:
    """One work as a source gives it, before it is known whether the library has it already."""

    position: int
    line: int
    key: str | None = None
    entry_type: str | None = None
    fields: tuple[Field, ...] = ()
    abstract: str | None = None
    tags: tuple[str, ...] = ()

    def get(self, name: str) -> str:
        """The decoded value of a bibliographic field, or an empty string."""
        return next((f.value for f in self.fields if f.name == name), "")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a source that could not be read, or was read with a doubt.

    An ``unreadable`` stretch goes to quarantine with its ``raw`` text; a doubt is only reported.
    """

    line: int
    reason: str
    raw: str = ""
    unreadable: bool = True
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a format made of a text: nothing of the text is missing from ``blocks``."""

    blocks: tuple[Block, ...]
    works: tuple[Work, ...]
    problems: tuple[Problem, ...] = field(default=())
