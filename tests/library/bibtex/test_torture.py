"""Real .bib files of every kind of nastiness: nothing is lost, nothing damaged, and every byte
comes back.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from litrev.library.bibtex.canonical import canonical
from litrev.library.bibtex.expression import MONTHS, evaluate
from litrev.library.bibtex.revising import revise
from litrev.library.bibtex.splitter import RawBlock, split
from litrev.library.formats.bibtex import read
from litrev.library.model.encoding import decode
from litrev.library.model.source import Text

PARTS = 8
Shared = Callable[[str], Path]


@cache
def torture(folder: Path) -> dict[str, bytes]:
    with tarfile.open(folder / "torture.tar.gz") as archive:
        files = {
            member.name.removeprefix("torture/"): archive.extractfile(member)
            for member in archive.getmembers()
            if member.isfile()
        }
        return {name: file.read() for name, file in files.items() if file is not None}


@cache
def reference(folder: Path) -> dict[str, Any]:
    with gzip.open(folder / "reference.json.gz", "rt", encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
        return found


def part(shared: Shared, number: int) -> Iterator[tuple[str, Text, Any]]:
    folder = shared("bibtex")
    files, expected = torture(folder), reference(folder)
    for name in sorted(files)[number::PARTS]:
        if name in expected:
            yield name, decode(files[name], name), expected[name]


def words(text: str) -> str:
    return re.sub(r"[\s\xa0]+", " ", text).strip()


def key(text: str | None) -> str:
    return words(text or "").lower()


@pytest.mark.parametrize("number", range(PARTS))
def test_every_entry_is_found_or_reported_with_every_value(shared: Shared, number: int) -> None:
    for name, text, expected in part(shared, number):
        blocks = split(text.text)
        assert "".join(block.raw for block in blocks) == text.text, name
        macros = dict(MONTHS)
        found = dict[str, list[dict[str, str]]]()
        for block in blocks:
            if block.kind == "string":
                macros[block.key.casefold()] = evaluate(block.fields[0].pieces, macros)
            elif block.kind == "entry":
                values = dict[str, str]()
                for field in block.fields:
                    values.setdefault(field.name.casefold(), words(evaluate(field.pieces, macros)))
                found.setdefault(key(block.key), []).append(values)
        reported = " ".join(words(problem.raw).lower() for problem in read(text).problems)
        for entry_key, count in Counter(entry[0] for entry in expected["entries"]).items():
            missing = count - len(found.get(entry_key, []))
            assert missing <= 0 or entry_key in reported, (name, entry_key)
        if any(
            len(found.get(k, [])) != c
            for k, c in Counter(entry[0] for entry in expected["entries"]).items()
        ):
            continue  # which of them is which cannot be told
        turn = Counter[str]()
        for entry_key, _, fields in expected["entries"]:
            values = found[entry_key][turn[entry_key]]
            turn[entry_key] += 1
            for field, value in fields.items():
                assert values[field] == words(value), (name, entry_key, field)


@pytest.mark.parametrize("number", range(PARTS))
def test_canonical_layout_is_a_fixed_point_that_drops_nothing(shared: Shared, number: int) -> None:
    for name, text, _ in part(shared, number):
        once = canonical(text.text)
        assert canonical(once) == once, name
        before, after = split(text.text.replace("\r\n", "\n").replace("\r", "\n")), split(once)
        for kind in ("entry", "string", "preamble", "failed"):
            assert sum(b.kind == kind for b in before) == sum(b.kind == kind for b in after), (
                name,
                kind,
            )
        comments = [
            line.strip()
            for b in before
            if b.kind == "comment"
            for line in b.raw.splitlines()
            if line.strip()
        ]
        assert all(line in once for line in comments), name


@pytest.mark.parametrize("number", range(PARTS))
def test_a_changed_field_changes_its_own_lines_alone(shared: Shared, number: int) -> None:
    choose = random.Random(number)
    for name, text, _ in part(shared, number):
        entries = [block for block in split(text.text) if block.kind == "entry" and block.fields]
        for block in choose.sample(entries, min(3, len(entries))):
            field = choose.choice(block.fields)
            revised = revise(block.raw, {field.name: "{changed}"}, newline=text.newline)
            before, after = block.raw.splitlines(), revised.splitlines()
            lines = len(field.expression.splitlines())
            assert len(after) == len(before) - lines + 1, name
            assert sum((Counter(before) - Counter(after)).values()) <= lines, name
            revise(block.raw, {"litrev-test": "{new}"}, newline=text.newline)
            revise(block.raw, {field.name: None}, newline=text.newline)


def content(block: RawBlock) -> tuple[object, ...]:
    return (block.key, *((field.name, field.expression) for field in block.fields))


@pytest.mark.parametrize("number", range(PARTS))
def test_one_damaged_entry_harms_no_other_and_is_reported(shared: Shared, number: int) -> None:
    """A brace, quotation mark or comma taken out, or the file cut short."""
    choose = random.Random(100 + number)
    files = [
        (name, text)
        for name, text, expected in part(shared, number)
        if 2 <= expected["n"] <= 100 and len(text.text) < 60_000
    ]
    done = 0
    while done < 130:
        name, text = choose.choice(files)
        spans, at = list[tuple[int, int, RawBlock]](), 0
        for block in split(text.text):
            if block.kind == "entry":
                spans.append((at, at + len(block.raw), block))
            at += len(block.raw)
        if len(spans) < 2:
            continue
        start, end, block = choose.choice(spans)
        sign = choose.choice('{},"')
        places = [place for place in range(start, end) if text.text[place] == sign]
        if not places:
            continue
        done += 1
        place = choose.choice(places)
        damaged = text.text[:place] + text.text[place + 1 :]
        found = Counter(content(b) for b in split(damaged) if b.kind == "entry")
        others = Counter(content(b) for _, _, b in spans if b is not block)
        assert not others - found, (name, sign, place)
        if sign in "{}" and not found[content(block)]:
            before = {problem.reason for problem in read(text).problems}
            problems = [
                p
                for p in read(decode(damaged.encode("utf-8"), name)).problems
                if p.reason not in before
            ]
            whole = any(
                [f.name for f in b.fields] == [f.name for f in block.fields]
                for b in split(damaged)
                if b.key == block.key
            )
            assert problems or whole, (name, sign, place, damaged[start:end])
