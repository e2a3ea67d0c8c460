"""BibTeX text to blocks with exact places: bibtexparser splits, the scanner reads again what it
stumbled over.

Nothing of the text is lost: the blocks of a text, joined, are the text.
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

_COMMENT_PREFIX = re.compile(r"@(?:comment|string|preamble)[ \t]*(?=[\w:.+-])", re.IGNORECASE)
_AT_A_LINE = re.compile(
    r"^[ \t]*(?:@[ \t]*(?:[A-Za-z]|$)|(?i:article|book|booklet|inbook|incollection|inproceedings|conference|manual|mastersthesis|misc|online|patent"
    r"|phdthesis|proceedings|report|techreport|thesis|unpublished)[ \t]*\{[ \t]*[^\s,{}]+[ \t]*,)",
    re.MULTILINE,
)
_GOES_ON = re.compile(
    r"\s*,\s*[A-Za-z][\w.:+-]*\s*=|[^\s%@{}=,]{1,60},\s*[A-Za-z][\w.:+-]*\s*="
)  # behind an entry: it ended too early
_STRAY_FIELD = re.compile(r"\s*[A-Za-z][\w.:+-]*\s*=\s*[{\"\d]")


@dataclass(frozen=True, slots=True)
class RawField:
    """A field as it stands: its name in the file's case, the source of its value, and the pieces of
    that.
    """

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
class _Found:
    """What bibtexparser found at a place; ``block`` is None where it must be read again."""

    start: int
    end: int
    block: RawBlock | None


def split(text: str) -> list[RawBlock]:
    """All of ``text`` as blocks, in order."""
    return _Splitting(text).run()


class _Splitting:
    def __init__(self, text: str) -> None:
        self.text = text
        self.scanner = Scanner(text)
        self.blocks: list[RawBlock] = []
        self.at, self.line = 0, 1
        self.sure: list[int] = []

    def run(self) -> list[RawBlock]:
        found = list(self._found())
        self.sure = [item.start for item in found if item.block is not None]
        for item in found:
            if item.start < self.at:
                continue  # it lies within what was read again
            if item.block is None:
                self._read_again()
            else:
                self._text_until(item.start)
                self._put(item.block, item.end)
        self._text_until(len(self.text))
        return self.blocks

    # What bibtexparser says

    def _found(self) -> Iterator[_Found]:
        at, line = 0, 1
        for parsed in _parse(self.text):
            raw = str(parsed.raw or "")
            start = self.text.find(raw, at) if raw else -1
            if start < 0:
                continue
            line += line_ends(self.text[at:start])
            yield _Found(start, start + len(raw), _block(parsed, raw, line))
            line += line_ends(raw)
            at = start + len(raw)

    # What the scanner says

    def _read_again(self) -> None:
        """Read on by BibTeX's rules until a place that bibtexparser is sure of."""
        first = True
        while self.at < len(self.text):
            number = bisect_left(self.sure, self.at)
            sure = self.sure[number] if number < len(self.sure) else len(self.text)
            start = self.scanner.next_start(self.at)
            if sure <= start and not (first and sure == self.at):
                return
            first = False
            self._text_until(start)
            if start == len(self.text):
                return
            try:
                scanned = self.scanner.block(start)
            except Damaged as damage:
                further = line_ends(self.text[start : damage.place])
                reason = f"line {self.line + further}: {damage}" if further else str(damage)
                number = bisect_left(self.sure, start + 1)
                end = min(
                    self.scanner.next_likely(start),
                    self.sure[number] if number < len(self.sure) else len(self.text),
                )
                end = start + len(self.text[start:end].rstrip())
                self._put(RawBlock("failed", self.text[start:end], self.line, reason=reason), end)
            else:
                self._put(_from_scan(self.text, scanned, self.line), scanned.end)

    # Putting down

    def _put(self, block: RawBlock, end: int) -> None:
        self.blocks.append(block)
        self.line += line_ends(block.raw)
        self.at = end

    def _text_until(self, end: int) -> None:
        """Put down what stands between the blocks."""
        text = self.text[self.at : end]
        if not text:
            return
        last = self.blocks[-1] if self.blocks else None
        broken = _AT_A_LINE.search(text)
        if last is not None and last.kind == "entry" and _GOES_ON.match(text):
            rest = text.rstrip()
            self.blocks.pop()
            reason = "the entry ends before its last field: is a brace missing or one too many?"
            self.blocks.append(RawBlock("failed", last.raw + rest, last.line, reason=reason))
            self.line += line_ends(rest)
            self.at += len(rest)
            self._text_until(end)
        elif last is not None and last.kind == "entry" and _STRAY_FIELD.match(text) and not broken:
            self._put(
                RawBlock(
                    "failed",
                    text,
                    self.line,
                    reason="fields that stand in no entry: did the one before end too early?",
                ),
                end,
            )
        elif broken and broken.start():
            self._text_until(self.at + broken.start())
            self._text_until(end)
        elif broken:
            self._put(
                RawBlock(
                    "failed",
                    text,
                    self.line,
                    reason="an entry seems to begin here, and cannot be read",
                ),
                end,
            )
        else:
            odd = (
                ((self.line, "a closing brace that closes nothing"),)
                if "}" in text and not text.strip("}, \t\r\n")
                else ()
            )
            self._put(
                RawBlock("comment" if text.strip() else "gap", text, self.line, doubts=odd), end
            )


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


