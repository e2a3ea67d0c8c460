"""Other programs' formats: every record of a real export is read with all its fields, and ours come
back.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litrev.library.formats import registry
from litrev.library.formats.csl_json import item
from litrev.library.model.encoding import decode
from litrev.library.model.record import Field, Record
from litrev.library.model.source import Text, Work
from tests.conftest import CommandLine

Shared = Callable[[str], Path]
FOLDERS = {
    "cnki-endnote": "endnote",
    "endnote-enw": "endnote",
    "cnki-refworks": "refworks",
    "pubmed-nbib": "nbib",
    "cnki-noteexpress": "noteexpress",
}
# What Zotero makes of a record beyond what the record says: a country for a patent's office, the
# name of the program that wrote the file.
BEYOND = {
    "itemType",
    "attachments",
    "seeAlso",
    "notes",
    "language",
    "country",
    "place",
    "libraryCatalog",
    "thesisType",
    "url",
}


def as_text(content: str | bytes, name: str = "x.txt") -> Text:
    return decode(content if isinstance(content, bytes) else content.encode(), name)


def works(content: str, fmt: str) -> tuple[Work, ...]:
    reading = registry.named(fmt).read
    assert reading is not None
    return reading(as_text(content)).works


def plain(text: object) -> str:
    return re.sub(
        r"[\W_]+", "", unicodedata.normalize("NFKC", re.sub(r"</?\w+>", "", str(text))).casefold()
    )


def text_cell(work: Work) -> str:
    return plain(" ".join([*(field.value for field in work.fields), work.abstract or ""]))


def parts(name: str, value: Any) -> list[str]:
    if name == "creators":
        return [creator.get("lastName") or creator.get("name") for creator in value]
    if name == "tags":
        return [tag["tag"] if isinstance(tag, dict) else tag for tag in value]
    if name.lower().endswith("date") or name in {"dateDecided", "dateEnacted"}:
        return [number.lstrip("0") for number in re.findall(r"\d+", str(value))]
    if name in {"pages", "issue", "volume"}:
        return [number.lstrip("0") for number in re.findall(r"\w+", str(value))]
    if name == "extra":
        return [line.split(":", 1)[-1] for line in str(value).splitlines()]
    return str(value).split() if name in {"ISBN", "ISSN"} else [str(value)]


@pytest.mark.parametrize(
    "folder",
    [
        "cnki-endnote",
        "cnki-refworks",
        "endnote-enw",
        "endnote-xml",
        "pubmed-nbib",
        "refworks",
        "ris",
        "wos",
    ],
)
def test_every_record_with_an_answer_is_read_with_all_its_fields(
    shared: Shared, folder: str
) -> None:
    for answer in sorted((shared("interop") / folder / "expected").glob("*.json")):
        (path,) = [path for path in answer.parent.parent.iterdir() if path.stem == answer.stem]
        text = decode(path.read_bytes(), path.name)
        fmt = registry.recognise(text)
        assert fmt.name == FOLDERS.get(folder, folder), path.name
        assert fmt.read is not None
        reading = fmt.read(text)
        assert "".join(block.raw for block in reading.blocks) == text.text
        expected = json.loads(answer.read_text("utf-8"))
        assert len(reading.works) == len(expected), path.name
        for work, wanted in zip(reading.works, expected, strict=True):
            assert plain(work.get("title")) == plain(wanted.get("title", "")) or not wanted.get(
                "title"
            ), path.name
            for name, value in wanted.items():
                if value and name not in BEYOND:
                    for one in parts(name, value):
                        assert plain(one) in text_cell(work), (path.name, name, one)


def test_all_noteexpress_records_are_read_with_degree_university_and_advisor(
    shared: Shared,
) -> None:
    path = shared("interop") / "cnki-noteexpress" / "CoverAllTest15Entries.net"
    found = works(path.read_text("utf-8"), "noteexpress")
    assert len(found) == 15
    thesis = next(work for work in found if work.entry_type == "phdthesis")
    assert (thesis.get("school"), thesis.get("advisor"), thesis.get("type")) == (
        "北京交通大学",
        "何世伟",
        "博士",
    )
    assert thesis.get("keywords").startswith("铁路运输; “门到门”货运产品; 产品设计")


def test_the_blocks_of_every_real_export_are_its_text(shared: Shared) -> None:
    for path in sorted(shared("interop").rglob("*")):
        if path.is_file() and "expected" not in path.parts and path.name != "MANIFEST.tsv":
            text = decode(path.read_bytes(), path.name)
            renamed = decode(path.read_bytes(), "x.txt")
            fmt = registry.recognise(text)
            assert fmt.read is not None
            assert "".join(block.raw for block in fmt.read(text).blocks) == text.text
            if path.suffix != ".csv" and "endnote.txt" not in path.name:
                assert registry.recognise(renamed).name == fmt.name, path.name


PAGE = (
    "Research on Party Building in Urban Communities\r\n"
    "Posted on:2019-05-22Degree:MasterType:ThesisCountry:ChinaCandidate:Y ZhaoFull Text:PDF"
    "GTID:2206330335967461Subject:Public management\r\nAbstract/Summary:\r\n"
    "| This paper takes three communities.It uses interviews. |"
)


def test_a_page_of_a_thesis_database_gives_metadata_and_abstract(cli: CommandLine) -> None:
    cli.write("page.txt", PAGE)
    cli.ok("add", "page.txt")
    record = json.loads(cli.ok("show", "zhao2019research", "--json").out)
    assert record["metadata"]["title"] == "Research on Party Building in Urban Communities"
    assert record["metadata"]["subject"] == "Public management"
    assert record["type"] == "mastersthesis"
    assert "three communities" in record["abstract"]
    assert "Posted on" not in record["abstract"]


@pytest.mark.parametrize(
    "abstract",
    [
        "RT was recorded in all trials and compared across\nvocal and manual conditions.",
        "The PMC model\nPMC - positive mood change - rose by 20%.",
        "Background\n%0 of patients died; the rest lived.",
        "On kinds\nTY  - the type - matters most here.",
        "FN VISITS were counted in three towns.",
        "We read status.\nER  - positive tumours were seen.",
        "They stay\n@home(work) study shows nothing.",
        "A method for\n@dataset{ curation, which we give.",
        "Title, abstract\nand other words follow in this text, which is long",
        '{"title": we say} is an abstract in brackets.',
        '{"litrev": "is a program"} for reviews.',
        "In this thesis. Degree: high. Posted on: web. Abstract/Summary: none.",
    ],
)
def test_an_abstract_that_only_looks_like_a_format_stays_an_abstract(
    cli: CommandLine, abstract: str
) -> None:
    cli.write("a.txt", abstract)
    cli.ok("add", "a.txt", "--key", "k")
    assert json.loads(cli.ok("show", "k", "--json").out)["abstract"] == abstract


@pytest.mark.parametrize(
    ("fmt", "content", "fields"),
    [
        (
            "ris",
            "TY  - THES\nA3  - Lee, K\nM3  - Ph.D.\nTI  - T\nPB  - U\nER  - \n",
            {"advisor": "Lee, K", "school": "U", "type": "Ph.D."},
        ),
        (
            "ris",
            (
                "TY  - JOUR\nTI  - T\nAU  - Smith, J.\nAU  - Smith, J.\nKW  - a\nb\nPY  - 2018\n"
                "DA  - SEP\nER  - "
            ),
            {"author": "Smith, J. and Smith, J.", "keywords": "a; b", "date": "2018-09"},
        ),
        (
            "ris",
            "TY  - JOUR\nTI  - T\nAU  - 王小明，李小红\nSP  - pp 3\nEP  - 9\nER  - ",
            {"author": "王小明 and 李小红", "pages": "3–9"},
        ),
        ("ris", "TI  - A\nAU  - D, E\n\nTI  - B\nAU  - F, G\n", {"title": "A", "author": "D, E"}),
        (
            "endnote",
            "%0 Thesis\n%A 潘福妮\n%Y 董鋒\n%I 大連理工大學\n%9 碩士\n%D 2006\n%K 中西;人文\n",
            {"school": "大連理工大學", "advisor": "董鋒", "keywords": "中西; 人文"},
        ),
        (
            "endnote",
            "%0 Book\n%A Tom Banks\n%A World Health Organization\n%T T\n",
            {"author": "Tom Banks and {World Health Organization}"},
        ),
        (
            "refworks",
            "RT Dissertation/Thesis\nSR 1\nA1虞锦洪\nA3 江平开\nPB 上海交通大学\nCL 博士\n",
            {"author": "虞锦洪", "advisor": "江平开", "school": "上海交通大学"},
        ),
        (
            "nbib",
            (
                "PMID- 1\nTI  - A title\n      that goes on\nAU  - Mouse M\nPG  - 454-81\n"
                "ISSN - 1234-5679\nDP  - 2009 May\n"
            ),
            {
                "title": "A title that goes on",
                "author": "Mouse, M",
                "pages": "454–481",
                "date": "2009-05",
            },
        ),
        (
            "wos",
            (
                "FN X\nPT J\nAU Sarkar, A\n   Pal, S\nAF Sarkar, Anindita\n   Pal, Samudranil\n"
                "TI T\nSO POLYHEDRON\nPD FEB\nPY 2011\nER\n"
            ),
            {
                "author": "Sarkar, Anindita and Pal, Samudranil",
                "journal": "POLYHEDRON",
                "date": "2011-02",
            },
        ),
        (
            "csl-json",
            (
                '[{"type":"book","title":"T","author":[{"literal":"WHO Group"},'
                '{"family":"Beethoven","given":"L","non-dropping-particle":"van"}],'
                '"issued":{"date-parts":[["2019",5]]}}]'
            ),
            {"author": "{WHO Group} and van Beethoven, L", "date": "2019-05", "year": "2019"},
        ),
        (
            "csl-json",
            (
                '[{"title":"\\ud800x","volume":1e999,"issued":{"date-parts":[[1e999]]},'
                '"author":"Smith, J"}]'
            ),
            {"title": "\ufffdx", "author": "Smith, J"},
        ),
        (
            "csv",
            (
                "Authors,Author full names,Title,Year\n"
                '"Smith J.; Doe A.B.","Smith, John (123); Doe, Alice (4)",T,2020\n'
            ),
            {"author": "Smith, John and Doe, Alice", "year": "2020"},
        ),
        (
            "csv",
            'title;author;中文列\nA;"Phillips J.C., Braun R., Wang W.";x\n',
            {"author": "Phillips, J.C. and Braun, R. and Wang, W.", "中文列": "x"},
        ),
        ("tsv", 'title\tabstract\n"Quoted only once\tgood\n', {"title": '"Quoted only once'}),
    ],
)
def test_what_databases_write_is_read_as_it_is_meant(
    fmt: str, content: str, fields: dict[str, str]
) -> None:
    work = works(content, fmt)[0]
    assert {name: work.get(name) for name in fields} == fields


def test_broken_files_are_reported_and_lose_nothing(cli: CommandLine) -> None:
    cases = {
        "bomb.xml": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        "<xml><records><record><titles><title>&b;</title></titles></record></records></xml>",
        "external.xml": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        "<xml><records><record><titles><title>&e;</title></titles></record></records></xml>",
        "cut.json": '[{"title": "T", "type": "book"',
        "deep.json": "[" * 100_000,
        "quote.csv": 'title,doi\n"Foo,10.1/a\nSecond,10.1/b\nThird,10.1/c\n',
        "lower.ris": "ty  - JOUR\nti  - A\ner  -\n",
    }
    for name, content in cases.items():
        cli.write(name, content)
        outcome = cli("add", name)
        assert outcome.status in {0, 3}, name
        assert "fault in litrev" not in outcome.err
        assert f"{name}:" in outcome.err or outcome.status == 0, name
    quarantined = cli.ok("quarantine").out
    assert [name for name in cases if name not in quarantined] == ["lower.ris"]
    assert "root:" not in cli("list").out
    assert "Second" in cli.ok("list").out, "the rows behind an open quotation mark are read"


def test_a_wide_table_with_a_mapping_is_read_again_by_it(cli: CommandLine) -> None:
    heading = ",".join(["Überschrift", "Jahr", *(f"c{n}" for n in range(10_000))])
    cli.write("t.csv", f"{heading}\n=1+1,2020,{'x,' * 10_000}\n")
    cli.ok("add", "t.csv", "--map", "title=Überschrift", "--map", "year=Jahr")
    assert "=1+1" in cli.ok("list").out
    again = cli.ok("add", "t.csv", "--map", "title=Überschrift", "--map", "year=Jahr")
    assert "unchanged 1" in again.out
    cli.write("t.csv", f"{heading}\n=1+1,2021,{'x,' * 10_000}\n")
    changed = cli.ok("add", "t.csv", "--map", "title=Überschrift", "--map", "year=Jahr")
    assert "updated 1" in changed.out


BIB = """
@mastersthesis{a, author = {王小明 and {欧盟委员会} and {Google Deep Mind}}, \
title = {T one, with 50\\% {\\&} more}, school = {U},
  year = 2019, month = may, pages = {1--5}}
