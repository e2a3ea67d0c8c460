"""Libraries made by earlier versions: each later one opens them, and finds, writes back, undoes and
merges as they did.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, CommandLine

FIXTURES = ROOT / "tests" / "fixtures"
OLD = sorted(path.parent for path in FIXTURES.glob("*/library.db"))
KEYS = [
    "dialect",
    "lind2017ferries",
    "handover2021",
    "gen-db8440",
    "librarians",
    "tutoring",
    "mueller:2018a",
    "dvorak.crossing",
    "crossings",
]
KEYS += ["ouyang2020", "ho2021pamphlet", "trust2020"]


@pytest.fixture(params=OLD, ids=lambda path: path.name)
def old(request: pytest.FixtureRequest, bare: CommandLine) -> CommandLine:
    """The command line in a copy of a library of an earlier version."""
    for path in request.param.iterdir():
        shutil.copy(path, bare.folder)
    return bare


def test_what_it_holds_is_what_was_put_in(old: CommandLine) -> None:
    assert old.ok("list", "-k", "--sort", "added").lines == KEYS
    assert old.ok("export", "-f", "ndjson").out == (old.folder / "library.ndjson").read_text(
        "utf-8"
    )


def test_everything_in_it_is_found(old: CommandLine) -> None:
    assert old.ok("search", "渡口社区", "-k").lines == ["ouyang2020"]
    assert old.ok("search", "@recent", "-k", "--sort", "added").lines == [
        "dialect",
        "tutoring",
        "ouyang2020",
        "ho2021pamphlet",
    ]
    assert old.ok("search", "sample_size:12", "-k").lines == ["mueller:2018a"]
    for former, key in (("after", "ho2021pamphlet"), ("mueller2018", "mueller:2018a")):
        assert json.loads(old.ok("show", former, "--json").out)["key"] == key
    assert "stale" in old("check", "trust2020").out
    assert json.loads(old.ok("summary", "--json").out)["papers"] == len(KEYS)


def test_what_persons_decided_stands(old: CommandLine) -> None:
    fields = {key: json.loads(old.ok("show", key, "--json").out)["fields"] for key in KEYS}
    theory = {v["text"]: v["state"] for v in fields["tutoring"]["theory"]["values"]}
    assert theory == {"talk theory": "disputed", "exchange theory": "decided"}
    assert fields["dialect"]["site"]["state"] == "not reported"
    assert [v["text"] for v in fields["ouyang2020"]["methods"]["values"]] == [
        "问卷调查",
        "深度访谈",
    ]
    assert [v["state"] for v in fields["librarians"]["methods"]["values"]] == ["decided"] * 3


def test_its_file_is_written_back_as_before(old: CommandLine) -> None:
    assert old("sync", "hard.bib", "-o", "now.bib").status == 4  # one field is in conflict
    assert (old.folder / "now.bib").read_bytes() == (old.folder / "synced.bib").read_bytes()


def test_each_can_still_take_back_what_they_did(old: CommandLine) -> None:
    assert "tag librarians +village" in old.ok("undo", user="anna").err
    assert "set ouyang2020" in old.ok("undo", user="anna").err
    for _ in range(9):
        old.ok("undo", user="bert")
    assert old("undo", user="bert").status == 1
    entry = next(line for line in old.ok("log").lines if "dedupe --merge" in line)
    old.ok("undo", entry.split("\t")[0], user="anna")
    assert json.loads(old.ok("show", "mueller2018", "--json").out)["key"] == "mueller2018"


def test_its_copy_makes_the_same_library_anew(old: CommandLine, tmp_path: Path) -> None:
    copy = CommandLine(tmp_path / "copy", old.environ)
    old.ok("init", str(copy.folder))
    assert copy("add", str(old.folder / "library.ndjson")).status == 0
    assert copy.ok("export", "-f", "ndjson").out == (old.folder / "library.ndjson").read_text(
        "utf-8"
    )
    assert f"unchanged {len(KEYS)} + quarantined 0" in old.ok("add", "library.ndjson").out


def test_it_meets_a_copy_that_went_on_and_merges_what_is_one_work(
    old: CommandLine, tmp_path: Path
) -> None:
    other = CommandLine(tmp_path / "other", old.environ)
    shutil.copytree(old.folder, other.folder)
    old.ok("set", "librarians", "site=L county", user="anna")
    other.ok("tag", "dialect", "+theirs", user="bert")
    other.ok("dedupe", "--merge", "lind2017ferries", "handover2021", user="bert")
    for source, target in ((other, old), (old, other), (other, old)):
        copy = target.write("theirs.ndjson", source.ok("export", "-f", "ndjson").out)
        assert target("add", copy).status in {0, 4}
    for library in (old, other):
        assert ("L county", "decided") in library.values("site", "librarians")
        assert "theirs" in library.record("dialect")["tags"]
    assert other.record("handover2021")["key"] == "lind2017ferries"
