"""Searching as a person does it: facets, pages, explanations, saved searches, synonyms, likeness,
suggestions.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from tests.conftest import CommandLine

PAPERS = """
@article{trust, title={Trust in nurses}, year=2018, journal={Ward},
  abstract={We used interviews to study trust in nurses of village hospitals.}}
@article{faith, title={Faith in doctors}, year=2020, journal={Ward},
  abstract={A survey of faith in doctors. Nurses were asked too.}}
@book{garden, title={Community gardens}, year=2020,
  abstract={We used interviews with gardeners about trust.}}
@article{zh, title={党建引领社区治理}, year=2021, abstract={采用访谈法，研究党建引领社区治理。}}
@article{en, title={Party building in communities}, year=2022,
  abstract={We study how party building leads the governance of communities.}}
"""


@pytest.fixture
def papers(cli: CommandLine) -> CommandLine:
    cli.write("papers.bib", PAPERS)
    cli.ok("add", "papers.bib")
    for key in ("trust", "garden"):
        cli.ok("set", key, "methods=interview")
    cli.ok("tag", "trust", "+ward")
    return cli


def keys(cli: CommandLine, *words: str) -> list[str]:
    return cli.ok("search", *words, "-k").lines


def test_all_matches_are_counted_by_facets_not_only_those_shown(papers: CommandLine) -> None:
    found = json.loads(
        papers.ok(
            "search", "trust OR nurses", "-l", "1", "--facet", "year, type,methods,tag", "--json"
        ).out
    )
    facets = {
        name: {entry["value"]: entry["count"] for entry in counts}
        for name, counts in found["facets"].items()
    }
    assert (len(found["hits"]), found["total"]) == (1, 3)
    assert facets["year"] == {"2020": 2, "2018": 1}
    assert facets["type"] == {"article": 2, "book": 1}
    assert facets["methods"]["interview"] == 2
    assert facets["tag"] == {"ward": 1}
    assert "facet\tyear\t2020\t2" in papers.ok("search", "trust OR nurses", "--facet", "year").lines
    assert "2  2020" in papers.ok("search", "trust OR nurses", "--facet", "year", terminal=True).out


def test_a_facet_that_is_none_is_said(papers: CommandLine) -> None:
    done = papers("search", "trust", "--facet", "metods")
    assert (done.status, "Did you mean methods?" in done.err) == (2, True)


def test_pages_follow_each_other_and_say_where_they_are(papers: CommandLine) -> None:
    query = "trust OR faith OR nurses"
    first_page = keys(papers, query, "-l", "2")
    second_page = keys(papers, query, "-l", "2", "--offset", "2")
    assert first_page + second_page == keys(papers, query)
    assert "3–3 of 3" not in papers.ok("search", query, "-l", "2").err
    assert "2–3 of 3" in papers.ok("search", query, "-l", "2", "--offset", "1").err
    assert keys(papers, query, "--sort", "key", "-l", "1", "--offset", "1") == ["garden"]


def test_the_words_are_shown_in_as_much_as_was_asked_for(papers: CommandLine) -> None:
    short = papers.ok("search", "hospitals", "--context", "20").out
    assert "**hospitals**" in short
    assert "We used interviews" not in short
    assert "**" not in papers.ok("search", "hospitals", "--context", "0").out


def test_an_explanation_tells_the_query_and_the_first_score(papers: CommandLine) -> None:
    done = papers.ok("search", "trust^3 (nurses OR title:garden*) NOT year:2020", "--explain")
    lines = done.err.splitlines()
    assert lines[:4] == ["all of", "  counting 3 times", "    trust", "  any of"]
    assert "    words that begin with garden in title" in lines
    assert "  none of" in lines
    assert "    year 2020" in lines
    assert any(line.startswith("trust scores ") for line in lines)
    explained = json.loads(papers.ok("search", "trust", "--explain", "--json").out)
    assert explained["explanation"][0] == "trust"


def test_a_boost_brings_forward_what_it_stands_behind(papers: CommandLine) -> None:
    assert keys(papers, "faith OR trust^9")[0] != "faith"
    assert keys(papers, "faith^9 OR trust")[0] == "faith"


def test_a_word_that_stands_nowhere_gets_a_suggestion_that_finds_something(
    papers: CommandLine,
) -> None:
    done = papers("search", "comunity gardenss")
    assert done.status == 1
    assert "did you mean community gardens?" in done.err
    assert "did you mean" not in papers("search", "xylophone").err


def test_a_saved_search_stands_wherever_a_query_goes(papers: CommandLine) -> None:
    papers.ok("save", "recent", "year:>=2020")
    papers.ok("save", "wards", "@recent OR trust")
    assert papers.ok("save").lines == ["@recent\tyear:>=2020", "@wards\t@recent OR trust"]
    assert sorted(keys(papers, "@recent NOT (社区 OR party)")) == ["faith", "garden"]
    assert len(keys(papers, "@wards")) == 5
    assert len(papers.ok("table", "@recent", "--columns", "key").lines) == 1 + 4
    papers.ok("undo")
    assert papers("search", "@wards").status == 2
    papers.ok("save", "recent", "--rm")
    done = papers("search", "@recnt")
    assert "no search is saved as @recnt" in done.err
    assert papers("save", "recent", "--rm").status != 0


@pytest.mark.parametrize("words", [("loop", "@loop"), ("bad", "(a"), ("no name", "x"), ("empty",)])
def test_what_cannot_be_saved_is_refused(papers: CommandLine, words: tuple[str, ...]) -> None:
    assert papers("save", *words).status == 2
    assert papers.ok("save").lines == []


def test_a_search_that_comes_to_look_for_itself_is_found_out(papers: CommandLine) -> None:
    papers.ok("save", "one", "trust")
    papers.ok("save", "two", "@one")
    papers.ok("save", "one", "@two")
    done = papers("search", "@one")
    assert (done.status, "contains itself" in done.err) == (2, True)


def test_synonyms_widen_a_search_when_they_are_asked_for(papers: CommandLine) -> None:
    assert papers("search", "党建", "--synonyms").status != 0
    (papers.folder / "synonyms.txt").write_text(
        "# ours\n党建 = party building\nfaith = trust = confidence\n", "utf-8"
    )
    assert keys(papers, "党建") == ["zh"]
    assert sorted(keys(papers, "党建", "--synonyms")) == ["en", "zh"]
    assert sorted(keys(papers, "party building", "--synonyms")) == ["en", "zh"]
    assert sorted(keys(papers, "title:faith", "--synonyms")) == ["faith", "trust"]
    assert sorted(keys(papers, "confidence NOT gardens", "--synonyms")) == ["faith", "trust"]
    assert "party building" not in papers.ok("search", "党建", "--explain").err
    assert "parti build side by side" in papers.ok("search", "党建", "--explain", "--synonyms").err
    (papers.folder / "synonyms.txt").write_text("a = b\nalone\n", "utf-8")
    done = papers("search", "x", "--synonyms")
    assert (done.status, "synonyms.txt:2:" in done.err) == (2, True)


def test_what_is_like_a_record_shares_its_telling_words(papers: CommandLine) -> None:
    found = papers.ok("like", "trust", "-k").lines
    assert "trust" not in found
    assert set(found[:2]) == {"faith", "garden"}
    alike = json.loads(papers.ok("like", "trust", "--json", "-l", "1").out)
    assert alike["hits"][0]["key"] == found[0]


def test_traditional_characters_find_simplified_ones(papers: CommandLine) -> None:
    pytest.importorskip("opencc", reason="the extra cjk is not installed")
    assert keys(papers, "黨建引領") == ["zh"]
    assert "**党建引领**" in papers.ok("search", "title:黨建引領").out


def test_the_index_says_how_it_does(papers: CommandLine) -> None:
    papers.ok("search", "trust")
    assert "up to date" in papers.ok("index").out
    papers.ok("note", "trust", "zebra")
    assert json.loads(papers.ok("index", "check", "--json").out)["in_step"] is False
    assert keys(papers, "zebra") == ["trust"]
    assert "1 deleted" in papers.ok("index", "check").out
    papers.ok("index", "compact")
    assert json.loads(papers.ok("index", "check", "--json").out)["deleted"] == 0
    folder = Path(papers.ok("index", "path").out.strip())
    words = next(folder.glob("*.words"))
    words.write_bytes(words.read_bytes()[:-3] + b"zzz")
    broken = papers("index", "check")
    assert (broken.status, "is not as it was written" in broken.err) == (1, True)
    assert keys(papers, "zebra") == ["trust"]
    assert papers("index", "check").status == 0


def test_an_index_that_does_not_hold_is_said_and_can_be_compacted_all_the_same(
    papers: CommandLine,
) -> None:
    papers.ok("search", "trust")
    folder = Path(papers.ok("index", "path").out.strip())
    (folder / "manifest.json").write_text(f"{zlib.crc32(b'{}'):08x}\n{{}}")
    done = papers("index", "check")
    assert (done.status, "fault in litrev itself" in done.err, "manifest.json" in done.err) == (
        1,
        False,
        True,
    )
    assert keys(papers, "trust")
    next(folder.glob("*.pst")).write_bytes(b"")
    done = papers.ok("index", "compact")
    assert "it is rebuilt" in done.err
    assert keys(papers, "trust")
    assert papers("index", "check").status == 0
