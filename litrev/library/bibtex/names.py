"""Names of persons and bodies in a BibTeX name list, Chinese names included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from litrev.library.bibtex.latex import decode, encode, has_latex

# 复姓: the surnames of two characters that are in use.
COMPOUND_SURNAMES = frozenset(
    (
        "欧阳 司马 诸葛 上官 司徒 东方 独孤 南宫 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 轩辕 "
        "端木 百里 呼延 东郭 南门 申屠 公羊 澹台 钟离 闻人 濮阳 淳于 单于 太叔 赫连 拓跋 "
        "歐陽 諸葛 東方 獨孤 南宮 長孫 軒轅 鍾離 聞人 濮陽 單于 赫連"
    ).split()
)
_OTHERS = frozenset({"others", "et al.", "et al", "等"})
NAME_FIELDS = frozenset(
    "author editor translator advisor bookauthor serieseditor contributor editora editorb editorc "
    "afterword annotator commentator foreword introduction holder shortauthor shorteditor".split()
)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_AND_KEPT = re.compile(rf"({_AND.pattern})", re.IGNORECASE)
_AND_OR_BRACE = re.compile(rf"[{{}}]|{_AND.pattern}", re.IGNORECASE)
_BLANKS_OR_BRACE = re.compile(r"[{}]|\s+")
_ANY_BRACE = re.compile(r"[{}]")
_DIVIDER_IN_BODY = re.compile(r"[\s,;]")
_DIVIDER_IN_GROUP = re.compile(r"[\s,，]")
_COMMA_OR_BRACE = re.compile(r"[{},，]")
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]\s*")
_WORD_ENDS = ("", " ", "\t", "\n", "\r", ",", "，", "~", "\u00a0")
# An escaped brace is text.
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_ACCENTED_LETTER = re.compile(r"\\[`'^\"=.]\\?[A-Za-z]")
# "\&" and the like take no argument: a group behind one stands for itself.
_COMMAND_BEFORE = re.compile(r"\\(?:[A-Za-z]+\*?\s*|[`'^~\"=.]\s*)$")
_CHINESE_SEPARATOR = re.compile(r"\s*[;；，、]\s*|,\s*")


@cache
def _han() -> re.Pattern[str]:
    """Han characters, and what may be between those of a name."""
    # Compiled when it is first needed: a class this large is slow to compile.
    return re.compile(r"[\u3400-\u9fff·\s]+")


class Name(NamedTuple):
    """One name of a list, divided into its parts; a part that is missing is empty.

    ``prefix`` holds particles ("van den"), ``suffix`` what follows the family name ("Jr.").
    ``others`` marks the "and others" at the end of a list; such a name has no parts.
    ``body`` marks an institution, or whatever else is in braces as a whole; it has only ``family``.
    """

    family: str
    given: str = ""
    prefix: str = ""
    suffix: str = ""
    others: bool = False
    body: bool = False

    @property
    def natural(self) -> str:
        """The name with the given names first; a Chinese name with its family name first.

        >>> Name("Beethoven", "Ludwig", "van").natural, Name("欧阳", "修").natural
        ('Ludwig van Beethoven', '欧阳修')
        """
        if not self.family.isascii() and _han().fullmatch(self.family + self.given):
            return self.family + self.given
        parts = (self.given, self.prefix, self.family, self.suffix)
        return " ".join(filter(None, parts))

    @property
    def inverted(self) -> str:
        """The name as catalogues have it: family name, comma, given names.

        A Chinese name has no comma. A body gets one at its end, as RIS and EndNote mark what is
        not a person.

        >>> Name("Beethoven", "Ludwig", "van").inverted, Name("World Bank", body=True).inverted
        ('van Beethoven, Ludwig', 'World Bank,')
        """
        if _han().fullmatch(self.family + self.given) and not self.body:
            return self.natural
        family = " ".join(filter(None, (self.prefix, self.family)))
        looks_like_person = re.search(r"[\s,]", family) or is_han(family)
        if self.body and looks_like_person:
            return f"{family},"
        return ", ".join(filter(None, (family, self.given, self.suffix)))


def is_han(text: str) -> bool:
    """Whether a name is written in Han characters alone."""
    return bool(_han().fullmatch(text))


def split_names(text: str) -> list[str]:
    """The names of a list as they are written; "and" inside braces does not divide them.

    A list of Chinese names may have commas or semicolons instead of "and".

    >>> split_names("{Barnes and Noble} and 李明，王芳")
    ['{Barnes and Noble}', '李明', '王芳']
    """
    # A comprehension: indexing a library reads every list of names here.
    return [person for name in split_and(text) for person in _split_chinese(name)]


def split_and(text: str) -> list[str]:
    """The names of a BibTeX list, Chinese lists not yet taken apart."""
    if "{" in text or "}" in text:
        parts = _split_outside_braces(text, _AND_OR_BRACE)[::2]
    else:
        parts = _AND.split(text)
    names = [part.strip() for part in parts]
    return [name for name in names if name]


def _split_outside_braces(text: str, separator_or_brace: re.Pattern[str]) -> list[str]:
    """The parts of a text at even places, and the separators between them at odd ones."""
    parts = list[str]()
    depth = start = 0
    for match in separator_or_brace.finditer(text):
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= depth > 0  # without a partner it is text
        elif depth == 0:
            parts += text[start : match.start()], match.group()
            start = match.end()
    return [*parts, text[start:]]


def _split_chinese(name: str) -> list[str]:
    """The Chinese names that commas or semicolons divide; any other name whole."""
    if name.isascii():
        return [name]
    parts = list(filter(None, _CHINESE_SEPARATOR.split(name)))
    if len(parts) < 2 or not all(map(is_han, parts)):
        return [name]
    # "张, 三" is one person, family name first.
    if "," in name and len(parts) == 2 and min(map(len, parts)) == 1:
        return [name]
    return parts


def decode_names(source: str) -> str:
    """A name list as Unicode text.

    Braces stay where names are read otherwise without them: around a body, and around parts of a
    name that belong together. The names stay in their order and are not inverted. A name that sets
    nothing, such as ``{}``, is left out.

    >>> decode_names(r"Jean {de La Fontaine} and {World Bank} and G{\\\"o}del, {K}urt")
    'Jean {de La Fontaine} and {World Bank} and Gödel, Kurt'
    """
    if not has_latex(source) and "\n" not in source and "\r" not in source:
        return source.strip()
    source = _LINE_BREAK.sub(" ", source)
    return _converted(source, _decoded if has_latex(source) else str)


def encode_names(text: str) -> str:
    r"""A name list as LaTeX, so that :func:`decode_names` reads it back.

    >>> encode_names("Jean {de La Fontaine} and {AT&T Labs}")
    'Jean {de La Fontaine} and {AT\\&T Labs}'
    """
    return _converted(text, _encoded)


def _converted(text: str, convert: Callable[[str], str]) -> str:
    """A list with each of its names converted; a name of which nothing is left is not in it."""
    # Each "and" stays as it is written ("AND", two blanks). Decoding does not touch it in a list
    # without LaTeX, and what is read must not depend on whether another name has some.
    if "{" in text or "}" in text:
        parts = _split_outside_braces(text, _AND_OR_BRACE)
    else:
        parts = _AND_KEPT.split(text)
    names = [convert(name.strip()).strip() for name in parts[::2]]
    if all(names):
        parts[::2] = names
        return "".join(parts)
    separators = ["", *parts[1::2]]
    converted = ""
    for separator, name in zip(separators, names, strict=True):
        if converted and name:
            converted += separator
        converted += name
    return converted


def _decoded(name: str) -> str:
    """One name as Unicode text; braces stay where the name is read otherwise without them."""
    if _is_body(name):
        text = f"{{{decode(name)}}}"
    elif "{" in name:
        text = _decoded_groups(name)
    else:
        text = decode(name)
    if "{" not in text:
        return text
    # Decoding can bring an "and" to light: that of "{And}", or behind a brace that never closes.
    if _AND.search(text):
        return _converted(text, _without_idle_braces)
    return _without_idle_braces(text)


def _without_idle_braces(name: str) -> str:
    """A decoded name without braces around the whole of it that are not needed."""
    # Not only a body comes here in braces: "{van} {}" becomes "{van}", and "\{a\}" "{a}".
    name = name.strip()
    while _is_body(name):
        body = name[1:-1].strip()
        if _DIVIDER_IN_BODY.search(body) or is_han(body):
            return f"{{{body}}}"
        name = body
    return name


def _decoded_groups(name: str) -> str:
    """A name with groups in braces as Unicode text; only groups that bind keep their braces."""
    pieces = list[str]()
    end = 0
    for start, stop in _groups(name):
        inner = name[start + 1 : stop - 1]
        is_word = _is_word(name, start, stop)
        # Most groups are such letters; decoding each just to see that it binds nothing is slow.
        if not is_word and _ACCENTED_LETTER.fullmatch(inner):
            continue
        if _binds(decode(inner), is_word):
            # Braces with a backslash come back from decoding as braces.
            pieces += name[end:start], r"\{", inner, r"\}"
            end = stop
    pieces.append(name[end:])
    return decode("".join(pieces))


def _encoded(name: str) -> str:
    """One decoded name as LaTeX; braces that do not bind are written as the signs they are."""
    if _is_body(name):
        return f"{{{encode(name[1:-1])}}}"
    pieces = list[str]()
    end = 0
    for start, stop in _groups(name):
        inner = name[start + 1 : stop - 1]
        if _binds(inner, _is_word(name, start, stop)):
            pieces += encode(name[end:start]), f"{{{encode(inner)}}}"
            end = stop
    pieces.append(encode(name[end:]))
    return "".join(pieces)


def _is_body(name: str) -> bool:
    """Whether one pair of braces holds the whole name."""
    return name.startswith("{") and name.endswith("}") and _closes_at_end(name)


def _binds(inner: str, is_word: bool) -> bool:
    """Whether a name is read otherwise when the braces around ``inner`` go.

    Its words are then divided, or what is in lower case becomes a particle such as "van".
    """
    # Blanks at the ends count for nothing, since reading a group by itself drops some of them:
    # "{ }" would bind in one direction and not in the other.
    inner = inner.strip()
    return bool(_DIVIDER_IN_GROUP.search(inner)) or (is_word and inner[:1].islower())


def _is_word(name: str, start: int, stop: int) -> bool:
    """Whether ``name[start:stop]`` is between two ends of words."""
    before = name[:start][-1:]
    after = name[stop:][:1]
    return before in _WORD_ENDS and after in _WORD_ENDS


def _groups(name: str) -> Iterator[tuple[int, int]]:
    """Start and end of the outermost groups in braces that are not the argument of a command."""
    depth = start = 0
    for match in _BRACE.finditer(name):
        brace = match.group()
        if brace == "{":
            start = start if depth else match.start()
            depth += 1
        elif brace == "}" and depth:
            depth -= 1
            is_closed = depth == 0
            if is_closed and not _COMMAND_BEFORE.search(name[:start]):
                yield start, match.end()


def parse_names(text: str) -> tuple[Name, ...]:
    """The names of a list, each divided into its parts.

    ``text`` is decoded, as :func:`decode_names` returns it. A name may be written as
    "First von Last", "von Last, First", "von Last, Jr, First", "{A Body}", in biblatex's
    "family=…, given=…" form, or in Chinese. Every text is read as some name; nothing is raised.

    >>> [(name.family, name.given, name.prefix) for name in parse_names("Jean {de La Fontaine}")]
    [('de La Fontaine', 'Jean', '')]
    >>> parse_names("King, Jr., Martin Luther")
    (Name(family='King', given='Martin Luther', prefix='', suffix='Jr.', others=False, body=False),)
    """
    return tuple(_parse(name) for name in split_names(text))


@lru_cache(maxsize=8192)
def _parse(name: str) -> Name:
    """One name of a list; a library repeats its authors, so what was read is kept."""
    if name.casefold() in _OTHERS:
        return Name("", others=True)
    if _is_body(name):
        return Name(name[1:-1], body=True)
    if "=" in name and (extended := _parse_extended(name)):
        return extended
    parts = [part.strip() for part in _split_commas(name)]
    if len(parts) == 1:
        return _parse_given_first(parts[0])
    prefix, family = _split_von(parts[0])
    given, suffix = parts[1], ""
    if len(parts) > 2:
        given, suffix = " ".join(parts[2:]), parts[1]
    return Name(family, _without_braces(given), prefix, _without_braces(suffix))


def _parse_extended(name: str) -> Name | None:
    """A name in biblatex's ``family=…, given=…`` form, None where there is no family name."""
    values = dict[str, str]()
    for part in _split_commas(name):
        key, equals, value = part.partition("=")
        if equals:
            values[key.strip().casefold()] = value.strip().strip('"{}')
    if "family" not in values:
        return None
    return Name(
        values["family"],
        values.get("given", ""),
        values.get("prefix", ""),
        values.get("suffix", ""),
    )


