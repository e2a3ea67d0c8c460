"""One block of BibTeX read by BibTeX's own rules, with the exact place of each part.

The splitter passes on what bibtexparser cannot read: unlike it, BibTeX counts every brace, a
backslash before it or not. What people write although BibTeX would stumble (a missing comma, a
``%`` line between fields, no closing brace before the next entry) is read too, with a doubt.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from litrev.library.bibtex.expression import BadExpression, expression_end, shortened

_OPTIONAL_LINE_END = r"(?:[ \t]*(?:\r\n|\r|\n))?"

# "@" name and bracket: a block may begin here.
_START = re.compile(rf"@{_OPTIONAL_LINE_END}[ \t]*([^\s@{{}}()\"'#%,=~\\]+)\s*([{{(])")

# At the beginning of a line, with a key or a name behind it: a block very likely begins here.
_LIKELY_ENTRY = r"[A-Za-z][\w+:.-]*[ \t]*[{(]" + _OPTIONAL_LINE_END + r"[ \t]*[^\s,{}()=\"]*[ \t]*,"
_LIKELY_STRING = r"(?i:string)[ \t]*[{(][^={}()\r\n]*="
_LIKELY_PREAMBLE = r"(?i:preamble)[ \t]*[{(][ \t]*[{\"]"
_LIKELY_COMMENT = r"(?i:comment)[ \t]*[{(]"
_LIKELY_START = re.compile(
    r"^[ \t]*(?:\}[ \t]*)?(@[ \t]*(?:"
    + "|".join((_LIKELY_ENTRY, _LIKELY_STRING, _LIKELY_PREAMBLE, _LIKELY_COMMENT))
    + "))",
    re.MULTILINE,
)
_KEY_AND_FIELD = re.compile(r"[^,\s{}=]*\s*,\s*[A-Za-z_-]+\s*=")  # behind the bracket of an entry

_NAME = re.compile(r"[^\s{}()\"'#%,=~\\@]+")
_FIELD_START = re.compile(r"[^\s{}()\"'#%,=~\\@]+\s*=")
_SWALLOWED = re.compile(
    r",\s*[A-Za-z][\w+:.-]*\s*=\s*[{\"]|,\s*[\r\n]\s*[A-Za-z][\w+:.-]*\s*=\s*\w"
)  # fields within the value of another
_BETWEEN = re.compile(r"(?:[\s,\ufeff]+|%[^\r\n]*)*")  # what may be between two fields
_REST_OF_LINE_COMMENT = re.compile(r"%[^\r\n]*")
_BLANK = re.compile(r"\s*")
_KEY = re.compile(r"[^\s,{}=]+(?:[ \t]+[^\s,{}=]+)*")
_KEY_IN_PARENTHESES = re.compile(r"[^\s,{})=]+(?:[ \t]+[^\s,{})=]+)*")
_KEY_AND_NAME = re.compile(r"(\S+)\s+(\S+\s*)$")  # a key and a field's name, read as one key
_BRACES = re.compile(r"[{}]")

# Each of these bounds the work on a hostile or broken file, which would else grow by its square.
_WINDOW = 200_000  # characters in which braces behind a backslash are looked for
_LEAD = 400  # characters before a possible beginning that are looked at
_PATIENCE = 20  # comments that do not end, before the others are searched less far
_COMMENTED_OUT = 5000  # how many likely beginnings of blocks a comment may hold
_REACH = 20  # how many likely beginnings of other blocks one block may hold in its values


class Damaged(ValueError):
    """A block that cannot be read; ``place`` is where it went wrong."""

    def __init__(self, reason: str, place: int) -> None:
        super().__init__(reason)
        self.place = place


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was read although BibTeX might not."""

    place: int
    text: str


