"""`litrev report`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import output_options, pass_environment, query_argument
from litrev.cli.tables import ended
from litrev.errors import UsageFault


@click.command("report")
@query_argument
@click.option("--title", default="", help="The heading of the page.")
@output_options
@pass_environment
def command(
    environment: Environment, query: str, title: str, output: str | None, force: bool
) -> int:
    """Write one HTML page about the records that match QUERY: figures, then the synthesis table.

    The page loads nothing from the network. You can sort and filter its table. Click on a value to
    see the words of the abstract that it comes from.
    """
    if output is None and environment.terminal:
        raise UsageFault(
            "an HTML page cannot be shown on a terminal", "Write it to a file: -o report.html."
        )
    with environment.open() as workspace:
        environment.write(output, [workspace.report(query, title)], force)
        return ended(environment, workspace.count())
