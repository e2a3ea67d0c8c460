"""A review as one page that loads nothing: pictures, and the table whose every value opens its
words in the abstract.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from litrev.library.render.markup import Html, element, joined
from litrev.library.render.page import digest, page
from litrev.library.render.pictures import picture
from litrev.library.render.report_abstracts import abstracts_json
from litrev.library.render.report_table import (
    MANY_ROWS,
    PAGE_ROWS,
    table_lines,
    values_to_filter,
)
from litrev.library.synthesis.figures import Bars, Figure, Map
from litrev.library.synthesis.model import Table

_MOST_METHODS = 100  # to choose from
_LONGEST_CHOICE = 60  # characters of a method where it can be chosen
_STATE_CHOICES = [
    ("decided", "all decided"),
    ("proposed", "? something proposed"),
    ("disputed", "≠ reviewers differ"),
    ("searched", "· something searched, not found"),
    ("missing", "— something not reported"),
    ("never", "something never searched"),
]
_LINE_BREAK = Html("\n")
_QUIET = element("p", class_="quiet")
_HINT = Html('<span id="hint" hidden> Every value opens its words in the abstract.</span>')
_LEGEND = Html(
    '<ul class="legend" aria-label="What the marks mean">'
    '<li><span class="v d">decided</span></li>'
    '<li><span class="v p">proposed, not yet decided <i>?</i></span></li>'
    '<li><span class="v x">reviewers differ <i>≠</i></span></li>'
    '<li><i class="o">·</i> searched, nothing found</li>'
    "<li><i>—</i> not reported</li>"
    "<li>blank: never searched</li></ul>"
)
_DIALOG = Html(
    '<dialog id="evidence" aria-labelledby="evidence-title">'
    '<h2 id="evidence-title">Evidence</h2>\n<p id="evidence-about" class="quiet"></p>'
    '<p id="evidence-note"></p>'
    '<div id="evidence-text" tabindex="0" role="region" aria-label="Abstract"></div>'
    '<button type="button" id="close" class="go">Close</button></dialog>'
)
_PAGES = Html(
    '<nav id="pages" class="pages" aria-label="Pages of the table" hidden>'
    '<button type="button" id="previous" class="go">Previous</button>'
    '<span id="page"></span>'
    '<button type="button" id="next" class="go">Next</button></nav>'
)
_SEARCH = Html(
    '<form class="search" role="search" aria-label="Search the library" action="/" method="get">'
    '<div><label for="q">Query</label><input id="q" name="q" type="search" value="{}"></div>'
    '<button class="go">Search</button></form>'
)
_FILTERS = Html(
    '<form id="filters" class="filters" role="search" aria-label="Filter the table" hidden>'
    '<div><label for="words">Words</label><input id="words" type="search"></div>{}'
    '<button type="reset" class="go">Show all</button></form>'
)
_NUMBERS = Html(
    "<details><summary>The numbers as a table</summary>"
    '<div tabindex="0" role="region" aria-label="The numbers of the map"><table class="numbers">'
    "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></details>"
)


def render(
    title: str,
    table: Table,
    abstracts: Mapping[str, str],
    figures: Sequence[Figure],
    *,
    query: str = "",
    live: bool = False,
) -> str:
    """The page: ``figures`` on top, then ``table``, its first column the row's heading;
    ``abstracts`` by the rows' ``record_id``.

    The table's references are in the order of its rows. With ``live`` the page has a form to
    search with, for a server that answers it. The same arguments give the same bytes.
    """
    lines = [
        Html('<a class="skip" href="#table">To the table</a>'),
        *_header(title, len(table.rows), query, live),
        Html("<main>"),
        *_pictures(figures),
        *_table_section(table, abstracts),
        Html("</main>"),
        _DIALOG,
        _abstracts_script(table, abstracts),
        _page_script(),
    ]
    return _page(title, lines, live)


def message(title: str, text: str, query: str = "") -> str:
    """The page of a server that shows ``text`` instead of a report."""
    text_lines = [Html.escape(line) for line in text.split("\n")]
    lines = [
        Html("<header>"),
        element("h1")(title),
        _SEARCH.format(query),
        Html("</header>\n<main>"),
        element("pre", role="alert")(joined(text_lines, _LINE_BREAK)),
        Html("</main>"),
    ]
    return _page(title, lines, live=True)


@cache
def policy(live: bool = False) -> str:
    """The content security policy of the page: it loads nothing, and runs and wears nothing but its
    own.
    """
    script = f"script-src 'sha256-{digest(_asset('report.js'))}'"
    style = f"style-src 'sha256-{digest(_asset('report.css'))}'"
    form_target = "self" if live else "none"
    return f"default-src 'none'; {script}; {style}; base-uri 'none'; form-action '{form_target}'"


@cache
def _asset(name: str) -> str:
    return files("litrev.library.render").joinpath(name).read_text("utf-8")


def _page(title: str, lines: Sequence[Html], live: bool) -> str:
    return page(title, joined(lines, _LINE_BREAK), _asset("report.css"), policy(live))


def _header(title: str, papers: int, query: str, live: bool) -> Iterator[Html]:
    yield Html("<header>")
    yield element("h1")(title)
    # A live page shows the query in its form.
    shown_query = f", query: {query}" if query and not live else ""
    yield _QUIET(f"{_papers(papers)}{shown_query}.", _HINT)
    if live:
        yield _SEARCH.format(query)
    yield Html("</header>")


def _papers(count: int) -> str:
    return f"{count:,} paper{'' if count == 1 else 's'}"


def _pictures(figures: Sequence[Figure]) -> Iterator[Html]:
    if not figures:
        return
    yield Html(
        '<section aria-labelledby="pictures-title">\n<h2 id="pictures-title">At a glance</h2>'
    )
    yield Html('<div class="pictures">')
    for number, figure in enumerate(figures):
        drawn = picture(figure, f"picture-{number}")
        if isinstance(figure, Bars):
            yield element("figure")(element("div")(drawn))
            continue
        # Wider than a phone: it scrolls, for which the keyboard must be able to reach it.
        frame = element("div", tabindex=0, role="region", aria_label=figure.title)
        numbers = [_numbers(figure)] if isinstance(figure, Map) and figure.rows else []
        yield element("figure", class_="broad")(frame(drawn), *numbers)
    yield Html("</div>\n</section>")


def _numbers(figure: Map) -> Html:
    """The numbers of a map for those who do not see it."""
    corner = element("td")(f"{figure.down} by {figure.across}")
    headings = [element("th", scope="col")(name) for name in figure.columns]
    rows = []
    for name, counts in zip(figure.rows, figure.counts, strict=True):
        cells = [element("td")(str(count)) for count in counts]
        rows.append(element("tr")(element("th", scope="row")(name), *cells))
    return _NUMBERS.format(joined([corner, *headings]), joined(rows))


def _table_section(table: Table, abstracts: Mapping[str, str]) -> Iterator[Html]:
    papers = _papers(len(table.rows))
    method_numbers = _method_numbers(table)
    yield Html('<section id="table" aria-labelledby="table-title" tabindex="-1">')
    yield Html('<h2 id="table-title">Synthesis table</h2>')
    if len(table.rows) > MANY_ROWS:
        pages = f"This table has {papers}; it is shown in pages of {PAGE_ROWS}."
        yield element("p")(pages)
    yield _filters(table, method_numbers)
    yield _LEGEND
    yield element("p", id="count", class_="quiet", role="status")(papers)
    yield _PAGES
    yield from table_lines(table, method_numbers, abstracts)
    yield Html("</section>")


def _method_numbers(table: Table) -> dict[str, int]:
    """The most frequent methods in small letters, each with its number."""
    counts: Counter[str] = Counter()
    for row in table.rows:
        counts.update(values_to_filter(table, row, "methods"))
    by_frequency = sorted(counts, key=lambda name: (-counts[name], name))
    return {name: number for number, name in enumerate(by_frequency[:_MOST_METHODS])}


def _filters(table: Table, method_numbers: Mapping[str, int]) -> Html:
    methods = [(str(number), _cut(name)) for name, number in method_numbers.items()]
    years: set[str] = set()
    for row in table.rows:
        years.update(values_to_filter(table, row, "year"))
    latest_first = sorted(years, reverse=True)
    menus = [
        _menu("method", "Method", methods),
        _menu("year", "Year", [(year, year) for year in latest_first]),
        _menu("state", "State", _STATE_CHOICES),
    ]
    return _FILTERS.format(joined(menus))


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_CHOICE else name[: _LONGEST_CHOICE - 1] + "…"


def _menu(ident: str, label: str, choices: Sequence[tuple[str, str]]) -> Html:
    options = [element("option", value=value)(text) for value, text in [("", "any"), *choices]]
    return element("div")(
        element("label", for_=ident)(label), element("select", id=ident)(*options)
    )


def _abstracts_script(table: Table, abstracts: Mapping[str, str]) -> Html:
    # Browsers read a script letter by letter. This JSON has no character that ends the element.
    content = Html(abstracts_json(table, abstracts))  # noqa: S704
    return element("script", type="application/json", id="abstracts")(content)


def _page_script() -> Html:
    script = Html(_asset("report.js"))  # noqa: S704  # part of this program
    return element("script")(script)
