"""Tables as one HTML page that loads nothing: readable in light and dark, on paper and aloud."""

from __future__ import annotations

import base64
import hashlib
from html import escape as _escape
from itertools import groupby

from litrev.library.model.record import CellState, ItemState
from litrev.library.render.rendering import Rendering, groups
from litrev.library.synthesis.model import Column, Row, Table, TableCell
from litrev.text.display import visible

_STYLE = """
:root { color-scheme: light dark; --line: #767676; --head: light-dark(#eee, #2a2a2a); --quiet: light-dark(#555, #b5b5b5) }
body { margin: 1.5rem; background: Canvas; color: CanvasText }
body { font: 1rem/1.45 system-ui, "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; min-width: 40rem }
caption { text-align: start; font-weight: bold; padding: .5rem 0 }
th, td { border-top: 1px solid var(--line); padding: .35rem .6rem; text-align: start; vertical-align: top; overflow-wrap: anywhere }
thead th { background: var(--head); position: sticky; top: 0 }
th[scope=rowgroup] { background: var(--head) }
ul { margin: 0; padding: 0; list-style: none }
q { display: block; font-style: italic; color: var(--quiet); quotes: "“" "”" }
.proposed { border-inline-start: 3px dotted var(--line); padding-inline-start: .4rem }
.disputed { border-inline-start: 3px double var(--line); padding-inline-start: .4rem }
footer { color: var(--quiet); margin-top: 1rem }
@media print { body { margin: 0; font-size: 9pt } tr { break-inside: avoid } thead th { position: static } }
"""
_STATES = {
    ItemState.PROPOSED: "proposed",
    ItemState.DISPUTED: "disputed",
    ItemState.DECIDED: "decided",
}
_SPOKEN = {
    CellState.NEVER: "never extracted",
    CellState.SEARCHED: "searched, nothing found",
    CellState.PROPOSED: "proposed",
    CellState.NOT_REPORTED: "not reported",
}


def render(table: Table, rendering: Rendering) -> str:
    """The page: the table with its headings for whoever listens, quotes below their items, the
    legend.
    """
    title = escape(table.title or "Synthesis")
    body = [
        f"<h1>{title}</h1>",
        '<div class="wide" tabindex="0" role="region" aria-label="Table">',
        "<table>",
        f"<caption>{title}</caption>",
        "<thead>",
    ]
    body += [
        *_over(table.columns),
        "<tr>"
        + "".join(f'<th scope="col">{escape(column.heading)}</th>' for column in table.columns)
        + "</tr>",
        "</thead>",
    ]
    for name, rows in groups(table):
        body.append("<tbody>")
        if table.grouped_by:
            body.append(
                f'<tr><th scope="rowgroup" colspan="{len(table.columns)}">{escape(name)}</th></tr>'
            )
        body += [_row(row, table.quotes) for row in rows]
        body.append("</tbody>")
    body += ["</table>", "</div>"]
    if table.legend:
        body.append(f"<footer>{escape(table.legend)}</footer>")
    return page(title, "\n".join(body))


def page(title: str, body: str, style: str = _STYLE) -> str:
    """A page that may load and run nothing but its own style; ``title`` and ``body`` are HTML
    already.
    """
    allowed = f"default-src 'none'; style-src 'sha256-{digest(style)}'; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def digest(text: str) -> str:
    """The SHA-256 by which a content security policy knows an inline style or script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def escape(text: str) -> str:
    """``text`` as HTML that shows just that, in content and in attributes; what is Chinese is left
    to the reader's fonts.
    """
    return _escape(visible(text), quote=True)


def _over(columns: tuple[Column, ...]) -> list[str]:
    if not any(column.over for column in columns):
        return []
    runs = [
        (over, len(list(run))) for over, run in groupby(columns, key=lambda column: column.over)
    ]
    cells = (
        f'<th scope="colgroup" colspan="{count}">{escape(over)}</th>'
        if over
        else f'<td colspan="{count}"></td>'
        for over, count in runs
    )
    return ["<tr>" + "".join(cells) + "</tr>"]


def _row(row: Row, quotes: bool) -> str:
    head, *rest = row.cells
    return (
        f'<tr><th scope="row">{_content(head, quotes)}</th>'
        + "".join(f"<td>{_content(cell, quotes)}</td>" for cell in rest)
        + "</tr>"
    )


def _content(cell: TableCell, quotes: bool) -> str:
    if not cell.items:
        mark = cell.lines()[0]
        return f'<span title="{_SPOKEN.get(cell.state, "")}">{escape(mark)}</span>' if mark else ""
    held = [
        (item, "".join(f"<q>{escape(quote)}</q>" for quote in item.quotes) if quotes else "")
        for item in cell.items
    ]
    if len(held) == 1 and held[0][0].state is ItemState.DECIDED:
        return escape(held[0][0].line) + held[0][1]
    return (
        "<ul>"
        + "".join(
            f'<li class="{_STATES[item.state]}">{escape(item.line)}{quoted}</li>'
            for item, quoted in held
        )
        + "</ul>"
    )
