"""`litrev draft`."""

from __future__ import annotations

from pathlib import PurePath

import click

from litrev.cli.environment import Environment
from litrev.cli.options import output_options, pass_environment, query_argument
from litrev.cli.tables import ended, state_option
from litrev.library.model.record import ItemState


@click.command("draft")
@query_argument
@click.option(
    "--by",
    default="methods",
    show_default=True,
    metavar="COLUMN",
    help="Whose values make the sections: methods, year, theory, tags, …",
)
@click.option("--title", default="", help="The title of the draft.")
@state_option
@click.option(
    "-f",
    "--format",
    "name",
    metavar="FORMAT",
    help="markdown or latex.  [default: by the suffix of -o, else markdown]",
)
@output_options
@pass_environment
def command(
    environment: Environment,
    query: str,
    by: str,
    title: str,
    states: list[ItemState],
    name: str | None,
    output: str | None,
    force: bool,
) -> int:
    """Write an outline of the review from the cells of the records QUERY means.

    Grouped, each statement with its citation and the words of its abstract, marked as a draft;
    nothing is written that no cell says.
    """
    chosen = name or ("latex" if PurePath(output or "").suffix.casefold() == ".tex" else "markdown")
    with environment.open() as workspace:
        environment.write(
            output, [workspace.draft(query, by, chosen, title=title, states=states)], force
        )
        return ended(environment, len(workspace.select(query)))
