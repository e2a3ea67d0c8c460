"""`litrev extract`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, plural, query_argument, would


@click.command("extract")
@query_argument
@click.option("--all", "everything", is_flag=True, help="Search every abstract again.")
@dry_run_option
@pass_environment
def command(environment: Environment, query: str, everything: bool, dry_run: bool) -> None:
    """Fill the structured fields from the words of the abstracts, offline.

    Without QUERY the abstracts that were not searched yet. What a person decided is never touched.
    """
    with environment.open() as workspace:
        ids = workspace.select(query) if query or everything else None
        searched, changed = workspace.extract(ids, command=environment.command, dry_run=dry_run)
    would(environment, dry_run, f"searched {plural(searched, 'abstract')}; the proposals of {plural(changed, 'record')} changed")
