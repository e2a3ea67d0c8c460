"""A whole BibTeX file in canonical layout: the same blocks in the same order, each always written
alike.
"""

from __future__ import annotations

import re

from litrev.library.bibtex.scanner import Damaged, Scanner
from litrev.library.bibtex.splitter import RawBlock, split

_NEWLINE = re.compile(r"\r\n?")


def canonical(text: str) -> str:
    """``text`` laid out anew: a field a line, a blank line between blocks, LF.

    Nothing is dropped: comments, what cannot be read and fields given twice stay; entries that
    would lose something by it (a ``%`` line between fields) stay as they are.
    """
    parts = list[str]()
    last = ""
    for block in split(_NEWLINE.sub("\n", text.removeprefix("\ufeff"))):
        if block.kind == "gap":
            continue
        written = _written(block)
        if parts:
            parts.append("\n" if last == block.kind == "string" else "\n\n")
        parts.append(written)
        last = block.kind
    return "".join(parts) + "\n" if parts else ""


def _written(block: RawBlock) -> str:
    raw = block.raw.strip()
    if block.kind == "string":
        return f"@string{{{block.key} = {block.fields[0].expression}}}"
    if block.kind == "entry" and _plain(raw):
        lines = [
            f"@{block.entry_type}{{{block.key},",
            *(f"  {field.name.casefold()} = {field.expression}," for field in block.fields),
            "}",
        ]
        return "\n".join(lines)
    return raw


def _plain(raw: str) -> bool:
    """Whether an entry holds nothing but its key and fields."""
    try:
        scanned = Scanner(raw).block(0)
    except Damaged:
        return False
    if scanned.escapes or not scanned.key or scanned.end != len(raw):
        return False
    ends = [scanned.inner, *(field.end for field in scanned.fields)]
    starts = [*(field.place for field in scanned.fields), scanned.end]
    return not any("%" in raw[end:start] for end, start in zip(ends, starts, strict=True))
