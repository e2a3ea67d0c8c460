"""`litrev note`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, would


@click.command("note")
@click.argument("pointer", metavar="KEY")
@click.argument("text", nargs=-1, required=True, callback=lambda _c, _p, words: " ".join(words))
@dry_run_option
@pass_environment
def command(environment: Environment, pointer: str, text: str, dry_run: bool) -> None:
    """Leave a note on a record."""
    with environment.open(dry_run) as workspace:
        workspace.note(pointer, text)
    would(environment, dry_run, f"{pointer}: noted")
