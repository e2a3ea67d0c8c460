"""`litrev index`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment, plural
from litrev.errors import Status


@click.group("index", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Check, rebuild or compact the search index.

    The index updates itself; you rarely need this. Without a command the index is checked.
    """
    if context.invoked_subcommand is None:
        context.invoke(check)


@command.command("path")
@pass_environment
def path(environment: Environment) -> None:
    """Show where the index is."""
    with environment.open() as workspace:
        environment.out(str(workspace.index_folder))


@command.command("check")
@json_option
@pass_environment
def check(environment: Environment, as_json: bool) -> int:
    """Check every file of the index, and show its size and state."""
    with environment.open() as workspace:
        health, in_step = workspace.index_health()
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        data = {
            "schema": SCHEMA,
            "documents": health.documents,
            "deleted": health.deleted,
            "segments": health.segments,
            "bytes": health.size,
            "in_step": in_step,
            "problems": list(health.problems),
        }
        environment.stdout.write(dump(data))
    else:
        records = plural(health.documents, "record")
        segments = plural(health.segments, "segment")
        size = f"{health.size / 1e6:.1f} MB"
        state = "up to date" if in_step else "the next search updates it"
        environment.out(f"{records} in {segments}, {health.deleted:,} deleted, {size}; {state}")
        for problem in health.problems:
            environment.say(f"litrev: {problem}; the next search rebuilds the index")
    return int(Status.NOTHING if health.problems else Status.DONE)


@command.command("rebuild")
@pass_environment
def rebuild(environment: Environment) -> None:
    """Build the index again from the library."""
    with environment.open() as workspace:
        environment.inform(f"indexed {plural(workspace.rebuild_index(), 'record')}")


@command.command("compact")
@pass_environment
def compact(environment: Environment) -> None:
    """Merge all parts of the index into one, without deleted records."""
    with environment.open() as workspace:
        environment.inform(f"compacted to {workspace.compact_index() / 1e6:.1f} MB")
