"""`litrev completion`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script of your shell.

    For bash: litrev completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    environment: Environment = context.obj
    completion_class = get_completion_class(shell)
    assert completion_class is not None
    # The variable is the one that _run() in main.py looks for.
    completion = completion_class(context.find_root().command, {}, "litrev", "_LITREV_COMPLETE")
    environment.stdout.write(completion.source())
