"""`litrev accept`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import (
    as_option,
    dry_run_option,
    pass_environment,
    plural,
    query_argument,
    say_done,
)
from litrev.errors import Status


@click.command("accept")
@query_argument
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME",
    help="Only this structured field; may be given several times.",
)
@click.option(
    "--above",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="0.9",
    help="Only values of at least this confidence.",
)
@dry_run_option
@as_option
@pass_environment
def command(
    environment: Environment, query: str, fields: tuple[str, ...], above: float, dry_run: bool
) -> int:
    """Accept the proposed values of the records that match QUERY.

    Without QUERY: of all records.
    """
    with environment.open(dry_run) as workspace:
        values, records = workspace.accept(query, fields, above)
    message = f"accepted {plural(values, 'value')} in {plural(records, 'record')}"
    say_done(environment, dry_run, message)
    return int(Status.DONE if values else Status.NOTHING)
