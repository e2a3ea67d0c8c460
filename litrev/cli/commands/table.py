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
    help="Columns: key, year, author, title, … and the structured fields.",
)
@click.option(
    "--view",
    default="synthesis",
    metavar="VIEW",
    help="synthesis, chapters (side by side), evidence (a row a quote) or gaps (what is missing).",
)
@click.option(
    "--group-by",
    metavar="COLUMN",
    help="Put the papers under the values of year, methods, site, tags, …",
)
@click.option(
    "--sort", metavar="NAME", help="year, key, title, author or added; -year turns it round."
)
@click.option("--quotes", is_flag=True, help="Show the words of the abstract each value rests on.")
@table_options
@pass_environment
def command(
    environment: Environment, /, query: str, columns: str | None, wanted: TableOptions, **given: Any
) -> int:
    """Make a synthesis table of the records QUERY means: a row a paper, a column a field.

    ? marks what is only proposed, ≠ where reviewers differ, · what was searched in vain, — what is
    not reported; blank is what was never searched.
    """
    with environment.open() as workspace:
        return deliver(
            environment,
            wanted,
            lambda: workspace.table(query, columns.split(",") if columns else None, **given),
        )
