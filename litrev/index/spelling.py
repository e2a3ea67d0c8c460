"""Words that match a pattern, or nearly what was typed."""

from __future__ import annotations

import re

# Characters of a word, times errors, up to which a pattern lists all misspellings.
_SPELLED_OUT = 26


def wildcard(text: str) -> tuple[re.Pattern[str], str]:
    r"""A pattern for the lines that match ``text``, and what all of them begin with.

    ``?`` stands for one character and ``*`` for any number or none; case does not count.

    >>> pattern, beginning = wildcard("Colo*r")
    >>> pattern.findall("colour\ncolor\ncolours"), beginning
    (['colour', 'color'], 'colo')
    """
    folded = text.casefold()
    first, *pieces = [_between_stars(piece) for piece in folded.split("*")]
    # Atomic groups never go back over what they have passed, so that a pattern made to hurt, such
    # as a*a*a*a*b, takes no more time than another.
    inner_pieces = filter(None, pieces[:-1])
    middle = "".join(rf"(?>[^\n]*?{piece})" for piece in inner_pieces)
    last = rf"[^\n]*{pieces[-1]}" if pieces else ""
    literal = re.split(r"[*?]", folded)[0]
    return re.compile(rf"^{first}{middle}{last}$", re.MULTILINE), literal


def _between_stars(piece: str) -> str:
    """A pattern for a piece of a wildcard without ``*``."""
    return re.escape(piece).replace(r"\?", r"[^\n]")


def near(word: str, most: int) -> re.Pattern[str]:
    """A pattern for the lines that are at most ``most`` typing errors away from ``word``.

    Only lines with the same first character match. Some lines match that are farther away: check
    the matches with :func:`distance`. ``word`` must not be empty, nor ``most`` 0.
    """
    first = re.escape(word[0])
    tail = word[1:]
    if len(tail) <= _SPELLED_OUT // most:
        return re.compile(rf"^{first}{_within(tail, most)}$", re.MULTILINE)
    # An error touches at most two neighbouring pieces: of one piece more than all errors can touch
    # at least one is left as it is.
    count = 2 * most + 1
    size = len(tail) // count
    pieces = []
    for number in range(count):
        start = number * size
        pieces.append(re.escape(tail[start : start + size]))
    has_a_piece = rf"(?=[^\n]*?(?:{'|'.join(pieces)}))"
    shortest = len(tail) - most
    longest = len(tail) + most
    return re.compile(rf"^{first}{has_a_piece}[^\n]{{{shortest},{longest}}}$", re.MULTILINE)


def _within(tail: str, errors: int) -> str:
    """A pattern that lists all that is at most so many errors away from ``tail``.

    At its first character there is no error, or one of four kinds and then one error fewer.
    """
    if not errors:
        return re.escape(tail)
    if len(tail) <= errors:
        return rf"[^\n]{{0,{len(tail) + errors}}}"
    after_first = tail[1:]
    swapped_pair = tail[1] + tail[0]
    right = f"{re.escape(tail[0])}{_within(after_first, errors)}"
    deleted_or_replaced = rf"[^\n]?{_within(after_first, errors - 1)}"
    inserted = rf"[^\n]{_within(tail, errors - 1)}"
    swapped = f"{re.escape(swapped_pair)}{_within(tail[2:], errors - 1)}"
    return f"(?:{right}|{deleted_or_replaced}|{inserted}|{swapped})"


def distance(one: str, other: str, most: int) -> int:
    """The number of typing errors between two words; ``most`` + 1 or more when more than ``most``.

    An error inserts, deletes or replaces a character, or swaps two neighbours, of which no part is
    changed again (the optimal string alignment distance).

    >>> distance("trsut", "trust", most=2)
    1
    >>> distance("cat", "catalogue", most=2)
    3
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    # A row of the table of distances for each character of ``one``; a swap looks two rows back.
    # Run for each word that is nearly right: the smallest of three without names for them.
    before = list[int]()
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
