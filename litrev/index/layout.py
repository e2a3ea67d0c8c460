"""How an index is laid out: its own fields beside the user's, and what is written how.

``Content`` holds every stem (and every name as it stands) with its positions, each field in a
range of its own, and its weight, the sum over a document's fields of how often it stands there
times what the field counts: so that one posting list answers a word anywhere, ranked by BM25F.
``Common`` is a copy without positions for the words of many documents, which is quicker to read.
``Surface`` holds all words as they stand, with the fields they stand in as bits of the weight.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path

from litrev.index.documents import ALL_STRUCTURED, METADATA, WEIGHTS
from litrev.index.documents import UNSTEMMED as NAMES
from litrev.library.identity import new_id

CONTENT, COMMON, SURFACE, FLAGS, FACETS = "Content", "Common", "Surface", "Flags", "Facets"
MANY = 24  # documents that make a word common
FORMAT = 7  # raise it when anything here changes: an index of another format is rebuilt
UNSTEMMED = "="  # before a word of a field whose words are not stemmed; no word holds it
UNIT = 2  # what a weight of 1 is written as
SLOT = 22  # bits for the positions of one field
NO_YEAR = -(2**31)
_FACET = "\x1f"
_CHUNK = 1 << 20


def slots(structured: Sequence[str]) -> tuple[str, ...]:
    """The fields whose words have positions, each in its own range; the longest first, so that most words have the least bit alone."""
    plain = (*METADATA, *(name for name in WEIGHTS if name not in METADATA and name != ALL_STRUCTURED))
    return ("abstract", *(name for name in plain if name != "abstract"), *structured)


def boost(name: str) -> int:
    """What a word of the field adds to the weight of its term."""
    return max(1, round(UNIT * WEIGHTS.get(name, WEIGHTS[ALL_STRUCTURED])))


def is_stemmed(name: str) -> bool:
    """Whether the words of the field are found in all their forms."""
    return name not in NAMES


def positions(value: bytes) -> list[int]:
    """The positions in a posting."""
    return memoryview(value).cast("I").tolist()


def facet(name: str, value: str) -> str:
    """The term of a value of a facet."""
    return f"{name}{_FACET}{value[:200]}"


def facet_prefix(name: str) -> str:
    """What the terms of all values of a facet begin with."""
    return f"{name}{_FACET}"


def new_name() -> str:
    """The name of a new segment, as plain Whoosh wants it."""
    return f"MAIN_{new_id().replace('-', '')}"


def stamp(path: Path) -> list[int]:
    """By which it is told that a file is as it was written: its size, when it was last touched (ns), its CRC 32."""
    told = path.stat()
    return [told.st_size, told.st_ctime_ns, checksum(path)]


def checksum(path: Path) -> int:
    """The CRC 32 of a file."""
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found = zlib.crc32(chunk, found)
    return found


def touched(path: Path | str) -> list[int]:
    """The size of a file and when it was last touched (ns)."""
    now = os.stat(path)  # noqa: PTH116  # asked for every file of an index before every answer: a Path takes three times as long
    return [now.st_size, now.st_ctime_ns]


def untouched(path: Path, told: Sequence[int]) -> bool:
    """Whether the system says that nobody has touched the file since it was stamped."""
    return touched(path) == list(told[:2])
