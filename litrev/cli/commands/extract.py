"""`litrev extract`."""

from __future__ import annotations

import os

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, pass_environment, plural, query_argument, say_done


@click.command("extract")
@query_argument
@click.option("--all", "everything", is_flag=True, help="Search every abstract again.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=None,
    metavar="N",
    help="The number of processes.  [default: one for each core]",
)
@dry_run_option
@pass_environment
def command(
    environment: Environment, query: str, everything: bool, jobs: int | None, dry_run: bool
) -> None:
    """Fill the structured fields from the words of the abstracts, offline.

    Without QUERY: the abstracts that were not yet searched with the present codebook. What a person
    decided stays. You can interrupt this command; the next call continues the work.
    """
    with environment.open(dry_run) as workspace:
        ids = workspace.select(query) if query or everything else None
        searched, changed = workspace.extract(ids, workers=jobs or os.cpu_count() or 1)
    abstracts = plural(searched, "abstract")
    records = plural(changed, "record")
    say_done(environment, dry_run, f"searched {abstracts}; the proposals of {records} changed")
