"""What a spreadsheet would run as a formula, made text; and the way back."""

from __future__ import annotations

BOM = "\ufeff"  # by which Excel knows UTF-8
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """``text``, with an apostrophe before what a spreadsheet would run as a formula.

    A NUL, which no cell can hold, becomes ``␀``.

    >>> escape_formula("=SUM(A1)"), escape_formula("trust")
    ("'=SUM(A1)", 'trust')
    """
    text = text.replace("\x00", "\u2400")
    return f"'{text}" if _needs_apostrophe(text) else text


def unescape_formula(cell: str) -> str:
    """The text of a cell that :func:`escape_formula` may have changed.

    >>> unescape_formula("'=SUM(A1)"), unescape_formula("'t Hooft")
    ('=SUM(A1)', "'t Hooft")
    """
    if not cell.startswith("'"):
        return cell
    text = cell[1:]
    return text if _needs_apostrophe(text) else cell


def _needs_apostrophe(text: str) -> bool:
    # Also before an apostrophe of the text's own, which would be taken for ours on the way back.
    return text.removeprefix("'").startswith(_FORMULA)
