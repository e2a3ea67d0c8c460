"""`litrev index`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment, plural


@click.group("index")
def command() -> None:
    """Look after the search index, which otherwise looks after itself."""


@command.command("path")
@pass_environment
def path(environment: Environment) -> None:
    """Say where the index lies."""
    with environment.open() as workspace:
        environment.out(str(workspace.index_folder))


@command.command("rebuild")
@pass_environment
def rebuild(environment: Environment) -> None:
    """Build the index anew."""
    with environment.open() as workspace:
        workspace.follower.rebuild()
        environment.did(f"indexed {plural(workspace.library.count(), 'record')}")
