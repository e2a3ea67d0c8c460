"""`litrev save`."""

from __future__ import annotations

from collections.abc import Mapping

import click

from litrev.cli.environment import Environment
from litrev.cli.options import (
    dry_run_option,
    json_option,
    pass_environment,
    query_argument,
    say_done,
)
from litrev.errors import UsageFault


@click.command("save")
@click.argument("name", required=False)
@query_argument
@click.option("--rm", "remove", is_flag=True, help="Remove the saved search.")
@dry_run_option
@json_option
@pass_environment
def command(
    environment: Environment,
    name: str | None,
    query: str,
    remove: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Save QUERY under a name. @NAME then stands for it in every query: `litrev table @recent`.

    Without NAME: list the saved searches.
    """
    with environment.open(dry_run) as workspace:
        if name is None:
            _list(environment, workspace.saved_searches(), as_json)
            return
        name = name.removeprefix("@")
        if not query and not remove:
            raise UsageFault(
                f"what should @{name} search for?",
                f"Write litrev save {name} QUERY, or --rm to remove it.",
            )
        workspace.save_search(name, None if remove else query)
    say_done(environment, dry_run, f"@{name}: {'removed' if remove else query}")


def _list(environment: Environment, searches: Mapping[str, str], as_json: bool) -> None:
    if as_json:
        from litrev.library.render.json import SCHEMA, dump

        environment.stdout.write(dump({"schema": SCHEMA, "searches": searches}))
        return
    for name, query in searches.items():
        environment.row((f"@{name}", query))
