"""`litrev note`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, joined, pass_environment, say_done


@click.command("note")
@click.argument("pointer", metavar="KEY")
@click.argument("text", nargs=-1, required=True, callback=joined)
@dry_run_option
@pass_environment
def command(environment: Environment, pointer: str, text: str, dry_run: bool) -> None:
    """Add a note to a record."""
    with environment.open(dry_run) as workspace:
        workspace.note(pointer, text)
    say_done(environment, dry_run, f"{pointer}: note added")
