"""What is indexed of a record, and where a search looks."""

from __future__ import annotations

from pathlib import Path

import pytest

import litrev
from tests.conftest import CommandLine


def test_everything_known_of_a_record_is_found_under_its_field(cli: CommandLine) -> None:
    cli.write(
        "a.bib",
        "@article{k1, author={Garc{\\'i}a, Jos{\\'e} and 欧阳小雨}, title={Trusting Nurses}, "
        "journal={Journal of Ferries}, year=2020, keywords={buoy; 社区},"
        " doi={10.1000/182}, publisher={Salt Press}, abstract={Only here: wharf.}}",
    )
    cli.ok("add", "a.bib")
    cli.ok("tag", "k1", "+urgent")
    cli.ok("note", "k1", "compare with harbour")
    cli.ok("set", "k1", "site=Ostend", "methods=diary study")
    for query in (
        "title:trust",
        "author:garcia",
        "author:José",
        'author:"garcia jose"',
        "author:欧阳小雨",
        "欧阳",
        "venue:ferries",
        "year:2020",
        "keywords:社区",
        "doi:10.1000/182",
        "10.1000/182",
        "salt",
        "abstract:wharf",
        "tag:urgent",
        "note:harbour",
        "site:ostend",
        "methods:diaries",
        "fields:diary",
        "key:k1",
        "type:article",
        "has:note",
        "has:site",
        "missing:theory",
        "is:decided",
        "state:decided",
    ):
        assert cli.ok("search", query, "-k").lines == ["k1"], query
    assert cli("search", "title:wharf").status == 1


def test_former_keys_are_found(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "before", stdin="One.")
    cli.ok("rename", "before", "after")
    assert cli.ok("search", "key:before", "-k").lines == ["after"]


def test_a_hit_in_the_title_comes_before_one_in_the_abstract(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "inside", stdin="Something about ferries.")
    cli.ok("add", "-", "--key", "titled", "-s", "title=Ferries", stdin="Something about boats.")
    assert cli.ok("search", "ferries", "-k").lines == ["titled", "inside"]


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        ("year", ["b", "a", "c"]),
        ("-year", ["c", "a", "b"]),
        ("key", ["a", "b", "c"]),
        ("added", ["c", "a", "b"]),
    ],
)
def test_answers_can_be_sorted(cli: CommandLine, sort: str, keys: list[str]) -> None:
    for key, year in (("c", 2022), ("a", 2020), ("b", 2018)):
        cli.ok("add", "-", "--key", key, "-s", f"year={year}", stdin=f"Trust {key}.")
    assert cli.ok("search", "trust", "-k", "--sort", sort).lines == keys
    assert cli.ok("search", "trust", "-k", "--sort", sort, "--limit", "1").lines == keys[:1]


def test_nothing_is_cut_silently(cli: CommandLine) -> None:
    cli.ok("add", "-", stdin="\n---\n".join(f"Trust number {n}." for n in range(25)))
    done = cli.ok("search", "trust")
    assert len(done.lines) == 20
    assert "20 of 25" in done.err


def test_many_changes_at_once_are_followed(tmp_path: Path) -> None:
    with litrev.init(tmp_path / "rev") as review:
        review.add_text("First about trust.")
        assert review.search("trust").total == 1
        review.add_text("\n---\n".join(f"Trust number {n}." for n in range(700)))
        assert review.search("trust", limit=5).total == 701
        review.tag(review.library.ids()[:600], ["x"])
        assert review.search("tag:x", limit=5).total == 600
        review.remove(review.library.ids()[:300])
        assert review.search("tag:x", limit=5).total == 300
