"""What a researcher writes from the Python page alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import litrev
from tests.conftest import CODICES, NURSES, ROOT


@pytest.fixture
def review(tmp_path: Path) -> Iterator[litrev.Workspace]:
    """A library of two abstracts, one of them with metadata."""
    with litrev.init(tmp_path / "rev") as review:
        review.add_text(
            NURSES,
            key="nurses",
            fields={"title": "Trust among\n Nurses", "year": "2020"},
            tags=["new"],
        )
        review.add_text(CODICES)
        yield review


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as a person keeps abstracts in one."""
    folder = tmp_path / "abstracts"
    (folder / "old").mkdir(parents=True)
    (folder / "one.txt").write_text("| One abstract.No space after stops. |", "utf-8")
    (folder / "two.md").write_text("An abstract in Chinese: 社区治理。", "utf-8")
    (folder / "refs.bib").write_text("@misc{k, title={T}, author={A B}, year=2000}", "utf-8")
    (folder / "scan.pdf").write_bytes(b"%PDF\x00\x01")
    (folder / "old" / "three.txt").write_text("Not directly in it.", "utf-8")
    return folder


def test_add_takes_a_path_as_text_a_folder_and_several(
    review: litrev.Workspace, folder: Path
) -> None:
    report = review.add(str(folder / "one.txt"))
    assert report.equation == "read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0"
    report = review.add(str(folder))
    assert report.equation == "read 3 = added 2 + updated 0 + unchanged 1 + quarantined 0"
    assert [remark.text for remark in report.remarks if "passed over" in remark.text] == [
        "passed over files of no known format: scan.pdf"
    ]
    assert len(review.add([folder / "one.txt", str(folder / "two.md"), b"A paste."]).added) == 1
    assert review.record("k").title == "T"


def test_add_says_where_a_work_was_found_and_sets_what_it_is(
    review: litrev.Workspace, tmp_path: Path
) -> None:
    (tmp_path / "table.csv").write_text("Name,Said\nTrust at Sea,About sailors.\n", "utf-8")
    review.add(
        tmp_path / "table.csv",
        columns={"title": "Name", "abstract": "Said"},
        entry_type="thesis",
        tags=("sea",),
        database="CNKI",
        search_query="水手",
    )
    (record,) = review.records("tag:sea")
    assert (record.title, record.entry_type, record.abstract) == (
        "Trust at Sea",
        "thesis",
        "About sailors.",
    )
    run = next(
        json.loads(line)
        for line in "".join(review.export("ndjson").pieces).splitlines()
        if '"CNKI"' in line
    )
    assert (run["database"], run["query"]) == ("CNKI", "水手")
    for wrong in (
        {"entry_type": "two words"},
        {"fields": {"a b": "c"}},
        {"fields": {"abstract": "c"}},
        {"format": "nothing"},
        {"encoding": "nothing"},
    ):
        with pytest.raises(litrev.UsageFault):
            review.add(tmp_path / "table.csv", **wrong)


def test_a_record_is_found_by_whatever_a_person_calls_it(review: litrev.Workspace) -> None:
    record = review.record("nurses")
    review.remember_list([record.id])
    for pointer in ("NURSES", "nur", "#1", record.id):
        assert review.record(pointer) == record
        assert review.cells(pointer) == review.cells_of([record])[record.id]
    assert [item.value.text for item in review.cells("nur")["site"].items] == ["S community"]
    for pointer in ("nobody", "#9", "11111111-1111-4111-8111-111111111111"):
        with pytest.raises(litrev.NotFound):
            review.cells(pointer)


