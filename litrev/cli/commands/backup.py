"""`litrev backup`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment
from litrev.text.display import visible


@click.command("backup")
@click.argument("file", required=False)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@pass_environment
def command(environment: Environment, file: str | None, force: bool) -> None:
    """Write a consistent copy of the library's database, also while others work in it."""
    with environment.open() as workspace:
        name = file or f"library-{environment.clock():%Y%m%d-%H%M%S}.db"
        workspace.backup(environment.path(name), force=force)
    environment.out(visible(name))
