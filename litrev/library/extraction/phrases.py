"""Tools for spans of text: trimming, cutting at stops, splitting enumerations into items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from litrev.library.extraction.lexicon import Lexicon

Span = tuple[int, int]

_OPEN = '"“‘「『（(《[【'
_CLOSE = '"”’」』）)》]】'
_OPENING, _CLOSING = frozenset('"“(（'), frozenset('"”)）')
_PAIRS = dict(zip(_OPEN, _CLOSE, strict=True))
_BLANK = " \t\r\n\f|\ufeff\u3000"
_EDGE = _BLANK + ",，;；:：、.。!！?？-—"
_QUOTED = re.compile(
    r"\"[^\"]{1,200}\"|“[^”]{1,200}”|\([^()]{1,200}\)|（[^（）]{1,200}）|《[^》]{1,100}》"
)
_QUOTE = frozenset('"“(（《')
_SHORT = re.compile(r"(?:(?!、|以及|和|及).)+")


@cache
def _label() -> re.Pattern[str]:
    """The label of an item at the start of a stretch."""
    # This and the next pattern are compiled when they are first needed: start-up pays for neither.
    return re.compile(
        r"\s*(?:[(（]?\d{1,2}[)）.、]|[①-⑳]|[(（]?(?:i|ii|iii|iv|v|vi)[)）]"
        r"|[一二三四五六七八九十]是|第[一二三四五六七八九十][,，、]|[一二三四五六七八九十][、.]"
        r"|(?:the )?(?:first|second|third|fourth|fifth|sixth|last)(?:ly)?\s*(?:,|，|\bis\b|:)"
        r"|finally\s*[,，])\s*(?:is\b|that\b)?\s*",
        re.IGNORECASE,
    )


@cache
def _numbered() -> re.Pattern[str]:
    """Where the items of a list with numbers begin."""
    return re.compile(
        r"(?:(?<=[;；:：,，。、. ])|(?<=[\u4e00-\u9fff])|^)"
        r"(?:[(（]\d{1,2}[)）]|\d{1,2}[.、)）](?!\d)|[①-⑳]|[一二三四五六七八九十]是"
        r"|[(（](?:i|ii|iii|iv|v|vi)[)）]"
        r"|(?:\b(?:first|second|third|fourth|fifth|sixth)(?:ly)?\b|\bfinally\b|\blast\b)"
        r"\s*(?:,|，|is\b|:))",
        re.IGNORECASE,
    )


@cache
def _small_words(lexicon: Lexicon) -> tuple[str, ...]:
    """Articles and conjunctions, which are removed at the start, with the space after them."""
    return tuple(
        word + " " if lexicon.words else word
        for word in (*lexicon.plain("articles"), *lexicon.plain("conjunctions"))
    )


@lru_cache(maxsize=2048)
def trim(text: str, start: int, end: int, lexicon: Lexicon) -> Span:
    """The span without spaces, punctuation, list labels, articles and quotes around it."""
    small = _small_words(lexicon)
    while True:
        before = (start, end)
        words = text[start:end].lstrip(_EDGE)
        start = end - len(words)
        end = start + len(words.rstrip(_EDGE))
        label = _label().match(text, start, end)
        if label:
            start = label.end()
        head = text[start : min(start + 16, end)].casefold()
        while head.startswith(small):
            after = max((word for word in small if head.startswith(word)), key=len)
            if end - start <= len(after) + 3:
                break
            start += len(after)
            head = text[start : min(start + 16, end)].casefold()
        if end - start > 2:
            start, end = _unquoted(text, start, end)
        if (start, end) == before or start >= end:
            return start, max(start, end)


def _unquoted(text: str, start: int, end: int) -> Span:
    """Without quotes or brackets around the whole, or alone at one end."""
    if (
        text[start] in _PAIRS
        and text[end - 1] == _PAIRS[text[start]]
        and _PAIRS[text[start]] not in text[start + 1 : end - 1]
    ):
        start, end = start + 1, end - 1
    return (
        _drop_lone(text, start, end)
        if end > start and (text[start] in _OPENING or text[end - 1] in _CLOSING)
        else (start, end)
    )


def _drop_lone(text: str, start: int, end: int) -> Span:
    """Take off a quote or bracket at one end that has no partner inside."""
    if (
        end - start > 1
        and text[start] in '"“(（'
        and _PAIRS[text[start]] not in text[start + 1 : end]
    ):
        return start + 1, end
    if (
        end - start > 1
        and text[end - 1] in '"”)）'
        and not any(o in text[start : end - 1] for o, c in _PAIRS.items() if c == text[end - 1])
    ):
        return start, end - 1
    return start, end


@cache
def _folded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words)


def cut(text: str, start: int, end: int, stops: tuple[str, ...]) -> int:
    """The place of the first of ``stops`` after ``start``, or ``end``.

    Upper and lower case are the same; what is in quotation marks or brackets has no stop.
    """
    folded = text[start:end].casefold()
    hidden = list(_quoted(text, start, end))
    best = end
    for stop in _folded(stops):
        at = folded.find(stop, 1)
        while at >= 0 and any(a <= start + at < b for a, b in hidden):
            at = folded.find(stop, at + 1)
        if at >= 0:
            best = min(best, start + at)
    return best


def _quoted(text: str, start: int, end: int) -> Iterator[Span]:
    if not _QUOTE.isdisjoint(text[start:end]):
        for match in _QUOTED.finditer(text, start, end):
            yield match.span()


def starts_with_label(text: str) -> bool:
    """Whether ``text`` begins with the label of an item: "1.", "(2)", "First,", "一是"."""
    return bool(_label().match(text[:40]))


def _masked(text: str, start: int, end: int) -> str:
    """The stretch with ``x`` for each character in quotes or brackets."""
    masked = text[start:end]
    for a, b in _quoted(text, start, end):
        masked = masked[: a - start] + "x" * (b - a) + masked[b - start :]
    return masked


def numbered_items(text: str, start: int, end: int, lexicon: Lexicon) -> list[Span]:
    """The items of a list with numbers, else those between semicolons; one without a list."""
    plain = _masked(text, start, end)
    cuts = [m.start() for m in _numbered().finditer(plain)]
    if len(cuts) >= 2:
        pieces = list(zip([0, *cuts], [*cuts, len(plain)], strict=True))
    else:
        pieces = _pieces(plain, re.compile("[;；]"))
    return _spans(text, start, pieces, lexicon)


def comma_items(text: str, start: int, end: int, lexicon: Lexicon) -> list[Span]:
    """The items of an enumeration by commas with a last "and"; one when there is none."""
    return _spans(text, start, _comma_pieces(_masked(text, start, end), lexicon), lexicon)


def short_items(text: str, span: Span, lexicon: Lexicon) -> list[Span]:
    """In a language without spaces an item may still hold short ones: a、b以及c."""
    if lexicon.words:
        return [span]
    spans = _spans(
        text, span[0], [m.span() for m in _SHORT.finditer(_masked(text, *span))], lexicon
    )
    return spans if len(spans) > 1 and all(b - a >= 3 for a, b in spans) else [span]


def _spans(text: str, start: int, pieces: Iterable[Span], lexicon: Lexicon) -> list[Span]:
    spans = (trim(text, start + a, start + b, lexicon) for a, b in pieces)
    return [(a, b) for a, b in spans if b - a > (3 if lexicon.words else 1)]


def _comma_pieces(plain: str, lexicon: Lexicon) -> list[Span]:
    if not lexicon.words:
        separators = (
            "[、]|[,，](?:以及|并|和)?|以及" if not re.search("[,，]", plain) else "[,，]|以及"
        )
        return _pieces(plain, re.compile(separators))
    first = re.search(r"[,，]", plain)
    if not first:
        return _pieces(plain, re.compile(r"\s+and\s+(?=the\s|to\s|that\s)"))
    # "and" ends a list only after a comma: "a, b and c"; a lone "and" before it joins two words.
    pieces = _pieces(plain, re.compile(r"[,，]\s*(?:and\b|as well as\b)?"))
    a, b = pieces[-1]
    joined = re.search(r"[,，]\s*(?:and|as well as)\b\s*$", plain[:a])
    last = None if joined else re.search(r"\s+and\s+", plain[a:b])
    if last and len(pieces) > 1:
        pieces[-1:] = [(a, a + last.start()), (a + last.end(), b)]
    return pieces


def _pieces(plain: str, separator: re.Pattern[str]) -> list[Span]:
    pieces, at = list[Span](), 0
    for match in separator.finditer(plain):
        pieces.append((at, match.start()))
        at = match.end()
    pieces.append((at, len(plain)))
    return [(a, b) for a, b in pieces if plain[a:b].strip()]
