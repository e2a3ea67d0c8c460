"""What the commands that print references have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

import click

from litrev.cli.environment import Environment
from litrev.cli.options import output_options
from litrev.cli.tables import ended
from litrev.errors import EnvironmentFault, Status, UsageFault

if TYPE_CHECKING:
    from litrev.workspace.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])
_MOST_LACKING = 20  # lines on missing metadata; the others are only counted


def reference_options(function: F) -> F:
    """--style, --chinese-first, -f, -o."""
    # From the last to the first: an option that is applied later stands higher in the help.
    options = (
        output_options,
        click.option(
            "-f",
            "--format",
            "name",
            metavar="FORMAT",
            help="terminal, text, markdown, html, latex or docx.",
        ),
        click.option(
            "--chinese-first",
            is_flag=True,
            help="Chinese works before the others, in styles that sort.",
        ),
        click.option(
            "--style",
            default="apa",
            show_default=True,
            metavar="STYLE",
            help="apa, chicago, mla, ieee, vancouver, gb7714-2015, … or FILE.csl.",
        ),
    )
    for option in options:
        function = option(function)
    return function


def print_references(
    environment: Environment,
    workspace: Workspace,
    ids: Sequence[str],
    name: str | None,
    output: str | None,
    force: bool,
    *,
    annotated: bool = False,
    **options: Any,
) -> int:
    """Write the references of these records; missing metadata is reported on stderr."""
    format_name = _format_name(name, output)
    status = ended(environment, len(ids))
    if ids:
        options = {"ids": ids, "annotated": annotated, **options}
        references, complete = _references(environment, workspace, format_name, options)
        if not complete:
            status = int(Status.ENVIRONMENT)
        if format_name == "terminal" and environment.terminal and not output:
            from litrev.cli.views.references import show_references

            with environment.console() as console:
                show_references(console, references.decode())
        else:
            is_text = format_name != "docx"
            piece = references.decode() if is_text else references
            environment.write(output, [piece], force)
    _report_lacking(environment, workspace.incomplete_references(ids))
    return status


def _format_name(name: str | None, output: str | None) -> str:
    """The format that is asked for, or the one that the suffix of the file names."""
    from litrev.library.render.citations import bibliography

    suffix = PurePath(output or "").suffix.casefold()
    is_file = bool(output) and output != "-"
    if is_file and not name and suffix not in bibliography.SUFFIXES:
        raise UsageFault(
            f"{output}: its suffix is not that of a bibliography format",
            f"Use -f with one of {', '.join(bibliography.FORMATS)}.",
        )
    return name or bibliography.SUFFIXES.get(suffix, "terminal")


def _references(
    environment: Environment, workspace: Workspace, format_name: str, options: dict[str, Any]
) -> tuple[bytes, bool]:
    """The references, and whether they have the style that is asked for.

    Where what formats them is missing, text and terminal get plain lines instead.
    """
    is_plain = format_name in {"terminal", "text"}
    try:
        references = workspace.bibliography(
            format="text" if is_plain else format_name, folder=environment.cwd, **options
        )
    except EnvironmentFault as fault:
        if not is_plain:
            raise
        environment.say(f"litrev: {fault}\nAuthor and year in plain lines instead:")
        lines = workspace.plain_bibliography(annotated=options["annotated"], ids=options["ids"])
        return lines.encode(), False
    return references, True


def _report_lacking(environment: Environment, lacking: Sequence[str]) -> None:
    for line in lacking[:_MOST_LACKING]:
        environment.inform(line)
    hidden = len(lacking) - _MOST_LACKING
    if hidden > 0:
        environment.inform(
            f"… and {hidden} more that lack metadata; `litrev table --view gaps` lists them"
        )
