"""`litrev sync`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from litrev.cli.environment import Environment
from litrev.cli.imports import show_remarks
from litrev.cli.options import dry_run_option, pass_environment, say_done
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
    help="Write the whole file in one layout: one field per line, UTF-8. Nothing is lost.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the result to FILE; - is standard output. The .bib file does not change.",
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
    """Exchange changes between the library and .bib files that were added before.

    Each field is compared by itself. A change in the file is read into the library. A change in the
    library is written into the file. If both changed, it is a conflict, and both stay as they are.
    All other bytes of the file stay. Without FILE: all linked files.
    """
    only_tried = dry_run or output is not None
    with environment.open(only_tried) as workspace:
        paths = [environment.path(name) for name in files] or workspace.linked_files()
        if not paths:
            raise UsageFault("which file?", "Name a .bib file that was added.")
        if output is not None and len(paths) != 1:
            raise UsageFault("-o is for one file", "Name one.")
        syncs = []
        for path in paths:
            sync = workspace.sync(path, structured=structured, canonical=canonical)
            syncs.append(sync)
            _show(environment, path.name, sync, only_tried)
            if output is not None:
                _write(environment, output, sync, force)
    return int(_status(syncs))


def _status(syncs: Sequence[Sync]) -> Status:
    """A conflict in any file counts before an entry of any file that could not be read."""
    status = Status.DONE
    for sync in syncs:
        if sync.report.conflicts or any(entry.serious for entry in sync.revised):
            return Status.CONFLICT
        if sync.report.quarantined and sync.report.added:
            status = Status.QUARANTINED
    return status


def _write(environment: Environment, output: str, sync: Sync, force: bool) -> None:
    from litrev.library.storage.atomic_files import write_bytes

    buffer = getattr(environment.stdout, "buffer", None)
    if output == "-" and buffer is not None and not environment.terminal:
        # The bytes as they are: the file's encoding need not be that of stdout.
        environment.stdout.flush()
        buffer.write(sync.data)
    elif output == "-":
        environment.write("-", [sync.after.text])
    else:
        target = environment.path(output)
        if target.exists() and not force:
            raise Conflict(f"{output}: exists already", "Use --force to replace it.")
        write_bytes(target, sync.data)
        environment.inform(f"wrote {output}")


def _show(environment: Environment, name: str, sync: Sync, dry_run: bool) -> None:
    report = sync.report
    # A file that brings nothing new would have the same notes at each sync.
    has_news = bool(report.added or report.updated)
    remarks = [remark for remark in report.remarks if has_news or remark.kind != "note"]
    show_remarks(environment, remarks)
    verb = "would write" if dry_run else "wrote"
    for entry in sync.revised:
        if entry.reason:
            environment.say(f"{name}: {entry.key}: {entry.reason}")
        else:
            environment.inform(f"{name}: {entry.key}: {verb} {', '.join(entry.fields)}")
    read = len(report.added) + len(report.updated)
    written = len(sync.written)
    if read or written:
        total = f"{read} of its entries changed the library, {written} were changed by it"
    else:
        total = "nothing to do"
    say_done(environment, dry_run, f"{name}: {total}")
