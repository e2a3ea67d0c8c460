"""What every command that makes a table has in common: its options, and where the table goes."""

from __future__ import annotations

import functools
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
# Names of ItemState and not its members: the model is not imported before it is needed.
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
    return click.option(
        "--state",
        "states",
        type=click.Choice(list(_STATES)),
        multiple=True,
        callback=_states,
        help="Only values in this state; may be given several times.",
    )(function)


_OPTIONS = (
    click.option("--title", default="", help="A title above the table."),
    state_option,
    click.option(
        "--transpose", "transposed", is_flag=True, help="One column per paper, one row per field."
    ),
    click.option(
        "--max-chars",
        type=click.IntRange(2),
        help=f"Cut items to this many characters; … marks the cut.  [on a terminal: {_ON_SCREEN}]",
    ),
    click.option(
        "-f",
        "--format",
        "name",
        metavar="FORMAT",
        help="terminal, markdown, latex, csv, tsv, xlsx, docx, html or json.",
    ),
    click.option("--standalone", is_flag=True, help="LaTeX: a complete document, for XeLaTeX."),
    click.option(
        "--cite",
        default="",
        metavar="COMMAND",
        help="LaTeX: cite, textcite, parencite, … or none for the plain key.",
    ),
    output_options,
)


def table_options(function: F) -> F:
    """Title, states, orientation, format and file of a table.

    The function gets ``title``, ``states`` and ``transposed``, and the others as ``options``.
    """

    # Also hands on what click keeps in an attribute of the function: the options declared so far.
    @functools.wraps(function)
    def collect(*args: Any, **parameters: Any) -> Any:
        options = TableOptions(
            format=parameters.pop("name"),
            output=parameters.pop("output"),
            force=parameters.pop("force"),
            max_chars=parameters.pop("max_chars"),
            standalone=parameters.pop("standalone"),
            cite=parameters.pop("cite"),
        )
        return function(*args, options=options, **parameters)

    decorated: Any = collect
    # From the last to the first: an option that is applied later stands higher in the help.
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def deliver(environment: Environment, options: TableOptions, make: Callable[[], Table]) -> int:
    """Make a table and show or write it as ``options`` say; returns the exit status."""
    from litrev.library.render import registry
    from litrev.library.render.rendering import Rendering

    format_name = _format_name(options)
    # Before the table is made, so that a wrong format is refused at once.
    render = None if format_name == "terminal" else registry.renderer(format_name)
    table = make()
    if render:
        table = _cut(table, options.max_chars)
        text = render(table, Rendering(options.standalone, options.cite))
        environment.write(options.output, [text], options.force)
    else:
        limit = _ON_SCREEN if environment.terminal else None
        _show(environment, options, _cut(table, options.max_chars or limit))
    return ended(environment, len(table.rows))


def _format_name(options: TableOptions) -> str:
    from litrev.library.render import registry

    if options.format:
        return options.format
    if options.output and options.output != "-":
        return registry.for_file(options.output)
    return "terminal"


def _cut(table: Table, limit: int | None) -> Table:
    from litrev.library.synthesis.model import shorten

    return shorten(table, limit) if limit else table


def _show(environment: Environment, options: TableOptions, table: Table) -> None:
    """A grid or cards on a terminal, tab-separated rows elsewhere."""
    if environment.terminal and not options.output:
        from litrev.cli.views.table import show_table

        with environment.console() as console:
            show_table(console, table)
    else:
        from litrev.cli.plain import table_rows

        lines = ["\t".join(row) + "\n" for row in table_rows(table)]
        environment.write(options.output, lines, options.force)


def ended(environment: Environment, count: int) -> int:
    """The exit status of a command that shows ``count`` papers; says when there are none."""
    if count:
        return int(Status.DONE)
    environment.inform(
        "there is nothing to show; `litrev add FILE` adds abstracts, `litrev extract` searches them"
    )
    return int(Status.NOTHING)
