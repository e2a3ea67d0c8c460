"""`litrev list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, ndjson_option, pass_environment, query_argument
from litrev.errors import Status
from litrev.text.display import visible

if TYPE_CHECKING:
    from litrev.library.model.record import Record
    from litrev.workspace.workspace import Workspace


@click.command("list")
@query_argument
@click.option("-k", "--keys", is_flag=True, help="Print only the keys.")
@click.option(
    "--sort",
    metavar="NAME",
    help="year, key, title, author, added or relevance. -year reverses the order.",
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
    """List the records that match QUERY, or all.

    You can use the number of a row instead of the key, until the next list: `litrev show '#3'`.
    """
    with environment.open() as workspace:
        records = workspace.records(query, sort)
        workspace.remember_list(record.id for record in records)
        if as_json or as_ndjson:
            _show_json(environment, workspace, records, lines=as_ndjson)
        elif keys:
            for record in records:
                environment.out(visible(record.key))
        elif environment.terminal:
            from litrev.cli.views.listing import show_list

            with environment.console() as console:
                show_list(console, records)
        else:
            _show_rows(environment, records)
    if records:
        return int(Status.DONE)
    environment.inform("the library is empty; `litrev add FILE` adds abstracts")
    return int(Status.NOTHING)


def _show_json(
    environment: Environment, workspace: Workspace, records: Sequence[Record], *, lines: bool
) -> None:
    from litrev.library.render.json import SCHEMA, dump
    from litrev.library.render.json import record as as_dict

    cells = workspace.cells_of(records)
    rows = [as_dict(record, cells[record.id]) for record in records]
    if lines:
        environment.write(None, [dump(row, indent=None) for row in rows])
    else:
        environment.write(None, [dump({"schema": SCHEMA, "records": rows})])


def _show_rows(environment: Environment, records: Sequence[Record]) -> None:
    for number, record in enumerate(records, 1):
        year = record.year or ""
        label = record.label(120)
        environment.row((f"#{number}", record.key, year, record.entry_type, label))
