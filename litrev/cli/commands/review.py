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
    """Go through what is proposed, a key for each answer; everything is saved as you go.

    The screen shows a record's abstract with the evidence of each field, and asks for what is
    undecided, the least confident first, then for the empty fields. ? tells the keys.
    """
    terminal = environment.stdin.isatty() and environment.terminal
    if not terminal or environment.environ.get("TERM") == "dumb":
        raise UsageFault(
            "review needs a terminal with a screen",
            "Elsewhere there are `litrev accept`, `litrev set` and `litrev edit`.",
        )
    with environment.open() as workspace:
        review = workspace.review(query)
        ReviewScreen(environment, review).run()
    environment.did(f"{plural(len(review.done), 'answer')} saved")
