"""What pictures show: which years, which values, and how many are left out."""

from __future__ import annotations

import pytest

from litrev.errors import UsageFault
from litrev.library.model.codebook import codebook
from litrev.library.model.record import Cell, CellState, Field, Item, ItemState, Record, Value
from litrev.library.synthesis import figures
from litrev.library.synthesis.figures import Bars, Chapters, Map
from litrev.library.synthesis.summary import Count

BOOK = codebook(1, "")


def paper(number: int, year: str = "", tags: tuple[str, ...] = (), title: str = "") -> Record:
    fields = (Field("year", year), Field("title", title))
    return Record(f"id{number}", f"p{number}", "article", fields, None, tags)


def cell(field: str, text: str, number: int | None = None) -> dict[str, Cell]:
    value = Value("v", field, text, None, (), "rule:r", 0.5, "2026", number)
    return {field: Cell(field, CellState.DECIDED, (Item(value, ItemState.DECIDED),))}


def test_years_are_shown_with_those_between_and_papers_without_a_year_last() -> None:
    papers = [paper(1, "2021"), paper(2, "2019"), paper(3, "2021"), paper(4)]
    assert figures.years("T", papers) == Bars(
        "T",
        (Count("2019", 1), Count("2020", 0), Count("2021", 2), Count("no year", 1)),
        of=4,
        upright=True,
    )


@pytest.mark.parametrize(("last", "shown"), [("1919", 120), ("1920", 2)])
def test_years_between_are_shown_up_to_a_hundred_and_twenty(last: str, shown: int) -> None:
    bars = figures.years("T", [paper(1, "1800"), paper(2, last)])
    assert len(bars.counts) == shown


def test_twenty_values_are_shown_and_the_others_counted() -> None:
    papers = [paper(n, tags=("common", f"tag {n:02}")) for n in range(21)]
    bars = figures.values("T", "tags", papers, {}, BOOK)
    assert bars.counts[:2] == (Count("common", 21), Count("tag 00", 1))
    assert (len(bars.counts), bars.left_out) == (20, 2)


def test_values_are_counted_in_whatever_case_and_spelled_as_first_met() -> None:
    papers = [paper(1, tags=("Trust",)), paper(2, tags=("trust",))]
    assert figures.values("T", "tags", papers, {}, BOOK).counts == (Count("Trust", 2),)


def test_a_map_keeps_the_latest_years_and_the_papers_without_one() -> None:
    papers = [paper(n, str(2000 + n)) for n in range(14)]
    papers.append(paper(99))
    drawn = figures.figure("map", papers, {}, BOOK, ("type", "year"))
    assert isinstance(drawn, Map)
    assert drawn.title == "Type by year"
    assert (drawn.columns[0], drawn.columns[-2:]) == ("2002", ("2013", "no year"))
    assert (len(drawn.columns), drawn.left_out, drawn.gaps) == (13, 2, 0)


@pytest.mark.parametrize(
    ("theory", "tags", "site", "name"),
    [
        (True, True, True, "theory"),
        (False, True, True, "tags"),
        (False, False, True, "site"),
        (False, False, False, "site"),
    ],
)
def test_papers_are_about_theory_else_tags_else_site(
    theory: bool, tags: bool, site: bool, name: str
) -> None:
    filled: dict[str, Cell] = {}
    if theory:
        filled |= cell("theory", "x")
    if site:
        filled |= cell("site", "x")
    papers = [paper(1, tags=("t",) if tags else ())]
    assert figures.theme(papers, {"id1": filled}) == name


def test_chapters_show_thirty_papers_that_have_any() -> None:
    papers = [paper(n) for n in range(33)]
    cells = {f"id{n}": cell("chapters", f"about\n {n}", 1) for n in range(1, 33)}
    drawn = figures.figure("chapters", papers, cells, BOOK)
    assert isinstance(drawn, Chapters)
    assert (drawn.heads, len(drawn.papers), drawn.left_out) == (("Chapter 1",), 30, 2)
    assert (drawn.papers[0], drawn.texts[0]) == ("p1", ("about 1",))
    first = figures.tabled(drawn).rows[0]
    assert [made.text() for made in first.cells] == ["p1", "about 1"]


def test_long_chapters_are_cut_in_a_table() -> None:
    drawn = Chapters("T", ("p",), ("Chapter 1",), (("x" * 141,),))
    text = figures.tabled(drawn).rows[0].cells[1].text()
    assert (len(text), text[-2:]) == (140, "x…")


def test_an_unknown_picture_or_a_cross_without_a_map_is_refused() -> None:
    with pytest.raises(UsageFault, match="there is no figure yeers") as caught:
        figures.figure("yeers", [], {}, BOOK)
    assert caught.value.remedy == "Did you mean years?"
    with pytest.raises(UsageFault, match="only a map"):
        figures.figure("years", [], {}, BOOK, ("methods", "year"))
