"""`litrev undo`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, plural, say_done


@click.command("undo")
@click.argument("operation", metavar="[OPERATION]", required=False)
@dry_run_option
@pass_environment
def command(environment: Environment, operation: str | None, dry_run: bool) -> None:
    """Undo your last operation, or the one with the id OPERATION. `litrev log` shows the ids.

    If somebody has changed the same thing since, nothing is undone.
    """
    with environment.open(dry_run) as workspace:
        entry = workspace.undo(operation)
    changes = plural(entry.changes, "change")
    say_done(environment, dry_run, f"took back `{entry.command}` of {entry.started} ({changes})")
