"""Any text in any place of a page or picture stays a text, and makes no element or attribute."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from litrev.library.model.codebook import Codebook
from litrev.library.model.record import CellState, Evidence, Field, ItemState, Record
from litrev.library.render import html, report
from litrev.library.render.citations.bibliography import BibliographyOptions, bibliography
from litrev.library.render.markup import Html, element, empty_element, joined, start_tag
from litrev.library.render.pictures import draw
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.figures import Bars, Chapters, Figure, Map
from litrev.library.synthesis.model import Column, Reference, Row, Table, TableCell, TableItem
from litrev.library.synthesis.summary import Count
from litrev.text.display import visible
from tests.contract.test_renderers import HOSTILE

# What means something to HTML, and what stands for it in a page that has nothing to escape: also
# no letters, and as wide, so that lines are broken at the same places.
HARMLESS = str.maketrans({"<": "(", ">": ")", "&": "+", '"': "*", "'": ",", "`": "^"})
UNUSED = str.maketrans(dict.fromkeys("()+*,^", "_"))

BREAKING = (
    "</td></tr></table><script>alert(1)</script>",
    '" onclick="alert(1)" x="',
    "' onclick='alert(1)",
    "</title></style></script></svg><img src=x onerror=alert(1)>",
    "<!-- <![CDATA[ ]]> -->",
    "&lt;b&gt; &amp;amp; &#34; &quot",
    "{} {0} {title} %s %(x)s",
    "<svg/onload=alert(1)>",
)
texts = st.one_of(
    st.sampled_from((*BREAKING, *HOSTILE)),
    st.text(st.sampled_from("<>&\"'`/=;#!-[]{} ab访\n\x00\u202e"), max_size=12),
    st.text(max_size=12),
).map(lambda text: text.translate(UNUSED))


class Events(HTMLParser):
    """Elements with their attributes, and the texts between, one after the other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[object] = []
        self.data = ""
        self.in_json = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.end_text()
        values = [(name, plain(value or "")) for name, value in attrs]
        self.events.append((tag, values))
        self.in_json = ("type", "application/json") in attrs

    def handle_endtag(self, tag: str) -> None:
        self.end_text()
        self.events.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.data += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def end_text(self) -> None:
        if self.data and self.in_json:
            # Where sentences end may depend on quotation marks; the texts may not.
            for key, abstract, _ in json.loads(self.data):
                self.events.append((plain(key), plain(abstract)))
        elif self.data:
            self.events.append(plain(self.data))
        self.data, self.in_json = "", False


def events(markup: str) -> list[object]:
    reader = Events()
    reader.feed(markup)
    reader.close()
    reader.end_text()
    return reader.events


@st.composite
def tables(draw_from: st.DrawFn) -> Table:
    def text() -> str:
        return draw_from(texts)

    def item(state: ItemState) -> TableItem:
        quote = text()
        evidence = (Evidence(0, len(quote), quote), Evidence(0, 1, text(), stale=True))
        return TableItem(text(), state, text() or None, evidence=evidence)

    columns = (
        Column("key", text(), narrow=True),
        Column("year", text(), over=text()),
        Column("methods", text(), structured=True),
        Column("findings", text(), structured=True),
        Column("site", text(), structured=True, over=text()),
    )
    rows = []
    for number, group in enumerate([text(), text()]):
        # One year and one method, as those of a report are sorted to choose from.
        year = (TableItem(text()),) if number == 0 else ()
        method = (TableItem(text()),) if number == 0 else ()
        cells = (
            TableCell(CellState.DECIDED, (TableItem(text()), TableItem(text()))),
            TableCell(CellState.DECIDED, year),
            TableCell(CellState.DECIDED, method),
            TableCell(CellState.PROPOSED, tuple(map(item, ItemState))),
            TableCell(draw_from(st.sampled_from(CellState))),
        )
        rows.append(Row(f"id{number}", text(), cells, group))
    reference = Reference(rows[0].key, text(), "article", "2020", "")
    return Table(
        title=text(),
        columns=columns,
        rows=tuple(rows),
        grouped_by=text(),
        quotes=draw_from(st.booleans()),
        references=(reference,),
    )


def plain(text: str) -> str:
    """``text`` without a character that means something to HTML."""
    return text.translate(HARMLESS)


def harmless(table: Table) -> Table:
    """The same table without a character that means something to HTML."""
    columns = []
    for column in table.columns:
        heading, over = plain(column.heading), plain(column.over)
        columns.append(replace(column, heading=heading, over=over))
    references = []
    for reference in table.references:
        key, text = plain(reference.key), plain(reference.text)
        references.append(replace(reference, key=key, text=text))
    return replace(
        table,
        title=plain(table.title),
        columns=tuple(columns),
        rows=tuple(map(_harmless_row, table.rows)),
        grouped_by=plain(table.grouped_by),
        references=tuple(references),
    )


def _harmless_row(row: Row) -> Row:
    cells = []
    for cell in row.cells:
        items = tuple(map(_harmless_item, cell.items))
        cells.append(replace(cell, items=items))
    return replace(row, key=plain(row.key), cells=tuple(cells), group=plain(row.group))


def _harmless_item(item: TableItem) -> TableItem:
    evidence = [span._replace(quote=plain(span.quote)) for span in item.evidence]
    return replace(
        item,
        text=plain(item.text),
        label=plain(item.label) if item.label else None,
        evidence=tuple(evidence),
    )


@settings(max_examples=50)
@given(tables())
def test_no_text_of_a_table_becomes_markup(table: Table) -> None:
    written = html.render(table, Rendering())
    assert events(written) == events(html.render(harmless(table), Rendering()))


