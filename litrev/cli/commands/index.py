"""`litrev index`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment, plural
from litrev.errors import Status


@click.group("index", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Look after the search index, which otherwise looks after itself. Without a command: how it
    does.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(check)


@command.command("path")
@pass_environment
def path(environment: Environment) -> None:
    """Say where the index lies."""
    with environment.open() as workspace:
        environment.out(str(workspace.index_folder))


@command.command("check")
@json_option
@pass_environment
def check(environment: Environment, as_json: bool) -> int:
    """Look at every file of the index, and say how it does."""
    with environment.open() as workspace:
        health, in_step = workspace.index_health()
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        told = {
            "schema": SCHEMA, "documents": health.documents, "deleted": health.deleted, "segments": health.segments, "bytes": health.size,
            "in_step": in_step, "problems": list(health.problems),
        }  # fmt: skip
        environment.stdout.write(dump(told))
    else:
        environment.out(
            f"{plural(health.documents, 'record')} in {plural(health.segments, 'segment')}, {health.deleted:,} deleted, {health.size / 1e6:.1f} MB; "
            + ("in step with the library" if in_step else "the next search brings it into step")
        )
        for problem in health.problems:
            environment.say(f"litrev: {problem}; the next search builds the index anew")
    return int(Status.NOTHING if health.problems else Status.DONE)


@command.command("rebuild")
@pass_environment
def rebuild(environment: Environment) -> None:
    """Build the index anew."""
    with environment.open() as workspace:
        environment.did(f"indexed {plural(workspace.rebuild_index(), 'record')}")


@command.command("compact")
@pass_environment
def compact(environment: Environment) -> None:
    """Put all parts of the index into one, without what was deleted."""
    with environment.open() as workspace:
        environment.did(f"compacted to {workspace.compact_index() / 1e6:.1f} MB")
