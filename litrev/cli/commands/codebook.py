"""`litrev codebook`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment


@click.command("codebook")
@json_option
@pass_environment
def command(environment: Environment, as_json: bool) -> None:
    """List the structured fields: name, kind and what counts."""
    with environment.open() as workspace:
        fields = workspace.library.codebook().fields
    if as_json:
        from litrev.library.output.json import SCHEMA, dump

        rows = [{"name": f.name, "heading": f.heading, "kind": f.kind.value, "definition": f.definition, "vocabulary": f.vocabulary} for f in fields]
        environment.stdout.write(dump({"schema": SCHEMA, "fields": rows}))
        return
    for field in fields:
        environment.row((field.name, field.kind.value, field.definition))
