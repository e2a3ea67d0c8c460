"""`litrev like`."""

from __future__ import annotations

import click

from litrev.cli.answers import show_answer
from litrev.cli.environment import Environment
from litrev.cli.options import json_option, ndjson_option, pass_environment
from litrev.errors import Status


@click.command("like")
@click.argument("pointer", metavar="KEY")
@click.option(
    "-l",
    "--limit",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Show at most this many records.",
)
@click.option("-k", "--keys", is_flag=True, help="Print only the keys.")
@json_option
@ndjson_option
@pass_environment
def command(
    environment: Environment, pointer: str, limit: int, keys: bool, as_json: bool, as_ndjson: bool
) -> int:
    """Find the records most similar to one.

    Compared are the most characteristic words of titles, keywords and abstracts.
    """
    with environment.open() as workspace:
        answer = workspace.like(pointer, limit)
        workspace.remember_list(match.record.id for match in answer.matches)
    show_answer(environment, answer, pointer, keys=keys, as_json=as_json, as_ndjson=as_ndjson)
    if not answer.matches:
        environment.inform(f"no record is similar to {pointer}")
    return int(Status.DONE if answer.matches else Status.NOTHING)
