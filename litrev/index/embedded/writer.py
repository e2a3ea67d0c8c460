"""Writing an embedded index: building it anew, bringing it up to date, putting its parts together.

Files are written under new names and flushed to the disk; then the manifest is swapped. Whatever
stops in between leaves the index as it was, and what lies about is cleared away next time.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from litrev.index.documents import Document
from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3 import (
    PostingsWriter,
    Term,
    length_table,
    write_table_of_contents,
)
from litrev.index.embedded.manifest import files_of, read_manifest, write_manifest
from litrev.index.embedded.segment import Segment
from litrev.index.embedded.segment_builder import FULL, SegmentBuilder, Stems, forms_of, written
from litrev.index.embedded.whoosh_schema import schema
from litrev.index.engine import DamagedIndex
from litrev.library.storage.gc_pause import without_collecting

_DIGITS = 10  # a table of contents with a number that long is none of ours: Whoosh writes it in four bytes
MOST_ALIKE = 8  # segments of about one size before they are put together


class Keeper:
    """Whoever holds the lock of an index and writes it."""

    def __init__(self, folder: Path, structured: Sequence[str]) -> None:
        self.folder, self.structured = folder, tuple(structured)

    def build(
        self, documents: Iterable[Document], stated: dict[str, Any], progress: Callable[[int], None]
    ) -> None:
        """Index everything anew, and swap it for what is there."""
        with self._cleared_up():
            self._finish({**stated, "lengths": length_table()}, self._segments(documents, progress))

    def change(
        self,
        told: dict[str, Any],
        opened: Sequence[Segment],
        documents: Iterable[Document],
        removed: Sequence[str],
        stated: dict[str, Any],
    ) -> None:
        """Take in changed documents and take out removed ones."""
        fresh = {document.id: document for document in documents}
        segments = [
            {**segment, "deleted": list(segment["deleted"])} for segment in told["segments"]
        ]
        for identity in {*removed, *fresh}:
            for segment, entry in zip(opened, segments, strict=True):
                number = segment.number(identity)
                if number is not None:
                    entry["deleted"].append(number)
        with self._cleared_up():
            added = self._segments(fresh.values(), lambda done: None) if fresh else []
            self._finish({**told, **stated}, self._tidy([*segments, *added]))

    def compact(self, told: dict[str, Any], opened: Sequence[Segment]) -> None:
        """Put all segments into one, without what was deleted."""
        if len(told["segments"]) > 1 or any(segment["deleted"] for segment in told["segments"]):
            with self._cleared_up():
                self._finish(
                    told,
                    [merge(self.folder, opened)]
                    if any(segment.living for segment in opened)
                    else [],
                )

    def _segments(
        self, documents: Iterable[Document], progress: Callable[[int], None]
    ) -> list[dict[str, Any]]:
        made, stems = list[dict[str, Any]](), Stems()
        builder = SegmentBuilder(self.structured, stems)
        with without_collecting():
            for number, document in enumerate(documents, 1):
                builder.add(document)
                progress(number)
                if builder.words >= FULL:
                    made.append(builder.write(self.folder))
                    builder = SegmentBuilder(self.structured, stems)
            return [*made, builder.write(self.folder)] if len(builder) else made

    def _tidy(self, segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Put segments of about one size together when there are many; leave out those with nothing
        living in them.
        """
        living = [segment for segment in segments if len(segment["deleted"]) < segment["documents"]]

        def size(segment: dict[str, Any]) -> int:
            return int(math.log(segment["documents"] - len(segment["deleted"]), MOST_ALIKE))

        for _, group in groupby(sorted(living, key=size), key=size):
            alike = list(group)
            if len(alike) >= MOST_ALIKE:
                rest = [segment for segment in living if segment not in alike]
                opened = [Segment(self.folder, segment) for segment in alike]
                try:
                    return self._tidy([*rest, merge(self.folder, opened)])
                finally:
                    for segment in opened:
                        segment.close()
        return living

    def _finish(self, told: dict[str, Any], segments: Sequence[dict[str, Any]]) -> None:
        """Let these segments be the index from now on, and clear away all other files."""
        numbers = [path.stem.removeprefix("_MAIN_") for path in self.folder.glob("_MAIN_*.toc")]
        number = 1 + max(
            (int(number) for number in numbers if number.isdecimal() and len(number) < _DIGITS),
            default=0,
        )
        rows = [
            (s["name"], s["documents"], s["deleted"], {layout.CONTENT: s["length"]})
            for s in segments
        ]
        contents = write_table_of_contents(str(self.folder), rows, number, schema())
        write_manifest(self.folder, {**told, "segments": list(segments)})
        self._clear({contents, *(name for segment in segments for name in segment["files"])})

    @contextmanager
    def _cleared_up(self) -> Iterator[None]:
        """When what is written cannot be completed, take it away again: it may be what has filled
        the disk.
        """
        before = {path.name for path in self.folder.iterdir()}
        try:
            yield
        except Exception:
            with suppress(DamagedIndex):  # of which nothing is kept
                before |= {
                    name for name, _ in files_of(read_manifest(self.folder) or {"segments": []})
                }
            self._clear(before)
            raise

    def _clear(self, kept: set[str]) -> None:
        for path in self.folder.iterdir():
            if path.name.startswith(("MAIN", "_MAIN", ".litrev-")) and path.name not in kept:
                path.unlink(missing_ok=True)


