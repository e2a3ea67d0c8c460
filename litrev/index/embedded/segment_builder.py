"""From documents to a segment: all their words sorted into postings, and written in one go."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from litrev.index.analysis import placed, stem
from litrev.index.documents import Document
from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3_writer import PostingsWriter, length_table, number_bytes
from litrev.index.embedded.layout import Places

FULL = 8_000_000  # words after which a segment is written: some 40,000 records, a few hundred MB


class Stems(dict[str, str]):
    """The stem of each word, computed once; a word that is known costs no call of Python."""

    def __missing__(self, word: str) -> str:
        root = self[word] = stem(word)
        return root


class _Words(dict[str, "array[int]"]):
    """The places of each word, in ascending order.

    A place is one number (see layout.DOCUMENT): with a tuple and two lists for every posting,
    building an index was bound by memory. The arrays are cut into postings only when the segment is
    written.
    """

    def __missing__(self, word: str) -> array[int]:
        places = self[word] = array("Q")
        return places


class Columns(NamedTuple):
    """What a segment knows of each document beside its words.

    One entry each for every document, in the order of their numbers: the id in UTF-8, the year
    (NO_YEAR where there is none), the length in words over all fields that have positions.
    """

    ids: list[bytes]
    years: list[int]
    lengths: list[int]


class SegmentBuilder:
    """Gathers documents in memory, and writes them as one segment.

    ``structured`` are the fields of the codebook. Builders that follow each other share ``stems``,
    which saves computing them again. ``words`` is how many words there are so far, by which the
    caller decides to write; ``len()`` is how many documents. After :meth:`write` make a new one.
    """

    def __init__(self, structured: Sequence[str], stems: Stems | None = None) -> None:
        self._stems = Stems() if stems is None else stems
        self._words = _Words()  # of fields that are stemmed
        self._names = _Words()  # of the others
        slots = layout.slots(structured)
        # Each field with the beginning of its range, and where its words go.
        self._slots: list[tuple[str, int, _Words]] = []
        for number, name in enumerate(slots):
            words = self._words if layout.is_stemmed(name) else self._names
            self._slots.append((name, number << layout.SLOT, words))
        weights = bytes(max(layout.UNIT, layout.boost(name)) for name in slots)
        self._weights = weights.ljust(256, b"\0")  # bytes.translate wants a table of 256
        self._flags: dict[str, list[int]] = {}
        self._facets: dict[str, list[int]] = {}
        self._columns = Columns([], [], [])
        self.words = 0

    def __len__(self) -> int:
        return len(self._columns.ids)

    def add(self, document: Document) -> None:
        """Add one document, which gets the next number.

        Its id must not be in this segment yet: nothing is replaced.
        """
        columns = self._columns
        texts = document.texts
        number = len(columns.ids)
        base = number << layout.DOCUMENT
        length = 0
        for name, slot, places in self._slots:
            text = texts.get(name)
            if text:
                words, positions = placed(text, base + slot)
                length += len(words)
                # The hottest line of indexing: every word is sorted into its array without a line
                # of Python for each. any() runs to the end, because append returns None.
                any(map(array.append, map(places.__getitem__, words), positions))
        self._add_marks(number, document)
        year = layout.NO_YEAR if document.year is None else document.year
        columns.ids.append(document.id.encode())
        columns.years.append(year)
        columns.lengths.append(length)
        self.words += length

    def _add_marks(self, number: int, document: Document) -> None:
        """Note the flags of a document and the values of its facets."""
        for flag in document.flags:
            self._flags.setdefault(flag, []).append(number)
        for name, values in document.facets.items():
            for value in values:
                term = layout.facet(name, value)
                self._facets.setdefault(term, []).append(number)

    def write(self, folder: Path) -> dict[str, Any]:
        """Write the segment into ``folder`` and flush it to the disk; returns its entry in a
        manifest.
        """
        name = layout.new_name()
        with (
            (folder / f"{name}.trm").open("wb") as terms_file,
            (folder / f"{name}.pst").open("wb") as postings_file,
        ):
            writer = PostingsWriter(terms_file, postings_file)
            forms = forms_of(self._words, self._stems)
            words = self._write_words(writer, forms)
            _write_marks(writer, layout.FLAGS, self._flags)
            _write_marks(writer, layout.FACETS, self._facets)
            terms = writer.finish()
        return write_segment(folder, name, terms, columns=self._columns, words=words, forms=forms)

    def _write_words(
        self, writer: PostingsWriter, forms: Mapping[str, Sequence[str]]
    ) -> list[bytes]:
        """Write stems, names and words as they are written; returns the words, in order.

        A stem has the places of all its words, a name only its own.
        """
        entries = _Entries(writer, self._weights)
        for root, words in forms.items():
            if len(words) == 1:
                # Term and word have the same places, which need cutting only once.
                word = words[0]
                entries.put(self._words[word], root, self._surface(word))
                continue
            of_all_words = _joined([self._words[word] for word in words])
            entries.put(of_all_words, root, None)
            for word in words:
                entries.put(self._words[word], None, self._surface(word))
        for word, places in self._names.items():
            term = layout.UNSTEMMED + word
            if word in self._words:
                of_both = _joined([places, self._words[word]])
                entries.put(places, term, None)
                entries.put(of_both, None, word)
            else:
                entries.put(places, term, word)
        return entries.enter()

    def _surface(self, word: str) -> str | None:
        """The word, unless it is a name too: then it is written later, with the places of both."""
        return None if word in self._names else word


class _Entries:
    """Postings that are written already, and the terms they belong to.

    A terms file must be in order, and postings may be in any: so they are written as they come,
    and only what points to them waits in memory until all terms are known.
    """

    def __init__(self, writer: PostingsWriter, weights: bytes) -> None:
        self._writer = writer
        self._weights = weights  # what a word weighs in the field of each number
        self._content: dict[str, bytes] = {}
        self._common: dict[str, bytes] = {}
        self._surface: dict[str, bytes] = {}

    def put(self, places: array[int], term: str | None, word: str | None) -> None:
        """Write the postings of a term of the content, and of a word as it is written.

        Both have the same places; None where there is no such term or word.
        """
        if len(places) == 1:
            self._put_one(places, term, word)
            return
        cut = Places(places)
        if term is not None:
            weights = cut.weights(self._weights)
            values = cut.values()
            self._content[term] = self._writer.put(cut.documents, weights, values)
            if len(cut.documents) > layout.MANY:
                self._common[term] = self._writer.put(cut.documents, weights)
        if word is not None:
            self._surface[word] = self._writer.put(cut.documents, cut.masks())

    def _put_one(self, places: array[int], term: str | None, word: str | None) -> None:
        """The same for a single place, as half of all words have: nothing is to be cut."""
        document, field, value = layout.only(places)
        if term is not None:
            weight = self._weights[field]
            self._content[term] = self._writer.put_one(document, weight, value)
        if word is not None:
            self._surface[word] = self._writer.put_one(document, 1 << field)

    def enter(self) -> list[bytes]:
        """Enter all terms in their order; returns the words as they are written."""
        for field, entries in (
            (layout.CONTENT, self._content),
            (layout.COMMON, self._common),
            (layout.SURFACE, self._surface),
        ):
            self._writer.start_field(field)
            # UTF-8 bytes have the order of the code points, so sorting text is enough.
            for term in sorted(entries):
                self._writer.enter(term.encode(), entries[term])
        return [word.encode() for word in sorted(self._surface)]


def _write_marks(writer: PostingsWriter, field: str, marks: Mapping[str, Sequence[int]]) -> None:
    """Write a field whose terms are only there or not, each with the documents that have it."""
    writer.start_field(field)
    for term in sorted(marks):
        writer.add(term.encode(), marks[term])


def forms_of(words: Iterable[str], stems: Mapping[str, str]) -> dict[str, list[str]]:
    """The words by their stems, in the order in which they come.

    >>> forms_of(["study", "trust", "studies"], Stems())
    {'studi': ['study', 'studies'], 'trust': ['trust']}
    """
    forms: dict[str, list[str]] = {}
    for word in words:
        root = stems[word]
        forms.setdefault(root, []).append(word)
    return forms


def _joined(arrays: Sequence[array[int]]) -> array[int]:
    """The places of several words as those of one, in ascending order."""
    places = chain.from_iterable(arrays)
    return array("Q", sorted(places))


def write_segment(
    folder: Path,
    name: str,
    terms: Mapping[str, Any],
    columns: Columns,
    words: Sequence[bytes],
    forms: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Write what a segment has beside its postings, and flush all its files to the disk.

    Its terms and postings files are in ``folder`` already, and closed; ``terms`` is what the writer
    of them returned. ``words`` are all words as they are written, in order, and ``forms`` the same
    by their stems. Returns the segment's entry in a manifest.
    """
    width = max(map(len, columns.ids), default=1)
    table = length_table()
    # Whoosh keeps a length in one byte: each stands for the next length of the table.
    codes = bytes(min(255, bisect_left(table, length)) for length in columns.lengths)
    padded_ids = [identity.ljust(width, b"\0") for identity in columns.ids]
    contents = {
        "id.col": b"".join(padded_ids),
        "year.col": number_bytes(columns.years),
        f"_{layout.CONTENT}_len.col": codes,  # plain Whoosh looks for this name
        "words": b"\n" + b"\n".join(words) + b"\n",
        "forms": _forms_file(forms),
    }
    for suffix, content in contents.items():
        (folder / f"{name}.{suffix}").write_bytes(content)
    prefix = f"{name}."
    files = sorted(path for path in folder.iterdir() if path.name.startswith(prefix))
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    return {
        "name": name,
        "documents": len(columns.ids),
        "deleted": [],
        "length": sum(table[code] for code in codes),
        "width": width,
        "terms": terms,
        "files": {path.name: layout.stamp(path) for path in files},
    }


def _forms_file(forms: Mapping[str, Sequence[str]]) -> bytes:
    """A line for each stem that has other forms than itself; each line between two line ends.

    >>> _forms_file({"studi": ["studies", "study"], "trust": ["trust"]})
    b'\\nstudi studies study\\n'
    """
    lines = []
    for root, words in sorted(forms.items()):
        if [*words] != [root]:
            lines.append(" ".join((root, *words)))
    text = "\n".join(lines)
    return f"\n{text}\n".encode()
