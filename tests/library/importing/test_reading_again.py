"""A file that is read again: what is the same work, what has changed, and what a person has said of
it meanwhile.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import CODICES, NURSES, CommandLine


def test_a_file_name_used_again_for_another_text_adds_a_record(cli: CommandLine) -> None:
    cli.write("abstract.txt", NURSES)
    cli.ok("add", "abstract.txt")
    cli.ok("accept")
    cli.write("abstract.txt", CODICES)
    assert "added 1" in cli.ok("add", "abstract.txt").out
    abstracts = [r["abstract"] for r in json.loads(cli.ok("list", "--json").out)["records"]]
    assert abstracts == [NURSES, CODICES]


def test_a_key_used_again_in_a_file_for_another_work_adds_a_record(cli: CommandLine) -> None:
    cli.write(
        "r.bib",
        "@article{smith, author={Smith, Ann}, title={Trust in Nurses}, doi={10.1/a},"
        " journal={J}, year=2020}",
    )
    cli.ok("add", "r.bib")
    cli.write(
        "r.bib",
        "@article{smith, author={Jones, Ben}, title={Volcanoes of Iceland}, doi={10.1/b},"
        " journal={J}, year=2021}",
    )
    assert "added 1" in cli.ok("add", "r.bib").out
    assert cli.ok("list", "-k").lines == ["smith", "smith-2"]


def test_reordered_abstracts_stay_with_their_records(cli: CommandLine) -> None:
    cli.write("two.txt", f"{NURSES}\n---\n{CODICES}\n")
    cli.ok("add", "two.txt")
    cli.ok("tag", cli.ok("list", "-k").lines[0], "+nurses")
    cli.write(
        "two.txt",
        "A third abstract about something else entirely: lighthouse keepers and fog.\n"
        f"---\n{NURSES}\n",
    )
    cli.ok("add", "two.txt")
    found = {
        r["abstract"].strip()[:20]: r["tags"]
        for r in json.loads(cli.ok("list", "--json").out)["records"]
    }
    assert found[NURSES[:20]] == ["nurses"]
    assert len(found) == 3


def test_a_key_changed_in_the_file_is_another_name_of_the_same_record(cli: CommandLine) -> None:
    cli.write(
        "r.bib", "@article{smith, author={Smith, Ann}, title={Trust}, journal={J}, year=2020}"
    )
    cli.ok("add", "r.bib")
    cli.write(
        "r.bib",
        "@article{smith2020trust, author={Smith, Ann}, title={Trust}, journal={J}, year=2020}",
    )
    assert "updated 1" in cli.ok("add", "r.bib").out
    assert cli.ok("list", "-k").lines == ["smith"]
    assert cli.record("smith2020trust")["key"] == cli.record("smith")["key"]


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
        cli.write(
            "a.bib",
            f'@string{{j = "{journal}"}}\n'
            "@article{k, author={A B}, title={T}, journal=j, year=2020}\n",
        )
        cli.ok("add", "a.bib")
    assert cli.record("k")["metadata"]["journal"] == "New Journal"


def test_metadata_first_then_the_text_named_by_its_key(cli: CommandLine) -> None:
    cli.write(
        "m.bib", "@article{smith, author={Smith, Ann}, title={Trust}, journal={J}, year=2020}"
    )
    cli.write("smith.txt", NURSES)
    cli.ok("add", "m.bib")
    assert "updated 1" in cli.ok("add", "smith.txt").out
    assert "unchanged 1" in cli.ok("add", "smith.txt", "--bib", "m.bib").out
    assert cli.record("smith")["abstract"] == NURSES


def test_a_text_and_its_metadata_that_are_two_records_already_are_named(cli: CommandLine) -> None:
    cli.write("x.txt", NURSES)
    cli.write(
        "m.bib", "@article{smith, author={Smith, Ann}, title={Trust}, journal={J}, year=2020}"
    )
    cli.ok("add", "x.txt")
    cli.ok("add", "m.bib")
    cli.write("smith.txt", NURSES)
    assert "are two records of one work" in cli.ok("add", "smith.txt", "--bib", "m.bib").err


def test_an_identical_entry_twice_in_one_file_is_kept_once(cli: CommandLine) -> None:
    cli.write("a.bib", "@misc{a, title={One}, author={X}, year=2000}\n" * 2)
    for counts in ("added 1 + updated 0 + unchanged 1", "added 0 + updated 0 + unchanged 2"):
        assert counts in cli.ok("add", "a.bib").out
    assert cli.ok("list", "-k").lines == ["a"]


def test_what_a_person_emptied_stays_empty_when_a_file_is_read(cli: CommandLine) -> None:
    cli.write(
        "a.bib",
        "@misc{k, title={T}, author={A B}, year=2000, doi={10.1/x},"
        " abstract={Interviews were used.}}",
    )
    cli.ok("add", "a.bib")
    cli.ok("set", "k", "abstract=", "doi=")
    cli.write(
        "a.bib",
        "@misc{k, title={T}, author={A B}, year=2000, doi={10.1/x},"
        " abstract={Interviews were used. Twice.}}",
    )
    assert cli("add", "a.bib").status == 4
    cli.write(
        "b.bib",
        "@misc{k, title={T}, author={A B}, year=2000, doi={10.1/x},"
        " abstract={Interviews were used.}}",
    )
    cli("add", "b.bib")
    assert (cli.record("k")["abstract"], "doi" in cli.record("k")["metadata"]) == (None, False)


def test_the_same_text_under_a_second_name_is_followed_there(cli: CommandLine) -> None:
    for name in ("a.txt", "b.txt"):
        cli.write(name, NURSES)
        cli.ok("add", name)
    cli.write("b.txt", NURSES + " One more sentence.")
    assert "updated 1" in cli.ok("add", "b.txt").out


def test_the_users_own_abstracts_are_told_apart_under_one_file_name(
    cli: CommandLine, seeds: list[Path]
) -> None:
    for seed in seeds:
        cli.write("paper.txt", seed.read_bytes())
        assert "added 1" in cli.ok("add", "paper.txt").out
    assert len(cli.ok("list", "-k").lines) == 5
