"""Names of persons and bodies in a BibTeX name list, Chinese names included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
NAME_FIELDS = frozenset(
    "author editor translator advisor bookauthor serieseditor contributor editora editorb editorc "
    "afterword annotator commentator foreword introduction holder shortauthor shorteditor".split()
)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_WORD_ENDS = ("", " ", "\t", "\n", "\r", ",", "，", "~")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)  # an escaped brace is text
_COMMAND_BEFORE = re.compile(r"\\(?:[A-Za-z]+\*?\s*|[^A-Za-z])$")
_CHINESE_SEPARATOR = re.compile(r"\s*[;；，、]\s*|,\s*")


@cache
def _han() -> re.Pattern[str]:
    """Han characters, and what may be between those of a name."""
    # Compiled when it is first needed: a class this large is slow to compile.
    return re.compile(r"[\u3400-\u9fff·\s]+")


class Name(NamedTuple):
    """One name; a body has only ``family``. ``others`` stands for "and others"."""

    family: str
    given: str = ""
    prefix: str = ""
    suffix: str = ""
    others: bool = False
    body: bool = False  # an institution, or whatever else stands in braces

    @property
    def natural(self) -> str:
        """The name with the given names first; a Chinese name with its family name first."""
        if not self.family.isascii() and _han().fullmatch(self.family + self.given):
            return self.family + self.given
        return " ".join(filter(None, (self.given, self.prefix, self.family, self.suffix)))

    @property
    def inverted(self) -> str:
        """The name as catalogues have it: family name, comma, given names.

        A Chinese name has no comma. A body gets one at its end, as RIS and EndNote mark what is
        not a person.
        """
        if _han().fullmatch(self.family + self.given) and not self.body:
            return self.natural
        family = " ".join(part for part in (self.prefix, self.family) if part)
        if self.body and (re.search(r"[\s,]", family) or is_han(family)):
            return f"{family},"
        return ", ".join(part for part in (family, self.given, self.suffix) if part)


def is_han(text: str) -> bool:
    """Whether a name is written in Han characters alone."""
    return bool(_han().fullmatch(text))


def split_names(text: str) -> list[str]:
    """The names of a list as they are written; "and" inside braces does not divide them."""
    return [person for name in split_and(text) for person in _split_chinese(name)]


def split_and(text: str) -> list[str]:
    """The names of a BibTeX list, Chinese lists not yet taken apart."""
    if "{" in text or "}" in text:
        parts = _split_outside_braces(text, r"\s+and\s+")
    else:
        parts = _AND.split(text)
    names = [part.strip() for part in parts]
    return [name for name in names if name]


def _split_outside_braces(text: str, separator: str) -> list[str]:
    parts = list[str]()
    depth = start = 0
    for match in re.finditer(r"[{}]|" + separator, text, re.IGNORECASE):
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= 1
        elif depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _split_chinese(name: str) -> list[str]:
    if name.isascii():
        return [name]
    parts = [part for part in _CHINESE_SEPARATOR.split(name) if part]
    if len(parts) < 2 or not all(_han().fullmatch(part) for part in parts):
        return [name]
    if "," in name and len(parts) == 2 and min(map(len, parts)) == 1:
        return [name]  # "张, 三" is one person, family name first
    return parts


def decode_names(source: str) -> str:
    """A name list as Unicode text.

    Braces stay where names are read otherwise without them: around a body, and around parts of a
    name that belong together.

    >>> decode_names(r"Jean {de La Fontaine} and {World Bank} and G{\\\"o}del, {K}urt")
    'Jean {de La Fontaine} and {World Bank} and Gödel, Kurt'
    """
    if not has_latex(source) and "\n" not in source and "\r" not in source:
        return source.strip()
    return " and ".join(_decoded(name).strip() for name in split_and(source))


def encode_names(text: str) -> str:
    """A name list as LaTeX, so that :func:`decode_names` reads it back."""
    return " and ".join(_encoded(name) for name in split_and(text))


def _decoded(name: str) -> str:
    if _is_body(name):
        text = decode(name)
        return f"{{{text}}}" if re.search(r"[\s,;]", text) or is_han(text) else text
    if "{" not in name:
        return decode(name)
    pieces = list[str]()
    end = 0
    for start, stop in _groups(name):
        if _binds(decode(name[start + 1 : stop - 1]), _is_word(name, start, stop)):
            # Braces with a backslash come back from decoding as braces.
            pieces += name[end:start], r"\{", name[start + 1 : stop - 1], r"\}"
            end = stop
    return decode("".join([*pieces, name[end:]]))


def _encoded(name: str) -> str:
    if _is_body(name):
        return f"{{{encode(name[1:-1])}}}"
    pieces = list[str]()
    end = 0
    for start, stop in _groups(name):
        inner = name[start + 1 : stop - 1]
        if _binds(inner, _is_word(name, start, stop)):
            pieces += encode(name[end:start]), f"{{{encode(inner)}}}"
            end = stop
    return "".join([*pieces, encode(name[end:])])


def _is_body(name: str) -> bool:
    return name.startswith("{") and name.endswith("}") and _closes_at_end(name)


def _binds(inner: str, is_word: bool) -> bool:
    """Whether a name is read otherwise when the braces around ``inner`` go.

    Its words are then divided, or what is in lower case becomes a particle such as "van".
    """
    return bool(re.search(r"[\s,，]", inner)) or (is_word and inner[:1].islower())


def _is_word(name: str, start: int, stop: int) -> bool:
    before, after = name[:start][-1:], name[stop:][:1]
    return before in _WORD_ENDS and after in _WORD_ENDS


def _groups(name: str) -> Iterator[tuple[int, int]]:
    """Start and end of the outermost groups in braces that are not the argument of a command."""
    depth = start = 0
    for match in _BRACE.finditer(name):
        if match.group() == "{":
            start = start if depth else match.start()
            depth += 1
        elif match.group() == "}" and depth:
            depth -= 1
            if depth == 0 and not _COMMAND_BEFORE.search(name[:start]):
                yield start, match.end()


def parse_names(text: str) -> tuple[Name, ...]:
    """The names of a decoded BibTeX list: "First von Last", "von Last, Jr, First", "{A Body}",
    Chinese names.

    >>> [(name.family, name.given, name.prefix) for name in parse_names("Jean {de La Fontaine}")]
    [('de La Fontaine', 'Jean', '')]
    """
    return tuple(_parse(name) for name in split_names(text))


@lru_cache(maxsize=8192)
def _parse(name: str) -> Name:
    if name.casefold() in {"others", "et al.", "et al", "等"}:
        return Name("", others=True)
    if _is_body(name):
        return Name(name[1:-1], body=True)
    if "=" in name and (extended := _parse_extended(name)):
        return extended
    parts = [part.strip() for part in _split_commas(name)]
    if len(parts) == 1:
        return _parse_given_first(parts[0])
    prefix, family = _split_von(parts[0])
    if len(parts) == 2:
        return Name(family, _without_braces(parts[1]), prefix)
    given = _without_braces(" ".join(parts[2:]))
    return Name(family, given, prefix, _without_braces(parts[1]))


def _parse_extended(name: str) -> Name | None:
    """Biblatex's ``family=…, given=…`` form."""
    pairs = dict(part.split("=", 1) for part in _split_commas(name) if "=" in part)
    values = {key.strip().casefold(): value.strip().strip('"{}') for key, value in pairs.items()}
    if "family" not in values:
        return None
    return Name(
        values["family"],
        values.get("given", ""),
        values.get("prefix", ""),
        values.get("suffix", ""),
    )


