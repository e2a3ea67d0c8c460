"""Keeping a library in order: keys, duplicates, checking, what a manuscript cites."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import litrev
from litrev.library.bibtex.citation_keys import proposed_key
from litrev.library.model.record import Field
from litrev.library.storage.schema import INITIAL_SCHEMA, statements
from litrev.text.pinyin import can_romanise
from tests.conftest import CommandLine


def fields(**values: str) -> tuple[Field, ...]:
    return tuple(Field(name, value) for name, value in values.items())


# Citation keys


@pytest.mark.parametrize(
    ("values", "key"),
    [
        (
            {"author": "张三 and 李四", "title": "基于深度学习的研究", "year": "2020"},
            "zhang2020jiyu",
        ),
        ({"author": "单田芳", "title": "评书", "year": "1999"}, "shan1999pingshu"),
        ({"author": "欧阳修", "title": "新五代史"}, "ouyangxinwu"),
        (
            {"author": "Ørsted, Hans", "title": "The Effect", "date": "1820-07-21"},
            "orsted1820effect",
        ),
        ({"author": "de la Cruz, Juan", "title": "On A", "year": "2001"}, "delacruz2001"),
        (
            {"author": "{World Health Organization}", "title": "Report", "year": "2001"},
            "worldhealthorganization2001report",
        ),
        ({"title": "Only a Title"}, "anononly"),
    ],
)
def test_keys_are_ascii_by_the_pattern(values: dict[str, str], key: str) -> None:
    assert can_romanise(), "the development environment has the extra cjk"
    assert proposed_key(fields(**values)) == key


def test_the_pattern_of_the_library_s_settings_makes_its_keys(cli: CommandLine) -> None:
    settings = cli.folder / "litrev.toml"
    settings.write_text(
        settings.read_text().replace("{auth}{year}{title}", "{auth:capital}_{shortyear}{title2:3}")
    )
    cli.write("r.ris", "TY  - JOUR\nAU  - Smith, J\nTI  - Deep Learning\nPY  - 2019\nER  - \n")
    cli.ok("add", "r.ris")
    assert cli.ok("list").lines[0].split("\t")[1] == "Smith_19dee"
    settings.write_text(settings.read_text().replace("{auth:capital}", "{nobody}"))
    cli.write("s.txt", "An abstract.")
    outcome = cli("add", "s.txt")
    assert (outcome.status, "{nobody}" in outcome.err) == (2, True)


def test_a_former_key_is_found_by_show_search_and_cited(cli: CommandLine) -> None:
    cli.write("r.bib", "@misc{old, title={T}}")
    cli.ok("add", "r.bib")
    cli.ok("rename", "old", "new")
    cli.write("paper.tex", r"As \cite{old} says. % \cite{no}")
    assert "@misc{new," in cli.ok("export", "--cited", "paper.tex", "-f", "bibtex").out
    assert cli.ok("show", "old", "--json").out == cli.ok("show", "new", "--json").out
    assert "new" in cli.ok("search", "key:old").out


def test_what_is_cited_and_missing_is_named(cli: CommandLine) -> None:
    cli.write(
        "r.bib", "@misc{a, title={T}, crossref={p}}\n@book{p, title={P}}\n@misc{z, title={Z}}"
    )
    cli.ok("add", "r.bib")
    for name, text in {
        "p.md": "[@a; -@b]",
        "p.aux": "\\citation{a,b}",
        "p.qmd": "@a and @fig-x and @b",
        "p.tex": "\\parencites[1]{a}[2]{b}",
    }.items():
        cli.write(name, text)
        outcome = cli("export", "--cited", name, "-f", "bibtex")
        assert outcome.status == 1
        assert "not in the library: b\n" in outcome.err
        assert outcome.out.index("@misc{a,") < outcome.out.index("@book{p,"), (
            "the parent comes behind"
        )
        assert "@misc{z" not in outcome.out


# Duplicates

TWINS = """
@mastersthesis{a, author={张三}, title={社区党建研究：以A市为例}, school={U}, year={2020}, \
doi={10.27000/d.cnki.1}, keywords={党建}}
@mastersthesis{b, author={张三}, title={社区党建研究:以Ａ市为例}, school={U}, year={2021}, \
doi={10.7666/d.2}, url={http://w}}
@book{c, author={Doe, Jane}, title={A Handbook of Things}, year={2001}, edition={1}}
@book{d, author={Doe, Jane}, title={A Handbook of Things}, year={2001}, edition={2nd}}
@article{e, author={Roe, R.}, title={Another Title Here}, year={2001}, doi={10.1000/X}}
@article{f, author={Roe, Richard}, title={Another title here.}, journal={J}, year={2001}, doi={https://doi.org/10.1000/x}}
@article{g, author={Poe, E.}, title={Another Title Here}, year={2001}}
@article{h, author={Poe, E.}, title={A study, part I}, year={2001}, volume={1}}
@article{i, author={Poe, E.}, title={A study, part II}, year={2001}, volume={1}}
"""


def test_copies_of_one_work_are_shown_and_other_editions_are_not(cli: CommandLine) -> None:
    cli.write("t.bib", TWINS)
    assert "may be a" in cli.ok("add", "t.bib").err
    pairs = [(line.split("\t")[1], line.split("\t")[2]) for line in cli.ok("dedupe").lines]
    assert sorted(pairs) == [("a", "b"), ("e", "f")]


def test_merging_keeps_the_union_and_undo_brings_both_back(cli: CommandLine) -> None:
    cli.write("t.bib", TWINS)
    cli.ok("add", "t.bib")
    cli.ok("tag", "b", "+seen")
    cli.ok("set", "b", "methods=interview")
    before = {key: cli.ok("show", key, "--json").out for key in "ab"}
    said = cli.ok("dedupe", "--merge", "a", "b").err
    assert "year stays" in said
    merged = json.loads(cli.ok("show", "b", "--json").out)
    assert (merged["key"], merged["metadata"]["url"], merged["tags"]) == ("a", "http://w", ["seen"])
    assert merged["fields"]["methods"]["values"][0]["text"] == "interview"
    assert "unchanged 9" in cli.ok("add", "t.bib").out, "the file of the part joins the whole"
    cli.ok("undo")
    assert {key: cli.ok("show", key, "--json").out for key in "ab"} == before


def test_two_works_are_remembered_as_two(cli: CommandLine) -> None:
    cli.write("t.bib", TWINS)
    cli.ok("add", "t.bib")
    cli.ok("dedupe", "--distinct", "a", "b")
    assert [line.split("\t")[1] for line in cli.ok("dedupe").lines] == ["e"]
    cli.ok("export", "-o", "copy.ndjson")
    cli.ok("init", "copy")
    cli.ok("-C", "copy", "add", "copy.ndjson")
    assert [line.split("\t")[1] for line in cli.ok("-C", "copy", "dedupe").lines] == ["e"], (
        "also by another copy"
    )
    cli.ok("dedupe", "--merge-above", "0.9")
    assert not cli.ok("dedupe").lines
    assert len(cli.ok("list").lines) == 8


def test_an_older_library_finds_its_duplicates_too(tmp_path: Path) -> None:
    litrev.init(tmp_path).close()
    (tmp_path / "library.db").unlink()
    with closing(sqlite3.connect(tmp_path / "library.db")) as old, old:
        old.execute("PRAGMA application_id = 0x4C495452")
        for statement in statements(INITIAL_SCHEMA):
            old.execute(statement)
        old.execute("INSERT INTO codebook VALUES (1, '', 'me', '2026-01-01T00:00:00Z')")
        old.execute(
            "INSERT INTO library VALUES "
            "(1, '0f582089-3a77-4956-8eac-f0735bb1ff3d', 'e', 1, 1, '2026-01-01T00:00:00Z')"
        )
        for number, key in enumerate("xy", 1):
            old.execute(
                "INSERT INTO record VALUES "
                "(?, ?, ?, 0, 'article', 0, NULL, NULL, '2026', ?, 1, NULL)",
                (key, key, key, number),
            )
            old.execute(
                "INSERT INTO field VALUES (?, 'title', 0, 'The Same Long Title', NULL)", (key,)
            )
            old.execute("INSERT INTO field VALUES (?, 'author', 1, 'Doe, J.', NULL)", (key,))
        old.execute("PRAGMA user_version = 1")
    old.close()
    with litrev.open(tmp_path) as review:
        assert [(pair.one.key, pair.other.key) for pair in review.duplicates()] == [("x", "y")]
    assert (tmp_path / "library.db.before-schema-2").exists()


def test_a_third_record_does_not_unite_two_that_are_not_one(cli: CommandLine) -> None:
    book = "@book{%s, title={Handbook of trust studies}, author={Kim, B}, year=2020%s}\n"
    cli.write(
        "v.bib", book % ("v1", ", volume=1") + book % ("v0", "") + book % ("v2", ", volume=2")
    )
    cli.ok("add", "v.bib")
    cli.ok("dedupe", "--merge-above", "0.9")
    assert len(cli.ok("list").lines) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("author={Smith, Alice}, journal={J}", "author={Smith, Bob}, journal={J}"),
        (
            "author={Smith, A.}, journal={Journal of Cats}",
            "author={Smith, A.}, journal={Annals of Dogs}",
        ),
        ("author={Smith, A.}, isbn={9780306406157}", "author={Smith, A.}, isbn={9783161484100}"),
        ("author={Smith, A.}, pages={1--5}", "author={Smith, A.}, pages={20--30}"),
    ],
)
def test_the_same_title_of_another_work_is_not_shown(
    cli: CommandLine, one: str, other: str
) -> None:
    cli.write(
        "w.bib",
        (
            f"@article{{a, title={{Introduction to the issue}}, year=2020, {one}}}\n"
            f"@article{{b, title={{Introduction to the issue}}, year=2020, {other}}}"
        ),
    )
    cli.ok("add", "w.bib")
    assert not cli.ok("dedupe").lines


def test_what_latex_cites_in_included_chapters_counts(cli: CommandLine) -> None:
    cli.write("r.bib", "@misc{a, title={T}}\n@misc{b, title={U}}")
    cli.ok("add", "r.bib")
    cli.write("main.aux", "\\relax\n\\@input{chap.aux}\n\\citation{a}")
    cli.write("chap.aux", "\\citation{b}")
    assert cli.ok("export", "--cited", "main.aux", "-f", "bibtex").out.count("@misc") == 2


# Checking

FAULTY = """@article{k,
  author = {Smith, J.; Doe, A.},
  title = {Gr\u00c3\u00b6\u00c3\u0178e and \\foo{x}},
  doi = {https://doi.org/10.1000/x},
  issn = {12345678},
  isbn = {978-3-16-148410-1},
  pages = {19-12},
  year = {19},
  date = {2020-13},
  crossref = {nowhere},
}
@article{ok, author = {Roe, R. et al.}, title = {T}, journal = {J}, year = 2001, \
pages = {12-15}, issn = {03785955}}
@misc{OK, title = {Another}}
"""


def test_every_kind_of_fault_is_found_where_it_stands(cli: CommandLine) -> None:
    cli.write("f.bib", FAULTY)
    cli("add", "f.bib")
    outcome = cli("check", "--format", "lines")
    assert outcome.status == 1
    found = {tuple(line.split(":")[1:4]) for line in outcome.lines}
    assert found >= {
        ("2", "3", " names"), ("3", "3", " encoding"), ("3", "3", " latex"), ("4", "3", " doi"),
        ("5", "3", " issn"), ("6", "3", " isbn"), ("7", "3", " pages"), ("8", "3", " date"),
        ("9", "3", " date"), ("10", "3", " crossref"), ("1", "1", " missing"),
        ("13", "1", " duplicate-key"),
}  # fmt: skip
    assert all(line.startswith(str(cli.folder / "f.bib")) for line in outcome.lines)
    kinds = {
        finding["kind"] for finding in json.loads(cli("check", "--format", "json").out)["findings"]
    }
    assert {"names", "doi", "crossref", "duplicate-key"} <= kinds


def test_fix_repairs_only_what_is_certain(cli: CommandLine) -> None:
    cli.write("f.bib", FAULTY)
    cli("add", "f.bib")
    assert "10.1000/x" in cli.ok("check", "--fix", "-n").out
    assert json.loads(cli.ok("show", "k", "--json").out)["metadata"]["doi"].startswith("https")
    cli.ok("check", "--fix")
    broken, fine = (
        json.loads(cli.ok("show", key, "--json").out)["metadata"] for key in ("k", "ok")
    )
    assert (broken["doi"], broken["author"], broken["pages"]) == (
        "10.1000/x",
        "Smith, J. and Doe, A.",
        "19-12",
    )
    assert (fine["author"], fine["pages"], fine["issn"]) == (
        "Roe, R. and others",
        "12–15",
        "0378-5955",
    )
    cli.ok("undo")
    assert json.loads(cli.ok("show", "ok", "--json").out)["metadata"]["pages"] == "12-15"


def test_a_child_shows_what_it_inherits_and_keeps_only_its_own(cli: CommandLine) -> None:
    cli.write(
        "c.bib",
        (
            "@inproceedings{c, author={A, B}, title={T}, crossref={p}}\n"
            "@proceedings{p, title={The Meeting}, year={1999}, publisher={P}}"
        ),
    )
    cli.ok("add", "c.bib")
    assert cli.ok("list").lines[0].split("\t")[2] == "1999"
    assert "c\t" not in "".join(line for line in cli("check").lines if "lacks" in line)
    assert "1999" not in cli.ok("export", "c", "-f", "bibtex").out.split("@proceedings")[0]
    cli.ok("set", "p", "year=2001")
    assert cli.ok("search", "year:2001 title:T").lines
