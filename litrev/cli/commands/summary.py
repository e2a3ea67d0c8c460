"""`litrev summary`."""

from __future__ import annotations

from dataclasses import asdict

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment, query_argument


@click.command("summary")
@query_argument
@json_option
@pass_environment
def command(environment: Environment, query: str, as_json: bool) -> None:
    """Count the records QUERY means: by year, type, method and site, what is missing and what is undecided."""
    with environment.open() as workspace:
        summary = workspace.summary(query)
    if as_json:
        from litrev.library.output.json import SCHEMA, dump

        environment.stdout.write(dump({"schema": SCHEMA, **asdict(summary)}))
    elif environment.terminal:
        from litrev.cli.views.bars import show_summary

        with environment.console() as console:
            show_summary(console, summary)
    else:
        from litrev.cli.plain import summary_rows

        for row in summary_rows(summary):
            environment.row(row)
