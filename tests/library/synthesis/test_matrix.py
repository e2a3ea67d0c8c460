"""Concepts, marks and counts of the matrix, without a library."""

from __future__ import annotations

import pytest

from litrev.errors import UsageFault
from litrev.library.model.codebook import codebook
from litrev.library.model.record import (
    Cell,
    CellState,
    Evidence,
    Field,
    Item,
    ItemState,
    Record,
    Value,
)
from litrev.library.synthesis import matrix, table
from litrev.library.synthesis.model import Column, Table

BOOK = codebook(1, "")
METHODS = table.column("methods", BOOK)
YEAR = table.column("year", BOOK)


def paper(key: str, year: str) -> Record:
    return Record(key, key, "article", (Field("year", year),), None)


def cell(*values: tuple[str, ItemState]) -> dict[str, Cell]:
    items = []
    for text, state in values:
        evidence = (Evidence(0, len(text), text),)
        made = Value(text, "methods", text, None, evidence, "rule:r", 0.5, "2026")
        items.append(Item(made, state))
    return {"methods": Cell("methods", CellState.PROPOSED, tuple(items))}


PAPERS = [paper("a", "2019"), paper("b", "2021"), paper("c", "")]
CELLS = {
    "a": cell(("interview", ItemState.DISPUTED), ("focus group", ItemState.PROPOSED)),
    "b": cell(("Interview", ItemState.DECIDED), ("survey", ItemState.PROPOSED)),
}


def texts(made: Table) -> list[list[str]]:
    return [[cell.text() for cell in row.cells] for row in made.rows]


def headings(made: Table) -> list[str]:
    return [column.title for column in made.columns]


def test_each_value_is_a_concept_and_the_most_frequent_comes_first() -> None:
    made = matrix.concept_matrix("T", METHODS, PAPERS, CELLS, BOOK)
    assert headings(made) == ["Key", "interview", "focus group", "survey", "Total"]
    assert texts(made) == [
        ["a", "✓ ≠", "✓ ?", "", "2"],
        ["b", "✓", "", "✓ ?", "2"],
        ["c", "", "", "", "0"],
        ["Total", "2", "1", "1", "3"],
    ]


def test_a_mark_is_as_sure_as_the_surest_value_and_has_the_evidence_of_all() -> None:
    concepts = matrix.read_concepts("talk: interview, focus group\nnone", "c.txt")
    made = matrix.concept_matrix("T", METHODS, PAPERS, CELLS, BOOK, concepts)
    assert headings(made) == ["Key", "talk", "none", "other", "Total"]
    assert texts(made)[0] == ["a", "✓ ?", "", "", "1"]
    assert made.rows[0].cells[1].items[0].quotes == ["interview", "focus group"]
    assert texts(made)[-1] == ["Total", "2", "0", "1", "3"]


def test_a_unit_divides_each_concept() -> None:
    made = matrix.concept_matrix("T", METHODS, PAPERS, CELLS, BOOK, None, YEAR)
    assert headings(made)[1:4] == ["interview: 2019", "interview: 2021", "interview: no year"]
    assert texts(made)[0][1:4] == ["✓ ≠", "", ""]


def test_without_papers_there_are_no_concepts_and_no_totals() -> None:
    concepts = matrix.read_concepts("talk", "c.txt")
    made = matrix.concept_matrix("T", METHODS, [], {}, BOOK, concepts)
    assert (headings(made), made.rows) == (["Key", "Total"], ())


@pytest.mark.parametrize(("last", "shown"), [("1960", 61), ("1961", 3)])
def test_years_without_papers_are_shown_up_to_sixty_years(last: str, shown: int) -> None:
    papers = [paper("a", "1900"), paper("b", "1950"), paper("c", last)]
    counted = matrix.crossed(Column("type", "Type"), YEAR, papers, {})
    assert len(counted.across) == shown
    assert counted.down == ["article"]


def test_pairs_are_counted_by_papers() -> None:
    made = matrix.cross("T", METHODS, YEAR, PAPERS, CELLS, BOOK)
    assert headings(made) == [
        "Methods",
        "Year: 2019",
        "Year: 2020",
        "Year: 2021",
        "Year: no year",
        "Papers",
    ]
    assert texts(made)[0] == ["interview", "1", "0", "1", "0", "2"]
    assert texts(made)[-1] == ["Papers", "1", "0", "1", "1", "3"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\nb: A", "f.txt:2: 'A' stands in line 1 too"),
        (": x", "f.txt:1: other names without a concept"),
        ("# only a comment", "f.txt: no concepts"),
    ],
)
def test_a_file_of_concepts_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UsageFault, match=message):
        matrix.read_concepts(text, "f.txt")


def test_a_line_may_repeat_the_name_of_its_concept() -> None:
    assert matrix.read_concepts("\ufeffTrust: trust,  in  others # x", "f") == [
        matrix.Concept("Trust", frozenset({"trust", "in others"}))
    ]
