"""What is said of an import: its remarks, and the equation."""

from __future__ import annotations

from collections.abc import Sequence

from litrev.cli.environment import Environment
from litrev.library.importing.import_report import Remark, Report

_SHOWN = 20  # remarks of one kind before the rest is only counted


def show_report(environment: Environment, report: Report, dry_run: bool) -> None:
    """What became of an import: its remarks on stderr, its equation on stdout."""
    show_remarks(environment, report.remarks)
    if report.quarantined:
        environment.say("`litrev quarantine` lists what could not be read; its text is kept")
    environment.out(("(dry run) " if dry_run else "") + report.equation)


def show_remarks(environment: Environment, remarks: Sequence[Remark]) -> None:
    """The lines of an import's report: all that went wrong, and as much of the rest as can be taken
    in.
    """
    shown: dict[str, int] = {}
    for remark in remarks:
        shown[remark.kind] = shown.get(remark.kind, 0) + 1
        if remark.kind != "note" or (shown["note"] <= _SHOWN and not environment.quiet):
            environment.say(
                f"{remark.where}: {'' if remark.kind == 'note' else remark.kind + ': '}{remark.text}"
            )
    if shown.get("note", 0) > _SHOWN:
        environment.did(
            f"… and {shown['note'] - _SHOWN} remarks more; `litrev check` lists what is missing"
        )


def show_report_json(environment: Environment, report: Report) -> None:
    """The same as JSON."""
    from litrev.library.render.json import SCHEMA, dump

    counts = {
        "read": report.read,
        "added": len(report.added),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
    }
    remarks = [{"where": r.where, "kind": r.kind, "text": r.text} for r in report.remarks]
    environment.stdout.write(
        dump(
            {
                "schema": SCHEMA,
                **counts,
                "quarantined": report.quarantined,
                "conflicts": report.conflicts,
                "remarks": remarks,
            }
        )
    )
