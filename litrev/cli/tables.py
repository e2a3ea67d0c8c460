"""What every command that makes a table has in common: its options, and where the table goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from litrev.cli.environment import Environment
from litrev.cli.options import output_options
from litrev.errors import Status

if TYPE_CHECKING:
    from litrev.library.model.record import ItemState
    from litrev.library.synthesis.model import Table

F = TypeVar("F", bound=Callable[..., Any])

_ON_SCREEN = 140  # characters of one item on a terminal, unless asked otherwise
_STATES = {"accepted": "DECIDED", "proposed": "PROPOSED", "disputed": "DISPUTED"}


class TableOptions(NamedTuple):
    """How a table is to be written."""

    format: str | None
    output: str | None
    force: bool
    max_chars: int | None
    standalone: bool
    cite: str


def _states(
    _context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]
) -> list[ItemState]:
    from litrev.library.model.record import ItemState

    return [ItemState[_STATES[name]] for name in names]


def state_option(function: F) -> F:
    """--state."""
    kinds = click.Choice(list(_STATES))
    return click.option(
        "--state",
        "states",
        type=kinds,
        multiple=True,
        callback=_states,
        help="Only values that are so; may be given again.",
    )(function)


def table_options(function: F) -> F:
    """Title, states, orientation, format and file of a table; the function gets ``states`` and
    ``wanted`` for the last.
    """

    def collected(*args: Any, **given: Any) -> Any:
        wanted = TableOptions(
            given.pop("name"),
            given.pop("output"),
            given.pop("force"),
            given.pop("max_chars"),
            given.pop("standalone"),
            given.pop("cite"),
        )
        return function(*args, wanted=wanted, **given)

    collected.__name__, collected.__doc__ = function.__name__, function.__doc__
    collected.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]  # where click keeps what is declared
    options = (
        click.option("--title", default="", help="A title above the table."),
        state_option,
        click.option(
            "--transpose", "transposed", is_flag=True, help="A column a paper, a row a field."
        ),
        click.option(
            "--max-chars",
            type=click.IntRange(2),
            help=f"Cut items to this many characters, marked by …  [on a terminal: {_ON_SCREEN}]",
        ),
        click.option(
            "-f",
            "--format",
            "name",
            metavar="FORMAT",
            help="terminal, markdown, latex, csv, tsv, xlsx, docx, html or json.",
        ),
        click.option(
            "--standalone", is_flag=True, help="LaTeX: a document of its own, for XeLaTeX."
        ),
        click.option(
            "--cite",
            default="",
            metavar="COMMAND",
            help="LaTeX: cite, textcite, parencite, … or none for the plain key.",
        ),
        output_options,
    )
    made: Any = collected
    for option in reversed(options):
        made = option(made)
    return made  # type: ignore[no-any-return]


def deliver(environment: Environment, wanted: TableOptions, make: Callable[[], Table]) -> int:
    """Make a table and show or write it as wanted; the exit status. What cannot be written is said
    before it is made.
    """
    from litrev.library.render import registry
    from litrev.library.render.rendering import Rendering
    from litrev.library.synthesis.model import shorten

    chosen = wanted.format or (
        registry.for_file(wanted.output) if wanted.output and wanted.output != "-" else "terminal"
    )
    render = registry.renderer(chosen) if chosen != "terminal" else None
    table = make()
    limit = wanted.max_chars or (_ON_SCREEN if render is None and environment.terminal else None)
    table = shorten(table, limit) if limit else table
    if render:
        environment.write(
            wanted.output, [render(table, Rendering(wanted.standalone, wanted.cite))], wanted.force
        )
    elif environment.terminal and not wanted.output:
        from litrev.cli.views.table import show_table

        with environment.console() as console:
            show_table(console, table)
    else:
        from litrev.cli.plain import table_rows

        environment.write(
            wanted.output, ["\t".join(row) + "\n" for row in table_rows(table)], wanted.force
        )
    return ended(environment, len(table.rows))


def ended(environment: Environment, count: int) -> int:
    """The exit status of what shows ``count`` papers or more; where there are none, that is said."""
    if not count:
        environment.did(
            "there is nothing to show; `litrev add FILE` brings abstracts in, `litrev extract` searches them"
        )
    return int(Status.DONE if count else Status.NOTHING)
