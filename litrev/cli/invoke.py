"""Running a command without click's handling of errors, which would hide our exit statuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from litrev.cli.environment import Environment


def invoke(group: click.Command, words: Sequence[str], environment: Environment) -> Any:
    """Run the command that ``words`` spell and return its result; its exceptions come through."""
    with group.make_context("litrev", list(words), obj=environment) as context:
        return group.invoke(context)
