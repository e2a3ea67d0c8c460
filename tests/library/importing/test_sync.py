"""Files that are written back: every byte nobody changed stays, both sides' changes meet, nothing
is overwritten.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import litrev
from tests.conftest import CommandLine

REFS = """% my references
@string{jcp = "J. Chem. Phys."}

@article{a1,
  author  = {Doe, Jane},
  title   = {On {Things}},
  journal = jcp,
  year    = 1999
}

@book{b1, author = {Roe, R.}, title = "A Book", publisher = {P}, year = {2001}}
"""


@pytest.fixture
def refs(cli: CommandLine) -> Path:
    cli.write("refs.bib", REFS)
    cli.ok("add", "refs.bib")
    return cli.folder / "refs.bib"


def lines_changed(before: str, after: str) -> list[str]:
    return [line for line in after.splitlines() if line not in before.splitlines()]


def test_an_untouched_file_is_shown_byte_by_byte(cli: CommandLine, refs: Path) -> None:
    assert cli.ok("sync", "refs.bib", "-o", "-").out == REFS
    cli.ok("sync", "refs.bib")
    assert refs.read_text() == REFS


def test_each_side_s_changes_reach_the_other_and_nothing_else_changes(
    cli: CommandLine, refs: Path
) -> None:
    refs.write_text(REFS.replace("A Book", "A Better Book"))
    cli.ok("set", "a1", "year=2005", "doi=10.1000/x_1")
    cli.ok("sync", "refs.bib")
    assert lines_changed(REFS, refs.read_text()) == [
        "  year    = 2005,",
        "  doi     = {10.1000/x_1}",
        '@book{b1, author = {Roe, R.}, title = "A Better Book", publisher = {P}, year = {2001}}',
    ]
    assert "A Better Book" in cli.ok("show", "b1").out
    assert "nothing to do" in cli.ok("sync", "refs.bib").err
    assert refs.with_name("backups").exists()


def test_a_field_both_changed_stays_on_both_sides_until_it_is_settled(
    cli: CommandLine, refs: Path
) -> None:
    refs.write_text(REFS.replace("1999", "1998"))
    cli.ok("set", "a1", "year=2005", "note=mine")
    first = cli("sync", "refs.bib")
    assert (first.status, "conflict" in first.err) == (4, True)
    assert "1998" in refs.read_text()
    assert "note    = {mine}" in refs.read_text(), "the other fields go their way"
    again = cli("sync", "refs.bib")
    assert (again.status, "in conflict" in again.err) == (4, True)
    assert "2005" not in refs.read_text()
    ((entry, *_),) = [line.split("\t") for line in cli.ok("quarantine").lines]
    cli.ok("quarantine", "settle", entry)
    cli.ok("sync", "refs.bib")
    assert "  year    = 2005" in refs.read_text()


def test_a_conflict_ends_when_both_say_the_same(cli: CommandLine, refs: Path) -> None:
    cli.ok("set", "a1", "year=2005")
    for year in ("1998", "1997"):
        refs.write_text(REFS.replace("1999", year))
        assert cli("sync", "refs.bib").status == 4
    refs.write_text(REFS.replace("1999", "2005"))
    cli.ok("sync", "refs.bib")
    assert not cli.ok("quarantine").lines
    cli.ok("set", "a1", "year=2006")
    cli.ok("sync", "refs.bib")
    assert "2006" in refs.read_text()


@pytest.mark.parametrize(
    "value",
    [
        "jan",
        "New ",
        "a\nb",
        "50% & more_here {x} \\ ~ # $ ^",
        "“q”",
        "Ü ü",
        "张三",
        "{{Body}}",
        "--",
        "@x{y,",
        'a "b" c',
        "# jcp",
        "x" * 3000,
    ],
)
def test_any_value_set_here_is_written_once_and_reads_back(
    cli: CommandLine, refs: Path, value: str
) -> None:
    for name in ("title", "month", "note", "url"):
        cli.ok("set", "a1", f"{name}={value}")
        cli.ok("sync", "refs.bib")
        cli.ok("set", "a1", f"{name}=next")
        cli.ok("sync", "refs.bib")
        assert not cli.ok("quarantine").lines, (name, value)
    assert "title   = {next}" in refs.read_text()
    assert len(cli.ok("list").lines) == 2


def test_a_field_taken_away_goes_with_its_line(cli: CommandLine, refs: Path) -> None:
    cli.ok("set", "a1", "journal=")
    cli.ok("set", "b1", "publisher=")
    cli.ok("sync", "refs.bib")
    assert refs.read_text() == REFS.replace("  journal = jcp,\n", "").replace(
        "publisher = {P}, ", ""
    )


def test_the_entry_type_and_decided_structured_values_are_written_as_asked(
    cli: CommandLine, refs: Path
) -> None:
    cli.ok("set", "a1", "entrytype=misc", "methods=interview; survey")
    cli.ok("sync", "refs.bib")
    assert "@misc{a1," in refs.read_text()
    assert "interview" not in refs.read_text()
    cli.ok("sync", "refs.bib", "--structured")
    assert "litrev-methods = {interview; survey}" in refs.read_text()
    assert "litrev-methods" not in cli.ok("show", "a1", "--json").out
    cli.ok("set", "a1", "methods=")
    cli.ok("sync", "refs.bib", "--structured")
    assert "litrev" not in refs.read_text()


@pytest.mark.parametrize(
    ("codec", "newline"),
    [
        ("utf-8-sig", "\n"),
        ("utf-16", "\r\n"),
        ("cp1252", "\r\n"),
        ("gb18030", "\n"),
        ("utf-8", "\r"),
    ],
)
def test_encoding_and_newlines_stay(cli: CommandLine, codec: str, newline: str) -> None:
    words = "党建研究综述与展望，社区治理的路径选择" if codec == "gb18030" else "Größe über alles"
    text = f"@misc{{k,\n  title = {{{words}}},\n  note = {{x\n  y}},\n  year = 1999\n}}\n".replace(
        "\n", newline
    )
    cli.write("r.bib", text.encode(codec))
    cli.ok("add", "r.bib")
    assert json.loads(cli.ok("show", "k", "--json").out)["metadata"]["note"] == "x y"
    cli.ok("sync", "r.bib")
    assert (cli.folder / "r.bib").read_bytes() == text.encode(codec)
    cli.ok("set", "k", "year=2000")
    cli.ok("sync", "r.bib")
    assert (cli.folder / "r.bib").read_bytes() == text.replace("1999", "2000").encode(codec)


def test_what_the_encoding_lacks_is_left_out_and_said(cli: CommandLine) -> None:
    cli.write(
        "r.bib",
        "@misc{k,\n  title = {Die Größe der naïven Idee, à la carte},\n  year = 1999\n}\n".encode(
            "cp1252"
        ),
    )
    cli.ok("add", "r.bib")
    cli.ok("set", "k", "note=张三", "year=2000")
    outcome = cli("sync", "r.bib")
    assert (outcome.status, "cp1252" in outcome.err) == (4, True)
    text = (cli.folder / "r.bib").read_bytes().decode("cp1252")
    assert "year = 2000" in text
    assert "note" not in text
    assert cli("sync", "r.bib").status == 4, "said again"
    (cli.folder / "r.bib").write_bytes(text.encode("utf-8"))
    cli.ok("sync", "r.bib")
    assert "note = {张三}" in (cli.folder / "r.bib").read_text("utf-8")


def test_a_file_that_was_not_read_is_refused(cli: CommandLine) -> None:
    cli.write("new.bib", "@misc{k, title={T}}")
    outcome = cli("sync", "new.bib")
    assert (outcome.status, "litrev add new.bib" in outcome.err) == (1, True)


def test_a_linked_file_follows_each_change_and_undo(cli: CommandLine, refs: Path) -> None:
    cli.ok("link", "refs.bib")
    assert cli.ok("link").out == f"{refs}\n"
    refs.write_text(refs.read_text().replace("A Book", "By Hand"))
    cli.ok("set", "a1", "year=2010")
    assert "2010" in refs.read_text()
    assert "By Hand" in cli.ok("show", "b1").out
    cli.ok("undo")
    assert "1999" in refs.read_text()
    script = (
        "import sys, pathlib; p = pathlib.Path(sys.argv[1]);"
        " p.write_text(p.read_text().replace('1999', '1888'))"
    )
    cli.environ["EDITOR"] = f'{sys.executable} -c "{script}"'
    cli.ok("edit", "a1")
    assert "1888" in refs.read_text()
    cli.ok("link", "--remove", "refs.bib")
    cli.ok("set", "a1", "year=2011")
    assert "2011" not in refs.read_text()


def test_links_are_allowed_by_the_user_s_config_not_by_the_library(
    cli: CommandLine, refs: Path, tmp_path: Path
) -> None:
    cli.ok("link", "refs.bib")
    cli.environ["LITREV_CONFIG"] = str(tmp_path / "elsewhere" / "config.toml")
    cli.ok("set", "a1", "year=2010")
    assert refs.read_text() == REFS


def test_a_linked_file_that_cannot_be_written_is_said_and_waits(
    cli: CommandLine, refs: Path
) -> None:
    cli.ok("link", "refs.bib")
    refs.rename(refs.with_name("moved.bib"))
    outcome = cli("set", "a1", "year=2010")
    assert (outcome.status, "waits" in outcome.err) == (4, True)
    refs.with_name("moved.bib").rename(refs)
    cli.ok("tag", "a1", "+x")
    assert "2010" in refs.read_text()


def test_a_conflict_in_a_linked_file_is_shown_and_overwrites_nothing(
    cli: CommandLine, refs: Path
) -> None:
    cli.ok("link", "refs.bib")
    refs.write_text(refs.read_text().replace("1999", "1998"))
    outcome = cli("set", "a1", "year=2010")
    assert (outcome.status, "conflict" in outcome.err) == (4, True)
    assert "1998" in refs.read_text()
    assert json.loads(cli.ok("show", "a1", "--json").out)["metadata"]["year"] == "2010"


def test_an_undone_sync_can_be_done_again(cli: CommandLine, refs: Path) -> None:
    cli.ok("set", "a1", "title=New title")
    refs.write_text(refs.read_text().replace("1999", "2005"))
    cli.ok("sync", "refs.bib")
    cli.ok("undo")
    cli("sync", "refs.bib")
    assert len(cli.ok("list").lines) == 2


@pytest.mark.slow
def test_killed_between_change_and_file_the_next_command_writes_it(
    cli: CommandLine, refs: Path
) -> None:
    cli.ok("link", "refs.bib")
    choose = random.Random(5)
    for number in range(12):
        process = subprocess.Popen(
            [sys.executable, "-m", "litrev", "set", "a1", f"note=n{number}"],
            cwd=cli.folder,
            env={**os.environ, **cli.environ},
            stderr=subprocess.DEVNULL,
        )
        time.sleep(choose.uniform(0.05, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        cli.ok("tag", "a1", f"+t{number}")
        note = json.loads(cli.ok("show", "a1", "--json").out)["metadata"].get("note", "")
        assert note in refs.read_text()
        assert len(cli.ok("list").lines) == 2


@pytest.mark.slow
def test_every_real_file_comes_back_as_it_was(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    """Each fifth file of the torture set goes into a library, is changed in one place, and written
    back.
    """
    with tarfile.open(shared("bibtex") / "torture.tar.gz") as archive:
        members = [
            member for member in archive.getmembers() if member.isfile() and member.size < 60_000
        ][::9]
        files = {member.name: archive.extractfile(member) for member in members}
        data = {name: file.read() for name, file in files.items() if file}
    with gzip.open(shared("bibtex") / "reference.json.gz", "rt") as file:
        expected = json.load(file)
    for number, (name, content) in enumerate(data.items()):
        path = tmp_path / f"f{number}.bib"
        path.write_bytes(content)
        with litrev.init(tmp_path / f"library{number}") as review:
            review.add([path], extract=False)
            assert review.sync(path).data == content == path.read_bytes(), name
            entries = review.entries(path)
            assert (
                len(entries) >= len(expected[name.removeprefix("torture/")]["order"]) - 4
                or "@comment" in content.decode("latin-1").lower()
            ), name
            if entries and content.isascii():
                review.set(entries[0].record.key, ["litrevtest=changed here"])
                result = review.sync(path)
                before, after = (
                    content.decode().splitlines(),
                    path.read_bytes().decode().splitlines(),
                )
                assert result.written, name
                assert len(after) - len(before) in {0, 1, 2}, name
                assert len([line for line in before if line not in after]) <= 2, name
                assert not review.sync(path).changed, name
