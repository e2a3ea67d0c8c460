"""A file is read again after a change: what it said before, what is here, what it says now.

For a field, the entry type and the abstract alike: whoever alone changed something has it, and two
who changed it to different things are in conflict, where the library's value stays.
"""

from __future__ import annotations

from typing import Any

import pytest

import litrev
from litrev.library.model.record import Field
from tests.conftest import CommandLine

NOTHING = None

# before: in the file when it was first read; here: set in the library, "same" for not touched;
# now: in the file when it is read again; then what the library has, and whether there is a conflict
CASES = [
    ("one", "same", "one", "one", False),
    ("one", "same", "two", "two", False),
    ("one", "same", NOTHING, NOTHING, False),
    (NOTHING, "same", "one", "one", False),
    (NOTHING, "same", NOTHING, NOTHING, False),
    ("one", "two", "one", "two", False),
    ("one", "two", "two", "two", False),
    ("one", "two", "three", "two", True),
    ("one", "two", NOTHING, "two", True),
    ("one", NOTHING, "one", NOTHING, False),
    ("one", NOTHING, NOTHING, NOTHING, False),
    ("one", NOTHING, "two", NOTHING, True),
    (NOTHING, "one", NOTHING, "one", False),
    (NOTHING, "one", "one", "one", False),
    (NOTHING, "one", "two", "one", True),
]


def entry(kind: str = "misc", **fields: str | None) -> str:
    written = "".join(f", {name}={{{text}}}" for name, text in fields.items() if text is not None)
    # Something else changes each time, for a file with the same bytes is not merged at all.
    return f"@{kind}{{k, title={{A title}}, year=2000{written}}}\n"


def merged(cli: CommandLine, before: str, here: tuple[str, ...], now: str) -> tuple[Any, bool]:
    """The record after all three, and whether a conflict was reported."""
    cli.ok("add", cli.write("a.bib", before), "--no-extract")
    if here:
        cli.ok("set", "k", *here)
    outcome = cli("add", cli.write("a.bib", now + "% read again\n"), "--no-extract")
    assert outcome.status in {0, 4}, outcome
    assert (outcome.status == 4) is ("conflict" in outcome.err)
    return cli.record("k"), outcome.status == 4


@pytest.mark.parametrize(("before", "here", "now", "then", "conflict"), CASES)
def test_a_field_is_merged(
    cli: CommandLine,
    before: str | None,
    here: str | None,
    now: str | None,
    then: str | None,
    conflict: bool,
) -> None:
    change = () if here == "same" else (f"note={here or ''}",)
    record, conflicted = merged(cli, entry(note=before), change, entry(note=now))
    assert (record["metadata"].get("note"), conflicted) == (then, conflict)


@pytest.mark.parametrize(
    ("before", "here", "now", "then", "conflict"),
    # Only a person takes an abstract away.
    [row if row[:3] != ("one", "same", NOTHING) else (*row[:3], "one", True) for row in CASES],
)
def test_an_abstract_is_merged(
    cli: CommandLine,
    before: str | None,
    here: str | None,
    now: str | None,
    then: str | None,
    conflict: bool,
) -> None:
    change = () if here == "same" else (f"abstract={here or ''}",)
    record, conflicted = merged(cli, entry(abstract=before), change, entry(abstract=now))
    assert (record["abstract"], conflicted) == (then, conflict)


@pytest.mark.parametrize(
    ("before", "here", "now", "then", "conflict"),
    [
        ("book", "same", "book", "book", False),
        ("book", "same", "report", "report", False),
        ("book", "thesis", "book", "thesis", False),
        ("book", "thesis", "thesis", "thesis", False),
        ("book", "thesis", "report", "thesis", True),
    ],
)
def test_an_entry_type_is_merged(
    cli: CommandLine, before: str, here: str, now: str, then: str, conflict: bool
) -> None:
    cli.ok("add", cli.write("a.bib", entry(before)))
    with litrev.open(cli.folder) as review:
        text = review.as_text("k")
        changed = text.replace(f"entrytype = {before}", f"entrytype = {here}")
        review.take_text("k", text, text if here == "same" else changed)
    outcome = cli("add", cli.write("a.bib", entry(now) + "% read again\n"))
    assert (cli.record("k")["type"], outcome.status == 4) == (then, conflict)


@pytest.mark.parametrize(
    ("here", "found", "then"),
    [
        ("one", "two", "one"),
        ("one", "one", "one"),
        (NOTHING, "two", "two"),
        ("one", NOTHING, "one"),
    ],
)
def test_a_file_that_is_new_fills_only_what_is_missing(
    cli: CommandLine, here: str | None, found: str | None, then: str | None
) -> None:
    cli.ok("add", cli.write("a.bib", entry(note=here)))
    outcome = cli("add", cli.write("b.bib", entry(note=found)))
    assert cli.record("k")["metadata"].get("note") == then
    assert len(cli.records()) == 1
    assert outcome.status == (4 if here and found and here != found else 0)


