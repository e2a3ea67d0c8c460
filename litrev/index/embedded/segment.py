"""One segment of an index, read where it lies: nothing is loaded before it is asked for."""

from __future__ import annotations

import mmap
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """The files of one segment; ``entry`` describes it in the manifest.

    Documents are numbered from 0 in the order they were written. Files are mapped into memory when
    they are first needed, and stay open until :meth:`close`. What is not as the format says is
    raised as Malformed.
    """

    def __init__(self, folder: Path, entry: Mapping[str, Any]) -> None:
        self.folder = folder
        self.name = str(entry["name"])
        self.count = int(entry["documents"])  # the deleted ones too
        self.deleted = frozenset(entry["deleted"])
        self.length = int(entry["length"])  # words in all documents
        self._width = int(entry["width"])  # bytes of an id
        self._terms_entry = entry["terms"]
        self._open: list[mmap.mmap] = []

    @property
    def living(self) -> int:
        """How many documents it holds that were not deleted."""
        return self.count - len(self.deleted)

    def close(self) -> None:
        """Close the files; the segment cannot be used afterwards."""
        for content in self._open:
            content.close()

    def _map(self, suffix: str) -> mmap.mmap:
        """The content of a file of this segment, mapped into memory."""
        path = self.folder / f"{self.name}.{suffix}"
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._open.append(content)
        return content

    # Terms and postings

    @cached_property
    def terms(self) -> TermsReader:
        """The terms of all fields."""
        entry = self._terms_entry
        return TermsReader(self._map("trm"), entry["fields"], entry["terms"], entry["type"])

    @cached_property
    def _posts(self) -> mmap.mmap:
        return self._map("pst")

    def ranked(self, word: bytes) -> Term | None:
        """A term of the content, from the field where its weights are quickest to read.

        None when no document has it. Its postings may be without positions.
        """
        find = self.terms.find
        return find(layout.COMMON, word) or find(layout.CONTENT, word)

    def postings(self, term: Term, wanted: Sequence[int] | None = None) -> Postings:
        """The postings of a term.

        With ``wanted``, documents in ascending order, others may be left out. Raises Malformed
        when they do not fit the segment.
        """
        postings = read_postings(self._posts, term, wanted)
        documents = postings.documents
        # Documents ascend, so the last one is the highest: scoring looks lengths up by it.
        if documents and not 0 <= documents[-1] < self.count:
            raise Malformed("a posting names a document that is not there")
        return postings

    # Columns

    @cached_property
    def lengths(self) -> bytes:
        """A byte for each document that stands for its length."""
        return self._column(f"_{layout.CONTENT}_len.col", 1)

    @cached_property
    def years(self) -> array[int]:
        """The year of each document, NO_YEAR where there is none."""
        return numbers(self._column("year.col", 4))

    @cached_property
    def _ids(self) -> bytes:
        return self._column("id.col", self._width)

    def _column(self, suffix: str, width: int) -> bytes:
        """The bytes of a column with ``width`` bytes for each document."""
        content = bytes(self._map(suffix))
        if len(content) != width * self.count:
            raise Malformed(f"the column {suffix} has the wrong size")
        return content

    def identity(self, number: int) -> str:
        """The id of the document with this number."""
        begin = number * self._width
        padded = self._ids[begin : begin + self._width]
        return padded.rstrip(b"\0").decode()

    def number(self, identity: str) -> int | None:
        """The number of the document with this id; None when there is none, or it was deleted."""
        key = identity.encode().ljust(self._width, b"\0")
        if len(key) > self._width:
            return None
        at = self._ids.find(key)
        while at >= 0:
            # A hit that does not begin at a multiple of the width lies across two ids.
            number, offset = divmod(at, self._width)
            if offset == 0 and number not in self.deleted:
                return number
            at = self._ids.find(key, at + 1)
        return None

    # Facets

    def facet_counts(self, name: str, documents: Iterable[int]) -> Mapping[str, int]:
        """How many of ``documents`` have each value of a facet; without values that none has.

        The facet ``year`` is counted from the column of years, all others from the terms.
        """
        if name == "year":
            return self._year_counts(documents)
        counts = {}
        chosen = set(documents)
        prefix = layout.facet_prefix(name).encode()
        for key, term in self.terms.starting(layout.FACETS, prefix):
            having = self.postings(term).documents
            count = len(chosen.intersection(having))
            if count:
                value = key.removeprefix(prefix).decode()
                counts[value] = count
        return counts

    def _year_counts(self, documents: Iterable[int]) -> Mapping[str, int]:
        """How many of ``documents`` are of each year; those without a year are left out."""
        counts = Counter(map(self.years.__getitem__, documents))
        counts.pop(layout.NO_YEAR, None)
        return {str(year): count for year, count in counts.items()}

    # Vocabulary

    @cached_property
    def _words(self) -> str:
        """All words as they are written, in order, each between two line ends."""
        return bytes(self._map("words")).decode()

    def words(self, pattern: re.Pattern[str], beginning: str = "") -> Iterator[str]:
        """The words that match ``pattern``, which matches whole lines.

        All of them begin with ``beginning``: words are in order, so only that stretch is searched.
        """
        text = self._words
        begin, end = 0, len(text)
        if beginning:
            line_start = f"\n{beginning}"
            begin = text.find(line_start)
            end = text.find("\n", text.rfind(line_start) + 1)
        if begin < 0:
            return
        for match in pattern.finditer(text, begin, end + 1):
            yield match.group()

    def forms(self, stem: str) -> Sequence[str]:
        """The words with this stem, as they are written; the stem itself when it is not here."""
        line_start = f"\n{stem} ".encode()
        at = self._forms.find(line_start)
        if at < 0:  # a stem whose only form is itself has no line
            return (stem,)
        begin = at + len(line_start)
        end = self._forms.find(b"\n", begin)
        forms = self._forms[begin:end].decode()
        return forms.split(" ")

    @cached_property
    def _forms(self) -> mmap.mmap:
        """A line for each stem that has other forms than itself: the stem, then its forms."""
        return self._map("forms")
