"""Changing an entry in its own source: what is not changed keeps its bytes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from litrev.library.bibtex.scanner import Damaged, Scanned, ScannedField, Scanner

_Replacement = tuple[int, int, str]  # from, to, and what is put there

_REST_OF_LINE = re.compile(r"[ \t]*(?:\r\n|\r|\n)?")
_COMMA = re.compile(r"\s*,")


class Unrevisable(ValueError):
    """An entry whose source cannot be changed safely."""


def revise(
    raw: str, changes: Mapping[str, str | None], entry_type: str | None = None, newline: str = "\n"
) -> str:
    """The source of an entry with the expressions of some fields replaced, added, or removed.

    ``changes`` maps names to expressions, None to remove the field. Names are compared without
    regard to case; of a field that is there twice, the first is changed. ``entry_type`` replaces
    the type, ``newline`` ends the lines that are added. Raises Unrevisable when the result would
    not read back as intended.

    >>> raw = "@misc{k,\\n  title = {T},\\n  year  = 1999\\n}"
    >>> revise(raw, {"year": "2000", "doi": "{10.1/x}"})
    '@misc{k,\\n  title = {T},\\n  year  = 2000,\\n  doi   = {10.1/x}\\n}'
    """
    scanned = scan(raw)
    first_by_name: dict[str, ScannedField] = {}
    for field in scanned.fields:
        first_by_name.setdefault(field.name.casefold(), field)
    replacements: list[_Replacement] = []
    added: dict[str, str] = {}
    if entry_type is not None and entry_type.casefold() != scanned.name.casefold():
        name_start = scanned.name_end - len(scanned.name)
        replacements.append((name_start, scanned.name_end, entry_type))
    for name, expression in changes.items():
        present = first_by_name.get(name.casefold())
        if expression is None:
            replacements += _removals(raw, scanned, name)
        elif present is None:
            added[name] = expression
        else:
            replacements.append((present.start, present.end, expression))
    revised = _replaced(raw, replacements)
    for name, expression in added.items():
        revised = _with_field(revised, name, expression, newline)
    _check_revised(revised, scanned, changes)
    return revised


def scan(raw: str) -> Scanned:
    """The parts of an entry's source; raises Unrevisable where it is not one whole entry."""
    try:
        return Scanner(raw).block(raw.index("@"))
    except Damaged as damage:
        raise Unrevisable(str(damage)) from damage


def _replaced(raw: str, replacements: list[_Replacement]) -> str:
    """``raw`` with all replacements made; they must not overlap."""
    # From the end on: so the places of those that follow stay right.
    for start, end, text in sorted(replacements, reverse=True):
        raw = raw[:start] + text + raw[end:]
    return raw


def _removals(raw: str, scanned: Scanned, name: str) -> list[_Replacement]:
    """What removes every field called ``name``: a second one would else come into force."""
    folded = name.casefold()
    removals = list[_Replacement]()
    for field in scanned.fields:
        if field.name.casefold() == folded:
            start, end = _extent(raw, field)
            removals.append((start, end, ""))
    return removals


def _extent(raw: str, field: ScannedField) -> tuple[int, int]:
    """The place of a field with its comma, and with its line where it is alone on it."""
    comma = _COMMA.match(raw, field.end)
    end = comma.end() if comma else field.end
    line_start = field.place
    while line_start and raw[line_start - 1] in " \t":
        line_start -= 1
    begins_line = line_start == 0 or raw[line_start - 1] in "\r\n"
    rest = _REST_OF_LINE.match(raw, end)
    if begins_line and rest and rest.group()[-1:] in ("\r", "\n"):
        return line_start, rest.end()
    behind = raw[end:]
    blanks = len(behind) - len(behind.lstrip(" \t"))
    return field.place, end + blanks


def _with_field(raw: str, name: str, expression: str, newline: str) -> str:
    """``raw`` with another field behind the last, laid out like it."""
    scanned = scan(raw)
    if not scanned.fields:
        return _with_first_field(raw, scanned, name, expression, newline)
    last = scanned.fields[-1]
    last_newline = raw.rfind("\n", 0, last.place)
    last_return = raw.rfind("\r", 0, last.place)
    line_start = max(last_newline, last_return) + 1
    before_last = raw[line_start : last.place]
    field = _laid_out_like(raw, last, name, expression)
    shares_its_line = bool(before_last.strip())
    separator = " " if shares_its_line else newline + before_last
    comma = _COMMA.match(raw, last.end)
    if comma:
        # Then the new field ends in a comma too.
        return f"{raw[: comma.end()]}{separator}{field},{raw[comma.end() :]}"
    return f"{raw[: last.end]},{separator}{field}{raw[last.end :]}"


def _with_first_field(raw: str, scanned: Scanned, name: str, expression: str, newline: str) -> str:
    """An entry that has only its key, with a field."""
    brace = scanned.end - 1
    head = raw[:brace].rstrip()
    comma = "" if head.endswith(",") else ","
    return f"{head}{comma}{newline}  {name} = {expression}{newline}{raw[brace:]}"


def _laid_out_like(raw: str, model: ScannedField, name: str, expression: str) -> str:
    """A field with the "=" in the column, and the blanks around it, of the field ``model``."""
    sign = raw[model.place + len(model.name) : model.start]
    before, _, after = sign.partition("=")
    width = len(model.name) + len(before)
    if len(name) < width:
        padded = name.ljust(width)
    else:
        padded = name + (" " if before else "")
    return f"{padded}={after}{expression}"


def _check_revised(revised: str, before: Scanned, changes: Mapping[str, str | None]) -> None:
    """Raise Unrevisable unless the new source reads like the old one but for the changes."""
    after = scan(revised)
    intended = {name.casefold(): expression for name, expression in changes.items()}
    expressions: dict[str, str] = {}
    for field in after.fields:
        expressions.setdefault(field.name.casefold(), revised[field.start : field.end])
    is_changed = all(expressions.get(name) == value for name, value in intended.items())
    is_kept = _names_except(after, intended) == _names_except(before, intended)
    is_whole = after.key == before.key and after.end == len(revised)
    if not (is_changed and is_kept and is_whole):
        raise Unrevisable("its layout does not let it be changed safely")


def _names_except(scanned: Scanned, names: Collection[str]) -> list[str]:
    """The names of the fields, in order, without those in ``names`` (in lower case)."""
    return [field.name for field in scanned.fields if field.name.casefold() not in names]
