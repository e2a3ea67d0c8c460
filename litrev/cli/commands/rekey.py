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
    """Replace generated citation keys by keys made from author, year and title.

    Keys that a person or a file gave stay. The old keys still find the records.
    """
    with environment.open(dry_run) as workspace:
        renamed = workspace.rekey(workspace.select(query))
    for old, new in renamed:
        environment.row((old, new))
    verb = "would give" if dry_run else "gave"
    environment.inform(f"{verb} {plural(len(renamed), 'record')} a key")
