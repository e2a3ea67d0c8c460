"""Figures as SVG: the same counts give the same bytes, in one hue that can be read in grey print
as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

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

_WIDTH = 760  # pixels of a picture of columns
_NARROW = 600  # pixels of a picture of bars
_SMALL_LETTER = 6.6  # pixels of a letter of 12 pixels' height
_LINE_HEIGHT = 15
_LINE = "#767676"
_BAR = "#2171b5"
# ColorBrewer's Blues, which have the same order in grey.
_RAMP = ("#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#2171b5", "#08306b")
_DARK_FROM = 4  # the first step on which numbers are white
_MOST_NAME_WIDTH = 250.0  # pixels
_MOST_MEASURED = 400  # characters of a name
_LEFT_OUT_OF_MAP = "less frequent values are"


def draw(figure: Figure, ident: str = "picture") -> str:
    """The figure as an SVG document, which can also stand in a page where ``ident`` is unique.

    It is plain text, which :mod:`litrev.library.render.markup` would escape; see :func:`picture`.
    """
    return str(picture(figure, ident))


def picture(figure: Figure, ident: str) -> Html:
    """The same as :func:`draw`, as markup to be put into a page."""
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
    """``svg`` as PNG on white, ``zoom`` pixels wide and high for one.

    Raises EnvironmentFault where the extra ``png`` is not installed, or ``svg`` cannot be drawn.
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
            f"the figure cannot be drawn as PNG: {error}", "Write an .svg."
        ) from error
    return bytes(drawn)


def _names_width(names: Iterable[str]) -> float:
    """The pixels that the widest of ``names`` takes, up to a limit."""
    widest = 0
    for name in names:
        line = " ".join(name[:_MOST_MEASURED].split())
        widest = max(widest, columns(line))
    return min(_MOST_NAME_WIDTH, widest * LETTER_WIDTH)


def _lefts(first: float, width: float, columns: int) -> list[float]:
    """Where each of the columns begins, in pixels from the left."""
    return [first + width * number for number in range(columns)]


def _most_papers(counts: Sequence[Count]) -> int:
    """The highest of the counts, by which bars are measured."""
    return max((count.papers for count in counts), default=1)


def _not_shown(count: int, what: str) -> list[str]:
    """The note about what a picture leaves out, if it leaves out anything."""
    if not count:
        return []
    return [f"{count:,} {what} not shown."]


def _rule(path: str, stroke_width: str | None = None) -> Html:
    return empty_element(
        "path", class_="axis", d=path, stroke=_LINE, stroke_width=stroke_width, fill="none"
    )


def _bar(*, x: float, y: str, width: float, height: str) -> Html:
    return empty_element(
        "rect", class_="bar", x=f"{x:.1f}", y=y, width=f"{width:.1f}", height=height, fill=_BAR
    )


def _bars(figure: Bars, ident: str) -> Html:
    """Horizontal bars, a name and a number each."""
    left = _names_width(count.name for count in figure.counts) + 8
    most = _most_papers(figure.counts)
    room = _NARROW - left - 60
    name_room = left / LETTER_WIDTH - 1
    drawing = []
    for number, count in enumerate(figure.counts):
        top = TITLE_HEIGHT + 24 * number
        base = top + 16
        width = room * count.papers / most
        drawing += [
            fitted(count.name, name_room, left - 8, base, anchor="end"),
            _bar(x=left, y=f"{top + 3}", width=width, height="17"),
            words(f"{count.papers:,}", left + width + 6, base),
        ]
    notes = _not_shown(figure.left_out, "more")
    height = TITLE_HEIGHT + 24 * len(figure.counts) + 10
    return document(
        title=figure.title,
        description=[*_counted(figure.counts), *notes],
        ident=ident,
        size=(_NARROW, height),
        drawing=drawing,
        notes=notes,
    )


def _counted(counts: Sequence[Count]) -> list[str]:
    """Each name with its number, for those who do not see the bars."""
    return [f"{count.name}: {count.papers}" for count in counts]


