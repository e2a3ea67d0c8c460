"""`litrev bibliography`."""

from __future__ import annotations

from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment, query_argument
from litrev.cli.references import print_references, reference_options


@click.command("bibliography")
@query_argument
@click.option("--annotated", is_flag=True, help="An annotation below each reference.")
@click.option("--title", default="", help="A title above the list.")
@click.option("--standalone", is_flag=True, help="LaTeX: a document of its own.")
@click.option(
    "--sort",
    metavar="NAME",
    help="The order in styles that number as cited: year, key, title, author or added.",
)
@reference_options
@pass_environment
def command(environment: Environment, /, query: str, sort: str | None, **given: Any) -> int:
    """List the references of the records QUERY means in a style, each in its own language.

    With --annotated the record's own annotation follows (litrev set KEY annotation=…), or else a
    draft of what was accepted, marked as a draft.
    """
    with environment.open() as workspace:
        ids = [record.id for record in workspace.records(query, sort)]
        return print_references(environment, workspace, ids, **given)
