"""The value of a BibTeX field as written: braces, quotes, numbers and macros joined by ``#``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MONTHS = {
    "jan": "January", "feb": "February", "mar": "March", "apr": "April",
    "may": "May", "jun": "June", "jul": "July", "aug": "August",
    "sep": "September", "oct": "October", "nov": "November", "dec": "December",
}  # fmt: skip

LONGEST = 5_000_000  # characters that the value of an @string may have
_BLANK = re.compile(r"\s*")
_NUMBER = re.compile(r"\d+")
_BRACE = re.compile(r"[{}]")
_QUOTE = re.compile(r'[{}"]')
_MACRO = re.compile(r"[^\s\"#%'(),={}]+")


class BadExpression(ValueError):
    """An expression that BibTeX could not read either."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a concatenation; ``macro`` pieces hold a name instead of text."""

    text: str
    macro: bool = False


def parse_expression(raw: str, *, escapes: bool = False) -> tuple[Piece, ...]:
    """The pieces of ``raw``; raises BadExpression where it is not one whole expression.

    BibTeX counts every brace; with ``escapes`` one behind a backslash is text.

    >>> parse_expression('{A} # jan # "b"')
    (Piece(text='A', macro=False), Piece(text='jan', macro=True), Piece(text='b', macro=False))
    """
    # By far the most values are one text in braces, without others in it: no need to scan them.
    if raw[:1] == "{" and raw.find("}") == len(raw) - 1 and raw.find("{", 1) < 0:
        return (Piece(raw[1:-1]),)
    start = _skip(raw, 0)
    pieces, end = _read(raw, start, len(raw), escapes)
    if end != len(raw):
        following = shortened(raw[end : end + 60])
        raise BadExpression(f"{following} follows a value: is a comma missing before it?")
    return pieces


def expression_end(text: str, start: int, limit: int, escapes: bool = False) -> int:
    """Where the expression that begins at ``start`` ends, without blanks behind it.

    Raises BadExpression, also for one that does not end before ``limit``.
    """
    _, end = _read(text, start, limit, escapes)
    return start + len(text[start:end].rstrip())


def _read(text: str, at: int, limit: int, escapes: bool) -> tuple[tuple[Piece, ...], int]:
    """The pieces from ``at`` on, and where that begins which follows them."""
    pieces: list[Piece] = []
    while True:
        piece, at = _piece(text, at, limit, escapes)
        pieces.append(piece)
        at = _skip(text, at)
        if at >= limit or text[at] != "#":
            return tuple(pieces), at
        at = _skip(text, at + 1)


def uses_macros(expression: str) -> bool:
    """Whether an expression may hold macros. A "#" within braces counts as a sign of one.

    >>> uses_macros("{May}"), uses_macros("may"), uses_macros('"1 " # may')
    (False, True, True)
    """
    begins_with_text = expression[:1] in ("{", '"') or expression.isdigit()
    return not begins_with_text or "#" in expression


def evaluate(pieces: tuple[Piece, ...], macros: Mapping[str, str]) -> str:
    """The LaTeX text of an expression; an undefined macro means its own name.

    BibTeX warns of such a macro. ``macros`` has its names in lower case.

    >>> evaluate(parse_expression('"1 " # may # "."'), MONTHS)
    '1 May.'
    """
    return "".join(
        macros.get(piece.text.casefold(), piece.text) if piece.macro else piece.text
        for piece in pieces
    )


def _piece(raw: str, at: int, limit: int, escapes: bool) -> tuple[Piece, int]:
    """The piece at ``at``, and where it ends; raises BadExpression where there is none."""
    if at >= limit:
        raise BadExpression("the value is missing")
    if raw[at] == "{":
        end = _close(raw, at, limit, escapes)
        return Piece(raw[at + 1 : end]), end + 1
    if raw[at] == '"':
        end = _close_quote(raw, at, limit, escapes)
        return Piece(raw[at + 1 : end]), end + 1
    number = _NUMBER.match(raw, at)
    macro = _MACRO.match(raw, at)
    # A number that goes on, as 2nd, is the name of a macro.
    if number and (not macro or macro.end() == number.end()):
        return Piece(number.group()), number.end()
    if macro:
        return Piece(macro.group(), macro=True), macro.end()
    raise BadExpression(f"{shortened(raw[at : at + 60])} is not a value")


def _close(raw: str, at: int, limit: int, escapes: bool) -> int:
    """Where the brace that closes the one at ``at`` is."""
    depth = 0
    for match in _BRACE.finditer(raw, at, limit):
        place = match.start()
        if escapes and place > at and raw[place - 1] == "\\":
            continue
        if match.group() == "{":
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return place
    raise BadExpression("a brace is not closed")


def _close_quote(raw: str, at: int, limit: int, escapes: bool) -> int:
    """Where the quotation mark that closes the one at ``at`` is; within braces it is text."""
    depth = 0
    for match in _QUOTE.finditer(raw, at + 1, limit):
        sign = match.group()
        place = match.start()
        if sign == '"':
            if depth == 0:
                return place
        elif escapes and raw[place - 1] == "\\":
            continue
        elif sign == "{":
            depth += 1
        elif depth == 0:
            raise BadExpression("a quotation mark is not closed before a closing brace")
        else:
            depth -= 1
    raise BadExpression("a quotation mark is not closed")


def _skip(raw: str, at: int) -> int:
    match = _BLANK.match(raw, at)
    return match.end() if match else at


def shortened(text: str) -> str:
    """The beginning of a text (30 characters) on one line, in quotes, for a message."""
    words = " ".join(text.split())
    if len(words) > 30:
        words = words[:29] + "…"
    return repr(words)
