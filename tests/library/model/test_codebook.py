"""A person's own codebook: fields defined, found, decided, tabled and handed on like those that
come with litrev.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litrev.errors import UsageFault
from litrev.library.model import codebook
from litrev.library.model.codebook import NAME, TAKEN, Kind
from tests.conftest import CommandLine

ABSTRACT = (
    "This study examines trust in nurses. A randomized controlled trial with 1,520 participants "
    "from five wards was done without a control diet. "
    "Outcomes measured were sleep, mood and pain. It is found that trust grew."
)


@pytest.fixture
def one(cli: CommandLine) -> CommandLine:
    cli.ok("add", "-", "--key", "trust", stdin=ABSTRACT)
    return cli


def cell(cli: CommandLine, field: str, key: str = "trust") -> str:
    return cli.ok("table", key, "-c", f"key,{field}").lines[1].split("\t")[1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("sample_size", "--kind", "number", "--cue", "participants"), "1520 ?"),
        (
            (
                "design",
                "--kind",
                "category",
                "--value",
                "experiment=randomized controlled trial,RCT",
                "--value",
                "survey",
            ),
            "experiment ?",
        ),
        (("diet", "--kind", "yes/no", "--cue", "control diet"), "no ?"),
        (
            ("outcomes", "--kind", "list", "--cue", "[outcomes/outcome] measured were"),
            "sleep ?; mood ?; pain ?",
        ),
        (("wards", "--kind", "text", "--cue", "participants from {} was done"), "five wards ?"),
    ],
)
def test_a_field_of_ones_own_is_found_by_its_kind(
    one: CommandLine, words: tuple[str, ...], found: str
) -> None:
    one.ok("codebook", "add", *words)
    one.ok("extract", "--all")
    assert cell(one, words[0]) == found
    assert "quote" not in one("check", "trust").out


def test_a_field_of_ones_own_is_searched_decided_and_exported_like_any_other(
    one: CommandLine,
) -> None:
    one.ok("codebook", "add", "sample_size", "--kind", "number", "--cue", "participants")
    one.ok("extract")
    one.ok("accept", "--field", "sample_size")
    assert cell(one, "sample_size") == "1520"
    assert one.ok("search", "has:sample_size").lines
    assert "sample_size" in one.ok("show", "trust", "--json").out
    assert "sample_size" in one.ok("summary").out
    assert one.ok("undo").status == 0
    assert cell(one, "sample_size") == "1520 ?"


def test_what_was_decided_in_a_field_outlives_a_change_of_the_codebook(one: CommandLine) -> None:
    one.ok("codebook", "add", "sample_size", "--kind", "number", "--cue", "participants")
    one.ok("set", "trust", "sample_size=1500")
    one.ok("codebook", "edit", "sample_size", "--cue", "patients", "--heading", "N")
    one.ok("extract", "--all")
    assert cell(one, "sample_size") == "1500"
    one.ok("codebook", "retire", "sample_size")
    assert one("table", "-c", "sample_size").status == 2
    assert "sample_size" not in one.ok("codebook").out
    one.ok("codebook", "edit", "sample_size", "--restore")
    assert cell(one, "sample_size") == "1500"
    one.ok("undo")
    assert "sample_size" not in one.ok("codebook").out


def test_a_change_of_the_codebook_is_a_reason_to_search_again(one: CommandLine) -> None:
    assert "searched 0" in one.ok("extract").err
    one.ok("codebook", "add", "sample_size", "--kind", "number", "--cue", "participants")
    assert "searched 1" in one.ok("extract").err
    assert "searched 0" in one.ok("extract").err
    one.ok("codebook", "edit", "sample_size", "--cue", "patients")
    assert "searched 1" in one.ok("extract").err


def test_methods_of_ones_own_join_the_vocabulary(cli: CommandLine) -> None:
    cli.ok("codebook", "edit", "methods", "--value", "photovoice=photo voice,影像发声法")
    cli.ok(
        "add",
        "-",
        "--key",
        "p",
        stdin="This study examines gardens. We used photo voice with twelve gardeners.",
    )
    assert "photovoice ?" in cell(cli, "methods", "p")


def test_a_codebook_goes_to_another_library_and_back(one: CommandLine) -> None:
    one.ok(
        "codebook",
        "add",
        "design",
        "--kind",
        "category",
        "--value",
        "experiment=RCT",
        "--cue",
        "[trial/study]",
        "--definition",
        'How it was "done"',
    )
    one.ok("codebook", "edit", "site", "--heading", "Where")
    one.ok("codebook", "export", "-o", "book.toml")
    text = (one.folder / "book.toml").read_text("utf-8")
    one.ok("init", "other")
    one.ok("-C", "other", "codebook", "import", "book.toml")
    assert one.ok("-C", "other", "codebook", "export").out == text
    rows = {
        row["name"]: row
        for row in json.loads(one.ok("-C", "other", "codebook", "--json").out)["fields"]
    }
    assert rows["design"]["values"] == {"experiment": ["RCT"]}
    assert rows["site"]["heading"] == "Where"
    assert "site" in one.ok("codebook", "export", "--all").out


def test_a_whole_library_hands_its_fields_on(one: CommandLine) -> None:
    one.ok("codebook", "add", "sample_size", "--kind", "number", "--cue", "participants")
    one.ok("set", "trust", "sample_size=1500")
    one.ok("export", "-o", "all.ndjson")
    one.ok("init", "other")
    one.ok("-C", "other", "add", "all.ndjson")
    assert one.ok("-C", "other", "table", "-c", "key,sample_size").lines[1] == "trust\t1500"


def test_a_field_that_comes_with_a_library_is_kept_apart_told_or_refused(one: CommandLine) -> None:
    one.ok("codebook", "add", "sample_size", "--kind", "number", "--cue", "participants")
    one.ok("export", "-o", "all.ndjson")
    one.ok("init", "other")
    one.ok("-C", "other", "codebook", "add", "sample_size", "--kind", "number", "--cue", "patients")
    assert "sample_size is defined differently here" in one("-C", "other", "add", "all.ndjson").err
    assert "patients" in one.ok("-C", "other", "codebook", "export").out
    bad = (
        (one.folder / "all.ndjson")
        .read_text("utf-8")
        .replace("participants", "[a/b")
        .replace("[sample_size]", "[size]")
    )
    one.write("bad.ndjson", bad)
    one.ok("init", "third")
    assert one("-C", "third", "add", "bad.ndjson").status == 3
    assert one.ok("-C", "third", "codebook", "export").out == ""
    assert one("-C", "third", "extract").status == 0


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[a]\nkind = "colour"\ndefinition = "x"\n', 2, "is not a kind"),
        ('[a]\nkind = "text"\n\n[b]\ndefinition = "x"\n', 4, "has no kind"),
        ('[title]\nkind = "text"\n', 1, "names something else"),
        ('[methods]\nkind = "number"\n', 2, "comes with litrev"),
        ('[a]\nkind = "category"\nvalues = []\n', 3, "without values"),
        ('[a]\nkind = "category"\n', 2, "without values"),
        ('[a]\nkind = "text"\ncolour = 1\n', 3, "has no 'colour'"),
        ('[a]\nkind = "text"\ncues = ["x", ""]\n', 3, "not a list of words"),
        ('[a]\nkind = "text"\ncues = "x"\n', 3, "not a list of words"),
        ('[a]\nkind = "category"\nvalues = ["x", "X"]\n', 3, "twice"),
        ('["A b"]\nkind = "text"\n', 1, "cannot name a field"),
        ("[a]\nkind = \n", 2, ""),
        ("a = 1\n", 1, "is not a field"),
        ("".join(f'[f{n}]\nkind = "text"\n' for n in range(201)), 401, "at most 200 fields"),
        ('[a]\nkind = "text"\n[a]\nkind = "text"\n', 3, ""),
    ],
)
def test_what_cannot_be_a_codebook_is_refused_with_file_and_line(
    cli: CommandLine, text: str, line: int, message: str
) -> None:
    name = cli.write("book.toml", text)
    outcome = cli("codebook", "import", name)
    assert outcome.status == 2
    assert f"book.toml:{line}: " in outcome.err
    assert message in outcome.err
    assert "Traceback" not in outcome.err
    assert cli.ok("codebook", "export").out == ""


@pytest.mark.parametrize(
    "words",
    [
        ("add", "methods", "--kind", "list"),
        ("add", "Bad Name"),
        ("add", "key"),
        ("add", "c", "--kind", "category"),
        ("add", "x", "--cue", "[a/b"),
        ("edit", "nothing", "--heading", "x"),
        ("edit", "site"),
        ("retire", "nothing"),
        ("edit", "site", "--kind", "number"),
        ("import", "missing.toml"),
    ],
)
def test_what_cannot_be_done_to_a_codebook_is_said(
    cli: CommandLine, words: tuple[str, ...]
) -> None:
    outcome = cli("codebook", *words)
    assert outcome.status in {2, 5}
    assert outcome.err.startswith("litrev: ")
    assert cli.ok("codebook", "export").out == ""


_NAMES = st.from_regex(NAME, fullmatch=True).filter(
    lambda name: name not in TAKEN and name not in {f.name for f in codebook.built_in()}
)
_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda word: bool(word.strip())
)
_LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@given(
    st.dictionaries(
        _NAMES,
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from([k.value for k in Kind]),
                "definition": _LINES,
                "values": st.lists(_WORDS, min_size=1, max_size=4, unique_by=str.casefold),
            },
            optional={
                "heading": _LINES,
                "cues": st.lists(_WORDS, max_size=3, unique_by=str.casefold),
                "retired": st.booleans(),
            },
        ),
        max_size=4,
    )
)
def test_a_codebook_written_is_the_codebook_read(table: dict[str, dict[str, object]]) -> None:
    text = codebook.write(table)
    assert codebook.read(text, "x") == table
    assert codebook.write(codebook.read(text, "x")) == text


def test_a_definition_is_found_on_its_line() -> None:
    assert codebook.line_of('[a]\nkind = "x"\n\n[b]\nkind = "y"\n', "b", "kind") == 5
    with pytest.raises(UsageFault, match="x:2"):
        codebook.read('[a]\nkind = "y"\n', "x")


@pytest.mark.parametrize("name", ["样本", "Bad Name", "a]b", 'a"b', "a.b", "", "9a"])
def test_a_name_that_cannot_be_a_fields_is_refused_in_plain_words(
    one: CommandLine, name: str
) -> None:
    for words in (("add", name, "--kind", "number"), ("edit", name, "--heading", "X")):
        refused = one("codebook", *words)
        assert refused.status == 2
        assert "TOML" not in refused.err
    added = one("codebook", "add", name, "--kind", "number")
    assert "small letters, digits and _" in added.err