def merge(folder: Path, segments: Sequence[Segment]) -> dict[str, Any]:
    """Write one segment that holds the living documents of several; what a manifest says of it."""
    numbers: list[dict[int, int]] = []
    ids, years, lengths, table, at = list[bytes](), list[int](), list[int](), length_table(), 0
    for segment in segments:
        living = [n for n in range(segment.count) if n not in segment.deleted]
        numbers.append({n: at + k for k, n in enumerate(living)})
        at += len(living)
        ids += [segment.identity(n).encode() for n in living]
        years += [segment.years[n] for n in living]
        lengths += [table[segment.lengths[n]] for n in living]
    name, words = layout.new_name(), list[bytes]()
    with (folder / f"{name}.trm").open("wb") as terms, (folder / f"{name}.pst").open("wb") as posts:
        writer = PostingsWriter(terms, posts)
        common: list[tuple[bytes, Merged]] = []
        for field in dict.fromkeys(
            name for segment in segments for name in segment.terms.fields if name != layout.COMMON
        ):
            writer.start_field(field)
            streams = [
                [(word, n, term) for word, term in segment.terms.starting(field, b"")]
                for n, segment in enumerate(segments)
            ]
            for word, found in groupby(heapq.merge(*streams), key=lambda entry: entry[0]):
                merged = _merged([(segments[n], numbers[n], term) for _, n, term in found])
                if merged[0]:
                    writer.add(word, *merged)
                if merged[0] and field == layout.SURFACE:
                    words.append(word)
                if len(merged[0]) > layout.MANY and field == layout.CONTENT:
                    common.append((word, merged))
        writer.start_field(layout.COMMON)
        for word, (documents, weights, _) in common:
            writer.add(word, documents, weights)
        found_terms = writer.finish()
    return written(
        folder,
        name,
        found_terms,
        ids,
        years,
        lengths,
        words,
        forms_of(map(bytes.decode, words), Stems()),
    )


Merged = tuple[list[int], list[int], list[bytes]]


def _merged(parts: Sequence[tuple[Segment, dict[int, int], Term]]) -> Merged:
    """The postings of one term that stands in several segments: documents, weights and values of
    what lives.
    """
    documents, weights, values = list[int](), list[int](), list[bytes]()
    for segment, numbers, term in parts:
        found = segment.postings(term)
        kept = [k for k, number in enumerate(found.documents) if number in numbers]
        documents += [numbers[found.documents[k]] for k in kept]
        weights += [found.weights[k] if found.weights else 1 for k in kept]
        values += [found.values[k] for k in kept] if found.values else []
    return documents, weights, values
