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

    ``style`` is a style by name or file (seen from ``folder``), ``chinese_first`` says which works
    lead, ``annotated`` adds annotations, and ``standalone`` makes a document of it.
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
    """The references of ``records``, each in its own language, followed by its annotation if
    ``options`` ask for it.

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
            annotations[record.id] = annotation(record, cells.get(record.id, {}), codebook)
    # The title of an HTML page belongs to its frame, which is ours.
    written = render(
        listing,
        annotations,
        FORMATS[format],
        pandoc,
        title=options.title if format != "html" else "",
        standalone=format == "docx" or (format == "latex" and options.standalone),
    )
    return _html_page(options.title, written) if format == "html" else written


def _html_page(title: str, listing: bytes) -> bytes:
    # Imported here, because the other formats need nothing of it.
    from litrev.library.render.markup import Html, element, joined
    from litrev.library.render.page import page

    lines = [Html("<main>")]
    if title:
        lines.append(element("h1")(title))
    # Pandoc wrote this from a document tree, in which every text is a text: it has been escaped.
    lines.append(Html(listing.decode()))  # noqa: S704
    lines.append(Html("</main>"))
    return page(title or "Bibliography", joined(lines, Html("\n")), _STYLE).encode()


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
    """The references as plain lines, by author and year: what can be written without pandoc."""
    blocks = []
    for record in sorted(records, key=lambda record: plain_reference(record).casefold()):
        notes = annotation(record, cells.get(record.id, {}), codebook) if annotated else ()
        blocks.append("\n".join(map(visible, (plain_reference(record), *notes))))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def incomplete(records: Sequence[Record]) -> list[str]:
    """For each record that lacks metadata a line that says which; nothing is filled in."""
    lines = []
    for record in records:
        names = missing(record.entry_type, record.get)
        if names:
            lines.append(f"{record.key}: {record.entry_type} lacks {', '.join(names)}")
    return lines
