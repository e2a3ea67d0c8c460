"""Tables as a Word document: landscape, the heading on every page, fonts for Chinese."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import Any

from litrev.library.render.rendering import Rendering, groups, widths
from litrev.library.synthesis.model import Table, TableCell
from litrev.text.display import visible

_EAST_ASIAN = "SimSun"
_SIZE = 9  # points
_NOT_XML = re.compile("[\ufffe\uffff]")
_ALWAYS = datetime(2000, 1, 1)  # the same library gives the same bytes
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def render(table: Table, rendering: Rendering) -> bytes:
    """The document: a heading, a caption, the table, the legend; quotes in italics below their
    item.
    """
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    document = docx.Document()
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = (
        WD_ORIENT.LANDSCAPE,
        Cm(29.7),
        Cm(21.0),
    )
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(
        1.8
    )
    for style in ("Normal", "Heading 1", "Caption", "Title"):
        _east_asian(document.styles[style])
    if table.title:
        document.add_heading(text(table.title), 1)
        document.add_paragraph(
            text(f"{table.title}, {len(table.references)} papers"), style="Caption"
        )
    _grid(document, table, 29.7 - 3.6)
    if table.legend:
        document.add_paragraph(text(table.legend), style="Caption")
    return saved(document, table.title)


def _grid(document: Any, table: Table, room: float) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    grid = document.add_table(rows=1, cols=len(table.columns))
    grid.style, grid.autofit = "Table Grid", False
    wide = [Cm(room * share) for share in widths(table)]
    for cell, column in zip(grid.rows[0].cells, table.columns, strict=True):
        _write(cell.paragraphs[0], column.title, bold=True)
    repeated = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(repeated)
    for name, rows in groups(table):
        if table.grouped_by:
            under = grid.add_row().cells
            _write(under[0].merge(under[-1]).paragraphs[0], name, bold=True)
        for row in rows:
            for cell, held in zip(grid.add_row().cells, row.cells, strict=True):
                _fill(cell, held, table.quotes)
    for n, width in enumerate(wide):
        grid.columns[n].width = width
    for row in grid.rows:
        if len(row._tr.tc_lst) == len(wide):
            for cell, width in zip(row._tr.tc_lst, wide, strict=True):
                cell.width = width


def _fill(cell: Any, held: TableCell, quotes: bool) -> None:
    paragraph = cell.paragraphs[0]
    lines = [(item.line, item.quotes if quotes else []) for item in held.items] or [
        (held.lines()[0], [])
    ]
    for number, (line, quoted) in enumerate(lines):
        paragraph = cell.add_paragraph() if number else paragraph
        _write(paragraph, line)
        for quote in quoted:
            _write(cell.add_paragraph(), f"“{quote}”", italic=True)


def _write(paragraph: Any, line: str, *, bold: bool = False, italic: bool = False) -> None:
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text(line))
    run.bold, run.italic, run.font.size = bold or None, italic or None, Pt(_SIZE)


def _east_asian(style: Any) -> None:
    from docx.oxml.ns import qn

    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _EAST_ASIAN)


def text(line: str) -> str:
    """``line`` without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", visible(line))


def saved(document: Any, title: str) -> bytes:
    """The bytes of a document, the same for the same content."""
    about = document.core_properties
    (
        about.title,
        about.author,
        about.created,
        about.modified,
        about.last_modified_by,
        about.comments,
    ) = text(title)[:255], "", _ALWAYS, _ALWAYS, "", ""
    first, last = io.BytesIO(), io.BytesIO()
    document.save(first)
    with (
        zipfile.ZipFile(first) as read,
        zipfile.ZipFile(last, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in read.namelist():
            written.writestr(
                zipfile.ZipInfo(name, _ZIP_TIME), read.read(name), zipfile.ZIP_DEFLATED
            )
    return last.getvalue()
