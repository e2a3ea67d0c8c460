"""`litrev compare`."""

from __future__ import annotations

from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment
from litrev.cli.tables import TableOptions, deliver, table_options


@click.command("compare")
@click.argument("keys", nargs=-1, required=True, metavar="KEY KEY...")
@table_options
@pass_environment
def command(
    environment: Environment, /, keys: tuple[str, ...], options: TableOptions, **arguments: Any
) -> int:
    """Compare papers side by side: a column for each paper, a row for each field.

    The last column is what they agree on. Chapters with the same purpose (theory, problems,
    recommendations, …) are in one row.
    """
    with environment.open() as workspace:
        return deliver(environment, options, lambda: workspace.compare(keys, **arguments))