def figures(spelled: list[str], left_out: int) -> list[Figure]:
    """One figure of each kind, with a text in each of its places."""
    first, second, third, *names = spelled
    counts = tuple(Count(name, number) for number, name in enumerate(names, 1))
    row = tuple(range(len(names)))
    rows = (row,) * len(names)
    pairs = tuple((name, third) for name in names)
    return [
        Bars(first, counts, 9, left_out),
        Bars(first, counts, 9, left_out, upright=True),
        Map(
            title=first,
            down=second,
            across=third,
            rows=tuple(names),
            columns=tuple(names),
            counts=rows,
            left_out=left_out,
        ),
        Chapters(first, tuple(names), (second, third), pairs, left_out),
    ]


many_texts = st.lists(texts, min_size=5, max_size=6)


@settings(max_examples=40)
@given(many_texts, st.integers(0, 1))
def test_no_text_of_a_picture_becomes_markup(spelled: list[str], left_out: int) -> None:
    drawn = figures(spelled, left_out)
    expected = figures(list(map(plain, spelled)), left_out)
    for figure, plain_figure in zip(drawn, expected, strict=True):
        assert events(draw(figure)) == events(draw(plain_figure))


@settings(max_examples=25)
@given(tables(), many_texts, texts, st.booleans())
def test_no_text_of_a_report_becomes_markup(
    table: Table, spelled: list[str], abstract: str, live: bool
) -> None:
    def written(table: Table, spelled: list[str], abstract: str) -> str:
        abstracts = {"id0": abstract}
        title, query = spelled[:2]
        return report.render(title, table, abstracts, figures(spelled, 1), query=query, live=live)

    harmless_texts = list(map(plain, spelled))
    expected = written(harmless(table), harmless_texts, plain(abstract))
    assert events(written(table, spelled, abstract)) == events(expected)


@settings(max_examples=50)
@given(texts, texts, texts)
def test_no_text_of_a_message_becomes_markup(title: str, text: str, query: str) -> None:
    written = report.message(title, text, query)
    expected = report.message(plain(title), plain(text), plain(query))
    assert events(written) == events(expected)


@pytest.mark.parametrize("text", BREAKING)
def test_no_text_of_a_bibliography_becomes_markup(text: str) -> None:
    fields = (Field("title", "Trust"), Field("year", "2020"), Field("annotation", text))
    record = Record("id", "key", "book", fields, None)
    options = BibliographyOptions(annotated=True, title=text)
    written = bibliography([record], {}, Codebook(1, ()), "html", options).decode()
    found = events(written)
    tags = {event[0] for event in found if isinstance(event, tuple)}
    frame = {"html", "head", "meta", "title", "style", "body", "main", "h1"}
    assert tags <= {*frame, "div", "em"}
    expected = plain(" ".join(visible(text).split()))
    shown = [event.strip() for event in found if isinstance(event, str)]
    assert shown.count(expected) == 3  # the title of the page, its heading, the annotation


def element_of(children: list[str], values: list[str]) -> str:
    paragraph = element("p", class_=values[0], aria_label=values[1])
    return paragraph(*children)


def formatted(children: list[str], values: list[str]) -> str:
    template = Html('<p class="{}" aria-label="{}">{}{}</p>')
    return template.format(*values, *children)


def interpolated(children: list[str], values: list[str]) -> str:
    return Html('<p class="%s" aria-label="%s">%s%s</p>') % (*values, *children)


def added(children: list[str], values: list[str]) -> str:
    start = start_tag("p", class_=values[0], aria_label=values[1])
    return start + children[0] + children[1] + Html("</p>")


def added_before(children: list[str], values: list[str]) -> str:
    start = start_tag("p", class_=values[0], aria_label=values[1])
    return start + (children[0] + (children[1] + Html("</p>")))


def together(children: list[str], values: list[str]) -> str:
    start = start_tag("p", class_=values[0], aria_label=values[1])
    return joined([start, *children, Html("</p>")])


@pytest.mark.parametrize(
    "put_together", [element_of, formatted, interpolated, added, added_before, together]
)
@settings(max_examples=50)
@given(st.tuples(texts, texts), st.tuples(texts, texts))
@example(("<b>", '"'), ('" x="', "'"))
def test_every_way_to_put_markup_together_escapes(
    put_together: object, children: tuple[str, str], values: tuple[str, str]
) -> None:
    assert callable(put_together)
    written = put_together(list(children), list(values))
    assert isinstance(written, Html)
    attributes = [("class", plain(visible(values[0]))), ("aria-label", plain(visible(values[1])))]
    text = plain(visible("".join(children)))
    between = [text] if text else []
    assert events(written) == [("p", attributes), *between, "/p"]


def test_markup_is_not_escaped_again_but_is_text_in_an_attribute() -> None:
    bold = element("b")("a & b")
    assert element("p")(bold, "<") == "<p><b>a &amp; b</b>&lt;</p>"
    assert joined([bold, bold], Html("<br>")) == f"{bold}<br>{bold}"
    assert joined(["a", "b"], "<") == "a&lt;b"
    assert Html.escape(bold) is bold
    assert 'title="&lt;b&gt;a &amp;amp; b&lt;/b&gt;"' in start_tag("p", title=bold)


def test_attributes_are_left_out_or_written_by_their_name_alone() -> None:
    assert empty_element("rect", x=0, rx=None, stroke_width=False) == '<rect x="0"/>'
    assert start_tag("input", for_="q", hidden=True) == '<input for="q" hidden>'


def test_what_is_written_is_plain_text_again() -> None:
    table = Table("T", (Column("key", "Key"),), ())
    written = [
        html.render(table, Rendering()),
        report.render("T", table, {}, []),
        report.message("T", "text"),
        draw(Bars("T", (), 0)),
    ]
    assert {type(text) for text in written} == {str}
