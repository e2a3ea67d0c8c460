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
from functools import lru_cache
from io import BytesIO
from itertools import accumulate
from operator import sub
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mmap import mmap

BLOCK = 2048  # postings in a block
_MOST = (
    2**31 - 1
)  # the highest weight that is told of a block; what is higher stands in it all the same
_SMALL = 120
_MAGIC = b"W3Bl"
_KEY, _KEY_LENGTHS = struct.Struct("!H"), struct.Struct("!ii")
# Flags, weight, documents, shortest, longest, highest weight, first, last; then where the postings
# lie.
_ENTRY, _NUMBER = struct.Struct("!BfIBBfIIqi"), struct.Struct("<I")
_LENGTH, _TABLE = struct.Struct("!i"), struct.Struct("!qi")
_BY_CRC32 = 1  # which of Whoosh's hash functions a terms file uses
# The information on a block is a pickled tuple of six numbers; written with these opcodes its size
# is always the same.
_INFO = struct.Struct("<3s cI cI cI cB cB cB 2s")
_INFO_HEAD, _INT, _BYTE, _INFO_TAIL = b"\x80\x02(", b"J", b"K", b"t."
_ONE_HEAD = b"\x80\x04J"


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
    """The terms and postings files of one segment; the terms of a field come in the order of their
    bytes.
    """

    def __init__(self, terms: IO[bytes], postings: IO[bytes]) -> None:
        self.fields: dict[str, int] = {}
        self._postings, self._at = postings, 0
        self._documents: Sequence[int] = ()
        self._deltas = list[int]()
        self._terms = _TermsWriter(terms)

    def start_field(self, name: str) -> None:
        """What is added from now on belongs to the field ``name``."""
        self._key = _KEY.pack(self.fields.setdefault(name, len(self.fields)))

    def add(
        self,
        term: bytes,
        documents: Sequence[int],
        weights: Sequence[int] | None = None,
        values: Sequence[bytes] = (),
    ) -> None:
        """Write one term with all its postings."""
        self.enter(term, self.put(documents, weights, values))

    def enter(self, term: bytes, entry: bytes) -> None:
        """Write a term whose postings are written already."""
        self._terms.add(self._key + term, entry)

    def put(
        self,
        documents: Sequence[int],
        weights: Sequence[int] | None = None,
        values: Sequence[bytes] = (),
    ) -> bytes:
        """Write postings, in whatever order of their terms; what is to be entered of them."""
        total = len(documents)
        if total == 1:
            return self.put_one(
                documents[0], weights[0] if weights else 1, values[0] if values else None
            )
        if (
            documents is not self._documents
        ):  # the same documents often come several times, with other weights or without values
            self._documents, self._deltas = (
                documents,
                [documents[0], *map(sub, documents[1:], documents)],
            )
        highest, blocks = 1, [_MAGIC]
        for begin in range(0, total, BLOCK):
            end, most = begin + BLOCK, total <= BLOCK
            heavy = weights if most or weights is None else weights[begin:end]
            top = max(heavy) if heavy is not None else 1
            highest = max(highest, top)
            deltas = self._deltas if most else [documents[begin], *self._deltas[begin + 1 : end]]
            block = _block(
                deltas,
                documents[min(end, total) - 1],
                heavy if top > 1 else None,
                (values if most else values[begin:end]) or None,
                top,
            )
            blocks += (_LENGTH.pack(-len(block) if end >= total else len(block)), block)
        return self._write(
            blocks, sum(weights) if weights is not None else total, highest, documents
        )

    def put_one(self, document: int, weight: int, value: bytes | None = None) -> bytes:
        """Write the posting of a term that stands in one document, as half of all terms do: its
        block is put together by hand.
        """
        top = min(weight, _MOST)
        data = b"".join(
            (
                _ONE_HEAD,
                _NUMBER.pack(document),
                b"\x85",
                _heavy(weight),
                b"N" if value is None else _told(value),
                b"\x87.",
            )
        )
        info = _INFO.pack(
            _INFO_HEAD,
            _INT,
            1,
            _INT,
            document,
            _INT,
            top,
            _BYTE,
            0,
            _BYTE,
            0,
            _BYTE,
            255,
            _INFO_TAIL,
        )
        return self._write(
            (_MAGIC, _LENGTH.pack(-len(info) - len(data)), info, data), weight, top, (document,)
        )

    def _write(
        self, blocks: Sequence[bytes], weight: int, highest: int, documents: Sequence[int]
    ) -> bytes:
        at, written = self._at, self._postings.write(b"".join(blocks))
        self._at += written
        return _ENTRY.pack(
            0,
            weight,
            len(documents),
            0,
            255,
            min(highest, _MOST),
            documents[0],
            documents[-1],
            at,
            written,
        )

    def finish(self) -> dict[str, Any]:
        """Complete the terms file; what a reader needs to find its way in it without unpickling."""
        kind = self._terms.finish(self.fields)
        return {"fields": self.fields, "terms": len(self._terms.places), "type": kind}


