"""A review as one page that loads nothing: pictures, and the table whose every value opens its
words in the abstract.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from litrev.library.extraction.lexicon import lexicon_for
from litrev.library.extraction.sentences import split_sentences
from litrev.library.model.record import CellState, ItemState
from litrev.library.render.html import digest, escape
from litrev.library.render.pictures import draw
from litrev.library.synthesis.figures import Bars, Figure, Map
from litrev.library.synthesis.model import MARKS, Column, Row, Table, TableCell, TableItem
from litrev.text.display import visible

MANY, PAGE = 3_000, 500  # rows beyond which the table comes in pages of so many
_MOST_METHODS = 100  # to choose from
_READ = 50_000  # characters of an abstract that are parted into sentences

_TABLE = "Synthesis table"
_STATES = {
    ItemState.PROPOSED: ("p", "proposed, not yet decided"),
    ItemState.DISPUTED: ("x", "reviewers differ"),
    ItemState.DECIDED: ("d", "decided"),
}
_WITHOUT = {
    CellState.NEVER: ("v", "never searched"),
    CellState.SEARCHED: ("s", "searched, nothing found"),
    CellState.PROPOSED: ("p", "proposed, not yet decided"),
    CellState.DECIDED: ("d", "decided"),
    CellState.NOT_REPORTED: ("n", "not reported"),
}
_CHOICES = {
    "decided": "all decided", "proposed": "? something proposed", "disputed": "≠ reviewers differ", "searched": "· something searched, not found",
    "missing": "— something not reported", "never": "something never searched",
}  # fmt: skip
_LEGEND = (
    '<ul class="legend" aria-label="What the marks mean"><li><span class="v d">decided</span></li>'
    '<li><span class="v p">proposed, not yet decided <i>?</i></span></li>'
    '<li><span class="v x">reviewers differ <i>≠</i></span></li><li><i class="o">·</i> searched, nothing found</li><li><i>—</i> not reported</li>'
    "<li>blank: never searched</li></ul>"
)
_DIALOG = (
    '<dialog id="evidence" aria-labelledby="evidence-title"><h2 id="evidence-title">Evidence</h2>\n<p id="evidence-about" class="quiet"></p>'
    '<p id="evidence-note"></p><div id="evidence-text" tabindex="0" role="region" aria-label="Abstract"></div>'
    '<button type="button" id="close" class="go">Close</button></dialog>'
)
_PAGES = (
    '<nav id="pages" class="pages" aria-label="Pages of the table" hidden><button type="button" id="previous" class="go">Previous</button>'
    '<span id="page"></span><button type="button" id="next" class="go">Next</button></nav>'
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

    The table's references stand in the order of its rows. With ``live`` the page has a form to
    search with, for a server that answers it. The same arguments give the same bytes.
    """
    methods, asked = _methods(table), f", query: {escape(query)}" if query and not live else ""
    body = [
        '<a class="skip" href="#table">To the table</a>',
        f"<header>\n<h1>{escape(title)}</h1>",
        f'<p class="quiet">{_papers(len(table.rows))}{asked}.<span id="hint" hidden> Every value opens its words in the abstract.</span></p>',
        *([_search(query)] if live else []),
        "</header>\n<main>",
        *_pictures(figures),
        f'<section id="table" aria-labelledby="table-title" tabindex="-1">\n<h2 id="table-title">{_TABLE}</h2>',
        *(
            [f"<p>This table has {_papers(len(table.rows))}; it is shown in pages of {PAGE}.</p>"]
            if len(table.rows) > MANY
            else []
        ),
        _filters(table, methods),
        f'{_LEGEND}\n<p id="count" class="quiet" role="status">{_papers(len(table.rows))}</p>',
        _PAGES,
        *_table(table, methods, abstracts),
        f"</section>\n</main>\n{_DIALOG}",
        f'<script type="application/json" id="abstracts">{_json(list(_stored(table, abstracts)))}</script>',
        f"<script>{_asset('report.js')}</script>",
    ]
    return _page(title, body, live)


def message(title: str, text: str, query: str = "") -> str:
    """The page of a server that has ``text`` to say instead of a report."""
    shown = "\n".join(escape(line) for line in text.split("\n"))
    body = [
        f"<header>\n<h1>{escape(title)}</h1>\n{_search(query)}\n</header>",
        f'<main>\n<pre role="alert">{shown}</pre>\n</main>',
    ]
    return _page(title, body, live=True)


