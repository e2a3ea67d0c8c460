"""The value of a BibTeX field as it is written: braces, quotes, numbers and macros joined by ``#``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MONTHS = {
    "jan": "January", "feb": "February", "mar": "March", "apr": "April", "may": "May", "jun": "June",
    "jul": "July", "aug": "August", "sep": "September", "oct": "October", "nov": "November", "dec": "December",
}  # fmt: skip

_BLANK = re.compile(r"\s*")
_NUMBER = re.compile(r"\d+")
_MACRO = re.compile(r"[^\s\"#%'(),={}]+")


class BadExpression(ValueError):
    """An expression that BibTeX could not read either."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a concatenation; ``macro`` pieces hold a name instead of text."""

    text: str
    macro: bool = False


def parse_expression(raw: str) -> tuple[Piece, ...]:
    """The pieces of ``raw``; raises BadExpression where it is not one whole expression.

    >>> parse_expression('{A} # jan # "b"')
    (Piece(text='A', macro=False), Piece(text='jan', macro=True), Piece(text='b', macro=False))
    """
    pieces, at = list[Piece](), _skip(raw, 0)
    while True:
        piece, at = _piece(raw, at)
        pieces.append(piece)
        at = _skip(raw, at)
        if at == len(raw):
            return tuple(pieces)
        if raw[at] != "#":
            raise BadExpression(f"{_short(raw[at:])} follows a value: is a comma missing before it?")
        at = _skip(raw, at + 1)


def evaluate(pieces: tuple[Piece, ...], macros: Mapping[str, str]) -> str:
    """The LaTeX text of an expression; a macro nobody defined stands for its own name, as BibTeX warns."""
    return "".join(macros.get(p.text.casefold(), p.text) if p.macro else p.text for p in pieces)


def _piece(raw: str, at: int) -> tuple[Piece, int]:
    if at == len(raw):
        raise BadExpression("the value is missing")
    if raw[at] == "{":
        end = _close(raw, at)
        return Piece(raw[at + 1 : end]), end + 1
    if raw[at] == '"':
        end = _close_quote(raw, at)
        return Piece(raw[at + 1 : end]), end + 1
    number = _NUMBER.match(raw, at)
    macro = _MACRO.match(raw, at)
    if number and (not macro or macro.end() == number.end()):
        return Piece(number.group()), number.end()
    if macro:
        return Piece(macro.group(), macro=True), macro.end()
    raise BadExpression(f"{_short(raw[at:])} is no value")


def _close(raw: str, at: int) -> int:
    # BibTeX counts every brace, a backslash before it or not.
    depth = 0
    for match in re.compile(r"[{}]").finditer(raw, at):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    raise BadExpression("a brace is not closed")


def _close_quote(raw: str, at: int) -> int:
    depth = 0
    for match in re.compile(r'[{}"]').finditer(raw, at + 1):
        if match.group() == '"':
            if depth == 0:
                return match.start()
        else:
            depth += 1 if match.group() == "{" else -1
    raise BadExpression("a quotation mark is not closed")


def _skip(raw: str, at: int) -> int:
    match = _BLANK.match(raw, at)
    return match.end() if match else at


def _short(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= 30 else words[:29] + "…")
