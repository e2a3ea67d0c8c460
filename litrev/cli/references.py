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
_MOST = 20  # lines on missing metadata


def reference_options(function: F) -> F:
    """--style, --chinese-first, -f, -o."""
    for option in (
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
    ):
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
    """Write the references of these records; what metadata they lack is said on stderr."""
    from litrev.library.render.citations import bibliography

    suffix = PurePath(output or "").suffix.casefold()
    if output and output != "-" and not name and suffix not in bibliography.SUFFIXES:
        raise UsageFault(
            f"{output}: its suffix names no format of a bibliography",
            f"Use -f with one of {', '.join(bibliography.FORMATS)}.",
        )
    chosen = name or bibliography.SUFFIXES.get(suffix, "terminal")
    status = Status(ended(environment, len(ids)))
    if ids:
        try:
            made = workspace.bibliography(
                format="text" if chosen == "terminal" else chosen,
                ids=ids,
                annotated=annotated,
                folder=environment.cwd,
                **options,
            )
        except EnvironmentFault as fault:
            if chosen not in {"terminal", "text"}:
                raise
            environment.say(f"litrev: {fault}\nAuthor and year in plain lines instead:")
            made, status = (
                workspace.plain_bibliography(annotated=annotated, ids=ids).encode(),
                Status.ENVIRONMENT,
            )
        if chosen == "terminal" and environment.terminal and not output:
            from litrev.cli.views.references import show_references

            with environment.console() as console:
                show_references(console, made.decode())
        else:
            environment.write(output, [made if chosen == "docx" else made.decode()], force)
    lacking = workspace.incomplete_references(ids)
    for line in lacking[:_MOST]:
        environment.did(line)
    if len(lacking) > _MOST:
        environment.did(
            f"… and {len(lacking) - _MOST} more that lack metadata; `litrev table --view gaps` lists them"
        )
    return int(status)
