"""References by pandoc's citeproc: the gold strings, one list in two languages, and what hostile
data may not do.
"""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from litrev.errors import UsageFault
from litrev.library.render.citations.pandoc import (
    Entry,
    Listing,
    find_pandoc,
    format_entries,
    render,
)
from litrev.library.render.citations.styles import NAMES, find_style, read_style, style_folder
from tests.conftest import CommandLine

WANTED = 42  # of 47
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})

BIB = """
@article{yu2019, author={于潇 and 王二 and 张三 and 李四}, title={社区治理中的党建引领}, \
journal={中国行政管理（自然科学版）}, year={2019}, volume={52},
  number={11}, pages={15--18}, langid={chinese}, abstract={摘要}}
@article{smith2020, author={Smith, John and Doe, Jane and Roe, Richard and Poe, Edgar}, \
title={On trust}, journal={Journal of Trust}, year={2020},
  volume={3}, pages={1--2}, doi={10.1000/abc}, \
abstract={We used interviews. It is found that trust matters.}}
"""


@pytest.fixture
def library(cli: CommandLine) -> CommandLine:
    cli.ok("add", cli.write("two.bib", BIB), "--no-extract")
    return cli


def normal(text: str) -> str:
    """NFC, straight quotes, white space as one blank: all that is forgiven."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join(composed.translate(_QUOTES).split())


def plain(entry: Entry, listing: Listing, pandoc: Path, annotation: str = "") -> str:
    """One entry of a list as plain text."""
    alone = Listing((entry,), listing.attributes, listing.version)
    return render(alone, {entry.key: [annotation]}, "plain", pandoc).decode()


def unnumbered(entry: Entry) -> Entry:
    """Without citeproc's own span of the number, which the gold strings leave out."""

    def is_number(inline: Any) -> bool:
        return inline["t"] == "Span" and "csl-left-margin" in inline["c"][0][1]

    blocks = []
    for block in entry.blocks:
        inlines = [inline for inline in block["c"] if not is_number(inline)]
        blocks.append({**block, "c": inlines})
    return Entry(entry.key, tuple(blocks), entry.language)


def test_references_are_those_of_the_style_guides(shared: Callable[[str], Path]) -> None:
    gold = json.loads(shared("citations/gold.json").read_text("utf-8"))
    all_items = json.loads(shared("citations/items.json").read_text("utf-8"))
    items = {item["id"]: item for item in all_items}
    pandoc = find_pandoc()
    right = 0
    missed = []
    for name, wanted in gold.items():
        file = style_folder() / f"{name}.csl"
        if not file.exists():
            file = find_style(name, Path())
        listing = format_entries([items[key] for key in wanted], read_style(file), pandoc)
        for entry in listing.entries:
            made = normal(plain(unnumbered(entry), listing, pandoc))
            if made == normal(wanted[entry.key]):
                right += 1
            else:
                missed.append((name, wanted[entry.key], made))
    assert right >= WANTED, missed


def test_each_entry_is_in_its_own_language_in_one_list(library: CommandLine) -> None:
    listed = library.ok("bibliography", "--style", "gb7714-2015").out
    assert "于潇, 王二, 张三, 等. 社区治理中的党建引领[J]." in listed
    assert "SMITH J, DOE J, ROE R, et al. On trust[J" in listed
    assert re.findall(r"^\[(\d)\]", listed, re.MULTILINE) == ["1", "2"]
    apa = library.ok("bibliography", "--style", "apa").out
    assert apa.index("Smith") < apa.index("于潇")
    turned = library.ok("bibliography", "--style", "apa", "--chinese-first").out
    assert turned.index("于潇") < turned.index("Smith")


@pytest.mark.parametrize("style", [name for name in NAMES if "2025" not in name])
def test_every_style_that_is_named_formats(library: CommandLine, style: str) -> None:
    out = library.ok("cite", "smith2020", "--style", style).out
    assert "trust" in out.casefold()
    assert "2020" in out


def test_a_style_that_is_not_installed_says_what_to_do(library: CommandLine) -> None:
    outcome = library("cite", "smith2020", "--style", "gb7714-2025")
    assert outcome.status == 2
    assert "--style china-national-standard-gb-t-7714-2025-numeric.csl" in outcome.err
    assert "Did you mean apa?" in library("cite", "smith2020", "--style", "aapa").err
    assert library("cite", "smith2020", "--style", "../../etc/passwd").status == 2
    assert library("cite", "smith2020", "--style", "none.csl").status == 2


def test_an_annotation_is_a_persons_words_or_a_marked_draft_of_what_was_accepted(
    library: CommandLine,
) -> None:
    library.ok("extract", "smith2020")
    assert "Draft" not in library.ok("bibliography", "smith2020", "--annotated").out, (
        "what is only proposed makes no draft"
    )
    library.ok("accept", "smith2020")
    drafted = library.ok("bibliography", "smith2020", "--annotated").out
    assert "Draft, from the accepted fields:" in drafted
    assert "Methods: interview." in drafted
    library.ok("set", "smith2020", "annotation=A careful *study* [of] $x$.")
    own = library.ok("bibliography", "smith2020", "--annotated").out
    assert "A careful *study* [of] $x$." in own
    assert "Draft" not in own
    markdown = library.ok("bibliography", "smith2020", "--annotated", "-f", "markdown").out
    assert r"A careful \*study\* \[of\]" in markdown


