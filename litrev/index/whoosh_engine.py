"""The embedded engine: a Whoosh index in the user's cache folder."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from whoosh import fields, query, scoring
from whoosh.analysis.tokenizers import IDTokenizer
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Positions
from whoosh.index import FileIndex, LockError
from whoosh.system import pack_uint
from whoosh.util.filelock import FileLock, try_for

from litrev.index import query as tree
from litrev.index.analysis import Token, query_tokens, stem, tokens
from litrev.index.documents import ALL_STRUCTURED, ELSEWHERE, METADATA, UNSTEMMED, WEIGHTS, Document
from litrev.index.engine import DamagedIndex, Hit, Page, Seen
from litrev.library.errors import Busy, EnvironmentFault, LitrevError, UsageFault
from litrev.library.files import write_whole
from litrev.library.identity import new_id
from litrev.library.store import Position

PATIENCE = 30.0  # seconds to wait for another process that writes the index
_MANIFEST = "manifest.json"
_LOCK = "writing"
_NAME = "MAIN"


class Words(fields.TEXT):  # type: ignore[misc]  # Whoosh has no types
    """A text field read by litrev's analyzer, words ``stemmed`` or as they stand.

    It gives whole postings instead of one token object a word, which is what makes Whoosh's own
    analyzers slow.
    """

    def __init__(self, stemmed: bool, phrase: bool = True) -> None:
        super().__init__(analyzer=IDTokenizer(), phrase=phrase)
        self.stemmed = stemmed

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """For each different word its bytes, frequency, weight and encoded positions."""
        places: dict[str, list[int]] = {}
        for token in _tokens(value):
            places.setdefault(stem(token.word) if self.stemmed else token.word, []).append(token.position)
        encode = self.format.encode if isinstance(self.format, Positions) else _frequency
        for word, positions in places.items():
            yield word.encode(), len(positions), float(len(positions)), encode(positions)


def _frequency(positions: list[int]) -> bytes:
    return bytes(pack_uint(len(positions)))


@lru_cache(maxsize=4)
def _tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, kept while its stemmed and unstemmed fields are indexed one after the other."""
    return tuple(tokens(text))


def surface(name: str) -> str:
    """The field in which the words of ``name`` stand unstemmed."""
    return name if name in UNSTEMMED else f"{name}_surface"


def schema(structured: Iterable[str]) -> fields.Schema:
    """The Whoosh schema for a codebook with these fields."""
    made = fields.Schema(id=fields.ID(stored=True, unique=True), year=fields.NUMERIC(int, shift_step=0), flags=fields.KEYWORD)
    for name in (*METADATA, ALL_STRUCTURED, ELSEWHERE, *structured):
        made.add(name, Words(name not in UNSTEMMED))
        if name not in UNSTEMMED:
            made.add(surface(name), Words(False, phrase=False))
    return made


