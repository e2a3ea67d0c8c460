"""Cue phrases: plain words with alternatives, optional words and bounded gaps, made into matchers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

GAP = 60  # characters "..." may stand for
SLOT = 240  # characters "{}" may stand for when more of the cue follows it


def compile_cues(cues: Iterable[str], words: bool) -> re.Pattern[str] | None:
    """One pattern for all ``cues``, longest first; None when there are none.

    The words a cue takes are the group ``slot``; a slot at the end of a cue is empty there, and
    what it takes begins where the match ends. ``words``: cues begin and end at word boundaries.
    """
    found = sorted(set(cues), key=len, reverse=True)
    if not found:
        return None
    number = iter(range(len(found)))
    parts = [_Cue(cue, words, f"slot{next(number)}").pattern() for cue in found]
    return re.compile("|".join(parts), re.IGNORECASE)


def either(words: Iterable[str]) -> str:
    """A pattern for one of ``words``, the longest that fits; one that never fits when there are
    none.
    """
    return _tree(sorted(set(words), key=len, reverse=True)) or "(?!)"


def _tree(words: Sequence[str]) -> str:
    """Words with the same beginning tried together: one look at a character rules out all that do
    not begin with it.
    """
    begun: dict[str, list[str]] = {}
    for word in words:
        begun.setdefault(word[:1], []).append(word[1:])
    branches = []
    for char, rests in begun.items():
        rest = _tree(rests) if len(rests) > 1 else re.escape(rests[0])
        branches.append(re.escape(char) + (f"(?:{rest})" if len(rests) > 1 else rest))
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
