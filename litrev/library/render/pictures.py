"""Figures as SVG: the same counts give the same bytes, in one hue that can be read in grey print
as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from litrev.errors import EnvironmentFault
from litrev.library.render.fitting import wrapped
from litrev.library.render.markup import Html, empty_element
from litrev.library.render.svg import (
    INK,
    LETTER_WIDTH,
    QUIET,
    TITLE_HEIGHT,
    Ink,
    document,
    fitted,
    plain,
    titled,
    words,
)
from litrev.library.synthesis.figures import Bars, Chapters, Figure, Map
from litrev.library.synthesis.summary import Count
from litrev.text.display import columns

_WIDTH, _NARROW = 760, 600  # pixels of a picture of columns, and of one of bars
_SMALL_LETTER = 6.6  # pixels of a letter of 12 pixels' height
_LINE_HEIGHT = 15
_LINE, _BAR = "#767676", "#2171b5"
# ColorBrewer's Blues, which have the same order in grey.
_RAMP = ("#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#2171b5", "#08306b")
_DARK_FROM = 4  # the first step on which numbers are white
_MOST_NAME_WIDTH = 250.0  # pixels
_MOST_MEASURED = 400  # characters of a name


def draw(figure: Figure, ident: str = "picture") -> str:
    """The figure as an SVG document, which can also stand in a page where ``ident`` is unique."""
    return str(picture(figure, ident))


def picture(figure: Figure, ident: str) -> Html:
    """The same as markup."""
    match figure:
        case Bars(upright=True):
            return _years(figure, ident)
        case Bars():
            return _bars(figure, ident)
        case Map():
            return _map(figure, ident)
        case Chapters():
            return _chapters(figure, ident)


def png(svg: str, zoom: int = 2) -> bytes:
    """``svg`` as PNG, ``zoom`` pixels for one; raises EnvironmentFault where the extra ``png`` is
    not installed.
    """
    try:
        import resvg_py
    except ImportError as error:
        raise EnvironmentFault(
            "to draw PNG a part is missing that is not installed",
            "pip install 'litrev[png]', or write an .svg.",
        ) from error
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg, zoom=zoom, background="#ffffff", languages=["en", "zh"]
        )
    except ValueError as error:
        raise EnvironmentFault(
            f"the picture cannot be drawn as PNG: {error}", "Write an .svg."
        ) from error
    return bytes(drawn)


def _names_width(names: Iterable[str]) -> float:
    """The pixels that the widest of ``names`` takes, up to a limit."""
    shown = [" ".join(name[:_MOST_MEASURED].split()) for name in names]
    widest = max(map(columns, shown), default=0)
    return min(_MOST_NAME_WIDTH, widest * LETTER_WIDTH)


def _not_shown(count: int, what: str) -> list[str]:
    return [f"{count:,} {what} not shown."] if count else []


def _rule(path: str, stroke_width: str | None = None) -> Html:
    return empty_element(
        "path", class_="axis", d=path, stroke=_LINE, stroke_width=stroke_width, fill="none"
    )


def _bar(x: float, y: str, width: float, height: str) -> Html:
    return empty_element(
        "rect", class_="bar", x=f"{x:.1f}", y=y, width=f"{width:.1f}", height=height, fill=_BAR
    )


def _bars(figure: Bars, ident: str) -> Html:
    """Horizontal bars, a name and a number each."""
    left = _names_width(count.name for count in figure.counts) + 8
    most = max((count.papers for count in figure.counts), default=1)
    room = _NARROW - left - 60
    drawing = []
    for number, count in enumerate(figure.counts):
        top = TITLE_HEIGHT + 24 * number
        width = room * count.papers / most
        drawing += [
            fitted(count.name, left / LETTER_WIDTH - 1, left - 8, top + 16, anchor="end"),
            _bar(left, f"{top + 3}", width, "17"),
            words(f"{count.papers:,}", left + width + 6, top + 16),
        ]
    notes = _not_shown(figure.left_out, "more")
    description = [*_counted(figure.counts), *notes]
    size = _NARROW, TITLE_HEIGHT + 24 * len(figure.counts) + 10
    return document(figure.title, description, ident, size, drawing, notes)


def _counted(counts: Sequence[Count]) -> list[str]:
    return [f"{count.name}: {count.papers}" for count in counts]


def _years(figure: Bars, ident: str) -> Html:
    """Vertical bars in the order of the years, each with its number, the empty ones too."""
    base = TITLE_HEIGHT + 170
    years = len(figure.counts)
    step = min(64.0, (_NARROW - 20) / max(1, years))
    end = 10 + step * max(1, years)
    drawing = [_rule(f"M10 {base}H{end:.1f}")]
    most = max((count.papers for count in figure.counts), default=1)
    named_every = max(1, round(44 / step + 0.49))  # a year is 31 pixels wide, "no year" 44
    for number, count in enumerate(figure.counts):
        middle = 10 + step * number + step / 2
        drawing += _year_bar(count, middle, base, step, most)
        to_come = years - 1 - number
        regular = number % named_every == 0 and to_come >= named_every
        if regular or not to_come:
            drawing.append(words(count.name, middle, base + 18, anchor="middle"))
    size = _NARROW, base + 30
    return document(figure.title, _counted(figure.counts), ident, size, drawing)


def _year_bar(count: Count, middle: float, base: int, step: float, most: int) -> Iterator[Html]:
    """A bar and its number, where there is room for that; the highest always has its number."""
    height = 150 * count.papers / most
    if count.papers:
        width = max(1.0, step * 0.72)
        yield _bar(middle - width / 2, f"{base - height:.1f}", width, f"{height:.1f}")
    size, digit_width = (13, 7.4) if step >= 26 else (10, 5.8)
    number = f"{count.papers:,}"
    if step >= digit_width * len(number) or count.papers == most:
        ink = INK if count.papers else QUIET
        yield words(number, middle, base - height - 5, anchor="middle", size=size, ink=ink)


def _map(figure: Map, ident: str) -> Html:
    """Rows by columns, the darker the more papers; a gap is an empty frame of dashes."""
    left = _names_width(figure.rows) + 10
    column_width = max(92.0, min(110.0, (_WIDTH - left) / max(1, len(figure.columns))))
    room = int((column_width - 2) / _SMALL_LETTER)
    headings = [wrapped(name, room, 4) for name in figure.columns]
    top = TITLE_HEIGHT + 10 + _LINE_HEIGHT * max(map(len, headings), default=0)
    drawing = []
    for number, (name, lines) in enumerate(zip(figure.columns, headings, strict=True)):
        middle = left + column_width * number + column_width / 2
        base = top - 6 - _LINE_HEIGHT * (len(lines) - 1)
        drawing.append(titled(name, *_lines(lines, middle, base, "middle", 12)))
    drawing += _map_rows(figure, left, top, column_width)
    notes = []
    if figure.rows:
        left_out = _not_shown(figure.left_out, "less frequent values are")
        notes = ["A number counts papers; a dashed frame is a gap.", *left_out]
    width = max(_WIDTH, left + column_width * len(figure.columns) + 4)
    size = width, top + 30 * len(figure.rows) + 8
    return document(figure.title, _map_description(figure), ident, size, drawing, notes)


def _map_rows(figure: Map, left: float, top: float, column_width: float) -> Iterator[Html]:
    most = max((count for row in figure.counts for count in row), default=0)
    for number, (name, counts) in enumerate(zip(figure.rows, figure.counts, strict=True)):
        row_top = top + 30.0 * number
        room = (left - 8) / LETTER_WIDTH
        yield fitted(name, room, left - 8, row_top + 20, anchor="end")
        for place, (column, count) in enumerate(zip(figure.columns, counts, strict=True)):
            pair = plain(f"{name} × {column}")
            square = _square(count, most, left + column_width * place, row_top, column_width)
            yield titled(f"{pair}: {count}", *square)


def _map_description(figure: Map) -> list[str]:
    if not figure.rows:
        return []
    pairs = len(figure.rows) * len(figure.columns)
    description = [
        f"{figure.down} by {figure.across}",
        f"{figure.gaps} of {pairs} pairs are gaps, which no paper covers",
    ]
    for name, counts in zip(figure.rows, figure.counts, strict=True):
        description.append(f"{name}: {', '.join(map(str, counts))}")
    return description + _not_shown(figure.left_out, "less frequent values are")


def _square(count: int, most: int, left: float, top: float, width: float) -> list[Html]:
    """The square of a count with its number, or the frame of a gap."""
    place = {
        "x": f"{left + 1.5:.1f}",
        "y": f"{top + 1.5:.1f}",
        "width": f"{width - 3:.1f}",
        "height": 27,
        "rx": 2,
    }
    if not count:
        gap = empty_element(
            "rect", class_="gap", **place, fill="none", stroke=_LINE, stroke_dasharray="3 3"
        )
        return [gap]
    step = _ramp_step(count, most)
    heat = empty_element(
        "rect",
        class_=f"heat{step}",
        **place,
        fill=_RAMP[step],
        stroke=_LINE,
        stroke_width=".5",
    )
    ink = Ink(f"on{step}", "#ffffff" if step >= _DARK_FROM else INK.colour)
    return [heat, words(f"{count:,}", left + width / 2, top + 20, anchor="middle", ink=ink)]


def _ramp_step(count: int, most: int) -> int:
    """The step of the ramp for a count: the first for one paper, the last for the most."""
    last = len(_RAMP) - 1
    if most == 1:
        return 2  # a map of nothing but ones is neither pale nor dark
    return min(last * (count - 1) // (most - 1), last)


def _chapters(figure: Chapters, ident: str) -> Html:
    """A row a paper, a column a chapter, the first words in each cell."""
    left = 124.0
    column_width = max(150.0, (_WIDTH - 124) / max(1, len(figure.heads)))
    right = left + column_width * len(figure.heads)
    room = int((column_width - 10) / _SMALL_LETTER)
    drawing = []
    for number, heading in enumerate(figure.heads):
        x = left + column_width * number + 6
        drawing.append(words(heading, x, TITLE_HEIGHT + 14, size=12, bold=True))
    description = []
    top = TITLE_HEIGHT + 24.0
    for paper, texts in zip(figure.papers, figure.texts, strict=True):
        drawing.append(_rule(f"M0 {top:.1f}H{right:.1f}", ".5"))
        drawing.append(fitted(paper, 14, 0, top + 18, bold=True))
        cells = [wrapped(text, room, 4) for text in texts]
        for number, (text, lines) in enumerate(zip(texts, cells, strict=True)):
            x = left + column_width * number + 6
            if text:
                drawing.append(titled(text, *_lines(lines, x, top + 18, None, 11.5)))
            else:
                drawing.append(words("·", x, top + 18, ink=QUIET))
        top += 14 + _LINE_HEIGHT * max([1, *map(len, cells)])
        described = [head for head, text in zip(figure.heads, texts, strict=True) if text]
        description.append(f"{paper}: {', '.join(described)}")
    notes = _not_shown(figure.left_out, "more papers")
    size = max(_WIDTH, right), top + 6
    return document(figure.title, [*description, *notes], ident, size, drawing, notes)


def _lines(
    lines: Sequence[str], x: float, base: float, anchor: str | None, size: float
) -> Iterator[Html]:
    """Lines of text, the first of them at ``base``."""
    for number, line in enumerate(lines):
        yield words(line, x, base + _LINE_HEIGHT * number, anchor=anchor, size=size)
