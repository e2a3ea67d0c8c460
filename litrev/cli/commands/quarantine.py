"""`litrev quarantine`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, json_option, pass_environment, plural, say_done
from litrev.errors import Status
from litrev.library.storage.quarantine import Quarantined

_JSON_FIELDS = ("id", "kind", "file", "line", "reason", "raw")


@click.group("quarantine", invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """List input that could not be read, and conflicts with files, with file, line and reason.

    Print the text of an entry, correct it and add it again. Then settle the entry.
    """
    if context.invoked_subcommand:
        return int(Status.DONE)
    environment: Environment = context.obj
    with environment.open() as workspace:
        entries = workspace.quarantine()
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        rows = [_as_dict(entry) for entry in entries]
        environment.stdout.write(dump({"schema": SCHEMA, "quarantine": rows}))
    else:
        for entry in entries:
            environment.row((entry.id[:8], f"{entry.file}:{entry.line}", entry.kind, entry.reason))
    if entries:
        environment.inform(plural(len(entries), "entry", "entries"))
    else:
        environment.inform("nothing is in quarantine")
    return int(Status.DONE)


def _as_dict(entry: Quarantined) -> dict[str, object]:
    return {name: getattr(entry, name) for name in _JSON_FIELDS}


@command.command("print")
@click.argument("start", metavar="ID")
@pass_environment
def print_(environment: Environment, start: str) -> None:
    """Print the text of an entry as it was read."""
    with environment.open() as workspace:
        environment.write(None, [workspace.quarantined(start).raw])


@command.command("settle")
@click.argument("starts", nargs=-1, required=True, metavar="ID...")
@dry_run_option
@pass_environment
def settle(environment: Environment, starts: tuple[str, ...], dry_run: bool) -> None:
    """Remove entries from the list.

    Do this when you have corrected and added them, or do not need them. If you settle a conflict,
    the value of the library is kept. The next sync writes it into the file.
    """
    with environment.open(dry_run) as workspace:
        workspace.settle(starts)
    say_done(environment, dry_run, f"settled {plural(len(starts), 'entry', 'entries')}")
