"""A whole BibTeX file in canonical layout: the same blocks, always written in the same way."""

from __future__ import annotations

import re

from litrev.library.bibtex.scanner import Damaged, Scanner
from litrev.library.bibtex.splitter import RawBlock, split

_NEWLINE = re.compile(r"\r\n?")


def canonical(text: str) -> str:
    """``text`` laid out anew: each field on a line, a blank line between blocks, LF.

    Nothing is dropped: comments, what cannot be read and fields that are there twice stay. An
    entry that would lose something (a ``%`` line between fields) stays as it is.
    """
    text = _NEWLINE.sub("\n", text.removeprefix("\ufeff"))
    blocks = [block for block in split(text) if block.kind != "gap"]
    parts: list[str] = []
    last_kind = ""
    for block in blocks:
        if parts:
            parts.append("\n" if last_kind == block.kind == "string" else "\n\n")
        parts.append(_written(block))
        last_kind = block.kind
    if parts:
        parts.append("\n")
    return "".join(parts)


def _written(block: RawBlock) -> str:
    """One block in canonical form; what has no such form only loses the blanks around it."""
    raw = block.raw.strip()
    if block.kind == "string":
        return f"@string{{{block.key} = {block.fields[0].expression}}}"
    if block.kind == "entry" and _has_only_fields(raw):
        fields = [f"  {field.name.casefold()} = {field.expression}," for field in block.fields]
        return "\n".join([f"@{block.entry_type}{{{block.key},", *fields, "}"])
    return raw


def _has_only_fields(raw: str) -> bool:
    """Whether an entry holds nothing but its key and fields."""
    try:
        scanned = Scanner(raw).block(0)
    except Damaged:
        return False
    if scanned.escapes or not scanned.key or scanned.end != len(raw):
        return False
    # What is before, between and behind the fields.
    starts = [scanned.inner, *(field.end for field in scanned.fields)]
    ends = [*(field.place for field in scanned.fields), scanned.end]
    gaps = (raw[start:end] for start, end in zip(starts, ends, strict=True))
    return not any("%" in gap for gap in gaps)