def test_what_takes_several_records_takes_what_a_person_calls_them(
    review: litrev.Workspace,
) -> None:
    bare = next(record for record in review.records() if record.key != "nurses")
    assert review.tag(["nurses", bare.id, "NURSES"], add="seen") == 2
    assert {record.tags[-1] for record in review.records()} == {"seen"}
    assert "".join(review.export("ris", ids=["nur"]).pieces).count("ER  -") == 1
    assert review.extract(["nurses"])[0] == 1
    with pytest.raises(litrev.NotFound):
        review.tag(["nobody"], ["x"])
    assert review.compare(["nurses", bare.key]).to_dicts()[0].keys() == {
        "field",
        "nurses",
        bare.key,
        "agreement",
    }
    assert review.table(columns=["key", "site"], transposed=True).to_dicts() == [
        {"field": "Site", "nurses": "S community ?", bare.key: "·"}
    ]
    assert review.remove(["nurses", bare.key]) == ["nurses", bare.key]


def test_a_title_is_one_line_or_nothing(review: litrev.Workspace) -> None:
    titled, bare = review.records()
    assert (titled.title, bare.title) == ("Trust among Nurses", "")
    assert bare.label(30) == "“This paper takes Florentine…”"


def test_a_table_is_had_as_dicts(review: litrev.Workspace) -> None:
    table = review.table(columns=["title", "methods", "site"])
    assert table.to_dicts() == [
        {"title": "Trust among Nurses", "methods": "interview ?", "site": "S community ?"},
        {"title": "", "methods": "content analysis ?", "site": "·"},
    ]
    assert [row["site"] for row in table.to_dicts(marks=False)] == ["S community", ""]
    assert {row["group"] for row in review.table(columns=["key"], group_by="year").to_dicts()} == {
        "2020",
        "no year",
    }
    assert review.render(table, "markdown", max_chars=12) != review.render(table, "markdown")
    assert isinstance(review.render(table, "xlsx"), bytes)


def test_set_takes_a_mapping(review: litrev.Workspace) -> None:
    changed = review.set(
        "nurses",
        {"site": "L county", "methods": ["a; b", "survey"], "title": "T", "findings+": "also this"},
    )
    assert changed == ["site", "methods", "title", "findings"]
    row = review.table("nurses", columns=["title", "site", "methods"]).to_dicts(marks=False)
    assert row == [{"title": "T", "site": "L county", "methods": "a; b; survey"}]
    assert [item.state for item in review.cells("nurses")["findings"].items].count(
        litrev.ItemState.DECIDED
    ) == 1
    assert review.set("nurses", {"title": ""}) == ["title"]
    review.define({"size": {"kind": "number"}, "blind": {"kind": "yes/no"}}, new=True)
    review.set("nurses", {"year": 2021, "size": 20, "blind": False, "site": None})
    row = review.table("nurses", columns=["year", "size", "blind", "site"]).to_dicts(marks=False)
    assert row == [{"year": "2021", "size": "20", "blind": "no", "site": ""}]
    for wrong in ({"title": ["a", "b"]}, {"title+": "a"}, {"": "a"}):
        with pytest.raises(litrev.UsageFault):
            review.set("nurses", wrong)


