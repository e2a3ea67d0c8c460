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

_EAST_ASIAN_FONT = "SimSun"
_FONT_SIZE = 9  # points
# A4, landscape, in centimetres.
_PAGE_WIDTH = 29.7
_PAGE_HEIGHT = 21.0
_MARGIN = 1.8
_NOT_XML = re.compile("[\ufffe\uffff]")
# Fixed, because the same library must give the same bytes.
_CREATED = datetime(2000, 1, 1)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def render(table: Table, rendering: Rendering) -> bytes:
    """The document: a heading, a caption, the table and the legend.

    Quotes are in italics below their item. The same table gives the same bytes.
    """
    import docx

    document = docx.Document()
    _set_page(document.sections[0])
    for style in ("Normal", "Heading 1", "Caption", "Title"):
        _set_east_asian_font(document.styles[style])
    if table.title:
        document.add_heading(text(table.title), 1)
        caption = text(f"{table.title}, {len(table.references)} papers")
        document.add_paragraph(caption, style="Caption")
    _add_table(document, table)
    if table.legend:
        document.add_paragraph(text(table.legend), style="Caption")
    return saved(document, table.title)


def text(line: str) -> str:
    """``line`` without what XML cannot hold: each such character is replaced by a mark.

    >>> text("bell \\x07 and \\uffff")
    'bell ␇ and �'
    """
    return _NOT_XML.sub("\ufffd", visible(line))


def saved(document: Any, title: str) -> bytes:
    """The bytes of a document of python-docx, the same for the same content.

    Its properties are set: the title, no author, and times that do not change.
    """
    properties = document.core_properties
    properties.title = text(title)[:255]
    properties.author = ""
    properties.last_modified_by = ""
    properties.comments = ""
    properties.created = _CREATED
    properties.modified = _CREATED
    written = io.BytesIO()
    document.save(written)
    return _with_fixed_times(written)


def _with_fixed_times(package: io.BytesIO) -> bytes:
    """The same zip file with one fixed time for all of its parts; python-docx writes today's."""
    copy = io.BytesIO()
    with (
        zipfile.ZipFile(package) as source,
        zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = zipfile.ZipInfo(name, _ZIP_TIME)
            target.writestr(part, source.read(name), zipfile.ZIP_DEFLATED)
    return copy.getvalue()


def _set_page(section: Any) -> None:
    """Give the pages their size, their orientation and their margins."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width = Cm(_PAGE_WIDTH)
    section.page_height = Cm(_PAGE_HEIGHT)
    section.left_margin = section.right_margin = Cm(_MARGIN)
    section.top_margin = section.bottom_margin = Cm(_MARGIN)


def _set_east_asian_font(style: Any) -> None:
    """Give a style the font of its Chinese characters, for which python-docx has no call."""
    from docx.oxml.ns import qn

    run_properties = style.element.get_or_add_rPr()
    fonts = run_properties.get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), _EAST_ASIAN_FONT)


def _add_table(document: Any, table: Table) -> None:
    """Append the table; the name of a group is a row of one cell above its papers."""
    grid = document.add_table(rows=1, cols=len(table.columns))
    grid.style = "Table Grid"
    grid.autofit = False
    _fill_head(grid.rows[0], table)
    for name, rows in groups(table):
        if table.grouped_by:
            cells = grid.add_row().cells
            whole_row = cells[0].merge(cells[-1])
            _write(whole_row.paragraphs[0], name, bold=True)
        for row in rows:
            grid_cells = grid.add_row().cells
            for grid_cell, cell in zip(grid_cells, row.cells, strict=True):
                _fill(grid_cell, cell, table.quotes)
    _set_widths(grid, table)


def _fill_head(row: Any, table: Table) -> None:
    """Write the headings, and let them be repeated on every page."""
    from docx.oxml import OxmlElement

    for cell, column in zip(row.cells, table.columns, strict=True):
        _write(cell.paragraphs[0], column.title, bold=True)
    # python-docx has no call for a row that is repeated on every page.
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))


def _set_widths(grid: Any, table: Table) -> None:
    """Give every cell the width of its column."""
    from docx.shared import Cm

    room = _PAGE_WIDTH - 2 * _MARGIN
    column_widths = [Cm(room * share) for share in widths(table)]
    for number, width in enumerate(column_widths):
        grid.columns[number].width = width
    for row in grid.rows:
        cells = row._tr.tc_lst
        # The heading of a group is one cell.
        if len(cells) == len(column_widths):
            for cell, width in zip(cells, column_widths, strict=True):
                cell.width = width


def _fill(grid_cell: Any, cell: TableCell, quotes: bool) -> None:
    """Write a paragraph for each item of a cell and for each quote, or the mark of its state."""
    # Word's cell has an empty paragraph already, for the first line.
    paragraph = grid_cell.paragraphs[0]
    if not cell.items:
        _write(paragraph, cell.lines()[0])
    for number, item in enumerate(cell.items):
        if number:
            paragraph = grid_cell.add_paragraph()
        _write(paragraph, item.line)
        if quotes:
            for quote in item.quotes:
                _write(grid_cell.add_paragraph(), f"“{quote}”", italic=True)


def _write(paragraph: Any, line: str, *, bold: bool = False, italic: bool = False) -> None:
    """Write a line into an empty paragraph, in the size of the table."""
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text(line))
    # None leaves it to the style, where False would write that it is not bold.
    run.bold = bold or None
    run.italic = italic or None
    run.font.size = Pt(_FONT_SIZE)
