"""`litrev undo`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, plural, would


@click.command("undo")
@click.argument("operation", metavar="[OPERATION]", required=False)
@dry_run_option
@pass_environment
def command(environment: Environment, operation: str | None, dry_run: bool) -> None:
    """Take back your last operation, or the one whose id `litrev log` shows.

    It refuses, and changes nothing, where somebody has changed the same thing since.
    """
    with environment.open(dry_run) as workspace:
        entry = workspace.undo(operation)
    would(
        environment,
        dry_run,
        f"took back `{entry.command}` of {entry.started} ({plural(entry.changes, 'change')})",
    )
