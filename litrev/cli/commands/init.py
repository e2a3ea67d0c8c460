"""`litrev init`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment


@click.command("init")
@click.argument("folder", default=".", metavar="[DIR]")
@pass_environment
def command(environment: Environment, folder: str) -> None:
    """Make a new library in DIR, or here.

    A library is a folder: library.db holds everything, litrev.toml the settings.
    """
    from litrev.workspace.opening import create_workspace

    with create_workspace(
        environment.path(folder).resolve(), environment.environ, clock=environment.clock
    ):
        environment.did(f"made a library in {folder}; `litrev add FILE` brings abstracts in")
