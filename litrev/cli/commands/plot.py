"""`litrev plot`."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from litrev.cli.environment import Environment
from litrev.cli.options import output_options, pass_environment, query_argument
from litrev.cli.tables import ended
from litrev.errors import UsageFault

if TYPE_CHECKING:
    from litrev.library.synthesis.figures import Figure


@click.command("plot")
@click.argument("kind", metavar="years|methods|sites|map|chapters")
@query_argument
@click.option("--cross", metavar="A,B", help="The two columns of a map: methods,year.")
@click.option("--title", default="", help="A title above the picture.")
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
    """Draw the records QUERY means: papers by year, methods, sites, an evidence map, or chapters
    side by side.

    A map counts papers by two columns and shows the gaps. In a pipe, SVG; -o FILE.svg or FILE.png
    writes a file.
    """
    suffix = PurePath(output or "").suffix.casefold()
    if output not in {None, "-"} and suffix not in {".svg", ".png"}:
        raise UsageFault(f"{output}: its suffix names no picture", "Use .svg or .png.")
    with environment.open() as workspace:
        figure = workspace.figure(kind, query, cross=_columns(cross), title=title)
        papers = workspace.count()
    if environment.terminal and output is None:
        _show(environment, figure)
    else:
        environment.write(
            output, [workspace.draw(figure, "png" if suffix == ".png" else "svg")], force
        )
    return ended(environment, papers)


def _columns(cross: str | None) -> tuple[str, str] | None:
    if cross is None:
        return None
    sides = [side.strip() for side in cross.split(",")]
    if len(sides) != 2 or not all(sides):
        raise UsageFault(
            "--cross counts two columns against each other", "Write it as --cross methods,year."
        )
    return sides[0], sides[1]


def _show(environment: Environment, figure: Figure) -> None:
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
