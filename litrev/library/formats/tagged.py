"""Formats that write one tag a line: dividing the text, wrapped lines, lines outside records."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from litrev.library.formats.work_builder import WorkBuilder
from litrev.library.model.source import Block, Problem, Reading, Text, Work
from litrev.text.lines import line_ends

_MOST_BEFORE = 20  # lines that there may be before the first record
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a format writes a record, with one tag a line.

    ``tag`` matches a line with a tag; its groups are the tag and the value. ``begins`` are the tags
    that begin a record, ``ends`` those that end one. ``anew`` are tags that begin a record after an
    empty line, if the record before has them too. ``head`` are the tags of lines around the
    records. ``typed`` says that the tag that begins a record names its type.
    """

    tag: re.Pattern[str]
    begins: frozenset[str]
    ends: frozenset[str] = frozenset()
    head: frozenset[str] = frozenset()
    anew: frozenset[str] = frozenset()
    typed: bool = True


@dataclass(slots=True)
class TaggedEntry:
    """The lines of one record: tags with their values, wrapped lines joined by a line break."""

    start: int
    end: int
    lines: list[tuple[str, list[str]]] = field(default_factory=list)  # a tag with its lines
    ended: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Tags and values; a wrapped value keeps its line breaks, several empty lines are one."""
        return [(tag, "\n".join(lines)) for tag, lines in self.lines]


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their offsets; only CR and LF end a line."""
    for match in _LINE.finditer(text):
        if match.group():
            yield match.start(), match.group()


def read(text: Text, grammar: Grammar, builder_of: Callable[[TaggedEntry], WorkBuilder]) -> Reading:
    """The records of a text.

    Lines outside a record are kept as a gap, and reported unless they are empty or a known head.
    """
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()
    at, line = 0, 1

    def put(kind: str, end: int, key: str | None = None) -> Block:
        nonlocal at, line
        block = Block(len(blocks), line, kind, text.text[at:end], key)
        blocks.append(block)
        at, line = end, line + line_ends(block.raw)
        return block

    def put_gap(end: int) -> None:
        if end > at:
            gap = put("gap", end)
            if gap.raw.strip("\ufeff \t\r\n") and not _is_head(gap.raw, grammar):
                matches = [grammar.tag.match(line.rstrip("\r\n")) for _, line in lines_of(gap.raw)]
                tagged = not entries or any(
                    match and match.group(1) not in grammar.head for match in matches
                )
                problems.append(
                    Problem(
                        gap.line, "these lines belong to no record", gap.raw, tagged, gap.position
                    )
                )

    entries = _entries(text.text, grammar)
    for entry in entries:
        put_gap(entry.start)
        builder = builder_of(entry)
        block = put("entry", entry.end, builder.key)
        problems += [
            Problem(block.line, doubt, block.raw, unreadable=False)
            for doubt in _doubts(entry, grammar)
        ]
        works.append(builder.work(block.position, block.line))
    put_gap(len(text.text))
    if not works and not problems:
        problems.append(Problem(1, "there is no record in it", text.text))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _doubts(entry: TaggedEntry, grammar: Grammar) -> Iterator[str]:
    if grammar.ends and not entry.ended:
        yield f"the record does not end with {'/'.join(sorted(grammar.ends))}"
    if entry.lines[0][0] not in grammar.begins and grammar.typed:
        beginnings = "/".join(sorted(grammar.begins))
        yield f"the record does not begin with {beginnings}; its type is a guess"


def _entries(text: str, grammar: Grammar) -> list[TaggedEntry]:
    entries, last, blank, seen = list[TaggedEntry](), None, False, set[str]()
    for start, raw in lines_of(text):
        bare = raw.rstrip("\r\n").removeprefix("\ufeff")
        if not bare.strip():
            blank = True
            continue
        match = grammar.tag.match(bare)
        tag, value = (match.group(1), match.group(2) or "") if match else ("", "")
        end = start + len(raw.rstrip())
        if tag in grammar.head:
            last = None
        elif tag in grammar.ends:
            if last is not None:
                last.end, last.ended = end, True
            last = None
        elif tag and (
            last is None or tag in grammar.begins or (blank and tag in grammar.anew and tag in seen)
        ):
            last, seen = TaggedEntry(start, end, [(tag, [value])]), {tag}
            entries.append(last)
        elif last is not None:
            last.end = end
            if tag:
                last.lines.append((tag, [value]))
                seen.add(tag)
            else:
                last.lines[-1][1].extend(["", bare] if blank else [bare])
        blank = False
    return entries


def confidence(
    text: Text, grammar: Grammar, known: Collection[str], value: re.Pattern[str] | None = None
) -> float:
    """How likely a text is of a format, from 0 to 1.

    It is likely if a record begins within the first lines and two more ``known`` tags follow.
    ``value`` is what the tag that begins a record must hold.
    """
    before, tags = 0, set[str]()
    for _, raw in lines_of(text.text[:100_000]):
        line = raw.rstrip("\r\n").removeprefix("\ufeff")
        match = grammar.tag.match(line)
        tag = match.group(1) if match else ""
        if (
            tag in grammar.begins
            and not tags
            and (value is None or value.match((match.group(2) or "").strip() if match else ""))
        ) or (tags and tag in known):
            tags.add(tag)
        elif not tags and line.strip() and tag not in grammar.head:
            before += 1
        if before > _MOST_BEFORE:
            return 0.0
        if len(tags) >= 3:
            return 0.97 if not before else 0.9
    return 0.8 if len(tags) == 2 and not before else 0.5 if tags and not before else 0.0


def _is_head(raw: str, grammar: Grammar) -> bool:
    matches = [
        grammar.tag.match(line.rstrip("\r\n").removeprefix("\ufeff"))
        for _, line in lines_of(raw)
        if line.strip("\ufeff \t\r\n")
    ]
    return all(match and match.group(1) in grammar.head for match in matches)


def unwrapped(value: str, joint: str = " ") -> str:
    """A wrapped value in one line.

    With a line break as ``joint`` it keeps its lines, with one empty line between paragraphs.
    """
    lines = [part.strip() for part in value.replace("\r", "\n").split("\n")]
    if joint != "\n":
        return joint.join(line for line in lines if line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
