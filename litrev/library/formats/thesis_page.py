"""A page pasted from a thesis database: ``Posted on:2012-05-22 Degree:Master … GTID:…``."""

from __future__ import annotations

import re

from litrev.library.formats.format import Format
from litrev.library.formats.work_builder import PUBLISHER, WorkBuilder
from litrev.library.model.source import Block, Problem, Reading, Text, Work
from litrev.text.lines import line_ends

_LABELS = {
    "Posted on": "@date", "Degree": "@degree", "Type": "@kind", "Country": "country",
    "Candidate": "@author", "Author": "@author", "Full Text": "@ignored",
    "Full Text Request": "@ignored", "GTID": "gtid", "Subject": "subject",
    "Abstract/Summary": "abstract", "Keywords/Search Tags": "@keywords", "Institution": PUBLISHER,
    "University": PUBLISHER, "Advisor": "@advisor", "Supervisor": "@advisor", "Year": "@date",
    "Discipline": "subject",
}  # fmt: skip
_LABEL = re.compile(
    rf"({'|'.join(sorted(map(re.escape, _LABELS), key=len, reverse=True))})[ \t]*[:：]"
)
_PAGE = re.compile(r"(?:Posted on|Degree|GTID)[ \t]*[:：]")


def read(text: Text) -> Reading:
    """The pages of the text, one thesis each.

    The words after ``Abstract/Summary:`` are the abstract, character for character.
    """
    starts = _starts(text.text)
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()
    ends = [*starts[1:], len(text.text)]
    line = 1
    for start, end in zip([0, *starts[1:]] if starts else [], ends, strict=False):
        raw = text.text[start:end]
        block = Block(len(blocks), line, "entry", raw)
        blocks.append(block)
        works.append(_builder(raw).work(block.position, line))
        line += line_ends(raw)
    if not works:
        blocks.append(Block(0, 1, "failed", text.text))
        problems.append(Problem(1, "there is no thesis in it", text.text))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _starts(text: str) -> list[int]:
    """Where each page begins: at the line of its title, before the first label."""
    starts = list[int]()
    seen: set[str] = set()
    for match in _LABEL.finditer(text):
        label = match.group(1)
        if not starts or (
            label in seen and label in {"Posted on", "GTID"} and "Abstract/Summary" in seen
        ):
            line = max(text.rfind("\n", 0, match.start()), text.rfind("\r", 0, match.start())) + 1
            if not text[line : match.start()].strip() and starts is not None:
                line = _title_line(text, line)
            starts.append(line)
            seen = set()
        seen.add(label)
    return starts


def _title_line(text: str, before: int) -> int:
    """The beginning of the last line with words before a place, if it has no label."""
    end = before
    while end and text[end - 1].isspace():
        end -= 1
    line = max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1
    return before if not end or _LABEL.search(text, line, end) else line


def _builder(raw: str) -> WorkBuilder:
    builder = WorkBuilder("thesis")
    matches = list(_LABEL.finditer(raw))
    builder.add("title", " ".join(raw[: matches[0].start()].split()) if matches else "")
    for number, match in enumerate(matches):
        end = matches[number + 1].start() if number + 1 < len(matches) else len(raw)
        name, value = _LABELS[match.group(1)], raw[match.end() : end]
        if name == "abstract":
            after = [m for m in matches[number + 1 :] if m.group(1) == "Keywords/Search Tags"]
            value = raw[match.end() : after[0].start() if after else len(raw)]
            builder.add(name, value)
            for tags in after[:1]:
                builder.keywords(" ".join(raw[tags.end() :].replace(",", ";").split()))
            break
        _take(builder, name, " ".join(value.split()))
    return builder


def _take(builder: WorkBuilder, name: str, text: str) -> None:
    if name == "@date":
        builder.date(text)
    elif name == "@degree":
        builder.add("type", text)
    elif name in {"@author", "@advisor"}:
        builder.names(name[1:], text, given_first=True)
    elif name == "@keywords":
        builder.keywords(text.replace(",", ";"))
    elif name == "@kind":
        builder.add(
            "howpublished", text if text.casefold() not in {"thesis", "dissertation"} else ""
        )
    elif name != "@ignored":
        builder.add(name, text)


def _recognises(text: Text) -> float:
    head = text.text[:20_000]
    sign = re.search(r"(?:Posted on[ \t]*[:：][ \t]*\d{4}|GTID[ \t]*[:：][ \t]*\d)", head)
    return (
        0.9
        if sign
        and len(set(_PAGE.findall(head))) >= 2
        and re.search(r"Abstract/Summary[ \t]*[:：]", head)
        else 0.0
    )


FORMAT = Format("thesis-page", (), _recognises, read)
