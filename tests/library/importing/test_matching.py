"""Which record a work is: the rules as tables, and what becomes of a file that is read again."""

from __future__ import annotations

import json

import pytest

import litrev
from litrev.library.importing.likeness import likeness, same_work, share
from litrev.library.importing.matching import names_of
from litrev.library.model.record import Field, Record
from litrev.library.model.source import Work
from tests.conftest import CommandLine

ABSTRACT = "We used interviews with twenty nurses in two wards of one hospital."


def work(
    abstract: str | None = None, key: str | None = None, kind: str | None = None, **fields: str
) -> Work:
    made = tuple(Field(name, value) for name, value in fields.items())
    return Work(0, 1, key, kind, made, abstract)


def record(abstract: str | None = None, **fields: str) -> Record:
    made = tuple(Field(name, value) for name, value in fields.items())
    return Record("id", "key", "article", made, abstract)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # a DOI decides, in whatever case and spelling, also against the title
        ({"doi": "10.1/A"}, {"doi": "10.1/a"}, True),
        ({"doi": "10.1/a"}, {"doi": "10.1/b", "title": "T"}, False),
        ({"doi": "10.1/a", "title": "T"}, {"doi": "10.1/a", "title": "U"}, True),
        ({"doi": "10.1/a", "title": "T"}, {"title": "T"}, True),
        ({"doi": "10.1/a", "title": "T"}, {"title": "U"}, False),
        # then title and year; punctuation and width do not count
        ({"title": "On Trust!"}, {"title": "on trust"}, True),
        ({"title": "ＯＮ Trust"}, {"title": "on trust"}, True),
        ({"title": "On Trust"}, {"title": "On Trust II"}, False),
        ({"title": "T", "year": "2019"}, {"title": "T", "year": "2019"}, True),
        ({"title": "T", "year": "2019"}, {"title": "T", "year": "2020"}, False),
        ({"title": "T", "year": "2019"}, {"title": "T"}, True),
        ({"title": "T", "year": "2019"}, {"title": "T", "date": "2019-05"}, True),
        ({"title": "T", "date": "2018-05"}, {"title": "T", "year": "2019"}, False),
        ({"title": "T", "year": " 2019"}, {"title": "T", "year": "2019a"}, True),
        # then the abstract; blanks do not count
        ({"abstract": "One  two."}, {"abstract": "One two."}, True),
        ({"abstract": "One two."}, {"abstract": "One three."}, False),
        ({"abstract": "One.", "title": "T"}, {"abstract": "Two."}, False),
        ({"abstract": "One.", "title": "T"}, {"abstract": "Two.", "title": "T"}, True),
        # what says nothing against it, is
        ({"abstract": "One."}, {"title": "T"}, True),
        ({"title": "T"}, {"year": "2019"}, True),
        ({}, {}, True),
    ],
)
def test_a_record_and_a_work_of_one_key_are_one_work_or_not(
    one: dict[str, str], other: dict[str, str], same: bool
) -> None:
    assert same_work(record(**one), work(**other)) is same
    assert same_work(record(**other), work(**one)) is same


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # a DOI that both have
        (work(doi="10.1/A", title="T"), work(doi="10.1/a", title="U"), 1),
        # the words of the titles: 2 * 2 / (3 + 2)
        (work(title="Trust in villages"), work(title="trust, villages"), 0.8),
        (work(title="Trust"), work(title="Pay"), 0),
        # a tenth less when the years differ, but for the very same title
        (work(title="a b c", year="2019"), work(title="a c", year="2020"), 0.72),
        (work(title="a b c", year="2019"), work(title="a c", date="2019-01"), 0.8),
        (work(title="a b c", year="2019"), work(title="a c"), 0.8),
        (work(title="a b", year="2019"), work(title="A b.", year="2020"), 1),
        # runs of three words of the abstracts: 2 * 2 / (3 + 4)
        (work("one two three four five"), work("one two three four five six"), 6 / 7),
        (work("one two"), work("one two"), 1),
        (work("two one"), work("one two"), 0),
        # the larger of title and abstract
        (work("one two three", title="a b"), work("one two three", title="a c"), 1),
        (work("one two three", title="a b"), work("one two four", title="a c"), 0.5),
        # half of it, when the DOIs differ
        (work(doi="10.1/a", title="T"), work(doi="10.1/b", title="T"), 0.5),
        (work(doi="10.1/a", title="T"), work(title="T"), 1),
        # nothing to compare
        (work(), work(title="T"), 0.5),
        (work(doi="10.1/a"), work(doi="10.1/b"), 0.5),
        # key, type and author kept: it may have been retitled
        (
            work(key="a", kind="book", title="One", author="Ann Ash"),
            work(key="b", kind="book", title="Two", author="Ash, Ann"),
            0.5,
        ),
        (
            work(key="a", kind="book", title="One", author="Ann Ash"),
            work(key="b", kind="misc", title="Two", author="Ash, Ann"),
            0,
        ),
        (
            work(key="a", kind="book", title="One", author="Ann B Ash"),
            work(key="b", kind="book", title="Two", author="Ann Ash"),
            0.5,
        ),
        (
            work(key="a", kind="book", title="One", author="Ann Ash"),
            work(key="b", kind="book", title="Two", author="Ann Oak"),
            0,
        ),
        (
            work(kind="book", title="One", author="Ann Ash"),
            work(kind="book", title="Two", author="Ann Ash"),
            0,
        ),
        (work(key="a", kind="book", title="One"), work(key="b", kind="book", title="Two"), 0),
    ],
)
def test_how_alike_two_versions_of_a_work_are(one: Work, other: Work, expected: float) -> None:
    assert likeness(one, other) == pytest.approx(expected)
    assert likeness(other, one) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("one", "other", "run", "expected"),
    [
        ("a b c d", "a b x d", 1, 0.75),
        ("a b c d", "a b x d", 2, 1 / 3),
        ("a b c", "c b a", 1, 1),
        ("a b c", "c b a", 2, 0),
        ("a a a", "a", 1, 1),
        ("社区治理", "社区研究", 1, 0.5),
        ("社区治理", "社区研究", 2, 1 / 3),
        ("BERT模型", "ＢＥＲＴ 模 型", 3, 1),
        ("", "a", 1, 0),
        ("a", "...", 1, 0),
    ],
)
def test_the_share_of_runs_of_words_two_texts_have(
    one: str, other: str, run: int, expected: float
) -> None:
    assert share(one, other, run) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("made", "names"),
    [
        (work(key="Ash2019"), ["ash2019"]),
        (work(key="k", file="papers/Ash 2019.pdf"), ["k", "ash 2019.pdf", "ash 2019"]),
        (
            work(file="First:a/One.pdf:application/pdf;:b/Two.PDF:PDF"),
            ["one.pdf", "one", "two.pdf", "two"],
        ),
        (work(file="nothing"), []),
        (work(), []),
    ],
)
def test_an_abstract_is_named_by_a_key_or_by_a_file(made: Work, names: list[str]) -> None:
    assert names_of(made) == names


