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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import accumulate
from operator import sub
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mmap import mmap

BLOCK = 2048  # postings in a block
_NO_COMPRESSION = 120  # bytes of a block up to which nothing is gained by it
_MAGIC = b"W3Bl"
_TERMS_MAGIC = b"HSH3"
_BY_CRC32 = 1  # which of Whoosh's hash functions a terms file uses

# Whoosh writes numbers big-endian; a key of a terms file is the number of the field and the word.
_KEY, _KEY_LENGTHS = struct.Struct("!H"), struct.Struct("!ii")
_LENGTH, _TABLE = struct.Struct("!i"), struct.Struct("!qi")
_INT_SIZE, _KEY_LENGTHS_SIZE = _LENGTH.size, _KEY_LENGTHS.size
# The value of a term: flags, total weight, documents, shortest and longest length, highest weight,
# first and last document (Whoosh's W3TermInfo); then where the postings begin, and their bytes.
_ENTRY = struct.Struct("!BfIBBfIIqi")
# Whoosh passes over blocks that cannot score high enough, by the highest weight and these lengths.
# The whole range is always true, and passes over none that could.
_SHORTEST, _LONGEST = 0, 255

# A block begins with a pickled tuple of six numbers, its information. Written with opcodes that
# take a fixed number of bytes it has always the same size, so it is read without unpickling.
_INFO = struct.Struct("<3s cI cI cI cB cB cB 2s")
_INFO_HEAD, _INFO_TAIL = b"\x80\x02(", b"t."  # protocol 2, mark; tuple, stop
_BININT, _BININT1 = b"J", b"K"  # a number of four bytes, and of one
_HIGHEST_WEIGHT = 2**31 - 1  # what BININT holds, which is signed; postings may weigh more
# Parts of the pickle of a block with one posting, which is put together by hand.
_ONE_HEAD = b"\x80\x04J"  # protocol 4, the number of the document follows
_NUMBER = struct.Struct("<I")
_NONE, _TUPLE1, _ONE_TAIL = b"N", b"\x85", b"\x87."


class Malformed(Exception):
    """The bytes are not what the format says."""


class Term(NamedTuple):
    """A term of a field: how many documents have it, and where its postings are."""

    documents: int
    offset: int
    length: int


class Postings(NamedTuple):
    """Documents in ascending order; their weights (None: all 1) and values (empty without)."""

    documents: list[int]
    weights: list[int] | None
    values: list[bytes]


