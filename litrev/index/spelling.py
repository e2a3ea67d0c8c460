"""Words that are nearly, or partly, as they were typed."""

from __future__ import annotations

import re

_SPELLED_OUT = 26  # characters of a word, times errors, whose misspellings are spelled out


def wildcard(text: str) -> tuple[re.Pattern[str], str]:
    """A pattern for the lines that fit, and what all of them begin with; it never goes back over
    what it has passed.
    """
    folded = text.casefold()
    first, *pieces = (re.escape(piece).replace(r"\?", r"[^\n]") for piece in folded.split("*"))
    middle = "".join(rf"(?>[^\n]*?{piece})" for piece in pieces[:-1] if piece)
    last = rf"[^\n]*{pieces[-1]}" if pieces else ""
    literal = re.split(r"[*?]", folded)[0]
    return re.compile(rf"^{first}{middle}{last}$", re.MULTILINE), literal


def near(word: str, most: int) -> re.Pattern[str]:
    """A pattern for the lines at most ``most`` typing errors behind the same first character, and
    some more.
    """
    rest = word[1:]
    if len(rest) <= _SPELLED_OUT // most:
        return re.compile(rf"^{re.escape(word[0])}{_within(rest, most)}$", re.MULTILINE)
    # An error touches two neighbours at most: of one piece more than those one is left as it is.
    size = len(rest) // (2 * most + 1)
    pieces = "|".join(re.escape(rest[n * size : (n + 1) * size]) for n in range(2 * most + 1))
    return re.compile(
        rf"^{re.escape(word[0])}(?=[^\n]*?(?:{pieces}))[^\n]{{{len(rest) - most},{len(rest) + most}}}$",
        re.MULTILINE,
    )


def _within(rest: str, errors: int) -> str:
    """What is so many errors away from ``rest``, as a pattern."""
    if not errors:
        return re.escape(rest)
    if len(rest) <= errors:
        return rf"[^\n]{{0,{len(rest) + errors}}}"
    wrong = [rf"[^\n]?{_within(rest[1:], errors - 1)}", rf"[^\n]{_within(rest, errors - 1)}"]
    wrong.append(f"{re.escape(rest[1] + rest[0])}{_within(rest[2:], errors - 1)}")
    return f"(?:{re.escape(rest[0])}{_within(rest[1:], errors)}|{'|'.join(wrong)})"


def distance(one: str, other: str, most: int) -> int:
    """The number of typing errors (insert, delete, replace, swap neighbours) between two words, up
    to ``most`` + 1.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, last = list[int](), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
