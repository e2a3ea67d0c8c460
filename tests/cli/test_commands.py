"""Commands as they are typed: what they print, where, and how they end."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from litrev.cli.commands.add import command as add
from litrev.cli.main import COMMANDS, HELP_GROUPS
from tests.conftest import ROOT, CommandLine

SAMPLES = sorted((ROOT / "litrev" / "samples").glob("*.txt"))
META = ROOT / "litrev" / "samples" / "meta.bib"
BOXES = set("─│┌┐└┘├┤┬┴┼━┃╭╮╰╯═║")


@pytest.fixture
def full(cli: CommandLine) -> CommandLine:
    """A library of the sample abstracts, in all the states a cell can have."""
    cli.ok("add", *map(str, SAMPLES), "--bib", str(META))
    cli.ok("accept", "librarians", "--field", "methods")
    cli.ok("set", "librarians", "site=L county")
    cli.ok("set", "dialect", "--not-reported", "site")
    cli.ok("set", "tutoring", "theory=talk theory")
    cli.ok("tag", "dialect", "+school")
    return cli


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize(
    "command",
    ["table", "list", "search interview OR 问卷", "summary", "show librarians", "show tutoring"],
)
def test_the_terminal_shows(
    full: CommandLine, golden: Callable[[str, str], None], command: str, width: int
) -> None:
    out = full.ok(
        *command.split(" ", 1) if not command.startswith("show") else command.split(),
        terminal=True,
        width=width,
    ).out
    golden(f"{command.replace(' ', '-').replace('问卷', 'zh')}-{width}", out)


def test_nothing_is_wider_than_the_terminal(full: CommandLine) -> None:
    from rich.cells import cell_len

    for width in (40, 60, 80, 99, 100, 120):
        for words in (
            ("table",),
            ("list",),
            ("search", "interview"),
            ("summary",),
            ("show", "dialect"),
        ):
            for line in full.ok(*words, terminal=True, width=width).lines:
                assert cell_len(line) <= width, (words, width, line)


def test_in_a_pipe_there_are_no_boxes_no_colours_and_whole_values(full: CommandLine) -> None:
    for words in (
        ("table",),
        ("list",),
        ("search", "interview"),
        ("summary",),
        ("show", "dialect"),
        ("log",),
        ("check", "has:abstract"),
    ):
        out = full(*words).out
        assert not BOXES & set(out), words
        assert "\x1b" not in out
    rows = [line.split("\t") for line in full.ok("table").lines]
    assert {len(row) for row in rows} == {6}
    assert "…" not in "".join(rows[1])


def test_the_five_states_look_different(full: CommandLine) -> None:
    full.ok("add", "-", "--key", "bare", "--no-extract", stdin="Nothing was searched here.")
    rows = {
        row[0]: row
        for row in (
            line.split("\t") for line in full.ok("table", "-c", "key,site,theory,methods").lines
        )
    }
    assert rows["dialect"][1] == "—"
    assert rows["tutoring"][2] == "talk theory"
    assert "·" in {cell for row in rows.values() for cell in row}
    assert rows["librarians"][1] == "L county"
    assert rows["handover2021"][3].endswith("?")
    assert rows["bare"][1:] == ["", "", ""]


def test_tables_are_written_in_the_format_the_suffix_names(full: CommandLine) -> None:
    for name in ("t.csv", "t.json", "t.md"):
        full.ok("table", "-o", name)
    keys = full.ok("list", "-k").lines
    rows = list(
        csv.reader(
            io.StringIO((full.folder / "t.csv").read_bytes().decode("utf-8-sig"), newline="")
        )
    )
    assert [row[0] for row in rows] == ["Key", *keys]
    data = json.loads((full.folder / "t.json").read_text())
    assert [row["key"] for row in data["rows"]] == keys
    assert (full.folder / "t.md").read_text().count("\n| ") == len(keys) + 1
    assert full("table", "-o", "t.csv").status == 4
    full.ok("table", "-o", "t.csv", "--force")
    assert full("table", "-o", "t.unknown").status == 2
    assert full("table", "-o", "no/such/folder/t.csv").status == 5


def test_a_column_that_is_not_there_gets_a_suggestion(full: CommandLine) -> None:
    done = full("table", "-c", "key,metods")
    assert (done.status, "Did you mean methods?" in done.err) == (2, True)


def test_show_json_ties_every_value_to_the_words(full: CommandLine) -> None:
    for key in full.ok("list", "-k").lines:
        record = json.loads(full.ok("show", key, "--json").out)
        for cell in record["fields"].values():
            for value in cell["values"]:
                for e in value["evidence"]:
                    assert record["abstract"][e["start"] : e["end"]] == e["quote"]


def test_exit_statuses(full: CommandLine, bare: CommandLine, tmp_path: Path) -> None:
    assert full("search", "interview").status == 0
    assert full("search", "nothinghere").status == 1
    assert full("search", "year:>").status == 2
    assert full("frobnicate").status == 2
    assert full("table", "--no-such-option").status == 2
    assert full("show", "nobody").status == 1
    assert full("-C", str(tmp_path / "nowhere"), "list").status == 5
    assert full("export", "-f", "unknown").status == 2
    assert full("rename", "librarians", "tutoring").status == 4


def test_a_typo_gets_a_suggestion_and_is_not_run(cli: CommandLine) -> None:
    done = cli("serch", "x")
    assert (done.status, "Did you mean search?" in done.err) == (2, True)


def test_keys_row_numbers_and_beginnings_of_keys_point_at_records(full: CommandLine) -> None:
    keys = full.ok("list", "-k").lines
    assert json.loads(full.ok("show", "#2", "--json").out)["key"] == keys[1]
    assert json.loads(full.ok("show", "libr", "--json").out)["key"] == "librarians"
    assert json.loads(full.ok("show", "LIBRARIANS", "--json").out)["key"] == "librarians"
    assert full("show", "gen-").status == 2
    assert full("show", "#99").status == 1
    full.ok("search", "interview")
    first = json.loads(full.ok("show", "#1", "--json").out)
    assert first["key"] == full.ok("search", "interview", "-k").lines[0]


def test_metadata_joins_abstracts_by_file_name_and_by_key(full: CommandLine) -> None:
    assert full.record("librarians")["metadata"]["school"] == "Riverbend Normal University"
    full.write(
        "later.bib",
        "@article{handover2021, author={Ho, Ann}, title={Handover}, journal={J}, year=2021}",
    )
    done = full.ok("add", "--bib", "later.bib")
    assert "updated 1" in done.out
    assert (
        json.loads(full.ok("show", "handover2021", "--json").out)["metadata"]["title"] == "Handover"
    )


def test_metadata_that_comes_later_by_file_name_leaves_the_key_and_offers_rekey(
    cli: CommandLine,
) -> None:
    cli.write("paper.txt", "An abstract alone.")
    cli.ok("add", "paper.txt")
    cli.write(
        "m.bib", "@article{paper, author={Ho, Ann}, title={The Handover}, journal={J}, year=2021}"
    )
    done = cli.ok("add", "--bib", "m.bib")
    assert "updated 1" in done.out
    assert "litrev rekey" in done.err
    (key,) = cli.ok("list", "-k").lines
    assert key.startswith("gen-")
    assert cli.ok("rekey").out == f"{key}\tho2021handover\n"
    assert [json.loads(cli.ok("show", name, "--json").out)["key"] for name in (key, "paper")] == [
        "ho2021handover"
    ] * 2


def test_add_takes_fields_type_key_and_tags(cli: CommandLine) -> None:
    cli.ok(
        "add",
        "-",
        "-s",
        "title=Trust",
        "-s",
        "year=2020",
        "--type",
        "thesis",
        "--key",
        "k",
        "-t",
        "new",
        stdin="Text.",
    )
    record = json.loads(cli.ok("show", "k", "--json").out)
    assert (record["type"], record["metadata"], record["tags"]) == (
        "thesis",
        {"title": "Trust", "year": "2020"},
        ["new"],
    )
    assert cli("add", "-", "--key", "m", stdin="A.\n---\nB.").status == 2


@pytest.mark.parametrize(
    ("database", "search_query"), [("--database", "--search-query"), ("--from", "--found-by")]
)
def test_an_import_keeps_the_database_and_its_query_also_by_their_old_names(
    cli: CommandLine, database: str, search_query: str
) -> None:
    cli.ok("add", "-", database, "CNKI", f"{search_query}=图书馆 志愿", stdin="Text.")
    exported = [json.loads(line) for line in cli.ok("export", "-f", "ndjson").lines]
    (import_run,) = [line for line in exported if line["litrev"] == "import"]
    assert (import_run["database"], import_run["query"]) == ("CNKI", "图书馆 志愿")


def test_the_old_name_of_an_option_is_not_in_the_help_and_gives_way_to_the_new(
    cli: CommandLine,
) -> None:
    words = click.Context(add).get_help().split()
    assert "--database" in words
    assert not {"--from", "--found-by"} & set(words)
    for order in (("--from", "old", "--database", "new"), ("--database", "new", "--from", "old")):
        cli.ok("add", "-", *order, stdin=f"Text of {order[0]}.")
    exported = cli.ok("export", "-f", "ndjson").out
    assert exported.count('"database":"new"') == 2
    assert "old" not in exported


def test_a_key_line_gives_a_pasted_abstract_its_key(cli: CommandLine) -> None:
    cli.ok("add", "-", stdin="@smith2020\nThe abstract.\n")
    assert json.loads(cli.ok("show", "smith2020", "--json").out)["abstract"] == "The abstract.\n"


def test_accept_by_field_and_confidence(cli: CommandLine) -> None:
    cli.ok("add", *map(str, SAMPLES))
    assert cli("accept", "--above", "1").status == 1
    cli.ok("accept", "methods:interview", "--field", "methods", "--above", "0.5")
    summary = json.loads(cli.ok("summary", "--json").out)
    decided = {field["name"]: field["decided"] for field in summary["fields"]}
    assert decided.pop("methods") >= 3
    assert set(decided.values()) == {0}


def test_the_log_tells_who_did_what(full: CommandLine) -> None:
    rows = [line.split("\t") for line in full.ok("log").lines]
    assert rows[0][2] == "reader"
    assert rows[0][4] == "litrev tag dialect +school"
    story = [line.split("\t") for line in full.ok("log", "dialect").lines]
    assert story[0][3] == "added"
    assert story[-1][3] == "tag school put on"


def test_a_values_story_names_the_rule_and_the_persons(cli: CommandLine) -> None:
    cli.ok(
        "add",
        "-",
        "--key",
        "k",
        stdin="This study examines trust in nurses. "
        "We used semi-structured interviews with 20 nurses.",
    )
    cli.ok("--as", "anna", "accept", "--field", "methods")
    cli.ok("set", "k", "--as", "bert", "methods=talks")
    cli.ok("set", "k", "--not-reported", "site", user="carla")
    told = "\n".join(line.split("\t")[3] for line in cli.ok("log", "k").lines)
    assert "methods: found “semi-structured interviews” [interview] (rule:methods." in told
    assert "methods: anna accepted “semi-structured interviews” [interview] (rule:methods." in told
    assert "methods: bert rejected “semi-structured interviews”" in told
    assert "methods: bert entered “talks”" in told
    assert "site: carla says it is not reported" in told
    assert cli("--as", "a\x1bb", "accept").status == 2


def test_backup_is_a_library(full: CommandLine, tmp_path: Path) -> None:
    full.ok("backup", "b.db")
    assert full("backup", "b.db").status == 4
    other = tmp_path / "restored"
    other.mkdir()
    (full.folder / "b.db").rename(other / "library.db")
    assert full.ok("-C", str(other), "list", "-k").out == full.ok("list", "-k").out


def test_check_reports_what_is_missing(full: CommandLine) -> None:
    done = full("check")
    assert done.status == 1
    missing = "misc (the type is a guess) lacks author/editor, title, date/year"
    assert f"handover2021\tmissing\t{missing}" in done.out
    full.ok("set", "tutoring", "number=1")
    assert full("check", "tutoring").status == 0


def test_every_command_has_help_and_is_in_one_group() -> None:
    assert sorted(COMMANDS) == sorted(name for _, names in HELP_GROUPS for name in names)
    assert [heading for heading, _ in HELP_GROUPS] == [
        "Start",
        "Find and read",
        "Extract and review",
        "Synthesize",
        "Cite and export",
        "Maintenance",
    ]
    for name in COMMANDS:
        out = subprocess.run(
            [sys.executable, "-m", "litrev", name, "--help"],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
        assert "Usage: litrev" in out
        assert len(out.splitlines()) > 4


def test_demo_shows_everything_and_leaves_nothing(bare: CommandLine, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    out = bare.ok("demo").out
    assert "read 7 = added 7" in out
    assert "**interview" in out
    assert "librarians" in out
    assert "litrev init my-review" in out
    assert sorted(tmp_path.rglob("*")) == before
    assert bare.ok("demo", terminal=True, width=100).out.count("$ litrev") == 4


def test_completion_scripts_are_printed(cli: CommandLine) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_LITREV_COMPLETE" in cli.ok("completion", shell).out


def test_restore_puts_a_backup_in_place_and_keeps_what_stood_there(full: CommandLine) -> None:
    full.ok("search", "interview")
    full.ok("backup", "b.db")
    before = full.ok("export", "-f", "ndjson").out
    full.ok("tag", "dialect", "+later")
    assert full.ok("search", "tag:later", "-k").lines == ["dialect"]
    full.ok("restore", "b.db")
    assert full.ok("export", "-f", "ndjson").out == before
    assert full("search", "tag:later").status == 1
    assert (full.folder / "library.db.before-restore").exists()
    assert full("restore", "nothere.db").status == 2
    full.write("no.db", "not a library")
    assert full("restore", "no.db").status == 5
    assert full.ok("export", "-f", "ndjson").out == before


def test_a_library_copied_back_by_hand_is_not_answered_from_the_index_of_its_other_future(
    full: CommandLine,
) -> None:
    full.ok("backup", "b.db")
    full.ok("tag", "dialect", "+one")
    full.ok("search", "tag:one")
    (full.folder / "library.db").write_bytes((full.folder / "b.db").read_bytes())
    for name in ("library.db-wal", "library.db-shm"):
        (full.folder / name).unlink(missing_ok=True)
    full.ok("tag", "dialect", "+two")
    assert full("search", "tag:one").status == 1
    assert full.ok("search", "tag:two", "-k").lines == ["dialect"]


def test_json_and_ndjson_give_the_same_records(full: CommandLine) -> None:
    whole = json.loads(full.ok("list", "--json").out)
    assert [json.loads(line) for line in full.ok("list", "--ndjson").lines] == whole["records"]
    hits = json.loads(full.ok("search", "interview", "--json").out)["hits"]
    assert [
        json.loads(line)["key"] for line in full.ok("search", "interview", "--ndjson").lines
    ] == [hit["key"] for hit in hits]


def test_long_output_on_a_terminal_goes_through_the_pager(full: CommandLine) -> None:
    full.write("pager.py", "import sys; open('paged', 'w').write(sys.stdin.read())")
    full.environ["PAGER"] = f"{sys.executable} {full.folder / 'pager.py'}"
    import os

    here = Path.cwd()
    os.chdir(full.folder)
    try:
        assert full.ok("table", terminal=True).out == ""
        assert full.ok("list", terminal=True).out != ""
    finally:
        os.chdir(here)
    assert "librarians" in (full.folder / "paged").read_text()
    full.environ["PAGER"] = "no-such-pager"
    assert "librarians" in full.ok("table", terminal=True).out
