"""What the pictures are drawn with: the frame of an SVG document, and text in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from litrev.library.render.fitting import cut
from litrev.library.render.markup import Html, element, joined

TITLE_HEIGHT = 34  # pixels above what is drawn, for the title
LETTER_WIDTH = 7.8  # pixels of a letter of the usual size, in a wide font
_SIZE = 13  # pixels; the usual height of letters
_LATIN = "system-ui, 'Noto Sans', 'Segoe UI', Roboto, 'Liberation Sans', 'DejaVu Sans', Arial"
_CHINESE = (
    "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Hiragino Sans GB',"
    " 'Microsoft YaHei', 'WenQuanYi Micro Hei'"
)
_FIRST_CJK = "\u2e80"
_NOT_XML = re.compile("[\ufffe\uffff]")
_LONGEST_LINE = 300  # columns of a line in the description
_NOTHING = "Nothing to show."


class Ink(NamedTuple):
    """The colour of a text, and the class by which a page changes it in the dark."""

    css_class: str
    colour: str


INK = Ink("ink", "#1a1a1a")
QUIET = Ink("quiet", "#595959")


def document(
    title: str,
    description: Sequence[str],
    ident: str,
    size: tuple[float, float],
    drawing: Sequence[Html],
    notes: Sequence[str] = (),
) -> Html:
    """The whole picture, ``size`` its width and height without the notes below.

    ``description`` is a line for each thing that is shown, for those who do not see it; without
    any, the picture says that there is nothing to show.
    """
    width, height = size
    shown = list(drawing)
    if not description:
        shown = [words(_NOTHING, 0, TITLE_HEIGHT + 14, ink=QUIET)]
    if notes:
        shown.append(words(" ".join(notes), 0, height + 13, size=12, ink=QUIET))
        height += 20
    described = ". ".join(cut(line, _LONGEST_LINE) for line in description)
    frame = element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=f"{width:.0f}",
        height=f"{height:.0f}",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-desc",
        font_family=f"{_LATIN}, {_CHINESE}, sans-serif",
        font_size=_SIZE,
    )
    lines = [
        "",
        element("title", id=f"{ident}-title")(plain(title)),
        element("desc", id=f"{ident}-desc")(plain(described or _NOTHING)),
        words(cut(title, width / 9), 0, 18, size=16, bold=True),
        *shown,
        "",
    ]
    return frame(joined(lines, Html("\n"))) + Html("\n")


def words(
    text: str,
    x: float,
    y: float,
    *,
    anchor: str | None = None,
    size: float = _SIZE,
    bold: bool = False,
    ink: Ink = INK,
) -> Html:
    """A line of text: its ``anchor`` (start, middle or end) is at ``x``, its base at ``y``."""
    # What draws PNG takes the first font that is installed, whether or not it has the characters.
    has_chinese = any(char >= _FIRST_CJK for char in text)
    fonts = f"{_CHINESE}, {_LATIN}, sans-serif" if has_chinese else None
    drawn = element(
        "text",
        class_=ink.css_class,
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        fill=ink.colour,
        text_anchor=anchor,
        font_weight="bold" if bold else None,
        font_size=f"{size:g}" if size != _SIZE else None,
        font_family=fonts,
    )
    return drawn(plain(text))


def fitted(
    name: str, room: float, x: float, y: float, *, anchor: str | None = None, bold: bool = False
) -> Html:
    """A name cut to ``room`` columns; one that is cut has its whole text as a title."""
    shown = cut(name, room)
    drawing = words(shown, x, y, anchor=anchor, bold=bold)
    if shown == " ".join(name.split()):
        return drawing
    return titled(name, drawing)


def titled(title: str, *drawing: Html) -> Html:
    """``drawing`` with a title, which browsers show where the pointer rests."""
    return element("g")(element("title")(plain(title)), *drawing)


def plain(text: str) -> str:
    """``text`` as one line, without the two characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", " ".join(text.split()))
