"""`litrev show`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment


@click.command("show")
@click.argument("pointer", metavar="KEY")
@json_option
@pass_environment
def command(environment: Environment, pointer: str, as_json: bool) -> None:
    """Show one record: its reference, its fields with their evidence, and the abstract.

    KEY is a citation key, the beginning of one, or #3 for row 3 of the last list.
    """
    with environment.open() as workspace:
        record = workspace.record(pointer)
        cells = workspace.cells(record.id)
        if as_json:
            from litrev.library.render.json import dump
            from litrev.library.render.json import record as as_dict

            environment.stdout.write(dump(as_dict(record, cells)))
            return
        headings = {field.name: field.heading for field in workspace.codebook().fields}
        if environment.terminal:
            from litrev.cli.views.card import show_card

            with environment.console() as console:
                show_card(console, record, cells, headings)
        else:
            from litrev.cli.plain import card

            environment.stdout.write(card(record, cells, headings))
