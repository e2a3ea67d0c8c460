"""Plain text: one abstract, or several between lines of ``---`` or form feeds."""

from __future__ import annotations

import re

from litrev.library.formats.format import Format
from litrev.library.model.source import Block, Problem, Reading, Text, Work
from litrev.text.lines import line_ends

_SEPARATOR = re.compile(r"^[ \t]*-{3,}[ \t]*(?:\r\n|\r|\n|\Z)|\f(?:\r\n|\r|\n)?", re.MULTILINE)
_KEY_LINE = re.compile(r"\s*@([^\s,{}()\"'#%=~\\@]+)[ \t]*(?:\r\n|\r|\n)")


def read(text: Text) -> Reading:
    """The abstracts of ``text``, character for character.

    A first line ``@key`` gives an abstract its citation key and is not part of it.
    """
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()

    def add(kind: str, raw: str, line: int, key: str | None = None) -> None:
        if raw:
            blocks.append(Block(len(blocks), line, kind, raw, key))

    line, counted = 1, 0
    for start, end, separator in _chunks(text.text):
        line, counted = line + line_ends(text.text, counted, start), start
        at = line
        chunk = text.text[start:end]
        key = None
        named = _KEY_LINE.match(chunk)
        if named:
            add("gap", named.group(), at)
            at += line_ends(named.group())
            chunk, key = chunk[named.end() :], named.group(1)
        if chunk.strip(" \t\r\n|\ufeff"):
            works.append(Work(len(blocks), at, key, abstract=chunk))
            add("abstract", chunk, at, key)
        else:
            if chunk.strip() or key:
                problems.append(
                    Problem(at, "there is no abstract here", chunk, position=len(blocks))
                )
            add("gap", chunk, at)
        add("gap", separator, at)
    if not works and not problems:
        problems.append(Problem(1, "the file is empty", text.text))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _chunks(text: str) -> list[tuple[int, int, str]]:
    chunks, at = list[tuple[int, int, str]](), 0
    for match in _SEPARATOR.finditer(text):
        chunks.append((at, match.start(), match.group()))
        at = match.end()
    chunks.append((at, len(text), ""))
    return chunks


FORMAT = Format("text", (".txt", ".text", ".md"), lambda text: 0.01, read)
