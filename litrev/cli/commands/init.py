"""`litrev init`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment


@click.command("init")
@click.argument("folder", default=".", metavar="[DIR]")
@pass_environment
def command(environment: Environment, folder: str) -> None:
    """Make a new library in DIR, or in the current folder.

    A library is a folder. Its file library.db holds everything; litrev.toml holds the settings.
    """
    from litrev.workspace.opening import create_workspace

    with create_workspace(
        environment.path(folder).resolve(), environment.environ, clock=environment.clock
    ):
        environment.inform(f"made a library in {folder}; `litrev add FILE` adds abstracts")