# A file that is read again. Each row: an entry, how it reads in the next version of its file, and
# whether that is the same record.
OLD = "@article{old, author={Ann Ash}, title={Trust in village libraries}, year=2019}"
CHANGES = [
    ("unchanged", OLD, True),
    ("another key", OLD.replace("{old,", "{new,"), True),
    ("another year under the key", OLD.replace("2019", "2020"), True),
    ("another word in the title", OLD.replace("village", "town"), True),
    ("another title under the key, type and author",
     OLD.replace("Trust in village libraries", "Pay of nurses"), True),
    ("another title and author under the key",
     OLD.replace("Trust in village libraries", "Pay of nurses").replace("Ann Ash", "Bo Birch"),
     False),
    ("another key and one word of the title",
     OLD.replace("{old,", "{new,").replace("Trust in village libraries", "Trust in libraries"),
     True),
    ("another key and two words of the title",
     OLD.replace("{old,", "{new,").replace("village libraries", "town halls"), False),
    ("another key, year and word of the title",
     OLD.replace("{old,", "{new,").replace("in village", "village").replace("2019", "2021"),
     False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("after", "same"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
def test_an_entry_that_changed_in_its_file_is_the_same_record_or_not(
    cli: CommandLine, after: str, same: bool
) -> None:
    other = "@misc{other, title={Something else entirely}, year=2000}\n"
    cli.ok("add", cli.write("a.bib", OLD + other))
    before = cli.record("old")["id"]
    cli("add", cli.write("a.bib", after + other))
    ids = [item["id"] for item in cli.records() if item["key"] != "other"]
    assert (ids == [before]) is same


def test_of_works_equally_alike_the_nearest_place_in_the_file_decides(cli: CommandLine) -> None:
    entry = "@article{{{key}, title={{Annual report}}, year={year}, pages={{{pages}}}}}\n"
    first = [entry.format(key=f"k{n}", year=2000 + n, pages=n) for n in (1, 2, 3)]
    cli.ok("add", cli.write("a.bib", "".join(first)))
    before = {item["metadata"]["year"]: item["id"] for item in cli.records()}
    second = [entry.format(key=f"new{n}", year=2000 + n, pages=n * 10) for n in (1, 2, 3)]
    cli.ok("add", cli.write("a.bib", "".join(second)))
    assert {item["metadata"]["year"]: item["id"] for item in cli.records()} == before


def test_metadata_joins_the_abstract_that_was_alone_in_a_file_of_its_name(cli: CommandLine) -> None:
    cli.ok("add", cli.write("Ash 2019.txt", ABSTRACT))
    cli.ok("add", cli.write("two.txt", f"{ABSTRACT} One.\n---\n{ABSTRACT} Two."))
    entries = (
        "@article{k, title={T}, year=2019, file={papers/ash 2019.pdf}}\n"
        "@article{two, title={U}, year=2020}\n"
    )
    cli.ok("add", cli.write("a.bib", entries))
    by_title = {item["metadata"].get("title"): item for item in cli.records()}
    assert by_title["T"]["abstract"] == ABSTRACT
    assert by_title["U"]["abstract"] is None
    assert len(cli.records()) == 4


A, B = (
    f"@misc{{{name}, title={{{title}}}, year=2019}}\n"
    for name, title in (("a", "Trust among nurses"), ("b", "Pay of teachers in towns"))
)


def keys(cli: CommandLine) -> list[str]:
    return sorted(item["key"] for item in cli.records())


def abstracts(cli: CommandLine) -> dict[str, str]:
    """The ids of the records by their abstracts, without the blanks around them."""
    return {(item["abstract"] or "").strip(): item["id"] for item in cli.records()}


def test_what_only_an_older_version_of_a_file_had_is_not_looked_for(cli: CommandLine) -> None:
    cli.ok("add", cli.write("a.bib", f"% comment\n{A}{B}"))
    cli.ok("add", cli.write("a.bib", f"% comment\n{B}"))
    cli.ok("add", cli.write("a.bib", f"% comment\n{A.replace('{a,', '{new,')}{B}"))
    assert keys(cli) == ["a", "b", "new"]


def test_an_entry_in_another_file_is_known_by_its_words_whatever_was_edited_here(
    cli: CommandLine,
) -> None:
    cli.ok("add", cli.write("a.bib", A))
    cli.ok("set", "a", "title=Another title", "year=2001")
    cli("add", cli.write("b.bib", B + A))
    assert keys(cli) == ["a", "b"]


def test_what_a_person_removed_stays_removed_unless_asked_for(cli: CommandLine) -> None:
    cli.ok("add", cli.write("a.bib", A))
    cli.ok("rm", "a")
    cli.ok("add", cli.write("b.bib", B + A))
    assert keys(cli) == ["b"]
    cli.ok("add", cli.write("c.txt", ABSTRACT))
    (key,) = set(keys(cli)) - {"b"}
    cli.ok("rm", key)
    cli.ok("add", cli.write("d.txt", f"{ABSTRACT}\n---\nAnother abstract altogether."))
    assert ABSTRACT not in abstracts(cli)
    cli.ok("add", "--again", "b.bib", "d.txt")
    assert {"a", "b"} < set(keys(cli))
    assert ABSTRACT in abstracts(cli)


def test_of_two_abstracts_that_are_alike_the_more_alike_one_is_the_last_version(
    cli: CommandLine,
) -> None:
    first, second = f"{ABSTRACT} Trust matters most.", f"{ABSTRACT} Pay matters most of all."
    cli.ok("add", cli.write("two.txt", f"{first}\n---\n{second}"))
    ids = abstracts(cli)
    cli.ok("add", cli.write("two.txt", f"{first} Always."))
    assert abstracts(cli) == {f"{first} Always.": ids[first], second: ids[second]}


def test_a_work_that_was_read_twice_from_a_file_may_be_there_twice_again(cli: CommandLine) -> None:
    pair = A + A.replace("}\n", ", note={the same}}\n")
    cli.ok("add", cli.write("a.bib", pair))
    count = len(cli.records())
    cli.ok("add", cli.write("a.bib", f"% changed\n{pair}"))
    assert len(cli.records()) == count


def test_every_entry_of_each_version_of_a_file_belongs_to_its_record(cli: CommandLine) -> None:
    for text in (A + B, A.replace("nurses", "midwives") + B, B + A):
        cli.ok("add", cli.write("a.bib", text))
        lines = map(json.loads, cli.ok("export", "-f", "ndjson").lines)
        blocks = [line for line in lines if line["litrev"] == "block" and line["kind"] == "entry"]
        assert all(block["record_id"] for block in blocks)
        cli.ok("set", "a", "note=seen")
        cli.ok("sync", "a.bib")
        assert (cli.folder / "a.bib").read_text("utf-8").count("note={seen}") == 1
        cli.ok("set", "a", "note=")


def test_an_abstract_joins_the_record_that_has_its_file_s_name_as_key(cli: CommandLine) -> None:
    cli.ok("add", cli.write("a.bib", A + B.replace("year", "abstract={Has one.}, year")))
    cli.ok("add", cli.write("A.txt", ABSTRACT), cli.write("b.txt", f"{ABSTRACT} B."))
    assert cli.record("a")["abstract"] == ABSTRACT
    assert cli.record("b")["abstract"] == "Has one."
    assert len(cli.records()) == 3


def test_a_source_gives_a_record_away_once(cli: CommandLine) -> None:
    cli.ok("add", cli.write("a.bib", A))
    cli("add", cli.write("b.bib", A + A.replace("2019", "2019, note={again}")))
    assert len(cli.records()) == 2


def test_an_entry_that_has_no_title_is_known_by_all_it_says_under_another_key(
    cli: CommandLine,
) -> None:
    entry = "@misc{old, author={Ann Ash}, howpublished={A talk}}\n"
    cli.ok("add", cli.write("a.bib", entry + B))
    before = cli.record("old")["id"]
    cli.ok("add", cli.write("a.bib", entry.replace("old", "new") + B))
    assert before in [item["id"] for item in cli.records()]
    assert len(cli.records()) == 2


def test_a_work_under_a_key_the_file_had_is_not_another_work_of_it(cli: CommandLine) -> None:
    cli.ok("add", cli.write("a.bib", A + B))
    retitled = "@misc{b, title={Trust among many nurses}, year=2019}\n"
    cli("add", cli.write("a.bib", retitled))
    titles = sorted(item["metadata"]["title"] for item in cli.records())
    assert titles == ["Pay of teachers in towns", "Trust among many nurses", "Trust among nurses"]


def test_an_entry_with_metadata_is_not_known_by_its_abstract_alone(cli: CommandLine) -> None:
    cli.ok("add", cli.write("a.txt", ABSTRACT))
    entry = f"@misc{{k, title={{T}}, year=2019, abstract={{{ABSTRACT}}}}}\n"
    cli.ok("add", cli.write("a.bib", entry))
    assert len(cli.records()) == 2


def test_of_works_equally_alike_one_that_moved_takes_the_nearest(cli: CommandLine) -> None:
    entry = "@article{{{key}, title={{Annual report}}, pages={{{pages}}}}}\n"
    cli.ok("add", cli.write("a.bib", "".join(entry.format(key=f"k{n}", pages=n) for n in "1234")))
    third = cli.record("k3")["id"]
    comments = "@comment{one}\n@comment{two}\n"
    cli.ok("add", cli.write("a.bib", comments + entry.format(key="new", pages=9)))
    pages = {item["id"]: item["metadata"]["pages"] for item in cli.records()}
    assert pages[third] == "9"


def test_a_record_has_one_next_version_however_many_are_like_it(cli: CommandLine) -> None:
    cli.ok("add", cli.write("a.txt", f"{ABSTRACT} Trust matters."))
    cli.ok("add", cli.write("a.txt", f"{ABSTRACT} Pay matters.\n---\n{ABSTRACT} Trust is all."))
    assert sorted(abstracts(cli)) == [f"{ABSTRACT} Pay matters.", f"{ABSTRACT} Trust is all."]


def test_of_very_many_works_without_keys_the_place_in_the_file_decides(cli: CommandLine) -> None:
    texts = [f"{ABSTRACT} Ward number {n}." for n in range(201)]
    cli.ok("add", "--no-extract", cli.write("a.txt", "\n---\n".join(texts)))
    before = abstracts(cli)
    changed = [f"{text} Again." for text in reversed(texts)]
    cli.ok("add", "--no-extract", cli.write("a.txt", "\n---\n".join(changed)))
    after = abstracts(cli)
    assert [after[new] for new in changed] == [before[old] for old in texts]


def test_an_entry_whose_key_changes_after_its_record_was_merged_is_still_known(
    cli: CommandLine,
) -> None:
    cli.ok("add", cli.write("a.bib", A + B))
    with litrev.open(cli.folder) as review:
        review.merge("a", "b")
    outcome = cli("add", cli.write("a.bib", A + B.replace("{b,", "{c,").replace("2019", "2020")))
    assert outcome.status in {0, 4}, outcome
    assert len(cli.records()) == 1


def test_of_two_entries_of_a_merged_record_the_key_says_which_one_changed(cli: CommandLine) -> None:
    signed = A.replace("year", "author={Ann Ash}, year")
    cli.ok("add", cli.write("a.bib", signed + B))
    with litrev.open(cli.folder) as review:
        review.merge("a", "b")
    closer_to_b = signed.replace("Trust among nurses", "Pay of teachers in towns, and trust")
    cli.ok("add", cli.write("a.bib", closer_to_b + B))
    (record,) = cli.records()
    assert record["metadata"]["title"] == "Pay of teachers in towns, and trust"