def test_what_is_only_tried_changes_nothing_and_says_what_it_would(
    review: litrev.Workspace,
) -> None:
    before = "".join(review.export("ndjson").pieces)
    tried = review.using(dry_run=True)
    assert tried.set("nurses", {"title": "Other"}) == ["title"]
    assert tried.accept() != (0, 0)
    assert tried.remove([review.record("nurses").id]) == ["nurses"]
    assert tried.undo().command == "add"
    assert tried.search("trust").total == 1
    assert "".join(review.export("ndjson").pieces) == before
    assert (
        review.using(command="screening by Anna").tag([review.record("nurses").id], add=["in"]) == 1
    )
    assert [entry.command for entry in review.log(1)] == ["screening by Anna"]
    assert review.undo().command == "screening by Anna"


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for what SQLite keeps beside the database and the index."""
    found = (path for path in folder.rglob("*") if path.is_file() and "cache" not in path.parts)
    return {
        str(path): path.read_bytes()
        for path in found
        if not path.name.endswith(("-wal", "-shm")) and path.name != ".importing"
    }


def test_of_what_is_tried_nothing_is_kept_whichever_call_it_is(
    review: litrev.Workspace, tmp_path: Path
) -> None:
    bib = tmp_path / "refs.bib"
    bib.write_text(
        (
            "@misc{k, title={T}, author={A B}, year=2000}\n"
            "@misc{k2, title={T}, author={A B}, year=2000}\n"
        ),
        "utf-8",
    )
    review.add(bib)
    review.set("k", {"note": "to be written"})
    review.backup(tmp_path / "old.db")
    ids = [record.id for record in review.records()]
    (tmp_path / "codebook.toml").write_text('[place]\nkind = "text"\n', "utf-8")
    tried = review.using(dry_run=True)
    as_text = tried.as_text("nurses")
    calls: dict[str, Callable[[], object]] = {
        "add": lambda: tried.add(b"Another abstract."),
        "add_text": lambda: tried.add_text("Yet another."),
        "extract": lambda: tried.extract(ids),
        "set": lambda: tried.set("nurses", {"site": "x"}),
        "accept": tried.accept,
        "tag": lambda: tried.tag(ids, ["x"]),
        "undo": tried.undo,
        "note": lambda: tried.note("nurses", "x"),
        "rename": lambda: tried.rename("nurses", "other"),
        "rekey": lambda: tried.rekey(ids),
        "remove": lambda: tried.remove(ids),
        "save_search": lambda: tried.save_search("x", "year:2000"),
        "restore": lambda: tried.restore(tmp_path / "old.db"),
        "define": lambda: tried.define({"place": {"kind": "text"}}),
        "import_codebook": lambda: tried.import_codebook(tmp_path / "codebook.toml"),
        "repair": tried.repair,
        "merge": lambda: tried.merge("k", "k2"),
        "merge_all": lambda: tried.merge_all(tried.duplicates()),
        "distinguish": lambda: tried.distinguish("k", "k2"),
        "sync": lambda: tried.sync(bib, structured=True),
        "link": lambda: tried.link(bib),
        "backup": lambda: tried.backup(tmp_path / "new.db"),
        "remember_list": lambda: tried.remember_list(ids),
        "review": lambda: tried.review().accept_all(),
        "take_text": lambda: tried.take_text("nurses", as_text, as_text.replace("2020", "2021")),
        "using": lambda: tried.using(command="a name alone").note("nurses", "x"),
    }
    before, copy = snapshot(tmp_path), "".join(review.export("ndjson").pieces)
    for name, call in calls.items():
        call()
        assert "".join(review.export("ndjson").pieces) == copy, name
        assert snapshot(tmp_path) == before, name
    review.link(bib)
    tried.unlink(bib)
    assert review.linked_files() == [bib]


def test_a_workspace_for_a_while_leaves_the_library_open(review: litrev.Workspace) -> None:
    with review.using(command="for a while") as other:
        assert other.search("trust").total == 1
    assert review.search("trust").total == 1


def test_what_cannot_be_added_or_set_is_refused_in_words(
    review: litrev.Workspace, tmp_path: Path
) -> None:
    for wrong in (
        None,
        [1],
        "",
        "a\x00b",
        "An abstract, given where a path is wanted. " * 20,
        tmp_path / "nothere.txt",
    ):
        with pytest.raises(litrev.LitrevError):
            review.add(wrong)  # type: ignore[arg-type]  # the faults
    for value in ([None], {"a": "b"}, object()):
        with pytest.raises(litrev.UsageFault):
            review.set("nurses", {"methods": value})  # type: ignore[dict-item]  # the faults
    assert review.add_text("Text.", tags="one-word").added
    assert [record.tags for record in review.records("tag:one-word")] == [("one-word",)]


def test_a_backup_never_takes_the_place_of_the_library(review: litrev.Workspace) -> None:
    for name in ("library.db", "library.db-wal", "litrev.toml"):
        with pytest.raises(litrev.Conflict):
            review.backup(review.folder / name, force=True)
    assert review.count() == 2


def test_writing_within_writing_is_refused_and_harms_nothing(review: litrev.Workspace) -> None:
    with review.writing("outer") as operation:
        with pytest.raises(litrev.UsageFault, match="read or written at this moment"):
            review.note("nurses", "inner")
        operation.add_note(review.record("nurses").id, "outer")
    assert [note.text for note in review.record("nurses").notes] == ["outer"]


def test_proposals_come_in_by_an_operation_with_words_for_the_log(review: litrev.Workspace) -> None:
    record = review.record("nurses")
    value = litrev.Value(
        "v1",
        "theory",
        "trust",
        None,
        (litrev.Evidence(17, 22, "trust"),),
        "mine",
        0.9,
        "2026-01-01T00:00:00Z",
    )
    with review.writing("read by my own program") as operation:
        operation.propose(record.id, "theory", "mine", [value])
    assert [item.value.text for item in review.cells("nurses")["theory"].items] == ["trust"]
    assert review.log(1)[0].command == "read by my own program"


def test_a_closed_library_says_so(tmp_path: Path) -> None:
    review = litrev.init(tmp_path / "rev")
    review.add_text(NURSES, key="nurses")
    pieces = review.export("bibtex").pieces
    review.search("trust")
    review.close()
    review.close()
    calls: tuple[Callable[[], object], ...] = (
        review.records,
        lambda: review.search("trust"),
        lambda: review.add(str(tmp_path)),
        review.table,
        review.undo,
        lambda: review.set("nurses", {"site": "x"}),
        lambda: review.cells("nurses"),
        lambda: "".join(pieces),
        review.index_health,
    )
    for call in calls:
        with pytest.raises(litrev.LitrevError, match="the library is closed"):
            call()


def test_a_backup_and_synonyms_are_a_call_too(review: litrev.Workspace, tmp_path: Path) -> None:
    assert review.backup(tmp_path / "b.db") == tmp_path / "b.db"
    with pytest.raises(litrev.Conflict):
        review.backup(tmp_path / "b.db")
    review.backup(str(tmp_path / "b.db"), force=True)
    with pytest.raises(litrev.NotFound):
        review.search("护士", synonyms=True)
    (review.folder / "synonyms.txt").write_text("护士 = nurses\n", "utf-8")
    assert review.search("护士", synonyms=True).keys == ["nurses"]
    assert review.rebuild_index() == 2
    review.remove([review.record("nurses").id])
    review.restore(tmp_path / "b.db")
    assert review.count() == 2


def test_import_litrev_imports_nothing_and_hands_on_what_is_asked_for() -> None:
    probe = """
import sys, litrev
print([m for m in sys.modules if m.startswith("litrev")])
print([getattr(litrev, name).__name__ for name in litrev.__all__ if not name.startswith("_")])
"""
    out = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.splitlines()
    assert out[0] == "['litrev']"
    assert out[1] == str([name for name in litrev.__all__ if not name.startswith("_")])
    assert not hasattr(litrev, "nothing")


def test_help_tells_where_to_begin() -> None:
    out = subprocess.run(
        [sys.executable, "-c", "import litrev; help(litrev)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    head = out[:1500]
    assert "Begin with a library" in head
    assert "litrev.init(" in head
    for name in (
        "Workspace",
        "Record",
        "Value",
        "Evidence",
        "Cell",
        "Answer",
        "Table",
        "LitrevError",
        "open",
        "init",
    ):
        assert name in out


def test_help_of_the_workspace_lists_every_call() -> None:
    out = subprocess.run(
        [sys.executable, "-c", "import litrev; help(litrev.Workspace)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    for name in ("records", "search", "table", "export", "add", "set", "sync", "undo", "using"):
        assert f"|  {name}(" in out
