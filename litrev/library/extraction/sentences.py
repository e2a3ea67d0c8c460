"""Sentences with their places in the stored text, however untidy it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from litrev.library.extraction.lexicon import Lexicon

_STOP = re.compile(r"[.!?。！？]+[\"'”’»」』）)\]]*|\n\s*\n|\n")
_EDGE = " \t\r\n\f|\ufeff\u3000"
_HEADING_LENGTH = 60


class Sentence(NamedTuple):
    """A stretch of the text, without spaces and bars around it."""

    start: int
    end: int
    text: str


class RoledSentence(NamedTuple):
    """A sentence with its role.

    ``body`` is where its words begin, after a label in the sentence itself; ``labelled`` says
    whether it is under a label, ``likely`` how likely each role is.
    """

    sentence: Sentence
    role: str
    body: int
    labelled: bool = False
    likely: Mapping[str, float] = MappingProxyType({})

    @property
    def start(self) -> int:
        """Where its words begin in the text."""
        return self.sentence.start + self.body

    @property
    def end(self) -> int:
        """Where the sentence ends in the text."""
        return self.sentence.end

    @property
    def words(self) -> str:
        """The sentence without its label."""
        return self.sentence.text[self.body :]


def split_sentences(text: str, lexicon: Lexicon) -> list[Sentence]:
    """The sentences of ``text``; together with what is between them they are the text."""
    sentences, start = list[Sentence](), 0
    for match in _STOP.finditer(text):
        if match.group().isspace():
            boundary = _line_break(text, start, match)
        else:
            boundary = _is_boundary(text, match, lexicon)
        if boundary:
            _add(sentences, text, start, match.end())
            start = match.end()
    _add(sentences, text, start, len(text))
    return sentences


def _add(sentences: list[Sentence], text: str, start: int, end: int) -> None:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    if any(char.isalnum() for char in text[start:end]):
        sentences.append(Sentence(start, end, text[start:end]))


def _line_break(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a line break ends a sentence: an empty line, or the end of a heading."""
    if match.group().count("\n") > 1:
        return True
    line = text[start : match.start()].strip(_EDGE)
    return (
        0 < len(line) <= _HEADING_LENGTH
        and len(line.split()) <= 4
        and line[-1:] not in ",，;；、"
        and line[:1].isupper()
        and "\n" not in line
    )


def _is_boundary(text: str, match: re.Match[str], lexicon: Lexicon) -> bool:
    at, end = match.start(), match.end()
    after = text[end : end + 40]
    following = after.lstrip(_EDGE)[:1]
    if match.group()[0] != ".":
        return not (match.group()[-1] in "\"'”’)）" and following.islower())
    if following.islower() or following in {",", "，", ";", "；", ":", "：", ")", "、", "。"}:
        return False
    before = text[max(0, at - 24) : at]
    if before[-1:].isdigit() and after[:1].isdigit():
        return False
    if (
        re.search(r"(?:^|[\s:：;；.。,，!?|(（])(?:\d{1,2}|[IVX]{1,4}|[ivx]{1,4})$", before)
        and len(match.group()) == 1
    ):
        return _ends_with_number(before, after)
    if re.search(r"(?:^|[\s.(])[A-Z]$", before) and not re.search(
        r"\b(?:and|vitamin|hepatitis|type|group|grade)\s[A-Z]$", before
    ):
        return False
    return not _abbreviation(lexicon).search(before)


@cache
def _abbreviation(lexicon: Lexicon) -> re.Pattern[str]:
    """Text that ends in an abbreviation."""
    short = "|".join(map(re.escape, lexicon.plain("abbreviations"))) or "(?!)"
    return re.compile(rf"(?:^|\W)(?:{short})$")


def _ends_with_number(before: str, after: str) -> bool:
    """Whether a number before a full stop ends a sentence ("in 2016. The").

    Otherwise it is the label of an item ("1. In").
    """
    number = re.search(r"(\d{1,2})$", before)
    words = before[: number.start()] if number else before
    return (
        bool(number)
        and bool(re.search(r"[A-Za-z\u4e00-\u9fff)]\s+$|[<>=]\s*$|\d\.$", words))
        and after[:1].isspace()
    )
