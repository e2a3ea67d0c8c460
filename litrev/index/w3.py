"""Whoosh's own file format (its codec W3), read and written whole blocks at a time.

Whoosh's reader and writer make an object or a call for every posting, and its reader executes
what a file of an index tells it to (pickle). Here stands all that litrev knows of the format's
inside: a segment written here is read by plain Whoosh, and read here it costs one step a block
and can run no code. What is written are *terms files* (``.trm``), *postings files* (``.pst``) and
*columns* (``.col``), as in whoosh/codec/whoosh3.py and whoosh/filedb/filetables.py of 2.7.4.
"""

from __future__ import annotations

import pickle
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import accumulate
from operator import sub
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mmap import mmap

BLOCK = 2048  # postings in a block
_SMALL = 120  # bytes of a block that are not worth compressing
_MAGIC = b"W3Bl"
_KEY, _KEY_LENGTHS = struct.Struct("!H"), struct.Struct("!ii")
# Flags, weight, documents, shortest, longest, highest weight, first, last; then where the postings lie.
_TERM, _EXTENT = struct.Struct("!BfIBBfII"), struct.Struct("!qi")
_LENGTH = struct.Struct("!i")
# The information on a block is a pickled tuple of six numbers; written with these opcodes its size is always the same.
_INFO = struct.Struct("<3s cI cI cI cB cB cB 2s")
_INFO_HEAD, _INT, _BYTE, _INFO_TAIL = b"\x80\x02(", b"J", b"K", b"t."


class Malformed(Exception):
    """The bytes are not what the format says."""


class Term(NamedTuple):
    """A term of a field: how many documents hold it, and where its postings lie."""

    documents: int
    offset: int
    length: int


class Postings(NamedTuple):
    """Documents in ascending order; their weights (None: all 1) and values (empty without)."""

    documents: list[int]
    weights: list[int] | None
    values: list[bytes]


