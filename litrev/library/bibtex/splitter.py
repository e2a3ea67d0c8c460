"""BibTeX text to blocks with exact places.

bibtexparser splits; the scanner reads again what bibtexparser cannot read. Nothing of the text is
lost: the blocks of a text, joined, are the text.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litrev.library.bibtex.expression import BadExpression, Piece, parse_expression
from litrev.library.bibtex.scanner import Damaged, Scanned, Scanner
from litrev.text.lines import line_ends
from litrev.text.validity import is_entry_type, is_field_name, is_key

if TYPE_CHECKING:
    from bibtexparser.model import Block as ParsedBlock
    from bibtexparser.model import Entry as ParsedEntry

# An entry type that begins with one of these words, such as @stringent: bibtexparser takes it for
# a block of that kind.
_MISTAKEN_TYPE = re.compile(r"@(?:comment|string|preamble)[ \t]*(?=[\w:.+-])", re.IGNORECASE)
# An entry seems to begin at this line, with "@" or with the name of a type that lost its "@".
_KNOWN_TYPES = (
    "article|book|booklet|inbook|incollection|inproceedings|conference|manual|mastersthesis|misc"
    "|online|patent|phdthesis|proceedings|report|techreport|thesis|unpublished"
)
_SEEMS_ENTRY = re.compile(
    rf"^[ \t]*(?:@[ \t]*(?:[A-Za-z]|$)|(?i:{_KNOWN_TYPES})[ \t]*\{{[ \t]*[^\s,{{}}]+[ \t]*,)",
    re.MULTILINE,
)
_GOES_ON = re.compile(
    r"\s*,\s*[A-Za-z][\w.:+-]*\s*=|[^\s%@{}=,]{1,60},\s*[A-Za-z][\w.:+-]*\s*="
)  # behind an entry: it ended too early
_STRAY_FIELD = re.compile(r"\s*[A-Za-z][\w.:+-]*\s*=\s*[{\"\d]")
_CLOSING_ONLY = "}, \t\r\n"  # a text of these alone is left over from a block


@dataclass(frozen=True, slots=True)
class RawField:
    """A field: its name in the file's case, and its value as source and as pieces."""

    name: str
    expression: str
    line: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class RawBlock:
    """A stretch of BibTeX text; the blocks of a text, joined, are the text.

    ``kind`` is entry, string, preamble, comment, gap or failed; ``line`` counts from 1. A failed
    block has a ``reason``; ``doubts`` are lines and what is odd there.
    """

    kind: str
    raw: str
    line: int
    entry_type: str = ""
    key: str = ""
    fields: tuple[RawField, ...] = ()
    reason: str = ""
    doubts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _ParsedPart:
    """What bibtexparser read at a place; ``block`` is None where it must be read again."""

    start: int
    end: int
    block: RawBlock | None


def split(text: str) -> list[RawBlock]:
    """All of ``text`` as blocks, in order."""
    return _Splitting(text).run()


