"""`litrev save`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, json_option, pass_environment, query_argument, would
from litrev.errors import UsageFault


@click.command("save")
@click.argument("name", required=False)
@query_argument
@click.option("--rm", "remove", is_flag=True, help="Forget the search.")
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
    """Give a query a name: @NAME stands for it wherever a query goes, as in `litrev table @recent`.

    Without a NAME the saved searches are listed.
    """
    with environment.open(dry_run) as workspace:
        if name is None:
            saved = workspace.saved_searches()
            if as_json:
                from litrev.library.render.json import SCHEMA, dump

                environment.stdout.write(dump({"schema": SCHEMA, "searches": saved}))
            for saved_name, saved_query in {} if as_json else saved.items():
                environment.row((f"@{saved_name}", saved_query))
            return
        name = name.removeprefix("@")
        if not query and not remove:
            raise UsageFault(
                f"what is @{name} to look for?", f"litrev save {name} QUERY, or --rm to forget it"
            )
        workspace.save_search(name, None if remove else query)
    would(environment, dry_run, f"@{name}: {'forgotten' if remove else query}")
