"""`litrev link`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment
from litrev.errors import Status, UsageFault


@click.command("link")
@click.argument("files", nargs=-1, metavar="FILE.bib...")
@click.option("--remove", is_flag=True, help="Let the files no longer follow.")
@pass_environment
def command(environment: Environment, files: tuple[str, ...], remove: bool) -> int:
    """Let a .bib file that was added follow the library: each change to a record goes into it at
    once.

    What was changed in the file by hand comes into the library at the same time; what both changed
    is shown and left alone. Without FILE: list the files that follow. That they may is kept in your
    own config, beside `litrev config`.
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
                environment.did(f"{name} no longer follows")
            else:
                done = workspace.link(path)
                if done.report.conflicts:
                    environment.conflicted = True
                environment.did(f"{name} follows this library from now on")
    return int(Status.DONE)
