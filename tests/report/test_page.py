"""The report as text: stable bytes, one policy, places in UTF-16, hostile texts that stay texts."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litrev.library.model.record import CellState, Evidence, ItemState
from litrev.library.render import report
from litrev.library.render.page import digest
from litrev.library.render.report_abstracts import page_text
from litrev.library.synthesis.model import Column, Row, Table, TableCell, TableItem, text_cell
from tests.conftest import CommandLine
from tests.report.conftest import HOSTILE

COLUMNS = (
    Column("key", "Key", narrow=True),
    Column("year", "Year", narrow=True),
    Column("methods", "Methods", True),
    Column("site", "Site", True),
)


class Reader(HTMLParser):
    """The elements of a page with their attributes, and the texts of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, str] = {}
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = ""
        if tag in {"script", "style"}:
            self.inside = f"{tag} {dict(attrs).get('type', '')}".strip()

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.raw[self.inside] = self.raw.get(self.inside, "") + data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def stored(html: str) -> Any:
    return json.loads(read(html).raw["script application/json"])


def made(
    abstract: str, *items: TableItem, state: CellState = CellState.PROPOSED, rows: int = 1
) -> str:
    """The page of papers that are all alike, with ``items`` as their methods."""
    table_rows = []
    for n in range(rows):
        cells = (
            text_cell(f"key{n}"),
            text_cell("2020"),
            TableCell(state, items),
            TableCell(CellState.SEARCHED),
        )
        table_rows.append(Row(f"r{n}", f"key{n}", cells))
    table = Table("T", COLUMNS, tuple(table_rows))
    abstracts = {row.record_id: abstract for row in table_rows}
    return report.render("T", table, abstracts, [])


def place(html: str) -> tuple[int, int]:
    found = re.search(r'data-e="(\d+)-(\d+)"', html)
    assert found
    return int(found[1]), int(found[2])


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_places_are_those_of_utf16(text: str, a: int, b: int) -> None:
    start, end = sorted((min(a, len(text)), min(b, len(text))))
    span = Evidence(start, end, text[start:end])
    html = made(text, TableItem("x", ItemState.PROPOSED, evidence=(span,)))
    kept = stored(html)[0][1]
    first, last = place(html)
    units = kept.encode("utf-16-le")
    assert units[2 * first : 2 * last].decode("utf-16-le") == page_text(text)[start:end]


@given(st.text(max_size=200))
def test_the_stored_abstract_says_the_same_and_cannot_leave_its_block(text: str) -> None:
    html = made(text)
    block = read(html).raw["script application/json"]
    assert not set("<>&") & set(block)
    kept = json.loads(block)[0][1]
    assert len(kept) == len(text)
    for char, original in zip(kept, text, strict=True):
        assert char == original or not original.isprintable()


def test_sentences_are_stored_with_their_places() -> None:
    text = "🙂 One sentence here. 第二句在这里。Third."
    _, kept, places = stored(made(text))[0]
    units = kept.encode("utf-16-le")
    parts = []
    for start, end in zip(places[::2], places[1::2], strict=True):
        part = units[2 * start : 2 * end]
        parts.append(part.decode("utf-16-le"))
    assert parts == ["🙂 One sentence here.", "第二句在这里。", "Third."]


def test_states_look_different_and_are_told() -> None:
    items = [TableItem(state.value, state) for state in ItemState]
    html = made("A text.", *items)
    told = [
        (attrs["class"], attrs["title"])
        for tag, attrs in read(html).elements
        if tag == "button" and attrs.get("class") in {"p", "x", "d"}
    ]
    assert told == [("p", "proposed, not yet decided"), ("d", "decided"), ("x", "reviewers differ")]
    assert "proposed <i>?</i>" in html
    assert "disputed <i>≠</i>" in html
    assert '<i class="o" title="searched, nothing found">·</i>' in html
    assert '<i class="o" title="not reported">—</i>' in made(
        "A text.", state=CellState.NOT_REPORTED
    )


def test_words_that_are_no_longer_there_are_told_not_marked() -> None:
    span = Evidence(0, 3, "gone <b>", stale=True)
    html = made("A text.", TableItem("x", evidence=(span,)))
    assert 'data-q="gone &lt;b&gt;"' in html
    assert "data-e=" not in html


def test_many_rows_come_in_pages() -> None:
    assert "data-page" not in made("", rows=3_000)
    html = made("", rows=3_001)
    assert 'data-page="500"' in html
    assert "This table has 3,001 papers; it is shown in pages of 500." in html


def test_nothing_runs_is_loaded_or_styled_that_the_policy_does_not_know(page: Path) -> None:
    html = page.read_text("utf-8")
    reader = read(html)
    policy = next(
        attrs["content"] or ""
        for tag, attrs in reader.elements
        if tag == "meta" and attrs.get("http-equiv")
    )
    assert policy == report.policy()
    assert f"script-src 'sha256-{digest(reader.raw['script'])}'" in policy
    assert f"style-src 'sha256-{digest(reader.raw['style'])}'" in policy
    assert policy.startswith("default-src 'none'")
    for tag, attrs in reader.elements:
        assert not {"style", "src", "srcset"} & set(attrs), (tag, attrs)
        assert not any(name.startswith("on") for name in attrs), (tag, attrs)
        assert tag not in {"img", "iframe", "link", "object"}
        assert attrs.get("href", "#").startswith("#")  # type: ignore[union-attr]  # one without a value would fail, too
    assert [tag for tag, _ in reader.elements].count("script") == 2
    without_abstracts = html.replace(reader.raw["script application/json"], "")
    assert not re.search("https?://(?!www.w3.org/2000/svg)", without_abstracts)


def test_hostile_texts_stay_texts(library: CommandLine, page: Path) -> None:
    html = page.read_text("utf-8")
    assert "<script>document" not in html
    assert "<img" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    kept = next(text for _, text, _ in stored(html) if "owned" in text)
    assert HOSTILE in kept
    long = made("word " * 1_000, TableItem("x" * 5_000, ItemState.PROPOSED))
    assert "x" * 5_000 in long


def test_the_same_library_gives_the_same_bytes(library: CommandLine, page: Path) -> None:
    library.ok("report", "-o", "again.html")
    assert (library.folder / "again.html").read_bytes() == page.read_bytes()
    assert library("report", "-o", "again.html").status == 4
    library.ok("report", "-o", "again.html", "--force")


def test_report_goes_to_a_pipe_but_not_to_a_terminal(library: CommandLine) -> None:
    page = library.ok("report", "--title", "My <review>").out
    assert page.count("<title>My &lt;review&gt;</title>") == 1
    assert library("report", terminal=True).status == 2
    assert library("report", "nothingatall", "-o", "r.html").status == 1
    assert not (library.folder / "r.html").exists()


def test_an_empty_library_has_a_report_that_says_nothing(cli: CommandLine) -> None:
    done = cli("report", "-o", "r.html")
    assert (done.status, "there is nothing to show" in done.err) == (1, True)
    assert (cli.folder / "r.html").read_text("utf-8").count("Nothing to show.</text>") == 5
    for kind in ("years", "methods", "sites", "map", "chapters"):
        assert cli("plot", kind).status == 1
        assert cli("plot", kind, terminal=True).status == 1


def test_ids_stand_once(page: Path) -> None:
    elements = read(page.read_text("utf-8")).elements
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("live", [False, True])
def test_only_the_live_page_can_send_a_form(live: bool) -> None:
    table = Table("T", COLUMNS, ())
    html = report.render("T", table, {}, [], query='x"y', live=live)
    assert ('action="/"' in html) is live
    assert ("form-action 'self'" in unescape(html)) is live