def _parse_given_first(name: str) -> Name:
    """A name without a comma: the last word is the family name, lower-case words are particles."""
    if not name.isascii() and _han().fullmatch(name):
        return _parse_han(name)
    words = _words(name)
    particles = [number for number, word in enumerate(words[:-1]) if word[:1].islower()]
    if not particles:
        return Name(_without_braces(words[-1]), _joined(words[:-1]))
    start = particles[0]
    end = particles[-1] + 1
    return Name(
        family=_joined(words[end:]), given=_joined(words[:start]), prefix=_joined(words[start:end])
    )


def _parse_han(name: str) -> Name:
    """A name in Han characters; a transcribed foreign one (with "·") is not divided."""
    words = name.split()
    if len(words) == 2:
        return Name(words[0], words[1])
    joined = "".join(words)
    if "·" in joined or len(joined) < 2:
        return Name(joined)
    is_compound = len(joined) > 2 and joined[:2] in COMPOUND_SURNAMES
    length = 2 if is_compound else 1
    return Name(joined[:length], joined[length:])


def _split_von(family: str) -> tuple[str, str]:
    """The particles at the start of a family name, and the rest, which has at least one word."""
    words = _words(family)
    last = len(words) - 1
    count = 0
    while count < last and words[count][:1].islower():
        count += 1
    return _joined(words[:count]), _joined(words[count:])


def _words(text: str) -> list[str]:
    """The words of a name; a group in braces is part of one word."""
    if "{" not in text:
        return text.split()
    words = _split_outside_braces(text, _BLANKS_OR_BRACE)[::2]
    return [word for word in words if word]


def _joined(words: Sequence[str]) -> str:
    return " ".join(_without_braces(word) for word in words)


def _without_braces(text: str) -> str:
    return text.replace("{", "").replace("}", "")


def _split_commas(name: str) -> list[str]:
    """The parts of a name between commas, Chinese ones included."""
    if "{" not in name and "}" not in name:
        return name.replace("，", ",").split(",")
    return _split_outside_braces(name, _COMMA_OR_BRACE)[::2]


def _closes_at_end(name: str) -> bool:
    """Whether the brace that opens a name is closed by its last character."""
    last = len(name) - 1
    depth = 0
    for match in _ANY_BRACE.finditer(name):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start() == last
    return False