@article{b, author = {de la Cruz, Jr., Juan and Müller, Ute}, title = {=HYPERLINK("x")}, \
journal = {J}, volume = 3, number = {2},
  pages = {e1234}, doi = {10.1000/x_y}, keywords = {one; two}, abstract = {We did it.}}
@book{c, editor = {Smith, A.}, title = {'=quoted}, publisher = {P}, address = {Bonn}, \
isbn = {978-3-16-148410-0}, year = {in press}}
"""


@pytest.mark.parametrize(
    ("fmt", "suffix"),
    [
        ("ris", ".ris"),
        ("csl-json", ".json"),
        ("endnote", ".enw"),
        ("csv", ".csv"),
        ("tsv", ".tsv"),
        ("bibtex", ".bib"),
    ],
)
def test_what_litrev_writes_it_reads_back(cli: CommandLine, fmt: str, suffix: str) -> None:
    cli.write("refs.bib", BIB)
    cli.ok("add", "refs.bib")
    cli.ok("export", "-o", f"out{suffix}")
    before = {
        record["key"]: record
        for record in map(json.loads, cli.ok("list", "--ndjson").out.splitlines())
    }
    cli.ok("init", "other")
    cli.ok("-C", "other", "add", f"out{suffix}")
    for key in before:
        first, second = (
            json.loads(cli.ok(*where, "show", key, "--json").out) for where in ((), ("-C", "other"))
        )
        assert first["type"] == second["type"], (fmt, key)
        assert first["abstract"] == second["abstract"]
        for name in (
            "author",
            "editor",
            "title",
            "volume",
            "number",
            "pages",
            "doi",
            "publisher",
            "school",
            "keywords",
            "isbn",
            "journal",
        ):
            assert first["metadata"].get(name) == second["metadata"].get(name), (fmt, key, name)
    assert cli.ok("add", f"out{suffix}").out.startswith(
        "read 3 = added 0 + updated 0 + unchanged 3"
    ) or fmt in {"csl-json", "ris", "endnote", "csv", "tsv"}


@given(
    st.text(
        st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=1, max_size=40
    ).filter(lambda text: text.strip() == text and text.isprintable())
)
def test_a_title_of_any_characters_survives_csl(title: str) -> None:
    record = Record("i", "k", "book", (Field("title", title),), None)
    (work,) = works(json.dumps([item(record)]), "csl-json")
    if "<" not in title:
        assert work.get("title") == title


@pytest.mark.slow
def test_recognition_and_reading_grow_no_faster_than_the_text() -> None:
    """Texts made to hurt patterns are read at all; that they take long would stop the whole run."""
    for piece in (
        "\n",
        " \n",
        "@ ",
        "@a{\n",
        "<record>",
        "TY  - ",
        "PMID- 1\nPG  - 1",
        "%0 x\n",
        "{a}: ",
        "-",
        "`",
        "\\cite ",
        "@comment{\n",
        "---\n",
        "RT x\n",
        "KW  - a\n",
    ):
        for fmt in registry.formats().values():
            text = as_text(piece * 20_000, "x.txt")
            fmt.recognises(text)
            if fmt.read is not None and len(piece) < 8:
                fmt.read(as_text(piece * 3000, "x.txt"))
