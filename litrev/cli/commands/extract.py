"""`litrev extract`."""

from __future__ import annotations

import os

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, plural, query_argument, would


@click.command("extract")
@query_argument
@click.option("--all", "everything", is_flag=True, help="Search every abstract again.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=None,
    metavar="N",
    help="Processes that search; as many as there are cores.",
)
@dry_run_option
@pass_environment
def command(
    environment: Environment, query: str, everything: bool, jobs: int | None, dry_run: bool
) -> None:
    """Fill the structured fields from the words of the abstracts, offline.

    Without QUERY the abstracts that were not searched yet as the codebook now stands. What a person
    decided is never touched. It can be interrupted, and goes on when it is called again.
    """
    with environment.open(dry_run) as workspace:
        ids = workspace.select(query) if query or everything else None
        searched, changed = workspace.extract(ids, workers=jobs or os.cpu_count() or 1)
    would(
        environment,
        dry_run,
        f"searched {plural(searched, 'abstract')}; the proposals of {plural(changed, 'record')} changed",
    )