@pytest.mark.parametrize("name", ["b.md", "b.html", "b.tex", "b.docx", "b.txt"])
def test_every_format_of_a_bibliography_gives_the_same_bytes_twice(
    library: CommandLine, name: str
) -> None:
    command = "bibliography --style gb7714-2015 --annotated".split()
    command += ["--title", "A & <b>", "-o", name]
    file = library.folder / name
    library.ok(*command)
    first = file.read_bytes()
    library.ok(*command, "--force")
    assert file.read_bytes() == first
    if name == "b.docx":
        text = zipfile.ZipFile(file).read("word/document.xml").decode()
    else:
        text = first.decode()
    assert "社区治理中的党建引领" in text
    assert "On trust" in text


def test_what_metadata_is_missing_is_said_and_never_filled_in(library: CommandLine) -> None:
    library.ok("add", library.write("bare.bib", "@thesis{bare, abstract={x}}"), "--no-extract")
    outcome = library.ok("cite", "bare")
    assert "bare: thesis lacks author, title, date/year, institution/school" in outcome.err
    assert "[bare]" in outcome.out


HOSTILE = (
    "<script>alert(1)</script>", "*a* _b_ `c` $x$", "\\input{/etc/passwd}", "![i](/etc/passwd)",
    "@key {{< include x >}}", "&amp; & < >", "x" * 3000, "author: Evil || E", "'" * 300,
    "<i>" * 200, "[/] [link](http://x.example)", "\x1b[31mred",
)  # fmt: skip


def test_hostile_titles_come_out_as_text(library: CommandLine) -> None:
    titles = {f"k{n}": title for n, title in enumerate(HOSTILE)}
    note = "author: Evil || E\nDOI: 10.1/evil"
    items = []
    for key, title in titles.items():
        items.append({"id": key, "type": "book", "title": title, "note": note})
    style = read_style(find_style("apa", Path()))
    pandoc = find_pandoc()
    listing = format_entries(items, style, pandoc, markup=False)
    assert len(listing.entries) == len(HOSTILE)
    for entry in listing.entries:
        title = titles[entry.key]
        shown = normal(plain(entry, listing, pandoc, annotation=title))
        beginning = normal(title.replace("\x1b", "")).casefold().strip("'")[:2000]
        assert beginning in shown.casefold().replace("'" * 300, ""), shown
        assert "10.1/evil" not in shown
        assert "\x1b" not in shown
    html = render(listing, {}, "html", pandoc).decode()
    assert "<script" not in html
    assert "passwd" not in render(listing, {}, "latex", pandoc).decode().replace(
        "textbackslash input\\{/etc/passwd\\}", ""
    ).replace("(/etc/passwd)", "")


def test_a_style_file_can_fetch_and_read_nothing(library: CommandLine, tmp_path: Path) -> None:
    text = (style_folder() / "ieee.csl").read_text("utf-8")
    secret = tmp_path / "secret.csl"
    secret.write_text("nothing")
    linked = re.sub(
        r"<link [^>]*rel=\"self\"[^>]*/>", f'<link href="{secret}" rel="independent-parent"/>', text
    )
    assert linked != text
    library.write("linked.csl", linked)
    assert "On trust" in library.ok("cite", "smith2020", "--style", "linked.csl").out
    library.write("entity.csl", '<!DOCTYPE style [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + text)
    library.write("broken.csl", text[:2000])
    library.write("none.csl", "no style")
    for name in ("entity.csl", "broken.csl", "none.csl"):
        outcome = library("cite", "smith2020", "--style", name)
        assert outcome.status == 2
        assert name in outcome.err


def test_a_dependent_style_is_its_parent_where_that_is_installed() -> None:
    assert read_style(find_style("vancouver-nlm", Path())).numbered
    with pytest.raises(UsageFault, match="there is no style"):
        read_style(find_style("no-such-style", Path()))


def test_without_pandoc_there_are_plain_lines_and_the_extra_is_named(
    library: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    known = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "pypandoc" else known(name, *rest),
    )
    monkeypatch.setattr(shutil, "which", lambda name: None)
    outcome = library("bibliography")
    assert outcome.status == 5
    assert "litrev[cite]" in outcome.err
    plain = "John Smith; Jane Doe; Richard Roe et al. (2020). On trust. Journal of Trust."
    assert plain in outcome.out
    docx = library("bibliography", "-o", "x.docx")
    assert docx.status == 5
    assert not (library.folder / "x.docx").exists()


def test_references_on_a_terminal_hang(library: CommandLine) -> None:
    shown = library.ok("bibliography", "--style", "apa", terminal=True, width=60)
    assert all(len(line) <= 60 for line in shown.lines)
    assert sum(line.startswith("    ") for line in shown.lines) >= 1
