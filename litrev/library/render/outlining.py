"""A draft of the review as Markdown (with pandoc's citations) or LaTeX."""

from __future__ import annotations

from collections.abc import Callable

from litrev.errors import UsageFault
from litrev.library.render import latex, markdown
from litrev.library.synthesis.drafting import Outline, Statement
from litrev.text.suggestions import did_you_mean

FORMATS = ("markdown", "latex")
_NOTICE = (
    "DRAFT. Every line below is a value of the library with the words of its abstract;"
    " ? is not yet decided, ≠ is disputed. Nothing else was added."
)
_TITLE = "Draft of the review"


def render(outline: Outline, format: str) -> str:
    """The outline as text: a section for each group, and in it a list for each field.

    Markdown cites as pandoc reads it, LaTeX with ``\\cite``; neither is a document of its own.
    ``format`` is one of ``FORMATS``. Raises UsageFault, with a suggestion, for another.
    """
    if format not in FORMATS:
        raise UsageFault(
            f"no format of a draft is named {format}",
            did_you_mean(format, FORMATS) or f"There are: {', '.join(FORMATS)}.",
        )
    if format == "markdown":
        return _markdown(outline)
    return _latex(outline)


def _markdown(outline: Outline) -> str:
    escape = markdown.escape
    lines = [f"# {escape(outline.title or _TITLE)}", "", f"> {escape(_NOTICE)}", ""]
    for section in outline.sections:
        lines += [f"## {escape(section.name)} ({len(section.keys)} of {outline.papers})", ""]
        for heading, statements in section.fields:
            lines += [f"### {escape(heading)}", ""]
            for statement in statements:
                sentence = _sentence(statement, escape)
                lines.append(f"- {sentence} [@{_pandoc_key(statement.key)}]")
            lines.append("")
    if outline.papers_without:
        lines += ["## Not in the abstracts", ""]
        for name, keys in outline.papers_without:
            citations = ", ".join(f"@{_pandoc_key(key)}" for key in keys)
            lines.append(f"- {escape(name)}: {citations}")
        lines.append("")
    return "\n".join(lines)


def _pandoc_key(key: str) -> str:
    """A key as pandoc reads it after @: in braces where it would end too soon."""
    bare = key.replace("_", "").replace("-", "").replace(":", "")
    if bare.isalnum():
        return key
    return f"{{{key}}}"


def _latex(outline: Outline) -> str:
    escape = latex.escape
    lines = [
        "% " + _NOTICE,
        f"\\section{{{escape(outline.title or _TITLE)}}}",
        f"\\emph{{{escape(_NOTICE)}}}",
        "",
    ]
    for section in outline.sections:
        heading = f"{escape(section.name)} ({len(section.keys)} of {outline.papers})"
        lines += [f"\\subsection{{{heading}}}", ""]
        for field, statements in section.fields:
            lines += [f"\\subsubsection{{{escape(field)}}}", "\\begin{itemize}"]
            for statement in statements:
                sentence = _sentence(statement, escape)
                lines.append(f"\\item {sentence} {latex.cited(statement.key)}")
            lines += ["\\end{itemize}", ""]
    if outline.papers_without:
        lines += ["\\subsection{Not in the abstracts}", "\\begin{itemize}"]
        for name, keys in outline.papers_without:
            citations = " ".join(map(latex.cited, keys))
            lines.append(f"\\item {escape(name)}: {citations}")
        lines += ["\\end{itemize}", ""]
    return "\n".join(lines)


def _sentence(statement: Statement, escape: Callable[[str], str]) -> str:
    """A statement, in quotation marks where it is a quote, and its other quotes."""
    is_quote = statement.text in statement.quotes
    text = f"“{statement.text}”" if is_quote else statement.text
    sentence = escape(f"{text} {statement.mark}".rstrip())
    for quote in statement.quotes:
        if quote != statement.text:
            sentence += f" — {escape(f'“{quote}”')}"
    return sentence
