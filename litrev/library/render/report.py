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
from litrev.library.render.report_table import MANY_ROWS, PAGE_ROWS, table_lines, values_to_filter
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
    """The page: ``figures`` on top, then ``table``, whose first column heads its rows.

    ``abstracts`` are by the rows' ``record_id``, and may lack some. ``query`` is shown as what the
    rows were selected by. With ``live`` the page has a form to search with, for a server that
    answers it. The same arguments give the same bytes.
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
    """The page of a server that shows ``text`` instead of a report, and the form with ``query``.

    The lines of ``text`` are kept.
    """
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
    """The page's content security policy: it loads nothing, and uses only its own script and style.

    With ``live`` its form may be sent to the server that the page came from.
    """
    script = f"script-src 'sha256-{digest(_asset('report.js'))}'"
    style = f"style-src 'sha256-{digest(_asset('report.css'))}'"
    form_target = "self" if live else "none"
    return f"default-src 'none'; {script}; {style}; base-uri 'none'; form-action '{form_target}'"


@cache
def _asset(name: str) -> str:
    """The text of a file of this package."""
    file = files("litrev.library.render").joinpath(name)
    return file.read_text("utf-8")


def _page(title: str, lines: Sequence[Html], live: bool) -> str:
    return page(
        title=title,
        body=joined(lines, _LINE_BREAK),
        style=_asset("report.css"),
        policy=policy(live),
    )


def _header(title: str, papers: int, query: str, live: bool) -> Iterator[Html]:
    """The title, and what was selected: in words, or in the form of a live page."""
    yield Html("<header>")
    yield element("h1")(title)
    # A live page shows the query in its form.
    shown_query = f", query: {query}" if query and not live else ""
    yield _QUIET(f"{_papers(papers)}{shown_query}.", _HINT)
    if live:
        yield _SEARCH.format(query)
    yield Html("</header>")


def _papers(count: int) -> str:
    if count == 1:
        return "1 paper"
    return f"{count:,} papers"


def _pictures(figures: Sequence[Figure]) -> Iterator[Html]:
    """The section of the pictures; nothing where there are none."""
    if not figures:
        return
    yield Html(
        '<section aria-labelledby="pictures-title">\n<h2 id="pictures-title">At a glance</h2>'
    )
    yield Html('<div class="pictures">')
    for number, figure in enumerate(figures):
        drawn = picture(figure, f"picture-{number}")
        if isinstance(figure, Bars):
            frame = element("div")
            yield element("figure")(frame(drawn))
        else:
            yield _broad_figure(figure, drawn)
    yield Html("</div>\n</section>")


def _broad_figure(figure: Figure, drawn: Html) -> Html:
    """A picture that is wider than a phone."""
    # It scrolls, for which the keyboard must be able to reach it.
    frame = element("div", tabindex=0, role="region", aria_label=figure.title)
    broad = element("figure", class_="broad")
    if isinstance(figure, Map) and figure.rows:
        return broad(frame(drawn), _numbers(figure))
    return broad(frame(drawn))


def _numbers(figure: Map) -> Html:
    """The numbers of a map for those who do not see it."""
    cell = element("td")
    column_heading = element("th", scope="col")
    row_heading = element("th", scope="row")
    table_row = element("tr")
    corner = cell(f"{figure.down} by {figure.across}")
    headings = map(column_heading, figure.columns)
    rows = []
    for name, counts in zip(figure.rows, figure.counts, strict=True):
        cells = map(cell, map(str, counts))
        rows.append(table_row(row_heading(name), *cells))
    return _NUMBERS.format(joined([corner, *headings]), joined(rows))


def _table_section(table: Table, abstracts: Mapping[str, str]) -> Iterator[Html]:
    """The section of the table, with the filters and the legend above it."""
    papers = _papers(len(table.rows))
    method_numbers = _method_numbers(table)
    yield Html('<section id="table" aria-labelledby="table-title" tabindex="-1">')
    yield Html('<h2 id="table-title">Synthesis table</h2>')
    if len(table.rows) > MANY_ROWS:
        pages = f"This table has {papers}; it is shown in pages of {PAGE_ROWS}."
        yield element("p")(pages)
    yield _filters(table, method_numbers)
    yield _LEGEND
    # The page's script writes there how many rows are shown.
    count = element("p", id="count", class_="quiet", role="status")
    yield count(papers)
    yield _PAGES
    yield from table_lines(table, method_numbers, abstracts)
    yield Html("</section>")


def _method_numbers(table: Table) -> dict[str, int]:
    """The most frequent methods in small letters, each with its number."""
    counts: Counter[str] = Counter()
    for row in table.rows:
        counts.update(values_to_filter(table, row, "methods"))
    by_frequency = sorted(counts, key=lambda name: (-counts[name], name))
    numbered = enumerate(by_frequency[:_MOST_METHODS])
    return {name: number for number, name in numbered}


def _filters(table: Table, method_numbers: Mapping[str, int]) -> Html:
    """The form by which the page's script filters the table: words, and three menus."""
    methods = [(str(number), _cut(name)) for name, number in method_numbers.items()]
    years: set[str] = set()
    for row in table.rows:
        years.update(values_to_filter(table, row, "year"))
    latest_first = sorted(years, reverse=True)
    year_choices = [(year, year) for year in latest_first]
    menus = [
        _menu("method", "Method", methods),
        _menu("year", "Year", year_choices),
        _menu("state", "State", _STATE_CHOICES),
    ]
    return _FILTERS.format(joined(menus))


def _cut(name: str) -> str:
    """The name of a method, short enough for a menu."""
    if len(name) <= _LONGEST_CHOICE:
        return name
    return name[: _LONGEST_CHOICE - 1] + "…"


def _menu(ident: str, label: str, choices: Sequence[tuple[str, str]]) -> Html:
    """A menu of ``choices``, each a value and the text for it, after one for any value."""
    options = []
    for value, text in [("", "any"), *choices]:
        option = element("option", value=value)
        options.append(option(text))
    labelled = element("label", for_=ident)(label)
    select = element("select", id=ident)(*options)
    return element("div")(labelled, select)


def _abstracts_script(table: Table, abstracts: Mapping[str, str]) -> Html:
    # Browsers read a script letter by letter. This JSON has no character that ends the element.
    content = Html(abstracts_json(table, abstracts))  # noqa: S704
    script = element("script", type="application/json", id="abstracts")
    return script(content)


def _page_script() -> Html:
    script = Html(_asset("report.js"))  # noqa: S704  # part of this program
    return element("script")(script)