def _years(figure: Bars, ident: str) -> Html:
    """Vertical bars in the order of the years, each with its number, the empty ones too."""
    base = TITLE_HEIGHT + 170
    years = len(figure.counts)
    places = max(1, years)
    step = min(64.0, (_NARROW - 20) / places)
    end = 10 + step * places
    drawing = [_rule(f"M10 {base}H{end:.1f}")]
    most = _most_papers(figure.counts)
    named_every = max(1, round(44 / step + 0.49))  # a year is 31 pixels wide, "no year" 44
    for number, count in enumerate(figure.counts):
        middle = 10 + step * number + step / 2
        drawing += _year_bar(count, most, middle=middle, base=base, step=step)
        # The last year is always named; those before it only where they leave room for its name.
        to_come = years - 1 - number
        regular = number % named_every == 0 and to_come >= named_every
        if regular or not to_come:
            name = words(count.name, middle, base + 18, anchor="middle")
            drawing.append(name)
    return document(
        title=figure.title,
        description=_counted(figure.counts),
        ident=ident,
        size=(_NARROW, base + 30),
        drawing=drawing,
    )


def _year_bar(count: Count, most: int, *, middle: float, base: int, step: float) -> Iterator[Html]:
    """A bar and its number, where there is room for that; the highest always has its number.

    ``step`` is the room of a year in pixels, and ``middle`` and ``base`` where its bar stands.
    """
    height = 150 * count.papers / most
    if count.papers:
        width = max(1.0, step * 0.72)
        yield _bar(
            x=middle - width / 2, y=f"{base - height:.1f}", width=width, height=f"{height:.1f}"
        )
    size, digit_width = (13, 7.4) if step >= 26 else (10, 5.8)
    number = f"{count.papers:,}"
    if step >= digit_width * len(number) or count.papers == most:
        ink = INK if count.papers else QUIET
        above = base - height - 5
        yield words(number, middle, above, anchor="middle", size=size, ink=ink)


def _map(figure: Map, ident: str) -> Html:
    """Rows by columns, the darker the more papers; a gap is an empty frame of dashes."""
    left = _names_width(figure.rows) + 10
    share = (_WIDTH - left) / max(1, len(figure.columns))
    column_width = max(92.0, min(110.0, share))
    room = int((column_width - 2) / _SMALL_LETTER)
    headings = [wrapped(name, room, 4) for name in figure.columns]
    tallest = max(map(len, headings), default=0)
    top = TITLE_HEIGHT + 10 + _LINE_HEIGHT * tallest
    drawing = []
    lefts = _lefts(left, column_width, len(figure.columns))
    for column_left, name, lines in zip(lefts, figure.columns, headings, strict=True):
        middle = column_left + column_width / 2
        base = top - 6 - _LINE_HEIGHT * (len(lines) - 1)
        heading = _lines(lines, middle, base, anchor="middle", size=12)
        drawing.append(titled(name, *heading))
    drawing += _map_rows(figure, left, top, column_width)
    notes = []
    if figure.rows:
        left_out = _not_shown(figure.left_out, _LEFT_OUT_OF_MAP)
        notes = ["A number counts papers; a dashed frame is a gap.", *left_out]
    right = left + column_width * len(figure.columns) + 4
    bottom = top + 30 * len(figure.rows) + 8
    return document(
        title=figure.title,
        description=_map_description(figure),
        ident=ident,
        size=(max(_WIDTH, right), bottom),
        drawing=drawing,
        notes=notes,
    )


def _map_rows(figure: Map, left: float, top: float, column_width: float) -> Iterator[Html]:
    """The names of the rows, right before ``left``, and their squares."""
    most = max(chain.from_iterable(figure.counts), default=0)
    lefts = _lefts(left, column_width, len(figure.columns))
    name_room = (left - 8) / LETTER_WIDTH
    row_top = top
    for name, counts in zip(figure.rows, figure.counts, strict=True):
        yield fitted(name, name_room, left - 8, row_top + 20, anchor="end")
        for column_left, column, count in zip(lefts, figure.columns, counts, strict=True):
            pair = plain(f"{name} × {column}")
            square = _square(count, most, left=column_left, top=row_top, width=column_width)
            yield titled(f"{pair}: {count}", *square)
        row_top += 30


