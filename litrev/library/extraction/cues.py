"""Cue phrases: words with alternatives, optional words and bounded gaps, made into patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

GAP = 60  # characters "..." may stand for
SLOT = 240  # characters "{}" may stand for when more of the cue follows it
CUE_SYNTAX = (
    "In a cue [a/b] is either, (x) may be missing, "
    "... stands for a few words, {} for what is taken."
)


def compile_cues(cues: Iterable[str], words: bool) -> re.Pattern[str] | None:
    """One pattern for all ``cues``, longest first; None when there are none.

    The words that a cue takes are in a group ``slot…`` (see :func:`slot`). A slot at the end of a
    cue has no group: what it takes begins where the match ends. ``words`` says that cues begin and
    end at word boundaries. Raises ValueError or IndexError for a cue that cannot be read.
    """
    distinct = sorted(set(cues), key=len, reverse=True)
    if not distinct:
        return None
    number = iter(range(len(distinct)))
    parts = [_Cue(cue, words, f"slot{next(number)}").pattern() for cue in distinct]
    return re.compile("|".join(parts), re.IGNORECASE)


def either(words: Iterable[str]) -> str:
    """A pattern for one of ``words``, the longest that fits; without words, it never fits."""
    return _tree(sorted(set(words), key=len, reverse=True)) or "(?!)"


def _tree(words: Sequence[str]) -> str:
    # Words with the same beginning share a branch: one character that differs rules all of them
    # out, where a plain "a|b|c" tries each in turn.
    by_first_character: dict[str, list[str]] = {}
    for word in words:
        by_first_character.setdefault(word[:1], []).append(word[1:])
    branches = []
    for char, tails in by_first_character.items():
        branch_tail = _tree(tails) if len(tails) > 1 else re.escape(tails[0])
        branches.append(re.escape(char) + (f"(?:{branch_tail})" if len(tails) > 1 else branch_tail))
    return "|".join(branches)


def slot(match: re.Match[str]) -> tuple[int, int] | None:
    """The span of what a match took; None when it is open and begins at the end of the match."""
    for name, value in match.groupdict().items():
        if value is not None:
            return match.span(name)
    return None


class _Cue:
    """One cue being translated into a regular expression."""

    def __init__(self, text: str, words: bool, name: str) -> None:
        self.text, self.words, self.name, self.at = text, words, name, 0

    def pattern(self) -> str:
        pattern = self.sequence("")
        if self.at < len(self.text):
            raise ValueError(f"the cue {self.text!r} has a {self.text[self.at]!r} too many")
        return f"(?:{pattern})"

    def sequence(self, closing: str) -> str:
        """A run of pieces up to ``closing``, alternatives divided by "/" when inside brackets."""
        alternatives, pieces = list[str](), list[str]()
        while self.at < len(self.text) and self.text[self.at] != closing:
            char = self.text[self.at]
            if closing and char == "/":
                alternatives.append("".join(pieces))
                pieces = []
                self.at += 1
            else:
                pieces.append(self.piece(char))
        alternatives.append("".join(pieces))
        if closing:
            if self.at == len(self.text):
                raise ValueError(f"the cue {self.text!r} lacks a {closing!r}")
            self.at += 1
        return "|".join(alternatives)

    def piece(self, char: str) -> str:
        if char in "[(":
            self.at += 1
            inner = self.sequence("]" if char == "[" else ")")
            return f"(?:{inner})" + ("" if char == "[" else "?")
        if char == " ":
            self.at += 1
            return r"\s*"
        if self.text.startswith("...", self.at):
            self.at += 3
            return rf"[^.。!?！？;；]{{0,{GAP}}}?"
        if self.text.startswith("{}", self.at):
            first, self.at = self.at == 0, self.at + 2
            if first:  # what a cue begins with begins a clause
                return rf"(?<!\w)(?P<{self.name}>[^\s,，。！？;；][^,，。！？;；]{{1,{SLOT}}}?)"
            return (
                "" if self.at == len(self.text) else rf"(?P<{self.name}>[^。！？;；]{{1,{SLOT}}}?)"
            )
        return self.literal()

    def literal(self) -> str:
        start = self.at
        while (self.at < len(self.text) and self.text[self.at] not in "[]()/ {.") or self.text[
            start : self.at + 1
        ] == ".":
            self.at += 1
        self.at += self.at == start
        text = self.text[start : self.at]
        before = r"\b" if self.words and text[0].isalnum() else ""
        after = r"\b" if self.words and text[-1].isalnum() else ""
        return before + re.escape(text) + after
