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
    help="The column whose values become the sections: methods, year, theory, tags, …",
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
    """Write an outline of the review from the values of the records that match QUERY.

    The statements are grouped. Each has its citation and the words of its abstract, and is marked
    as a draft. Every statement comes from a value; nothing is made up.
    """
    suffix = PurePath(output or "").suffix.casefold()
    format_name = name or ("latex" if suffix == ".tex" else "markdown")
    with environment.open() as workspace:
        draft = workspace.draft(query, by, format_name, title=title, states=states)
        environment.write(output, [draft], force)
        return ended(environment, len(workspace.select(query)))
