"""One block of BibTeX read by BibTeX's own rules, with the exact place of each part.

The splitter passes on what it cannot tell: unlike it, BibTeX counts every brace, a backslash
before it or not. What people write although BibTeX would stumble (a missing comma, a ``%`` line
between fields, no closing brace before the next entry) is read too, with a doubt.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property

from litrev.library.bibtex.expression import BadExpression, expression_end

# "@" name and bracket: a block may begin here.
_START = re.compile(r"@(?:[ \t]*(?:\r\n|\r|\n))?[ \t]*([^\s@{}()\"'#%,=~\\]+)\s*([{(])")
# At the beginning of a line, with a key or a name behind it: a block very likely begins here.
_PLAUSIBLE = re.compile(
    r"^[ \t]*(?:\}[ \t]*)?(@[ \t]*(?:[A-Za-z][\w+:.-]*[ \t]*[{(](?:[ \t]*(?:\r\n|\r|\n))?[ \t]*[^\s,{}()=\"]*[ \t]*,"
    r"|(?i:string)[ \t]*[{(][^={}()\r\n]*=|(?i:preamble)[ \t]*[{(][ \t]*[{\"]|(?i:comment)[ \t]*[{(]))",
    re.MULTILINE,
)
_NAME = re.compile(r"[^\s{}()\"'#%,=~\\@]+")
_FIELD_START = re.compile(r"[^\s{}()\"'#%,=~\\@]+\s*=")
_SWALLOWED = re.compile(
    r",\s*[A-Za-z][\w+:.-]*\s*=\s*[{\"]|,\s*[\r\n]\s*[A-Za-z][\w+:.-]*\s*=\s*\w"
)  # fields within the value of another
_BETWEEN = re.compile(r"(?:[\s,\ufeff]+|%[^\r\n]*)*")
_BLANK = re.compile(r"\s*")
_KEY = re.compile(r"[^\s,{}=]+(?:[ \t]+[^\s,{}=]+)*")
_KEY_IN_PARENTHESES = re.compile(r"[^\s,{})=]+(?:[ \t]+[^\s,{})=]+)*")
_BRACES = re.compile(r"[{}]")
_WINDOW = 200_000  # characters in which braces behind a backslash are looked for
_PATIENCE = 20  # comments that do not end, before the rest is looked through less far
_COMMENTED_OUT = 5000  # and how many a comment may
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
    """A field: where its name begins and where its expression stands."""

    name: str
    place: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """A block from ``start`` to ``end``; ``name`` is the entry type in the file's case, else
    string, preamble or comment.

    ``name_end`` ends the type, ``inner`` follows the bracket or the key's comma.
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


