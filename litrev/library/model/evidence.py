"""Evidence and its text: where words are, and how places move when the text changes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence

from litrev.library.model.record import Evidence

Move = Callable[[Evidence], Evidence]

_PIECE = re.compile(r"\w+|\W")
_MOST_COMPARED = 20_000_000  # pairs of words; beyond that only what is found exactly once moves


def find_evidence(abstract: str, text: str) -> tuple[Evidence, ...]:
    """Where ``text`` is in the abstract, in any case and with any blanks; empty if nowhere.

    Only whole words are found, and of several places the first.

    >>> find_evidence("We ran a Field  Study.", "field study")[0].quote
    'Field  Study'
    """
    words = text.split()
    if not words:
        return ()
    pattern = r"\s+".join(re.escape(word) for word in words)
    # Whole words only. "\b" would not do: Chinese has no blanks between words.
    if _is_ascii_alphanumeric(words[0][0]):
        pattern = r"(?<![A-Za-z0-9])" + pattern
    if _is_ascii_alphanumeric(words[-1][-1]):
        pattern += r"(?![A-Za-z0-9])"
    match = re.search(pattern, abstract, re.IGNORECASE)
    if match is None:
        return ()
    return (Evidence(match.start(), match.end(), match.group()),)


def _is_ascii_alphanumeric(char: str) -> bool:
    return char.isascii() and char.isalnum()


def mover(old: str, new: str) -> Move:
    """A function that moves evidence from the text ``old`` to ``new``.

    Evidence moves with its words. Where they are not found, it stays at its place and is stale.
    """
    blocks = _common_blocks(old, new)

    def move(span: Evidence) -> Evidence:
        if not span.stale:
            for old_start, new_start, length in blocks:
                if old_start <= span.start and span.end <= old_start + length:
                    shift = new_start - old_start
                    return Evidence(span.start + shift, span.end + shift, span.quote)
        start = new.find(span.quote)
        occurs_once = start >= 0 and new.find(span.quote, start + 1) < 0
        if occurs_once:
            end = start + len(span.quote)
            return Evidence(start, end, span.quote)
        return Evidence(span.start, span.end, span.quote, stale=True)

    return move


def _common_blocks(old: str, new: str) -> list[tuple[int, int, int]]:
    """Stretches that are in both: start in the old text, start in the new, length."""
    # Most edits touch one place. What is the same before and after it need not be compared by
    # words, which takes time by the product of both lengths.
    head = _common_start(old, new)
    tail = _common_start(old[head:][::-1], new[head:][::-1])
    old_end = len(old) - tail
    new_end = len(new) - tail
    blocks = [(0, 0, head), (old_end, new_end, tail)]
    old_pieces = _PIECE.findall(old[head:old_end])
    new_pieces = _PIECE.findall(new[head:new_end])
    if len(old_pieces) * len(new_pieces) > _MOST_COMPARED:
        return blocks
    old_starts = _starts(old_pieces, head)
    new_starts = _starts(new_pieces, head)
    # Without autojunk: it would pass over words that are frequent in a long text.
    matcher = difflib.SequenceMatcher(None, old_pieces, new_pieces, autojunk=False)
    for old_piece, new_piece, count in matcher.get_matching_blocks():
        old_start = old_starts[old_piece]
        length = old_starts[old_piece + count] - old_start
        blocks.append((old_start, new_starts[new_piece], length))
    return blocks


def _starts(pieces: Sequence[str], start: int) -> list[int]:
    """Where each piece starts, and at last where the final one ends."""
    starts = [start]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    return starts


def _common_start(one: str, other: str) -> int:
    """The length of the longest common start."""
    # By halving: comparing slices is much faster than walking over characters.
    low = 0
    high = min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
