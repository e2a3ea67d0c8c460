"""Text made safe to show on a terminal, and how many columns it takes."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    r"""``text`` with each control or direction-changing character replaced by a mark.

    Tabs and line breaks are control characters, too. Each character gives one, so that offsets stay
    what they were.

    >>> visible("one\x1b[2J\ttwo")
    'one␛[2J␉two'
    """
    # Most texts need no change, and isprintable() is many times faster.
    if text.isprintable():
        return text
    return "".join(map(_mark, text))


def _mark(char: str) -> str:
    """The picture of an ASCII control character, a replacement character for other such ones."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if unicodedata.category(char) in {"Cc", "Cf", "Cs"}:
        return "\ufffd"
    return char


def columns(text: str) -> int:
    """How many terminal columns ``text`` takes: two for a wide character, none for an accent.

    >>> columns("trust"), columns("党建")
    (5, 4)
    """
    if text.isascii():
        return len(text)
    taken = 0
    for char in text:
        if unicodedata.combining(char):
            continue
        taken += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return taken
