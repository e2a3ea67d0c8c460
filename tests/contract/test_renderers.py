"""The same table in every format holds the same cells; each is read back by the rules its format
documents.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litrev.library.model.record import CellState, Evidence, ItemState
from litrev.library.render import registry
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import (
    Column,
    Definition,
    Reference,
    Row,
    Table,
    TableCell,
    TableItem,
    transpose,
)
from litrev.text.display import visible
from litrev.text.spreadsheet import BOM, unescape_formula

HOSTILE = (
    "a|b", "A & B", "50 % of_all #1 $5 ^ ~ \\", "<script>alert(1)</script>", "</style></title>",
    '=HYPERLINK("http://x.example","y")', "@SUM(A1)", "+1", "-1+2", "'=1", "[/]", "[bold]x[/bold]",
    "\\input{/etc/passwd}", "\\write18{touch x}", "{=html}", "x -- y --- z ``q'' ,, ?` !`",
    "a\u202eb\u200fc", "\x1b[31mred\x1b]0;t\x07", "two\nlines\r\nand\ttabs", "x" * 5000,
    "党建引领 社区治理", "📚 𝒳 e\u0301", "_x0041_", "*a* _b_ `c` ~~d~~", "| a |", "*", "[1]",
    "http://x.example/?a=1&b=2", "&amp; &#60;", "\x00nul", "\ufffe\uffff", "# no heading",
    "- no list", "1. no list", "^[no note]", "$$x$$", "", " ", "x005F_", "≠ ✓ · — ?", "@cite", ",,",
    "--", "“quoted”", '"',
)  # fmt: skip

text = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))


def one_line(shown: str) -> str:
    return visible(" ".join(shown.split()))


def item(text: str, state: ItemState, label: str, quote: str) -> TableItem:
    evidence = (Evidence(0, len(quote), quote),) if quote else ()
    return TableItem(text, state, label or None, evidence=evidence)


items = st.builds(item, text, st.sampled_from(ItemState), st.one_of(st.just(""), text), text)
cells = st.one_of(
    st.builds(
        TableCell,
        st.sampled_from(
            [CellState.NEVER, CellState.SEARCHED, CellState.NOT_REPORTED, CellState.PROPOSED]
        ),
    ),
    st.builds(
        lambda held: TableCell(CellState.DECIDED, tuple(held)),
        st.lists(items, min_size=1, max_size=3),
    ),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    others = st.sampled_from(["year", "methods", "findings", "site"])
    names = ["key", *draw(st.lists(others, unique=True, min_size=1))]
    columns = [
        Column(name, draw(text) or name, structured=name != "key", narrow=name in {"key", "year"})
        for name in names
    ]
    groups = draw(st.sampled_from([[""], ["interview", "no methods"], ["a|b", "<i>"]]))
    rows = []
    for g, group in enumerate(groups):
        for n in range(draw(st.integers(1, 3))):
            key_cell = TableCell(CellState.DECIDED, (TableItem(f"key{n}"),))
            other_cells = [draw(cells) for _ in names[1:]]
            row = Row(f"id{g}{n}", f"key{n}", (key_cell, *other_cells), group)
            rows.append(row)
    references = tuple(
        Reference(f"key{n}", f"Smith. (2020). {draw(text)}.", "article", "2020", "")
        for n in range(3)
    )
    return Table(
        title=draw(text),
        columns=tuple(columns),
        rows=tuple(rows),
        grouped_by="Methods" if groups != [""] else "",
        quotes=draw(st.booleans()),
        references=references,
        definitions=(Definition("methods", "Methods", "list", draw(text)),),
    )


def expected(table: Table) -> list[list[list[str]]]:
    """The lines of every cell as any reader should find them; quotes left out."""
    rows = []
    for row in table.rows:
        cells = [list(map(one_line, cell.lines())) for cell in row.cells]
        rows.append(cells)
    return rows


def without_quotes(table: Table) -> Table:
    return replace(table, quotes=False)


def rendered(table: Table, name: str) -> str | bytes:
    render = registry.renderer(name)
    made = render(table, Rendering())
    again = render(table, Rendering())
    assert made == again, "the same table must give the same bytes"
    return made


# Reading back, undoing what each format documents


def of_csv(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, str)
    text = io.StringIO(made.removeprefix(BOM), newline="")
    delimiter = "," if made.startswith(BOM) else "\t"
    _, *rows = csv.reader(text, delimiter=delimiter)
    skipped = 1 if table.grouped_by else 0
    found = []
    for row in rows:
        cells = []
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@")), "a spreadsheet would run this"
            lines = unescape_formula(cell).split("\n")
            cells.append(list(map(visible, lines)))
        found.append(cells[skipped:])
    return found


def of_json(made: str | bytes, table: Table) -> list[list[list[str]]]:
    rows = json.loads(made)["rows"]
    found = []
    for row, table_row in zip(rows, table.rows, strict=True):
        cells = []
        for column, table_cell in zip(table.columns, table_row.cells, strict=True):
            cell = _cell_of_json(row["cells"][column.name])
            assert cell.state is table_cell.state
            cells.append(list(map(one_line, cell.lines())))
        found.append(cells)
    return found


def _cell_of_json(cell: dict[str, Any]) -> TableCell:
    items = []
    for item in cell["items"]:
        state = ItemState(item["state"])
        items.append(TableItem(item["text"], state, item["label"]))
    return TableCell(CellState(cell["state"]), tuple(items))


def of_markdown(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, str)
    found = []
    head = None
    for line in made.split("\n"):
        if not line.startswith("| "):
            continue
        cells = split_unescaped(line)
        if cells and all(cell.strip() == "---" for cell in cells):
            continue
        if head is None or cells == head:
            head = cells
        else:
            found.append(list(map(_lines_of_markdown, cells)))
    return found


def _lines_of_markdown(cell: str) -> list[str]:
    lines = cell[1:-1].split("<br>")
    return [re.sub(r"\\(.)", r"\1", line) for line in lines]


def split_unescaped(line: str) -> list[str]:
    """What stands between the bars of a line, but not between those after a backslash."""
    parts = []
    current = ""
    escaped = False
    for char in line:
        if char == "|" and not escaped:
            parts.append(current)
            current = ""
        else:
            current += char
        escaped = char == "\\" and not escaped
    return parts[1:]


LATEX = {
    r"\textbackslash{}": "\\", r"\{": "{", r"\}": "}", r"\$": "$", r"\&": "&", r"\#": "#",
    r"\%": "%", r"\_": "_", r"\^{}": "^", r"\~{}": "~", "{[}": "[", "{]}": "]", "{*}": "*",
    r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|", r"\ensuremath{\neq}": "≠",
    r"\ensuremath{\surd}": "✓", r"\textquotedbl{}": '"', r"\hspace{0pt}": "", "{}": "",
}  # fmt: skip
_LATEX = re.compile(
    "|".join(re.escape(command) for command in sorted(LATEX, key=len, reverse=True))
)


def _without_latex(part: str) -> str:
    key = re.sub(r"^\\cite\{(.*)\}$", r"\1", part)
    return _LATEX.sub(lambda match: LATEX[match[0]], key)


def of_latex(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, str)
    _, _, after_head = made.partition("\\endfoot\n")
    body, _, _ = after_head.partition("\\end{longtable}")
    found = []
    for paper in body.split("\\addlinespace\n"):
        lines = []
        for line in paper.split("\n"):
            if line.endswith(" \\tabularnewline"):
                row = line.removesuffix(" \\tabularnewline")
                lines.append(re.split(r" (?<!\\)& ", row))
        if lines:
            columns = list(zip(*lines, strict=True))
            assert len(columns) == len(table.columns)
            found.append([list(map(_without_latex, column)) for column in columns])
    rows = zip(found, expected(table), strict=True)
    return [list(map(_trimmed, row, wanted)) for row, wanted in rows]


def _trimmed(lines: list[str], wanted: list[str]) -> list[str]:
    """A cell without the empty lines that stand below it where others have more."""
    count = len(wanted)
    assert not any(lines[count:]), "a cell has more lines than items"
    return lines[:count]


def of_xlsx(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, bytes)
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Synthesis", "Evidence", "Codebook", "Bibliography"]
    sheet = book["Synthesis"]
    assert sheet.freeze_panes == "B2"
    for row in sheet.iter_rows():
        for cell in row:
            is_empty = cell.data_type == "n" and cell.value is None
            assert is_empty or cell.data_type == "s", "everything is text"
    skipped = 1 if table.grouped_by else 0
    texts = texts_of_workbook(made)
    found = []
    for row in sheet.iter_rows(min_row=2, max_row=1 + len(table.rows)):
        cells = [texts.get(cell.coordinate, "").split("\n") for cell in row]
        found.append(cells[skipped:])
    return found


def texts_of_workbook(made: bytes) -> dict[str, str]:
    """The texts of the first sheet by their cells, as ECMA-376 (22.9.2.19) has them escaped;
    openpyxl also drops a bare ``x005F_``.
    """
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    texts = []
    for string in strings:
        parts = [part.text or "" for part in string.iter(f"{space}t")]
        texts.append(re.sub("_x([0-9A-Fa-f]{4})_", _unescaped, "".join(parts)))
    by_cell = {}
    for cell in sheet.iter(f"{space}c"):
        if cell.get("t") == "s":
            number = int(cell.findtext(f"{space}v") or 0)
            by_cell[cell.attrib["r"]] = texts[number]
    return by_cell


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))


def of_docx(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, bytes)
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None
    grid = docx.Document(io.BytesIO(made)).tables[0]
    found = []
    for row in grid.rows[1:]:
        # The name of a group is one cell.
        if len(row._tr.tc_lst) == len(table.columns):
            cells = [[paragraph.text for paragraph in cell.paragraphs] for cell in row.cells]
            found.append(cells)
    return found


class _Reader(HTMLParser):
    """Rows of cells of lines; refuses what would run or load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[list[str]]] = []
        self._in: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "iframe", "object", "link", "a"}, tag
        for name, _ in attrs:
            assert not name.startswith("on"), name
            assert name not in {"style", "href", "src"}
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append([""])
            self._in = "cell"
        elif tag == "li" and self.rows[-1][-1] != [""]:
            self.rows[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._in = None

    def handle_data(self, data: str) -> None:
        if self._in:
            self.rows[-1][-1][-1] += data


def of_html(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, str)
    reader = _Reader()
    reader.feed(made)
    return [row for row in reader.rows[1:] if len(row) == len(table.columns)]


READERS: dict[str, Callable[[str | bytes, Table], list[list[list[str]]]]] = {
    "csv": of_csv, "tsv": of_csv, "json": of_json, "markdown": of_markdown, "latex": of_latex,
    "xlsx": of_xlsx, "docx": of_docx, "html": of_html,
}  # fmt: skip


def plainer(rows: list[list[list[str]]]) -> list[list[list[str]]]:
    """Rows without what no format can keep: spaces at the ends, and two code points not in XML."""

    def plain(lines: list[str]) -> list[str]:
        filled = [line.strip() for line in lines if line.strip()]
        return [re.sub("[\ufffe\uffff]", "\ufffd", line) for line in filled]

    return [[plain(cell) for cell in row] for row in rows]


def test_every_own_format_is_read_back_here() -> None:
    assert set(READERS) == {name for name in registry.names() if name in READERS}
    assert set(registry.SUFFIXES.values()) == set(READERS)


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=40)
@given(made=tables())
def test_the_same_cells_in_every_format(name: str, made: Table) -> None:
    made = without_quotes(made)
    found = READERS[name](rendered(made, name), made)
    assert plainer(found) == plainer(expected(made))


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=10)
@given(made=tables())
def test_quotes_and_transposed_tables_can_be_written(name: str, made: Table) -> None:
    assert rendered(made, name)
    assert rendered(transpose(made), name)