class Scanner:
    """Reads the blocks of one text. Places are offsets in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._escapes = False
        self._unended = 0

    @cached_property
    def likely(self) -> list[int]:
        """Where blocks very likely begin: the places to go on from after a damaged one."""
        return [match.start(1) for match in _PLAUSIBLE.finditer(self.text)]

    def next_likely(self, at: int, ahead: int = 1) -> int:
        """The ``ahead``-th likely beginning after ``at``; the end of the text when there are not so
        many.
        """
        number = bisect_right(self.likely, at) + ahead - 1
        return self.likely[number] if number < len(self.likely) else len(self.text)

    def is_likely(self, at: int) -> bool:
        """Whether a block very likely begins at ``at``."""
        number = bisect_right(self.likely, at)
        return number > 0 and self.likely[number - 1] == at

    def begins(self, at: int) -> bool:
        """Whether a block may begin at ``at``."""
        return _START.match(self.text, at) is not None

    def next_start(self, at: int) -> int:
        """Where the next block may begin; the end of the text when there is none."""
        while (match := _START.search(self.text, at)) is not None:
            place = match.start()
            # In the middle of a word it is an address, after other text of the line a mention.
            before = self.text[max(0, place - 400) : place]
            lead = before.rstrip(" \t")
            if not lead or lead[-1] in "\r\n\ufeff})":
                return place
            at = place + 1
        return len(self.text)

    def block(self, at: int) -> Scanned:
        """The block that begins at ``at``; raises Damaged."""
        match = _START.match(self.text, at)
        if match is None:
            raise Damaged("no block begins here", at)
        name, opened = match.group(1), match.group(2)
        limit = self.next_likely(at, _REACH + 1)
        closing = "}" if opened == "{" else ")"
        inner, folded = match.end(), name.casefold()
        if folded == "comment":
            return Scanned(
                name, at, self._close_comment(at, inner - 1, closing, limit), match.end(1), inner
            )
        if folded == "preamble":
            end = self._expression(inner, limit, "the preamble", inner)
            return Scanned(
                name,
                at,
                self._closed(end, closing, "the @preamble"),
                match.end(1),
                inner,
                fields=(ScannedField(name, inner, inner, end),),
            )
        if folded == "string":
            field, end = self._field(inner, limit)
            end = _BETWEEN.match(self.text, end).end()  # type: ignore[union-attr]  # it matches always
            return Scanned(
                name,
                at,
                self._closed(end, closing, f"the @string {field.name}"),
                match.end(1),
                inner,
                field.name,
                fields=(field,),
            )
        try:
            return self._entry(at, match, closing, limit)
        except Damaged as damage:
            if not self._has_escapes(at, min(limit, at + _WINDOW)):
                raise
            return self._entry_with_escapes(at, match, closing, limit, damage)

    @cached_property
    def _any_escapes(self) -> bool:
        return "\\{" in self.text or "\\}" in self.text

    def _has_escapes(self, start: int, end: int) -> bool:
        return self._any_escapes and (
            self.text.find("\\{", start, end) >= 0 or self.text.find("\\}", start, end) >= 0
        )

    def _entry_with_escapes(
        self, at: int, match: re.Match[str], closing: str, limit: int, damage: Damaged
    ) -> Scanned:
        self._escapes = True
        try:
            entry = self._entry(at, match, closing, limit)
        except Damaged:
            raise damage from None
        finally:
            self._escapes = False
        return replace(
            entry,
            escapes=True,
            doubts=(
                *entry.doubts,
                Doubt(at, "braces behind a backslash are taken for text; BibTeX would count them"),
            ),
        )

    def _entry(self, at: int, match: re.Match[str], closing: str, limit: int) -> Scanned:
        name, doubts = match.group(1), list[Doubt]()
        key, key_start, inner = self._key(match.end(), closing, doubts)
        fields, end = self._fields(inner, closing, limit, doubts)
        swallowed = self.next_likely(at)
        if swallowed < end and self._is_entry_within(swallowed):
            raise Damaged(
                "another entry begins before this one ends: is a brace or a quotation mark missing?",
                swallowed,
            )
        return Scanned(name, at, end, match.end(1), inner, key, key_start, fields, tuple(doubts))

    def _is_entry_within(self, at: int) -> bool:
        match = _START.match(self.text, at)
        found = match and re.compile(r"[^,\s{}=]*\s*,\s*[A-Za-z_-]+\s*=").match(
            self.text, match.end()
        )
        return found is not None

    def _key(self, at: int, closing: str, doubts: list[Doubt]) -> tuple[str, int, int]:
        """The key, where it begins, and where the fields begin."""
        start = self._skip(at)
        if _FIELD_START.match(self.text, start):
            doubts.append(Doubt(start, "the entry has no key"))
            return "", start, start
        found = (_KEY if closing == "}" else _KEY_IN_PARENTHESES).match(self.text, start)
        key = found.group() if found else ""
        end = start + len(key)
        after = self._skip(end)
        if self.text.startswith(",", after):
            return key, start, after + 1
        if self.text.startswith(closing, after):
            return key, start, after
        parted = re.compile(r"(\S+)\s+(\S+\s*)$").match(key)
        if parted and self.text.startswith("=", after):
            key = parted.group(1)
            end = start + len(key)
            after = self._skip(end)
        if key and _FIELD_START.match(self.text, after):
            doubts.append(Doubt(end, f"a comma is missing after the key {key[:40]}"))
            return key, start, end
        raise Damaged("there is no citation key", start)

    def _fields(
        self, at: int, closing: str, limit: int, doubts: list[Doubt]
    ) -> tuple[tuple[ScannedField, ...], int]:
        fields, comma = list[ScannedField](), True
        while True:
            after = _BETWEEN.match(self.text, at).end()  # type: ignore[union-attr]  # it matches always
            between = self.text[at:after]
            at = after
            if at < len(self.text) and self.text[at] == closing:
                return tuple(fields), at + 1
            if at == len(self.text) or self.is_likely(at):
                if not fields:
                    raise Damaged("the entry does not end", at)
                if _SWALLOWED.search(self.text, fields[-1].start, fields[-1].end):
                    raise Damaged(
                        f"{fields[-1].name[:40]}: a brace is not closed", fields[-1].place
                    )
                end = fields[-1].end + len(between) - len(between.lstrip(" \t,"))
                doubts.append(Doubt(end, "the closing brace is missing"))
                return tuple(fields), end
            field, end = self._field(at, limit)
            if not comma and "," not in re.sub(r"%[^\r\n]*", "", between):
                doubts.append(Doubt(at, f"a comma is missing before {field.name}"))
            fields.append(field)
            comma, at = False, end

    def _field(self, at: int, limit: int) -> tuple[ScannedField, int]:
        place = self._skip(at)
        name = _NAME.match(self.text, place)
        if name is None:
            raise Damaged(f"{_short(self.text[place : place + 60])} is no field", place)
        sign = self._skip(name.end())
        if not self.text.startswith("=", sign):
            raise Damaged(f"there is no = after {name.group()[:40]!r}", name.end())
        start = self._skip(sign + 1)
        end = self._expression(start, limit, name.group(), place)
        return ScannedField(name.group(), place, start, end), end

    def _expression(self, start: int, limit: int, name: str, place: int) -> int:
        try:
            return expression_end(self.text, start, limit, self._escapes)
        except BadExpression as error:
            raise Damaged(f"{name[:40]}: {error}", place) from error

    def _closed(self, at: int, closing: str, what: str) -> int:
        end = self._skip(at)
        if not self.text.startswith(closing, end):
            raise Damaged(f"{what} does not end", at)
        return end + 1

    def _close_comment(self, at: int, opened: int, closing: str, limit: int) -> int:
        if closing == ")":
            end = self.text.find(")", opened, limit)
            if end < 0:
                raise Damaged("the @comment does not end", at)
            return end + 1
        depth, ahead = 0, _COMMENTED_OUT if self._unended < _PATIENCE else _REACH
        for match in _BRACES.finditer(self.text, opened, self.next_likely(at, ahead)):
            depth += 1 if match.group() == "{" else -1
            if depth == 0:
                return match.end()
        self._unended += 1
        raise Damaged("the @comment does not end", at)

    def _skip(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match else at


def _short(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= 30 else words[:29] + "…")
