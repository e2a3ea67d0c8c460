"""`litrev completion`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of your shell.

    For bash: litrev completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    environment: Environment = ctx.obj
    kind = get_completion_class(shell)
    assert kind is not None
    environment.stdout.write(
        kind(ctx.find_root().command, {}, "litrev", "_LITREV_COMPLETE").source()
    )
