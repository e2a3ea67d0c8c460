"""`litrev rm`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, say_done
from litrev.errors import UsageFault


@click.command("rm")
@click.argument("pointers", nargs=-1, metavar="KEY...")
@click.option("--query", metavar="QUERY", help="Remove every record that matches QUERY.")
@dry_run_option
@pass_environment
def command(
    environment: Environment, pointers: tuple[str, ...], query: str | None, dry_run: bool
) -> None:
    """Remove records; `litrev undo` brings them back."""
    if not pointers and not query:
        raise UsageFault("which record?", "Name its key.")
    with environment.open(dry_run) as workspace:
        ids = [workspace.resolve(pointer) for pointer in pointers]
        if query:
            ids += workspace.select(query)
        keys = workspace.remove(list(dict.fromkeys(ids)))
    message = f"removed {', '.join(keys)}; `litrev undo` brings back what was removed"
    say_done(environment, dry_run, message)
