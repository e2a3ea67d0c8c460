"""`litrev set`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import as_option, dry_run_option, pass_environment, say_done
from litrev.errors import UsageFault


@click.command("set")
@click.argument("pointer", metavar="KEY")
@click.argument("assignments", nargs=-1, metavar="FIELD=VALUE...")
@click.option(
    "--not-reported",
    "unreported",
    multiple=True,
    metavar="FIELD",
    help="The abstract says nothing about this structured field.",
)
@dry_run_option
@as_option
@pass_environment
def command(
    environment: Environment,
    pointer: str,
    assignments: tuple[str, ...],
    unreported: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Set structured fields and metadata of one record.

    \b
    site='S community'     replaces what is there
    methods+=interview     adds a value to those that are there
    findings='a; b'        two findings
    title=''               removes the field
    """
    if not assignments and not unreported:
        raise UsageFault("nothing to set", "Write it as litrev set KEY field=value.")
    with environment.open(dry_run) as workspace:
        changed = workspace.set(pointer, assignments, unreported)
    message = f"set {', '.join(changed)}" if changed else "no change"
    say_done(environment, dry_run, f"{pointer}: {message}")
