"""`litrev serve`."""

from __future__ import annotations

import threading

import click

from litrev.cli.environment import Environment
from litrev.cli.options import pass_environment, query_argument
from litrev.errors import LitrevError


@click.command("serve")
@query_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    help="The port to answer at; 0 is any that is free.",
)
@click.option("--title", default="", help="The heading of the page.")
@pass_environment
def command(environment: Environment, query: str, port: int, title: str) -> None:
    """Show the report of the records QUERY means live in your browser, until you press Ctrl-C.

    It is made anew at each visit, and has a form for other queries. Only this machine is answered;
    nothing is written.
    """
    from litrev.cli.serving import Page, Server, serve, status_of
    from litrev.library.render import report
    from litrev.workspace.reports import REPORT

    one_by_one = (
        threading.Lock()
    )  # a visitor who reads slowly keeps no other waiting, but reports are made in turn

    def make(asked: str | None) -> Page:
        wanted = query if asked is None else asked
        try:
            with one_by_one, environment.open() as workspace:
                return Page(workspace.report(wanted, title, live=True), report.policy(live=True))
        except LitrevError as fault:
            return Page(
                report.message(title or REPORT, str(fault), wanted),
                report.policy(live=True),
                status_of(fault),
            )

    with environment.open() as workspace:
        workspace.parse(query)
    server = Server(port, make, environment.say)
    environment.out(server.url)
    environment.stdout.flush()
    environment.did("Ctrl-C ends it")
    serve(server)
