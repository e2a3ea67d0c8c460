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
    say_done,
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
    help="Correct what is certain: a DOI written as an address, et al., a hyphen in pages.",
)
@json_option
@dry_run_option
@pass_environment
def command(
    environment: Environment, query: str, name: str, fix: bool, as_json: bool, dry_run: bool
) -> int:
    """Report what is missing or wrong in the records that match QUERY, and what is in quarantine.

    Checked are: required fields by entry type, DOI, ISBN, ISSN, dates, pages, names, stray LaTeX,
    signs of a wrong encoding, crossrefs, keys given twice, and every quote. The exit status is 1
    if there is something to report.
    """
    if dry_run and not fix:
        raise UsageFault("-n is for --fix", "Without --fix nothing is changed.")
    findings: list[Finding] = []
    with environment.open(dry_run) as workspace:
        if fix:
            repaired = workspace.repair(query)
            _show_repaired(environment, repaired, dry_run)
        else:
            findings = workspace.check(query)
    _show(environment, findings, "json" if as_json else name)
    if fix:
        return int(Status.DONE)
    environment.inform(_total(findings))
    return int(Status.NOTHING if findings else Status.DONE)


def _show_repaired(environment: Environment, repaired: list[Finding], dry_run: bool) -> None:
    for finding in repaired:
        environment.row((finding.where, finding.field, "→", finding.repaired))
    say_done(environment, dry_run, f"corrected {plural(len(repaired), 'field')}")


def _show(environment: Environment, findings: list[Finding], name: str) -> None:
    if name == "json":
        from litrev.library.render.json import SCHEMA, dump

        rows = [asdict(finding) for finding in findings]
        environment.stdout.write(dump({"schema": SCHEMA, "findings": rows}))
        return
    for finding in findings:
        if name == "lines":
            environment.row([_line(finding)])
        else:
            environment.row((finding.where, finding.kind, finding.text))


def _line(finding: Finding) -> str:
    """A finding as compilers print theirs; without a file the record is the place."""
    if not finding.file:
        return f"{finding.where}: {finding.kind}: {finding.text}"
    place = f"{finding.file}:{finding.line}:{finding.column}"
    return f"{place}: {finding.kind}: {finding.where}: {finding.text}"


def _total(findings: list[Finding]) -> str:
    if not findings:
        return "nothing to report"
    total = plural(len(findings), "finding")
    fixable = sum(finding.repaired is not None for finding in findings)
    if fixable:
        total += f"; `litrev check --fix` corrects {fixable} of them"
    return total
