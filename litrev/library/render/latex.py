"""Tables as LaTeX: longtable with the rules of booktabs, every character of a text as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from litrev.errors import UsageFault
from litrev.library.render.rendering import Rendering, groups, widths
from litrev.library.synthesis.model import Column, Table, TableCell
from litrev.text.display import visible

CITES = ("none", "cite", "citep", "citet", "parencite", "textcite", "autocite")
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\^{}", "~": r"\~{}", "[": "{[}", "]": "{]}", "*": "{*}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "≠": r"\ensuremath{\neq}", "✓": r"\ensuremath{\surd}",
}  # fmt: skip
_ESCAPE = str.maketrans(_SPECIAL)
# Where fonts would make one sign of two.
_LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=`)(?=`)|(?<=,)(?=,)|(?<=[!?])(?=`)")
# Letters after which a word may be broken, since some are longer than a page is wide.
_WORD = 40
_LONG = re.compile(f".{{1,{_WORD}}}")
_BREAK = "\x00"
_CITABLE = re.compile(r"[\w:.+/-]+")
_CJK = re.compile("[\u3000-\u9fff\uac00-\ud7af\uf900-\uffef\U00020000-\U0003ffff]")
_PACKAGES = (
    "% needs \\usepackage{booktabs,longtable,array},"
    " and XeLaTeX, LuaLaTeX or \\usepackage[T1]{fontenc}"
)
_END_OF_ROW = " \\tabularnewline"


def render(table: Table, rendering: Rendering) -> str:
    r"""The table as a part of a document, or with ``standalone`` that document, for XeLaTeX.

    The part needs ``\usepackage{booktabs,longtable,array}``, as a comment at its beginning says.
    Keys are written as ``\cite{key}``; in a document of its own, where nothing could be cited, as
    they are. Raises UsageFault for an unknown command to cite with.
    """
    cite = rendering.cite or ("none" if rendering.standalone else "cite")
    if cite not in CITES:
        raise UsageFault(f"there is no \\{cite}", f"Cite with one of: {', '.join(CITES)}.")
    body = _longtable(table, cite)
    if rendering.standalone:
        return _document(body, cite)
    return body


def escape(text: str) -> str:
    r"""``text`` as LaTeX that prints just that; line breaks become blanks.

    Control characters are replaced by a mark, and a very long word may be broken after every 40th
    letter.

    >>> print(escape("50 % of A_1 -- B & C"))
    50 \% of A\_1 -{}- B \& C
    """
    line = visible(" ".join(text.split()))
    # The break is a control character here, which visible() has left none of in the text.
    words = [_breakable(word) for word in line.split(" ")]
    parts = []
    for part in _LIGATURES.split(" ".join(words)):
        escaped = part.translate(_ESCAPE)
        parts.append(escaped.replace(_BREAK, "\\hspace{0pt}"))
    return "{}".join(parts)


def _breakable(word: str) -> str:
    """A word with a mark wherever it may be broken."""
    if len(word) <= _WORD:
        return word
    return _BREAK.join(_LONG.findall(word))


def cited(key: str, command: str = "cite") -> str:
    r"""The citation of a key; one that LaTeX cannot cite is written as it is.

    >>> print(cited("smith2020"), cited("a&b"))
    \cite{smith2020} a\&b
    """
    if _CITABLE.fullmatch(key):
        return f"\\{command}{{{key}}}"
    return escape(key)


def _longtable(table: Table, cite: str) -> str:
    """The table, which may be longer than a page, and its legend."""
    shares = widths(table)
    columns = "".join(map(_paragraph, shares))
    lines = [_PACKAGES, f"\\begin{{longtable}}{{@{{}}{columns}@{{}}}}"]
    if table.title:
        lines.append(f"\\caption{{{escape(table.title)}}}\\tabularnewline")
    lines += _head(table, shares)
    lines += _rows(table, cite)
    lines.append("\\end{longtable}")
    if table.legend:
        lines.append(f"\\noindent {{\\small {escape(table.legend)}}}")
    return "\n".join(lines) + "\n"


def _paragraph(share: float) -> str:
    """A column that takes this share of a line."""
    width = f"\\dimexpr {share:.3f}\\linewidth-2\\tabcolsep\\relax"
    return f">{{\\raggedright\\arraybackslash}}p{{{width}}}"


def _head(table: Table, shares: Sequence[float]) -> list[str]:
    """The headings, for the first page and for those that follow."""
    headings = [f"\\textbf{{{escape(column.heading)}}}" for column in table.columns]
    head = [
        "\\toprule",
        *_spanning_headings(table.columns, shares),
        " & ".join(headings) + _END_OF_ROW,
        "\\midrule",
    ]
    return [*head, "\\endfirsthead", *head, "\\endhead", "\\bottomrule", "\\endfoot"]


def _spanning_headings(columns: Sequence[Column], shares: Sequence[float]) -> list[str]:
    """The row of headings that stand over several columns, if there are any."""
    if not any(column.over for column in columns):
        return []
    cells = []
    columns_and_shares = zip(columns, shares, strict=True)
    for heading, run in groupby(columns_and_shares, key=lambda pair: pair[0].over):
        spanned = [share for _, share in run]
        if heading:
            width = _paragraph(sum(spanned))
            cells.append(f"\\multicolumn{{{len(spanned)}}}{{{width}}}{{{escape(heading)}}}")
        else:
            # No \multicolumn: an empty cell for each column.
            cells += [""] * len(spanned)
    return [" & ".join(cells) + _END_OF_ROW]


def _rows(table: Table, cite: str) -> Iterator[str]:
    """The lines of the papers, with the name of its group above each group."""
    known_keys = frozenset(reference.key for reference in table.references)
    whole_width = f"\\multicolumn{{{len(table.columns)}}}{{@{{}}p{{\\linewidth}}@{{}}}}"
    for number, (name, rows) in enumerate(groups(table)):
        if table.grouped_by:
            if number:
                yield "\\midrule"
            yield f"{whole_width}{{\\textbf{{{escape(name)}}}}}{_END_OF_ROW}*"
        for row in rows:
            cells = []
            for column, cell in zip(table.columns, row.cells, strict=True):
                key = _key(column, cell)
                if cite != "none" and key in known_keys:
                    cells.append([cited(key, cite)])
                else:
                    cells.append(_lines(cell, table.quotes))
            # A row of LaTeX for each item, because a page can end between two rows only.
            for line in zip_longest(*cells, fillvalue=""):
                yield " & ".join(line) + _END_OF_ROW
            yield "\\addlinespace"


def _key(column: Column, cell: TableCell) -> str | None:
    """The key in a cell of the column of keys; None in any other column."""
    if column.name == "key" and cell.items:
        return cell.items[0].text
    return None


def _lines(cell: TableCell, quotes: bool) -> list[str]:
    """The items of a cell, or the mark of its state; quotes are footnotes."""
    if not cell.items:
        return [escape(cell.lines()[0])]
    lines = []
    for item in cell.items:
        line = escape(item.line)
        if quotes:
            for quote in item.quotes:
                line += f"\\footnote{{“{escape(quote)}”}}"
        lines.append(line)
    return lines


def _document(body: str, cite: str) -> str:
    """A document of ``body`` alone, which loads what the table needs."""
    lines = [
        "% xelatex",
        "\\documentclass{article}",
        "\\usepackage[a4paper,landscape,margin=2cm]{geometry}",
    ]
    if _CJK.search(body):
        lines.append("\\usepackage[scheme=plain]{ctex}")
    lines += ["\\usepackage{fontspec}", "\\usepackage{booktabs,longtable,array}"]
    if cite not in {"none", "cite"}:
        # Without natbib or biblatex the other commands would not be defined.
        lines.append(f"\\providecommand{{\\{cite}}}[1]{{\\texttt{{\\detokenize{{#1}}}}}}")
    lines += [
        "\\setlength{\\LTcapwidth}{\\linewidth}",
        "\\begin{document}",
        body + "\\end{document}",
        "",
    ]
    return "\n".join(lines)