class _Splitting:
    """The blocks of one text; ``at`` and ``line`` are the place up to which they are known."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.scanner = Scanner(text)
        self.blocks: list[RawBlock] = []
        self.at = 0
        self.line = 1
        self.trusted_starts: list[int] = []

    def run(self) -> list[RawBlock]:
        """All blocks, in order: put together again, they are the text."""
        parts = list(self._parsed_parts())
        self.trusted_starts = [part.start for part in parts if part.block is not None]
        for part in parts:
            if part.start < self.at:
                continue  # it lies within what was read again
            if part.block is None:
                self._read_again()
            else:
                self._put_text_until(part.start)
                self._put(part.block, part.end)
        self._put_text_until(len(self.text))
        return self.blocks

    def _parsed_parts(self) -> Iterator[_ParsedPart]:
        """What bibtexparser read, with exact places, which it does not report."""
        at, line = 0, 1
        for parsed in _parse(self.text):
            raw = str(parsed.raw or "")
            start = self.text.find(raw, at) if raw else -1
            if start < 0:
                continue
            line += line_ends(self.text, at, start)
            yield _ParsedPart(start, start + len(raw), _trusted_block(parsed, raw, line))
            line += line_ends(raw)
            at = start + len(raw)

    # Reading again

    def _read_again(self) -> None:
        """Read on by BibTeX's rules up to a place where bibtexparser can be trusted."""
        is_first = True
        while self.at < len(self.text):
            trusted = self._next_trusted(self.at)
            start = self.scanner.next_start(self.at)
            if trusted <= start and not (is_first and trusted == self.at):
                return
            is_first = False
            self._put_text_until(start)
            if start == len(self.text):
                return
            try:
                scanned = self.scanner.block(start)
            except Damaged as damage:
                self._put_damaged(start, damage)
            else:
                self._put(_block_from_scan(self.text, scanned, self.line), scanned.end)

    def _next_trusted(self, at: int) -> int:
        """The next place from ``at`` on where bibtexparser can be trusted, or the end."""
        number = bisect_left(self.trusted_starts, at)
        if number < len(self.trusted_starts):
            return self.trusted_starts[number]
        return len(self.text)

    def _put_damaged(self, start: int, damage: Damaged) -> None:
        """Put down a block that cannot be read, up to where another one very likely begins."""
        lines_before = line_ends(self.text, start, damage.place)
        reason = str(damage)
        if lines_before:
            reason = f"line {self.line + lines_before}: {reason}"
        next_likely = self.scanner.next_likely(start)
        end = min(next_likely, self._next_trusted(start + 1))
        raw = self.text[start:end].rstrip()
        self._put_failed(raw, reason)

    # Putting down blocks

    def _put(self, block: RawBlock, end: int) -> None:
        self.blocks.append(block)
        self.line += line_ends(block.raw)
        self.at = end

    def _put_failed(self, raw: str, reason: str) -> None:
        block = RawBlock("failed", raw, self.line, reason=reason)
        self._put(block, self.at + len(raw))

    def _put_text_until(self, end: int) -> None:
        """Put down the text between the blocks: gaps, comments, and what may be a lost entry."""
        text = self.text[self.at : end]
        if not text:
            return
        if not text.isspace() and self._put_remains(text, end):
            return
        is_closing_only = "}" in text and not text.strip(_CLOSING_ONLY)
        odd = ((self.line, "unmatched closing brace"),) if is_closing_only else ()
        kind = "comment" if text.strip() else "gap"
        self._put(RawBlock(kind, text, self.line, doubts=odd), end)

    def _put_remains(self, text: str, end: int) -> bool:
        """Put down ``text``, which ends at ``end``, if it holds parts of damaged entries.

        False if it does not, and nothing was put down.
        """
        follows_entry = bool(self.blocks) and self.blocks[-1].kind == "entry"
        if follows_entry and _GOES_ON.match(text):
            self._extend_last_entry(text.rstrip())
            self._put_text_until(end)
            return True
        entry = _SEEMS_ENTRY.search(text)
        if entry is None:
            if follows_entry and _STRAY_FIELD.match(text):
                self._put_failed(
                    text, "fields that are in no entry: did the one before end too early?"
                )
                return True
            return False
        if entry.start():
            self._put_text_until(self.at + entry.start())
            self._put_text_until(end)
        else:
            self._put_failed(text, "an entry seems to begin here, and cannot be read")
        return True

    def _extend_last_entry(self, continuation: str) -> None:
        """Replace the last entry, which ended too early, by a failed block of all that is of it."""
        entry = self.blocks.pop()
        reason = "the entry ends before its last field: is a brace missing or one too many?"
        raw = entry.raw + continuation
        self.blocks.append(RawBlock("failed", raw, entry.line, reason=reason))
        self.line += line_ends(continuation)
        self.at += len(continuation)


# What bibtexparser reads


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


