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
    """How a text is coloured.

    ``css_class`` is the class by which a page changes the colour in the dark, ``colour`` the one
    where nothing does, as #rrggbb.
    """

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
    """The whole picture: its title, ``drawing`` and ``notes``.

    ``description`` is a line for each thing that is shown, for those who do not see it; without
    any, the picture says that there is nothing to show. ``ident`` begins the ids of the document,
    and must be unique in the page where it stands. ``size`` is the width and height in pixels,
    without the notes below.
    """
    width, height = size
    shown = list(drawing)
    if not description:
        nothing = words(_NOTHING, 0, TITLE_HEIGHT + 14, ink=QUIET)
        shown = [nothing]
    if notes:
        below = words(" ".join(notes), 0, height + 13, size=12, ink=QUIET)
        shown.append(below)
        height += 20
    sentences = [cut(line, _LONGEST_LINE) for line in description]
    described = ". ".join(sentences) or _NOTHING
    # A letter of this size takes 9 pixels.
    shown_title = cut(title, width / 9)
    heading = words(shown_title, 0, 18, size=16, bold=True)
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
        element("desc", id=f"{ident}-desc")(plain(described)),
        heading,
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
    """A line of text: its ``anchor`` (start, middle or end) is at ``x``, its base at ``y``.

    All measures are pixels, ``size`` the height of letters. Nothing is cut or broken. Without an
    anchor the text begins at ``x``.
    """
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
    """A name cut to ``room`` columns (two for a Chinese character), at ``x`` and ``y``.

    One that is cut has its whole text as a title.
    """
    shown = cut(name, room)
    drawing = words(shown, x, y, anchor=anchor, bold=bold)
    if shown == " ".join(name.split()):
        return drawing
    return titled(name, drawing)


def titled(title: str, *drawing: Html) -> Html:
    """``drawing`` with a title, which browsers show where the pointer rests."""
    tooltip = element("title")(plain(title))
    return element("g")(tooltip, *drawing)


def plain(text: str) -> str:
    """``text`` as one line, without the two characters that XML cannot hold.

    Control characters, which it cannot hold either, are left to :class:`Html`.
    """
    line = " ".join(text.split())
    return _NOT_XML.sub("\ufffd", line)
