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
def command(environment: Environment, /, keys: tuple[str, ...], **options: Any) -> int:
    """Print the formatted references of records.

    Each reference is in its own language: 等 in Chinese ones, et al. in others. Missing metadata is
    reported, and never made up.
    """
    with environment.open() as workspace:
        ids = [workspace.resolve(key) for key in keys]
        ids = list(dict.fromkeys(ids))  # each once, in the order given
        return print_references(environment, workspace, ids, **options)