def _parse_given_first(name: str) -> Name:
    if not name.isascii() and _han().fullmatch(name):
        return _parse_han(name)
    words = _words(name)
    particles = [n for n, word in enumerate(words[:-1]) if word[:1].islower()]
    if not particles:
        return Name(_without_braces(words[-1]), _joined(words[:-1]))
    first, last = particles[0], particles[-1]
    return Name(
        family=_joined(words[last + 1 :]),
        given=_joined(words[:first]),
        prefix=_joined(words[first : last + 1]),
    )


def _parse_han(name: str) -> Name:
    words = name.split()
    if len(words) == 2:
        return Name(words[0], words[1])
    joined = "".join(words)
    if "·" in joined or len(joined) < 2:
        return Name(joined)
    length = 2 if len(joined) > 2 and joined[:2] in COMPOUND_SURNAMES else 1
    return Name(joined[:length], joined[length:])


def _split_von(family: str) -> tuple[str, str]:
    words = _words(family)
    count = 0
    while count < len(words) - 1 and words[count][:1].islower():
        count += 1
    return _joined(words[:count]), _joined(words[count:])


def _words(text: str) -> list[str]:
    """The words of a name; a group in braces is part of one word."""
    if "{" not in text:
        return text.split()
    return [word for word in _split_outside_braces(text, r"\s+") if word]


def _joined(words: Sequence[str]) -> str:
    return " ".join(_without_braces(word) for word in words)


def _without_braces(text: str) -> str:
    return text.replace("{", "").replace("}", "")


def _split_commas(name: str) -> list[str]:
    if "{" not in name and "}" not in name:
        return name.replace("，", ",").split(",")
    return _split_outside_braces(name, "[,，]")


def _closes_at_end(name: str) -> bool:
    depth = 0
    for n, char in enumerate(name):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return n == len(name) - 1
    return False
