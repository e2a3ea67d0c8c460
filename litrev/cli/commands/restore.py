"""`litrev restore`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment
from litrev.errors import UsageFault


@click.command("restore")
@click.argument("file")
@pass_environment
def command(environment: Environment, file: str) -> None:
    """Replace the library by a backup.

    The library as it is now is kept as library.db.before-restore.
    """
    path = environment.path(file)
    if not path.is_file():
        raise UsageFault(
            f"{file}: there is no such file", "Name a file that `litrev backup` wrote."
        )
    with environment.open() as workspace:
        workspace.restore(path)
    environment.inform(
        f"restored from {file}; the library before is kept as library.db.before-restore"
    )
