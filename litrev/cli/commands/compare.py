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
    environment: Environment, /, keys: tuple[str, ...], wanted: TableOptions, **given: Any
) -> int:
    """Set papers side by side: a column a paper, a row a field, and what they agree on.

    Chapters that are there for the same thing (theory, problems, recommendations, …) stand in one
    row.
    """
    with environment.open() as workspace:
        return deliver(environment, wanted, lambda: workspace.compare(keys, **given))
