"""Whoosh's own file format (its codec W3), read whole blocks at a time.

Whoosh's reader and writer make an object or a call for every posting, and its reader executes
what a file of an index tells it to (pickle). This module and
:mod:`~litrev.index.embedded.codec_w3_writer` have all that litrev knows of the format's inside: a
segment written there is read by plain Whoosh, and read here it costs one step a block and can run
no code. The files are *terms files* (``.trm``), *postings files* (``.pst``) and *columns*
(``.col``), as in whoosh/codec/whoosh3.py and whoosh/filedb/filetables.py of 2.7.4.
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
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mmap import mmap

MAGIC = b"W3Bl"  # before the blocks of a term
TERMS_MAGIC = b"HSH3"  # at the beginning of a terms file

# Whoosh writes numbers big-endian; a key of a terms file is the number of the field and the word.
KEY = struct.Struct("!H")
KEY_LENGTHS = struct.Struct("!ii")  # bytes of a key and of its value
_KEY_LENGTHS_SIZE = KEY_LENGTHS.size
LENGTH = struct.Struct("!i")
_INT_SIZE = LENGTH.size
# The value of a term: flags, total weight, documents, shortest and longest length, highest weight,
# first and last document (Whoosh's W3TermInfo); then where the postings begin, and their bytes.
ENTRY = struct.Struct("!BfIBBfIIqi")

# A block begins with a pickled tuple of six numbers, its information. Written with opcodes that
# take a fixed number of bytes it has always the same size, so it is read without unpickling.
INFO = struct.Struct("<3s cI cI cI cB cB cB 2s")
INFO_HEAD = b"\x80\x02("  # protocol 2, mark


class Malformed(Exception):
    """The bytes are not what the format says."""


class Term(NamedTuple):
    """A term of a field, and where its postings are.

    ``documents`` is how many documents have it, deleted ones included. Its postings are ``length``
    bytes of the postings file, from ``offset`` on.
    """

    documents: int
    offset: int
    length: int


class Postings(NamedTuple):
    """The posting list of one term.

    ``documents`` are numbers of documents in ascending order. ``weights`` has the weight in each;
    it is None where all are 1. ``values`` has what is kept of each, such as its positions; it is
    empty in fields that keep nothing.
    """

    documents: list[int]
    weights: list[int] | None
    values: list[bytes]


class _PlainUnpickler(pickle.Unpickler):
    """Reads numbers, bytes and tuples of them; refuses whatever would call something."""

    def find_class(self, module: str, name: str) -> Any:
        raise Malformed(f"a block asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        raise Malformed("a block asks for something outside it")


class TermsReader:
    """A terms file, looked up by bisection; nothing of it is read before it is asked for.

    ``fields`` has the number of each field, ``terms`` is how many terms there are in all, ``kind``
    the type code of the index: what :meth:`PostingsWriter.finish` returned. Raises Malformed when
    ``content`` is not a terms file.
    """

    def __init__(self, content: mmap, fields: Mapping[str, int], terms: int, kind: str) -> None:
        self.content = content
        self.fields = fields
        self.terms = terms
        self._place = struct.Struct(f"!{kind}")
        # The index is the last thing in the file but for the length of what is before it.
        index_size = terms * self._place.size
        self._index = len(content) - _INT_SIZE - index_size
        has_index = terms >= 0 and self._index >= 0
        if not has_index or content[:4] != TERMS_MAGIC:
            raise Malformed("this is not a terms file")

    def find(self, field: str, word: bytes) -> Term | None:
        """The term of a field that is exactly ``word``; None when no document has it."""
        number = self.fields.get(field)
        if number is None:
            return None
        key = KEY.pack(number) + word
        at = self._first(key)
        if at == self.terms:
            return None
        found_key, value_at = self._entry(at)
        if found_key != key:
            return None
        return self._term(value_at)

    def starting(self, field: str, prefix: bytes) -> Iterator[tuple[bytes, Term]]:
        """The words of a field that begin with ``prefix``, in the order of their bytes.

        Each comes with its term. No prefix (``b""``) gives the whole field.
        """
        number = self.fields.get(field)
        if number is None:
            return
        start = KEY.pack(number) + prefix
        first = self._first(start)
        for at in range(first, self.terms):
            key, value_at = self._entry(at)
            if not key.startswith(start):
                return
            word = key[KEY.size :]
            yield word, self._term(value_at)

    def _first(self, key: bytes) -> int:
        """The number of the first entry that is not before ``key``."""
        numbers = range(self.terms)
        return bisect_left(numbers, key, key=self._key)

    def _key(self, number: int) -> bytes:
        """The key of an entry."""
        # The same as _entry(number)[0], and quicker: a bisection takes some twenty of these. So
        # its steps are not shared with _entry, and not divided further.
        content = self.content
        at = self._place.unpack_from(content, self._index + number * self._place.size)[0]
        begin = at + _KEY_LENGTHS_SIZE
        return content[begin : begin + KEY_LENGTHS.unpack_from(content, at)[0]]

    def _entry(self, number: int) -> tuple[bytes, int]:
        """The key of an entry, and where its value begins."""
        content = self.content
        at = self._place.unpack_from(content, self._index + number * self._place.size)[0]
        begin = at + _KEY_LENGTHS_SIZE
        end = begin + KEY_LENGTHS.unpack_from(content, at)[0]
        return content[begin:end], end

    def _term(self, value_at: int) -> Term:
        """The term whose value begins at ``value_at``."""
        value = ENTRY.unpack_from(self.content, value_at)
        return Term(value[2], value[8], value[9])


def read_postings(content: mmap, term: Term, wanted: Sequence[int] | None = None) -> Postings:
    """The postings of a term, from the ``content`` of the postings file.

    With ``wanted``, documents in ascending order, only the blocks that one of them may be in are
    read: others in the same blocks are returned too, so the caller must select.
    Raises Malformed, or what the unpickler raises, over bytes that are not postings.
    """
    documents: list[int] = []
    weights: list[int] | None = None
    values: list[bytes] = []
    for count, last, data in _blocks(content, term, wanted):
        unpickler = _PlainUnpickler(BytesIO(data))
        deltas, block_weights, block_values = unpickler.load()
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
    at = term.offset + len(MAGIC)
    end = term.offset + term.length
    if content[term.offset : at] != MAGIC:
        raise Malformed("there are no postings where a term says")
    before = -1  # the last document of the block before
    is_last = False
    while not is_last:
        size = LENGTH.unpack_from(content, at)[0]
        is_last = size < 0
        info_at = at + _INT_SIZE
        following = info_at + abs(size)
        info = INFO.unpack_from(content, info_at)
        # The others are opcodes, the highest weight and the lengths, which only Whoosh uses.
        count, last, compressed = info[2], info[4], info[8]
        if info[0] != INFO_HEAD or following > end:
            raise Malformed("a block of postings has the wrong head or size")
        # Other blocks are passed over by their information alone, neither inflated nor unpickled.
        if wanted is None or _any_between(wanted, before, last):
            data = content[info_at + INFO.size : following]
            if compressed:
                data = zlib.decompress(data)
            yield count, last, data
        before, at = last, following


def _any_between(wanted: Sequence[int], before: int, last: int) -> bool:
    """Whether a document is wanted that comes after ``before`` and not after ``last``."""
    at = bisect_left(wanted, before + 1)
    return at < len(wanted) and wanted[at] <= last


def numbers(content: bytes) -> array[int]:
    """The whole numbers of a column, four bytes each.

    >>> numbers(b"\\x00\\x00\\x07\\xcf\\xff\\xff\\xff\\xff").tolist()
    [1999, -1]
    """
    import sys

    column = array("i")
    column.frombytes(content)
    if sys.byteorder == "little":  # the file is big-endian
        column.byteswap()
    return column
