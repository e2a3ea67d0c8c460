"""The manifest of an embedded index: what it has seen, its segments, and how their files were when
they were written.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from litrev.index.engine import DamagedIndex
from litrev.library.storage.atomic_files import write_whole

_MANIFEST = "manifest.json"


def files_of(told: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The files a manifest names, each with its stamp."""
    for segment in told["segments"]:
        yield from segment["files"].items()


def write_manifest(folder: Path, told: dict[str, Any]) -> None:
    """Put a manifest in its place, whole, with a checksum before it."""
    content = json.dumps({**told, "byteorder": sys.byteorder})
    write_whole(folder / _MANIFEST, [f"{zlib.crc32(content.encode()):08x}\n{content}"])


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest; None when there is none. Raises DamagedIndex for one that is not as it was
    written.
    """
    try:
        text = (folder / _MANIFEST).read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedIndex(f"{folder / _MANIFEST}: {error}") from error
    checksum, _, content = text.partition("\n")
    if checksum != f"{zlib.crc32(content.encode()):08x}":
        raise DamagedIndex(f"{folder / _MANIFEST}: is not as it was written")
    told: dict[str, Any] = json.loads(content)
    if told.get("byteorder") != sys.byteorder:
        raise DamagedIndex(f"{folder / _MANIFEST}: was written on another kind of machine")
    return told
