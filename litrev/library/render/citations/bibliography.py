"""A list of references in a style, with annotations, in a format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litrev.errors import UsageFault
from litrev.library.formats.csl_json import item
from litrev.library.model.codebook import Codebook
from litrev.library.model.entry_types import missing
from litrev.library.model.record import Cell, Record
from litrev.library.render.citations.annotation import annotation
from litrev.library.render.citations.pandoc import find_pandoc, format_entries, render
from litrev.library.render.citations.styles import find_style, read_style
from litrev.library.synthesis.references import plain_reference
from litrev.text.display import visible
from litrev.text.suggestions import did_you_mean

# The formats of a bibliography, and what pandoc calls them.
FORMATS = {"text": "plain", "markdown": "gfm", "html": "html", "latex": "latex", "docx": "docx"}
SUFFIXES = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".tex": "latex",
    ".docx": "docx",
}
_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 Georgia, "Noto Serif", "Noto Serif CJK SC", SimSun, serif }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
.csl-entry { margin-bottom: .8rem }
.hanging-indent > .csl-entry { padding-inline-start: 2em; text-indent: -2em }
.csl-left-margin { float: inline-start; min-width: 2.5em }
.csl-right-inline { display: block; margin-inline-start: 2.8em }
.annotation { text-indent: 0; margin: .3rem 0 0 1.5rem }
"""


@dataclass(frozen=True, slots=True)
class BibliographyOptions:
    """How a bibliography is made.

    ``style`` is a style by name or file (seen from ``folder``). In a style that sorts, Chinese
    works lead with ``chinese_first``, and all others without it. ``annotated`` adds annotations.
    ``standalone`` makes a document of LaTeX; HTML and Word are one anyway. ``title`` is above the
    list in a document; empty for none.
    """

    style: str = "apa"
    chinese_first: bool = False
    annotated: bool = False
    standalone: bool = False
    title: str = ""
    folder: Path = Path()


def bibliography(
    records: Sequence[Record],
    cells: Mapping[str, Mapping[str, Cell]],
    codebook: Codebook,
    format: str,
    options: BibliographyOptions,
) -> bytes:
    """The references of ``records``, each in its own language, as the bytes of a file.

    Each is followed by its annotation if ``options`` ask for it. ``cells`` are by the ids of the
    records; those without cells may be missing. ``format`` is one of ``FORMATS``.

    Raises UsageFault for an unknown format or style, EnvironmentFault where pandoc is not there or
    fails.
    """
    if format not in FORMATS:
        raise UsageFault(
            f"no bibliography format is named {format}",
            did_you_mean(format, [*FORMATS]) or f"There are: terminal, {', '.join(FORMATS)}.",
        )
    style = read_style(find_style(options.style, options.folder))
    pandoc = find_pandoc()
    items = [_item(record) for record in records]
    listing = format_entries(items, style, pandoc, chinese_first=options.chinese_first)
    annotations = {}
    if options.annotated:
        for record in records:
            own_cells = cells.get(record.id, {})
            annotations[record.id] = annotation(record, own_cells, codebook)
    is_html = format == "html"
    # The title of an HTML page belongs to its frame, which is ours.
    written = render(
        listing,
        annotations,
        FORMATS[format],
        pandoc,
        title="" if is_html else options.title,
        standalone=format == "docx" or (format == "latex" and options.standalone),
    )
    if is_html:
        return _html_page(options.title, written)
    return written


def _html_page(title: str, listing: bytes) -> bytes:
    """A whole page around the list that pandoc wrote."""
    # Imported here, because the other formats need nothing of it.
    from litrev.library.render.markup import Html, element, joined
    from litrev.library.render.page import page

    lines = [Html("<main>")]
    if title:
        lines.append(element("h1")(title))
    # Pandoc wrote this from a document tree, in which every text is a text: it has been escaped.
    lines.append(Html(listing.decode()))  # noqa: S704
    lines.append(Html("</main>"))
    body = joined(lines, Html("\n"))
    return page(title or "Bibliography", body, _STYLE).encode()


def _item(record: Record) -> dict[str, Any]:
    """A record for citeproc; one without a title has its key in brackets, to be found by."""
    described = {**item(record), "id": record.id}
    if not described.get("title"):
        described["title"] = f"[{record.key}]"
    return described


def plain_bibliography(
    records: Sequence[Record],
    cells: Mapping[str, Mapping[str, Cell]],
    codebook: Codebook,
    annotated: bool,
) -> str:
    """The references as plain lines, by author and year: what can be written without pandoc.

    A blank line divides them. With ``annotated`` the paragraphs of an annotation are in the lines
    below its reference. Empty without records.
    """
    blocks = []
    for record in sorted(records, key=_plain_order):
        lines = [plain_reference(record)]
        if annotated:
            own_cells = cells.get(record.id, {})
            lines += annotation(record, own_cells, codebook)
        blocks.append("\n".join(map(visible, lines)))
    if not blocks:
        return ""
    return "\n\n".join(blocks) + "\n"


def _plain_order(record: Record) -> str:
    return plain_reference(record).casefold()


def incomplete(records: Sequence[Record]) -> list[str]:
    """For each record that lacks metadata a line that says which; nothing is filled in.

    What a record needs is a matter of its entry type; see
    :func:`litrev.library.model.entry_types.missing`.
    """
    lines = []
    for record in records:
        names = missing(record.entry_type, record.get)
        if names:
            lines.append(f"{record.key}: {record.entry_type} lacks {', '.join(names)}")
    return lines
