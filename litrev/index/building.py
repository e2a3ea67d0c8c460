"""From documents to a segment: every word of theirs sorted into postings, and written in one go."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from struct import Struct
from typing import Any

from litrev.index import layout
from litrev.index.analysis import placed, stem
from litrev.index.documents import Document
from litrev.index.w3 import PostingsWriter, length_table, number_bytes

FULL = 2_500_000  # postings after which a segment is written
_ONE = Struct("=I")


class _Stems(dict[str, str]):
    """The stem of each word, looked for once; names stand unstemmed under a sign no word holds."""

    def __missing__(self, word: str) -> str:
        found = self[word] = stem(word)
        return found


class SegmentBuilder:
    """Documents on their way into one segment."""

    def __init__(self, structured: Sequence[str]) -> None:
        self._slots = [(name, n, layout.boost(name), layout.is_stemmed(name)) for n, name in enumerate(layout.slots(structured))]
        self._stems = _Stems()
        self._content: dict[str, list[Any]] = {}  # document, weight, positions; document, weight, …
        self._surface: dict[str, list[int]] = {}
        self._fields: dict[str, dict[str, list[int]]] = {name: {} for name, *_ in self._slots}  # document, count; …
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
        number, length = len(self._ids), 0
        weights: dict[str, int] = {}
        places: dict[str, list[int]] = {}
        words: set[str] = set()
        for name, slot, boost, stemmed in self._slots:
            text = document.texts.get(name)
            if not text:
                continue
            base = slot << layout.SLOT
            found: defaultdict[str, list[int]] = defaultdict(list)
            for word, position in placed(text):
                found[word].append(position)
            postings = self._fields[name]
            for word, positions in found.items():
                count = len(positions)
                length += count
                if word in postings:
                    postings[word] += (number, count)
                else:
                    postings[word] = [number, count]
                term = self._stems[word] if stemmed else layout.UNSTEMMED + word
                if base:
                    positions = [base + position for position in positions]
                if term in places:
                    places[term] += positions
                    weights[term] += boost * count
                else:
                    places[term] = positions
                    weights[term] = boost * count
            words.update(found)
        self._take(number, weights, places, words)
        self._marks(number, document)
        self._ids.append(document.id.encode())
        self._years.append(layout.NO_YEAR if document.year is None else document.year)
        self._lengths.append(length)

    def _take(self, number: int, weights: dict[str, int], places: dict[str, list[int]], words: Iterable[str]) -> None:
        content, surface = self._content, self._surface
        for term, positions in places.items():
            encoded = _ONE.pack(positions[0]) if len(positions) == 1 else layout.encode(sorted(positions))
            if term in content:
                content[term] += (number, weights[term], encoded)
            else:
                content[term] = [number, weights[term], encoded]
        for word in words:
            if word in surface:
                surface[word].append(number)
            else:
                surface[word] = [number]
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
            content = _sorted(self._content)
            for field in (layout.CONTENT, layout.PLACES):
                writer.start_field(field)
                for term, postings in content:
                    if field == layout.CONTENT:
                        writer.add(term, postings[::3], postings[1::3])
                    else:
                        writer.add(term, postings[::3], None, postings[2::3])
            for field, marks in ((layout.SURFACE, self._surface), (layout.FLAGS, self._flags), (layout.FACETS, self._facets)):
                writer.start_field(field)
                for term, numbers in _sorted(marks):
                    writer.add(term, numbers)
            for field, counted in self._fields.items():
                writer.start_field(field)
                for term, postings in _sorted(counted):
                    writer.add(term, postings[::2], postings[1::2])
            found = writer.finish()
        return written(folder, name, found, self._ids, self._years, self._lengths, [word for word, _ in _sorted(self._surface)])


def written(
    folder: Path, name: str, terms: dict[str, Any], ids: Sequence[bytes], years: Sequence[int], lengths: Sequence[int], words: Sequence[bytes]
) -> dict[str, Any]:
    """Write what a segment has beside its postings; what a manifest says of it."""
    width = max(map(len, ids), default=1)
    table = length_table()
    forms: dict[str, list[str]] = {}
    for word in map(bytes.decode, words):
        forms.setdefault(stem(word), []).append(word)
    lines = [f"{root} {' '.join(found)}" for root, found in sorted(forms.items()) if found != [root]]
    for file, content in {
        f"{name}.id.col": b"".join(identity.ljust(width, b"\0") for identity in ids),
        f"{name}.year.col": number_bytes(years),
        f"{name}._{layout.CONTENT}_len.col": bytes(min(255, bisect_left(table, length)) for length in lengths),
        f"{name}.words": b"\n" + b"\n".join(words) + b"\n",
        f"{name}.forms": ("\n" + "\n".join(lines) + "\n").encode(),
    }.items():
        (folder / file).write_bytes(content)
    files = sorted(path for path in folder.iterdir() if path.name.startswith(f"{name}."))
    for path in files:
        with path.open("rb") as written_file:
            os.fsync(written_file.fileno())
    return {
        "name": name, "documents": len(ids), "deleted": [], "length": sum(lengths), "width": width, "terms": terms,
        "files": {path.name: layout.stamp(path) for path in files},
    }  # fmt: skip


def _sorted(postings: dict[str, list[Any]]) -> list[tuple[bytes, list[Any]]]:
    return sorted((term.encode(), found) for term, found in postings.items())
