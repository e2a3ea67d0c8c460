"""`litrev check`."""

from __future__ import annotations

from dataclasses import asdict

import click

from litrev.cli.environment import Environment
from litrev.cli.options import (
    dry_run_option,
    json_option,
    pass_environment,
    plural,
    query_argument,
    would,
)
from litrev.errors import Status, UsageFault
from litrev.library.importing.checks import Finding


@click.command("check")
@query_argument
@click.option(
    "-f",
    "--format",
    "name",
    type=click.Choice(["text", "json", "lines"]),
    default="text",
    help="lines is file:line:column: for editors and CI.",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Put right what is certain: a DOI with its resolver, et al., a hyphen in pages.",
)
@json_option
@dry_run_option
@pass_environment
def command(
    environment: Environment, query: str, name: str, fix: bool, as_json: bool, dry_run: bool
) -> int:
    """Report what the records QUERY means lack, what in them does not hold, and what is in
    quarantine.

    Looked at are required fields by entry type, DOI, ISBN, ISSN, dates, pages, names, stray LaTeX,
    signs of a wrong encoding, crossrefs, keys given twice, and every quote. Ends with status 1 when
    there is something to report.
    """
    if dry_run and not fix:
        raise UsageFault("-n is for --fix", "Without --fix nothing is changed.")
    with environment.open(dry_run) as workspace:
        if fix:
            repaired = workspace.repair(query)
            for finding in repaired:
                environment.row((finding.where, finding.field, "→", finding.repaired))
            would(environment, dry_run, f"put right {plural(len(repaired), 'field')}")
        found = workspace.check(query) if not fix else []
    if as_json or name == "json":
        from litrev.library.render.json import SCHEMA, dump

        environment.stdout.write(
            dump({"schema": SCHEMA, "findings": [asdict(finding) for finding in found]})
        )
    else:
        for finding in found:
            environment.row(
                _line(finding) if name == "lines" else (finding.where, finding.kind, finding.text)
            )
    if fix:
        return int(Status.DONE)
    fixable = sum(finding.repaired is not None for finding in found)
    says = plural(len(found), "finding") + (
        f"; {fixable} of them `litrev check --fix` puts right" if fixable else ""
    )
    environment.did(says if found else "nothing to report")
    return int(Status.NOTHING if found else Status.DONE)


def _line(finding: Finding) -> tuple[str]:
    place = f"{finding.file}:{finding.line}:{finding.column}" if finding.file else finding.where
    return (
        f"{place}: {finding.kind}: {finding.where}: {finding.text}"
        if finding.file
        else f"{place}: {finding.kind}: {finding.text}",
    )
