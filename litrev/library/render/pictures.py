"""Figures as SVG by template: the same counts give the same bytes, in one hue that also tells in
grey print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from litrev.errors import EnvironmentFault
from litrev.library.render.html import escape
from litrev.library.synthesis.figures import Bars, Chapters, Figure, Map
from litrev.text.display import columns

_LATIN = "system-ui, 'Noto Sans', 'Segoe UI', Roboto, 'Liberation Sans', 'DejaVu Sans', Arial"
_CHINESE = "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'WenQuanYi Micro Hei'"
_WIDTH, _NARROW = 760, 600  # pixels of a picture of columns, and of one of bars
_COLUMN = (
    7.8  # pixels of a letter of 13 pixels' height, in a wide font; a Chinese character takes two
)
_INK, _QUIET, _LINE, _BAR = "#1a1a1a", "#595959", "#767676", "#2171b5"
_RAMP = (
    "#deebf7",
    "#c6dbef",
    "#9ecae1",
    "#6baed6",
    "#2171b5",
    "#08306b",
)  # ColorBrewer's Blues; as ordered in grey
_DARK_FROM = 4  # the steps on which numbers are white
_NOT_XML = re.compile("[\ufffe\uffff]")
_TOP = 34  # pixels above the picture, for its title


def draw(figure: Figure, ident: str = "picture") -> str:
    """The figure as SVG, a document of its own and also fit for a page, where ``ident`` must stand
    once.
    """
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
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg, zoom=zoom, background="#ffffff", languages=["en", "zh"]
            )
        )
    except ValueError as error:
        raise EnvironmentFault(
            f"the picture cannot be drawn as PNG: {error}", "Write an .svg."
        ) from error


def cut(text: str, room: float) -> str:
    """``text`` as one line of at most ``room`` columns, a cut marked by "…"; a Chinese character
    takes two columns.

    >>> cut("城市社区治理", 7), cut("case  study", 20)
    ('城市社…', 'case study')
    """
    line = " ".join(text[:4000].split())
    if columns(line) <= room:
        return line
    return _first(line, room - 1).rstrip() + "…"


def _first(line: str, room: float) -> str:
    """As much of the beginning of ``line`` as takes ``room`` columns."""
    taken = 0
    for place, char in enumerate(line):
        taken += columns(char)
        if taken > room:
            return line[:place]
    return line


def wrapped(text: str, room: int, most: int) -> list[str]:
    """``text`` in at most ``most`` lines of ``room`` columns, broken between words or Chinese
    characters, a cut marked by "…".
    """
    lines, rest = list[str](), " ".join(text[:4000].split())
    while rest and len(lines) < most:
        if columns(rest) <= room or len(lines) == most - 1:
            return [*lines, cut(rest, room)]
        piece = _first(rest, room) or rest[0]
        at = len(piece)
        inside = f"{piece[-1]}{rest[at]}".isascii() and " " not in {piece[-1], rest[at]}
        if inside and " " in piece:
            at = piece.rindex(" ")
        elif inside and at > 1 and piece[-1].isalpha():  # a word longer than the line
            at -= 1
        lines.append(
            piece[:at].rstrip()
            + ("-" if at == len(piece) - 1 and inside and rest[at - 1 : at + 1].isalpha() else "")
        )
        rest = rest[at:].lstrip()
    return lines


def _bars(figure: Bars, ident: str) -> str:
    """Horizontal bars, a name and a number each."""
    label = (
        min(
            250.0,
            max((columns(" ".join(count.name[:400].split())) for count in figure.counts), default=0)
            * _COLUMN,
        )
        + 8
    )
    most = max((count.papers for count in figure.counts), default=1)
    room = _NARROW - label - 60
    body = []
    for n, count in enumerate(figure.counts):
        top, wide = _TOP + 24 * n, room * count.papers / most
        body.append(_label(count.name, label - 8, label / _COLUMN - 1, top + 16))
        body.append(
            f'<rect class="bar" x="{label:.1f}" y="{top + 3}" width="{wide:.1f}" height="17" fill="{_BAR}"/>'
        )
        body.append(_words(f"{count.papers:,}", label + wide + 6, top + 16))
    height = _TOP + 24 * len(figure.counts) + 10
    more = [f"{figure.left_out:,} more not shown."] if figure.left_out else []
    return _svg(
        figure.title,
        [*(f"{count.name}: {count.papers}" for count in figure.counts), *more],
        ident,
        _NARROW,
        height,
        body,
        more,
    )


def _years(figure: Bars, ident: str) -> str:
    """Vertical bars in the order of the years, each with its number, the empty ones too."""
    high, base = 150, _TOP + 170
    step = min(64.0, (_NARROW - 20) / max(1, len(figure.counts)))
    most = max((count.papers for count in figure.counts), default=1)
    roomy = step >= 26
    every = max(1, round(44 / step + 0.49))  # a year is 31 pixels wide, "no year" 44
    body = [
        f'<path class="axis" d="M10 {base}H{10 + step * max(1, len(figure.counts)):.1f}" stroke="{_LINE}" fill="none"/>'
    ]
    for n, count in enumerate(figure.counts):
        tall, left = high * count.papers / most, 10 + step * n
        middle, last = left + step / 2, n == len(figure.counts) - 1
        if count.papers:
            wide = max(1.0, step * 0.72)
            body.append(
                f'<rect class="bar" x="{middle - wide / 2:.1f}" y="{base - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{_BAR}"/>'
            )
        if step >= (7.4 if roomy else 5.8) * len(f"{count.papers:,}") or count.papers == most:
            body.append(
                _words(
                    f"{count.papers:,}",
                    middle,
                    base - tall - 5,
                    "middle",
                    13 if roomy else 10,
                    quiet=not count.papers,
                )
            )
        if (n % every == 0 and len(figure.counts) - 1 - n >= every) or last:
            body.append(_words(count.name, middle, base + 18, "middle"))
    return _svg(
        figure.title,
        [f"{count.name}: {count.papers}" for count in figure.counts],
        ident,
        _NARROW,
        base + 30,
        body,
    )


def _map(figure: Map, ident: str) -> str:
    """Rows by columns, the darker the more papers; a gap is an empty frame of dashes."""
    label = (
        min(
            250.0,
            max((columns(" ".join(name[:400].split())) for name in figure.rows), default=0)
            * _COLUMN,
        )
        + 10
    )
    wide = max(92.0, min(110.0, (_WIDTH - label) / max(1, len(figure.columns))))
    heads = [wrapped(name, int((wide - 2) / 6.6), 4) for name in figure.columns]
    top = _TOP + 10 + 15 * max(map(len, heads), default=0)
    most = max((count for row in figure.counts for count in row), default=0)
    body = []
    for n, (name, lines) in enumerate(zip(figure.columns, heads, strict=True)):
        middle = label + wide * n + wide / 2
        words = "".join(
            _words(line, middle, top - 6 - 15 * (len(lines) - 1 - k), "middle", 12)
            for k, line in enumerate(lines)
        )
        body.append(f"<g><title>{_text(name)}</title>{words}</g>")
    for n, (name, counts) in enumerate(zip(figure.rows, figure.counts, strict=True)):
        body.append(_label(name, label - 8, (label - 8) / _COLUMN, top + 30 * n + 20))
        for k, count in enumerate(counts):
            body.append(
                _square(
                    count,
                    most,
                    label + wide * k,
                    top + 30.0 * n,
                    wide,
                    f"{name} × {figure.columns[k]}",
                )
            )
    said = [
        f"{figure.down} by {figure.across}",
        f"{figure.gaps} of {len(figure.rows) * len(figure.columns)} pairs are gaps, which no paper covers",
    ]
    said += [
        f"{name}: {', '.join(map(str, counts))}"
        for name, counts in zip(figure.rows, figure.counts, strict=True)
    ]
    more = [f"{figure.left_out:,} less frequent values are not shown."] if figure.left_out else []
    notes = ["A number counts papers; a dashed frame is a gap.", *more] if figure.rows else []
    told = [*said, *more] if figure.rows else []
    return _svg(
        figure.title,
        told,
        ident,
        max(_WIDTH, label + wide * len(figure.columns) + 4),
        top + 30 * len(figure.rows) + 8,
        body,
        notes,
    )


def _square(count: int, most: int, left: float, top: float, wide: float, name: str) -> str:
    told = f"<title>{_text(name)}: {count}</title>"
    frame = f'x="{left + 1.5:.1f}" y="{top + 1.5:.1f}" width="{wide - 3:.1f}" height="27" rx="2"'
    if not count:
        return f'<g>{told}<rect class="gap" {frame} fill="none" stroke="{_LINE}" stroke-dasharray="3 3"/></g>'
    step = 1 + (len(_RAMP) - 1) * (count - 1) // max(1, most - 1) if most > 1 else 3
    step = min(step, len(_RAMP)) - 1
    number = _words(
        f"{count:,}",
        left + wide / 2,
        top + 20,
        "middle",
        tone=f"on{step}",
        ink="#ffffff" if step >= _DARK_FROM else _INK,
    )
    return f'<g>{told}<rect class="heat{step}" {frame} fill="{_RAMP[step]}" stroke="{_LINE}" stroke-width=".5"/>{number}</g>'


def _chapters(figure: Chapters, ident: str) -> str:
    """A row a paper, a column a chapter, the first words in each cell."""
    label, wide = 124.0, max(150.0, (_WIDTH - 124) / max(1, len(figure.heads)))
    room, most = int((wide - 10) / 6.6), 4
    right = label + wide * len(figure.heads)
    body = [
        _words(head, label + wide * n + 6, _TOP + 14, size=12, bold=True)
        for n, head in enumerate(figure.heads)
    ]
    top = _TOP + 24.0
    for paper, texts in zip(figure.papers, figure.texts, strict=True):
        lines = [wrapped(text, room, most) for text in texts]
        tall = 14 + 15 * max(1, *map(len, lines))
        body.append(
            f'<path class="axis" d="M0 {top:.1f}H{right:.1f}" stroke="{_LINE}" stroke-width=".5" fill="none"/>'
        )
        body.append(_named(paper, cut(paper, 14), 0, top + 18, bold=True))
        for n, (text, said) in enumerate(zip(texts, lines, strict=True)):
            if text:
                words = "".join(
                    _words(line, label + wide * n + 6, top + 18 + 15 * k, size=11.5)
                    for k, line in enumerate(said)
                )
                body.append(f"<g><title>{_text(text)}</title>{words}</g>")
            else:
                body.append(_words("·", label + wide * n + 6, top + 18, quiet=True))
        top += tall
    told = [
        f"{paper}: {', '.join(head for head, text in zip(figure.heads, texts, strict=True) if text)}"
        for paper, texts in _rows(figure)
    ]
    more = [f"{figure.left_out:,} more papers not shown."] if figure.left_out else []
    return _svg(figure.title, [*told, *more], ident, max(_WIDTH, right), top + 6, body, more)


def _rows(figure: Chapters) -> Iterator[tuple[str, tuple[str, ...]]]:
    return zip(figure.papers, figure.texts, strict=True)


def _svg(
    title: str,
    said: Sequence[str],
    ident: str,
    width: float,
    height: float,
    body: Sequence[str],
    notes: Sequence[str] = (),
) -> str:
    told = _text(". ".join(cut(line, 300) for line in said) or "Nothing to show.")
    tall = height + 20 * bool(notes)
    below = [_words(" ".join(notes), 0, height + 13, size=12, quiet=True)] if notes else []
    shown = body if said else [_words("Nothing to show.", 0, _TOP + 14, quiet=True)]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{tall:.0f}" viewBox="0 0 {width:.0f} {tall:.0f}" role="img"'
            f' aria-labelledby="{ident}-title {ident}-desc" font-family="{_LATIN}, {_CHINESE}, sans-serif" font-size="13">',
            f'<title id="{ident}-title">{_text(title)}</title>',
            f'<desc id="{ident}-desc">{told}</desc>',
            _words(cut(title, width / 9), 0, 18, size=16, bold=True),
            *shown,
            *below,
            "</svg>\n",
        )
    )


def _label(name: str, right: float, room: float, base: float) -> str:
    """A name that ends at ``right``; whole in its title where it is cut."""
    return _named(name, cut(name, room), right, base, "end")


def _named(name: str, shown: str, x: float, y: float, anchor: str = "", bold: bool = False) -> str:
    words = _words(shown, x, y, anchor, bold=bold)
    return (
        words if shown == " ".join(name.split()) else f"<g><title>{_text(name)}</title>{words}</g>"
    )


def _words(
    text: str,
    x: float,
    y: float,
    anchor: str = "",
    size: float = 13,
    *,
    bold: bool = False,
    quiet: bool = False,
    tone: str = "",
    ink: str = _INK,
) -> str:
    extra = (
        (f' text-anchor="{anchor}"' if anchor else "")
        + (' font-weight="bold"' if bold else "")
        + (f' font-size="{size:g}"' if size != 13 else "")
    )
    if any(
        char >= "\u2e80" for char in text
    ):  # what draws PNG takes the first font that is there, for better or worse
        extra += f' font-family="{_CHINESE}, {_LATIN}, sans-serif"'
    kind = tone or ("quiet" if quiet else "ink")
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" fill="{_QUIET if quiet else ink}"{extra}>{_text(text)}</text>'


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", " ".join(text.split())))