class _PlainUnpickler(pickle.Unpickler):
    """Reads numbers, bytes and tuples of them; refuses whatever would call something."""

    def find_class(self, module: str, name: str) -> Any:
        raise Malformed(f"a block asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        raise Malformed("a block asks for something outside it")


# Writing


class PostingsWriter:
    """The terms and postings files of one segment.

    The terms of a field must be entered in the order of their bytes.
    """

    def __init__(self, terms: IO[bytes], postings: IO[bytes]) -> None:
        self.fields: dict[str, int] = {}
        self._postings, self._at = postings, 0
        self._documents: Sequence[int] = ()
        self._deltas: Sequence[int] = ()
        self._terms = _TermsWriter(terms)

    def start_field(self, name: str) -> None:
        """Whatever is entered from now on belongs to the field ``name``."""
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
        """Write postings, in any order of their terms; returns the entry for :meth:`enter`."""
        if len(documents) == 1:
            weight = weights[0] if weights else 1
            return self.put_one(documents[0], weight, values[0] if values else None)
        deltas = self._deltas_of(documents)
        if len(documents) <= BLOCK:  # nearly always, and then no list is copied
            parts: Iterable[_Part] = ((documents[-1], deltas, weights, values),)
        else:
            parts = _divided(documents, deltas, weights, values)
        highest, written = 1, [_MAGIC]
        for last, block_deltas, block_weights, block_values in parts:
            top = 1 if block_weights is None else max(block_weights)
            highest = max(highest, top)
            block = _block(block_deltas, last, block_weights, block_values, top)
            # A negative length marks the last block.
            size = -len(block) if last == documents[-1] else len(block)
            written += (_LENGTH.pack(size), block)
        total = len(documents) if weights is None else sum(weights)
        return self._write(written, total, highest, documents)

    def _deltas_of(self, documents: Sequence[int]) -> Sequence[int]:
        """The first document, and then the step from each to the next."""
        # The same list often comes again at once, with other weights or without values.
        if documents is not self._documents:
            self._documents = documents
            self._deltas = [documents[0], *map(sub, documents[1:], documents)]
        return self._deltas

    def put_one(self, document: int, weight: int, value: bytes | None = None) -> bytes:
        """Write the only posting of a term; returns the entry for :meth:`enter`."""
        # Half of all terms are in one document, so their pickle is put together by hand:
        # a pickler takes twice as long.
        top = min(weight, _HIGHEST_WEIGHT)
        pickled_value = _NONE if value is None else _pickled_value(value)
        data = b"".join(
            (
                _ONE_HEAD,
                _NUMBER.pack(document),
                _TUPLE1,
                _pickled_weight(weight),
                pickled_value,
                _ONE_TAIL,
            )
        )
        info = _block_info(1, document, top, False)
        length = _LENGTH.pack(-len(info) - len(data))
        return self._write((_MAGIC, length, info, data), weight, top, (document,))

    def _write(
        self, parts: Sequence[bytes], weight: int, highest: int, documents: Sequence[int]
    ) -> bytes:
        at, size = self._at, self._postings.write(b"".join(parts))
        self._at += size
        return _ENTRY.pack(
            0,  # no flags: Whoosh's own writer can put postings into the entry itself
            weight,
            len(documents),
            _SHORTEST,
            _LONGEST,
            min(highest, _HIGHEST_WEIGHT),
            documents[0],
            documents[-1],
            at,
            size,
        )

    def finish(self) -> dict[str, Any]:
        """Complete the terms file; returns what TermsReader needs to read it without unpickling."""
        kind = self._terms.finish(self.fields)
        return {"fields": self.fields, "terms": len(self._terms.places), "type": kind}


# The last document of a block, the steps to each document, weights and values.
_Part = tuple[int, Sequence[int], Sequence[int] | None, Sequence[bytes]]


def _divided(
    documents: Sequence[int],
    deltas: Sequence[int],
    weights: Sequence[int] | None,
    values: Sequence[bytes],
) -> Iterator[_Part]:
    """The parts of a long posting list, one for each block."""
    for begin in range(0, len(documents), BLOCK):
        end = min(begin + BLOCK, len(documents))
        # Each block begins with a document and not with a step, so that it can be read alone.
        steps = [documents[begin], *deltas[begin + 1 : end]]
        block_weights = None if weights is None else weights[begin:end]
        yield documents[end - 1], steps, block_weights, values[begin:end]


@lru_cache(maxsize=1024)
def _pickled_weight(weight: int) -> bytes:
    """The weights of a block of one posting, without the head and the end of the pickle."""
    return _NONE if weight == 1 else pickle.dumps((weight,), 2)[2:-1]


def _pickled_value(value: bytes) -> bytes:
    """The values of a block of one posting, without the head and the end of the pickle."""
    if len(value) < 256:
        return b"C%c%b\x85" % (len(value), value)  # short bytes, tuple of one
    return pickle.dumps((value,), 3)[2:-1]


def _block(
    deltas: Sequence[int],
    last: int,
    weights: Sequence[int] | None,
    values: Sequence[bytes],
    top: int,
) -> bytes:
    buffer = BytesIO()
    pickler = pickle.Pickler(buffer, 4)
    # Nothing is in a block twice: to remember every value takes longer than to write it.
    pickler.fast = True
    block_weights = tuple(weights) if weights is not None and top > 1 else None
    pickler.dump((tuple(deltas), block_weights, tuple(values) if values else None))
    data = buffer.getvalue()
    # A block without values is read most often and must be quick to read, so it stays as it is.
    compressed = bool(values) and len(data) > _NO_COMPRESSION
    if compressed:
        data = zlib.compress(data, 1)
    return _block_info(len(deltas), last, min(top, _HIGHEST_WEIGHT), compressed) + data


def _block_info(count: int, last: int, top: int, compressed: bool) -> bytes:
    """How many postings are in a block, the last document, the highest weight, and the rest."""
    return _INFO.pack(
        _INFO_HEAD,
        *(_BININT, count, _BININT, last, _BININT, top),
        *(_BININT1, compressed, _BININT1, _SHORTEST, _BININT1, _LONGEST),
        _INFO_TAIL,
    )


class _TermsWriter:
    """An ordered hash file: keys with their values, 256 hash tables over them, and where each key
    begins.

    Plain Whoosh finds a term by the tables, litrev by bisection over the keys, which also finds the
    terms with a prefix.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.places = array("q")
        self._tables: list[list[tuple[int, int]]] = [[] for _ in range(256)]
        # The two numbers after the hash function are not used by Whoosh.
        self._at = file.write(_TERMS_MAGIC + bytes([_BY_CRC32]) + _LENGTH.pack(0) * 2)

    def add(self, key: bytes, value: bytes) -> None:
        at, hashed = self._at, zlib.crc32(key)
        self.places.append(at)
        self._tables[hashed & 255].append((hashed, at))
        self._at += self._file.write(_KEY_LENGTHS.pack(len(key), len(value)) + key + value)

    def finish(self, fields: Mapping[str, int]) -> str:
        """Write the tables, and the index; returns the type code of its numbers."""
        directory = b"".join([self._write_table(entries) for entries in self._tables])
        kind = self._index_type()
        count = len(self.places)
        # Plain Whoosh unpickles this; what litrev reads is in the manifest.
        extras = pickle.dumps({"fieldmap": dict(fields), "indextype": kind, "indexlen": count}, 2)
        index = struct.pack(f"!{count}{kind}", *self.places)
        # Whoosh looks for the extras from the end of the file, and for the index behind them.
        size = _LENGTH.pack(len(extras) + len(index))
        self._file.write(b"".join((directory, extras, index, size)))
        return kind

    def _write_table(self, entries: Sequence[tuple[int, int]]) -> bytes:
        """Write a hash table of twice as many slots as keys; returns its entry in the directory."""
        count = 2 * len(entries)
        slots = [0] * (2 * count)  # a hash and a place in turn
        for hashed, at in entries:
            slot = (hashed >> 8) % count  # the lowest byte has chosen the table
            while slots[2 * slot + 1]:  # no key is at place 0, where the file's head is
                slot = (slot + 1) % count
            slots[2 * slot], slots[2 * slot + 1] = hashed, at
        begin = self._at
        self._at += self._file.write(struct.pack("!" + "Iq" * count, *slots))
        return _TABLE.pack(begin, count)

    def _index_type(self) -> str:
        """The smallest type of Whoosh's that holds the place of the last key."""
        last = self.places[-1] if self.places else 0
        if last < 2**16:
            return "H"
        return "i" if last < 2**31 else "q"


def write_table_of_contents(
    folder: str,
    segments: Sequence[tuple[str, int, Sequence[int], Mapping[str, int]]],
    number: int,
    schema: Any,
) -> str:
    """Write the file by which plain Whoosh finds the segments; returns its name.

    A segment is its name, how many documents it has, which were deleted, and its words by field.
    """
    from whoosh.codec.whoosh3 import W3Codec, W3Segment
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import TOC

    whoosh_segments = []
    for name, documents, deleted, lengths in segments:
        prefix, _, identity = name.partition("_")
        segment = W3Segment(W3Codec(), prefix, documents, identity, set(deleted) or None)
        segment._fieldlengths = dict(
            lengths
        )  # without them Whoosh knows no mean length to score by
        whoosh_segments.append(segment)
    toc = TOC(schema, whoosh_segments, number)
    toc.write(FileStorage(folder), "MAIN")
    return str(TOC._filename("MAIN", number))


# Reading


class TermsReader:
    """A terms file, looked up by bisection; nothing of it is read before it is asked for."""

    def __init__(self, content: mmap, fields: Mapping[str, int], terms: int, kind: str) -> None:
        self.content, self.fields, self.terms = content, fields, terms
        self._place = struct.Struct(f"!{kind}")
        # The index is the last thing in the file but for the length of what is before it.
        self._index = len(content) - _INT_SIZE - terms * self._place.size
        if terms < 0 or self._index < 0 or content[:4] != _TERMS_MAGIC:
            raise Malformed("this is not a terms file")

    def find(self, field: str, word: bytes) -> Term | None:
        """The term, or None when no document has it."""
        number = self.fields.get(field)
        if number is None:
            return None
        key = _KEY.pack(number) + word
        at = self._first(key)
        if at == self.terms:
            return None
        found_key, value_at = self._entry(at)
        return self._term(value_at) if found_key == key else None

    def starting(self, field: str, prefix: bytes) -> Iterator[tuple[bytes, Term]]:
        """The terms of a field that begin with ``prefix``, in the order of their bytes."""
        number = self.fields.get(field)
        if number is None:
            return
        start = _KEY.pack(number) + prefix
        for at in range(self._first(start), self.terms):
            key, value_at = self._entry(at)
            if not key.startswith(start):
                return
            yield key[_KEY.size :], self._term(value_at)

    def _first(self, key: bytes) -> int:
        """The number of the first entry that is not before ``key``."""
        return bisect_left(range(self.terms), key, key=self._key)

    def _key(self, number: int) -> bytes:
        # The same as _entry(number)[0], and quicker: a bisection takes some twenty of these.
        content = self.content
        at = self._place.unpack_from(content, self._index + number * self._place.size)[0]
        begin = at + _KEY_LENGTHS_SIZE
        return content[begin : begin + _KEY_LENGTHS.unpack_from(content, at)[0]]

    def _entry(self, number: int) -> tuple[bytes, int]:
        """The key of an entry, and where its value begins."""
        content = self.content
        at = self._place.unpack_from(content, self._index + number * self._place.size)[0]
        begin = at + _KEY_LENGTHS_SIZE
        end = begin + _KEY_LENGTHS.unpack_from(content, at)[0]
        return content[begin:end], end

    def _term(self, value_at: int) -> Term:
        value = _ENTRY.unpack_from(self.content, value_at)
        return Term(value[2], value[8], value[9])


def read_postings(content: mmap, term: Term, wanted: Sequence[int] | None = None) -> Postings:
    """All postings of a term.

    With ``wanted``, documents in ascending order, only the blocks that one of them may be in.
    Raises Malformed, or what the unpickler raises, over bytes that are not postings.
    """
    documents: list[int] = []
    weights: list[int] | None = None
    values: list[bytes] = []
    for count, last, data in _blocks(content, term, wanted):
        deltas, block_weights, block_values = _PlainUnpickler(BytesIO(data)).load()
        if block_weights is not None and weights is None:
            weights = [1] * len(documents)  # of the blocks before, in which all are 1
        documents.extend(accumulate(deltas))
        if documents[-1] != last:
            raise Malformed("a block of postings has the wrong documents")
        if weights is not None:
            weights.extend([1] * count if block_weights is None else block_weights)
        if block_values is not None:
            values.extend(block_values)
    return Postings(documents, weights, values)


def _blocks(
    content: mmap, term: Term, wanted: Sequence[int] | None
) -> Iterator[tuple[int, int, bytes]]:
    """The blocks of a term: how many postings, the last document, and their pickle."""
    at, end = term.offset + len(_MAGIC), term.offset + term.length
    if content[term.offset : at] != _MAGIC:
        raise Malformed("there are no postings where a term says")
    before, is_last = -1, False
    while not is_last:
        size = _LENGTH.unpack_from(content, at)[0]
        info_at = at + _INT_SIZE
        following, is_last = info_at + abs(size), size < 0
        info = _INFO.unpack_from(content, info_at)
        count, last, compressed = info[2], info[4], info[8]
        if info[0] != _INFO_HEAD or following > end:
            raise Malformed("a block of postings has the wrong head or size")
        # Other blocks are passed over by their information alone, neither inflated nor unpickled.
        if wanted is None or _any_between(wanted, before, last):
            data = content[info_at + _INFO.size : following]
            yield count, last, zlib.decompress(data) if compressed else data
        before, at = last, following


def _any_between(wanted: Sequence[int], before: int, last: int) -> bool:
    """Whether a document is wanted that comes after ``before`` and not after ``last``."""
    at = bisect_left(wanted, before + 1)
    return at < len(wanted) and wanted[at] <= last


def numbers(content: bytes) -> array[int]:
    """A column of whole numbers of four bytes."""
    import sys

    column = array("i")
    column.frombytes(content)
    if sys.byteorder == "little":  # the file is big-endian
        column.byteswap()
    return column


def number_bytes(values: Sequence[int]) -> bytes:
    """The bytes of a column of whole numbers."""
    return struct.pack(f"!{len(values)}i", *values)


def length_table() -> list[int]:
    """The lengths that the 256 bytes of a column of lengths stand for."""
    # Importing Whoosh takes long: only writers do, and the manifest keeps the table for readers.
    from whoosh.util.numeric import byte_to_length

    return [int(byte_to_length(code)) for code in range(256)]
