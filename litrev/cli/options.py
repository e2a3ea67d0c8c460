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


def query_argument(function: F) -> F:
    """[QUERY]... as one text: words side by side mean AND."""
    return click.argument("query", nargs=-1, callback=lambda _c, _p, words: " ".join(words))(
        function
    )


def act_as(environment: Environment, name: str | None) -> None:
    """Let decisions from now on be this person's; raises UsageFault for what cannot name one."""
    if name is None:
        return
    from litrev.text.validity import is_person

    if not is_person(name):
        raise UsageFault(f"{name!r:.60} cannot name a person", "Give a name, as --as 'Anna K'.")
    environment.environ = {**environment.environ, "LITREV_USER": name}


def as_option(function: F) -> F:
    """--as NAME: whose decisions these are."""
    return click.option(
        "--as",
        "actor",
        metavar="NAME",
        expose_value=False,
        callback=lambda ctx, _p, name: act_as(ctx.obj, name),
        help="Decide as this person.",
    )(function)


def json_option(function: F) -> F:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON.")(function)


def ndjson_option(function: F) -> F:
    """--ndjson."""
    return click.option(
        "--ndjson", "as_ndjson", is_flag=True, help="Write JSON, an object a line."
    )(function)


def dry_run_option(function: F) -> F:
    """-n/--dry-run."""
    return click.option(
        "-n", "--dry-run", is_flag=True, help="Say what would be done, and do nothing."
    )(function)


def output_options(function: F) -> F:
    """-o FILE and --force."""
    function = click.option("--force", is_flag=True, help="Replace the file if it exists.")(
        function
    )
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to FILE; its suffix names the format. - is stdout.",
    )(function)


def column_mapping(columns: Sequence[str]) -> dict[str, str]:
    """What ``--map FIELD=COLUMN`` says; raises UsageFault for what names no column."""
    mapping = {}
    for column in columns:
        name, sign, heading = column.partition("=")
        if not sign or not is_field_name(name) or not heading.strip():
            raise UsageFault(
                f"--map {column!r} names no column", "Write it as --map title='Document Title'."
            )
        mapping[name.casefold()] = heading
    return mapping


def would(environment: Environment, dry_run: bool, text: str) -> None:
    """Say what was done, or with a dry run what would have been."""
    environment.did(f"(dry run, nothing was changed) {text}" if dry_run else text)


def plural(count: int, noun: str, many: str = "") -> str:
    """``count`` with its noun: 1 record, 2 records."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
