"""`litrev rename`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, say_done


@click.command("rename")
@click.argument("pointer", metavar="KEY")
@click.argument("key", metavar="NEW-KEY")
@dry_run_option
@pass_environment
def command(environment: Environment, pointer: str, key: str, dry_run: bool) -> None:
    """Change the citation key of a record. The old key still finds it."""
    with environment.open(dry_run) as workspace:
        old, new = workspace.rename(pointer, key)
    say_done(environment, dry_run, f"{old} is now {new}; {old} still finds it")