@lru_cache(maxsize=1024)
def _heavy(weight: int) -> bytes:
    """The weights of a block of one posting, as they are pickled."""
    return b"N" if weight == 1 else pickle.dumps((weight,), 2)[2:-1]


def _told(value: bytes) -> bytes:
    """The values of a block of one posting, as they are pickled."""
    return (
        b"C%c%b\x85" % (len(value), value) if len(value) < 256 else pickle.dumps((value,), 3)[2:-1]
    )


def _block(
    deltas: Sequence[int],
    last: int,
    weights: Sequence[int] | None,
    values: Sequence[bytes] | None,
    top: int,
) -> bytes:
    buffer = BytesIO()
    pickler = pickle.Pickler(buffer, 4)
    pickler.fast = True  # nothing stands twice in a block: remembering every value takes longer than writing it
    pickler.dump((tuple(deltas), weights and tuple(weights), values and tuple(values)))
    data = buffer.getvalue()
    squeezed = (
        values is not None and len(data) > _SMALL
    )  # without values it is read more often, and as quickly as can be
    if squeezed:
        data = zlib.compress(data, 1)
    told = _INFO.pack(
        _INFO_HEAD,
        _INT,
        len(deltas),
        _INT,
        last,
        _INT,
        min(top, _MOST),
        _BYTE,
        squeezed,
        _BYTE,
        0,
        _BYTE,
        255,
        _INFO_TAIL,
    )
    return told + data


class _TermsWriter:
    """An ordered hash file: keys with their values, 256 hash tables over them, and where each key
    begins.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.places = array("q")
        self._tables: list[list[tuple[int, int]]] = [[] for _ in range(256)]
        self._at = file.write(b"HSH3" + bytes([_BY_CRC32]) + _LENGTH.pack(0) * 2)

    def add(self, key: bytes, value: bytes) -> None:
        at, hashed = self._at, zlib.crc32(key)
        self.places.append(at)
        self._tables[hashed & 255].append((hashed, at))
        self._at += self._file.write(_KEY_LENGTHS.pack(len(key), len(value)) + key + value)

    def finish(self, fields: Mapping[str, int]) -> str:
        """Write the tables, and the index; the type code of its numbers."""
        directory = []
        for entries in self._tables:
            slots = [0] * (4 * len(entries))
            for hashed, at in entries:
                slot = (hashed >> 8) % (2 * len(entries))
                while slots[2 * slot + 1]:
                    slot = (slot + 1) % (2 * len(entries))
                slots[2 * slot], slots[2 * slot + 1] = hashed, at
            directory.append(_TABLE.pack(self._at, 2 * len(entries)))
            self._at += self._file.write(struct.pack("!" + "Iq" * (2 * len(entries)), *slots))
        kind = next(
            code
            for code, limit in (("H", 2**16), ("i", 2**31), ("q", 2**63))
            if not self.places or self.places[-1] < limit
        )
        extras = pickle.dumps(
            {"fieldmap": dict(fields), "indextype": kind, "indexlen": len(self.places)}, 2
        )
        index = struct.pack(f"!{len(self.places)}{kind}", *self.places)
        self._file.write(
            b"".join((*directory, extras, index, _LENGTH.pack(len(extras) + len(index))))
        )
        return kind


def write_table_of_contents(
    folder: str,
    segments: Sequence[tuple[str, int, Sequence[int], Mapping[str, int]]],
    number: int,
    schema: Any,
) -> str:
    """Write the file by which plain Whoosh finds the segments (name, documents, deleted, field
    lengths); its name.
    """
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
            entry = _ENTRY.unpack_from(content, begin)
            return Term(entry[2], entry[8], entry[9])

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
    """All postings of a term; with ``wanted``, documents in order, only the blocks one of them may
    stand in.
    """
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
            deltas, heavy, more = _Plain(
                BytesIO(zlib.decompress(data) if squeezed else data)
            ).load()
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
