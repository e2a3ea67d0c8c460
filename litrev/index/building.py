"""From documents to a segment: every word of theirs sorted into postings, and written in one go."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from struct import Struct
from typing import Any

from litrev.index import layout
from litrev.index.analysis import placed, stem
from litrev.index.documents import Document
from litrev.index.w3 import PostingsWriter, length_table, number_bytes

FULL = 2_000_000  # postings after which a segment is written
_ONE = Struct("=I")


class _Names(dict[str, str]):
    """The term of each word of a field whose words are not stemmed."""

    def __missing__(self, word: str) -> str:
        found = self[word] = layout.UNSTEMMED + word
        return found


class Stems(dict[str, str]):
    """The stem of each word, looked for once."""

    def __missing__(self, word: str) -> str:
        found = self[word] = stem(word)
        return found


class SegmentBuilder:
    """Documents on their way into one segment."""

    def __init__(self, structured: Sequence[str], stems: Stems | None = None) -> None:
        slots = enumerate(layout.slots(structured))
        self._slots = [(name, n << layout.SLOT, 1 << n, layout.boost(name) - layout.UNIT, layout.is_stemmed(name)) for n, name in slots]
        self._stems, self._names = Stems() if stems is None else stems, _Names()
        self._content: defaultdict[str, list[tuple[int, int, bytes]]] = defaultdict(list)  # document, weight, positions
        self._surface: defaultdict[str, list[int]] = defaultdict(list)
        self._elsewhere: defaultdict[str, dict[int, int]] = defaultdict(dict)  # for a word in a document the fields, if not the first alone
        self._flags: dict[str, list[int]] = {}
        self._facets: dict[str, list[int]] = {}
        self._ids: list[bytes] = []
        self._years: list[int] = []
        self._lengths: list[int] = []
        self.postings = 0

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, document: Document) -> None:
        """Take in one document."""
        length, encoded = 0, _ONE.pack
        places: dict[str, bytes] = {}
        before = places.get
        extra: dict[str, int] = {}
        fields: dict[str, int] = {}
        for name, base, bit, more, stemmed in self._slots:
            text = document.texts.get(name)
            if not text:
                continue
            words, positions = placed(text, base)
            length += len(words)
            terms = [*map((self._stems if stemmed else self._names).__getitem__, words)]
            for term, position in zip(terms, positions, strict=False):
                places[term] = before(term, b"") + encoded(position)
            if more:
                for term in terms:
                    extra[term] = extra.get(term, 0) + more
            if fields:
                for word in set(words):
                    fields[word] = fields.get(word, 0) | bit
            else:
                fields = dict.fromkeys(words, bit)
        self._take(len(self._ids), places, extra, fields)
        self._marks(len(self._ids), document)
        self._ids.append(document.id.encode())
        self._years.append(layout.NO_YEAR if document.year is None else document.year)
        self._lengths.append(length)

    def _take(self, number: int, places: Mapping[str, bytes], extra: Mapping[str, int], fields: Mapping[str, int]) -> None:
        content, surface = self._content, self._surface
        for term, value in places.items():
            weight = layout.UNIT * (len(value) // _ONE.size)
            if term in extra:
                weight += extra[term]
            content[term].append((number, weight, value))
        for word, mask in fields.items():
            surface[word].append(number)
            if mask != 1:
                self._elsewhere[word][number] = mask
        self.postings += len(places)

    def _marks(self, number: int, document: Document) -> None:
        for flag in document.flags:
            self._flags.setdefault(flag, []).append(number)
        for name, values in document.facets.items():
            for value in values:
                self._facets.setdefault(layout.facet(name, value), []).append(number)

    def write(self, folder: Path) -> dict[str, Any]:
        """Write the segment into ``folder``, on the disk and not only on its way there; what a manifest says of it."""
        name = layout.new_name()
        with (folder / f"{name}.trm").open("wb") as terms, (folder / f"{name}.pst").open("wb") as posts:
            writer = PostingsWriter(terms, posts)
            writer.start_field(layout.CONTENT)
            common = []
            for term, postings in _sorted(self._content):
                if len(postings) == 1:
                    writer.add_one(term, *postings[0])
                    continue
                documents, weights, values = zip(*postings, strict=True)
                writer.add(term, documents, weights, values)
                if len(documents) > layout.MANY:
                    common.append((term, documents, weights))
            writer.start_field(layout.COMMON)
            for term, documents, weights in common:
                writer.add(term, documents, weights)
            writer.start_field(layout.SURFACE)
            surface = _sorted(self._surface)
            for encoded, numbers in surface:
                masks = self._elsewhere.get(encoded.decode())
                if len(numbers) == 1:
                    writer.add_one(encoded, numbers[0], masks[numbers[0]] if masks else 1)
                else:
                    writer.add(encoded, numbers, [masks.get(number, 1) for number in numbers] if masks else None)
            for field, marks in ((layout.FLAGS, self._flags), (layout.FACETS, self._facets)):
                writer.start_field(field)
                for term, numbers in _sorted(marks):
                    writer.add(term, numbers)
            told = writer.finish()
        return written(folder, name, told, self._ids, self._years, self._lengths, [word for word, _ in surface], self._stems)


def written(
    folder: Path,
    name: str,
    terms: dict[str, Any],
    ids: Sequence[bytes],
    years: Sequence[int],
    lengths: Sequence[int],
    words: Sequence[bytes],
    stems: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write what a segment has beside its postings; what a manifest says of it."""
    stems = Stems() if stems is None else stems
    width = max(map(len, ids), default=1)
    table = length_table()
    codes = bytes(min(255, bisect_left(table, length)) for length in lengths)
    forms: dict[str, list[str]] = {}
    for word in map(bytes.decode, words):
        forms.setdefault(stems[word], []).append(word)
    lines = [f"{root} {' '.join(found)}" for root, found in sorted(forms.items()) if found != [root]]
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


def _sorted(postings: dict[str, list[Any]]) -> list[tuple[bytes, list[Any]]]:
    return sorted((term.encode(), found) for term, found in postings.items())
