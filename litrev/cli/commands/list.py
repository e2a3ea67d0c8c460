"""`litrev list`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, ndjson_option, pass_environment, query_argument
from litrev.errors import Status
from litrev.text.display import visible


@click.command("list")
@query_argument
@click.option("-k", "--keys", is_flag=True, help="Print keys alone.")
@click.option(
    "--sort",
    metavar="NAME",
    help="year, key, title, author, added or relevance; -year turns it round.",
)
@json_option
@ndjson_option
@pass_environment
def command(
    environment: Environment,
    query: str,
    keys: bool,
    sort: str | None,
    as_json: bool,
    as_ndjson: bool,
) -> int:
    """List the records QUERY means, or all.

    The numbers in front stand for the records until the next list: `litrev show '#3'`.
    """
    with environment.open() as workspace:
        records = workspace.records(query, sort)
        workspace.remember_list(record.id for record in records)
        if as_json or as_ndjson:
            from litrev.library.render.json import SCHEMA, dump
            from litrev.library.render.json import record as as_dict

            cells = workspace.cells_of(records)
            rows = [as_dict(r, cells[r.id]) for r in records]
            lines = (
                [dump(row, indent=None) for row in rows]
                if as_ndjson
                else [dump({"schema": SCHEMA, "records": rows})]
            )
            environment.write(None, lines)
        elif keys:
            for record in records:
                environment.out(visible(record.key))
        elif environment.terminal:
            from litrev.cli.views.listing import show_list

            with environment.console() as console:
                show_list(console, records)
        else:
            for number, record in enumerate(records, 1):
                environment.row(
                    (
                        f"#{number}",
                        record.key,
                        record.year or "",
                        record.entry_type,
                        record.label(120),
                    )
                )
    if not records:
        environment.did("the library is empty; `litrev add FILE` brings abstracts in")
    return int(Status.DONE if records else Status.NOTHING)
