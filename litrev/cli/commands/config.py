"""`litrev config`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment
from litrev.errors import LitrevError


@click.command("config")
@pass_environment
def command(environment: Environment) -> None:
    """Show where the settings, the library and its index are, and under which name you act."""
    from litrev.workspace.settings import cache_folder, config_file

    environment.row(("config", config_file(environment.environ)))
    environment.row(("cache", cache_folder(environment.environ)))
    # Outside a library the settings are shown all the same.
    try:
        with environment.open() as workspace:
            environment.row(("library", workspace.folder))
            environment.row(("index", workspace.index_folder))
            environment.row(("actor", workspace.actor))
    except LitrevError as error:
        environment.row(("library", f"({error.message})"))
