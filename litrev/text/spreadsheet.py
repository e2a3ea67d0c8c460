"""What a spreadsheet would run as a formula, made text; and the way back."""

from __future__ import annotations

BOM = "\ufeff"  # by which Excel knows UTF-8
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """``text``, with an apostrophe before what a spreadsheet would run as a formula; no NUL."""
    text = text.replace("\x00", "\u2400")
    return (
        "'" + text
        if text.startswith(_FORMULA) or (text.startswith("'") and text[1:].startswith(_FORMULA))
        else text
    )


def unescape_formula(cell: str) -> str:
    """The text of a cell that :func:`escape_formula` may have changed."""
    marked = cell.startswith("'") and (
        cell[1:].startswith(_FORMULA)
        or (cell[1:].startswith("'") and cell[2:].startswith(_FORMULA))
    )
    return cell[1:] if marked else cell
