"""`litrev review`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import as_option, pass_environment, plural, query_argument
from litrev.cli.screens.review import ReviewScreen
from litrev.errors import UsageFault


@click.command("review")
@query_argument
@as_option
@pass_environment
def command(environment: Environment, query: str) -> None:
    """Decide on proposed values, with one key for each answer. Each answer is saved at once.

    The screen shows the abstract of a record with the evidence of each field. It asks about
    undecided values, the least certain first, then about empty fields. Press ? to see the keys.
    """
    is_terminal = environment.stdin.isatty() and environment.terminal
    if not is_terminal or environment.environ.get("TERM") == "dumb":
        raise UsageFault(
            "review needs a terminal with a screen",
            "Without one, use `litrev accept`, `litrev set` or `litrev edit`.",
        )
    with environment.open() as workspace:
        review = workspace.review(query)
        ReviewScreen(environment, review).run()
    environment.inform(f"{plural(len(review.done), 'answer')} saved")
