"""What a spreadsheet would run as a formula, made text; and the way back."""

from __future__ import annotations

BOM = "\ufeff"  # by which Excel knows UTF-8
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """``text``, with an apostrophe before what a spreadsheet would run as a formula; no NUL."""
    text = text.replace("\x00", "\u2400")
    # Also before an apostrophe of the text's own, which would be taken for ours on the way back.
    if text.startswith(_FORMULA) or (text.startswith("'") and text[1:].startswith(_FORMULA)):
        return "'" + text
    return text


def unescape_formula(cell: str) -> str:
    """The text of a cell that :func:`escape_formula` may have changed."""
    if not cell.startswith("'"):
        return cell
    text = cell[1:]
    escaped = text.startswith(_FORMULA) or (text.startswith("'") and text[1:].startswith(_FORMULA))
    return text if escaped else cell
