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
from html.parser import HTMLParser
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
    names = [
        "key",
        *draw(
            st.lists(
                st.sampled_from(["year", "methods", "findings", "site"]), unique=True, min_size=1
            )
        ),
    ]
    columns = tuple(
        Column(name, draw(text) or name, structured=name != "key", narrow=name in {"key", "year"})
        for name in names
    )
    groups = draw(st.sampled_from([[""], ["interview", "no methods"], ["a|b", "<i>"]]))
    rows = []
    for g, group in enumerate(groups):
        for n in range(draw(st.integers(1, 3))):
            key_cell = TableCell(CellState.DECIDED, (TableItem(f"key{n}"),))
            others = [draw(cells) for _ in names[1:]]
            rows.append(Row(f"id{g}{n}", f"key{n}", (key_cell, *others), group))
    references = tuple(
        Reference(f"key{n}", f"Smith. (2020). {draw(text)}.", "article", "2020", "")
        for n in range(3)
    )
    return Table(
        draw(text),
        columns,
        tuple(rows),
        "Methods" if groups != [""] else "",
        draw(st.booleans()),
        references,
        (Definition("methods", "Methods", "list", draw(text)),),
    )


def expected(table: Table) -> list[list[list[str]]]:
    """The lines of every cell as any reader should find them; quotes left out."""
    return [[[one_line(line) for line in cell.lines()] for cell in row.cells] for row in table.rows]


def without_quotes(table: Table) -> Table:
    return Table(
        table.title,
        table.columns,
        table.rows,
        table.grouped_by,
        False,
        table.references,
        table.definitions,
    )


def rendered(table: Table, name: str) -> str | bytes:
    made = registry.renderer(name)(table, Rendering())
    assert made == registry.renderer(name)(table, Rendering()), (
        "the same table must give the same bytes"
    )
    return made


# Reading back, undoing what each format documents


def of_csv(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, str)
    rows = list(
        csv.reader(
            io.StringIO(made.removeprefix(BOM), newline=""),
            delimiter="\t" if not made.startswith(BOM) else ",",
        )
    )
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row), (
            "a spreadsheet would run this"
        )
    skipped = 1 if table.grouped_by else 0
    return [
        [[visible(line) for line in unescape_formula(cell).split("\n")] for cell in row[skipped:]]
        for row in rows[1:]
    ]


def of_json(made: str | bytes, table: Table) -> list[list[list[str]]]:
    rows = json.loads(made)["rows"]
    found = []
    for row, told in zip(rows, table.rows, strict=True):
        line = []
        for column, cell in zip(table.columns, told.cells, strict=True):
            held = row["cells"][column.name]
            assert held["state"] == cell.state.value
            shown = [TableItem(i["text"], ItemState(i["state"]), i["label"]) for i in held["items"]]
            line.append(
                [
                    one_line(text)
                    for text in TableCell(CellState(held["state"]), tuple(shown)).lines()
                ]
            )
        found.append(line)
    return found


def of_markdown(made: str | bytes, table: Table) -> list[list[list[str]]]:
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
            found.append(
                [
                    [re.sub(r"\\(.)", r"\1", part) for part in cell[1:-1].split("<br>")]
                    for cell in cells
                ]
            )
    return found


def split_unescaped(line: str) -> list[str]:
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


def of_latex(made: str | bytes, table: Table) -> list[list[list[str]]]:
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


def of_xlsx(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, bytes)
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Synthesis", "Evidence", "Codebook", "Bibliography"]
    sheet = book["Synthesis"]
    assert sheet.freeze_panes == "B2"
    for row in sheet.iter_rows():
        assert all(
            cell.data_type in {"s", "n"} and not (cell.data_type == "n" and cell.value is not None)
            for cell in row
        ), "everything is text"
    skipped = 1 if table.grouped_by else 0
    texts = texts_of_workbook(made)
    rows = [
        [texts.get(cell.coordinate, "") for cell in row][skipped:]
        for row in sheet.iter_rows(min_row=2, max_row=1 + len(table.rows))
    ]
    return [[cell.split("\n") for cell in row] for row in rows]


def texts_of_workbook(made: bytes) -> dict[str, str]:
    """The texts of the first sheet by their cells, as ECMA-376 (22.9.2.19) has them escaped;
    openpyxl also drops a bare ``x005F_``.
    """
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    written = ["".join(part.text or "" for part in string.iter(f"{space}t")) for string in strings]
    told = [re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text) for text in written]
    return {
        cell.attrib["r"]: told[int(cell.findtext(f"{space}v") or 0)]
        for cell in sheet.iter(f"{space}c")
        if cell.get("t") == "s"
    }


def of_docx(made: str | bytes, table: Table) -> list[list[list[str]]]:
    assert isinstance(made, bytes)
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None
    grid = docx.Document(io.BytesIO(made)).tables[0]
    rows = [row for row in grid.rows[1:] if len(row._tr.tc_lst) == len(table.columns)]
    return [
        [[paragraph.text for paragraph in cell.paragraphs] for cell in row.cells] for row in rows
    ]


class _Reader(HTMLParser):
    """Rows of cells of lines; refuses what would run or load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[list[str]]] = []
        self._in: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "iframe", "object", "link", "a"}, tag
        assert not any(
            name.startswith("on") or name in {"style", "href", "src"} for name, _ in attrs
        )
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
        filled = [line for line in lines if line.strip()]
        return [re.sub("[\ufffe\uffff\ufffd]", "\ufffd", line).strip() for line in filled]

    return [[plain(cell) for cell in row] for row in rows]


def test_every_own_format_is_read_back_here() -> None:
    assert set(READERS) == {name for name in registry.names() if name in READERS}
    assert set(registry.SUFFIXES.values()) == set(READERS)


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=40)
@given(made=tables())
def test_the_same_cells_in_every_format(name: str, made: Table) -> None:
    made = without_quotes(made)
    assert plainer(READERS[name](rendered(made, name), made)) == plainer(expected(made))


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
    assert plainer(READERS[name](rendered(table, name), table)) == plainer(expected(table))


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
