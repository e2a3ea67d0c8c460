"""Each view of a table, cell by cell, from papers and values that are made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from litrev.errors import UsageFault
from litrev.library.model.codebook import Codebook, built_in
from litrev.library.model.record import (
    Cell,
    CellState,
    Evidence,
    Field,
    Item,
    ItemState,
    Note,
    Record,
    Value,
)
from litrev.library.synthesis import table
from litrev.library.synthesis.model import Column, Row, Table

CODEBOOK = Codebook(1, built_in())
NEVER, SEARCHED, SUGGESTED, DECIDED, NOT_REPORTED = CellState
PROPOSED, DONE, DISPUTED = ItemState.PROPOSED, ItemState.DECIDED, ItemState.DISPUTED


def value(
    field: str,
    text: str,
    *places: tuple[int, int, str],
    label: str | None = None,
    confidence: float = 0.5,
    number: int | None = None,
    maker: str = "rule:cue",
    stale: bool = False,
) -> Value:
    spans = tuple(Evidence(start, end, quote, stale) for start, end, quote in places)
    made = "2026-01-01T00:00:00Z"
    return Value(text, field, text, label, spans, maker, confidence, made, number)


def cell(state: CellState, *items: tuple[ItemState, Value]) -> Cell:
    field = items[0][1].field if items else ""
    return Cell(field, state, tuple(Item(value, state) for state, value in items))


def record(name: str, kind: str = "article", abstract: str | None = None, **fields: str) -> Record:
    made = tuple(Field(name, text) for name, text in fields.items())
    return Record(name, name, kind, made, abstract)


ASH = Record(
    "ash", "ash2019", "article",
    (
        Field("author", "Ash, Ann and Wei Li and others"),
        Field("title", "On  trust"),
        Field("year", "2019"),
        Field("journal", "J. of Trust"),
        Field("doi", "10.1/a"),
        Field("url", "https://e.org"),
        Field("keywords", "trust; villages"),
        Field("volume", "7"),
    ),
    "We asked nurses.", ("todo", "core"), (Note("n1", "read it twice", "me", "2026"),),
)  # fmt: skip
BIRCH = record("birch", "book", editor="Bo Birch", title="Pay", date="2021-05", publisher="P")
COLE = record("cole", "misc", title="Nothing")
RECORDS = [ASH, BIRCH, COLE]
INTERVIEWS = value(
    "methods", "interviews", (3, 8, "asked"), label="interview", confidence=0.914, maker="rule:m1"
)
TALKS = value(
    "methods", "talks", (9, 15, "nurses"), (0, 2, "We"), label="interview", confidence=0.4
)
SURVEY = value("methods", "a  survey", confidence=0.2, maker="person:ann")
CELLS: Mapping[str, Mapping[str, Cell]] = {
    "ash": {
        "methods": cell(SUGGESTED, (DONE, INTERVIEWS), (DONE, TALKS), (PROPOSED, SURVEY)),
        "findings": cell(DECIDED, (DONE, value("findings", "trust matters"))),
        "theory": cell(NOT_REPORTED),
        "chapters": cell(
            DECIDED,
            (DONE, value("chapters", "the end", number=3)),
            (DONE, value("chapters", "the start", number=1)),
            (DONE, value("chapters", "more of it", number=1)),
            (DONE, value("chapters", "an outlook")),
        ),
    },
    "birch": {
        "methods": cell(
            SUGGESTED,
            (DISPUTED, value("methods", "Interviewing", label="Interview")),
            (DISPUTED, value("methods", "A survey")),
        ),
        "findings": cell(SEARCHED),
        "chapters": cell(SEARCHED),
    },
}


def built(*names: str, records: Sequence[Record] = RECORDS) -> Table:
    chosen = table.columns(names, CODEBOOK)
    return table.build("T", chosen, records, CELLS, CODEBOOK)


def texts(row: Row) -> list[str]:
    return [cell.text() for cell in row.cells]


def rows(made: Table) -> list[list[str]]:
    return [texts(row) for row in made.rows]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("key", ["ash2019", "birch", "cole"]),
        ("title", ["On trust", "Pay", "Nothing"]),
        ("author", ["Ann Ash; Wei Li; et al.", "Bo Birch", ""]),
        ("year", ["2019", "2021", ""]),
        ("type", ["article", "book", "misc"]),
        ("venue", ["J. of Trust", "P", ""]),
        ("doi", ["10.1/a", "", ""]),
        ("url", ["https://e.org", "", ""]),
        ("keywords", ["trust; villages", "", ""]),
        ("abstract", ["We asked nurses.", "", ""]),
        ("tags", ["todo; core", "", ""]),
        ("notes", ["read it twice", "", ""]),
        ("bib:volume", ["7", "", ""]),
        ("BIB:Volume", ["7", "", ""]),
        ("methods", ["interview; a survey ?", "Interview ≠; A survey ≠", ""]),
        ("findings", ["trust matters", "·", ""]),
        ("theory", ["—", "", ""]),
        ("Methods", ["interview; a survey ?", "Interview ≠; A survey ≠", ""]),
    ],
)
def test_a_column_shows_what_each_paper_has(name: str, shown: list[str]) -> None:
    made = built(name)
    assert [row.cells[0].text() for row in made.rows] == shown
    assert [(row.record_id, row.key) for row in made.rows] == [(r.id, r.key) for r in RECORDS]


def test_the_label_of_a_paper_names_it() -> None:
    assert [row.cells[0].text() for row in built("label").rows] == [r.label() for r in RECORDS]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("year", Column("year", "Year", narrow=True)),
        ("key", Column("key", "Key", narrow=True)),
        ("type", Column("type", "Type", narrow=True)),
        ("Title", Column("title", "Title")),
        ("bib:volume", Column("bib:volume", "Volume")),
        ("methods", Column("methods", "Methods", structured=True)),
    ],
)
def test_a_column_is_found_by_its_name(name: str, column: Column) -> None:
    assert table.column(name, CODEBOOK) == column


@pytest.mark.parametrize(
    ("names", "message", "cure"),
    [
        (["methds"], "there is no column methds", "methods"),
        (["xyzzy"], "there is no column xyzzy", "bib:FIELD"),
        (["", " "], "a table without columns", "key, label, title"),
        ([], "a table without columns", "research_object"),
    ],
)
def test_an_unknown_column_is_named_with_those_there_are(
    names: list[str], message: str, cure: str
) -> None:
    with pytest.raises(UsageFault) as fault:
        table.columns(names, CODEBOOK)
    assert fault.value.message == message
    assert cure in (fault.value.remedy or "")


def test_blank_names_of_columns_are_passed_over() -> None:
    names = [column.name for column in table.columns([" key ", "", "year"], CODEBOOK)]
    assert names == ["key", "year"]


def test_a_table_has_the_references_and_definitions_of_what_is_in_it() -> None:
    made = built("key", "methods", "findings")
    assert [reference.key for reference in made.references] == ["ash2019", "birch", "cole"]
    first, second, third = made.references
    assert (first.entry_type, first.year, first.doi) == ("article", "2019", "10.1/a")
    assert (second.entry_type, second.year, second.doi) == ("book", "2021", "")
    assert third.year == ""
    assert "On trust" in first.text
    assert [definition.name for definition in made.definitions] == ["methods", "findings"]


def test_items_of_one_label_and_state_are_brought_together_with_all_their_evidence() -> None:
    (merged, other) = built("methods", records=[ASH]).rows[0].cells[0].items
    assert (merged.shown, merged.text, merged.state) == ("interview", "talks", DONE)
    assert merged.quotes == ["asked", "nurses", "We"]
    assert (other.shown, other.state, other.confidence) == ("a  survey", PROPOSED, 0.2)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            "methods",
            # most papers first, then by the alphabet; in whatever case and spacing one value
            [
                ("a survey", "ash2019"),
                ("a survey", "birch"),
                ("interview", "ash2019"),
                ("interview", "birch"),
                ("no methods", "cole"),
            ],
        ),
        (
            "findings",
            [("trust matters", "ash2019"), ("no findings", "birch"), ("no findings", "cole")],
        ),
        ("year", [("2019", "ash2019"), ("2021", "birch"), ("no year", "cole")]),
        ("type", [("article", "ash2019"), ("book", "birch"), ("misc", "cole")]),
        (
            "tags",
            [("core", "ash2019"), ("todo", "ash2019"), ("no tags", "birch"), ("no tags", "cole")],
        ),
    ],
)
def test_papers_stand_under_each_value_they_have(by: str, expected: list[tuple[str, str]]) -> None:
    made = table.grouped(built("key"), RECORDS, CELLS, by, CODEBOOK)
    assert [(row.group, row.key) for row in made.rows] == expected
    assert made.grouped_by == table.column(by, CODEBOOK).heading


def test_a_row_that_is_no_paper_stays_at_the_end_of_a_grouped_table() -> None:
    gaps = table.gaps("T", RECORDS, CELLS, CODEBOOK)
    made = table.grouped(gaps, RECORDS, CELLS, "year", CODEBOOK)
    assert [(row.group, row.key) for row in made.rows][-2:] == [("no year", "cole"), ("", "papers")]


@pytest.mark.parametrize(
    ("counts", "name", "order"),
    [
        ({"b": 1, "a": 1, "c": 2}, "methods", ["c", "a", "b"]),
        ({"B": 1, "a": 1}, "methods", ["a", "B"]),
        ({"no methods": 9, "a": 1}, "methods", ["a", "no methods"]),
        ({"2021": 5, "2019": 1, "no year": 9}, "year", ["2019", "2021", "no year"]),
        ({"2019": 1, "2021": 5}, "type", ["2021", "2019"]),
    ],
)
def test_values_are_ranked(counts: dict[str, int], name: str, order: list[str]) -> None:
    assert table.ranked(counts, table.column(name, CODEBOOK)) == order


def test_the_values_of_a_paper_are_each_there_once() -> None:
    methods = table.column("methods", CODEBOOK)
    assert table.values_of(ASH, methods, CELLS["ash"]) == ["interview", "a survey"]
    twice = {
        "methods": cell(
            DECIDED, (DONE, value("methods", "Survey")), (PROPOSED, value("methods", "survey"))
        )
    }
    assert table.values_of(ASH, methods, twice) == ["survey"]
    wrapped = {
        "methods": cell(
            DECIDED,
            (DONE, value("methods", "focus group")),
            (DONE, value("methods", "focus\ngroup")),
        )
    }
    assert table.values_of(ASH, methods, wrapped) == ["focus group"]
    assert table.values_by_paper(RECORDS, methods, CELLS) == {
        "ash": ["interview", "a survey"],
        "birch": ["interview", "a survey"],
        "cole": ["no methods"],
    }


def test_chapters_have_a_column_for_each_number_and_one_for_those_without() -> None:
    made = table.chapters("T", RECORDS, CELLS, CODEBOOK)
    assert [(column.name, column.heading) for column in made.columns] == [
        ("key", "Key"),
        ("chapter_1", "Chapter 1"),
        ("chapter_3", "Chapter 3"),
        ("chapters", "Chapters"),
    ]
    assert [column.structured for column in made.columns] == [False, True, True, True]
    assert [column.narrow for column in made.columns] == [True, False, False, False]
    assert rows(made) == [
        ["ash2019", "the start; more of it", "the end", "an outlook"],
        ["birch", "·", "·", "·"],
        ["cole", "", "", ""],
    ]
    states = [[cell.state for cell in row.cells[1:]] for row in made.rows]
    assert states == [[DECIDED] * 3, [SEARCHED] * 3, [NEVER] * 3]
    assert [reference.key for reference in made.references] == ["ash2019", "birch", "cole"]


def test_a_chapter_that_a_paper_does_not_have_is_blank() -> None:
    one = {"cole": {"chapters": cell(SUGGESTED, (PROPOSED, value("chapters", "all", number=2)))}}
    made = table.chapters("T", RECORDS, {**CELLS, **one}, CODEBOOK)
    assert texts(made.rows[2]) == ["cole", "", "all ?", "", ""]
    assert [cell.state for cell in made.rows[2].cells[1:]] == [NEVER, SUGGESTED, NEVER, NEVER]


def test_chapters_without_any_have_one_column() -> None:
    made = table.chapters("T", [COLE], CELLS, CODEBOOK)
    assert [column.heading for column in made.columns] == ["Key", "Chapters"]
    assert rows(made) == [["cole", ""]]


def test_the_view_of_evidence_has_a_row_for_each_span() -> None:
    chosen = table.columns(["key", "methods", "findings"], CODEBOOK)
    stale = value("findings", "gone", (4, 9, "words"), confidence=0, stale=True)
    cells = {"ash": CELLS["ash"], "cole": {"findings": cell(DECIDED, (DONE, stale))}}
    made = table.evidence("T", chosen, RECORDS, cells, CODEBOOK)
    assert [(c.name, c.heading, c.structured, c.narrow) for c in made.columns] == [
        ("key", "Key", False, True),
        ("field", "Field", False, True),
        ("value", "Value", True, False),
        ("state", "State", False, True),
        ("quote", "Quote", False, False),
        ("place", "Place", False, True),
        ("confidence", "Confidence", False, True),
        ("from", "From", False, False),
    ]
    assert rows(made) == [
        ["ash2019", "Methods", "interview", "decided", "asked", "3–8", "0.40", "rule:cue"],
        ["ash2019", "Methods", "interview", "decided", "nurses", "9–15", "0.40", "rule:cue"],
        ["ash2019", "Methods", "interview", "decided", "We", "0–2", "0.40", "rule:cue"],
        ["ash2019", "Methods", "a survey ?", "proposed", "", "", "0.20", "person:ann"],
        ["ash2019", "Findings", "trust matters", "decided", "", "", "0.50", "rule:cue"],
        ["cole", "Findings", "gone", "decided", "words", "4–9 (the abstract has changed)", "0.00",
         "rule:cue"],
    ]  # fmt: skip
    assert {(row.record_id, row.key) for row in made.rows} == {("ash", "ash2019"), ("cole", "cole")}


def test_the_view_of_gaps_counts_values_by_their_states_and_names_what_is_missing() -> None:
    made = table.gaps("T", RECORDS, CELLS, CODEBOOK)
    heads = [column.heading for column in made.columns]
    assert heads == ["Key", *(field.heading for field in CODEBOOK.fields), "Missing metadata"]
    assert [column.narrow for column in made.columns[:-1]] == [True] * (len(heads) - 1)
    assert [column.structured for column in made.columns[1:-1]] == [True] * (len(heads) - 2)
    by_key = {row.key: dict(zip(heads, texts(row), strict=True)) for row in made.rows}
    assert list(by_key) == ["ash2019", "birch", "cole", "papers"]
    ash, birch, cole, papers = by_key.values()
    assert (ash["Methods"], ash["Findings"], ash["Theory"]) == ("1; 1 ?", "1", "—")
    assert (ash["Chapters"], ash["Missing metadata"]) == ("4", "")
    assert (birch["Methods"], birch["Findings"], birch["Theory"]) == ("2 ≠", "·", "")
    assert birch["Missing metadata"] == "abstract"
    assert (cole["Methods"], cole["Missing metadata"]) == ("", "author/editor, date/year, abstract")
    assert (papers["Methods"], papers["Findings"]) == ("2 of 3", "1 of 3")
    assert (papers["Theory"], papers["Missing metadata"]) == ("0 of 3", "1 of 3 complete")
    assert made.rows[-1].record_id == ""


def test_the_view_of_gaps_of_no_papers_is_empty() -> None:
    assert table.gaps("T", [], CELLS, CODEBOOK).rows == ()
