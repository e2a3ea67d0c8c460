"""Text made safe to show on a terminal, and how many columns it takes."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """``text`` with each control or direction-changing character replaced by a mark."""
    return text if text.isprintable() else "".join(_mark(char) for char in text)


def _mark(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char


def columns(text: str) -> int:
    """How many terminal columns ``text`` takes."""
    if text.isascii():
        return len(text)
    taken = 0
    for char in text:
        if unicodedata.combining(char):
            continue
        taken += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return taken
