"""`litrev export`."""

from __future__ import annotations

from pathlib import PurePath

import click

from litrev.cli.environment import Environment
from litrev.cli.options import output_options, pass_environment, query_argument
from litrev.library.errors import UsageFault

_SUFFIXES = {".bib": "bibtex", ".ndjson": "ndjson", ".jsonl": "ndjson"}


@click.command("export")
@query_argument
@click.option("-f", "--format", "name", metavar="FORMAT", help="bibtex or ndjson.")
@click.option("--proposed", is_flag=True, help="Take proposed values along with the decided ones.")
@click.option("--no-structured", is_flag=True, help="Leave the structured fields out.")
@output_options
@pass_environment
def command(environment: Environment, query: str, name: str | None, proposed: bool, no_structured: bool, output: str | None, force: bool) -> None:
    """Write the records QUERY means, or all, as BibTeX or NDJSON.

    BibTeX carries metadata, abstract and decided values; NDJSON carries everything and reads back to the same library.
    """
    from litrev.library.formats.format import Options, Structured

    if proposed and no_structured:
        raise UsageFault("--proposed and --no-structured exclude each other", "Choose one of them.")
    chosen = name or _SUFFIXES.get(PurePath(output or "").suffix.casefold())
    if chosen is None:
        raise UsageFault("in which format?", "Name it with -f bibtex or -f ndjson, or with the suffix of -o FILE.")
    structured = Structured.PROPOSED if proposed else Structured.NONE if no_structured else Structured.DECIDED
    with environment.open() as workspace:
        export = workspace.export(chosen, query, Options(structured))
        environment.write(output, export.pieces, force)
    if export.left_out:
        environment.did(f"{chosen} cannot hold, and so left out: {'; '.join(export.left_out)} (-f ndjson holds everything)")