def _trusted_block(parsed: ParsedBlock, raw: str, line: int) -> RawBlock | None:
    """What bibtexparser read as a block, if it can be trusted; else None."""
    from bibtexparser import model

    # An entry whose key or field is there twice is a failed block, which holds the entry itself.
    inner = getattr(parsed, "ignore_error_block", None) or parsed
    if isinstance(inner, model.ImplicitComment):
        return RawBlock("comment", raw, line) if _is_plain_comment(raw) else None
    if _MISTAKEN_TYPE.match(raw):
        return None
    try:
        match inner:
            case model.Entry():
                return _trusted_entry(inner, raw, line)
            case model.String():
                field = _raw_field(inner.key, str(inner.value), line)
                return RawBlock("string", raw, line, key=inner.key, fields=(field,))
            case model.Preamble():
                parse_expression(str(inner.value))  # raises for what BibTeX could not read
                return RawBlock("preamble", raw, line)
            case model.ExplicitComment():
                is_balanced = raw.count("{") == raw.count("}")
                return RawBlock("comment", raw, line) if is_balanced else None
    except BadExpression:
        pass
    return None


def _trusted_entry(entry: ParsedEntry, raw: str, line: int) -> RawBlock | None:
    """An entry as bibtexparser read it; None, or BadExpression, where it is to be read again."""
    if not is_entry_type(entry.entry_type):
        return None
    if entry.key and (not is_key(entry.key) or "=" in entry.key):
        return None
    # bibtexparser counts from 0, and line ends of another kind not at all: only the distance of a
    # field from its entry is taken from it.
    first_line = entry.start_line or 0
    fields = tuple(
        _raw_field(field.key, str(field.value), line + (field.start_line or 0) - first_line)
        for field in entry.fields
    )
    return RawBlock("entry", raw, line, entry.entry_type, entry.key, fields)


def _is_plain_comment(text: str) -> bool:
    """Whether text between blocks is a comment, without any sign of a lost entry."""
    has_words = bool(text.strip(_CLOSING_ONLY))
    if not has_words or "@" in text or _SEEMS_ENTRY.search(text):
        return False
    return not _GOES_ON.match(text) and not _STRAY_FIELD.match(text)


def _raw_field(name: str, expression: str, line: int) -> RawField:
    """A field with its expression taken apart; raises BadExpression where BibTeX could not."""
    if not is_field_name(name):
        raise BadExpression(name)
    return RawField(name, expression, line, parse_expression(expression))


# What the scanner reads


def _block_from_scan(text: str, scanned: Scanned, line: int) -> RawBlock:
    """What the scanner read as a block, which begins at ``line``."""

    def line_of(place: int) -> int:
        return line + line_ends(text, scanned.start, place)

    raw = text[scanned.start : scanned.end]
    kind = scanned.name.casefold()
    if kind == "comment":
        return RawBlock("comment", raw, line)
    fields: list[RawField] = []
    try:
        for field in scanned.fields:
            source = text[field.start : field.end]
            pieces = parse_expression(source, escapes=scanned.escapes)
            fields.append(RawField(field.name, source, line_of(field.place), pieces))
    except BadExpression as error:  # the scanner reads by the same rules
        return RawBlock("failed", raw, line, reason=str(error))
    doubts = tuple((line_of(doubt.place), doubt.text) for doubt in scanned.doubts)
    if kind == "string":
        return RawBlock(kind, raw, line, key=scanned.key, fields=tuple(fields), doubts=doubts)
    if kind == "preamble":
        return RawBlock(kind, raw, line, key=scanned.key, doubts=doubts)
    bad_name = _bad_name(scanned)
    if bad_name:
        return RawBlock("failed", raw, line, reason=bad_name)
    return RawBlock("entry", raw, line, kind, scanned.key, tuple(fields), doubts=doubts)


def _bad_name(scanned: Scanned) -> str:
    """What is wrong with the type, the key or a field's name; empty when nothing is."""
    if not is_entry_type(scanned.name):
        return f"{scanned.name[:40]!r} is not an entry type"
    if scanned.key and not is_key(scanned.key):
        return f"{scanned.key[:40]!r} is not a citation key"
    for field in scanned.fields:
        if not is_field_name(field.name):
            return f"{field.name[:40]!r} is not a field name"
    return ""
