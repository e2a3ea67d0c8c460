"""BibTeX text to blocks with exact places: bibtexparser splits, and nothing of the text is lost."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bibtexparser.model import Block as ParsedBlock

_LOOKS_LIKE_ENTRY = re.compile(r"^(?!\s*%)[^%\n]*?(@\s*(?!comment)[A-Za-z][\w-]*\s*[{(])", re.MULTILINE | re.IGNORECASE)
_COMMENT_PREFIX = re.compile(r"@comment(?=[A-Za-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RawField:
    """A field as it stands: its name in the file's case and the source of its value."""

    name: str
    expression: str
    line: int


@dataclass(frozen=True, slots=True)
class RawBlock:
    """A stretch of BibTeX text; the blocks of a text, joined, are the text.

    ``kind`` is entry, string, preamble, comment, gap or failed; ``line`` counts from 1. A failed
    block has a ``reason``.
    """

    kind: str
    raw: str
    line: int
    entry_type: str = ""
    key: str = ""
    fields: tuple[RawField, ...] = ()
    reason: str = ""


def split(text: str) -> list[RawBlock]:
    """All of ``text`` as blocks, in order."""
    blocks, at, line = list[RawBlock](), 0, 1
    for parsed in _parse(text):
        raw = str(parsed.raw or "")
        start = text.find(raw, at) if raw else -1
        if start < 0:
            continue
        if start > at:
            blocks.append(RawBlock("gap", text[at:start], line))
            line += _lines(blocks[-1].raw)
        block = _block(parsed, raw, line)
        if _continues(blocks, block):
            # The splitter ends a failed block one brace early: the rest is still part of it.
            last = blocks.pop()
            block = RawBlock("failed", last.raw + raw, last.line, reason=last.reason)
        blocks.append(block)
        line += _lines(raw)
        at = start + len(raw)
    if at < len(text):
        blocks.append(RawBlock("gap", text[at:], line))
    return blocks


def _parse(text: str) -> Iterator[ParsedBlock]:
    from bibtexparser.entrypoint import parse_string

    # The splitter logs what it also returns as a failed block; once is enough.
    logger = logging.getLogger("bibtexparser")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield from parse_string(text, parse_stack=[]).blocks
    finally:
        logger.setLevel(level)


def _block(parsed: ParsedBlock, raw: str, line: int) -> RawBlock:
    from bibtexparser import model

    inner = getattr(parsed, "ignore_error_block", None) or parsed
    match inner:
        case model.Entry():
            fields = tuple(RawField(f.key, str(f.value), line + (f.start_line or 0) - (inner.start_line or 0)) for f in inner.fields)
            return RawBlock("entry", raw, line, inner.entry_type, inner.key, fields)
        case model.String():
            return RawBlock("string", raw, line, key=inner.key, fields=(RawField(inner.key, str(inner.value), line),))
        case model.Preamble():
            return RawBlock("preamble", raw, line)
        case model.ParsingFailedBlock():
            return RawBlock("failed", raw, line, reason=getattr(inner.error, "abort_reason", "") or str(inner.error))
    return _comment(raw, line, isinstance(inner, model.ExplicitComment))


def _comment(raw: str, line: int, explicit: bool) -> RawBlock:
    """A comment, or an entry that only looks like one to the splitter (``@commentary{``, ``@article\\n{``)."""
    misread = _COMMENT_PREFIX.match(raw)
    if misread:
        inner = [block for block in split("@x" + raw[misread.end() :]) if block.kind != "gap"]
        if len(inner) == 1 and inner[0].kind == "entry":
            return RawBlock("entry", raw, line, "comment" + inner[0].entry_type[1:], inner[0].key, inner[0].fields)
        return RawBlock("failed", raw, line, reason="the entry does not end")
    entry = None if explicit else _LOOKS_LIKE_ENTRY.search(raw)
    if entry:
        found = " ".join(entry.group(1).split())
        return RawBlock("failed", raw, line, reason=f"{found!r} looks like an entry but stands where none can begin")
    return RawBlock("comment", raw, line)


def _continues(blocks: list[RawBlock], block: RawBlock) -> bool:
    return bool(blocks) and blocks[-1].kind == "failed" and block.kind == "comment" and block.raw[:1] in "{}("


def _lines(text: str) -> int:
    return text.count("\n") if "\r" not in text else len(re.findall(r"\r\n|\r|\n", text))
