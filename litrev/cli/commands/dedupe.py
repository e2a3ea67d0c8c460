"""`litrev dedupe`."""

from __future__ import annotations

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
from litrev.cli.pairs import show_gave_way, show_pair, show_pairs, show_pairs_json
from litrev.errors import Status, UsageFault
from litrev.library.importing.duplicates import Pair
from litrev.workspace.workspace import Workspace

_KEYS = "[m]erge into the first  [o]ther way round  [d]ifferent works  [s]kip  [q]uit"


@click.command("dedupe")
@query_argument
@click.option("--merge", "merging", nargs=2, metavar="KEEP OTHER", help="Make OTHER part of KEEP.")
@click.option(
    "--distinct", nargs=2, metavar="KEY KEY", help="Remember that two records are two works."
)
@click.option(
    "--merge-above",
    type=click.FloatRange(0, 1),
    metavar="SCORE",
    help="Merge every pair with at least this score, 0 to 1.",
)
@click.option("-i", "--interactive", is_flag=True, help="Decide pair by pair.")
@json_option
@dry_run_option
@pass_environment
def command(
    environment: Environment,
    query: str,
    merging: tuple[str, str] | None,
    distinct: tuple[str, str] | None,
    merge_above: float | None,
    interactive: bool,
    as_json: bool,
    dry_run: bool,
) -> int:
    """Show records that may be one work, with score and reasons; merge them, or remember that they
    are not.

    Merging keeps what either has; where both say something the first stands. `litrev undo` takes it
    back. Other editions, volumes and parts are never shown.
    """
    if sum(bool(way) for way in (merging, distinct, merge_above is not None, interactive)) > 1:
        raise UsageFault(
            "--merge, --distinct, --merge-above and -i exclude each other", "Choose one of them."
        )
    if merge_above is not None and not 0 <= merge_above <= 1:
        raise UsageFault("--merge-above takes a score from 0 to 1", "Such as 0.95.")
    with environment.open(dry_run) as workspace:
        if merging:
            _merge(environment, workspace, *merging, dry_run)
        elif distinct:
            workspace.distinguish(*distinct)
            would(
                environment, dry_run, f"{distinct[0]} and {distinct[1]} are two works; remembered"
            )
        else:
            pairs = workspace.duplicates(query)
            if merge_above is not None:
                return _merge_all(
                    environment,
                    workspace,
                    [pair for pair in pairs if pair.score >= merge_above],
                    dry_run,
                )
            if interactive:
                _ask(environment, workspace, pairs)
            elif as_json:
                show_pairs_json(environment, pairs)
            else:
                show_pairs(environment, pairs)
            return int(Status.DONE)
    return int(Status.DONE)


def _merge(
    environment: Environment, workspace: Workspace, keep: str, other: str, dry_run: bool
) -> None:
    kept, gone, differing = workspace.merge(keep, other)
    show_gave_way(environment, kept, gone, differing)
    would(environment, dry_run, f"{gone} is part of {kept} now; {gone} still finds it")


def _merge_all(
    environment: Environment, workspace: Workspace, pairs: list[Pair], dry_run: bool
) -> int:
    merged = workspace.merge_all(pairs)
    for kept, gone, differing in merged:
        environment.row((kept, gone))
        show_gave_way(environment, kept, gone, differing)
    would(environment, dry_run, f"merged {plural(len(merged), 'pair')}")
    return int(Status.DONE)


def _ask(environment: Environment, workspace: Workspace, pairs: list[Pair]) -> None:
    if not environment.stdin.isatty():
        raise UsageFault(
            "-i asks at a terminal, and there is none", "Use --merge, --distinct or --merge-above."
        )
    gone: set[str] = set()
    for pair in pairs:
        if {pair.one.id, pair.other.id} & gone:
            continue
        show_pair(environment, pair)
        answer = click.prompt(
            _KEYS, type=click.Choice(list("modsq")), default="s", err=True, show_choices=False
        )
        if answer == "q":
            break
        if answer in "mo":
            first, second = (pair.one, pair.other) if answer == "m" else (pair.other, pair.one)
            _merge(environment, workspace, first.key, second.key, dry_run=False)
            gone.add(second.id)
        elif answer == "d":
            workspace.distinguish(pair.one.key, pair.other.key)
