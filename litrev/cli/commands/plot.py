"""`litrev plot`."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from litrev.cli.environment import Environment
from litrev.cli.options import output_options, pass_environment, query_argument, two_columns
from litrev.cli.tables import ended
from litrev.errors import UsageFault

if TYPE_CHECKING:
    from litrev.library.synthesis.figures import Figure


@click.command("plot")
@click.argument("kind", metavar="years|methods|sites|map|chapters")
@query_argument
@click.option("--cross", metavar="A,B", help="The two columns of a map: methods,year.")
@click.option("--title", default="", help="A title above the figure.")
@output_options
@pass_environment
def command(
    environment: Environment,
    kind: str,
    query: str,
    cross: str | None,
    title: str,
    output: str | None,
    force: bool,
) -> int:
    """Draw a figure of the records that match QUERY.

    years, methods and sites count papers. map is an evidence map: it counts papers by two columns
    and shows the gaps. chapters shows chapters side by side.

    In a pipe the figure is SVG. -o FILE.svg or -o FILE.png writes a file.
    """
    suffix = PurePath(output or "").suffix.casefold()
    if output not in {None, "-"} and suffix not in {".svg", ".png"}:
        raise UsageFault(f"{output}: its suffix is not that of a figure", "Use .svg or .png.")
    with environment.open() as workspace:
        columns = two_columns(cross) if cross is not None else None
        figure = workspace.figure(kind, query, cross=columns, title=title)
        papers = workspace.count()
    if environment.terminal and output is None:
        _show(environment, figure)
    else:
        picture = workspace.draw(figure, "png" if suffix == ".png" else "svg")
        environment.write(output, [picture], force)
    return ended(environment, papers)


def _show(environment: Environment, figure: Figure) -> None:
    # Here and not at the top: a figure in a file needs no rich.
    from litrev.cli.views.bars import show_bars, show_map
    from litrev.cli.views.table import show_table
    from litrev.library.synthesis.figures import Bars, Map, tabled

    with environment.console() as console:
        if isinstance(figure, Bars):
            show_bars(console, figure)
        elif isinstance(figure, Map):
            show_map(console, figure)
        else:
            show_table(console, tabled(figure))
