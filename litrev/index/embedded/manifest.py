"""The manifest of an embedded index: what it has seen, its segments, and their files' stamps."""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from litrev.index.engine import DamagedIndex
from litrev.library.storage.atomic_files import write_whole

_MANIFEST = "manifest.json"


def files_of(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The names of the files a manifest lists, each with its stamp (see layout.stamp)."""
    for segment in manifest["segments"]:
        yield from segment["files"].items()


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Put a manifest in its place, as a whole.

    The first line of the file is the CRC 32 of the rest, which is JSON.
    """
    # Positions are written in the order of this machine, so that they need no conversion.
    content = json.dumps({**manifest, "byteorder": sys.byteorder})
    text = f"{_checksum(content)}\n{content}"
    write_whole(folder / _MANIFEST, [text])


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest; None when there is none.

    Raises DamagedIndex when it is not as it was written, or from a machine of another byte order.
    """
    path = folder / _MANIFEST
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedIndex(f"{path}: {error}") from error
    checksum, _, content = text.partition("\n")
    if checksum != _checksum(content):
        raise DamagedIndex(f"{path}: is not as it was written")
    manifest: dict[str, Any] = json.loads(content)
    if manifest.get("byteorder") != sys.byteorder:
        raise DamagedIndex(f"{path}: was written on another kind of machine")
    return manifest


def _checksum(content: str) -> str:
    """The CRC 32 of a text in UTF-8, as eight hexadecimal digits."""
    crc = zlib.crc32(content.encode())
    return f"{crc:08x}"
