"""Whoosh's own file format (its codec W3), written whole blocks at a time.

What a file holds is described in :mod:`~litrev.index.embedded.codec_w3`, which reads it.
"""

from __future__ import annotations

import pickle
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from operator import sub
from typing import IO, Any

from litrev.index.embedded.codec_w3 import (
    ENTRY,
    INFO,
    INFO_HEAD,
    KEY,
    KEY_LENGTHS,
    LENGTH,
    MAGIC,
    TERMS_MAGIC,
)

BLOCK = 2048  # postings in a block
_NO_COMPRESSION = 120  # bytes of a block up to which nothing is gained by it
_BY_CRC32 = 1  # which of Whoosh's hash functions a terms file uses
_TABLE = struct.Struct("!qi")  # where a hash table begins, and how many slots it has
# Whoosh passes over blocks that cannot score high enough, by the highest weight and these lengths.
# The whole range is always true, and passes over none that could.
_SHORTEST, _LONGEST = 0, 255
# Parts of the information of a block.
_INFO_TAIL = b"t."  # tuple, stop
_BININT, _BININT1 = b"J", b"K"  # a number of four bytes, and of one
_HIGHEST_WEIGHT = 2**31 - 1  # what BININT holds, which is signed; postings may weigh more
# Parts of the pickle of a block with one posting, which is put together by hand.
_ONE_HEAD = b"\x80\x04J"  # protocol 4, the number of the document follows
_NUMBER = struct.Struct("<I")
_NONE, _TUPLE1, _ONE_TAIL = b"N", b"\x85", b"\x87."


