"""Lines, which end in one of three ways."""

from __future__ import annotations

import re

LINE_END = re.compile(r"\r\n|\r|\n")


def line_ends(text: str, start: int = 0, end: int | None = None) -> int:
    r"""How many lines end in ``text[start:end]``; ``end`` None is the end of the text.

    >>> line_ends("one\r\ntwo\rthree\nfour")
    3
    """
    stop = len(text) if end is None else end
    # Most texts have no carriage return, and count() is many times faster.
    if text.find("\r", start, stop) < 0:
        return text.count("\n", start, stop)
    return sum(1 for _ in LINE_END.finditer(text, start, stop))
