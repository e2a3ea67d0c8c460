"""`litrev quarantine`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, json_option, pass_environment, plural, would
from litrev.errors import Status

_SHOWN = ("id", "kind", "file", "line", "reason", "raw")


@click.group("quarantine", invoke_without_command=True)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> int:
    """List what could not be read, and conflicts with files, with file, line and reason.

    Print an entry's text, correct it, add it again, then settle the entry.
    """
    if ctx.invoked_subcommand:
        return int(Status.DONE)
    environment: Environment = ctx.obj
    with environment.open() as workspace:
        entries = workspace.quarantine()
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        environment.stdout.write(
            dump(
                {
                    "schema": SCHEMA,
                    "quarantine": [
                        {name: getattr(entry, name) for name in _SHOWN} for entry in entries
                    ],
                }
            )
        )
    else:
        for entry in entries:
            environment.row((entry.id[:8], f"{entry.file}:{entry.line}", entry.kind, entry.reason))
    environment.did(
        plural(len(entries), "entry", "entries") if entries else "nothing is in quarantine"
    )
    return int(Status.DONE)


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
    """Take entries off the list, because they were corrected and added, or are not wanted.

    To settle a conflict says that the library's word stands: the next sync writes it into the file.
    """
    with environment.open(dry_run) as workspace:
        workspace.settle(starts)
    would(environment, dry_run, f"settled {plural(len(starts), 'entry', 'entries')}")
