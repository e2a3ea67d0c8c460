"""What litrev asks of every format and renderer, its own and those of other packages, by the checks
that it hands to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

import pytest

from litrev.library.formats import registry
from litrev.library.render import registry as renderers
from litrev.library.render.rendering import Rendering
from litrev.plugins import (
    Block,
    Entry,
    Export,
    Field,
    Format,
    Options,
    Reading,
    Table,
    Text,
    Work,
    check_format,
    check_renderer,
)

TYPE = '<ref-type name="Journal Article">17</ref-type>'
SAMPLES = {
    "text": {"a.txt": "An abstract.\n---\n| Another one. |\n"},
    "bibtex": {
        "a.bib": (
            "% x\n@string{j = {J}}\n"
            "@article{k, title = {T}, journal = j, author = {A B}, year = 2000}\n"
        )
    },
    "ris": {"a.ris": "TY  - JOUR\nAU  - B, A\nTI  - T\nPY  - 2000\nER  - \n"},
    "csl-json": {
        "a.json": (
            '[{"id": "k", "type": "article-journal", "title": "T", '
            '"author": [{"family": "B", "given": "A"}]}]'
        )
    },
    "endnote": {"a.enw": "%0 Journal Article\n%A B, A\n%T T\n%D 2000\n"},
    "endnote-xml": {
        "a.xml": (
            f'<?xml version="1.0"?><xml><records><record>{TYPE}'
            "<titles><title>T</title></titles></record></records></xml>"
        )
    },
    "nbib": {"a.nbib": "PMID- 1\nOWN - NLM\nTI  - T\nAU  - B A\nDP  - 2000\nAB  - Text.\n"},
    "wos": {
        "a.ciw": (
            "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU B, A\nTI T\nPY 2000\nER\nEF\n"
        )
    },
    "refworks": {"a.txt": "RT Journal Article\nSR Electronic(1)\nA1 B, A\nT1 T\nYR 2000\n"},
    "noteexpress": {
        "a.net": "{Reference Type}: Journal Article\n{Title}: T\n{Author}: B\n{Year}: 2000\n"
    },
    "csv": {"a.csv": "title,author,year,doi\nT,B A,2000,10.1/x\n"},
    "tsv": {"a.tsv": "title\tauthor\tyear\tdoi\nT\tB A\t2000\t10.1/x\n"},
}


@pytest.mark.parametrize("name", registry.formats())
def test_litrevs_own_formats_are_what_it_asks_of_others(name: str) -> None:
    check_format(
        registry.named(name), SAMPLES.get(name, {}), known_to_others=name in {"csv", "tsv", "text"}
    )


@pytest.mark.parametrize("name", renderers.names())
def test_litrevs_own_renderers_are_what_it_asks_of_others(name: str) -> None:
    check_renderer(renderers.renderer(name))


def read(text: Text) -> Reading:
    """A work a line: `title = …`."""
    lines = text.text.splitlines(keepends=True) or [""]
    blocks = tuple(Block(n, n + 1, "entry", line) for n, line in enumerate(lines))
    return Reading(
        blocks, tuple(Work(n, n + 1) for n, line in enumerate(lines) if line.startswith("title ="))
    )


def write(entries: Iterable[Entry], options: Options) -> Export:
    return Export(f"{entry.record.key}\n" for entry in entries)


LINES = Format(
    "lines", (".lines",), lambda text: 0.95 if text.text.startswith("title =") else 0.0, read
)
SAMPLE = {"a.lines": "title = T\n"}


def test_a_format_that_keeps_the_laws_passes() -> None:
    check_format(LINES, SAMPLE)
    check_format(Format("keys", (), lambda text: 0.0, None, write), {})


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        (replace(LINES, read=None), "neither reads nor writes"),
        (replace(LINES, suffixes=("LINES",)), "not a tuple of lower-case texts"),
        (replace(LINES, name="two words"), "cannot be typed"),
        (replace(LINES, name="lines?a=b"), "cannot be typed"),
        (replace(LINES, name="ndjson"), "which is taken"),
        (replace(LINES, suffixes=".lines"), "not a tuple of lower-case texts"),  # type: ignore[arg-type]  # the fault
        (replace(LINES, configured=5), "cannot be called"),  # type: ignore[arg-type]  # the fault
        (replace(LINES, recognises=lambda text: 0.0), "claims it as surely"),
        (replace(LINES, recognises=lambda text: float("nan")), "recognises gives nan"),
        (replace(LINES, read=lambda text: replace(read(text), works=())), "no work was read"),
        (replace(LINES, read=lambda text: None), "gave a NoneType, not a Reading"),  # type: ignore[arg-type, return-value]  # the fault
        (replace(LINES, read=lambda text: 1 / 0), "it raises ZeroDivisionError"),  # type: ignore[arg-type, return-value]  # the fault
        (replace(LINES, recognises=lambda text: "x"), "it raises TypeError"),  # type: ignore[arg-type, return-value]  # the fault
        (
            replace(LINES, read=lambda text: Reading((Block(0, 1, "entry", "x"),), (Work(0, 1),))),
            "are not the text",
        ),
        (
            replace(LINES, read=lambda text: replace(read(text), works=(Work(7, 1),))),
            "block of their own",
        ),
        (
            replace(LINES, read=lambda text: replace(read(text), works=(Work(0, 1, "a b{"),))),
            "cannot be a key",
        ),
        (
            replace(
                LINES,
                read=lambda text: replace(
                    read(text), works=(Work(0, 1, fields=(Field("ti tle={x}, y", "v"),)),)
                ),
            ),
            "cannot name a field",
        ),
        (
            replace(
                LINES, read=lambda text: replace(read(text), works=(Work(0, 1, None, "art}icle"),))
            ),
            "is not an entry type",
        ),
        (
            replace(
                LINES,
                read=lambda text: replace(read(text), works=(Work(0, 1, tags=("two words",)),)),
            ),
            "cannot be a tag",
        ),
        (replace(LINES, write=write), "what is written is read as"),
        (
            replace(
                LINES, read=None, write=lambda entries, options: Export(iter(cast("Any", [b"x"])))
            ),
            "a piece is not a text",
        ),
    ],
)
def test_a_format_that_breaks_a_law_is_told_which(wrong: Format, law: str) -> None:
    with pytest.raises(AssertionError, match=law):
        check_format(wrong, SAMPLE)


def test_a_renderer_that_breaks_a_law_is_told_which() -> None:
    made: list[int] = []

    def counting(table: Table, rendering: Rendering) -> str:
        made.append(1)
        return str(len(made))

    for wrong, law in ((counting, "two things"), (lambda table, rendering: None, "a NoneType")):
        with pytest.raises(AssertionError, match=law):
            check_renderer(wrong)  # type: ignore[arg-type]  # the fault
