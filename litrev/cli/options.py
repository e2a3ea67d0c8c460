"""Options that several commands share, so that they are spelled and explained alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from litrev.cli.environment import Environment
from litrev.errors import UsageFault
from litrev.text.validity import is_field_name

F = TypeVar("F", bound=Callable[..., Any])

pass_environment = click.pass_obj


def joined(_context: click.Context, _parameter: click.Parameter, words: Sequence[str]) -> str:
    """A callback: the words of an argument as one text."""
    return " ".join(words)


def query_argument(function: F) -> F:
    """[QUERY]... as one text: words side by side mean AND."""
    return click.argument("query", nargs=-1, callback=joined)(function)


def act_as(environment: Environment, name: str | None) -> None:
    """Let decisions from now on be this person's.

    Raises UsageFault when ``name`` cannot be the name of a person.
    """
    if name is None:
        return
    from litrev.text.validity import is_person

    if not is_person(name):
        raise UsageFault(f"{name!r:.60} cannot name a person", "Give a name, as --as 'Anna K'.")
    environment.environ = {**environment.environ, "LITREV_USER": name}


def as_option(function: F) -> F:
    """--as NAME: whose decisions these are."""
    # litrev itself has it too: people type it before the command or after it.
    return click.option(
        "--as",
        "actor",
        metavar="NAME",
        expose_value=False,
        callback=lambda context, _parameter, name: act_as(context.obj, name),
        help="Decide as this person.",
    )(function)


def json_option(function: F) -> F:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON.")(function)


def ndjson_option(function: F) -> F:
    """--ndjson."""
    return click.option(
        "--ndjson", "as_ndjson", is_flag=True, help="Write JSON, one object per line."
    )(function)


def dry_run_option(function: F) -> F:
    """-n/--dry-run."""
    return click.option(
        "-n", "--dry-run", is_flag=True, help="Say what would be done, but change nothing."
    )(function)


def output_options(function: F) -> F:
    """-o FILE and --force."""
    # --force first: an option that is applied later stands higher in the help.
    function = click.option("--force", is_flag=True, help="Replace the file if it exists.")(
        function
    )
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to FILE. Its suffix gives the format. - is standard output.",
    )(function)


def column_mapping(columns: Sequence[str]) -> dict[str, str]:
    """Fields and their columns, as ``--map FIELD=COLUMN`` gives them.

    Raises UsageFault when a text does not have that form.
    """
    mapping = {}
    for column in columns:
        name, sign, heading = column.partition("=")
        if not sign or not is_field_name(name) or not heading.strip():
            raise UsageFault(
                f"--map {column!r} does not name a column",
                "Write it as --map title='Document Title'.",
            )
        mapping[name.casefold()] = heading
    return mapping


def two_columns(cross: str) -> tuple[str, str]:
    """The columns that ``--cross A,B`` names; raises UsageFault when they are not two."""
    names = [name.strip() for name in cross.split(",")]
    if len(names) != 2 or not all(names):
        raise UsageFault(
            "--cross counts two columns against each other", "Write it as --cross methods,year."
        )
    return names[0], names[1]


def say_done(environment: Environment, dry_run: bool, text: str) -> None:
    """Say what was done, or with a dry run what would have been."""
    environment.inform(f"(dry run, nothing was changed) {text}" if dry_run else text)


def plural(count: int, noun: str, many: str = "") -> str:
    """``count`` with its noun: 1 record, 2 records."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
