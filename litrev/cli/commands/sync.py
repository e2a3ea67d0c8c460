"""`litrev sync`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.imports import show_remarks
from litrev.cli.options import dry_run_option, pass_environment, would
from litrev.errors import Conflict, Status, UsageFault
from litrev.library.importing.sync import Sync


@click.command("sync")
@click.argument("files", nargs=-1, metavar="FILE.bib...")
@click.option(
    "--structured",
    is_flag=True,
    help="Write decided values of the structured fields too, as litrev-methods = {...}.",
)
@click.option(
    "--canonical",
    is_flag=True,
    help="Lay the whole file out anew: a field a line, UTF-8, nothing dropped.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the result to FILE (- is stdout); the .bib file and the library stay as they are.",
)
@click.option("--force", is_flag=True, help="Replace the output file if it exists.")
@dry_run_option
@pass_environment
def command(
    environment: Environment,
    files: tuple[str, ...],
    structured: bool,
    canonical: bool,
    output: str | None,
    force: bool,
    dry_run: bool,
) -> int:
    """Read a .bib file that was added once again, and write into it what was changed in the library
    since.

    Each field by itself: what was changed in the file comes in, what was changed here goes out,
    what both changed is a conflict and stays as it is on both sides. Every byte that was not
    changed stays. Without FILE: all linked files.
    """
    status = Status.DONE
    with environment.open(dry_run or output is not None) as workspace:
        paths = [environment.path(name) for name in files] or workspace.linked_files()
        if not paths:
            raise UsageFault("which file?", "Name a .bib file that was added.")
        if output is not None and len(paths) != 1:
            raise UsageFault("-o is for one file", "Name one.")
        for path in paths:
            done = workspace.sync(path, structured=structured, canonical=canonical)
            _show(environment, path.name, done, dry_run or output is not None)
            if done.report.conflicts or any(entry.serious for entry in done.revised):
                status = Status.CONFLICT
            elif done.report.quarantined and status is Status.DONE and done.report.added:
                status = Status.QUARANTINED
            if output is not None:
                _write(environment, output, done, force)
    return int(status)


def _write(environment: Environment, output: str, done: Sync, force: bool) -> None:
    from litrev.library.storage.atomic_files import write_bytes

    buffer = getattr(environment.stdout, "buffer", None)
    if output == "-" and buffer is not None and not environment.terminal:
        environment.stdout.flush()
        buffer.write(done.data)
    elif output == "-":
        environment.write("-", [done.after.text])
    else:
        target = environment.path(output)
        if target.exists() and not force:
            raise Conflict(f"{output}: exists already", "Use --force to replace it.")
        write_bytes(target, done.data)
        environment.did(f"wrote {output}")


def _show(environment: Environment, name: str, done: Sync, dry_run: bool) -> None:
    show_remarks(
        environment,
        [
            remark
            for remark in done.report.remarks
            if remark.kind != "note" or done.report.added or done.report.updated
        ],
    )
    for entry in done.revised:
        if entry.reason:
            environment.say(f"{name}: {entry.key}: {entry.reason}")
        else:
            environment.did(
                f"{name}: {entry.key}: {'would write' if dry_run else 'wrote'} {', '.join(entry.fields)}"
            )
    came = len(done.report.added) + len(done.report.updated)
    went = len(done.written)
    says = (
        f"{name}: {came} of its entries changed the library, {went} were changed by it"
        if came or went
        else f"{name}: nothing to do"
    )
    would(environment, dry_run, says)