@cache
def policy(live: bool = False) -> str:
    """The content security policy of the page: it loads nothing, and runs and wears nothing but its
    own.
    """
    own = f"script-src 'sha256-{digest(_asset('report.js'))}'; style-src 'sha256-{digest(_asset('report.css'))}'"
    return f"default-src 'none'; {own}; base-uri 'none'; form-action '{'self' if live else 'none'}'"


@cache
def _asset(name: str) -> str:
    return files("litrev.library.render").joinpath(name).read_text("utf-8")


def _page(title: str, body: Sequence[str], live: bool) -> str:
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(live)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{_asset('report.css')}</style>\n</head>\n<body>\n"
    )
    return head + "\n".join(body) + "\n</body>\n</html>\n"


def _papers(count: int) -> str:
    return f"{count:,} paper{'' if count == 1 else 's'}"


def _search(query: str) -> str:
    return (
        '<form class="search" role="search" aria-label="Search the library" action="/" method="get"><div><label for="q">Query</label>'
        f'<input id="q" name="q" type="search" value="{escape(query)}"></div><button class="go">Search</button></form>'
    )


def _pictures(figures: Sequence[Figure]) -> Iterator[str]:
    if not figures:
        return
    yield '<section aria-labelledby="pictures-title">\n<h2 id="pictures-title">At a glance</h2>\n<div class="pictures">'
    for n, figure in enumerate(figures):
        scrolls = (
            ""
            if isinstance(figure, Bars)
            else f' tabindex="0" role="region" aria-label="{escape(figure.title)}"'
        )
        below = _numbers(figure) if isinstance(figure, Map) and figure.rows else ""
        yield f"<figure{'' if isinstance(figure, Bars) else ' class=broad'}><div{scrolls}>{draw(figure, f'picture-{n}')}</div>{below}</figure>"
    yield "</div>\n</section>"


