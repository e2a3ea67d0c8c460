"""`litrev link`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment
from litrev.errors import Status, UsageFault


@click.command("link")
@click.argument("files", nargs=-1, metavar="FILE.bib...")
@click.option("--remove", is_flag=True, help="Stop updating the files.")
@pass_environment
def command(environment: Environment, files: tuple[str, ...], remove: bool) -> int:
    """Update a .bib file that was added before, whenever the library changes.

    Each change to a record is written into the file at once. Changes that you make in the file are
    read into the library at the same time. If both changed the same field, the conflict is shown
    and that field is left alone. Without FILE: list the linked files.

    Links are kept in your own config (`litrev config` shows where), not in the library.
    """
    with environment.open() as workspace:
        if not files:
            if remove:
                raise UsageFault("which file?", "Name the .bib file.")
            for path in workspace.linked_files():
                environment.out(str(path))
        for name in files:
            path = environment.path(name)
            if remove:
                workspace.unlink(path)
                environment.inform(f"{name} is no longer linked")
                continue
            sync = workspace.link(path)
            if sync.report.conflicts:
                environment.conflicted = True
            environment.inform(f"{name} is linked: it follows this library from now on")
    return int(Status.DONE)
