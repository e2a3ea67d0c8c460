"""`litrev table`."""

from __future__ import annotations

from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment, query_argument
from litrev.cli.tables import TableOptions, deliver, table_options


@click.command("table")
@query_argument
@click.option(
    "-c",
    "--columns",
    metavar="A,B,…",
    help="The columns: key, year, author, title, … and the structured fields.",
)
@click.option(
    "--view",
    default="synthesis",
    metavar="VIEW",
    help="synthesis; chapters: side by side; evidence: one row per quote; gaps: what is missing.",
)
@click.option(
    "--group-by", metavar="COLUMN", help="Group the papers by year, methods, site, tags, …"
)
@click.option(
    "--sort", metavar="NAME", help="year, key, title, author or added. -year reverses the order."
)
@click.option("--quotes", is_flag=True, help="Show the words of the abstract below each value.")
@table_options
@pass_environment
def command(
    environment: Environment,
    /,
    query: str,
    columns: str | None,
    options: TableOptions,
    **arguments: Any,
) -> int:
    """Make a synthesis table of the records that match QUERY: papers by fields.

    ? marks a proposed value that nobody has decided on. ≠ means that reviewers differ. · means that
    the abstract was searched and nothing was found. — means not reported. A blank cell was never
    searched.
    """
    names = columns.split(",") if columns else None
    with environment.open() as workspace:
        return deliver(environment, options, lambda: workspace.table(query, names, **arguments))