def _numbers(figure: Map) -> str:
    """The numbers of a map for whoever does not see it."""
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in figure.columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{count}</td>" for count in counts)}</tr>'
        for name, counts in zip(figure.rows, figure.counts, strict=True)
    )
    corner = f"<td>{escape(figure.down)} by {escape(figure.across)}</td>"
    return (
        f'<details><summary>The numbers as a table</summary><div tabindex="0" role="region" aria-label="The numbers of the map"><table class="numbers"><thead>'
        f"<tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _methods(table: Table) -> dict[str, int]:
    """The most frequent methods in small letters, each with its number."""
    counts = Counter(name for row in table.rows for name in _names(table, row, "methods"))
    order = sorted(counts, key=lambda name: (-counts[name], name))[:_MOST_METHODS]
    return {name: n for n, name in enumerate(order)}


def _names(table: Table, row: Row, column: str) -> list[str]:
    """What a row has in a column, in small letters and each once."""
    cells = (
        cell for head, cell in zip(table.columns, row.cells, strict=True) if head.name == column
    )
    return list(
        dict.fromkeys(
            " ".join(item.shown.casefold().split()) for cell in cells for item in cell.items
        )
    )


def _filters(table: Table, methods: Mapping[str, int]) -> str:
    years = sorted(
        {year for row in table.rows for year in _names(table, row, "year")}, reverse=True
    )
    shown = [(str(n), name if len(name) <= 60 else name[:59] + "…") for name, n in methods.items()]
    choices = (
        ("method", "Method", shown),
        ("year", "Year", [(year, year) for year in years]),
        ("state", "State", list(_CHOICES.items())),
    )
    selects = "".join(
        f'<div><label for="{ident}">{label}</label><select id="{ident}"><option value="">any</option>'
        + "".join(
            f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in values
        )
        + "</select></div>"
        for ident, label, values in choices
    )
    return (
        '<form id="filters" class="filters" role="search" aria-label="Filter the table" hidden><div><label for="words">Words</label>'
        f'<input id="words" type="search"></div>{selects}<button type="reset" class="go">Show all</button></form>'
    )


def _table(table: Table, methods: Mapping[str, int], abstracts: Mapping[str, str]) -> Iterator[str]:
    heads = "".join(
        f'<th scope="col" role="columnheader"{_narrow(column)}><button type="button">{escape(column.title)}</button></th>'
        for column in table.columns
    )
    pages = f' data-page="{PAGE}"' if len(table.rows) > MANY else ""
    yield '<div class="wide" tabindex="0" role="region" aria-label="Rows and columns">'
    yield f'<table id="papers" role="table" aria-labelledby="table-title"{pages}>\n<thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
    yield '<tbody role="rowgroup">'
    for n, row in enumerate(table.rows):
        yield _row(n, table, row, methods, utf16(shown(abstracts.get(row.record_id, ""))))
    yield "</tbody>\n</table>\n</div>"


def _row(
    number: int, table: Table, row: Row, methods: Mapping[str, int], units: Callable[[int], int]
) -> str:
    pairs = list(zip(table.columns, row.cells, strict=True))
    held = " ".join(str(methods[name]) for name in _names(table, row, "methods") if name in methods)
    states = "".join(
        sorted({letter for column, cell in pairs if column.structured for letter in _letters(cell)})
    )
    year = "".join(_names(table, row, "year")[:1])
    cells = "".join(_cell(column, cell, units) for column, cell in pairs[1:])
    head = f'<th scope="row" role="rowheader"><button title="the whole abstract">{_said(row.key)}</button></th>'
    return f'<tr role="row" data-r="{number}" data-m="{held}" data-y="{escape(year)}" data-s="{states}">{head}{cells}</tr>'


def _narrow(column: Column) -> str:
    return ' class="n"' if column.narrow else ""


def _cell(column: Column, cell: TableCell, units: Callable[[int], int]) -> str:
    if not column.structured:
        return f'<td role="cell"{_narrow(column)}>{"<br>".join(_said(item.shown) for item in cell.items)}</td>'
    if cell.items:
        return f'<td role="cell">{"".join(_value(item, units) for item in cell.items)}</td>'
    mark, told = MARKS[cell.state], _WITHOUT[cell.state][1]
    return (
        f'<td role="cell"><i class="o" title="{told}">{mark}</i></td>'
        if mark
        else '<td role="cell"></td>'
    )


def _value(item: TableItem, units: Callable[[int], int]) -> str:
    """A value as a button that knows the places of its words, as JavaScript counts them."""
    kind, told = _STATES[item.state]
    places = " ".join(
        f"{units(span.start)}-{units(span.end)}" for span in item.evidence if not span.stale
    )
    gone = "; ".join(span.quote for span in item.evidence if span.stale)
    known = (f' data-e="{places}"' if places else "") + (f' data-q="{_said(gone)}"' if gone else "")
    mark = f" <i>{item.mark}</i>" if item.mark else ""
    return f'<button class="{kind}" title="{told}"{known}>{_said(item.shown)}{mark}</button>'


def _letters(cell: TableCell) -> list[str]:
    return [_STATES[item.state][0] for item in cell.items] or [_WITHOUT[cell.state][0]]


def _stored(table: Table, abstracts: Mapping[str, str]) -> Iterator[tuple[str, str, list[int]]]:
    """Of each row its reference, its abstract, and where each of its sentences begins and ends, in
    units of UTF-16.
    """
    references = {reference.key: reference.text for reference in table.references}
    for row in table.rows:
        text = shown(abstracts.get(row.record_id, ""))
        units = utf16(text)
        sentences = split_sentences(text[:_READ], lexicon_for(text)) if text else []
        yield (
            visible(references.get(row.key, row.key)),
            text,
            [units(place) for one in sentences for place in (one.start, one.end)],
        )


def shown(text: str) -> str:
    """An abstract as the page holds it: characters that do harm replaced one for one, lines kept."""
    return "\n".join(
        "\t".join(map(visible, line.split("\t"))) for line in text.replace("\r", " ").split("\n")
    )


def utf16(text: str) -> Callable[[int], int]:
    """From a place in ``text`` in code points to the same place in the units of UTF-16 that
    JavaScript counts.

    >>> [utf16("a🙂b")(place) for place in range(4)]
    [0, 1, 3, 4]
    """
    if text.isascii() or max(text) <= "\uffff":
        return lambda place: place
    above = [place for place, char in enumerate(text) if char > "\uffff"]
    return lambda place: place + bisect_left(above, place)


def _said(text: str) -> str:
    return escape(" ".join(text.split()))


def _json(value: object) -> str:
    """JSON that cannot end the element it stands in."""
    made = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return made.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
