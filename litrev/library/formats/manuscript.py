"""Which keys a manuscript cites: LaTeX and its .aux and .bcf files, Markdown and Quarto."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import PurePath

from litrev.errors import UsageFault

_AUX = re.compile(r"\\(?:citation|abx@aux@cite(?:\{\d+\})?)\{([^{}]*)\}")
_BCF = re.compile(r"<bcf:citekey\b[^>]*>([^<]*)</bcf:citekey>")
# \\cite, \\parencite, \\textcites, \\citep, \\nocite …: a name that holds "cite", optional
# arguments, keys.
_TEX = re.compile(r"\\([A-Za-z]+)\*?")
_NOT_CITING = frozenset(
    (
        "citestyle citesetup setcitestyle newcite citereset DeclareCiteCommand defcitealias "
        "citetitlefont"
    ).split()
)
_ARGUMENT = re.compile(  # [optional], <overlay>, (prenote) or {keys}; only the keys are a group
    r"\s{0,99}(?:\[(?:[^\[\]{}]|\[[^\[\]]{0,200}\]|\{[^{}]{0,200}\}){0,500}\]"
    r"|<[^<>]{0,200}>|\([^()]{0,2000}\)|\{([^{}]*)\})"
)
_TEX_VERB = re.compile(r"\\verb\*?([^\w\s*])[^\r\n]{0,500}?\1")
_INPUT = re.compile(r"\\@input\{([^{}]+)\}")
_TEX_COMMENT = re.compile(r"(?<!\\)%[^\r\n]*")
# Pandoc: @key, -@key, @{any key}; not an address, not @@, not in code.
_MARKDOWN = re.compile(
    r"(?<![A-Za-z0-9@\\.])-?@(?:\{([^{}\s]+)\}|(\*|[\w](?:[\w:.#$%&+?<>~/-]*[\w/])?))"
)
_FENCE = re.compile(r"^[ \t]{0,3}(```+|~~~+)", re.MULTILINE)
_TICKS = re.compile(r"`+")
_CROSS_REFERENCE = re.compile(
    r"(?:fig|tbl|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem)-"
)  # Quarto's own


def cited_keys(name: str, text: str) -> list[str]:
    """The keys that a manuscript cites, each once, in the order of their first citation.

    ``*`` means all. Raises UsageFault for a kind of file in which citations cannot be found.

    >>> cited_keys("a.tex", r"As \\textcite[12]{a,b} and \\parencites{c}{d} say % \\cite{no}")
    ['a', 'b', 'c', 'd']
    >>> cited_keys("a.md", "See [@a; -@b, p. 3] and @{c.d}; write to me@example.org, `@no`.")
    ['a', 'b', 'c.d']
    """
    suffix = PurePath(name).suffix.casefold()
    if suffix == ".aux":
        keys = _split(match.group(1) for match in _AUX.finditer(text))
    elif suffix == ".bcf":
        keys = (unescape(match.group(1)).strip() for match in _BCF.finditer(text))
    elif suffix in {".tex", ".ltx", ".latex", ".rnw"}:
        keys = _split(_tex(text))
    elif suffix in {".md", ".qmd", ".rmd", ".markdown", ".txt"}:
        keys = _markdown(text, quarto=suffix == ".qmd")
    else:
        raise UsageFault(
            f"{name}: citations cannot be found in this kind of file",
            "litrev reads .aux, .bcf, .tex, .md, .qmd and .Rmd files.",
        )
    return list(dict.fromkeys(key for key in keys if key and "#" not in key))


def included(name: str, text: str) -> list[str]:
    """The files beside it that a LaTeX .aux file includes: those of included chapters."""
    return _INPUT.findall(text) if name.casefold().endswith(".aux") else []


def _split(lists: Iterator[str]) -> Iterator[str]:
    return (key.strip() for keys in lists for key in keys.split(","))


def _tex(text: str) -> Iterator[str]:
    text = _TEX_VERB.sub(" ", _TEX_COMMENT.sub("", text))
    for environment in ("verbatim", "lstlisting", "comment"):
        text = _without(text, f"\\begin{{{environment}}}", f"\\end{{{environment}}}")
    for match in _TEX.finditer(text):
        name = match.group(1)
        if ("cite" not in name.casefold() and name != "bibentry") or name in _NOT_CITING:
            continue
        argument = _ARGUMENT.match(text, match.end())
        volume = "volcite" in name.casefold()
        while argument:
            if argument.group(1) is not None and volume:
                volume = False  # the first argument is the volume
            elif argument.group(1) is not None:
                yield argument.group(1)
                if not name.endswith("s"):  # \\cites takes several lists, \\cite one
                    break
            argument = _ARGUMENT.match(text, argument.end())


def _markdown(text: str, *, quarto: bool) -> Iterator[str]:
    for match in _MARKDOWN.finditer(_without(_without_code(text), "<!--", "-->")):
        key = match.group(1) or match.group(2).rstrip("_")
        if not (quarto and _CROSS_REFERENCE.match(key)):
            yield key


def _without(text: str, begin: str, end: str) -> str:
    """``text`` without what is between ``begin`` and ``end``."""
    parts, at = list[str](), 0
    while (start := text.find(begin, at)) >= 0 and (stop := text.find(end, start)) >= 0:
        parts.append(text[at:start])
        at = stop + len(end)
    return " ".join([*parts, text[at:]])


def _without_code(text: str) -> str:
    """Markdown without its code: fenced blocks, and text between two equal runs of backticks."""
    prose, fence = list[str](), ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark.group(1)
        elif fence:
            fence = "" if mark and mark.group(1).startswith(fence) else fence
        else:
            prose.append(line)
    return _without_inline_code("".join(prose))


def _without_inline_code(text: str) -> str:
    runs = [(match.start(), match.end()) for match in _TICKS.finditer(text)]
    later: dict[int, list[int]] = {}
    for number in reversed(range(len(runs))):
        later.setdefault(runs[number][1] - runs[number][0], []).append(number)
    parts, at, number = list[str](), 0, 0
    while number < len(runs):
        start, end = runs[number]
        same = later[end - start]
        while same and same[-1] <= number:
            same.pop()
        if same:
            parts.append(text[at:start])
            number = same.pop()
            at = runs[number][1]
        number += 1
    return "".join([*parts, text[at:]])
