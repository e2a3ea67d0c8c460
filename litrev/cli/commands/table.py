"""`litrev table`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import output_options, pass_environment, query_argument
from litrev.library.errors import Status

_ON_SCREEN = 140  # characters of one item on a terminal, unless asked otherwise


@click.command("table")
@query_argument
@click.option("-c", "--columns", metavar="A,B,…", help="Columns: key, year, author, title, … and the structured fields.")
@click.option("--sort", metavar="NAME", help="year, key, title, author or added; -year turns it round.")
@click.option("--title", default="", help="A title above the table.")
@click.option("--max-chars", type=click.IntRange(2), help=f"Cut items to this many characters, marked by …  [on a terminal: {_ON_SCREEN}]")
@click.option("-f", "--format", "name", metavar="FORMAT", help="terminal, markdown, csv or json.")
@output_options
@pass_environment
def command(
    environment: Environment, query: str, columns: str | None, sort: str | None, title: str, max_chars: int | None, name: str | None,
    output: str | None, force: bool,
) -> int:  # fmt: skip
    """Make a synthesis table of the records QUERY means: a row a paper, a column a field.

    ? marks what is only proposed, · what was searched in vain, — what is not reported.
    """
    from litrev.library.output import registry
    from litrev.library.synthesis.table import shorten

    chosen = name or (registry.for_file(output) if output and output != "-" else "terminal")
    render = registry.renderer(chosen) if chosen != "terminal" else None
    with environment.open() as workspace:
        table = workspace.table(query, columns.split(",") if columns else None, title, sort)
    limit = max_chars or (_ON_SCREEN if render is None and environment.terminal else None)
    table = shorten(table, limit) if limit else table
    if render:
        environment.write(output, [render(table)], force)
    elif environment.terminal and not output:
        from litrev.cli.views.table import show_table

        with environment.console() as console:
            show_table(console, table)
    else:
        from litrev.cli.plain import table_rows

        environment.write(output, ["\t".join(row) + "\n" for row in table_rows(table)], force)
    if not table.rows:
        environment.did("the library is empty; `litrev add FILE` brings abstracts in")
    return int(Status.DONE if table.rows else Status.NOTHING)
