"""`litrev bibliography`."""

from __future__ import annotations

from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment, query_argument
from litrev.cli.references import print_references, reference_options


@click.command("bibliography")
@query_argument
@click.option("--annotated", is_flag=True, help="Print an annotation below each reference.")
@click.option("--title", default="", help="A title above the list.")
@click.option("--standalone", is_flag=True, help="LaTeX: a complete document.")
@click.option(
    "--sort",
    metavar="NAME",
    help="The order, in styles that number references: year, key, title, author or added.",
)
@reference_options
@pass_environment
def command(environment: Environment, /, query: str, sort: str | None, **options: Any) -> int:
    """List the references of the records that match QUERY, each in its own language.

    With --annotated an annotation follows each reference. You write it with
    litrev set KEY annotation=…; otherwise it is a draft from the values you accepted, and is marked
    as a draft.
    """
    with environment.open() as workspace:
        ids = [record.id for record in workspace.records(query, sort)]
        return print_references(environment, workspace, ids, **options)
