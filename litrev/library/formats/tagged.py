"""What all formats of one tag a line have in common: cutting the text, wrapped lines, and what belongs to no record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from litrev.library.formats.draft import Draft
from litrev.library.sources import Block, Problem, Reading, Text, Work

_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a format writes a record, a tag a line.

    ``tag`` gives tag and value of a line that has one. ``begins`` are the tags that begin a record,
    ``ends`` those that end one; with ``blank_ends`` an empty line does, once a beginning follows.
    ``head`` are the tags of lines around the records. ``typed`` says that the beginning tells the type.
    """

    tag: re.Pattern[str]
    begins: frozenset[str]
    ends: frozenset[str] = frozenset()
    head: frozenset[str] = frozenset()
    blank_ends: bool = False
    typed: bool = True


@dataclass(slots=True)
class Entry:
    """The lines of one record: tags with their values, wrapped lines joined by a line break."""

    start: int
    end: int
    pairs: list[tuple[str, str]] = field(default_factory=list)
    ended: bool = False


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their places; only CR and LF end a line."""
    for match in _LINE.finditer(text):
        if match.group():
            yield match.start(), match.group()


def read(text: Text, grammar: Grammar, draft_of: Callable[[Entry], Draft]) -> Reading:
    """The records of a text; what stands in none is kept as a gap, and reported where it says anything."""
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()
    at, line = 0, 1

    def put(kind: str, end: int, key: str | None = None) -> Block:
        nonlocal at, line
        block = Block(len(blocks), line, kind, text.text[at:end], key)
        blocks.append(block)
        at, line = end, line + len(_LINE_END.findall(block.raw))
        return block

    def put_gap(end: int) -> None:
        if end > at:
            gap = put("gap", end)
            if gap.raw.strip("\ufeff \t\r\n") and not _is_head(gap.raw, grammar):
                matches = [grammar.tag.match(line.rstrip("\r\n")) for _, line in lines_of(gap.raw)]
                tagged = any(match and match.group(1) not in grammar.head for match in matches)
                problems.append(Problem(gap.line, "these lines belong to no record", gap.raw, tagged, gap.position))

    for entry in _entries(text.text, grammar):
        put_gap(entry.start)
        draft = draft_of(entry)
        block = put("entry", entry.end, draft.key)
        problems += [Problem(block.line, doubt, block.raw, unreadable=False) for doubt in _doubts(entry, grammar)]
        works.append(draft.work(block.position, block.line))
    put_gap(len(text.text))
    if not works and not problems:
        problems.append(Problem(1, "there is no record in it", text.text))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _doubts(entry: Entry, grammar: Grammar) -> Iterator[str]:
    if grammar.ends and not entry.ended:
        yield f"the record does not end with {'/'.join(sorted(grammar.ends))}"
    if entry.pairs[0][0] not in grammar.begins and grammar.typed:
        yield f"the record does not begin with {'/'.join(sorted(grammar.begins))}; its type is a guess"


def _entries(text: str, grammar: Grammar) -> list[Entry]:
    entries, last, blank = list[Entry](), None, False
    for start, raw in lines_of(text):
        bare = raw.rstrip("\r\n").removeprefix("\ufeff")
        if not bare.strip():
            blank = True
            continue
        match = grammar.tag.match(bare)
        tag, value = (match.group(1), match.group(2) or "") if match else ("", "")
        end = start + len(raw.rstrip())
        again = blank and grammar.blank_ends and last is not None and any(tag == name for name, _ in last.pairs)
        if tag in grammar.head:
            last = None
        elif tag in grammar.ends:
            if last is not None:
                last.end, last.ended = end, True
            last = None
        elif tag and (last is None or tag in grammar.begins or again):
            last = Entry(start, end, [(tag, value)])
            entries.append(last)
        elif last is not None:
            name, before = last.pairs[-1]
            last.end = end
            if tag:
                last.pairs.append((tag, value))
            else:
                last.pairs[-1] = (name, f"{before}\n{bare}")
        blank = False
    return entries


def _is_head(raw: str, grammar: Grammar) -> bool:
    matches = [grammar.tag.match(line.rstrip("\r\n").removeprefix("\ufeff")) for _, line in lines_of(raw) if line.strip("\ufeff \t\r\n")]
    return all(match and match.group(1) in grammar.head for match in matches)


def unwrapped(value: str, joint: str = " ") -> str:
    """A wrapped value in one line."""
    return joint.join(part.strip() for part in value.split("\n") if part.strip())
