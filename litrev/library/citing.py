"""Which keys a manuscript cites: LaTeX and its .aux and .bcf files, Markdown and Quarto."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from litrev.library.errors import UsageFault

_AUX = re.compile(r"\\(?:citation|abx@aux@cite(?:\{\d+\})?)\{([^{}]*)\}")
_BCF = re.compile(r"<bcf:citekey\b[^>]*>([^<]*)</bcf:citekey>")
# \\cite, \\parencite, \\textcites, \\citep, \\nocite …: a name that holds "cite", optional arguments, keys.
_TEX = re.compile(r"\\([A-Za-z]*[Cc]ite[A-Za-z]*\*?)((?:\s*(?:\[[^\[\]]*\]|\([^()]*\))*\s*\{[^{}]*\})+)")
_NOT_CITING = frozenset("citestyle citesetup setcitestyle newcite citereset DeclareCiteCommand defcitealias citetitlefont".split())
_ARGUMENT = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|\{([^{}]*)\}")
_TEX_COMMENT = re.compile(r"(?<!\\)%[^\r\n]*")
# Pandoc: @key, -@key, @{any key}; not an address, not @@, not in code.
_MARKDOWN = re.compile(r"(?<![\w@\\.])-?@(?:\{([^{}\s]+)\}|([\w](?:[\w:.#$%&+?<>~/-]*[\w/])?))")
_CODE = re.compile(r"^(```+|~~~+).*?^\1[`~]*[ \t]*$|(`+)(?!`).*?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE)
_CROSS_REFERENCE = re.compile(r"(?:fig|tbl|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem)-")  # Quarto's own


def cited_keys(name: str, text: str) -> list[str]:
    """The keys that a manuscript cites, each once, in the order of their first citation; ``*`` stands for all.

    Raises UsageFault for a kind of file that citations cannot be told in.

    >>> cited_keys("a.tex", r"As \\textcite[12]{a,b} and \\parencites{c}{d} say % \\cite{no}")
    ['a', 'b', 'c', 'd']
    >>> cited_keys("a.md", "See [@a; -@b, p. 3] and @{c.d}; write to me@example.org, `@no`.")
    ['a', 'b', 'c.d']
    """
    suffix = PurePath(name).suffix.casefold()
    if suffix == ".aux":
        found = _split(match.group(1) for match in _AUX.finditer(text))
    elif suffix == ".bcf":
        found = (match.group(1).strip() for match in _BCF.finditer(text))
    elif suffix in {".tex", ".ltx", ".latex", ".rnw"}:
        found = _split(_tex(text))
    elif suffix in {".md", ".qmd", ".rmd", ".markdown", ".txt"}:
        found = _markdown(text, quarto=suffix == ".qmd")
    else:
        raise UsageFault(f"{name}: in which way does it cite?", "litrev reads .aux, .bcf, .tex, .md, .qmd and .Rmd files.")
    return list(dict.fromkeys(key for key in found if key))


def _split(lists: Iterator[str]) -> Iterator[str]:
    return (key.strip() for keys in lists for key in keys.split(","))


def _tex(text: str) -> Iterator[str]:
    for match in _TEX.finditer(_TEX_COMMENT.sub("", text)):
        name = match.group(1).rstrip("*")
        if name in _NOT_CITING:
            continue
        for argument in _ARGUMENT.finditer(match.group(2)):
            if argument.group(1) is not None:
                yield argument.group(1)
                if not name.endswith("s"):  # \\cites takes several lists, \\cite one
                    break


def _markdown(text: str, *, quarto: bool) -> Iterator[str]:
    for match in _MARKDOWN.finditer(_CODE.sub(" ", text)):
        key = match.group(1) or match.group(2)
        if not (quarto and _CROSS_REFERENCE.match(key)):
            yield key