@dataclass(frozen=True, slots=True)
class ScannedField:
    """A field: where its name begins, and where its expression begins and ends."""

    name: str
    place: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """A block from ``start`` to ``end``.

    ``name`` is the entry type in the file's case, else string, preamble or comment. ``name_end``
    is the end of the type, ``inner`` the place after the bracket or the comma of the key.
    """

    name: str
    start: int
    end: int
    name_end: int
    inner: int
    key: str = ""
    key_start: int = 0
    fields: tuple[ScannedField, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    escapes: bool = False  # braces behind a backslash had to be taken for text


class _Opening(NamedTuple):
    """The beginning of a block: ``@name{``."""

    name: str  # in the file's case
    start: int  # of the "@"
    name_end: int
    inner: int  # behind the bracket
    closing: str  # the bracket that ends the block
    limit: int  # where the block must have ended


class Scanner:
    """Reads the blocks of one text. Places are offsets in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._escapes = False
        self._endless_comments = 0

    # Where blocks begin

    @cached_property
    def _likely_starts(self) -> list[int]:
        """Where blocks very likely begin: the places to go on from after a damaged one."""
        return [match.start(1) for match in _LIKELY_START.finditer(self.text)]

    def next_likely(self, at: int, ahead: int = 1) -> int:
        """The ``ahead``-th likely beginning after ``at``, or the end of the text."""
        number = bisect_right(self._likely_starts, at) + ahead - 1
        if number < len(self._likely_starts):
            return self._likely_starts[number]
        return len(self.text)

    def _is_likely(self, at: int) -> bool:
        """Whether a block very likely begins at ``at``."""
        number = bisect_right(self._likely_starts, at)
        return number > 0 and self._likely_starts[number - 1] == at

    def next_start(self, at: int) -> int:
        """Where the next block may begin; the end of the text when there is none."""
        while (match := _START.search(self.text, at)) is not None:
            place = match.start()
            # In the middle of a word it is an address, after other text of the line a mention.
            before = self.text[max(0, place - _LEAD) : place].rstrip(" \t")
            if not before or before[-1] in "\r\n\ufeff})":
                return place
            at = place + 1
        return len(self.text)

    # Blocks

    def block(self, at: int) -> Scanned:
        """The block that begins at ``at``; raises Damaged."""
        match = _START.match(self.text, at)
        if match is None:
            raise Damaged("no block begins here", at)
        name, bracket = match.groups()
        closing = "}" if bracket == "{" else ")"
        limit = self.next_likely(at, _REACH + 1)
        opening = _Opening(name, at, match.end(1), match.end(), closing, limit)
        match name.casefold():
            case "comment":
                return self._comment(opening)
            case "preamble":
                return self._preamble(opening)
            case "string":
                return self._string(opening)
            case _:
                return self._entry_by_either_rule(opening)

    def _comment(self, opening: _Opening) -> Scanned:
        name, start, name_end, inner, closing, limit = opening
        if closing == "}":
            end = self._closing_brace_of_comment(start, inner - 1)
        else:
            end = self.text.find(")", inner, limit) + 1
        if not end:
            raise Damaged("the @comment does not end", start)
        return Scanned(name, start, end, name_end, inner)

    def _closing_brace_of_comment(self, start: int, brace: int) -> int:
        """Behind the brace that closes the one at ``brace``; 0 when there is none."""
        # A comment may hold thousands of entries that were commented out. But where many comments
        # do not end, each would be searched to the end of the text: then they get less.
        ahead = _COMMENTED_OUT if self._endless_comments < _PATIENCE else _REACH
        depth = 0
        for match in _BRACES.finditer(self.text, brace, self.next_likely(start, ahead)):
            depth += 1 if match.group() == "{" else -1
            if depth == 0:
                return match.end()
        self._endless_comments += 1
        return 0

    def _preamble(self, opening: _Opening) -> Scanned:
        name, start, name_end, inner, closing, limit = opening
        value_end = self._expression(inner, limit, "the preamble", inner)
        end = self._closed(value_end, closing, "the @preamble")
        field = ScannedField(name, inner, inner, value_end)
        return Scanned(name, start, end, name_end, inner, fields=(field,))

    def _string(self, opening: _Opening) -> Scanned:
        name, start, name_end, inner, closing, limit = opening
        field = self._field(inner, limit)
        place = self._skip_between(field.end)
        end = self._closed(place, closing, f"the @string {field.name}")
        return Scanned(name, start, end, name_end, inner, field.name, fields=(field,))

    # Entries

    def _entry_by_either_rule(self, opening: _Opening) -> Scanned:
        """The entry by BibTeX's rules; where they fail, with braces behind a backslash as text."""
        try:
            return self._entry(opening)
        except Damaged as damage:
            window_end = min(opening.limit, opening.start + _WINDOW)
            if not self._has_escapes(opening.start, window_end):
                raise
            return self._entry_with_escapes(opening, damage)

    @cached_property
    def _any_escapes(self) -> bool:
        return "\\{" in self.text or "\\}" in self.text

    def _has_escapes(self, start: int, end: int) -> bool:
        """Whether a brace behind a backslash is between two places."""
        # Most files have none, which is found out once and not for each damaged entry.
        return self._any_escapes and (
            self.text.find("\\{", start, end) >= 0 or self.text.find("\\}", start, end) >= 0
        )

    def _entry_with_escapes(self, opening: _Opening, damage: Damaged) -> Scanned:
        """The entry with braces behind a backslash as text; raises ``damage`` if that fails too."""
        self._escapes = True
        try:
            entry = self._entry(opening)
        except Damaged:
            raise damage from None
        finally:
            self._escapes = False
        doubt = Doubt(
            opening.start, "braces behind a backslash are taken for text; BibTeX would count them"
        )
        return replace(entry, escapes=True, doubts=(*entry.doubts, doubt))

    def _entry(self, opening: _Opening) -> Scanned:
        """The entry by the rule in force; raises Damaged where it cannot be read."""
        doubts: list[Doubt] = []
        key, key_start, inner = self._key(opening.inner, opening.closing, doubts)
        fields, end = self._fields(inner, opening.closing, opening.limit, doubts)
        swallowed = self.next_likely(opening.start)
        if swallowed < end and self._is_entry(swallowed):
            raise Damaged(
                "another entry begins before this one ends: "
                "is a brace or a quotation mark missing?",
                swallowed,
            )
        return Scanned(
            opening.name,
            opening.start,
            end,
            opening.name_end,
            inner,
            key,
            key_start,
            fields,
            tuple(doubts),
        )

    def _is_entry(self, at: int) -> bool:
        """Whether an entry with a key and a field begins at ``at``."""
        match = _START.match(self.text, at)
        if match is None:
            return False
        return _KEY_AND_FIELD.match(self.text, match.end()) is not None

    def _key(self, at: int, closing: str, doubts: list[Doubt]) -> tuple[str, int, int]:
        """The key, where it begins, and where the fields begin."""
        start = self._skip(at)
        if _FIELD_START.match(self.text, start):
            doubts.append(Doubt(start, "the entry has no key"))
            return "", start, start
        pattern = _KEY if closing == "}" else _KEY_IN_PARENTHESES
        match = pattern.match(self.text, start)
        key = match.group() if match else ""
        end = start + len(key)
        after = self._skip(end)
        if self.text.startswith(",", after):
            return key, start, after + 1
        if self.text.startswith(closing, after):
            return key, start, after
        # Without its comma the key goes on in the name of the first field: "smith2020 title =".
        divided = _KEY_AND_NAME.match(key)
        if divided and self.text.startswith("=", after):
            key = divided.group(1)
            end = start + len(key)
            after = self._skip(end)
        if key and _FIELD_START.match(self.text, after):
            doubts.append(Doubt(end, f"a comma is missing after the key {key[:40]}"))
            return key, start, end
        raise Damaged("there is no citation key", start)

    def _fields(
        self, at: int, closing: str, limit: int, doubts: list[Doubt]
    ) -> tuple[tuple[ScannedField, ...], int]:
        """The fields of an entry, and where the entry ends."""
        fields: list[ScannedField] = []
        while True:
            place = self._skip_between(at)
            if place < len(self.text) and self.text[place] == closing:
                return tuple(fields), place + 1
            between = self.text[at:place]
            if place == len(self.text) or self._is_likely(place):
                end = self._end_without_brace(fields, between, place)
                doubts.append(Doubt(end, "the closing brace is missing"))
                return tuple(fields), end
            field = self._field(place, limit)
            if fields and "," not in _REST_OF_LINE_COMMENT.sub("", between):
                doubts.append(Doubt(place, f"a comma is missing before {field.name}"))
            fields.append(field)
            at = field.end

    def _end_without_brace(self, fields: list[ScannedField], between: str, at: int) -> int:
        """Where an entry ends that has no closing brace before ``at``: behind its last field.

        ``between`` is the text from that field to ``at``. Raises Damaged for an entry without
        fields, and where the value of the last one has swallowed others.
        """
        if not fields:
            raise Damaged("the entry does not end", at)
        last = fields[-1]
        if _SWALLOWED.search(self.text, last.start, last.end):
            raise Damaged(f"{last.name[:40]}: a brace is not closed", last.place)
        blanks_and_comma = len(between) - len(between.lstrip(" \t,"))
        return last.end + blanks_and_comma

    # Fields

    def _field(self, at: int, limit: int) -> ScannedField:
        place = self._skip(at)
        match = _NAME.match(self.text, place)
        if match is None:
            raise Damaged(f"{shortened(self.text[place : place + 60])} is not a field", place)
        name = match.group()
        sign = self._skip(match.end())
        if not self.text.startswith("=", sign):
            raise Damaged(f"there is no = after {name[:40]!r}", match.end())
        start = self._skip(sign + 1)
        end = self._expression(start, limit, name, place)
        return ScannedField(name, place, start, end)

    def _expression(self, start: int, limit: int, name: str, place: int) -> int:
        """Where the expression at ``start`` ends; an error names the field and its ``place``."""
        try:
            return expression_end(self.text, start, limit, self._escapes)
        except BadExpression as error:
            raise Damaged(f"{name[:40]}: {error}", place) from error

    def _closed(self, at: int, closing: str, what: str) -> int:
        """Behind the closing bracket that follows ``at``; raises Damaged when there is none."""
        end = self._skip(at)
        if not self.text.startswith(closing, end):
            raise Damaged(f"{what} does not end", at)
        return end + 1

    def _skip(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match else at

    def _skip_between(self, at: int) -> int:
        match = _BETWEEN.match(self.text, at)
        return match.end() if match else at
