"""A draft of the review as Markdown (with pandoc's citations) or LaTeX."""

from __future__ import annotations

from collections.abc import Callable

from litrev.errors import UsageFault
from litrev.library.render import latex, markdown
from litrev.library.synthesis.drafting import Outline, Statement
from litrev.text.suggestions import did_you_mean

FORMATS = ("markdown", "latex")
_NOTICE = "DRAFT. Every line below is a value of the library with the words of its abstract; ? is not yet decided, ≠ is disputed. Nothing else was added."


def render(outline: Outline, format: str) -> str:
    """The outline as text; raises UsageFault for an unknown format."""
    if format not in FORMATS:
        raise UsageFault(
            f"no format of a draft is named {format}",
            did_you_mean(format, FORMATS) or f"There are: {', '.join(FORMATS)}.",
        )
    return _markdown(outline) if format == "markdown" else _latex(outline)


def _markdown(outline: Outline) -> str:
    escape = markdown.escape
    lines = [f"# {escape(outline.title or 'Draft of the review')}", "", f"> {escape(_NOTICE)}", ""]
    for section in outline.sections:
        lines += [f"## {escape(section.name)} ({len(section.keys)} of {outline.papers})", ""]
        for heading, statements in section.fields:
            lines += [
                f"### {escape(heading)}",
                "",
                *(f"- {_said(one, escape)} [@{_key(one.key)}]" for one in statements),
                "",
            ]
    if outline.silent:
        lines += [
            "## Not in the abstracts",
            "",
            *(
                f"- {escape(name)}: {', '.join(f'@{_key(key)}' for key in keys)}"
                for name, keys in outline.silent
            ),
            "",
        ]
    return "\n".join(lines)


def _key(key: str) -> str:
    """A key as pandoc reads it after @: in braces where it would end too soon."""
    return (
        key if key.replace("_", "").replace("-", "").replace(":", "").isalnum() else "{" + key + "}"
    )


def _latex(outline: Outline) -> str:
    escape = latex.escape
    lines = [
        "% " + _NOTICE,
        f"\\section{{{escape(outline.title or 'Draft of the review')}}}",
        f"\\emph{{{escape(_NOTICE)}}}",
        "",
    ]
    for section in outline.sections:
        lines += [
            f"\\subsection{{{escape(section.name)} ({len(section.keys)} of {outline.papers})}}",
            "",
        ]
        for heading, statements in section.fields:
            lines += [f"\\subsubsection{{{escape(heading)}}}", "\\begin{itemize}"]
            lines += [f"\\item {_said(one, escape)} {latex.cited(one.key)}" for one in statements]
            lines += ["\\end{itemize}", ""]
    if outline.silent:
        lines += ["\\subsection{Not in the abstracts}", "\\begin{itemize}"]
        lines += [
            f"\\item {escape(name)}: {' '.join(map(latex.cited, keys))}"
            for name, keys in outline.silent
        ]
        lines += ["\\end{itemize}", ""]
    return "\n".join(lines)


def _said(one: Statement, escape: Callable[[str], str]) -> str:
    quotes = [quote for quote in one.quotes if quote != one.text]
    text = f"“{one.text}”" if one.text in one.quotes else one.text
    return escape(f"{text} {one.mark}".rstrip()) + "".join(
        f" — {escape(f'“{quote}”')}" for quote in quotes
    )