def test_a_value_taken_away_is_not_filled_by_another_file(cli: CommandLine) -> None:
    cli.ok("add", cli.write("a.bib", entry(note="one")))
    cli.ok("set", "k", "note=")
    cli.ok("add", cli.write("b.bib", entry(note="one")))
    assert "note" not in cli.record("k")["metadata"]


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ("{Ann Ash}", "Ann Ash", True),
        ("Ann Ash", "{Ann Ash}", True),
        ("Ann Ash", "Ash, Ann", False),
    ],
)
def test_braces_around_a_name_are_no_other_words(
    cli: CommandLine, before: str, now: str, same: bool
) -> None:
    _, conflicted = merged(cli, entry(author=before), ("author=Bo Birch",), entry(author=now))
    assert conflicted is not same


def test_the_same_words_spelled_otherwise_keep_the_file_in_step(cli: CommandLine) -> None:
    record, _ = merged(cli, entry(note='G{\\"o}del'), (), entry(note="Gödel"))
    assert record["metadata"]["note"] == "Gödel"
    cli.ok("set", "k", "title=Another")
    cli.ok("sync", "a.bib")
    assert "note={Gödel}" in (cli.folder / "a.bib").read_text("utf-8")


def read_by_an_older_release(cli: CommandLine, entry: str) -> None:
    """Import an entry, and leave in its title what an older release made of the same expression."""
    cli.ok("add", cli.write("a.bib", entry), "--no-extract")
    with litrev.open(cli.folder) as review:
        (record,) = review.records()
        (title,) = [field for field in record.fields if field.name == "title"]
        with review.library.operation("add a.bib") as operation:
            older = title._replace(value="as it was decoded then")
            assert operation.set_field(record.id, "title", older)


def title_of(cli: CommandLine) -> Field:
    with litrev.open(cli.folder) as review:
        (record,) = review.records()
    (title,) = [field for field in record.fields if field.name == "title"]
    return title


@pytest.mark.parametrize(
    ("now", "value"),
    [("{Another title}", "Another title"), ("{{A} title}", "A title"), ('"A title"', "A title")],
)
def test_a_field_that_an_older_release_decoded_otherwise_follows_the_file(
    cli: CommandLine, now: str, value: str
) -> None:
    read_by_an_older_release(cli, "@misc{k, title={A title}, year=2000}")
    cli.ok("add", cli.write("a.bib", f"@misc{{k, title={now}, year=2000}}"), "--no-extract")
    assert title_of(cli) == Field("title", value, now)
    assert not cli.ok("quarantine").lines


def test_a_field_that_an_older_release_decoded_otherwise_goes_with_the_file(
    cli: CommandLine,
) -> None:
    read_by_an_older_release(cli, "@misc{k, title={A title}, year=2000}")
    cli.ok("add", cli.write("a.bib", "@misc{k, year=2000}"), "--no-extract")
    assert "title" not in cli.record("k")["metadata"]


@pytest.mark.parametrize("elsewhere", ["", "% read again\n"])
def test_a_file_that_an_older_release_decoded_otherwise_is_not_a_change(
    cli: CommandLine, elsewhere: str
) -> None:
    text = "@misc{k, title={A title}, year=2000}\n" + elsewhere
    read_by_an_older_release(cli, "@misc{k, title={A title}, year=2000}\n")
    assert "unchanged 1" in cli.ok("add", cli.write("a.bib", text), "--no-extract").out
    assert title_of(cli) == Field("title", "as it was decoded then", "{A title}")
    assert "nothing to do" in cli.ok("sync", "a.bib").err
    assert (cli.folder / "a.bib").read_text("utf-8") == text


def test_a_field_edited_after_an_older_release_decoded_it_is_in_conflict(cli: CommandLine) -> None:
    read_by_an_older_release(cli, "@misc{k, title={A title}, year=2000}")
    cli.ok("set", "k", "title=My title")
    outcome = cli("add", cli.write("a.bib", "@misc{k, title={Their title}, year=2000}"))
    assert (outcome.status, title_of(cli).value) == (4, "My title")


def test_one_macro_that_two_files_define_differently_is_no_reason_to_take_either(
    cli: CommandLine,
) -> None:
    entry = "@article{k, title={A title}, author={A B}, year=2000, journal=j}\n"
    cli.ok("add", cli.write("a.bib", '@string{j = "One"}\n' + entry))
    assert cli("add", cli.write("b.bib", '@string{j = "Two"}\n' + entry)).status == 4
    assert cli("add", cli.write("b.bib", '@string{j = "Three"}\n' + entry)).status == 4
    assert cli.record("k")["metadata"]["journal"] == "One"
