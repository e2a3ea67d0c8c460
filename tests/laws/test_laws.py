"""The laws of the library, each shown from outside."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import litrev
from tests.conftest import CommandLine

EQUATION = re.compile(
    r"read (\d+) = added (\d+) \+ updated (\d+) \+ unchanged (\d+) \+ quarantined (\d+)"
)

HARD = """\
% a comment of mine
@string{jis = "Journal of Imagined Studies"}
@preamble{"\\newcommand{\\x}{y}"}
@article{lin2019,
  author = {Lin, Yuqing and M{\\"u}ller, Ute},
  title = {Trust in {L} County},
  journal = jis # " B",
  year = 2019
}
@misc{broken, title = {never closed
@article{LIN2019, author = {Other, Anna}, title = {Something Else}, journal = {X}, year = 2001}
@article{lin2019, author = {Third, Ben}, title = {A Third Thing}, journal = {Y}, year = 2002, \
title = {twice}}
"""


def numbers(out: str) -> list[int]:
    equation = EQUATION.search(out)
    assert equation, out
    return [int(number) for number in equation.groups()]


def evidence(record: dict[str, Any]) -> list[dict[str, Any]]:
    """All evidence of a record, as ``show --json`` prints it."""
    spans: list[dict[str, Any]] = []
    for cell in record["fields"].values():
        for value in cell["values"]:
            spans += value["evidence"]
    return spans


def has_its_words(record: dict[str, Any], span: dict[str, Any]) -> bool:
    """Whether the abstract has the words of a piece of evidence at its place."""
    abstract: str = record["abstract"]
    quote: str = span["quote"]
    return abstract[span["start"] : span["end"]] == quote


# 1. Nothing is lost


def test_import_prints_an_equation_whose_sides_are_equal_and_keeps_what_it_could_not_read(
    cli: CommandLine,
) -> None:
    cli.write("hard.bib", HARD)
    done = cli("add", "hard.bib")
    read, *parts = numbers(done.out)
    assert read == sum(parts) == 4
    assert parts == [3, 0, 0, 1]
    assert done.status == 3
    assert "hard.bib:10: quarantined:" in done.err
    listed = cli.ok("quarantine").out.split("\t")
    assert listed[1] == "hard.bib:10"
    assert cli.ok("quarantine", "print", listed[0]).out == "@misc{broken, title = {never closed"


def test_a_quarantined_entry_can_be_corrected_added_and_settled(cli: CommandLine) -> None:
    cli.write("bad.bib", "@misc{b, title = {T\n")
    assert cli("add", "bad.bib").status == 3
    entry = cli.ok("quarantine").out.split("\t")[0]
    cli.write("good.bib", cli.ok("quarantine", "print", entry).out + "}}")
    assert numbers(cli.ok("add", "good.bib").out) == [1, 1, 0, 0, 0]
    cli.ok("quarantine", "settle", entry)
    assert cli.ok("quarantine").out == ""


@pytest.mark.parametrize("separator", ["---\n", "----  \r\n", "\f", "\f\n"])
def test_every_abstract_of_a_file_is_kept_character_for_character(
    cli: CommandLine, separator: str
) -> None:
    abstracts = [
        "| One.Two,with bars. |\n",
        "  Leading blanks and a tail  \n\n",
        "第三篇。没有空格\n",
    ]
    cli.write("several.txt", separator.join(abstracts))
    cli.ok("add", "several.txt")
    kept = [
        json.loads(cli.ok("show", key, "--json").out)["abstract"]
        for key in cli.ok("list", "-k").lines
    ]
    assert kept == abstracts


# 2. Same file twice changes nothing


@pytest.mark.parametrize("name", ["a.txt", "a.bib"])
def test_the_same_file_twice_changes_nothing(cli: CommandLine, name: str) -> None:
    cli.write(name, HARD if name == "a.bib" else "One.\n---\nTwo.\n")
    cli("add", name)
    before = cli.ok("export", "-f", "ndjson").out, cli.ok("log").out
    again = numbers(cli("add", name).out)
    assert again[1:3] == [0, 0]
    assert (cli.ok("export", "-f", "ndjson").out, cli.ok("log").out) == before


def test_a_changed_file_is_merged_three_ways(cli: CommandLine) -> None:
    entry = (
        "@article{{a, author={{A, B}}, title={{{title}}}, journal={{J}}, year={{{year}}}, "
        "note={{{note}}}}}"
    )
    cli.write("r.bib", entry.format(title="Old", year=2000, note="n"))
    cli.ok("add", "r.bib")
    cli.ok("set", "a", "year=2001", "note=mine")
    cli.write("r.bib", entry.format(title="New", year=2000, note="theirs"))
    done = cli("add", "r.bib")
    assert numbers(done.out) == [1, 0, 1, 0, 0]
    assert done.status == 4
    assert "note: the file says “theirs”, the library “mine”" in done.err
    kept = json.loads(cli.ok("show", "a", "--json").out)["metadata"]
    assert (kept["title"], kept["year"], kept["note"]) == ("New", "2001", "mine")


def test_a_changed_abstract_file_updates_its_record_and_moves_the_evidence(
    cli: CommandLine,
) -> None:
    cli.write("a.txt", "This paper uses interviews. It is found that trust matters greatly.")
    cli.ok("add", "a.txt")
    cli.ok("accept")
    cli.write(
        "a.txt",
        "A new first sentence. This paper uses interviews. It is found that trust matters greatly.",
    )
    assert numbers(cli.ok("add", "a.txt").out) == [1, 0, 1, 0, 0]
    record = json.loads(cli.ok("show", "#1", "--json").out) if cli.ok("list").out else {}
    spans = evidence(record)
    assert spans
    assert all(has_its_words(record, span) for span in spans)


def test_what_was_undone_can_be_added_again(cli: CommandLine) -> None:
    cli.write("a.txt", "One abstract.")
    cli.ok("add", "a.txt")
    cli.ok("undo")
    assert cli("list").status == 1
    assert numbers(cli.ok("add", "a.txt").out) == [1, 1, 0, 0, 0]


# 3. BibTeX in, BibTeX out (as far as the blocks)


def test_the_blocks_of_a_source_are_its_text(cli: CommandLine) -> None:
    cli.write("hard.bib", HARD)
    cli("add", "hard.bib")
    with closing(sqlite3.connect(cli.folder / "library.db")) as connection, connection:
        blocks = connection.execute("SELECT raw FROM block ORDER BY position").fetchall()
    assert "".join(raw for (raw,) in blocks) == HARD


def test_fields_keep_the_raw_expression_they_were_read_from(cli: CommandLine) -> None:
    cli.write("hard.bib", HARD)
    cli("add", "hard.bib")
    out = cli.ok("export", "lin2019", "-f", "bibtex").out
    assert 'author = {Lin, Yuqing and M{\\"u}ller, Ute},' in out
    assert "title = {Trust in {L} County}," in out
    assert 'journal = jis # " B",' in out
    assert out.startswith('@string{jis = "Journal of Imagined Studies"}'), (
        "with the @string it needs"
    )


# 4. A person's word wins


def test_extraction_never_touches_what_a_person_decided(cli: CommandLine) -> None:
    cli.ok(
        "add",
        "-",
        stdin=(
            "This paper takes village libraries as the research object. "
            "We used interviews and questionnaires."
        ),
    )
    cli.ok("list")
    cli.ok("set", "#1", "research_object=reading rooms", "methods=talking")
    before = json.loads(cli.ok("show", "#1", "--json").out)["fields"]
    cli.ok("extract", "--all")
    after = json.loads(cli.ok("show", "#1", "--json").out)["fields"]
    assert [value["text"] for value in after["research_object"]["values"]] == ["reading rooms"]
    assert [value["text"] for value in after["methods"]["values"]] == ["talking"]
    assert before["research_object"] == after["research_object"]


def test_not_reported_stays_when_the_abstract_is_searched_again(cli: CommandLine) -> None:
    cli.ok("add", "-", stdin="This paper takes village libraries as the research object.")
    key = cli.ok("list", "-k").out.strip()
    cli.ok("set", key, "--not-reported", "research_object")
    cli.ok("extract", "--all")
    assert cli.record(key)["fields"]["research_object"]["state"] == "not reported"


# 5. Nothing is invented


def test_an_abstract_without_metadata_gets_none_and_what_is_missing_is_said(
    cli: CommandLine,
) -> None:
    done = cli.ok(
        "add", "-", stdin="The first chapter introduces trust. The second chapter measures it."
    )
    assert "thesis lacks author, title, date/year, institution/school" in done.err
    record = json.loads(cli.ok("show", cli.ok("list", "-k").out.strip(), "--json").out)
    assert record["metadata"] == {}
    assert record["key"].startswith("gen-")


# 6. Killed at any instruction


@pytest.mark.slow
def test_a_killed_writer_leaves_every_acknowledged_write_and_no_half_of_another(
    bare: CommandLine, tmp_path: Path
) -> None:
    bare.ok("init")
    text = "\n---\n".join(f"Abstract number {n}. This paper uses interviews." for n in range(400))
    (bare.folder / "many.txt").write_text(text)
    for delay in (0.25, 0.5, 0.8, 1.2):
        process = _start(bare, "add", "many.txt")
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with closing(sqlite3.connect(bare.folder / "library.db")) as connection, connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (halves,) = connection.execute(
                "SELECT COUNT(*) FROM record WHERE id NOT IN (SELECT record_id FROM change)"
            ).fetchone()
        assert halves == 0
    assert numbers(bare.ok("add", "many.txt").out)[0] == 400
    assert len(bare.ok("list", "-k").lines) == 400


# 7. N writers, N results


@pytest.mark.slow
def test_twenty_processes_writing_at_once_lose_nothing(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "paper", stdin="One abstract.")
    processes = [_start(cli, "tag", "paper", f"+t{n}") for n in range(20)]
    assert [process.wait() for process in processes] == [0] * 20
    assert set(json.loads(cli.ok("show", "paper", "--json").out)["tags"]) == {
        f"t{n}" for n in range(20)
    }
    assert len(cli.ok("search", "tag:t7", "-k").lines) == 1


def _start(cli: CommandLine, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "litrev", "-q", *words]
    return subprocess.Popen(
        command,
        cwd=cli.folder,
        env={**os.environ, **cli.environ},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _first_key(folder: Path) -> str:
    with litrev.open(folder) as review:
        return review.records()[0].key


def test_readers_do_not_wait_for_a_writer(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "paper", stdin="One abstract.")
    with (
        closing(sqlite3.connect(cli.folder / "library.db", isolation_level=None)) as writer,
        writer,
    ):
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE library SET revision = revision + 1")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(_first_key, cli.folder).result(timeout=5) == "paper"
        writer.execute("ROLLBACK")


# 8. The index is a shadow


def test_a_search_right_after_a_change_sees_it(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "paper", stdin="One abstract about trust.")
    assert cli("search", "zebra").status == 1
    cli.ok("note", "paper", "zebra stripes")
    assert cli.ok("search", "note:zebra", "-k").lines == ["paper"]
    cli.ok("rm", "paper")
    assert cli("search", "trust").status == 1
    cli.ok("undo")
    assert cli.ok("search", "trust", "-k").lines == ["paper"]


@pytest.mark.parametrize("harm", ["remove", "manifest", "garbage", "truncate", "empty"])
def test_a_missing_or_damaged_index_is_rebuilt_with_one_line(cli: CommandLine, harm: str) -> None:
    cli.ok("add", "-", "--key", "paper", stdin="One abstract about trust.")
    cli.ok("search", "trust")
    folder = Path(cli.ok("index", "path").out.strip())
    assert folder.stat().st_mode & 0o777 == 0o700
    if harm == "remove":
        shutil.rmtree(folder)
    elif harm == "manifest":
        (folder / "manifest.json").write_text("{}")
    else:
        for file in folder.glob("MAIN*"):
            data = file.read_bytes()
            damaged = {
                "garbage": b"\x07" * len(data),
                "truncate": data[: len(data) // 2],
                "empty": b"",
            }
            file.write_bytes(damaged[harm])
    done = cli.ok("search", "trust", "-k")
    assert done.lines == ["paper"]
    assert len(done.err.splitlines()) == (0 if harm == "remove" else 1)
    assert cli.ok("search", "trust", "-k").err == ""


def test_the_index_of_another_library_is_not_believed(
    cli: CommandLine, bare: CommandLine, tmp_path: Path
) -> None:
    cli.ok("add", "-", "--key", "mine", stdin="One abstract about trust.")
    cli.ok("search", "trust")
    mine = Path(cli.ok("index", "path").out.strip())
    other = tmp_path / "other"
    other.mkdir()
    cli.ok("init", str(other))
    cli.ok("-C", str(other), "add", "-", "--key", "theirs", stdin="Another abstract about trust.")
    theirs = Path(cli.ok("-C", str(other), "index", "path").out.strip())
    shutil.copytree(mine, theirs)
    done = cli.ok("-C", str(other), "search", "trust", "-k")
    assert done.lines == ["theirs"]
    assert "belongs to another library; the index is rebuilt" in done.err


# 9. Same key, different work


def test_the_same_key_for_different_works_keeps_all_of_them(cli: CommandLine) -> None:
    cli.write("hard.bib", HARD)
    done = cli("add", "hard.bib")
    assert cli.ok("list", "-k").lines == ["lin2019", "LIN2019-2", "lin2019-3"]
    assert done.err.count("is taken by a different work") == 2
    again = cli("add", "hard.bib")
    assert numbers(again.out) == [4, 0, 0, 3, 1]


# All of them together


@settings(max_examples=25)
@given(
    st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t\x1b"),
            min_size=1,
            max_size=60,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_equation_holds_for_any_text(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    with litrev.init(tmp_path_factory.mktemp("rev")) as review:
        report = review.add_text("\n---\n".join(texts))
        kept = review.records()
        accepted = len(report.added) + len(report.updated) + len(report.unchanged)
        assert report.read == accepted + report.quarantined
        assert len(report.added) == len(kept)
        assert review.add_text("\n---\n".join(texts)).added == []


def test_the_real_abstracts_go_in_and_come_out_the_same(
    cli: CommandLine, seeds: list[Path], shared: Callable[[str], Path]
) -> None:
    assert numbers(cli.ok("add", *map(str, seeds)).out) == [5, 5, 0, 0, 0]
    kept = [json.loads(cli.ok("show", key, "--json").out) for key in cli.ok("list", "-k").lines]
    assert [record["abstract"] for record in kept] == [path.read_bytes().decode() for path in seeds]
    number = 0
    for record in kept:
        for span in evidence(record):
            number += 1
            assert has_its_words(record, span)
    assert number > 50


def test_a_library_written_as_ndjson_reads_back_to_the_same(
    cli: CommandLine, bare: CommandLine, seeds: list[Path], tmp_path: Path
) -> None:
    cli.ok("add", *map(str, seeds))
    cli.write("hard.bib", HARD)
    cli("add", "hard.bib")
    keys = cli.ok("list", "-k").lines
    cli.ok("accept", keys[0])
    cli.ok("set", keys[1], "site=S community", "year=2020")
    cli.ok("set", keys[1], "site=T community")
    cli.ok("note", keys[2], "read again")
    cli.ok("tag", keys[2], "+a", "+b")
    cli.ok("rename", keys[3], "other-key")
    cli.ok("rm", keys[4])
    cli.ok("export", "-f", "ndjson", "-o", "all.ndjson")
    again = str(tmp_path / "again")
    cli.ok("init", again)
    cli.ok("-C", again, "add", "all.ndjson")
    first = (cli.folder / "all.ndjson").read_text()
    assert cli.ok("-C", again, "export", "-f", "ndjson").out == first
    second = cli.ok("-C", again, "add", "all.ndjson")
    assert numbers(second.out)[1:3] == [0, 0]
    assert cli.ok("-C", again, "export", "-f", "ndjson").out == first
