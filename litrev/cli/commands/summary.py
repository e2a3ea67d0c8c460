"""`litrev summary`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment, query_argument

if TYPE_CHECKING:
    from litrev.workspace.workspace import Workspace


@click.command("summary")
@query_argument
@json_option
@pass_environment
def command(environment: Environment, query: str, as_json: bool) -> None:
    """Count the records that match QUERY by year, type, method and site.

    Missing metadata and undecided values are counted too. With a single KEY: show that paper in one
    screen, with its reference and the first values of each field.
    """
    with environment.open() as workspace:
        record_id = workspace.exact(query)
        if record_id is not None:
            _show_paper(environment, workspace, record_id, as_json)
            return
        summary = workspace.summary(query)
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        environment.stdout.write(dump({"schema": SCHEMA, **asdict(summary)}))
    elif environment.terminal:
        from litrev.cli.views.bars import show_summary

        with environment.console() as console:
            show_summary(console, summary)
    else:
        from litrev.cli.plain import summary_rows

        for row in summary_rows(summary):
            environment.row(row)


def _show_paper(
    environment: Environment, workspace: Workspace, record_id: str, as_json: bool
) -> None:
    record = workspace.record(record_id)
    cells = workspace.cells(record_id)
    headings = {field.name: field.heading for field in workspace.codebook().fields}
    if as_json:
        from litrev.library.render.json import dump
        from litrev.library.render.json import record as as_dict

        environment.stdout.write(dump(as_dict(record, cells)))
    elif environment.terminal:
        from litrev.cli.views.card import show_paper

        with environment.console() as console:
            show_paper(console, record, cells, headings, environment.height)
    else:
        from litrev.cli.plain import card

        environment.stdout.write(card(record._replace(abstract=None), cells, headings))
