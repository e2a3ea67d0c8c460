"""`litrev backup`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment
from litrev.errors import Conflict
from litrev.text.display import visible


@click.command("backup")
@click.argument("file", required=False)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@pass_environment
def command(environment: Environment, file: str | None, force: bool) -> None:
    """Write a consistent copy of the library's database, also while others work in it."""
    from litrev.library.storage.connection import back_up
    from litrev.library.storage.folder import DATABASE

    with environment.open() as workspace:
        name = file or f"library-{environment.clock():%Y%m%d-%H%M%S}.db"
        target = environment.path(name)
        database = workspace.library.folder / DATABASE
        if target.exists() and target.samefile(database):
            raise Conflict(f"{name}: is the library itself", "Choose another name.")
        if target.exists() and not force:
            raise Conflict(f"{name}: exists already", "Use --force to replace it.")
        back_up(workspace.library.connection, target)
    environment.out(visible(name))
