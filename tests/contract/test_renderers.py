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

# The rows of a table: cells, each a list of lines.
Cells = list[list[list[str]]]

text = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))


def one_line(shown: str) -> str:
    """A text as a line of a cell: spaces in a row as one, and nothing that cannot be seen."""
    return visible(" ".join(shown.split()))


def item(
    text: str,
    state: ItemState,
    label: str,
    quote: str,
) -> TableItem:
    """An item of a cell; ``quote`` is its evidence, if it is not empty."""
    evidence = (Evidence(0, len(quote), quote),) if quote else ()
    return TableItem(text, state, label or None, evidence=evidence)


labels = st.one_of(st.just(""), text)
items = st.builds(
    item,
    text,
    st.sampled_from(ItemState),
    labels,
    text,
)
empty_states = st.sampled_from(
    [
        CellState.NEVER,
        CellState.SEARCHED,
        CellState.NOT_REPORTED,
        CellState.PROPOSED,
    ]
)
cells = st.one_of(
    st.builds(TableCell, empty_states),
    st.builds(
        lambda held: TableCell(CellState.DECIDED, tuple(held)),
        st.lists(items, min_size=1, max_size=3),
    ),
)
field_names = st.sampled_from(["year", "methods", "findings", "site"])


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Tables with a key column, grouped or not, in which any text may be hostile."""
    names = ["key", *draw(st.lists(field_names, unique=True, min_size=1))]
    columns = []
    for name in names:
        column = Column(
            name,
            draw(text) or name,
            structured=name != "key",
            narrow=name in {"key", "year"},
        )
        columns.append(column)
    groups = draw(st.sampled_from([[""], ["interview", "no methods"], ["a|b", "<i>"]]))
    rows = []
    for g, group in enumerate(groups):
        for n in range(draw(st.integers(1, 3))):
            key_cell = TableCell(CellState.DECIDED, (TableItem(f"key{n}"),))
            others = [draw(cells) for _ in names[1:]]
            row = Row(
                f"id{g}{n}",
                f"key{n}",
                (key_cell, *others),
                group,
            )
            rows.append(row)
    references = []
    for n in range(3):
        citation = f"Smith. (2020). {draw(text)}."
        reference = Reference(
            f"key{n}",
            citation,
            "article",
            "2020",
            "",
        )
        references.append(reference)
    return Table(
        draw(text),
        tuple(columns),
        tuple(rows),
        "Methods" if groups != [""] else "",
        draw(st.booleans()),
        tuple(references),
        (Definition("methods", "Methods", "list", draw(text)),),
    )


def expected(table: Table) -> Cells:
    """The lines of every cell as any reader should find them; quotes left out."""
    return [[lines_of(cell) for cell in row.cells] for row in table.rows]


def lines_of(cell: TableCell) -> list[str]:
    return [one_line(line) for line in cell.lines()]


def without_quotes(table: Table) -> Table:
    return replace(table, quotes=False)


def rendered(table: Table, name: str) -> str | bytes:
    """The table in a format; checks that rendering it again gives the same."""
    render = registry.renderer(name)
    made = render(table, Rendering())
    assert made == render(table, Rendering()), "the same table must give the same bytes"
    return made


# Reading back, undoing what each format documents


def of_csv(made: str | bytes, table: Table) -> Cells:
    assert isinstance(made, str)
    # Only the one for spreadsheets begins with a byte order mark.
    delimiter = "," if made.startswith(BOM) else "\t"
    content = io.StringIO(made.removeprefix(BOM), newline="")
    rows = list(csv.reader(content, delimiter=delimiter))
    for row in rows:
        runs = any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        assert not runs, "a spreadsheet would run this"
    skipped = 1 if table.grouped_by else 0
    return [[_csv_lines(cell) for cell in row[skipped:]] for row in rows[1:]]


def _csv_lines(cell: str) -> list[str]:
    lines = unescape_formula(cell).split("\n")
    return [visible(line) for line in lines]


def of_json(made: str | bytes, table: Table) -> Cells:
    rows = json.loads(made)["rows"]
    found = []
    for row, table_row in zip(rows, table.rows, strict=True):
        cells = []
        for column, cell in zip(table.columns, table_row.cells, strict=True):
            read = _json_cell(row["cells"][column.name])
            assert read.state == cell.state
            cells.append(lines_of(read))
        found.append(cells)
    return found


def _json_cell(read: dict[str, Any]) -> TableCell:
    items = [
        TableItem(item["text"], ItemState(item["state"]), item["label"]) for item in read["items"]
    ]
    return TableCell(CellState(read["state"]), tuple(items))


def of_markdown(made: str | bytes, table: Table) -> Cells:
    assert isinstance(made, str)
    found = []
    head = None
    for line in made.split("\n"):
        if line.startswith("| "):
            cells = split_unescaped(line)
            if cells and all(cell.strip() == "---" for cell in cells):
                continue
            if head is None or cells == head:
                head = cells
                continue
            found.append([_markdown_lines(cell) for cell in cells])
    return found


def _markdown_lines(cell: str) -> list[str]:
    """The lines of a cell, without the space at either end and the backslashes."""
    parts = cell[1:-1].split("<br>")
    return [re.sub(r"\\(.)", r"\1", part) for part in parts]


def split_unescaped(line: str) -> list[str]:
    """The cells of a row of Markdown; a bar after a backslash divides nothing."""
    parts, current, escaped = list[str](), "", False
    for char in line:
        if escaped:
            current, escaped = current + char, False
        elif char == "\\":
            current, escaped = current + char, True
        elif char == "|":
            parts.append(current)
            current = ""
        else:
            current += char
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


def of_latex(made: str | bytes, table: Table) -> Cells:
    assert isinstance(made, str)
    body = made.partition("\\endfoot\n")[2].partition("\\end{longtable}")[0]
    found = []
    for paper in body.split("\\addlinespace\n"):
        lines = [
            line.removesuffix(" \\tabularnewline")
            for line in paper.split("\n")
            if line.endswith(" \\tabularnewline")
        ]
        if not lines:
            continue
        columns = list(zip(*(re.split(r" (?<!\\)& ", line) for line in lines), strict=True))
        assert len(columns) == len(table.columns)
        found.append([[_without_latex(part) for part in column] for column in columns])
    return [
        [_trimmed(cell, len(want)) for cell, want in zip(row, wanted, strict=True)]
        for row, wanted in zip(found, expected(table), strict=True)
    ]


def _trimmed(lines: list[str], count: int) -> list[str]:
    assert not any(lines[count:]), "a cell has more lines than items"
    return lines[:count]


def of_xlsx(made: str | bytes, table: Table) -> Cells:
    assert isinstance(made, bytes)
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Synthesis", "Evidence", "Codebook", "Bibliography"]
    sheet = book["Synthesis"]
    assert sheet.freeze_panes == "B2"
    for row in sheet.iter_rows():
        for cell in row:
            is_empty = cell.data_type == "n" and cell.value is None
            assert cell.data_type == "s" or is_empty, "everything is text"
    skipped = 1 if table.grouped_by else 0
    texts = texts_of_workbook(made)
    found = []
    for row in sheet.iter_rows(min_row=2, max_row=1 + len(table.rows)):
        cells = [texts.get(cell.coordinate, "") for cell in row[skipped:]]
        found.append([cell.split("\n") for cell in cells])
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
        written = "".join(part.text or "" for part in string.iter(f"{space}t"))
        text = re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), written)
        texts.append(text)
    found = {}
    for cell in sheet.iter(f"{space}c"):
        if cell.get("t") == "s":
            number = int(cell.findtext(f"{space}v") or 0)
            found[cell.attrib["r"]] = texts[number]
    return found


def of_docx(made: str | bytes, table: Table) -> Cells:
    assert isinstance(made, bytes)
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None
    grid = docx.Document(io.BytesIO(made)).tables[0]
    # A heading of a group is one cell over all columns.
    rows = [row for row in grid.rows[1:] if len(row._tr.tc_lst) == len(table.columns)]
    return [[_paragraphs(cell) for cell in row.cells] for row in rows]


def _paragraphs(cell: Any) -> list[str]:
    return [paragraph.text for paragraph in cell.paragraphs]


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
            assert name not in {"style", "href", "src"}, name
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


def of_html(made: str | bytes, table: Table) -> Cells:
    assert isinstance(made, str)
    reader = _Reader()
    reader.feed(made)
    return [row for row in reader.rows[1:] if len(row) == len(table.columns)]


READERS: dict[str, Callable[[str | bytes, Table], Cells]] = {
    "csv": of_csv, "tsv": of_csv, "json": of_json, "markdown": of_markdown, "latex": of_latex,
    "xlsx": of_xlsx, "docx": of_docx, "html": of_html,
}  # fmt: skip


def plainer(rows: Cells) -> Cells:
    """Rows without what no format can keep: spaces at the ends, and two code points not in XML."""

    def plain(lines: list[str]) -> list[str]:
        filled = [line for line in lines if line.strip()]
        allowed = [re.sub("[\ufffe\uffff\ufffd]", "\ufffd", line) for line in filled]
        return [line.strip() for line in allowed]

    return [[plain(cell) for cell in row] for row in rows]


def test_every_own_format_is_read_back_here() -> None:
    assert set(READERS) == {name for name in registry.names() if name in READERS}
    assert set(registry.SUFFIXES.values()) == set(READERS)


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=40)
@given(made=tables())
def test_the_same_cells_in_every_format(name: str, made: Table) -> None:
    made = without_quotes(made)
    read = READERS[name](rendered(made, name), made)
    assert plainer(read) == plainer(expected(made))


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=10)
@given(made=tables())
def test_quotes_and_transposed_tables_can_be_written(name: str, made: Table) -> None:
    assert rendered(made, name)
    assert rendered(transpose(made), name)


@pytest.mark.parametrize("name", sorted(READERS))
def test_each_hostile_text_stands_in_every_format_as_it_is(name: str) -> None:
    columns = (Column("key", "Key", narrow=True), Column("title", "Title"))
    rows = [keyed_row(n, decided(word)) for n, word in enumerate(HOSTILE)]
    table = Table("<b>&|", columns, tuple(rows))
    read = READERS[name](rendered(table, name), table)
    assert plainer(read) == plainer(expected(table))


def decided(text: str) -> TableCell:
    """A cell with one item."""
    return TableCell(CellState.DECIDED, (TableItem(text),))


def keyed_row(number: int, cell: TableCell) -> Row:
    """A row of a key and one other cell."""
    key = f"k{number}"
    return Row(f"id{number}", key, (decided(key), cell))


def test_the_five_states_look_different_everywhere() -> None:
    states = [
        TableCell(CellState.NEVER),
        TableCell(CellState.SEARCHED),
        TableCell(CellState.NOT_REPORTED),
        TableCell(CellState.PROPOSED, (TableItem("x", ItemState.PROPOSED),)),
        decided("x"),
    ]
    columns = (Column("key", "Key"), Column("a", "A"))
    rows = [keyed_row(n, cell) for n, cell in enumerate(states)]
    table = Table("", columns, tuple(rows))
    for name, reader in READERS.items():
        read = reader(rendered(table, name), table)
        shown = [tuple(row[1]) for row in read]
        assert len(set(shown)) == 5, (name, shown)
    assert table.legend == "? proposed, not yet decided; · searched, nothing found; — not reported"
