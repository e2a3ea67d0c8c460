"""Words that match a pattern, or nearly what was typed."""

from __future__ import annotations

import re

# Characters of a word, times errors, up to which a pattern lists all misspellings.
_SPELLED_OUT = 26


def wildcard(text: str) -> tuple[re.Pattern[str], str]:
    """A pattern for the lines that match, and what all of them begin with."""
    folded = text.casefold()
    first, *pieces = (re.escape(piece).replace(r"\?", r"[^\n]") for piece in folded.split("*"))
    # Atomic groups never go back over what they have passed, so that a pattern made to hurt, such
    # as a*a*a*a*b, takes no more time than another.
    middle = "".join(rf"(?>[^\n]*?{piece})" for piece in pieces[:-1] if piece)
    last = rf"[^\n]*{pieces[-1]}" if pieces else ""
    literal = re.split(r"[*?]", folded)[0]
    return re.compile(rf"^{first}{middle}{last}$", re.MULTILINE), literal


def near(word: str, most: int) -> re.Pattern[str]:
    """A pattern for the lines with the same first character that are at most ``most`` typing errors
    away, and for some others: check its matches with :func:`distance`.
    """
    first, tail = re.escape(word[0]), word[1:]
    if len(tail) <= _SPELLED_OUT // most:
        return re.compile(rf"^{first}{_within(tail, most)}$", re.MULTILINE)
    # An error touches at most two neighbouring pieces: of one piece more than all errors can touch
    # at least one is left as it is.
    count = 2 * most + 1
    size = len(tail) // count
    pieces = "|".join(re.escape(tail[n * size : (n + 1) * size]) for n in range(count))
    lengths = f"{{{len(tail) - most},{len(tail) + most}}}"
    return re.compile(rf"^{first}(?=[^\n]*?(?:{pieces}))[^\n]{lengths}$", re.MULTILINE)


def _within(tail: str, errors: int) -> str:
    """A pattern for what is at most so many errors away from ``tail``."""
    if not errors:
        return re.escape(tail)
    if len(tail) <= errors:
        return rf"[^\n]{{0,{len(tail) + errors}}}"
    right = f"{re.escape(tail[0])}{_within(tail[1:], errors)}"
    deleted_or_replaced = rf"[^\n]?{_within(tail[1:], errors - 1)}"
    inserted = rf"[^\n]{_within(tail, errors - 1)}"
    swapped = f"{re.escape(tail[1] + tail[0])}{_within(tail[2:], errors - 1)}"
    return f"(?:{right}|{deleted_or_replaced}|{inserted}|{swapped})"


def distance(one: str, other: str, most: int) -> int:
    """The number of typing errors (insert, delete, replace, swap neighbours) between two words, up
    to ``most`` + 1.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    # A row of the table of distances for each character of ``one``; a swap looks two rows back.
    before, last = list[int](), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
