"""`litrev matrix`."""

from __future__ import annotations

from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment, query_argument
from litrev.cli.tables import TableOptions, deliver, table_options
from litrev.errors import UsageFault


@click.command("matrix")
@query_argument
@click.option(
    "--by",
    metavar="COLUMN",
    help="Whose values are the concepts: methods, site, theory, tags, …  [default: methods]",
)
@click.option(
    "--concepts",
    metavar="FILE",
    help="The concepts, one a line, other names for each after a colon.",
)
@click.option(
    "--unit",
    metavar="COLUMN",
    help="A unit of analysis: its values are sub-columns of each concept.",
)
@click.option(
    "--cross", metavar="A,B", help="Count the papers of each pair of values instead: methods,year."
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
    wanted: TableOptions,
    **given: Any,
) -> int:
    """Make a concept matrix of the records QUERY means: a row a paper, a column a concept, with
    totals.

    0 in the last row is a concept that no paper covers, 0 in the last column a paper that covers
    none.
    """
    with environment.open() as workspace:
        if cross is None:
            file = environment.path(concepts) if concepts else None
            return deliver(
                environment,
                wanted,
                lambda: workspace.matrix(
                    query, by or "methods", concepts=file, unit=unit, sort=sort, **given
                ),
            )
        sides = [side.strip() for side in cross.split(",")]
        if len(sides) != 2 or not all(sides):
            raise UsageFault(
                "--cross counts two columns against each other", "Write it as --cross methods,year."
            )
        if by or concepts or unit or sort:
            raise UsageFault(
                "--cross stands without --by, --concepts, --unit and --sort", "Leave them out."
            )
        return deliver(
            environment, wanted, lambda: workspace.cross(sides[0], sides[1], query, **given)
        )
