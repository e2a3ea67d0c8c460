"""`litrev log`."""

from __future__ import annotations

import json

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment
from litrev.library.storage.history import ChangeEntry, LogEntry

_JSON_ONLY = {"what", "before", "after"}


@click.command("log")
@click.argument("pointer", metavar="[KEY]", required=False)
@click.option(
    "-l",
    "--limit",
    type=click.IntRange(1, 1_000_000_000),
    default=50,
    show_default=True,
    help="Show at most this many operations.",
)
@json_option
@pass_environment
def command(environment: Environment, pointer: str | None, limit: int, as_json: bool) -> None:
    """Show what was done, latest first. With KEY: the history of one record, earliest first."""
    with environment.open() as workspace:
        if pointer:
            rows = [_change(entry, text) for entry, text in workspace.story(pointer)]
        else:
            rows = [_operation(entry) for entry in workspace.log(limit)]
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        environment.stdout.write(dump({"schema": SCHEMA, "log": rows}))
        return
    for row in rows:
        environment.row(value for name, value in row.items() if name not in _JSON_ONLY)


def _operation(entry: LogEntry) -> dict[str, object]:
    return {
        "id": entry.id[:8],
        "at": entry.started,
        "by": entry.actor,
        "changes": entry.changes,
        "command": entry.command,
        "state": _state(entry),
    }


def _state(entry: LogEntry) -> str:
    if entry.undone:
        return "undone"
    if entry.undoes:
        return "undo"
    return "unfinished" if entry.finished is None else ""


def _change(entry: ChangeEntry, text: str) -> dict[str, object]:
    return {
        "id": entry.operation[:8],
        "at": entry.at,
        "by": entry.actor,
        "told": text,
        "what": entry.slot.describe(),
        "before": _short(entry.before),
        "after": _short(entry.after),
        "command": entry.command,
    }


def _short(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else text[:99] + "…"