class _Plain(pickle.Unpickler):
    """Reads numbers, bytes and tuples of them; refuses whatever would call something."""

    def find_class(self, module: str, name: str) -> Any:
        raise Malformed(f"a block asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        raise Malformed("a block asks for something outside it")


# Writing


class PostingsWriter:
    """The terms and postings files of one segment; fields in any order, the terms of a field in the order of their bytes."""

    def __init__(self, terms: IO[bytes], postings: IO[bytes]) -> None:
        from whoosh.filedb.filetables import HashWriter, OrderedHashWriter
        from whoosh.filedb.structfile import StructFile
        from whoosh.util.numlists import GrowableArray

        self.fields: dict[str, int] = {}
        self._file, self._at = postings, 0
        self._terms = OrderedHashWriter.__new__(OrderedHashWriter)
        HashWriter.__init__(self._terms, StructFile(terms), hashtype=1)  # CRC 32 instead of MD5: a third of the time
        self._terms.index, self._terms.lastkey = GrowableArray("H"), b""
        self._terms.extras["fieldmap"] = self.fields

    def start_field(self, name: str) -> None:
        """What is added from now on belongs to the field ``name``."""
        self._key = _KEY.pack(self.fields.setdefault(name, len(self.fields)))

    def add(self, term: bytes, documents: Sequence[int], weights: Sequence[int] | None = None, values: Sequence[bytes] = ()) -> None:
        """Write one term with all its postings."""
        start, highest, total = self._at, 1, len(documents)
        write = self._file.write
        self._at += write(_MAGIC)
        for begin in range(0, len(documents), BLOCK):
            ids = documents[begin : begin + BLOCK]
            heavy = tuple(weights[begin : begin + BLOCK]) if weights is not None else None
            if heavy is not None and heavy.count(1) == len(heavy):
                heavy = None
            top = max(heavy) if heavy else 1
            highest = max(highest, top)
            deltas = (ids[0], *map(sub, ids[1:], ids))
            data = pickle.dumps((deltas, heavy, tuple(values[begin : begin + BLOCK]) if values else None), 4)
            squeezed = len(data) > _SMALL
            if squeezed:
                data = zlib.compress(data, 1)
            info = _INFO.pack(_INFO_HEAD, _INT, len(ids), _INT, ids[-1], _INT, top, _BYTE, squeezed, _BYTE, 0, _BYTE, 255, _INFO_TAIL)
            size = len(info) + len(data)
            last = begin + BLOCK >= len(documents)
            self._at += write(_LENGTH.pack(-size if last else size) + info + data)
        weight = float(sum(weights) if weights is not None else total)
        entry = _TERM.pack(0, weight, total, 0, 255, float(highest), documents[0], documents[-1]) + _EXTENT.pack(start, self._at - start)
        self._terms.add(self._key + term, entry)

    def finish(self) -> dict[str, Any]:
        """Close the terms file; what a reader needs to find its way in it without unpickling."""
        index = self._terms.index
        found = {"fields": self.fields, "terms": len(index), "type": index.typecode}
        self._terms.close()
        return found


def write_table_of_contents(folder: str, segments: Sequence[tuple[str, int, Sequence[int], Mapping[str, int]]], number: int, schema: Any) -> str:
    """Write the file by which plain Whoosh finds the segments (name, documents, deleted, field lengths); its name."""
    from whoosh.codec.whoosh3 import W3Codec, W3Segment
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import TOC

    made = []
    for name, documents, deleted, lengths in segments:
        prefix, _, identity = name.partition("_")
        segment = W3Segment(W3Codec(), prefix, documents, identity, set(deleted) or None)
        segment._fieldlengths = dict(lengths)
        made.append(segment)
    toc = TOC(schema, made, number)
    toc.write(FileStorage(folder), "MAIN")
    return str(TOC._filename("MAIN", number))


# Reading


class TermsReader:
    """A terms file, looked up by bisection; nothing of it is read before it is asked for."""

    def __init__(self, content: mmap, fields: Mapping[str, int], terms: int, kind: str) -> None:
        self.content, self.fields, self.terms = content, fields, terms
        self._entry = struct.Struct(f"!{kind}")
        self._index = len(content) - _LENGTH.size - terms * self._entry.size
        if terms < 0 or self._index < 0 or content[:4] != b"HSH3":
            raise Malformed("this is no terms file")

    def find(self, field: str, word: bytes) -> Term | None:
        """The term, or None when no document holds it."""
        number = self.fields.get(field)
        if number is None:
            return None
        key = _KEY.pack(number) + word
        at = self._first(key)
        if at == self.terms:
            return None
        found, term = self._read(at)
        return term() if found == key else None

    def starting(self, field: str, prefix: bytes) -> Iterator[tuple[bytes, Term]]:
        """The terms of a field that begin so, in the order of their bytes."""
        number = self.fields.get(field)
        if number is None:
            return
        key = _KEY.pack(number) + prefix
        for at in range(self._first(key), self.terms):
            found, term = self._read(at)
            if not found.startswith(key):
                return
            yield found[2:], term()

    def _first(self, key: bytes) -> int:
        """The number of the first entry that is not before ``key``."""
        return bisect_left(_Keys(self), key)

    def key(self, number: int) -> bytes:
        """The key of entry ``number``."""
        at = self._entry.unpack_from(self.content, self._index + number * self._entry.size)[0]
        length = _KEY_LENGTHS.unpack_from(self.content, at)[0]
        return self.content[at + 8 : at + 8 + length]

    def _read(self, number: int) -> tuple[bytes, Any]:
        content = self.content
        at = self._entry.unpack_from(content, self._index + number * self._entry.size)[0]
        length = _KEY_LENGTHS.unpack_from(content, at)[0]
        begin = at + 8 + length

        def term() -> Term:
            return Term(_TERM.unpack_from(content, begin)[2], *_EXTENT.unpack_from(content, begin + _TERM.size))

        return content[at + 8 : begin], term


class _Keys(Sequence[bytes]):
    """The keys of a terms file as a sequence in order."""

    def __init__(self, reader: TermsReader) -> None:
        self._key, self._count = reader.key, reader.terms

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        return self._key(number)


def read_postings(content: mmap, term: Term, wanted: Sequence[int] | None = None) -> Postings:
    """All postings of a term; with ``wanted``, documents in order, only the blocks one of them may stand in."""
    at, end = term.offset + 4, term.offset + term.length
    if content[term.offset : at] != _MAGIC:
        raise Malformed("there are no postings where a term says")
    documents: list[int] = []
    weights: list[int] | None = None
    values: list[bytes] = []
    before, last = -1, False
    while not last:
        size = _LENGTH.unpack_from(content, at)[0]
        last, size = size < 0, abs(size)
        info = _INFO.unpack_from(content, at + 4)
        count, highest, squeezed = info[2], info[4], info[8]
        if info[0] != _INFO_HEAD or at + 4 + size > end:
            raise Malformed("a block of postings does not hold")
        if wanted is None or _any_between(wanted, before, highest):
            data = content[at + 4 + _INFO.size : at + 4 + size]
            deltas, heavy, more = _Plain(BytesIO(zlib.decompress(data) if squeezed else data)).load()
            if heavy is not None and weights is None:
                weights = [1] * len(documents)
            documents.extend(accumulate(deltas))
            if weights is not None:
                weights.extend(heavy if heavy is not None else [1] * count)
            if more is not None:
                values.extend(more)
            if documents[-1] != highest:
                raise Malformed("a block of postings does not hold")
        before, at = highest, at + 4 + size
    return Postings(documents, weights, values)


def _any_between(wanted: Sequence[int], before: int, highest: int) -> bool:
    at = bisect_left(wanted, before + 1)
    return at < len(wanted) and wanted[at] <= highest


def numbers(content: bytes) -> array[int]:
    """A column of whole numbers of four bytes."""
    import sys

    found = array("i")
    found.frombytes(content)
    if sys.byteorder == "little":
        found.byteswap()
    return found


def number_bytes(values: Sequence[int]) -> bytes:
    """A column of whole numbers as it stands in its file."""
    return struct.pack(f"!{len(values)}i", *values)


def length_table() -> list[int]:
    """The lengths that the 256 bytes of a column of lengths stand for."""
    from whoosh.util.numeric import byte_to_length

    return [int(byte_to_length(n)) for n in range(256)]
