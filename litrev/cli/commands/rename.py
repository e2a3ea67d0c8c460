"""`litrev rename`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, would


@click.command("rename")
@click.argument("pointer", metavar="KEY")
@click.argument("key", metavar="NEW-KEY")
@dry_run_option
@pass_environment
def command(environment: Environment, pointer: str, key: str, dry_run: bool) -> None:
    """Give a record another citation key; the old one keeps resolving."""
    with environment.open(dry_run) as workspace:
        old, new = workspace.rename(pointer, key)
    would(environment, dry_run, f"{old} is now {new}; {old} still finds it")