class PostingsWriter:
    """Writes the terms and postings files of one segment.

    Start a field, then add its terms in the order of their bytes; :meth:`finish` once at the end.
    The caller opens the two files, which must be empty, and closes them.
    """

    def __init__(self, terms: IO[bytes], postings: IO[bytes]) -> None:
        self.fields: dict[str, int] = {}
        self._postings = postings
        self._at = 0
        self._documents: Sequence[int] = ()
        self._deltas: Sequence[int] = ()
        self._terms = _TermsWriter(terms)

    def start_field(self, name: str) -> None:
        """Let whatever is entered from now on belong to the field ``name``.

        A new field gets the next number. Keys begin with this number, so a terms file stays in
        order only when fields are started once, one after the other.
        """
        number = self.fields.setdefault(name, len(self.fields))
        self._key = KEY.pack(number)

    def add(
        self,
        term: bytes,
        documents: Sequence[int],
        weights: Sequence[int] | None = None,
        values: Sequence[bytes] = (),
    ) -> None:
        """Write one term with all its postings; the arguments are those of :meth:`put`."""
        entry = self.put(documents, weights, values)
        self.enter(term, entry)

    def enter(self, term: bytes, entry: bytes) -> None:
        """Write a term whose postings are written already; ``entry`` is what put returned."""
        self._terms.add(self._key + term, entry)

    def put(
        self,
        documents: Sequence[int],
        weights: Sequence[int] | None = None,
        values: Sequence[bytes] = (),
    ) -> bytes:
        """Write postings, in any order of their terms; returns the entry for :meth:`enter`.

        There is at least one document, and they ascend. ``weights`` (None: all 1) and ``values``
        (empty: none) are parallel to them. A list must not be changed after it was passed: its
        steps are remembered.
        """
        if len(documents) == 1:
            weight = weights[0] if weights else 1
            value = values[0] if values else None
            return self.put_one(documents[0], weight, value)
        deltas = self._deltas_of(documents)
        if len(documents) <= BLOCK:  # nearly always, and then no list is copied
            whole = (documents[-1], deltas, weights, values)
            parts: Iterable[_Part] = (whole,)
        else:
            parts = _divided(documents, deltas, weights, values)
        highest = 1
        written = [MAGIC]
        for last, block_deltas, block_weights, block_values in parts:
            top = 1 if block_weights is None else max(block_weights)
            highest = max(highest, top)
            block = _block(block_deltas, last, block_weights, block_values, top)
            # A negative length marks the last block.
            is_last = last == documents[-1]
            size = -len(block) if is_last else len(block)
            written += (LENGTH.pack(size), block)
        total = len(documents) if weights is None else sum(weights)
        return self._write(written, total, highest, documents)

    def _deltas_of(self, documents: Sequence[int]) -> Sequence[int]:
        """The first document, and then the step from each to the next."""
        # The same list often comes again at once, with other weights or without values.
        if documents is not self._documents:
            self._documents = documents
            steps = map(sub, documents[1:], documents)
            self._deltas = [documents[0], *steps]
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
        length = LENGTH.pack(-len(info) - len(data))  # negative, as it is the last block too
        written = (MAGIC, length, info, data)
        return self._write(written, weight, top, (document,))

    def _write(
        self, parts: Sequence[bytes], weight: int, highest: int, documents: Sequence[int]
    ) -> bytes:
        """Write the parts of a posting list; returns the entry for its term.

        ``weight`` is the sum of all weights, ``highest`` the highest one.
        """
        at = self._at
        size = self._postings.write(b"".join(parts))
        self._at += size
        return ENTRY.pack(
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
        block_values = values[begin:end]
        last = documents[end - 1]
        yield last, steps, block_weights, block_values


@lru_cache(maxsize=1024)
def _pickled_weight(weight: int) -> bytes:
    """The weights of a block of one posting, without the head and the end of the pickle."""
    if weight == 1:
        return _NONE
    return pickle.dumps((weight,), 2)[2:-1]


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
    """The bytes of a block: its information, then the pickle of its postings.

    ``deltas`` begins with the first document; ``top`` is the highest of the weights.
    """
    buffer = BytesIO()
    pickler = pickle.Pickler(buffer, 4)
    # Nothing is in a block twice: to remember every value takes longer than to write it.
    pickler.fast = True
    block_weights = None
    if weights is not None and top > 1:
        block_weights = tuple(weights)
    block_values = tuple(values) if values else None
    pickler.dump((tuple(deltas), block_weights, block_values))
    data = buffer.getvalue()
    # A block without values is read most often and must be quick to read, so it stays as it is.
    compressed = bool(values) and len(data) > _NO_COMPRESSION
    if compressed:
        data = zlib.compress(data, 1)
    highest = min(top, _HIGHEST_WEIGHT)
    return _block_info(len(deltas), last, highest, compressed) + data


def _block_info(count: int, last: int, top: int, compressed: bool) -> bytes:
    """How many postings are in a block, the last document, the highest weight, and the rest."""
    return INFO.pack(
        INFO_HEAD,
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
        hash_function = bytes([_BY_CRC32])
        unused = LENGTH.pack(0) * 2  # two numbers that Whoosh skips
        self._at = file.write(TERMS_MAGIC + hash_function + unused)

    def add(self, key: bytes, value: bytes) -> None:
        """Write a key, which comes after all before it, and its value."""
        at = self._at
        hashed = zlib.crc32(key)
        self.places.append(at)
        table = self._tables[hashed & 255]
        table.append((hashed, at))
        lengths = KEY_LENGTHS.pack(len(key), len(value))
        self._at += self._file.write(lengths + key + value)

    def finish(self, fields: Mapping[str, int]) -> str:
        """Write the tables, and the index; returns the type code of its numbers.

        The code is one of the module ``struct``.
        """
        directory = b"".join([self._write_table(entries) for entries in self._tables])
        kind = self._index_type()
        count = len(self.places)
        # Plain Whoosh unpickles this; what litrev reads is in the manifest.
        extras = {"fieldmap": dict(fields), "indextype": kind, "indexlen": count}
        pickled_extras = pickle.dumps(extras, 2)
        index = struct.pack(f"!{count}{kind}", *self.places)
        # Whoosh looks for the extras from the end of the file, and for the index behind them.
        size = LENGTH.pack(len(pickled_extras) + len(index))
        ending = (directory, pickled_extras, index, size)
        self._file.write(b"".join(ending))
        return kind

    def _write_table(self, entries: Sequence[tuple[int, int]]) -> bytes:
        """Write a hash table of twice as many slots as keys; returns its entry in the directory."""
        count = 2 * len(entries)
        slots = [0] * (2 * count)  # a hash and a place in turn
        for hashed, at in entries:
            slot = (hashed >> 8) % count  # the lowest byte has chosen the table
            while slots[2 * slot + 1]:  # no key is at place 0, where the file's head is
                slot = (slot + 1) % count
            slots[2 * slot] = hashed
            slots[2 * slot + 1] = at
        begin = self._at
        table = struct.pack("!" + "Iq" * count, *slots)
        self._at += self._file.write(table)
        return _TABLE.pack(begin, count)

    def _index_type(self) -> str:
        """The smallest type of Whoosh's that holds the place of the last key."""
        last = self.places[-1] if self.places else 0
        if last < 2**16:
            return "H"
        return "i" if last < 2**31 else "q"


# A segment as plain Whoosh lists it: its name, how many documents it has, which were deleted, and
# how many words there are in each field.
WhooshRow = tuple[str, int, Sequence[int], Mapping[str, int]]


def write_table_of_contents(
    folder: str, segments: Sequence[WhooshRow], number: int, schema: Any
) -> str:
    """Write the file by which plain Whoosh finds the segments; returns its name.

    Whoosh reads the table with the highest ``number``. ``schema`` is a Whoosh schema.
    """
    from whoosh.codec.whoosh3 import W3Codec, W3Segment
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import TOC

    whoosh_segments = []
    for name, documents, deleted, lengths in segments:
        prefix, _, identity = name.partition("_")
        deleted_numbers = set(deleted) or None
        segment = W3Segment(W3Codec(), prefix, documents, identity, deleted_numbers)
        # Without them Whoosh knows no mean length to score by.
        segment._fieldlengths = dict(lengths)
        whoosh_segments.append(segment)
    toc = TOC(schema, whoosh_segments, number)
    toc.write(FileStorage(folder), "MAIN")
    return str(TOC._filename("MAIN", number))


def number_bytes(values: Sequence[int]) -> bytes:
    """The bytes of a column of whole numbers, four for each, big-endian as Whoosh has them.

    >>> number_bytes([1, -1])
    b'\\x00\\x00\\x00\\x01\\xff\\xff\\xff\\xff'
    """
    return struct.pack(f"!{len(values)}i", *values)


def length_table() -> list[int]:
    """The lengths, in words, that the 256 bytes of a column of lengths stand for; ascending.

    They are those of whoosh.util.numeric.byte_to_length. Short lengths are exact, and the steps
    grow with the length.
    """
    # Importing Whoosh takes long: only writers do, and the manifest keeps the table for readers.
    from whoosh.util.numeric import byte_to_length

    return [int(byte_to_length(code)) for code in range(256)]
