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
    """Write a complete copy of the library's database to FILE.

    Other people can go on working in the library. Without FILE the name of the copy is made of the
    date and time.
    """
    with environment.open() as workspace:
        name = file or f"library-{environment.clock():%Y%m%d-%H%M%S}.db"
        workspace.backup(environment.path(name), force=force)
    environment.out(visible(name))
