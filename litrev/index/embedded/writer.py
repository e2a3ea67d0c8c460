"""Writing an embedded index: building it anew, bringing it up to date, merging its segments.

Files are written under new names and flushed to the disk; then the manifest is swapped. Whatever
stops a write in between leaves the index as it was, and the next write removes what it left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from litrev.index.documents import Document
from litrev.index.embedded import layout
from litrev.index.embedded.codec_w3_writer import WhooshRow, length_table, write_table_of_contents
from litrev.index.embedded.manifest import files_of, read_manifest, write_manifest
from litrev.index.embedded.merging import merge
from litrev.index.embedded.segment import Segment
from litrev.index.embedded.segment_builder import FULL, SegmentBuilder, Stems
from litrev.index.embedded.whoosh_schema import schema
from litrev.index.engine import DamagedIndex
from litrev.library.storage.gc_pause import without_collecting

# Whoosh writes the number of a table of contents in four bytes: a longer one is not ours.
_DIGITS = 10
_OURS = ("MAIN", "_MAIN", ".litrev-")  # what the names of the files of an index begin with
MOST_ALIKE = 8  # segments of about one size before they are merged

Entry = dict[str, Any]  # what a manifest says about a segment


class IndexWriter:
    """Writes an index; whoever uses it holds the lock of the index.

    ``structured`` are the fields of the codebook. Each method swaps the manifest as its last step
    but one, and removes what no longer belongs to the index after that.
    """

    def __init__(self, folder: Path, structured: Sequence[str]) -> None:
        self.folder = folder
        self.structured = tuple(structured)

    def build(
        self,
        documents: Iterable[Document],
        seen: Mapping[str, Any],
        progress: Callable[[int], None],
    ) -> None:
        """Index everything anew, and swap it for what is there.

        ``seen`` are entries of the manifest. ``progress`` is called after each document with how
        many there were.
        """
        with self._removing_new_files_on_failure():
            segments = self._segments(documents, progress)
            manifest = {**seen, "lengths": length_table()}
            self._finish(manifest, segments)

    def change(
        self,
        manifest: Mapping[str, Any],
        opened: Sequence[Segment],
        documents: Iterable[Document],
        removed: Sequence[str],
        seen: Mapping[str, Any],
    ) -> None:
        """Add or replace changed documents and take out those whose ids are ``removed``.

        ``opened`` are the segments of ``manifest``, in its order. Their files stay as they are: a
        document is taken out by its number in the manifest. ``seen`` replaces entries of it.
        """
        fresh = {document.id: document for document in documents}
        entries = [_copied(entry) for entry in manifest["segments"]]
        for identity in {*removed, *fresh}:
            for segment, entry in zip(opened, entries, strict=True):
                number = segment.number(identity)
                if number is not None:
                    entry["deleted"].append(number)
        with self._removing_new_files_on_failure():
            added = self._segments(fresh.values(), lambda done: None) if fresh else []
            segments = self._merge_small([*entries, *added])
            self._finish({**manifest, **seen}, segments)

    def compact(self, manifest: Mapping[str, Any], opened: Sequence[Segment]) -> None:
        """Merge all segments into one, without deleted documents.

        Does nothing when that would change nothing. ``opened`` are the segments of ``manifest``.
        """
        some_deleted = any(entry["deleted"] for entry in manifest["segments"])
        if len(manifest["segments"]) <= 1 and not some_deleted:
            return
        with self._removing_new_files_on_failure():
            some_living = any(segment.living for segment in opened)
            segments = [merge(self.folder, opened)] if some_living else []
            self._finish(manifest, segments)

    def _segments(
        self, documents: Iterable[Document], progress: Callable[[int], None]
    ) -> list[Entry]:
        """Write documents into as many segments as they need; none without a document."""
        entries = list[Entry]()
        stems = Stems()
        builder = SegmentBuilder(self.structured, stems)
        # A builder makes millions of objects in no circle: the collector would only go over them.
        with without_collecting():
            for number, document in enumerate(documents, 1):
                builder.add(document)
                progress(number)
                if builder.words >= FULL:
                    entries.append(builder.write(self.folder))
                    builder = SegmentBuilder(self.structured, stems)
            if len(builder):
                entries.append(builder.write(self.folder))
        return entries

    def _merge_small(self, entries: list[Entry]) -> list[Entry]:
        """Merge segments of about one size when there are many.

        Segments without a living document are left out.
        """
        living = [entry for entry in entries if _living(entry)]
        living_by_size = sorted(living, key=_size_class)
        for _, group in groupby(living_by_size, key=_size_class):
            alike = list(group)
            if len(alike) < MOST_ALIKE:
                continue
            others = [entry for entry in living if entry not in alike]
            opened = [Segment(self.folder, entry) for entry in alike]
            try:
                merged = merge(self.folder, opened)
            finally:
                for segment in opened:
                    segment.close()
            # The new segment may be the one that makes its own size too many.
            return self._merge_small([*others, merged])
        return living

    def _finish(self, manifest: Mapping[str, Any], segments: Sequence[Entry]) -> None:
        """Make these segments the index from now on, and remove all other files."""
        number = 1 + max(self._contents_numbers(), default=0)
        contents = write_table_of_contents(
            str(self.folder), [_whoosh_row(segment) for segment in segments], number, schema()
        )
        # Nothing may be removed before the manifest is in place: until then the old one counts.
        write_manifest(self.folder, {**manifest, "segments": list(segments)})
        self._remove_all_but({contents, *_files(segments)})

    def _contents_numbers(self) -> Iterator[int]:
        """The numbers of Whoosh's tables of contents: it reads the one with the highest."""
        for path in self.folder.glob("_MAIN_*.toc"):
            number = path.stem.removeprefix("_MAIN_")
            if number.isdecimal() and len(number) < _DIGITS:
                yield int(number)

    @contextmanager
    def _removing_new_files_on_failure(self) -> Iterator[None]:
        """When a write cannot be completed, remove its files: they may be what filled the disk."""
        kept = {path.name for path in self.folder.iterdir()}
        try:
            yield
        except Exception:
            # The failure may come after the swap of the manifest: then the new files are the index.
            with suppress(DamagedIndex):
                manifest = read_manifest(self.folder) or {"segments": []}
                kept |= {name for name, _ in files_of(manifest)}
            self._remove_all_but(kept)
            raise

    def _remove_all_but(self, kept: set[str]) -> None:
        """Remove segments, tables of contents and temporary files whose names are not ``kept``."""
        for path in self.folder.iterdir():
            name = path.name
            if name.startswith(_OURS) and name not in kept:
                path.unlink(missing_ok=True)


def _copied(entry: Entry) -> Entry:
    """An entry whose list of deleted documents can grow while the old one stays."""
    return {**entry, "deleted": list(entry["deleted"])}


def _whoosh_row(entry: Entry) -> WhooshRow:
    """What plain Whoosh must know of a segment."""
    return (entry["name"], entry["documents"], entry["deleted"], {layout.CONTENT: entry["length"]})


def _living(entry: Entry) -> int:
    """How many documents of a segment were not deleted."""
    return int(entry["documents"]) - len(entry["deleted"])


def _size_class(entry: Entry) -> int:
    """A number that segments of about one size share; it must have a living document.

    As each class ends at MOST_ALIKE times the size where it begins, as many segments of one class
    make one of the next.
    """
    return int(math.log(_living(entry), MOST_ALIKE))


def _files(entries: Iterable[Entry]) -> Iterator[str]:
    """The names of the files of some segments."""
    for entry in entries:
        yield from entry["files"]
