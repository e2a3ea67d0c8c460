"""Names of persons and bodies in a BibTeX name list, Chinese names included."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from litrev.library.bibtex.latex import decode, encode, has_latex

# 复姓: the surnames of two characters that are in use.
COMPOUND_SURNAMES = frozenset(
    (
        "欧阳 司马 诸葛 上官 司徒 东方 独孤 南宫 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 轩辕 端木 百里 呼延 东郭 南门 申屠 公羊 澹台 钟离 闻人 濮阳 淳于 单于 "
        "太叔 赫连 拓跋 歐陽 諸葛 東方 獨孤 南宮 長孫 軒轅 鍾離 聞人 濮陽 單于 赫連"
    ).split()
)
NAME_FIELDS = frozenset(
    "author editor translator advisor bookauthor serieseditor contributor editora editorb editorc afterword annotator commentator foreword "
    "introduction holder shortauthor shorteditor".split()
)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_CHINESE_SEPARATOR = re.compile(r"\s*[;；，、]\s*|,\s*")


@cache
def _han() -> re.Pattern[str]:
    """Han characters, and what may stand between those of a name; made when it is first needed,
    like all large classes.
    """
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
        """The name in the order in which it is spoken."""
        if not self.family.isascii() and _han().fullmatch(self.family + self.given):
            return self.family + self.given
        return " ".join(filter(None, (self.given, self.prefix, self.family, self.suffix)))

    @property
    def inverted(self) -> str:
        """The name as catalogues have it: family name, comma, given names; a Chinese name as it is."""
        if _han().fullmatch(self.family + self.given) and not self.body:
            return self.natural
        family = " ".join(part for part in (self.prefix, self.family) if part)
        if self.body and (re.search(r"[\s,]", family) or is_han(family)):
            return f"{family},"  # as RIS and EndNote mark what is no person
        return ", ".join(part for part in (family, self.given, self.suffix) if part)


def is_han(text: str) -> bool:
    """Whether a name is written in Han characters alone."""
    return bool(_han().fullmatch(text))


def split_names(text: str) -> list[str]:
    """The names of a list as they are written, "and" inside braces left alone."""
    return [single for name in split_and(text) for single in _split_chinese(name)]


def split_and(text: str) -> list[str]:
    """The names of a BibTeX list, Chinese lists not yet taken apart."""
    if "{" not in text and "}" not in text:
        return [name for part in _AND.split(text) if (name := part.strip())]
    parts, depth, last = list[str](), 0, 0
    for match in re.finditer(r"[{}]|\s+and\s+", text, re.IGNORECASE):
        found = match.group()
        if found in "{}":
            depth += 1 if found == "{" else -1
        elif depth == 0:
            parts.append(text[last : match.start()])
            last = match.end()
    parts.append(text[last:])
    return [part.strip() for part in parts if part.strip()]


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
    """A name list as Unicode text; a body's name keeps the braces that hold it together."""
    if not has_latex(source) and "\n" not in source and "\r" not in source:
        return source.strip()
    return " and ".join(_decoded(name) for name in split_and(source))


def encode_names(text: str) -> str:
    """A name list as LaTeX, so that :func:`decode_names` reads it back."""
    return " and ".join(
        f"{{{encode(name[1:-1])}}}" if _is_body(name) else encode(name) for name in split_and(text)
    )


def _decoded(name: str) -> str:
    text = decode(name)
    return (
        f"{{{text}}}" if _is_body(name) and (re.search(r"[\s,;]", text) or is_han(text)) else text
    )


def _is_body(name: str) -> bool:
    return name.startswith("{") and name.endswith("}") and _closes_at_end(name)


def parse_names(text: str) -> tuple[Name, ...]:
    """The names of a BibTeX list: First von Last, von Last, Jr, First, bodies in braces, Chinese
    names.
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
        return _parse_spoken(parts[0])
    prefix, family = _split_von(parts[0])
    if len(parts) == 2:
        return Name(family, parts[1], prefix)
    return Name(family, " ".join(parts[2:]), prefix, parts[1])


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


def _parse_spoken(name: str) -> Name:
    if not name.isascii() and _han().fullmatch(name):
        return _parse_han(name)
    words = name.split()
    lower = [n for n, word in enumerate(words[:-1]) if word[:1].islower()]
    if not lower:
        return Name(words[-1], " ".join(words[:-1]))
    first, last = lower[0], lower[-1]
    return Name(
        " ".join(words[last + 1 :]), " ".join(words[:first]), " ".join(words[first : last + 1])
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
    words = family.split()
    if len(words) == 1:
        return "", words[0]
    count = 0
    while count < len(words) - 1 and words[count][:1].islower():
        count += 1
    return " ".join(words[:count]), " ".join(words[count:])


def _split_commas(name: str) -> list[str]:
    if "{" not in name and "}" not in name:
        return name.replace("，", ",").split(",")
    parts, depth, last = list[str](), 0, 0
    for n, char in enumerate(name):
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif char in ",，" and depth == 0:
            parts.append(name[last:n])
            last = n + 1
    return [*parts, name[last:]]


def _closes_at_end(name: str) -> bool:
    depth = 0
    for n, char in enumerate(name):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return n == len(name) - 1
    return False
