"""`litrev matrix`."""

from __future__ import annotations

from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment, query_argument, two_columns
from litrev.cli.tables import TableOptions, deliver, table_options
from litrev.errors import UsageFault


@click.command("matrix")
@query_argument
@click.option(
    "--by",
    metavar="COLUMN",
    help="The column whose values are the concepts: methods, site, tags, …  [default: methods]",
)
@click.option(
    "--concepts",
    metavar="FILE",
    help="A file with one concept per line, and other names for it after a colon.",
)
@click.option(
    "--unit",
    metavar="COLUMN",
    help="A unit of analysis. Its values become sub-columns of each concept.",
)
@click.option(
    "--cross", metavar="A,B", help="Count the papers with each pair of values: methods,year."
)
@click.option(
    "--sort", metavar="NAME", help="The order of the papers: year, key, title, author or added."
)
@table_options
@pass_environment
def command(
    environment: Environment,
    /,
    query: str,
    by: str | None,
    concepts: str | None,
    unit: str | None,
    cross: str | None,
    sort: str | None,
    options: TableOptions,
    **arguments: Any,
) -> int:
    """Make a concept matrix of the records that match QUERY: papers by concepts, with totals.

    0 in the last row is a concept that no paper covers. 0 in the last column is a paper that covers
    no concept.
    """
    with environment.open() as workspace:
        if cross is None:
            file = environment.path(concepts) if concepts else None
            return deliver(
                environment,
                options,
                lambda: workspace.matrix(
                    query, by or "methods", concepts=file, unit=unit, sort=sort, **arguments
                ),
            )
        one, other = two_columns(cross)
        if by or concepts or unit or sort:
            raise UsageFault(
                "--cross cannot be used with --by, --concepts, --unit or --sort", "Leave them out."
            )
        return deliver(
            environment, options, lambda: workspace.cross(one, other, query, **arguments)
        )
