"""Tables as LaTeX: longtable with the rules of booktabs, every character of a text as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from litrev.errors import UsageFault
from litrev.library.render.rendering import Rendering, groups, widths
from litrev.library.synthesis.model import Column, Table, TableCell
from litrev.text.display import visible

CITES = ("none", "cite", "citep", "citet", "parencite", "textcite", "autocite")
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_", "^": r"\^{}", "~": r"\~{}",
    "[": "{[}", "]": "{]}", "*": "{*}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "≠": r"\ensuremath{\neq}", "✓": r"\ensuremath{\surd}",
    '"': r"\textquotedbl{}",
}  # fmt: skip
_ESCAPE = str.maketrans(_SPECIAL)
_LIGATURES = re.compile(
    r"(?<=-)(?=-)|(?<=')(?=')|(?<=`)(?=`)|(?<=,)(?=,)|(?<=[!?])(?=`)"
)  # where fonts would make one sign of two
_WORD = 40  # letters after which a word may be broken, for no page is as wide as some are long
_LONG, _BREAK = re.compile(f".{{1,{_WORD}}}"), "\x00"
_CITABLE = re.compile(r"[\w:.+/-]+")
_CJK = re.compile("[\u3000-\u9fff\uac00-\ud7af\uf900-\uffef\U00020000-\U0003ffff]")


def render(table: Table, rendering: Rendering) -> str:
    r"""The table for a document with ``\usepackage{booktabs,longtable,array}``, or with
    ``standalone`` that document, for XeLaTeX.

    Keys are given as ``\cite{key}``; standing alone, where nothing could be cited, as they are.
    """
    cite = rendering.cite or ("none" if rendering.standalone else "cite")
    if cite not in CITES:
        raise UsageFault(f"there is no \\{cite}", f"Cite with one of: {', '.join(CITES)}.")
    body = _longtable(table, cite)
    return _document(table, body, cite) if rendering.standalone else body


def escape(text: str) -> str:
    """``text`` as LaTeX that prints just that; line breaks become blanks."""
    words = (
        _BREAK.join(_LONG.findall(word)) if len(word) > _WORD else word
        for word in visible(" ".join(text.split())).split(" ")
    )
    return "{}".join(
        part.translate(_ESCAPE).replace(_BREAK, "\\hspace{0pt}")
        for part in _LIGATURES.split(" ".join(words))
    )


def cited(key: str, command: str = "cite") -> str:
    """The citation of a key; one that LaTeX cannot cite stands as it is."""
    return f"\\{command}{{{key}}}" if _CITABLE.fullmatch(key) else escape(key)


def _longtable(table: Table, cite: str) -> str:
    shares = widths(table)
    spec = "".join(map(_paragraph, shares))
    lines = [
        "% needs \\usepackage{booktabs,longtable,array}, and XeLaTeX, LuaLaTeX or \\usepackage[T1]{fontenc}",
        f"\\begin{{longtable}}{{@{{}}{spec}@{{}}}}",
    ]
    if table.title:
        lines.append(f"\\caption{{{escape(table.title)}}}\\tabularnewline")
    head = [
        *_over(table.columns, shares),
        " & ".join(f"\\textbf{{{escape(column.heading)}}}" for column in table.columns)
        + " \\tabularnewline",
        "\\midrule",
    ]
    lines += [
        "\\toprule",
        *head,
        "\\endfirsthead",
        "\\toprule",
        *head,
        "\\endhead",
        "\\bottomrule",
        "\\endfoot",
    ]
    known = frozenset(reference.key for reference in table.references)
    for number, (name, rows) in enumerate(groups(table)):
        if table.grouped_by:
            lines += ["\\midrule"] if number else []
            lines.append(
                f"\\multicolumn{{{len(table.columns)}}}{{@{{}}p{{\\linewidth}}@{{}}}}{{\\textbf{{{escape(name)}}}}} \\tabularnewline*"
            )
        for row in rows:
            cells = [
                _lines(table, column, cell, cite, known)
                for column, cell in zip(table.columns, row.cells, strict=True)
            ]
            lines += [
                " & ".join(line) + " \\tabularnewline" for line in zip_longest(*cells, fillvalue="")
            ]  # a page can end between two items
            lines.append("\\addlinespace")
    lines.append("\\end{longtable}")
    if table.legend:
        lines.append(f"\\noindent {{\\small {escape(table.legend)}}}")
    return "\n".join(lines) + "\n"


def _paragraph(share: float) -> str:
    """A column that takes this share of a line."""
    return f">{{\\raggedright\\arraybackslash}}p{{\\dimexpr {share:.3f}\\linewidth-2\\tabcolsep\\relax}}"


def _over(columns: tuple[Column, ...], shares: Sequence[float]) -> list[str]:
    """The row of what stands over several headings, where there is such."""
    if not any(column.over for column in columns):
        return []
    runs: list[tuple[str, list[float]]] = []
    for column, share in zip(columns, shares, strict=True):
        if runs and column.over and runs[-1][0] == column.over:
            runs[-1][1].append(share)
        else:
            runs.append((column.over, [share]))
    heads = (
        f"\\multicolumn{{{len(held)}}}{{{_paragraph(sum(held))}}}{{{escape(over)}}}" if over else ""
        for over, held in runs
    )
    return [" & ".join(heads) + " \\tabularnewline"]


def _lines(
    table: Table, column: Column, cell: TableCell, cite: str, known: frozenset[str]
) -> list[str]:
    if column.name == "key" and cite != "none" and cell.items and cell.items[0].text in known:
        return [cited(cell.items[0].text, cite)]
    if not cell.items:
        return [escape(cell.lines()[0])]
    return [
        escape(item.line)
        + "".join(
            f"\\footnote{{“{escape(quote)}”}}" for quote in (item.quotes if table.quotes else ())
        )
        for item in cell.items
    ]


def _document(table: Table, body: str, cite: str) -> str:
    chinese = ["\\usepackage[scheme=plain]{ctex}"] if _CJK.search(body) else []
    cites = (
        [f"\\providecommand{{\\{cite}}}[1]{{\\texttt{{\\detokenize{{#1}}}}}}"]
        if cite not in {"none", "cite"}
        else []
    )
    return "\n".join(
        [
            "% xelatex",
            "\\documentclass{article}",
            "\\usepackage[a4paper,landscape,margin=2cm]{geometry}",
            *chinese,
            "\\usepackage{fontspec}",
            "\\usepackage{booktabs,longtable,array}",
            *cites,
            "\\setlength{\\LTcapwidth}{\\linewidth}",
            "\\begin{document}",
            body + "\\end{document}",
            "",
        ]
    )