class WhooshEngine:
    """An index in ``folder``, owner-only, made of a manifest and the generation it names."""

    format = 2

    def __init__(self, folder: Path, structured: Sequence[str]) -> None:
        self.folder, self.structured = folder, tuple(structured)
        self._schema = schema(structured)
        self._searcher: Any = None
        self._opened: dict[str, Any] | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
                raise EnvironmentFault(f"{folder}: the index folder belongs to another user", "Remove it, or set another XDG_CACHE_HOME.")
            folder.chmod(0o700)
        except OSError as error:
            raise EnvironmentFault(f"{error.filename or folder}: {error.strerror}", "The index needs a cache folder: set XDG_CACHE_HOME.") from error

    # What it has seen

    def seen(self) -> Seen | None:
        """What the manifest says; None when there is no index, DamagedIndex when there is one without a manifest to be trusted."""
        for _ in range(2):  # another process may swap generations between the two looks
            manifest = self._manifest()
            if manifest is not None and (self.folder / manifest["generation"]).is_dir():
                return Seen(Position(**manifest["position"]), manifest["analyzer"], manifest["format"])
        if (self.folder / _MANIFEST).exists():
            raise DamagedIndex(f"{self.folder}: its manifest does not hold")
        return None

    def _manifest(self) -> dict[str, Any] | None:
        try:
            manifest = json.loads((self.folder / _MANIFEST).read_text("utf-8"))
            position = Position(**manifest["position"])
            numbers = (position.revision, position.codebook, manifest["analyzer"], manifest["format"])
            words = (position.library, position.epoch, position.head, manifest["generation"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        sound = all(type(n) is int for n in numbers) and all(isinstance(w, str) for w in words)
        return dict(manifest) if sound and Path(manifest["generation"]).name == manifest["generation"] else None

    def _write_manifest(self, generation: str, seen: Seen) -> None:
        content = {"generation": generation, "position": asdict(seen.position), "analyzer": seen.analyzer, "format": seen.format}
        write_whole(self.folder / _MANIFEST, [json.dumps(content)])

    # Writing

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the only process that writes this index; raises Busy after PATIENCE seconds of waiting."""
        lock = FileLock(str(self.folder / _LOCK))
        if not try_for(lock.acquire, timeout=PATIENCE, delay=0.05):
            raise Busy(f"{self.folder}: another litrev has been writing the index for over {PATIENCE:.0f} seconds", "Try again in a moment.")
        try:
            yield
        finally:
            lock.release()

    def apply(self, documents: Iterable[Document], removed: Sequence[str], seen: Seen) -> None:
        """Take in changed documents and take out removed ones; doing it twice is doing it once."""
        manifest = self._manifest()
        if manifest is None:
            raise DamagedIndex("there is no index to bring up to date")
        with self._guarded():
            writer = self._index(manifest["generation"]).writer(timeout=PATIENCE, delay=0.02, compound=False)
            try:
                for document_id in removed:
                    writer.delete_by_term("id", document_id)
                for document in documents:
                    writer.update_document(**_fields(document))
            except BaseException:
                writer.cancel()
                raise
            writer.commit()
        self._write_manifest(manifest["generation"], seen)

    def rebuild(self, documents: Iterable[Document], seen: Seen, progress: Callable[[int], None]) -> None:
        """Index everything anew beside the old index, and swap the two at the end."""
        generation = f"generation-{new_id()}"
        folder = self.folder / generation
        folder.mkdir(mode=0o700)
        try:
            with self._guarded():
                index = FileIndex.create(FileStorage(str(folder)), self._schema, _NAME)
                writer = index.writer(timeout=PATIENCE, compound=False, limitmb=256)
                for number, document in enumerate(documents, 1):
                    writer.add_document(**_fields(document))
                    progress(number)
                writer.commit()
                index.close()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._write_manifest(generation, seen)
        for path in self.folder.glob("generation-*"):
            if path.name != generation:
                shutil.rmtree(path, ignore_errors=True)

    # Searching

    def search(self, query: tree.Query, limit: int | None) -> Page:
        """The best ``limit`` hits (all when None), best first."""
        with self._guarded():
            results = self._open().search(_Translation(self.structured).of(query), limit=limit)
            hits = tuple(Hit(hit["id"], float(hit.score or 0.0)) for hit in results)
            return Page(hits, len(results))

    def close(self) -> None:
        """Let go of the files."""
        if self._searcher is not None:
            self._searcher.close()
            self._searcher = None

    def _open(self) -> Any:
        manifest = self._manifest()
        if manifest is None:
            raise DamagedIndex("there is no index")
        if self._searcher is None or manifest != self._opened:
            self.close()  # another process may have written since
            self._searcher = self._index(manifest["generation"]).searcher(weighting=scoring.BM25F(B=0.75, K1=1.2))
            self._opened = manifest
        return self._searcher

    def _index(self, generation: str) -> FileIndex:
        return FileIndex(FileStorage(str(self.folder / generation)), schema=self._schema, indexname=_NAME)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whoosh has no error of its own for a damaged index: whatever it raises means one."""
        try:
            yield
        except LockError as error:
            raise Busy(f"{self.folder}: another litrev has been writing the index for over {PATIENCE:.0f} seconds", "Try again in a moment.") from error
        except (LitrevError, MemoryError):
            raise
        except RecursionError as error:
            raise UsageFault("the query is too deep for this index", "Ask for less at once.") from error
        except OSError as error:
            if error.errno in _REFUSALS:
                raise EnvironmentFault(f"{self.folder}: {error.strerror}", "Free some space, or set another XDG_CACHE_HOME.") from error
            raise DamagedIndex(f"{self.folder}: {error}") from error
        except Exception as error:  # zlib.error, struct.error, EOFError, UnpicklingError, KeyError … with no common class
            raise DamagedIndex(f"{self.folder}: {type(error).__name__}: {error}") from error


_REFUSALS = frozenset({13, 28, 30, 122})  # EACCES, ENOSPC, EROFS, EDQUOT


def _fields(document: Document) -> dict[str, Any]:
    made: dict[str, Any] = {"id": document.id, "flags": " ".join(document.flags)}
    if document.year is not None:
        made["year"] = document.year
    for name, text in document.texts.items():
        made[name] = made[surface(name)] = text
    return made


class _Translation:
    """litrev's query tree as Whoosh's."""

    def __init__(self, structured: tuple[str, ...]) -> None:
        self.structured = structured

    def of(self, node: tree.Query) -> query.Query:
        match node:
            case tree.Everything():
                return query.Every()
            case tree.And(parts):
                return self.both(parts)
            case tree.Or(parts):
                return query.Or([self.of(part) for part in parts])
            case tree.Not(part):
                return query.And([query.Every(), query.Not(self.of(part))])
            case tree.YearRange(low, high):
                return query.ConstantScoreQuery(query.NumericRange("year", low, high), 0.1) if (low, high) != (None, None) else query.Every("year")
            case tree.Flag(name, value):
                return query.ConstantScoreQuery(query.Term("flags", f"{name}:{value}"), 0.1)
        return self.anywhere(node)

    def both(self, parts: tuple[tree.Query, ...]) -> query.Query:
        wanted = [self.of(part) for part in parts if not isinstance(part, tree.Not)]
        unwanted = [query.Not(self.of(part.part)) for part in parts if isinstance(part, tree.Not)]
        return query.And([*(wanted or [query.Every()]), *unwanted])

    def anywhere(self, leaf: tree.Leaf) -> query.Query:
        if leaf.field is not None:
            return self.leaf(leaf, leaf.field, 1.0)
        return query.Or([self.leaf(leaf, name, weight) for name, weight in WEIGHTS.items()])

    def leaf(self, leaf: tree.Leaf, name: str, boost: float) -> query.Query:
        words = query_tokens(leaf.text)
        match leaf:
            case tree.Prefix() if len(words) == 1 and not words[0].cjk:
                return query.Prefix(surface(name), words[0].word, boost=boost)
            case tree.Fuzzy(distance=distance) if len(words) == 1 and not words[0].cjk:
                return query.FuzzyTerm(surface(name), words[0].word, boost=boost, maxdist=distance, prefixlength=1)
            case tree.Wildcard(text=text):
                return query.Wildcard(surface(name), text.casefold(), boost=boost)
        terms = [word.word if name in UNSTEMMED else stem(word.word) for word in words]
        if len(terms) == 1:
            return query.Term(name, terms[0], boost=boost)
        return query.Phrase(name, terms, slop=leaf.slop if isinstance(leaf, tree.Phrase) else 1, boost=boost)
