"""`litrev add`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from litrev.cli.environment import Environment
from litrev.cli.imports import show_report, show_report_json
from litrev.cli.options import column_mapping, dry_run_option, json_option, pass_environment
from litrev.errors import Status, UsageFault

_SET_OTHERWISE = {"abstract", "key", "tags", "entrytype"}


def _old_spelling(old: str, parameter_name: str) -> Callable[..., Any]:
    """A hidden option of an earlier release, which gives a parameter its value.

    The option of today wins where both are given.
    """

    def set_default(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.default_map = {**(context.default_map or {}), parameter_name: value}

    # Eager: the default must be there before the option of today is looked at.
    return click.option(
        old,
        f"old_{parameter_name}",
        hidden=True,
        is_eager=True,
        expose_value=False,
        callback=set_default,
    )


@click.command("add")
@click.argument("files", nargs=-1, metavar="[FILE...|-]")
@click.option(
    "--bib",
    "bibs",
    multiple=True,
    metavar="META.bib",
    help="Add metadata to the abstracts, by key or by file name.",
)
@click.option(
    "-s",
    "--set",
    "assignments",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Set a BibTeX field of the new records.",
)
@click.option("--type", "entry_type", metavar="TYPE", help="The entry type, such as thesis.")
@click.option("--key", metavar="KEY", help="The citation key, if one record is added.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="Tag the new records.")
@click.option(
    "--database",
    metavar="NAME",
    help="The database that the records come from. It is kept with the import.",
)
@click.option(
    "--search-query",
    metavar="TEXT",
    help="The words that you searched the database with. They are kept with the import.",
)
@_old_spelling("--from", "database")
@_old_spelling("--found-by", "search_query")
@click.option(
    "-f",
    "--format",
    "forced",
    metavar="NAME",
    help="The format, if it is not recognised; --formats lists them.",
)
@click.option("--formats", is_flag=True, help="List the formats and exit.")
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="The column of a CSV or TSV file that holds a field.",
)
@click.option("--encoding", metavar="NAME", help="The encoding, if it is not recognised.")
@click.option("--again", is_flag=True, help="Add records again that were removed before.")
@click.option("--extract/--no-extract", default=None, help="Fill the structured fields, or not.")
@json_option
@dry_run_option
@pass_environment
def command(
    environment: Environment,
    files: tuple[str, ...],
    bibs: tuple[str, ...],
    assignments: tuple[str, ...],
    entry_type: str | None,
    key: str | None,
    tags: tuple[str, ...],
    database: str | None,
    search_query: str | None,
    forced: str | None,
    formats: bool,
    columns: tuple[str, ...],
    encoding: str | None,
    again: bool,
    extract: bool | None,
    as_json: bool,
    dry_run: bool,
) -> int:
    """Add abstracts, and exports of databases and reference managers, to the library.

    The format is recognised from the content: plain text, BibTeX, RIS, CSL-JSON, EndNote, PubMed,
    Web of Science, RefWorks, exports of CNKI and NoteExpress, CSV, TSV, a page pasted from a thesis
    database, NDJSON.

    If FILE is a folder, the files directly in it are added, if the suffix is that of a format.
    If FILE is -, standard input is read. Without FILE you can paste an abstract.

    A text file holds one abstract, or several that are separated by lines of ---. If the first line
    of an abstract is @key, it gives the citation key.
    """
    if formats:
        # Before a library is opened: there need not be one.
        return _list_formats(environment)
    fields = _fields(assignments)
    mapping = column_mapping(columns)
    with environment.open(dry_run) as workspace:
        texts = _texts(environment, files, bool(bibs))
        report = workspace.add(
            texts,
            [_file(environment, name) for name in bibs],
            key=key,
            entry_type=entry_type,
            fields=fields,
            tags=tags,
            database=database,
            search_query=search_query,
            again=again,
            format=forced,
            columns=mapping,
            encoding=encoding,
            extract=extract,
        )
        if as_json:
            show_report_json(environment, report)
        else:
            show_report(environment, report, dry_run)
    if report.conflicts:
        return int(Status.CONFLICT)
    return int(Status.QUARANTINED if report.quarantined else Status.DONE)


def _list_formats(environment: Environment) -> int:
    from litrev.workspace.importing import broken_plugins, formats

    for fmt in formats():
        uses = []
        if fmt.read:
            uses.append("read")
        if fmt.written:
            uses.append("written")
        environment.row((fmt.name, " and ".join(uses), " ".join(fmt.suffixes)))
    for fault in broken_plugins():
        environment.say(f"litrev: {fault}")
    return int(Status.DONE)


def _texts(
    environment: Environment, files: Sequence[str], has_metadata: bool
) -> list[Path | bytes]:
    """The files; without any what is pasted or piped, but for metadata that needs no abstract."""
    if not files and has_metadata:
        return []
    if not files and environment.stdin.isatty():
        end = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D on a new line"
        environment.say(
            f"Paste the abstract, then press {end} (a line of --- starts another abstract):"
        )
    if not files or list(files) == ["-"]:
        return [_standard_input(environment)]
    return [_file(environment, name) for name in files]


def _standard_input(environment: Environment) -> bytes:
    # Bytes, because their encoding is recognised later. A text stream of a caller has none below.
    buffer = getattr(environment.stdin, "buffer", None)
    if buffer:
        return bytes(buffer.read())
    return environment.stdin.read().encode("utf-8")


def _file(environment: Environment, name: str) -> Path:
    if not name:
        raise UsageFault(
            "an empty file name", "Name a file or a folder. Perhaps a shell variable is empty."
        )
    path = environment.path(name)
    if not path.exists():
        raise UsageFault(f"{name}: there is no such file", "Nothing was added.")
    return path


def _fields(assignments: Sequence[str]) -> dict[str, str]:
    fields = {}
    for assignment in assignments:
        name, sign, value = assignment.partition("=")
        if not sign or not name.isidentifier():
            raise UsageFault(
                f"-s {assignment!r} is not an assignment", "Write it as -s title='A title'."
            )
        if name.casefold() in _SET_OTHERWISE:
            raise UsageFault(
                f"-s does not set {name}",
                "Use --key, --type or --tag. The abstract is the text that you add.",
            )
        fields[name.casefold()] = value
    return fields