def _block(parsed: ParsedBlock, raw: str, line: int) -> RawBlock | None:
    """What bibtexparser read, if it can be trusted; else None."""
    from bibtexparser import model

    inner = getattr(parsed, "ignore_error_block", None) or parsed
    try:
        match inner:
            case model.Entry() if not _COMMENT_PREFIX.match(raw):
                begin = inner.start_line or 0
                fields = tuple(
                    _field(f.key, str(f.value), line + (f.start_line or 0) - begin)
                    for f in inner.fields
                )
                if is_entry_type(inner.entry_type) and (
                    not inner.key or (is_key(inner.key) and "=" not in inner.key)
                ):
                    return RawBlock("entry", raw, line, inner.entry_type, inner.key, fields)
            case model.String() if not _COMMENT_PREFIX.match(raw):
                return RawBlock(
                    "string",
                    raw,
                    line,
                    key=inner.key,
                    fields=(_field(inner.key, str(inner.value), line),),
                )
            case model.Preamble() if not _COMMENT_PREFIX.match(raw):
                parse_expression(str(inner.value))
                return RawBlock("preamble", raw, line)
            case model.ExplicitComment() if not _COMMENT_PREFIX.match(raw) and raw.count(
                "{"
            ) == raw.count("}"):
                return RawBlock("comment", raw, line)
            case model.ImplicitComment() if (
                "@" not in raw
                and not _AT_A_LINE.search(raw)
                and raw.strip("}, \t\r\n")
                and not _GOES_ON.match(raw)
                and not _STRAY_FIELD.match(raw)
            ):
                return RawBlock("comment", raw, line)
    except BadExpression:
        pass
    return None


def _field(name: str, expression: str, line: int) -> RawField:
    if not is_field_name(name):
        raise BadExpression(name)
    return RawField(name, expression, line, parse_expression(expression))


def _from_scan(text: str, scanned: Scanned, line: int) -> RawBlock:
    def line_of(place: int) -> int:
        return line + line_ends(text[scanned.start : place])

    raw, kind = text[scanned.start : scanned.end], scanned.name.casefold()
    if kind == "comment":
        return RawBlock("comment", raw, line)
    try:
        sources = [(f.name, text[f.start : f.end], line_of(f.place)) for f in scanned.fields]
        fields = tuple(
            RawField(name, source, at, parse_expression(source, escapes=scanned.escapes))
            for name, source, at in sources
        )
    except BadExpression as error:  # the scanner reads by the same rules
        return RawBlock("failed", raw, line, reason=str(error))
    doubts = tuple((line_of(doubt.place), doubt.text) for doubt in scanned.doubts)
    if kind in {"string", "preamble"}:
        return RawBlock(
            kind,
            raw,
            line,
            key=scanned.key,
            fields=fields if kind == "string" else (),
            doubts=doubts,
        )
    wrong = _misnamed(scanned)
    if wrong:
        return RawBlock("failed", raw, line, reason=wrong)
    return RawBlock("entry", raw, line, kind, scanned.key, fields, doubts=doubts)


def _misnamed(scanned: Scanned) -> str:
    if not is_entry_type(scanned.name):
        return f"{scanned.name[:40]!r} is no entry type"
    if scanned.key and not is_key(scanned.key):
        return f"{scanned.key[:40]!r} is no citation key"
    wrong = next((field.name for field in scanned.fields if not is_field_name(field.name)), "")
    return f"{wrong[:40]!r} is no field name" if wrong else ""
