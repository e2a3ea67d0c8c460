"""One segment of an index, read where it lies: nothing is loaded before it is asked for."""

from __future__ import annotations

import mmap
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3 import (
    Malformed,
    Postings,
    Term,
    TermsReader,
    numbers,
    read_postings,
)


class Segment:
    """The files of one segment, as the manifest describes it."""

    def __init__(self, folder: Path, told: Mapping[str, Any]) -> None:
        self.folder, self.name = folder, str(told["name"])
        self.count, self.deleted = int(told["documents"]), frozenset(told["deleted"])
        self.length, self._width, self._told = (
            int(told["length"]),
            int(told["width"]),
            told["terms"],
        )
        self._open: list[mmap.mmap] = []

    @property
    def living(self) -> int:
        """How many documents it holds that were not deleted."""
        return self.count - len(self.deleted)

    def close(self) -> None:
        """Let go of the files."""
        for content in self._open:
            content.close()

    def _map(self, suffix: str) -> mmap.mmap:
        with (self.folder / f"{self.name}.{suffix}").open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._open.append(content)
        return content

    # Terms and postings

    @cached_property
    def terms(self) -> TermsReader:
        """Its terms."""
        return TermsReader(
            self._map("trm"), self._told["fields"], self._told["terms"], self._told["type"]
        )

    @cached_property
    def _posts(self) -> mmap.mmap:
        return self._map("pst")

    def ranked(self, word: bytes) -> Term | None:
        """A term of the content, where it is quickest to read for its weights alone."""
        return self.terms.find(layout.COMMON, word) or self.terms.find(layout.CONTENT, word)

    def postings(self, term: Term, wanted: Sequence[int] | None = None) -> Postings:
        """The postings of a term; with ``wanted``, documents in order, at least those of them."""
        found = read_postings(self._posts, term, wanted)
        if found.documents and not 0 <= found.documents[-1] < self.count:
            raise Malformed("a posting names a document that is not there")
        return found

    # Columns

    @cached_property
    def lengths(self) -> bytes:
        """A byte for each document that stands for how long it is."""
        return self._column(f"_{layout.CONTENT}_len.col", 1)

    @cached_property
    def years(self) -> array[int]:
        """The year of each document, NO_YEAR where there is none."""
        return numbers(self._column("year.col", 4))

    @cached_property
    def _ids(self) -> bytes:
        return self._column("id.col", self._width)

    def _column(self, suffix: str, width: int) -> bytes:
        content = bytes(self._map(suffix))
        if len(content) != width * self.count:
            raise Malformed(f"the column {suffix} does not hold")
        return content

    def identity(self, number: int) -> str:
        """The id of a document."""
        width = self._width
        return self._ids[number * width : (number + 1) * width].rstrip(b"\0").decode()

    def number(self, identity: str) -> int | None:
        """The number of a document by its id."""
        wanted, at = identity.encode().ljust(self._width, b"\0"), -1
        if len(wanted) > self._width:
            return None
        while (at := self._ids.find(wanted, at + 1)) >= 0:
            if at % self._width == 0 and at // self._width not in self.deleted:
                return at // self._width
        return None

    # Its vocabulary

    @cached_property
    def _words(self) -> str:
        return bytes(self._map("words")).decode()

    def words(self, pattern: re.Pattern[str], beginning: str = "") -> Iterator[str]:
        """Those of all words that ``pattern``, which matches whole lines, fits; all of them begin
        so.
        """
        begin, end = 0, len(self._words)
        if beginning:
            begin = self._words.find(f"\n{beginning}")
            end = self._words.find("\n", self._words.rfind(f"\n{beginning}") + 1)
        if begin >= 0:
            for match in pattern.finditer(self._words, begin, end + 1):
                yield match.group()

    def forms(self, stem: str) -> Sequence[str]:
        """The words with this stem, as they stand."""
        root = f"\n{stem} ".encode()
        at = self._forms.find(root)
        if at < 0:
            return (stem,)
        return self._forms[at + len(root) : self._forms.find(b"\n", at + 1)].decode().split(" ")

    @cached_property
    def _forms(self) -> mmap.mmap:
        return self._map("forms")
