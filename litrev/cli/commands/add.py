"""`litrev add`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from litrev.cli.environment import Environment
from litrev.cli.imports import show_report, show_report_json
from litrev.cli.options import column_mapping, dry_run_option, json_option, pass_environment
from litrev.errors import Status, UsageFault


@click.command("add")
@click.argument("files", nargs=-1, metavar="[FILE...|-]")
@click.option(
    "--bib",
    "bibs",
    multiple=True,
    metavar="META.bib",
    help="Join metadata to the abstracts, by key or by file name.",
)
@click.option(
    "-s",
    "--set",
    "assignments",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Set a BibTeX field of what is added.",
)
@click.option("--type", "entry_type", metavar="TYPE", help="The entry type, such as thesis.")
@click.option("--key", metavar="KEY", help="The citation key, when one record is added.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="Tag what is added.")
@click.option(
    "--from",
    "database",
    metavar="NAME",
    help="The database it was found in, for the import's record.",
)
@click.option("--found-by", "query", metavar="TEXT", help="The words it was searched by there.")
@click.option(
    "-f",
    "--format",
    "forced",
    metavar="NAME",
    help="The format, where it is not recognised; --formats lists them.",
)
@click.option("--formats", is_flag=True, help="List the formats, and end.")
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column of a CSV or TSV holds a field.",
)
@click.option("--encoding", metavar="NAME", help="The encoding, where it is not recognised.")
@click.option("--again", is_flag=True, help="Add anew what was removed from the library.")
@click.option("--extract/--no-extract", default=None, help="Fill the structured fields, or do not.")
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
    query: str | None,
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

    Of a folder the files directly in it are added, those that a format names by their suffix.

    A text file holds one abstract, or several between lines of ---; a first line @key gives an
    abstract its key. Without FILE on a terminal you are asked for a paste; - reads standard input.
    """
    if formats:
        return _list_formats(environment)
    fields, mapping = _fields(assignments), column_mapping(columns)
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
            search_query=query,
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
    return int(
        Status.CONFLICT
        if report.conflicts
        else Status.QUARANTINED
        if report.quarantined
        else Status.DONE
    )


def _list_formats(environment: Environment) -> int:
    from litrev.workspace.importing import broken_plugins, formats

    for fmt in formats():
        ways = " and ".join(
            way for way, does in (("read", fmt.read), ("written", fmt.written)) if does
        )
        environment.row((fmt.name, ways, " ".join(fmt.suffixes)))
    for fault in broken_plugins():
        environment.say(f"litrev: {fault}")
    return int(Status.DONE)


def _texts(environment: Environment, files: Sequence[str], joined: bool) -> list[Path | bytes]:
    if not files and joined:
        return []
    if not files and environment.stdin.isatty():
        end = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D on a line of its own"
        environment.say(f"Paste the abstract, then {end} ends it (a line of --- begins another):")
    if not files or list(files) == ["-"]:
        buffer = getattr(environment.stdin, "buffer", None)
        return [buffer.read() if buffer else environment.stdin.read().encode("utf-8")]
    return [_file(environment, name) for name in files]


def _file(environment: Environment, name: str) -> Path:
    if not name:
        raise UsageFault("an empty file name", "Name a file or a folder; a variable may be empty.")
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
                f"-s {assignment!r} is no assignment", "Write it as -s title='A title'."
            )
        if name.casefold() in {"abstract", "key", "tags", "entrytype"}:
            raise UsageFault(
                f"-s does not set {name}",
                "There are --key, --type and --tag; the abstract is what you add.",
            )
        fields[name.casefold()] = value
    return fields
