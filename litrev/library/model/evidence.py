"""Evidence and the text it stands in: finding words, and moving places when the text changes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence

from litrev.library.model.record import Evidence

Move = Callable[[Evidence], Evidence]

_PIECE = re.compile(r"\w+|\W")
_MOST_COMPARED = 20_000_000  # pairs of words; beyond that only what is found exactly once moves


def find_evidence(abstract: str, text: str) -> tuple[Evidence, ...]:
    """Where ``text`` stands in the abstract, in any case and with any blanks; empty if nowhere."""
    words = text.split()
    if not words:
        return ()
    pattern = r"\s+".join(re.escape(word) for word in words)
    if words[0][0].isascii() and words[0][0].isalnum():
        pattern = r"(?<![A-Za-z0-9])" + pattern
    if words[-1][-1].isascii() and words[-1][-1].isalnum():
        pattern += r"(?![A-Za-z0-9])"
    match = re.search(pattern, abstract, re.IGNORECASE)
    return (Evidence(match.start(), match.end(), match.group()),) if match else ()


def mover(old: str, new: str) -> Move:
    """A function that tells where evidence in ``old`` is in ``new``: moved with its words, or stale
    where it was.
    """
    blocks = _matching(old, new)

    def move(span: Evidence) -> Evidence:
        for a, b, size in blocks:
            if a <= span.start and span.end <= a + size and not span.stale:
                return Evidence(span.start - a + b, span.end - a + b, span.quote)
        found = new.find(span.quote)
        if found >= 0 and new.find(span.quote, found + 1) < 0:
            return Evidence(found, found + len(span.quote), span.quote)
        return Evidence(span.start, span.end, span.quote, stale=True)

    return move


def _matching(old: str, new: str) -> list[tuple[int, int, int]]:
    """Stretches that are in both: start in the old text, start in the new, length."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    blocks = [(0, 0, head), (len(old) - tail, len(new) - tail, tail)]
    ours, theirs = (
        _PIECE.findall(old[head : len(old) - tail]),
        _PIECE.findall(new[head : len(new) - tail]),
    )
    if len(ours) * len(theirs) <= _MOST_COMPARED:
        starts, others = _starts(ours, head), _starts(theirs, head)
        for a, b, size in difflib.SequenceMatcher(
            None, ours, theirs, autojunk=False
        ).get_matching_blocks():
            blocks.append((starts[a], others[b], starts[a + size] - starts[a]))
    return blocks


def _starts(pieces: Sequence[str], at: int) -> list[int]:
    starts = [at]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    return starts


def _common(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:  # the longest common start, by halving
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