@pytest.mark.parametrize("name", sorted(READERS))
def test_each_hostile_text_stands_in_every_format_as_it_is(name: str) -> None:
    rows = tuple(
        Row(
            f"id{n}",
            f"k{n}",
            (
                TableCell(CellState.DECIDED, (TableItem(f"k{n}"),)),
                TableCell(CellState.DECIDED, (TableItem(word),)),
            ),
        )
        for n, word in enumerate(HOSTILE)
    )
    table = Table("<b>&|", (Column("key", "Key", narrow=True), Column("title", "Title")), rows)
    found = READERS[name](rendered(table, name), table)
    assert plainer(found) == plainer(expected(table))


def test_the_five_states_look_different_everywhere() -> None:
    states = [
        TableCell(state) for state in (CellState.NEVER, CellState.SEARCHED, CellState.NOT_REPORTED)
    ]
    states += [
        TableCell(CellState.PROPOSED, (TableItem("x", ItemState.PROPOSED),)),
        TableCell(CellState.DECIDED, (TableItem("x"),)),
    ]
    table = Table(
        "",
        (Column("key", "Key"), Column("a", "A")),
        tuple(
            Row(str(n), str(n), (TableCell(CellState.DECIDED, (TableItem(f"k{n}"),)), cell))
            for n, cell in enumerate(states)
        ),
    )
    for name, reader in READERS.items():
        shown = [tuple(row[1]) for row in reader(rendered(table, name), table)]
        assert len(set(shown)) == 5, (name, shown)
    assert table.legend == "? proposed, not yet decided; · searched, nothing found; — not reported"
