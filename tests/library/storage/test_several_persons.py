"""Several people and one abstract: each decision is kept, and evidence follows its words."""

from __future__ import annotations

from tests.conftest import NURSES, CommandLine


def test_a_rejected_value_does_not_come_back_when_the_abstract_is_edited(k: CommandLine) -> None:
    k.ok("set", "k", "methods=", user="ann")
    k.ok("set", "k", f"abstract=Abstract: {NURSES}", user="ann")
    k.ok("extract", "k", user="ann")
    assert k.values("methods") == []


def test_a_second_person_who_says_the_same_is_heard(k: CommandLine) -> None:
    k.ok("set", "k", "theory=exchange theory", user="ann")
    k.ok("set", "k", "theory=exchange theory", user="bob")
    k.ok("undo", user="ann")
    assert k.values("theory") == [("exchange theory", "decided")]


def test_two_persons_who_differ_on_one_text_dispute_it(k: CommandLine) -> None:
    k.ok("set", "k", "research_object=apples", user="ann")
    k.ok("set", "k", "research_object=pears", user="bob")
    assert {state for _, state in k.values("research_object")} == {"disputed"}


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


def test_the_same_words_twice_are_decided_together(cli: CommandLine) -> None:
    text = (
        "This paper studies bees. It is found that trust matters a lot. Something else. "
        "It is found that trust matters a lot."
    )
    cli.ok("add", "-", "--key", "k", stdin=text)
    cli.ok("set", "k", "findings=none of it")
    assert cli.values("findings") == [("none of it", "decided")]


def test_evidence_is_not_found_inside_words(k: CommandLine) -> None:
    k.ok("set", "k", "site=S")
    value = k.record("k")["fields"]["site"]["values"][0]
    assert value["evidence"][0]["start"] == NURSES.index("S community")


def test_an_abstract_and_a_value_set_together_agree(k: CommandLine) -> None:
    k.ok("set", "k", "abstract=We held many interviews here.", "methods=interviews")
    assert not [line for line in k("check", "k").out.splitlines() if "\tquote\t" in line]


def test_stale_evidence_is_found_again_when_its_words_come_back(k: CommandLine) -> None:
    k.ok("set", "k", "abstract=Nothing at all.")
    k.ok("set", "k", f"abstract={NURSES} {NURSES}")
    k.ok("extract", "k")
    assert "stale" not in k("check", "k").out


def test_the_name_of_a_person_is_plain(cli: CommandLine) -> None:
    for name in ("a\x1fb", "\x1b[2J", " "):
        assert cli("list", user=name).status == 2
