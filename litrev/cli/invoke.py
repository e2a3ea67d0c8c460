"""Running a command without click's own handling of what goes wrong, which would hide our exit
statuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from litrev.cli.environment import Environment


def invoke(group: click.Command, words: Sequence[str], environment: Environment) -> Any:
    """Run the command ``words`` spell; what it returns. Whatever it raises comes through."""
    with group.make_context("litrev", list(words), obj=environment) as context:
        return group.invoke(context)
