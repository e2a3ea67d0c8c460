"""`litrev rekey`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, plural, query_argument


@click.command("rekey")
@query_argument
@dry_run_option
@pass_environment
def command(environment: Environment, query: str, dry_run: bool) -> None:
    """Give records whose key was generated one from their metadata: author, year, first word of the
    title.

    Keys that a person or a file gave are left alone; old keys keep resolving.
    """
    with environment.open(dry_run) as workspace:
        renamed = workspace.rekey(workspace.select(query))
    for old, new in renamed:
        environment.row((old, new))
    environment.did(f"{'would give' if dry_run else 'gave'} {plural(len(renamed), 'record')} a key")
