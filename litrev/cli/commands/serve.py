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
    help="The port of the server; 0 takes any free one.",
)
@click.option("--title", default="", help="The heading of the page.")
@pass_environment
def command(environment: Environment, query: str, port: int, title: str) -> None:
    """Show the report of the records that match QUERY in your browser, until you press Ctrl-C.

    The page is made anew at each visit, and has a form for other queries. Only this computer can
    see it. Nothing is written.
    """
    from litrev.cli.serving import Page, Server, serve, status_of
    from litrev.library.render import report
    from litrev.workspace.reports import REPORT

    # Reports are made in turn, but a visitor who reads slowly keeps no other waiting.
    one_at_a_time = threading.Lock()

    def make(visitor_query: str | None) -> Page:
        page_query = query if visitor_query is None else visitor_query
        policy = report.policy(live=True)
        try:
            with one_at_a_time, environment.open() as workspace:
                return Page(workspace.report(page_query, title, live=True), policy)
        except LitrevError as fault:
            message = report.message(title or REPORT, str(fault), page_query)
            return Page(message, policy, status_of(fault))

    with environment.open() as workspace:
        workspace.parse(query)  # raises at once for a query that no visit could answer
    server = Server(port, make, environment.say)
    environment.out(server.url)
    # In a pipe it would wait in a buffer, and with it the program that is to open the page.
    environment.stdout.flush()
    environment.inform("press Ctrl-C to stop")
    serve(server)
