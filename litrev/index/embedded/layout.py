"""How an index is laid out: which fields it has, and how what is in them is written.

``Content`` has every stem (and every name as it is written) with its positions, each field in a
range of its own. The weight of a term is the sum over a document's fields of how often it is there
times what the field counts, so one posting list answers a word in any field, ranked by BM25F.
``Common`` is a copy without positions for the words of many documents: it is quicker to read.
``Surface`` has all words as they are written, with their fields as bits of the weight.
"""

from __future__ import annotations

import os
import sys
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate, chain, compress
from operator import ne, sub
from pathlib import Path
from struct import Struct

from litrev.index.documents import ALL_STRUCTURED, METADATA, WEIGHTS
from litrev.index.documents import UNSTEMMED as NAMES
from litrev.library.model.ids import new_id

CONTENT = "Content"
COMMON = "Common"
SURFACE = "Surface"
FLAGS = "Flags"
FACETS = "Facets"
MANY = 24  # documents that make a word common
FORMAT = 8  # raise it when anything here changes: an index of another format is rebuilt
UNSTEMMED = "="  # before a word of a field whose words are not stemmed; no word contains it
UNIT = 2  # what a weight of 1 is written as: fields that count half have whole weights too
SLOT = 24  # bits for the positions of one field; the field is the byte above them
NO_YEAR = -(2**31)
_FACET = "\x1f"
_POSITION, _NUMBER = Struct("4s"), Struct("=I")
# A place is one number of 64 bits: the document, the field (a byte), the position in the field. The
# parts are cut out of the bytes of a whole array, so where they are depends on the byte order.
DOCUMENT = 32
_LOW, _HIGH, _FIELD = (0, 1, 3) if sys.byteorder == "little" else (1, 0, 4)
_CHUNK = 1 << 20


def slots(structured: Sequence[str]) -> tuple[str, ...]:
    """The fields whose words have positions, in the order of their ranges.

    A field's place in this order is its number: it is the byte in a position, and the bit in a
    mask. ``structured`` are the fields of the codebook; they come last.
    """
    known = {*METADATA, ALL_STRUCTURED}
    others = [name for name in WEIGHTS if name not in known]
    # The longest field is first: the words that are only there, most of all words, have the mask 1
    # and need no weights in Surface.
    first = "abstract"
    plain = [name for name in (*METADATA, *others) if name != first]
    return (first, *plain, *structured)


def boost(name: str) -> int:
    """What a word of the field adds to the weight of its term, as it is stored.

    A field without a weight of its own is one of the codebook, and counts as all of these do.

    >>> boost("title"), boost("abstract"), boost("type")
    (8, 2, 1)
    """
    weight = WEIGHTS.get(name, WEIGHTS[ALL_STRUCTURED])
    return max(1, round(UNIT * weight))


def is_stemmed(name: str) -> bool:
    """Whether the words of the field are found in all their forms.

    >>> is_stemmed("title"), is_stemmed("author")
    (True, False)
    """
    return name not in NAMES


def positions(value: bytes) -> list[int]:
    """The positions in a posting, ascending; each has its field in the byte above SLOT bits."""
    return memoryview(value).cast("I").tolist()


def only(places: array[int]) -> tuple[int, int, bytes]:
    """The document of the first place, its field, and its position as it is written.

    >>> only(array("Q", [(7 << DOCUMENT) + (2 << SLOT) + 5]))[:2]
    (7, 2)
    """
    document, position = divmod(places[0], 1 << DOCUMENT)
    field = position >> SLOT
    return document, field, _NUMBER.pack(position)


