"""Changing an entry in its own source: what is not changed keeps its bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from litrev.library.bibtex.scanner import Damaged, Scanned, ScannedField, Scanner

_REST_OF_LINE = re.compile(r"[ \t]*(?:\r\n|\r|\n)?")
_COMMA = re.compile(r"\s*,")


class Unrevisable(ValueError):
    """An entry whose source cannot be changed safely."""


def revise(
    raw: str, changes: Mapping[str, str | None], entry_type: str | None = None, newline: str = "\n"
) -> str:
    """The source of an entry with the expressions of some fields replaced, added, or (None)
    removed.

    Field names are compared without regard to case; of a field given twice the first is meant.
    Raises Unrevisable when the result would not read back as was meant.

    >>> revise("@misc{k,\\n  title = {T},\\n  year  = 1999\\n}", {"year": "2000", "doi": "{10.1/x}"})
    '@misc{k,\\n  title = {T},\\n  year  = 2000,\\n  doi   = {10.1/x}\\n}'
    """
    scanned = scan(raw)
    places: list[tuple[int, int, str]] = []
    if entry_type is not None and entry_type.casefold() != scanned.name.casefold():
        places.append((scanned.name_end - len(scanned.name), scanned.name_end, entry_type))
    first: dict[str, ScannedField] = {}
    for field in scanned.fields:
        first.setdefault(field.name.casefold(), field)
    for name, expression in changes.items():
        found = first.get(name.casefold())
        if found is not None and expression is not None:
            places.append((found.start, found.end, expression))
        elif expression is None:
            places += [
                (*_extent(raw, field), "")
                for field in scanned.fields
                if field.name.casefold() == name.casefold()
            ]
    revised = _replaced(raw, places)
    new = {
        name: expression
        for name, expression in changes.items()
        if expression is not None and name.casefold() not in first
    }
    for name, expression in new.items():
        revised = _with_field(revised, name, expression, newline)
    _prove(revised, scanned, changes)
    return revised


def scan(raw: str) -> Scanned:
    """The parts of an entry's source; raises Unrevisable where it is no whole entry."""
    try:
        return Scanner(raw).block(raw.index("@"))
    except Damaged as damage:
        raise Unrevisable(str(damage)) from damage


def _replaced(raw: str, places: list[tuple[int, int, str]]) -> str:
    for start, end, text in sorted(places, reverse=True):
        raw = raw[:start] + text + raw[end:]
    return raw


def _extent(raw: str, field: ScannedField) -> tuple[int, int]:
    """All that goes with a field: its comma, and its line when it stands alone on it."""
    comma = _COMMA.match(raw, field.end)
    end = comma.end() if comma else field.end
    start = field.place
    while start and raw[start - 1] in " \t":
        start -= 1
    alone = start == 0 or raw[start - 1] in "\r\n"
    rest = _REST_OF_LINE.match(raw, end)
    if alone and rest and rest.group()[-1:] in ("\r", "\n"):
        return start, rest.end()
    return field.place, end + len(raw[end:]) - len(raw[end:].lstrip(" \t"))


def _with_field(raw: str, name: str, expression: str, newline: str) -> str:
    """``raw`` with a field behind the last, laid out like it."""
    scanned = scan(raw)
    if not scanned.fields:
        head = raw[: scanned.end - 1].rstrip()
        comma = "" if head.endswith(",") else ","
        return f"{head}{comma}{newline}  {name} = {expression}{newline}{raw[scanned.end - 1 :]}"
    last = scanned.fields[-1]
    line = raw[max(raw.rfind("\n", 0, last.place), raw.rfind("\r", 0, last.place)) + 1 : last.place]
    between = raw[last.place + len(last.name) : last.start]
    before, _, after = between.partition("=")
    width = len(last.name) + len(before)
    field = f"{name.ljust(width) if len(name) < width else name + (' ' if before else '')}={after}{expression}"
    comma_found = _COMMA.match(raw, last.end)
    end = comma_found.end() if comma_found else last.end
    tail = "," if comma_found else ""
    if line.strip():  # it shares its line with others
        return f"{raw[:end]}{'' if comma_found else ','} {field}{tail}{raw[end:]}"
    return f"{raw[:end]}{'' if comma_found else ','}{newline}{line}{field}{tail}{raw[end:]}"


def _prove(revised: str, before: Scanned, changes: Mapping[str, str | None]) -> None:
    """That the new source reads as the old one does but for the changes."""
    after = scan(revised)
    names = {name.casefold() for name in changes}
    there = {
        field.name.casefold(): revised[field.start : field.end] for field in reversed(after.fields)
    }
    wanted = {name.casefold(): expression for name, expression in changes.items()}
    kept = [field.name for field in before.fields if field.name.casefold() not in names]
    same = [field.name for field in after.fields if field.name.casefold() not in names] == kept
    set_right = all(there.get(name) == expression for name, expression in wanted.items())
    if not same or not set_right or after.key != before.key or after.end != len(revised):
        raise Unrevisable("its layout does not let it be changed safely")