def _map_description(figure: Map) -> list[str]:
    """The axes, the gaps and the numbers, for those who do not see the squares."""
    if not figure.rows:
        return []
    pairs = len(figure.rows) * len(figure.columns)
    description = [
        f"{figure.down} by {figure.across}",
        f"{figure.gaps} of {pairs} pairs are gaps, which no paper covers",
    ]
    for name, counts in zip(figure.rows, figure.counts, strict=True):
        numbers = ", ".join(map(str, counts))
        description.append(f"{name}: {numbers}")
    return description + _not_shown(figure.left_out, _LEFT_OUT_OF_MAP)


def _square(count: int, most: int, *, left: float, top: float, width: float) -> list[Html]:
    """The square of a count with its number, or the frame of a gap.

    ``most`` is the highest count of the map; the measures are those of the square in pixels.
    """
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
        "rect", class_=f"heat{step}", **place, fill=_RAMP[step], stroke=_LINE, stroke_width=".5"
    )
    colour = "#ffffff" if step >= _DARK_FROM else INK.colour
    number = words(
        f"{count:,}", left + width / 2, top + 20, anchor="middle", ink=Ink(f"on{step}", colour)
    )
    return [heat, number]


def _ramp_step(count: int, most: int) -> int:
    """The step of the ramp for a count: the first for one paper, the last for the most."""
    if most == 1:
        return 2  # a map of nothing but ones is neither pale nor dark
    last = len(_RAMP) - 1
    step = last * (count - 1) // (most - 1)
    return min(step, last)


def _chapters(figure: Chapters, ident: str) -> Html:
    """A row a paper, a column a chapter, the first words in each cell."""
    left = 124.0
    share = (_WIDTH - left) / max(1, len(figure.heads))
    column_width = max(150.0, share)
    right = left + column_width * len(figure.heads)
    lefts = _lefts(left, column_width, len(figure.heads))
    room = int((column_width - 10) / _SMALL_LETTER)
    drawing = []
    for column_left, heading in zip(lefts, figure.heads, strict=True):
        x = column_left + 6
        name = words(heading, x, TITLE_HEIGHT + 14, size=12, bold=True)
        drawing.append(name)
    top = TITLE_HEIGHT + 24.0
    for paper, texts in zip(figure.papers, figure.texts, strict=True):
        base = top + 18
        drawing += [_rule(f"M0 {top:.1f}H{right:.1f}", ".5"), fitted(paper, 14, 0, base, bold=True)]
        cells = [wrapped(text, room, 4) for text in texts]
        for column_left, text, lines in zip(lefts, texts, cells, strict=True):
            drawing.append(_chapter(text, lines, column_left + 6, base))
        tallest = max([1, *map(len, cells)])
        top += 14 + _LINE_HEIGHT * tallest
    notes = _not_shown(figure.left_out, "more papers")
    return document(
        title=figure.title,
        description=[*_chapters_by_paper(figure), *notes],
        ident=ident,
        size=(max(_WIDTH, right), top + 6),
        drawing=drawing,
        notes=notes,
    )


def _chapter(text: str, lines: Sequence[str], x: float, base: float) -> Html:
    """The first lines of a chapter, with its whole text as a title; a dot where there is none."""
    if not text:
        return words("·", x, base, ink=QUIET)
    drawn_lines = _lines(lines, x, base, anchor=None, size=11.5)
    return titled(text, *drawn_lines)


def _chapters_by_paper(figure: Chapters) -> list[str]:
    """The chapters that each paper has, for those who do not see their texts."""
    described = []
    for paper, texts in zip(figure.papers, figure.texts, strict=True):
        heads = [head for head, text in zip(figure.heads, texts, strict=True) if text]
        described.append(f"{paper}: {', '.join(heads)}")
    return described


def _lines(
    lines: Sequence[str], x: float, base: float, *, anchor: str | None, size: float
) -> Iterator[Html]:
    """Lines of text, the first of them at ``base``."""
    for number, line in enumerate(lines):
        y = base + _LINE_HEIGHT * number
        yield words(line, x, y, anchor=anchor, size=size)
