"""`litrev cite`."""

from __future__ import annotations

from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment
from litrev.cli.references import print_references, reference_options


@click.command("cite")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@reference_options
@pass_environment
def command(environment: Environment, /, keys: tuple[str, ...], **given: Any) -> int:
    """Print the formatted references of the records these KEYs name.

    Each is in its own language: 等 in Chinese ones, et al. in others. What metadata is missing is
    said, never filled in.
    """
    with environment.open() as workspace:
        ids = list(dict.fromkeys(workspace.resolve(key) for key in keys))
        return print_references(environment, workspace, ids, **given)
