"""Pictures: the same counts the same bytes, hostile names harmless, Chinese measured right."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litrev.library.render.fitting import cut, wrapped
from litrev.library.render.pictures import draw
from litrev.library.synthesis.figures import Bars, Chapters, Figure, Map
from litrev.library.synthesis.summary import Count
from litrev.text.display import columns
from tests.conftest import CommandLine
from tests.report.conftest import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    "访谈法与问卷调查相结合的混合研究方法及其在社区治理中的应用",
    "case study",
    HOSTILE,
    "\x1b[31m\u202e\ufffe\ud800",
    "x" * 5_000,
    "",
]
FIGURES: list[Figure] = [
    Bars("Methods", tuple(Count(name, n) for n, name in enumerate(NAMES, 1)), 30, left_out=3),
    Bars(
        "Years",
        (Count("2019", 3), Count("2020", 0), Count("2021", 12), Count("no year", 1)),
        16,
        upright=True,
    ),
    Map(
        title="Methods by theory",
        down="Methods",
        across="Theory",
        rows=tuple(NAMES),
        columns=tuple(NAMES[:4]),
        counts=tuple((0, 1, n, 40) for n in range(6)),
        left_out=1,
    ),
    Chapters(
        title="Chapters",
        papers=tuple(NAMES),
        heads=("Chapter 1", "Chapter 2"),
        texts=tuple((name, "") for name in NAMES),
    ),
    Bars("", (), 0),
    Map("", "", "", (), (), ()),
    Chapters("", (), (), ()),
]


def read(figure: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(draw(figure))


def texts(root: ElementTree.Element, tag: str = "text") -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}{tag}")]


@pytest.mark.parametrize("figure", FIGURES)
def test_a_picture_is_xml_with_a_name_and_a_description_and_nothing_that_runs(
    figure: Figure,
) -> None:
    svg = draw(figure)
    assert svg == draw(figure)
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    title = root.find(f"{SVG}title")
    desc = root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "rect", "text", "path"}
    for element in root.iter():
        assert not {"href", "style"} & set(element.attrib)
        assert not any(name.startswith("on") for name in element.attrib)


def test_empty_years_and_gaps_are_to_be_seen() -> None:
    numbers = [text for text in texts(read(FIGURES[1])) if text in {"0", "3", "12"}]
    assert numbers == ["3", "0", "12"]
    rects = read(FIGURES[2]).iter(f"{SVG}rect")
    squares = [rect.get("class") or "" for rect in rects]
    assert squares.count("gap") == 7
    assert {"heat0", "heat5"} <= set(squares)
    assert "7 of 24 pairs are gaps" in draw(FIGURES[2])


def test_a_name_that_is_cut_is_whole_in_its_title() -> None:
    root = read(FIGURES[0])
    assert NAMES[0] in texts(root, "title")
    assert NAMES[0] not in texts(root)


@given(st.text(max_size=80), st.integers(2, 40))
def test_what_is_cut_fits_and_says_so(text: str, room: int) -> None:
    line = " ".join(text.split())
    shown = cut(text, room)
    assert columns(shown) <= room
    assert shown == line or shown.endswith("…")
    assert all(columns(part) <= room for part in wrapped(text, room, 4))


@given(st.text(alphabet="ab 访谈-", max_size=60), st.integers(4, 30))
def test_wrapping_loses_no_character_where_there_is_room(text: str, room: int) -> None:
    parts = wrapped(text, room, 1_000)

    def letters(text: str) -> str:
        return "".join(text.split()).replace("-", "")

    # Without hyphens: one at the end of a line may be the text's own or not.
    assert letters("".join(parts)) == letters(text)


def test_plot_writes_svg_in_a_pipe_and_bars_on_a_terminal(library: CommandLine) -> None:
    for kind in ("years", "methods", "sites", "map", "chapters"):
        ElementTree.fromstring(library.ok("plot", kind).out)
        assert "<svg" not in library.ok("plot", kind, terminal=True).out
        assert library.ok("plot", kind).out == library.ok("plot", kind).out
    assert "█" in library.ok("plot", "methods", terminal=True).out
    assert "Methods by year" in library.ok("plot", "map", "--cross", "methods,year").out


def test_nothing_is_wider_than_the_terminal(library: CommandLine) -> None:
    from rich.cells import cell_len

    for width in (30, 60, 80, 120):
        for words in (
            ("years",),
            ("methods",),
            ("sites",),
            ("map",),
            ("map", "--cross", "theory,methods"),
            ("chapters",),
        ):
            for line in library.ok("plot", *words, terminal=True, width=width).lines:
                assert cell_len(line) <= width, (words, width, line)


def test_a_map_on_a_terminal_names_its_columns_and_its_gaps(library: CommandLine) -> None:
    lines = library.ok("plot", "map", "--cross", "methods,year", terminal=True, width=100).lines
    assert lines[0] == "Methods by year"
    assert "[1]" in lines[1]
    assert any(line.strip().startswith("[1] ") for line in lines)
    assert lines[-1].startswith("0 is a gap")


def test_plot_refuses_what_it_cannot_draw(library: CommandLine) -> None:
    assert library("plot", "yeers").status == 2
    assert "Did you mean years?" in library("plot", "yeers").err
    assert library("plot", "map", "--cross", "methods").status == 2
    assert library("plot", "years", "--cross", "methods,year").status == 2
    assert library("plot", "map", "--cross", "methods,nothing").status == 2
    assert library("plot", "years", "-o", "years.gif").status == 2
    assert library("plot", "years", "nothingatall").status == 1


def test_plot_draws_png_with_chinese_in_it(library: CommandLine) -> None:
    pytest.importorskip("resvg_py")
    library.ok("plot", "methods", "--title", "研究方法", "-o", "methods.png")
    assert (library.folder / "methods.png").read_bytes().startswith(b"\x89PNG")
    assert library("plot", "methods", "-o", "methods.png").status == 4


def test_without_the_extra_plot_names_it(
    library: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "resvg_py", None)
    done = library("plot", "years", "-o", "years.png")
    assert (done.status, "pip install 'litrev[png]'" in done.err) == (5, True)
    assert not Path(library.folder, "years.png").exists()
