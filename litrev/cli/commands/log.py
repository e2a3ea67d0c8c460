"""`litrev log`."""

from __future__ import annotations

import json

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment
from litrev.library.storage.history import ChangeEntry, LogEntry


@click.command("log")
@click.argument("pointer", metavar="[KEY]", required=False)
@click.option(
    "-l",
    "--limit",
    type=click.IntRange(1, 1_000_000_000),
    default=50,
    show_default=True,
    help="The most operations to show.",
)
@json_option
@pass_environment
def command(environment: Environment, pointer: str | None, limit: int, as_json: bool) -> None:
    """Tell what was done, latest first; with KEY the story of one record, from its beginning."""
    with environment.open() as workspace:
        if pointer:
            rows = [_change(entry, told) for entry, told in workspace.story(pointer)]
        else:
            rows = [_operation(entry) for entry in workspace.log(limit)]
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        environment.stdout.write(dump({"schema": SCHEMA, "log": rows}))
        return
    for row in rows:
        environment.row(
            value for name, value in row.items() if name not in {"what", "before", "after"}
        )


def _operation(entry: LogEntry) -> dict[str, object]:
    state = (
        "undone"
        if entry.undone
        else "undo"
        if entry.undoes
        else "unfinished"
        if entry.finished is None
        else ""
    )
    return {
        "id": entry.id[:8],
        "at": entry.started,
        "by": entry.actor,
        "changes": entry.changes,
        "command": entry.command,
        "state": state,
    }


def _change(entry: ChangeEntry, told: str) -> dict[str, object]:
    return {
        "id": entry.operation[:8], "at": entry.at, "by": entry.actor, "told": told, "what": entry.slot.describe(),
        "before": _short(entry.before), "after": _short(entry.after), "command": entry.command,
    }  # fmt: skip


def _short(value: object) -> str:
    text = (
        ""
        if value is None
        else value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False)
    )
    return text if len(text) <= 100 else text[:99] + "…"
