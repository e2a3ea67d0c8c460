"""Tables as one HTML page that loads nothing: readable in light and dark, on paper and aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from litrev.library.model.record import CellState, ItemState
from litrev.library.render.markup import Html, element, joined
from litrev.library.render.page import page
from litrev.library.render.rendering import Rendering, groups
from litrev.library.synthesis.model import MARKS, Column, Row, Table, TableCell

_STYLE = """
:root { color-scheme: light dark; --line: #767676 }
:root { --head: light-dark(#eee, #2a2a2a); --quiet: light-dark(#555, #b5b5b5) }
body { margin: 1.5rem; background: Canvas; color: CanvasText }
body { font: 1rem/1.45 system-ui, "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC",
  sans-serif }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; min-width: 40rem }
caption { text-align: start; font-weight: bold; padding: .5rem 0 }
th, td { border-top: 1px solid var(--line); padding: .35rem .6rem }
th, td { text-align: start; vertical-align: top; overflow-wrap: anywhere }
thead th { background: var(--head); position: sticky; top: 0 }
th[scope=rowgroup] { background: var(--head) }
ul { margin: 0; padding: 0; list-style: none }
q { display: block; font-style: italic; color: var(--quiet); quotes: "“" "”" }
.proposed { border-inline-start: 3px dotted var(--line); padding-inline-start: .4rem }
.disputed { border-inline-start: 3px double var(--line); padding-inline-start: .4rem }
footer { color: var(--quiet); margin-top: 1rem }
@media print {
  body { margin: 0; font-size: 9pt }
  tr { break-inside: avoid }
  thead th { position: static }
}
"""
_SPOKEN_STATES = {
    CellState.NEVER: "never extracted",
    CellState.SEARCHED: "searched, nothing found",
    CellState.PROPOSED: "proposed",
    CellState.NOT_REPORTED: "not reported",
}
_LINE_BREAK = Html("\n")
_ROW = element("tr")
_ROW_HEADING = element("th", scope="row")
_CELL = element("td")
_QUOTE = element("q")
_LIST = element("ul")
_LIST_ITEMS = {
    ItemState.PROPOSED: element("li", class_="proposed"),
    ItemState.DISPUTED: element("li", class_="disputed"),
    ItemState.DECIDED: element("li", class_="decided"),
}


def _state_mark(state: CellState) -> Html:
    """What a cell without items shows."""
    mark = MARKS[state]
    if not mark:
        return Html("")
    # A screen reader would say "middle dot"; the title says what the mark means.
    title = _SPOKEN_STATES.get(state, "")
    return element("span", title=title)(mark)


_STATE_MARKS = {state: _state_mark(state) for state in MARKS}


def render(table: Table, rendering: Rendering) -> str:
    """The page: the table and its legend.

    Headings are marked for screen readers, and quotes are below their items. It is a whole page
    whether or not ``rendering`` asks for a document of its own.
    """
    title = table.title or "Synthesis"
    column_heading = element("th", scope="col")
    headings = [column_heading(column.heading) for column in table.columns]
    lines = [
        Html("<main>"),
        element("h1")(title),
        Html('<div class="wide" tabindex="0" role="region" aria-label="Table">\n<table>'),
        element("caption")(title),
        Html("<thead>"),
        *_spanning_headings(table.columns),
        _ROW(*headings),
        Html("</thead>"),
        *_bodies(table),
        Html("</table>\n</div>"),
    ]
    if table.legend:
        lines.append(element("footer")(table.legend))
    lines.append(Html("</main>"))
    return page(title, joined(lines, _LINE_BREAK), _STYLE)


def _spanning_headings(columns: Sequence[Column]) -> list[Html]:
    """The row of headings that stand over several columns, if there are any."""
    if not any(column.over for column in columns):
        return []
    cells = []
    # Neighbours with the same heading over them share one.
    for heading, run in groupby(columns, key=lambda column: column.over):
        span = len(list(run))
        if heading:
            cells.append(element("th", scope="colgroup", colspan=span)(heading))
        else:
            cells.append(element("td", colspan=span)())
    return [_ROW(*cells)]


def _bodies(table: Table) -> Iterator[Html]:
    """The lines of the table below its headings: a body for each group."""
    whole_width = len(table.columns)
    group_heading = element("th", scope="rowgroup", colspan=whole_width)
    for name, rows in groups(table):
        yield Html("<tbody>")
        if table.grouped_by:
            yield _ROW(group_heading(name))
        for row in rows:
            yield _row(row, table.quotes)
        yield Html("</tbody>")


def _row(row: Row, quotes: bool) -> Html:
    """A paper, whose first cell is the heading of its row."""
    head, *others = row.cells
    cells = [_CELL(_content(cell, quotes)) for cell in others]
    return _ROW(_ROW_HEADING(_content(head, quotes)), *cells)


def _content(cell: TableCell, quotes: bool) -> str:
    """What stands in a cell, as text or as markup."""
    items = cell.items
    if not items:
        return _STATE_MARKS[cell.state]
    first = items[0]
    if len(items) == 1 and first.state is ItemState.DECIDED:
        if not quotes:
            return first.line
        return joined([first.line, *map(_QUOTE, first.quotes)])
    list_items = []
    for item in items:
        list_item = _LIST_ITEMS[item.state]
        quoted = map(_QUOTE, item.quotes) if quotes else ()
        list_items.append(list_item(item.line, *quoted))
    return _LIST(*list_items)
