"""Text cut or wrapped to a number of columns; a Chinese character takes two columns."""

from __future__ import annotations

from litrev.text.display import columns

_MOST_READ = 4000  # characters; no picture has room for more


def cut(text: str, room: float) -> str:
    """``text`` as one line of at most ``room`` columns; a cut is marked by "…".

    Each run of blanks and line ends becomes one blank.

    >>> cut("城市社区治理", 7), cut("case  study", 20)
    ('城市社…', 'case study')
    """
    line = " ".join(text[:_MOST_READ].split())
    if columns(line) <= room:
        return line
    return _beginning(line, room - 1).rstrip() + "…"


def wrapped(text: str, room: int, most_lines: int) -> list[str]:
    """``text`` in at most ``most_lines`` lines of ``room`` columns; a cut is marked by "…".

    Lines are broken between words or Chinese characters, and within a word that is longer than a
    line. An empty text has no lines.

    >>> wrapped("mixed methods in rural schools", 14, 2)
    ['mixed methods', 'in rural scho…']
    >>> wrapped("questionnaires", 8, 3)
    ['questio-', 'nnaires']
    """
    lines: list[str] = []
    remaining = " ".join(text[:_MOST_READ].split())
    while remaining and len(lines) < most_lines:
        is_last = len(lines) == most_lines - 1
        if is_last or columns(remaining) <= room:
            return [*lines, cut(remaining, room)]
        line, remaining = _broken(remaining, room)
        lines.append(line)
    return lines


def _beginning(line: str, room: float) -> str:
    """As much of the beginning of ``line`` as takes ``room`` columns."""
    taken = 0
    for place, char in enumerate(line):
        taken += columns(char)
        if taken > room:
            return line[:place]
    return line


def _broken(text: str, room: int) -> tuple[str, str]:
    """The first line of a text that is longer than ``room`` columns, and what remains."""
    piece = _beginning(text, room) or text[0]
    place = len(piece)
    last = piece[-1]
    following = text[place]
    # Between two Chinese characters, or beside one, a line may end anywhere.
    inside_word = f"{last}{following}".isascii() and " " not in {last, following}
    hyphen = ""
    if inside_word and " " in piece:
        place = piece.rindex(" ")
    elif inside_word and place > 1 and last.isalpha():
        # A word longer than the line: it gives up a letter to make room for the hyphen.
        place -= 1
        if text[place - 1 : place + 1].isalpha():
            hyphen = "-"
    line = piece[:place].rstrip() + hyphen
    return line, text[place:].lstrip()
