"""What once went wrong: each as the person met it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import litrev
from litrev.workspace.workspace import Workspace
from tests.conftest import CommandLine

NURSES = "This paper takes trust among nurses as the research object. We used semi-structured interviews in S community. It is found that trust matters a lot."
CODICES = "This paper takes Florentine codices as the research object. We used content analysis. It is found that ink fades."


@pytest.fixture
def k(cli: CommandLine) -> CommandLine:
    """A library with one record under the key k."""
    cli.ok("add", "-", "--key", "k", stdin=NURSES, user="ann")
    return cli


def values(cli: CommandLine, field: str, key: str = "k") -> list[tuple[str, str]]:
    return [(v["text"], v["state"]) for v in json.loads(cli.ok("show", key, "--json").out)["fields"][field]["values"]]


def record(cli: CommandLine, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cli.ok("show", key, "--json").out)
    return found


# Reading a file again


def test_a_file_name_used_again_for_another_text_adds_a_record(cli: CommandLine) -> None:
    cli.write("abstract.txt", NURSES)
    cli.ok("add", "abstract.txt")
    cli.ok("accept")
    cli.write("abstract.txt", CODICES)
    assert "added 1" in cli.ok("add", "abstract.txt").out
    abstracts = [r["abstract"] for r in json.loads(cli.ok("list", "--json").out)["records"]]
    assert abstracts == [NURSES, CODICES]


def test_a_key_used_again_in_a_file_for_another_work_adds_a_record(cli: CommandLine) -> None:
    cli.write("r.bib", "@article{smith, author={Smith, Ann}, title={Trust in Nurses}, doi={10.1/a}, journal={J}, year=2020}")
    cli.ok("add", "r.bib")
    cli.write("r.bib", "@article{smith, author={Jones, Ben}, title={Volcanoes of Iceland}, doi={10.1/b}, journal={J}, year=2021}")
    assert "added 1" in cli.ok("add", "r.bib").out
    assert cli.ok("list", "-k").lines == ["smith", "smith-2"]


def test_reordered_abstracts_stay_with_their_records(cli: CommandLine) -> None:
    cli.write("two.txt", f"{NURSES}\n---\n{CODICES}\n")
    cli.ok("add", "two.txt")
    cli.ok("tag", cli.ok("list", "-k").lines[0], "+nurses")
    cli.write("two.txt", f"A third abstract about something else entirely: lighthouse keepers and fog.\n---\n{NURSES}\n")
    cli.ok("add", "two.txt")
    found = {r["abstract"].strip()[:20]: r["tags"] for r in json.loads(cli.ok("list", "--json").out)["records"]}
    assert found[NURSES[:20]] == ["nurses"]
    assert len(found) == 3


def test_a_key_changed_in_the_file_is_another_name_of_the_same_record(cli: CommandLine) -> None:
    cli.write("r.bib", "@article{smith, author={Smith, Ann}, title={Trust}, journal={J}, year=2020}")
    cli.ok("add", "r.bib")
    cli.write("r.bib", "@article{smith2020trust, author={Smith, Ann}, title={Trust}, journal={J}, year=2020}")
    assert "updated 1" in cli.ok("add", "r.bib").out
    assert cli.ok("list", "-k").lines == ["smith"]
    assert record(cli, "smith2020trust")["key"] == record(cli, "smith")["key"]


def test_what_was_removed_stays_out_until_asked_for(cli: CommandLine) -> None:
    cli.write("a.txt", NURSES)
    cli.ok("add", "a.txt")
    cli.ok("rm", "#1") if cli.ok("list").out else None
    done = cli.ok("add", "a.txt")
    assert "unchanged 1" in done.out
    assert "--again" in done.err
    assert "added 1" in cli.ok("add", "a.txt", "--again").out


def test_values_written_otherwise_are_no_conflict(cli: CommandLine) -> None:
    cli.write("a.bib", "@misc{k, title={T}, author={A B}, year=2020}")
    cli.write("b.bib", '@misc{k, title="T", author={{A B}}, year={2020}}')
    cli.ok("add", "a.bib", "b.bib")
    cli.write("a.bib", "@misc{k, title={{T}}, author={A B}, year={2020}}")
    cli.ok("add", "a.bib")
    assert "title = {{T}}," in cli.ok("export", "-f", "bibtex").out


def test_a_changed_string_macro_reaches_the_fields_that_use_it(cli: CommandLine) -> None:
    for journal in ("Old Journal", "New Journal"):
        cli.write("a.bib", f'@string{{j = "{journal}"}}\n@article{{k, author={{A B}}, title={{T}}, journal=j, year=2020}}\n')
        cli.ok("add", "a.bib")
    assert record(cli, "k")["metadata"]["journal"] == "New Journal"


def test_metadata_first_then_the_text_named_by_its_key(cli: CommandLine) -> None:
    cli.write("m.bib", "@article{smith, author={Smith, Ann}, title={Trust}, journal={J}, year=2020}")
    cli.write("smith.txt", NURSES)
    cli.ok("add", "m.bib")
    assert "updated 1" in cli.ok("add", "smith.txt").out
    assert "unchanged 1" in cli.ok("add", "smith.txt", "--bib", "m.bib").out
    assert record(cli, "smith")["abstract"] == NURSES


def test_a_text_and_its_metadata_that_are_two_records_already_are_named(cli: CommandLine) -> None:
    cli.write("x.txt", NURSES)
    cli.write("m.bib", "@article{smith, author={Smith, Ann}, title={Trust}, journal={J}, year=2020}")
    cli.ok("add", "x.txt")
    cli.ok("add", "m.bib")
    cli.write("smith.txt", NURSES)
    assert "are two records of one work" in cli.ok("add", "smith.txt", "--bib", "m.bib").err


def test_an_identical_entry_twice_in_one_file_is_kept_once(cli: CommandLine) -> None:
    cli.write("a.bib", "@misc{a, title={One}, author={X}, year=2000}\n" * 2)
    for counts in ("added 1 + updated 0 + unchanged 1", "added 0 + updated 0 + unchanged 2"):
        assert counts in cli.ok("add", "a.bib").out
    assert cli.ok("list", "-k").lines == ["a"]


def kill_between_batches(cli: CommandLine, count: str, *words: str) -> None:
    """Start a command and kill it once the library tells, by the query ``count``, that some of its work is kept."""
    process = subprocess.Popen(
        [sys.executable, "-m", "litrev", "-q", *words], cwd=cli.folder, env={**os.environ, **cli.environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with closing(sqlite3.connect(f"file:{cli.folder / 'library.db'}?mode=ro", uri=True)) as library:
        while process.poll() is None and not library.execute(count).fetchone()[0]:
            time.sleep(0.01)
    process.kill()
    process.wait()


def test_an_interrupted_import_goes_on_where_it_was(bare: CommandLine) -> None:
    bare.ok("init")
    bare.write("many.bib", "".join(f"@misc{{, title={{Work number {n}}}, author={{Author {n}}}, year=2000}}\n" for n in range(3000)))
    kill_between_batches(bare, "SELECT COUNT(*) FROM record", "add", "--no-extract", "many.bib")
    begun = len(bare.ok("list", "-k").lines)
    assert 0 < begun <= 3000
    bare.ok("add", "--no-extract", "many.bib")
    assert len(bare.ok("list", "-k").lines) == 3000


def test_two_processes_adding_one_file_add_it_once(bare: CommandLine) -> None:
    bare.ok("init")
    bare.write("many.bib", "".join(f"@misc{{, title={{Work number {n}}}, author={{Author {n}}}, year=2000}}\n" for n in range(800)))
    command = [sys.executable, "-m", "litrev", "-q", "add", "--no-extract", "many.bib"]
    processes = [subprocess.Popen(command, cwd=bare.folder, env={**os.environ, **bare.environ}, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(bare.ok("list", "-k").lines) == 800


def test_an_init_that_was_killed_can_be_done_again(bare: CommandLine) -> None:
    (bare.folder / ".library.db.1234").write_bytes(b"half")
    bare.ok("init")
    assert bare("list").status == 1


# Reading BibTeX


@pytest.mark.parametrize("title", [r"\'{\em a}", r"\'\relax e", r"Jos\'{\noopsort{x}e}", r"abc\'", r"\~{}user"])
def test_odd_accents_are_read(cli: CommandLine, title: str) -> None:
    cli.write("a.bib", f"@misc{{k, title={{{title}}}, author={{A}}, year=2000}}")
    cli.ok("add", "a.bib")
    if title == r"\~{}user":
        assert record(cli, "k")["metadata"]["title"] == "~user"


@pytest.mark.parametrize("text", ["% my refs\n@article\n{foo, title={T}}\n", "% x\n@ article{bar,\n title={T}}\n"])
def test_an_entry_after_a_comment_line_is_not_passed_over(cli: CommandLine, text: str) -> None:
    cli.write("a.bib", text)
    done = cli("add", "-f", "bibtex", "a.bib")
    assert "read 1" in done.out


def test_the_comments_of_other_programs_are_comments(cli: CommandLine) -> None:
    cli.write("a.bib", "@Comment{jabref-meta: databaseType:bibtex;}\n@misc{k, title={T}, author={A}, year=2000}\n% Encoding: UTF-8\n")
    assert cli.ok("add", "a.bib").out.startswith("read 1 = added 1")


@pytest.mark.parametrize("entry", ["@misc{k\x1b]0;x\x07, title={T}}", "@misc{k, na\x1bme={T}}"])
def test_names_that_could_steer_a_terminal_go_to_quarantine(cli: CommandLine, entry: str) -> None:
    cli.write("a.bib", entry)
    assert cli("add", "a.bib").status == 3
    assert "\x1b" not in cli.ok("quarantine", terminal=True).out
    assert "\x1b" not in cli.ok("quarantine", "print", cli.ok("quarantine").out[:8], terminal=True).out


def test_what_is_exported_can_be_read_again(k: CommandLine) -> None:
    k.ok("set", "k", "file=C:\\papers\\", "url=http://x/{a", "title=A {B} \\ c")
    k.ok("export", "-o", "o.bib")
    with litrev.init(k.folder / "other") as other:
        assert other.add([k.folder / "o.bib"]).quarantined == 0
        assert other.records()[0].get("title") == "A {B} \\ c"
    for words in (
        ("set", "k", "entrytype=a b{"),
        ("set", "k", "entrytype="),
        ("add", "-", "--type", "x{y"),
        ("add", "-", "-s", "abstract=x"),
        ("set", "k", "key=x"),
    ):
        assert k(*words, stdin="Text.").status == 2


# Several persons


def test_what_was_edited_can_be_edited_again_replaced_and_rejected(k: CommandLine, tmp_path: Path) -> None:
    script = tmp_path / "e.py"
    k.environ["EDITOR"] = f"{sys.executable} {script}"

    def edit(old: str, new: str, user: str = "ann") -> None:
        script.write_text(f"import sys; p = sys.argv[1]; t = open(p).read(); assert {old!r} in t, t; open(p, 'w').write(t.replace({old!r}, {new!r}))")
        k.ok("edit", "k", user=user)

    edit("[ ] semi-structured interviews", "[x] long talks")
    assert values(k, "methods") == [("long talks", "decided")]
    edit("[x] long talks", "[x] short talks")
    assert values(k, "methods") == [("short talks", "decided")]
    k.ok("set", "k", "methods=survey", user="ann")
    assert values(k, "methods") == [("survey", "decided")]
    k.ok("set", "k", "--not-reported", "methods", user="ann")
    assert values(k, "methods") == []


def test_a_rejected_value_does_not_come_back_when_the_abstract_is_edited(k: CommandLine) -> None:
    k.ok("set", "k", "methods=", user="ann")
    k.ok("set", "k", f"abstract=Abstract: {NURSES}", user="ann")
    k.ok("extract", "k", user="ann")
    assert values(k, "methods") == []


def test_a_second_person_who_says_the_same_is_heard(k: CommandLine) -> None:
    k.ok("set", "k", "theory=exchange theory", user="ann")
    k.ok("set", "k", "theory=exchange theory", user="bob")
    k.ok("undo", user="ann")
    assert values(k, "theory") == [("exchange theory", "decided")]


def test_two_persons_who_differ_on_one_text_dispute_it(k: CommandLine) -> None:
    k.ok("set", "k", "research_object=apples", user="ann")
    k.ok("set", "k", "research_object=pears", user="bob")
    assert {state for _, state in values(k, "research_object")} == {"disputed"}


def test_undo_of_an_add_refuses_when_somebody_has_worked_on_it(k: CommandLine) -> None:
    k.ok("note", "k", "mine", user="bob")
    refused = k("undo", user="ann")
    assert (refused.status, "by bob" in refused.err) == (4, True)


def test_undo_sees_a_change_there_and_back(k: CommandLine) -> None:
    k.ok("set", "k", "year=2021", user="ann")
    k.ok("set", "k", "year=2022", user="bob")
    k.ok("set", "k", "year=2021", user="bob")
    assert k("undo", user="ann").status == 4


def test_nobody_takes_back_what_another_did(k: CommandLine) -> None:
    k.ok("accept", user="ann")
    entry = k.ok("log").lines[0].split("\t")[0]
    assert k("undo", entry, user="bob").status == 4


def test_undo_of_an_edited_abstract_takes_later_evidence_along(k: CommandLine) -> None:
    k.ok("set", "k", f"abstract=Before this. {NURSES} And theory of mind.", user="ann")
    k.ok("set", "k", "theory=trust matters", "site=theory of mind", user="bob")
    k.ok("undo", user="ann")
    assert k("check", "k").out.count("\tquote\t") == 0
    assert "stale" in k("check", "k").out


def test_an_editor_leaves_alone_what_others_did_meanwhile(k: CommandLine, tmp_path: Path) -> None:
    script = tmp_path / "e.py"
    k.environ["EDITOR"] = f"{sys.executable} {script}"
    script.write_text(
        "import os, subprocess, sys; p = sys.argv[1]; t = open(p).read()\n"
        "run = lambda *words: subprocess.run([sys.executable, '-m', 'litrev', '-q', *words], check=True, env={**os.environ, 'LITREV_USER': 'bob'})\n"
        "run('tag', 'k', '+bobs'); run('set', 'k', 'methods+=bobs survey', 'theory=bobs theory', 'year=1999')\n"
        "open(p, 'w').write(t.replace('tags = ', 'tags = anns'))"
    )
    k.environ["PYTHONPATH"] = str(Path(litrev.__file__).parent.parent)
    here = Path.cwd()
    os.chdir(k.folder)
    try:
        k.ok("edit", "k", user="ann")
    finally:
        os.chdir(here)
    assert record(k, "k")["tags"] == ["anns", "bobs"]
    assert ("bobs theory", "decided") in values(k, "theory")
    assert ("bobs survey", "decided") in values(k, "methods")


def test_an_edit_that_changes_nothing_changes_nothing(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin=NURSES.replace(". ", ".\r\n"))
    cli.environ["EDITOR"] = "true"
    before = cli.ok("export", "-f", "ndjson").out
    assert "nothing was changed" in cli.ok("edit", "k").err
    assert cli.ok("export", "-f", "ndjson").out == before


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x00garbage\x81", b"\xef\xbb\xbfno equals sign\n"])
def test_whatever_the_editor_leaves_is_kept(k: CommandLine, tmp_path: Path, content: bytes) -> None:
    script = tmp_path / "e.py"
    script.write_text(f"import sys; open(sys.argv[1], 'wb').write({content!r})")
    k.environ["EDITOR"] = f"{sys.executable} {script}"
    done = k("edit", "k")
    assert done.status == 2
    kept = Path(done.err.split("Your text is kept in ")[1].strip())
    assert kept.read_bytes().removeprefix(b"\xef\xbb\xbf") == content.removeprefix(b"\xef\xbb\xbf")
    kept.unlink()
    k.environ["EDITOR"] = "foo'bar"
    assert k("edit", "k").status == 5


def edit(cli: CommandLine, user: str, **changes: str) -> None:
    """Edit k with an editor that replaces one text by another."""
    script = cli.folder / "editor.py"
    old, new = changes["old"], changes["new"]
    script.write_text(f"import sys; p = sys.argv[1]; t = open(p).read(); assert {old!r} in t, t; open(p, 'w').write(t.replace({old!r}, {new!r}))")
    cli.environ["EDITOR"] = f"{sys.executable} {script}"
    cli.ok("edit", "k", user=user)


def test_an_editor_that_ends_the_file_with_a_line_break_edits_no_abstract(k: CommandLine) -> None:
    edit(k, "ann", old="trust matters a lot.", new="trust matters a lot.\n")
    assert record(k, "k")["abstract"] == NURSES


def test_fields_named_like_something_else_can_be_edited(cli: CommandLine) -> None:
    cli.write("a.bib", "@article{k, title={[x] marks}, key={ABC}, methods={surveys}, author={A B}, year=2000, journal={J}}")
    cli.ok("add", "a.bib")
    edit(cli, "ann", old="bib:methods = surveys", new="bib:methods = talks")
    edit(cli, "ann", old="title = [x] marks", new="title = [x] signs")
    metadata = record(cli, "k")["metadata"]
    assert (metadata["key"], metadata["methods"], metadata["title"]) == ("ABC", "talks", "[x] signs")
    assert values(cli, "methods") == []


def test_a_box_that_is_emptied_takes_the_word_back_and_a_ticked_dispute_is_confirmed(k: CommandLine) -> None:
    k.ok("accept", "--field", "methods", user="ann")
    edit(k, "ann", old="methods = [x]", new="methods = [ ]")
    assert values(k, "methods") == [("semi-structured interviews", "proposed")]
    k.ok("accept", "--field", "methods", user="ann")
    k.ok("set", "k", "methods=", user="bob")
    assert values(k, "methods")[0][1] == "disputed"
    edit(k, "bob", old="methods = [≠]", new="methods = [x]")
    assert values(k, "methods") == [("semi-structured interviews", "decided")]


def test_deleting_what_another_wrote_keeps_ones_own_word(k: CommandLine) -> None:
    edit(k, "ann", old="methods = [ ] semi-structured interviews", new="methods = [x] AliceWord")
    edit(k, "bob", old="methods = [x] AliceWord", new="methods = [x] BobWord")
    edit(k, "ann", old="methods = [≠] BobWord\n", new="")
    assert "AliceWord" in [text for text, _ in values(k, "methods")]


def test_the_same_words_twice_are_decided_together(cli: CommandLine) -> None:
    text = "This paper studies bees. It is found that trust matters a lot. Something else. It is found that trust matters a lot."
    cli.ok("add", "-", "--key", "k", stdin=text)
    cli.ok("set", "k", "findings=none of it")
    assert values(cli, "findings") == [("none of it", "decided")]


def test_evidence_is_not_found_inside_words(k: CommandLine) -> None:
    k.ok("set", "k", "site=S")
    value = record(k, "k")["fields"]["site"]["values"][0]
    assert value["evidence"][0]["start"] == NURSES.index("S community")


def test_an_abstract_and_a_value_set_together_agree(k: CommandLine) -> None:
    k.ok("set", "k", "abstract=We held many interviews here.", "methods=interviews")
    assert not [line for line in k("check", "k").out.splitlines() if "\tquote\t" in line]


def test_what_a_person_emptied_stays_empty_when_a_file_is_read(cli: CommandLine) -> None:
    cli.write("a.bib", "@misc{k, title={T}, author={A B}, year=2000, doi={10.1/x}, abstract={Interviews were used.}}")
    cli.ok("add", "a.bib")
    cli.ok("set", "k", "abstract=", "doi=")
    cli.write("a.bib", "@misc{k, title={T}, author={A B}, year=2000, doi={10.1/x}, abstract={Interviews were used. Twice.}}")
    assert cli("add", "a.bib").status == 4
    cli.write("b.bib", "@misc{k, title={T}, author={A B}, year=2000, doi={10.1/x}, abstract={Interviews were used.}}")
    cli("add", "b.bib")
    assert (record(cli, "k")["abstract"], "doi" in record(cli, "k")["metadata"]) == (None, False)


def test_the_same_text_under_a_second_name_is_followed_there(cli: CommandLine) -> None:
    for name in ("a.txt", "b.txt"):
        cli.write(name, NURSES)
        cli.ok("add", name)
    cli.write("b.txt", NURSES + " One more sentence.")
    assert "updated 1" in cli.ok("add", "b.txt").out


def test_the_users_own_abstracts_are_told_apart_under_one_file_name(cli: CommandLine, seeds: list[Path]) -> None:
    for seed in seeds:
        cli.write("paper.txt", seed.read_bytes())
        assert "added 1" in cli.ok("add", "paper.txt").out
    assert len(cli.ok("list", "-k").lines) == 5


def test_a_killed_update_is_finished_by_the_next(bare: CommandLine) -> None:
    bare.ok("init")

    def write(journal: str) -> None:
        bare.write(
            "many.bib", "".join(f"@misc{{k{n}, title={{Work number {n}}}, author={{Author {n}}}, note={{{journal}}}, year=2000}}\n" for n in range(1200))
        )

    write("old")
    bare.ok("add", "--no-extract", "many.bib")
    write("new")
    settled = "SELECT COUNT(*) FROM block WHERE record_id IS NOT NULL AND source_id = (SELECT id FROM source WHERE supersedes IS NOT NULL)"
    kill_between_batches(bare, settled, "add", "--no-extract", "many.bib")
    done = bare("add", "--no-extract", "many.bib")
    assert done.status == 0
    records = json.loads(bare.ok("list", "--json").out)["records"]
    assert (len(records), {r["metadata"]["note"] for r in records}) == (1200, {"new"})


def test_stale_evidence_is_found_again_when_its_words_come_back(k: CommandLine) -> None:
    k.ok("set", "k", "abstract=Nothing at all.")
    k.ok("set", "k", f"abstract={NURSES} {NURSES}")
    k.ok("extract", "k")
    assert "stale" not in k("check", "k").out


# Two copies of a library


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Workspace, Workspace]:
    first = litrev.init(tmp_path / "a")
    first.add_text(NURSES)
    second = litrev.init(tmp_path / "b")
    merge(first, second)
    return first, second


def merge(source: Workspace, target: Workspace) -> None:
    path = target.library.folder / "other.ndjson"
    path.write_text("".join(source.export("ndjson").pieces), "utf-8")
    target.add([path])


def test_evidence_from_a_copy_whose_abstract_differs_moves(copies: tuple[Workspace, Workspace]) -> None:
    a, b = copies
    key = a.records()[0].key
    b.set(key, [f"abstract=Something before. {NURSES}", "theory=trust matters"])
    merge(b, a)
    merge(a, b)
    for copy in copies:
        assert not [finding for finding in copy.check() if finding.kind == "quote"]


def test_what_a_copy_has_more_is_taken(copies: tuple[Workspace, Workspace]) -> None:
    a, b = copies
    key = a.records()[0].key
    b.set(key, ["doi=10.1/x", "site=Ostend"])
    b.tag(b.library.ids(), ["seen"])
    merge(b, a)
    taken = a.records()[0]
    assert (taken.get("doi"), taken.tags) == ("10.1/x", ("seen",))
    assert [item.value.text for item in a.cells(taken.id)["site"].items] == ["Ostend"]


def test_what_was_removed_here_is_not_brought_back_by_a_copy(copies: tuple[Workspace, Workspace]) -> None:
    a, b = copies
    a.remove(a.library.ids())
    merge(b, a)
    assert a.records() == []


def test_a_merge_that_was_undone_can_be_done_again_whole(copies: tuple[Workspace, Workspace], tmp_path: Path) -> None:
    a, _ = copies
    target = litrev.init(tmp_path / "c")
    merge(a, target)
    target.undo()
    merge(a, target)
    assert "".join(target.export("ndjson").pieces) == "".join(a.export("ndjson").pieces)


@pytest.mark.parametrize(
    "harm",
    [
        {"extraction": [{"field": "methods", "extractor": "x", "value_ids": ["nope"]}]},
        {"decisions": [{"id": "d", "actor": "a", "field": "site", "subject": "nope", "verdict": "enter", "value_id": None, "at": "2026", "follows": None}]},
        {"decisions": [{"id": "d", "actor": "a", "field": "site", "subject": "", "verdict": "bogus", "value_id": None, "at": "2026", "follows": None}]},
        {"tags": None},
        {"tags": ["\x1b[2J"]},
        {"key": "k, x = {y}"},
        {"entry_type": "misc{q,"},
        {"fields": [{"name": "a = {1}, b", "value": "v", "raw": None}]},
        {"fields": [{"name": "a", "value": ["v"], "raw": None}]},
        {"created": 10**30},
    ],
)
def test_a_harmful_ndjson_line_is_quarantined_and_harms_nothing(cli: CommandLine, harm: dict[str, object]) -> None:
    cli.ok("add", "-", "--key", "good", stdin=NURSES)
    lines = cli.ok("export", "-f", "ndjson").out.splitlines()
    line = next(json.loads(line) for line in lines if '"litrev":"record"' in line)
    bad = {**line, "id": "11111111-1111-4111-8111-111111111111", "key": "bad", "values": [], "extraction": [], "decisions": [], **harm}
    cli.write("x.ndjson", lines[0] + "\n" + json.dumps(bad) + "\n")
    done = cli("add", "x.ndjson")
    assert (done.status, "read 1 = added 0 + updated 0 + unchanged 0 + quarantined 1" in done.out) == (3, True), done
    for words in (("list",), ("table",), ("summary",), ("search", "trust"), ("check", "good"), ("export", "-f", "bibtex")):
        assert cli(*words).status in {0, 1}
    assert cli.ok("list", "-k").lines == ["good"]


def test_a_harmful_line_takes_nothing_along_of_the_good_ones_behind_it(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "good", "-s", "title=A title that says something", stdin=NURSES)
    lines = cli.ok("export", "-f", "ndjson").out.splitlines()
    line = next(json.loads(line) for line in lines if '"litrev":"record"' in line)
    title = [{"name": "title", "value": "A title of which nothing is kept", "raw": None}]
    nothing: dict[str, Any] = {"tags": None, "values": [], "extraction": [], "decisions": []}
    bad = {**line, **nothing, "id": "11111111-1111-4111-8111-111111111111", "key": "bad", "fields": title}
    cli.ok("init", "other")
    cli.write("x.ndjson", "\n".join([lines[0], json.dumps(bad), json.dumps(line)]) + "\n")
    done = cli("-C", "other", "add", "x.ndjson")
    assert (done.status, "added 1" in done.out, "quarantined 1" in done.out) == (3, True, True), done
    assert cli.ok("-C", "other", "list", "-k").lines == ["good"]


# The world


def test_devices_and_databases_are_not_replaced(k: CommandLine) -> None:
    k.ok("table", "-f", "csv", "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()
    assert k("table", "-f", "csv", "-o", "library.db", "--force").status == 4
    assert k("backup", "library.db", "--force").status == 4
    assert k.ok("list", "-k").lines == ["k"]
    (k.folder / "link.csv").symlink_to(k.folder / "real.csv")
    k.ok("table", "-f", "csv", "-o", "link.csv")
    assert (k.folder / "link.csv").is_symlink()
    k.ok("table", "-f", "csv", "-o", "n" * 251 + ".csv")


def test_tags_that_look_like_options_can_be_taken_off(k: CommandLine) -> None:
    k.ok("tag", "k", "+new", "+history", "+n")
    k.ok("tag", "k", "-new", "-history")
    assert record(k, "k")["tags"] == ["n"]
    k.ok("tag", "--query", "trust", "-n", "+x")
    assert record(k, "k")["tags"] == ["n"]


@pytest.mark.parametrize("query", ['"the the the the the the the the"~100', "社区" * 20_000, "a OR " * 10_000 + "a", "community " * 1000, "#" + "9" * 5000])
def test_queries_made_to_hurt_are_answered_or_refused(k: CommandLine, query: str) -> None:
    done = k("search", "--", query)
    assert done.status in {0, 1, 2}
    assert "damaged" not in done.err
    assert k("list", "--", query).status in {0, 1, 2}


def test_a_folder_that_is_gone_and_closed_streams_are_told(cli: CommandLine, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    script = f"mkdir {gone}; cd {gone}; rmdir {gone}; {sys.executable} -m litrev list; echo $?"
    environ = {**cli.environ, "PYTHONPATH": str(Path(litrev.__file__).parent.parent)}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environ, check=False)
    assert done.stdout.strip().endswith("5")
    assert "Traceback" not in done.stderr
    cli.ok("add", "-", "-s", "title=社区 “x”", stdin="社区治理")
    for tail, status in ((">&-", 0), ("> /dev/full", 5)):
        done = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m litrev list {tail}"], capture_output=True, text=True, cwd=cli.folder, env=environ, check=False
        )
        assert (done.returncode, "Traceback" in done.stderr, "fault in litrev" in done.stderr) == (status, False, False), tail
    narrow = {**environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-m", "litrev", "list"], capture_output=True, text=True, cwd=cli.folder, env=narrow, check=True)
    assert "\\u793e" in done.stdout


def test_many_searches_at_once_on_a_cold_index_all_answer(cli: CommandLine) -> None:
    cli.ok("add", "--no-extract", "-", stdin="\n---\n".join(f"Abstract {n} about trust." for n in range(300)))
    command = [sys.executable, "-m", "litrev", "search", "trust", "-k", "-l", "0"]
    processes = [subprocess.Popen(command, cwd=cli.folder, env={**os.environ, **cli.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        out, err = process.communicate()
        assert (process.returncode, len(out.splitlines()), err) == (0, 300, b"")


def test_an_open_workspace_sees_what_another_wrote_and_indexed(tmp_path: Path) -> None:
    with litrev.init(tmp_path / "rev") as one:
        one.add_text("About trust.")
        assert one.search("trust").total == 1
        with litrev.open(tmp_path / "rev") as other:
            other.add_text("About volcanoes.")
            assert other.search("volcanoes").total == 1
        assert one.search("volcanoes").total == 1


def test_the_name_of_a_person_is_plain(cli: CommandLine) -> None:
    for name in ("a\x1fb", "\x1b[2J", " "):
        assert cli("list", user=name).status == 2
