"""`litrev export`."""

from __future__ import annotations

from pathlib import Path, PurePath

import click

from litrev.cli.environment import Environment
from litrev.cli.options import column_mapping, output_options, pass_environment, query_argument
from litrev.errors import Status, UsageFault

_SUFFIXES = {
    ".bib": "bibtex",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".ris": "ris",
    ".json": "csl-json",
    ".enw": "endnote",
    ".csv": "csv",
    ".tsv": "tsv",
}


@click.command("export")
@query_argument
@click.option(
    "-f",
    "--format",
    "name",
    metavar="FORMAT",
    help="bibtex, biblatex, ris, csl-json, endnote, csv, tsv or ndjson.",
)
@click.option(
    "--cited",
    "manuscripts",
    multiple=True,
    metavar="FILE",
    help="Only works that the manuscript cites: .aux, .tex, .md, .qmd, .bcf.",
)
@click.option(
    "--ascii",
    "ascii_only",
    is_flag=True,
    help="BibTeX in ASCII, with other characters as LaTeX escapes.",
)
@click.option("--proposed", is_flag=True, help="Write proposed values too, not only decided ones.")
@click.option("--no-structured", is_flag=True, help="Leave the structured fields out.")
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="The columns of a CSV or TSV file, in this order.",
)
@output_options
@pass_environment
def command(
    environment: Environment,
    query: str,
    name: str | None,
    manuscripts: tuple[str, ...],
    ascii_only: bool,
    proposed: bool,
    no_structured: bool,
    columns: tuple[str, ...],
    output: str | None,
    force: bool,
) -> int:
    """Write the records that match QUERY, or all, in another format.

    BibTeX holds the metadata as it was written, with the @strings and crossref parents it needs,
    the abstract, and decided values in litrev-... fields. NDJSON holds everything: reading it gives
    the same library again.
    """
    if proposed and no_structured:
        raise UsageFault(
            "--proposed and --no-structured cannot be used together", "Choose one of them."
        )
    format_name = name or _SUFFIXES.get(PurePath(output or "").suffix.casefold())
    if format_name is None:
        raise UsageFault(
            "in which format?", "Name it with -f bibtex or -f ris, or with the suffix of -o FILE."
        )
    structured = "decided"
    if proposed:
        structured = "proposed"
    elif no_structured:
        structured = "none"
    mapping = column_mapping(columns)
    missing: list[str] = []
    with environment.open() as workspace:
        ids = None
        if manuscripts:
            files = [_manuscript(environment, file) for file in manuscripts]
            ids, missing = workspace.cited(files, query)
        export = workspace.export(
            format_name, query, ids=ids, structured=structured, ascii=ascii_only, columns=mapping
        )
        # While the library is open: the pieces are read from it as they are written.
        environment.write(output, export.pieces, force)
    if export.left_out:
        left_out = "; ".join(export.left_out)
        environment.inform(
            f"left out, because {format_name} cannot hold them: {left_out}"
            " (-f ndjson holds everything)"
        )
    for key in missing:
        environment.say(f"litrev: cited, but not in the library: {key}")
    return int(Status.NOTHING if missing else Status.DONE)


def _manuscript(environment: Environment, name: str) -> Path:
    path = environment.path(name)
    if not path.is_file():
        raise UsageFault(
            f"{name}: there is no such file", "Name the manuscript, or the .aux file LaTeX left."
        )
    return path
