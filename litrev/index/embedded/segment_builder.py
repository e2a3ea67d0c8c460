"""From documents to a segment: every word of theirs sorted into postings, and written in one go."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from litrev.index.analysis import placed, stem
from litrev.index.documents import Document
from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3 import PostingsWriter, length_table, number_bytes
from litrev.index.embedded.layout import Places

FULL = 8_000_000  # words after which a segment is written: some 40,000 records, a few hundred MB


class Stems(dict[str, str]):
    """The stem of each word, looked for once."""

    def __missing__(self, word: str) -> str:
        found = self[word] = stem(word)
        return found


class _Words(dict[str, "array[int]"]):
    """The places of each word, in ascending order.

    Words are sorted into arrays of places first, one quick step for each, and arrays are taken
    apart into postings when the segment is written.
    """

    def __missing__(self, word: str) -> array[int]:
        found = self[word] = array("Q")
        return found


class SegmentBuilder:
    """Documents on their way into one segment."""

    def __init__(self, structured: Sequence[str], stems: Stems | None = None) -> None:
        self._stems = Stems() if stems is None else stems
        self._words, self._names = _Words(), _Words()
        slots = layout.slots(structured)
        self._slots = [
            (name, n << layout.SLOT, self._words if layout.is_stemmed(name) else self._names)
            for n, name in enumerate(slots)
        ]
        self._weights = bytes(max(layout.UNIT, layout.boost(name)) for name in slots).ljust(
            256, b"\0"
        )
        self._flags: dict[str, list[int]] = {}
        self._facets: dict[str, list[int]] = {}
        self._ids: list[bytes] = []
        self._years: list[int] = []
        self._lengths: list[int] = []
        self.words = 0

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, document: Document) -> None:
        """Take in one document."""
        number, length = len(self._ids), 0
        base, texts = number << layout.DOCUMENT, document.texts
        for name, slot, places in self._slots:
            text = texts.get(name)
            if text:
                words, positions = placed(text, base + slot)
                length += len(words)
                any(
                    map(array.append, map(places.__getitem__, words), positions)
                )  # to the end: appending returns nothing
        self._marks(number, document)
        self._ids.append(document.id.encode())
        self._years.append(layout.NO_YEAR if document.year is None else document.year)
        self._lengths.append(length)
        self.words += length

    def _marks(self, number: int, document: Document) -> None:
        for flag in document.flags:
            self._flags.setdefault(flag, []).append(number)
        for name, values in document.facets.items():
            for value in values:
                self._facets.setdefault(layout.facet(name, value), []).append(number)

    def write(self, folder: Path) -> dict[str, Any]:
        """Write the segment into ``folder``, on the disk and not only on its way there; what a
        manifest says of it.
        """
        name = layout.new_name()
        with (
            (folder / f"{name}.trm").open("wb") as terms,
            (folder / f"{name}.pst").open("wb") as posts,
        ):
            writer = PostingsWriter(terms, posts)
            forms = forms_of(self._words, self._stems)
            words = self._write_words(writer, forms)
            for field, marks in ((layout.FLAGS, self._flags), (layout.FACETS, self._facets)):
                writer.start_field(field)
                for term in sorted(marks):
                    writer.add(term.encode(), marks[term])
            told = writer.finish()
        return written(folder, name, told, self._ids, self._years, self._lengths, words, forms)

    def _write_words(
        self, writer: PostingsWriter, forms: Mapping[str, Sequence[str]]
    ) -> list[bytes]:
        """Write each stem with the places of all its words, each name with its own, and all words
        as they stand; the words.
        """
        entries = _Entries(writer, self._weights)
        for term, words in forms.items():
            held = [self._words[word] for word in words]
            spoken = [None if word in self._names else word for word in words]
            entries.put(_together(held), term, spoken[0] if len(words) == 1 else None)
            for places, word in zip(held, spoken, strict=True) if len(words) > 1 else ():
                entries.put(places, None, word)
        for word, named in self._names.items():
            if word in self._words:
                entries.put(named, layout.UNSTEMMED + word, None)
                entries.put(_together([named, self._words[word]]), None, word)
            else:
                entries.put(named, layout.UNSTEMMED + word, word)
        return entries.enter()


class _Entries:
    """Postings as they are written, and what is to be entered of them, which must wait for its
    order.
    """

    def __init__(self, writer: PostingsWriter, weights: bytes) -> None:
        self._writer, self._weights = writer, weights
        self._content, self._common, self._surface = (
            dict[str, bytes](),
            dict[str, bytes](),
            dict[str, bytes](),
        )

    def put(self, held: array[int], term: str | None, word: str | None) -> None:
        """Write postings as those of a term of the content, and as those of a word."""
        if len(held) == 1:
            document, field, value = layout.only(held)
            if term is not None:
                self._content[term] = self._writer.put_one(document, self._weights[field], value)
            if word is not None:
                self._surface[word] = self._writer.put_one(document, 1 << field)
            return
        places = Places(held)
        if term is not None:
            weights = places.weights(self._weights)
            self._content[term] = self._writer.put(places.documents, weights, places.values())
            if len(places.documents) > layout.MANY:
                self._common[term] = self._writer.put(places.documents, weights)
        if word is not None:
            self._surface[word] = self._writer.put(places.documents, places.masks())

    def enter(self) -> list[bytes]:
        """Enter all of it; the words."""
        for field, entries in (
            (layout.CONTENT, self._content),
            (layout.COMMON, self._common),
            (layout.SURFACE, self._surface),
        ):
            self._writer.start_field(field)
            for term in sorted(
                entries
            ):  # in the order of code points, which is that of their bytes
                self._writer.enter(term.encode(), entries[term])
        return [word.encode() for word in sorted(self._surface)]


def forms_of(words: Iterable[str], stems: Mapping[str, str]) -> dict[str, list[str]]:
    """The words by their stems."""
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(stems[word], []).append(word)
    return found


def _together(held: Sequence[array[int]]) -> array[int]:
    return held[0] if len(held) == 1 else array("Q", sorted(chain.from_iterable(held)))


def written(
    folder: Path,
    name: str,
    terms: dict[str, Any],
    ids: Sequence[bytes],
    years: Sequence[int],
    lengths: Sequence[int],
    words: Sequence[bytes],
    forms: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Write what a segment has beside its postings; what a manifest says of it."""
    width = max(map(len, ids), default=1)
    table = length_table()
    codes = bytes(min(255, bisect_left(table, length)) for length in lengths)
    lines = [
        f"{root} {' '.join(found)}" for root, found in sorted(forms.items()) if [*found] != [root]
    ]
    for file, content in {
        f"{name}.id.col": b"".join(identity.ljust(width, b"\0") for identity in ids),
        f"{name}.year.col": number_bytes(years),
        f"{name}._{layout.CONTENT}_len.col": codes,
        f"{name}.words": b"\n" + b"\n".join(words) + b"\n",
        f"{name}.forms": ("\n" + "\n".join(lines) + "\n").encode(),
    }.items():
        (folder / file).write_bytes(content)
    files = sorted(path for path in folder.iterdir() if path.name.startswith(f"{name}."))
    for path in files:
        with path.open("rb") as written_file:
            os.fsync(written_file.fileno())
    return {
        "name": name, "documents": len(ids), "deleted": [], "length": sum(table[code] for code in codes), "width": width, "terms": terms,
        "files": {path.name: layout.stamp(path) for path in files},
    }  # fmt: skip
