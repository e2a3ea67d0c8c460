"""The embedded engine: a Whoosh index in the user's cache folder, written and read a block at a
time.

Only the manifest decides what belongs to the index: it names the segments, their deleted documents
and the stamps of their files, and is replaced as a whole. Plain Whoosh can read the folder too;
litrev never reads what Whoosh would have to unpickle.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from litrev.errors import EnvironmentFault, LitrevError, UsageFault
from litrev.index import query as tree
from litrev.index.documents import Document
from litrev.index.embedded import layout
from litrev.index.embedded.manifest import files_of, read_manifest
from litrev.index.embedded.opened import OpenedIndex
from litrev.index.engine import DamagedIndex, Health, Page, Seen
from litrev.library.storage.atomic_files import locked
from litrev.library.storage.connection import DatabaseError
from litrev.library.storage.library import Position

_LOCK = "writing"
# The system refuses to write, and the index itself may be whole: a remedy, and no rebuilding.
_REFUSALS = frozenset({13, 27, 28, 30, 122})  # EACCES, EFBIG, ENOSPC, EROFS, EDQUOT
Result = TypeVar("Result")


class EmbeddedEngine:
    """An index in ``folder``; ``structured`` are the fields of the codebook.

    The folder is made if need be, for its owner only. Raises EnvironmentFault when it cannot be, or
    belongs to another user. Whatever is wrong with the index itself is raised as DamagedIndex by
    the method that meets it. The laws of the methods are those of litrev.index.engine.Engine.
    """

    format = layout.FORMAT

    def __init__(self, folder: Path, structured: Sequence[str]) -> None:
        self.folder = folder
        self.structured = tuple(structured)
        self._opened: OpenedIndex | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _is_owned(folder):
                raise EnvironmentFault(
                    f"{folder}: the index folder belongs to another user",
                    "Remove it, or set another XDG_CACHE_HOME.",
                )
            folder.chmod(0o700)
        except OSError as error:
            raise EnvironmentFault(
                f"{error.filename or folder}: {error.strerror}",
                "The index needs a cache folder: set XDG_CACHE_HOME.",
            ) from error

    # What it has seen

    def seen(self) -> Seen | None:
        """What the manifest says; None when there is no index.

        Reads only the manifest: whether the files are whole, health() and a search tell.
        Raises DamagedIndex when there is one whose manifest cannot be trusted.
        """
        with self._translating_errors():
            manifest = read_manifest(self.folder)
            if manifest is None:
                return None
            position = Position(**manifest["position"])
            return Seen(position, manifest["analyzer"], manifest["format"])

    # Writing

    def exclusive(self) -> AbstractContextManager[None]:
        """Be the only process that writes this index.

        Raises Busy when another process writes it for too long.
        """
        return locked(self.folder / _LOCK, self.folder)

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        """Add or replace changed documents and take out those whose ids are ``removed``.

        To do it twice has the same result as to do it once. Call it in :meth:`exclusive`.
        Raises DamagedIndex when there is no index.
        """
        from litrev.index.embedded.writer import IndexWriter

        with self._translating_errors():
            manifest = read_manifest(self.folder)
            if manifest is None:
                raise DamagedIndex("there is no index to bring up to date")
            writer = IndexWriter(self.folder, self.structured)
            segments = self._open().segments
            writer.change(manifest, segments, documents, removed, seen=_seen_entries(seen))

    def rebuild(
        self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]
    ) -> None:
        """Index everything anew beside the old index, and swap the two at the end.

        ``progress`` is called after each document with how many there were. Call it in
        :meth:`exclusive`.
        """
        from litrev.index.embedded.writer import IndexWriter

        with self._translating_errors():
            writer = IndexWriter(self.folder, self.structured)
            writer.build(documents, _seen_entries(seen), progress)

    def compact(self) -> None:
        """Merge all segments into one, without deleted documents; what is found stays the same.

        Call it in :meth:`exclusive`. Raises DamagedIndex when there is no index.
        """
        from litrev.index.embedded.writer import IndexWriter

        with self._translating_errors():
            manifest = read_manifest(self.folder)
            if manifest is None:
                raise DamagedIndex("there is no index")
            writer = IndexWriter(self.folder, self.structured)
            writer.compact(manifest, self._open().segments)

    # Searching

    def search(
        self, query: tree.Query, limit: int | None, offset: int = 0, facets: Sequence[str] = ()
    ) -> Page:
        """The best ``limit`` hits (all when None) after the first ``offset``, best first.

        Equal scores come in the order of the ids. ``facets`` are names whose values are counted
        over all documents that match, not only over these hits.
        """
        return self._answer(lambda opened: opened.search(query, limit, offset, facets))

    def count(self, query: tree.Query) -> int:
        """How many documents match."""
        return self._answer(lambda opened: opened.count(query))

    def ids(self, query: tree.Query) -> set[str]:
        """The ids of all documents that match."""
        return self._answer(lambda opened: opened.ids(query))

    def like(self, document: Document, limit: int) -> Page:
        """The documents that share the most distinctive words with ``document``, without itself.

        The document need not be in the index. The page's total counts all that share one of them.
        """
        return self._answer(lambda opened: opened.like(document, limit))

    def weigh(self, parts: Sequence[tree.Query], document_id: str) -> list[float]:
        """What each part of a query adds to the score of a document; 0 where it does not match."""
        return self._answer(lambda opened: opened.weigh(parts, document_id))

    def suggest(self, word: str) -> str | None:
        """The commonest word of the index that is one typing error away from ``word``.

        When there is none, the commonest that is two away; None when there is none either.
        """
        return self._answer(lambda opened: opened.suggest(word))

    def terms(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The ``limit`` commonest words of a field that begin with ``prefix``, commonest first.

        Each comes with the number of documents it is in. Deleted documents count until their
        segment is merged.
        """
        return self._answer(lambda opened: opened.words_of(field, prefix, limit))

    def health(self) -> Health:
        """The state of the index, after every file of it was read and compared with its stamp.

        Files that are missing or changed are described in the result, not raised. Raises
        DamagedIndex when the manifest cannot be read.
        """
        with self._translating_errors():
            manifest = read_manifest(self.folder)
            if manifest is None:
                return Health(0, 0, 0, 0, ("there is no index",))
            segments = manifest["segments"]
            files = list(files_of(manifest))
            problems = tuple(self._problems(files))
            deleted = sum(len(segment["deleted"]) for segment in segments)
            written = sum(segment["documents"] for segment in segments)
            size = sum(stamp[0] for _, stamp in files)
            return Health(
                documents=written - deleted,
                deleted=deleted,
                segments=len(segments),
                size=size,
                problems=problems,
            )

    def _problems(self, files: Iterable[tuple[str, Sequence[int]]]) -> Iterator[str]:
        """A sentence for each file that is missing or was changed."""
        for name, stamp in files:
            path = self.folder / name
            if not path.is_file():
                yield f"{name} is missing"
            elif not layout.has_content(path, stamp):
                yield f"{name} is not as it was written"

    def close(self) -> None:
        """Close the files; a later question opens them again."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _answer(self, ask: Callable[[OpenedIndex], Result]) -> Result:
        """Ask the index as it is now; again when another process swapped it meanwhile."""
        with self._translating_errors():
            while True:
                manifest = read_manifest(self.folder)
                try:
                    return ask(self._open())
                except FileNotFoundError:
                    # A writer removes the files of the index before. Only with the same manifest
                    # as before is a file really missing.
                    self.close()
                    if read_manifest(self.folder) == manifest:
                        raise

    def _open(self) -> OpenedIndex:
        """The index as the manifest has it now; what is open already when that is still so."""
        manifest = read_manifest(self.folder)
        if manifest is None:
            raise DamagedIndex("there is no index")
        opened = self._opened
        is_current = opened is not None and opened.manifest == manifest
        if opened is None or not is_current or not opened.untouched():
            self.close()
            opened = OpenedIndex(self.folder, manifest, self.structured)
            self._opened = opened
        return opened

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Raise whatever damaged bytes cause as DamagedIndex, and what a user can mend as that."""
        try:
            yield
        except (LitrevError, MemoryError, DatabaseError):
            # Documents come from the library, whose errors say nothing about the index.
            raise
        except RecursionError as error:
            raise UsageFault(
                "the query is too deep for this index", "Ask for less at once."
            ) from error
        except OSError as error:
            if error.errno in _REFUSALS:
                raise EnvironmentFault(
                    f"{self.folder}: {error.strerror}",
                    "Free some space, or set another XDG_CACHE_HOME.",
                ) from error
            raise DamagedIndex(f"{self.folder}: {error}") from error
        except Exception as error:
            # zlib.error, struct.error, UnpicklingError, UnicodeDecodeError, KeyError of a manifest
            # and more: they have no common class.
            kind = type(error).__name__
            raise DamagedIndex(f"{self.folder}: {kind}: {error}") from error


def _is_owned(folder: Path) -> bool:
    """Whether the folder belongs to this user; Windows does not say whose it is."""
    if not hasattr(os, "getuid"):
        return True
    return folder.stat().st_uid == os.getuid()


def _seen_entries(seen: Seen) -> dict[str, Any]:
    """What is written of ``seen`` in a manifest."""
    return {"position": seen.position._asdict(), "analyzer": seen.analyzer, "format": seen.format}
