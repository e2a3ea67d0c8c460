"""The report of an import: its remarks, and the equation."""

from __future__ import annotations

from collections.abc import Sequence

from litrev.cli.environment import Environment
from litrev.library.importing.import_report import Remark, Report

_MOST_NOTES = 20  # the others are only counted


def show_report(environment: Environment, report: Report, dry_run: bool) -> None:
    """The result of an import: its remarks on stderr, its equation on stdout."""
    show_remarks(environment, report.remarks)
    if report.quarantined:
        environment.say("`litrev quarantine` lists what could not be read; its text is kept")
    environment.out(f"(dry run) {report.equation}" if dry_run else report.equation)


def show_remarks(environment: Environment, remarks: Sequence[Remark]) -> None:
    """The lines of an import's report: all problems, and the first notes."""
    # A large import has thousands of notes, among which its problems would be lost.
    notes = 0
    for remark in remarks:
        if remark.kind != "note":
            environment.say(f"{remark.where}: {remark.kind}: {remark.text}")
            continue
        notes += 1
        if notes <= _MOST_NOTES:
            environment.inform(f"{remark.where}: {remark.text}")
    if notes > _MOST_NOTES:
        environment.inform(
            f"… and {notes - _MOST_NOTES} more remarks; `litrev check` lists what is missing"
        )


def show_report_json(environment: Environment, report: Report) -> None:
    """The same as JSON."""
    from litrev.library.render.json import SCHEMA, dump

    data = {
        "schema": SCHEMA,
        "read": report.read,
        "added": len(report.added),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
        "quarantined": report.quarantined,
        "conflicts": report.conflicts,
        "remarks": [
            {"where": remark.where, "kind": remark.kind, "text": remark.text}
            for remark in report.remarks
        ],
    }
    environment.stdout.write(dump(data))