class Places:
    """The places of a word in ascending order, cut into what is written of them.

    ``documents`` are the documents they are in, ascending; what the methods return is parallel to
    it. Every step takes all places at once: a loop of Python over each place would be what building
    an index waits for.
    """

    def __init__(self, places: array[int]) -> None:
        raw = places.tobytes()
        self._halves = memoryview(raw).cast("I")
        self._fields = raw[_FIELD::8]  # a byte for each place
        self._each = each = self._halves[_HIGH::2].tolist()  # the document of each place
        # A document starts where it differs from the one before; none is -1.
        is_start = map(ne, each, chain((-1,), each))
        self._starts = [*compress(range(len(each)), is_start)]
        self._once = len(self._starts) == len(each)  # in each document
        if self._once:
            self.documents = each
        else:
            self.documents = [*map(each.__getitem__, self._starts)]

    def weights(self, table: bytes) -> Sequence[int]:
        """The weight in each document: the sum over its places of what their fields weigh.

        ``table`` has 256 bytes: what a word weighs in the field of each number.
        """
        weights = self._fields.translate(table)
        if self._once:
            return weights
        # The sum of a document is the difference of two running totals.
        total = [0, *accumulate(weights)]
        totals_after = map(total.__getitem__, self._ends())
        totals_before = map(total.__getitem__, self._starts)
        return [*map(sub, totals_after, totals_before)]

    def masks(self) -> Sequence[int] | None:
        """The fields in each document as bits; None where it is always the first field alone."""
        if self._fields.count(0) == len(self._fields):
            return None
        if self._once:
            return [1 << field for field in self._fields]
        first_fields = map(self._fields.__getitem__, self._starts)
        first_masks = [1 << field for field in first_fields]
        masks = dict(zip(self.documents, first_masks, strict=True))
        # Places ascend, so the first field is set already where it occurs: only others are added.
        in_others = compress(range(len(self._fields)), self._fields)
        for number in in_others:
            masks[self._each[number]] |= 1 << self._fields[number]
        return [*masks.values()]

    def values(self) -> list[bytes]:
        """The positions in each document, as :func:`positions` reads them."""
        packed = self._halves[_LOW::2].tobytes()
        if self._once:
            return [value for (value,) in _POSITION.iter_unpack(packed)]
        size = _POSITION.size
        return [
            packed[size * start : size * end]
            for start, end in zip(self._starts, self._ends(), strict=True)
        ]

    def _ends(self) -> list[int]:
        """Where the places of each document end: where those of the next begin."""
        return [*self._starts[1:], len(self._each)]


def facet(name: str, value: str) -> str:
    """The term of a value of a facet; of a long value the first 200 characters.

    >>> facet("site", "Ostend")
    'site\\x1fOstend'
    """
    return f"{name}{_FACET}{value[:200]}"


def facet_prefix(name: str) -> str:
    """What the terms of all values of a facet begin with."""
    return f"{name}{_FACET}"


def new_name() -> str:
    """The name of a new segment, as plain Whoosh wants it: the index, ``_``, a unique part."""
    return f"MAIN_{new_id().replace('-', '')}"


def stamp(path: Path) -> list[int]:
    """What tells that a file is as it was written; reads the whole file.

    That is its size in bytes, the time of its last change (ns since 1970), its CRC 32.
    """
    return [*touched(path), checksum(path)]


def checksum(path: Path) -> int:
    """The CRC 32 of a file, which is read in parts."""
    crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            crc = zlib.crc32(chunk, crc)
    return crc


def has_content(path: Path, stamp: Sequence[int]) -> bool:
    """Whether a file has the size and the CRC 32 of a stamp; the time does not matter."""
    size, _, crc = stamp
    return path.stat().st_size == size and checksum(path) == crc


def touched(path: Path | str) -> list[int]:
    """The size of a file and the time of its last change (ns): the first two parts of a stamp."""
    # Asked for every file of an index before every answer: a Path takes three times as long.
    now = os.stat(path)  # noqa: PTH116
    # The change of the inode, and not of the content: nobody can set that time back.
    return [now.st_size, now.st_ctime_ns]


def untouched(path: Path, stamp: Sequence[int]) -> bool:
    """Whether the system says that nobody has touched the file since it was stamped."""
    return touched(path) == list(stamp[:2])
