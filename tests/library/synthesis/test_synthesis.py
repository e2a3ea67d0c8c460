"""Tables, matrices, comparisons and drafts as a person makes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from litrev.library.synthesis.topics import OTHER, topic
from tests.conftest import CommandLine

BIB = """
@article{a2019, author={Ann Ash}, title={One}, journal={J}, year={2019},
  abstract={We used interviews with 20 nurses. It is found that trust matters.}}
@article{b2021, author={Bo Birch}, title={Two}, journal={J}, year={2021},
  abstract={A questionnaire survey and interviews were used. Results show that pay matters.}}
@article{c2021, author={Cy Cole}, title={Three}, journal={J}, year={2021}, \
abstract={Nothing of note.}}
"""


@pytest.fixture
def library(cli: CommandLine) -> CommandLine:
    cli.ok("add", cli.write("three.bib", BIB), "--no-extract")
    cli.ok("set", "a2019", "methods=interview", "findings=trust matters", "theory=trust theory")
    cli.ok("set", "b2021", "methods=survey", "methods+=interview", "findings=pay matters")
    return cli


def table(cli: CommandLine, *words: str) -> Mapping[str, Any]:
    made: Mapping[str, Any] = json.loads(cli.ok(*words, "-f", "json").out)
    return made


def lines(made: Mapping[str, Any]) -> list[list[str]]:
    """The cells of a table, the items of each joined."""

    def joined(cell: Mapping[str, Any]) -> str:
        return "; ".join(item["label"] or item["text"] for item in cell["items"])

    return [[joined(cell) for cell in row["cells"].values()] for row in made["rows"]]


def headings(made: Mapping[str, Any]) -> list[str]:
    return [column["heading"] for column in made["columns"]]


def test_papers_are_put_under_each_of_their_values_and_those_without_at_the_end(
    library: CommandLine,
) -> None:
    made = table(library, "table", "--group-by", "methods", "--columns", "key,findings")
    assert [(row["group"], row["key"]) for row in made["rows"]] == [
        ("interview", "a2019"),
        ("interview", "b2021"),
        ("survey", "b2021"),
        ("no methods", "c2021"),
    ]
    by_year = table(library, "table", "--group-by", "year")
    assert [row["group"] for row in by_year["rows"]] == ["2019", "2021", "2021"]
    shown = library.ok("table", "--group-by", "year", terminal=True, width=120).out
    assert shown.index("Year: 2019") < shown.index("Year: 2021")


def test_a_transposed_table_has_a_column_a_paper(library: CommandLine) -> None:
    made = table(library, "table", "--transpose", "--columns", "key,year,findings")
    assert [column["heading"] for column in made["columns"]] == ["Field", "a2019", "b2021", "c2021"]
    assert lines(made) == [
        ["Year", "2019", "2021", "2021"],
        ["Findings", "trust matters", "pay matters", ""],
    ]


def test_only_values_of_the_states_asked_for_are_shown_and_cells_still_tell_theirs(
    library: CommandLine,
) -> None:
    library.ok("extract", "b2021")
    library.ok("extract", "c2021")
    accepted = library.ok(
        "table",
        "c2021 OR b2021",
        "--state",
        "accepted",
        "--columns",
        "key,research_object,methods,findings",
        "-f",
        "csv",
    ).out
    assert "pay matters" in accepted
    assert "pay matters ?" not in accepted
    both = library.ok(
        "table", "--state", "proposed", "--columns", "key,findings", "-f", "markdown"
    ).out
    assert "| a2019 | ✓ |" in both
    assert "✓ decided, not shown here" in both


def test_the_view_of_evidence_has_a_row_a_quote(cli: CommandLine) -> None:
    cli.ok("add", cli.write("three.bib", BIB))
    made = table(cli, "table", "--view", "evidence")
    rows = lines(made)
    names = [column["name"] for column in made["columns"]]
    assert names == "key field value state quote place confidence from".split()
    abstract = {"a2019": "We used interviews with 20 nurses. It is found that trust matters."}
    for key, *_, quote, place, _confidence, _rule in rows:
        if key == "a2019":
            start, end = map(int, place.split("–"))
            assert abstract[key][start:end] == quote
    assert any(row[1] == "Methods" and row[4] == "interviews" for row in rows)


def test_the_view_of_gaps_counts_what_is_there_and_names_what_is_missing(
    library: CommandLine,
) -> None:
    library.ok("add", library.write("t.bib", "@thesis{t, abstract={x}}"), "--no-extract")
    made = table(library, "table", "--view", "gaps")
    by_key = {row["key"]: row["cells"] for row in made["rows"]}
    assert "title" in by_key["t"]["missing:metadata"]["items"][0]["text"]
    assert by_key["papers"]["methods"]["items"][0]["text"] == "2 of 4"
    assert by_key["papers"]["missing:metadata"]["items"][0]["text"] == "3 of 4 complete"
    assert by_key["b2021"]["methods"]["items"][0]["text"] == "2"


def test_chapters_stand_side_by_side_by_their_numbers(cli: CommandLine) -> None:
    cli.ok(
        "add",
        cli.write(
            "t.txt",
            (
                "| The first chapter introduces the background. "
                "The second chapter analyses the problems. "
                "The third chapter proposes countermeasures. |"
            ),
        ),
    )
    made = table(cli, "table", "--view", "chapters")
    assert [column["heading"] for column in made["columns"]] == [
        "Key",
        "Chapter 1",
        "Chapter 2",
        "Chapter 3",
    ]
    assert all("chapter" in cell for cell in lines(made)[0][1:])


def test_a_concept_matrix_marks_counts_and_shows_gaps(library: CommandLine) -> None:
    library.ok("extract")
    made = table(library, "matrix", "--by", "methods")
    rows = {row["key"]: row["cells"] for row in made["rows"]}
    assert rows["a2019"]["methods:interview"]["items"][0]["text"] == "✓"
    assert rows["c2021"]["total"]["items"][0]["text"] == "0"
    assert rows["Total"]["methods:interview"]["items"][0]["text"] == "2"
    assert rows["Total"]["total"]["items"][0]["text"] == "3"
    assert made["columns"][1]["heading"] == "interview", "the concept most papers cover comes first"


def test_concepts_of_a_file_keep_their_order_and_what_they_leave_out_is_other(
    library: CommandLine,
) -> None:
    library.write("concepts.txt", "# mine\nethnography\ntalk: interview, focus group\n")
    made = table(library, "matrix", "--concepts", "concepts.txt")
    assert headings(made) == ["Key", "ethnography", "talk", "other", "Total"]
    total = {row["key"]: row["cells"] for row in made["rows"]}["Total"]
    assert [
        total[f"methods:{name}"]["items"][0]["text"] for name in ("ethnography", "talk", "other")
    ] == ["0", "2", "1"]


def test_a_unit_of_analysis_has_sub_columns_under_each_concept(library: CommandLine) -> None:
    made = table(library, "matrix", "--by", "methods", "--unit", "year")
    assert {(column.get("over"), column["heading"]) for column in made["columns"]} >= {
        ("interview", "2019"),
        ("interview", "2021"),
    }
    assert r"{interview}" in library.ok("matrix", "--unit", "year", "-f", "latex").out
    html = library.ok("matrix", "--unit", "year", "-f", "html").out
    assert '<th scope="colgroup" colspan="2">interview</th>' in html


def test_one_field_is_counted_against_another_with_years_of_which_there_is_nothing(
    library: CommandLine,
) -> None:
    made = table(library, "matrix", "--cross", "methods,year")
    assert headings(made) == ["Methods", "2019", "2020", "2021", "Papers"]
    rows = {line[0]: line[1:] for line in lines(made)}
    assert rows["interview"] == ["1", "0", "1", "2"]
    assert rows["Papers"] == ["1", "0", "2", "3"]
    turned = table(library, "matrix", "--cross", "methods,year", "--transpose")
    assert [line[0] for line in lines(turned)] == ["2019", "2020", "2021", "Papers"]


def test_papers_side_by_side_say_what_they_agree_on(library: CommandLine) -> None:
    made = table(library, "compare", "a2019", "b2021")
    rows = {line[0]: line[1:] for line in lines(made)}
    assert rows["Methods"][-1] == "all of 2: interview"
    assert rows["Findings"] == ["trust matters", "pay matters", "different"]
    assert rows["Year"][-1] == "different"
    assert library("compare", "a2019").status == 2


@pytest.mark.parametrize(
    ("chapter", "name"),
    [
        ("The first chapter introduces the background and significance", "introduction"),
        ("Chapter IV analyses the causes of the dilemma raised above", "problems and causes"),
        (
            (
                "The fifth chapter puts forward suggestions "
                "for the dilemmas and reasons proposed above"
            ),
            "recommendations",
        ),
        ("First, clarify the core concepts and the theoretical basis", "concepts and theory"),
        ("第三章分析存在的问题及其原因", "problems and causes"),
        ("第四章提出优化路径与对策建议", "recommendations"),
        ("The third part", OTHER),
    ],
)
def test_chapters_are_told_by_what_they_are_there_for(chapter: str, name: str) -> None:
    assert topic(chapter) == name


def test_a_draft_says_nothing_that_no_cell_says(library: CommandLine) -> None:
    draft = library.ok("draft", "--by", "methods").out
    assert draft.startswith("# Draft of the review\n\n> DRAFT.")
    assert "- “trust matters” [@a2019]" in draft, "the words are the abstract's own"
    assert "- trust theory [@a2019]" in draft, "a person's own words stand in no abstract"
    said = [line for line in draft.splitlines() if line.startswith("- ")]
    assert {line.partition(" [@")[0].strip("- “”") for line in said if "[@" in line} <= {
        "trust matters",
        "pay matters",
        "trust theory",
    }
    latex = library.ok("draft", "-f", "latex").out
    assert r"\item “trust matters” \cite{a2019}" in latex
    assert library("draft", "-f", "word").status == 2


def test_one_paper_in_one_screen(library: CommandLine) -> None:
    shown = library.ok("summary", "a2019", terminal=True, width=80)
    assert len(shown.lines) <= 24
    assert "trust matters" in shown.out
    assert json.loads(library.ok("summary", "a2019", "--json").out)["key"] == "a2019"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("table", "--columns", "methodes"), "Did you mean methods?"),
        (("table", "--view", "gap"), "Did you mean gaps?"),
        (("table", "--group-by", "metods"), "Did you mean methods?"),
        (("table", "--view", "gaps", "--columns", "key"), "columns of its own"),
        (("table", "--view", "evidence", "--group-by", "year"), "cannot be grouped"),
        (("table", "-f", "latecs"), "Did you mean latex?"),
        (("table", "-f", "latex", "--cite", "input"), "Cite with one of"),
        (("table", "-o", "t.pdf"), "its suffix names no table format"),
        (("matrix", "--by", "theroy"), "Did you mean theory?"),
        (("matrix", "--cross", "methods"), "--cross methods,year"),
        (("matrix", "--cross", "methods,year", "--by", "site"), "cannot be used with"),
        (("matrix", "--concepts", "twice.txt"), "twice.txt:2: 'A' stands in line 1 too"),
        (("matrix", "--concepts", "empty.txt"), "no concepts"),
        (("matrix", "--concepts", "nowhere.txt"), "nowhere.txt"),
        (("draft", "--by", "nothing"), "there is no column nothing"),
    ],
)
def test_what_cannot_be_made_is_said_with_a_remedy(
    library: CommandLine, words: tuple[str, ...], message: str
) -> None:
    library.write("twice.txt", "a\nb: A\n")
    library.write("empty.txt", "# nothing\n")
    outcome = library(*words)
    assert outcome.status in {2, 5}
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_a_file_that_is_there_is_replaced_only_by_force(library: CommandLine) -> None:
    for name in ("t.xlsx", "t.docx", "t.tex", "t.html", "t.tsv"):
        library.ok("table", "-o", name)
        first = (library.folder / name).read_bytes()
        assert library("table", "-o", name).status == 4
        library.ok("table", "-o", name, "--force")
        assert (library.folder / name).read_bytes() == first, (
            "the same library gives the same bytes"
        )


def test_a_workbook_is_not_written_to_a_terminal(library: CommandLine) -> None:
    outcome = library("table", "-f", "xlsx", terminal=True)
    assert outcome.status == 2
    assert "-o FILE" in outcome.err


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_nothing_is_lost_at_any_width(library: CommandLine, width: int) -> None:
    for words in (
        ("table",),
        ("matrix",),
        ("matrix", "--cross", "methods,year"),
        ("table", "--view", "gaps"),
        ("compare", "a2019", "b2021"),
    ):
        shown = library.ok(*words, terminal=True, width=width)
        joined = "".join("".join(line.split()) for line in shown.lines)
        assert all(len(line) <= width for line in shown.lines)
        for word in ("interview",) if "gaps" not in words else ("a2019",):
            assert word in joined


@pytest.mark.parametrize(
    "words",
    [
        "table",
        "table --view evidence",
        "matrix",
        "matrix --cross methods,year",
        "bibliography",
        "draft",
        "plot map",
        "report -o r.html",
    ],
)
def test_of_an_empty_library_there_is_nothing_to_show(cli: CommandLine, words: str) -> None:
    outcome = cli(*words.split())
    assert outcome.status == 1
    assert "nothing to show" in outcome.err


def test_a_value_is_one_group_in_whatever_case_it_was_written(library: CommandLine) -> None:
    library.ok("set", "a2019", "theory=Trust Theory")
    library.ok("set", "b2021", "theory=trust theory")
    made = table(library, "table", "--group-by", "theory")
    assert {row["group"] for row in made["rows"][:2]} == {"Trust Theory"}
    crossed = table(library, "matrix", "--cross", "theory,year")
    assert [line[0] for line in lines(crossed)] == ["Trust Theory", "no theory", "Papers"]
    assert library.ok("draft", "--by", "theory").out.count("## Trust Theory (2 of 3)") == 1


def test_no_column_takes_the_place_of_another(library: CommandLine) -> None:
    library.ok("set", "c2021", "theory=total", "theory+=key")
    made = table(library, "matrix", "--by", "theory")
    assert all(len(row["cells"]) == len(made["columns"]) for row in made["rows"])
    turned = table(library, "table", "--group-by", "methods", "--transpose")
    assert all(len(row["cells"]) == len(turned["columns"]) for row in turned["rows"])
