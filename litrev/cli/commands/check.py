"""`litrev check`."""

from __future__ import annotations

from dataclasses import asdict

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, pass_environment, plural, query_argument
from litrev.library.errors import Status


@click.command("check")
@query_argument
@json_option
@pass_environment
def command(environment: Environment, query: str, as_json: bool) -> int:
    """Report what the records QUERY means lack, quotes that do not hold, and what is in quarantine."""
    with environment.open() as workspace:
        found = workspace.check(query)
    if as_json:
        from litrev.library.output.json import SCHEMA, dump

        environment.stdout.write(dump({"schema": SCHEMA, "findings": [asdict(finding) for finding in found]}))
    else:
        for finding in found:
            environment.row((finding.where, finding.kind, finding.text))
    environment.did(plural(len(found), "finding") if found else "nothing to report")
    return int(Status.NOTHING if found else Status.DONE)
