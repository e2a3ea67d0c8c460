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
    say_done,
)
from litrev.cli.pairs import show_pair, show_pairs, show_pairs_json, show_replaced
from litrev.errors import Status, UsageFault
from litrev.library.importing.duplicates import Pair
from litrev.workspace.workspace import Workspace

_PROMPT = "[m]erge into the first  [o]ther way round  [d]ifferent works  [s]kip  [q]uit"


@click.command("dedupe")
@query_argument
@click.option("--merge", "merging", nargs=2, metavar="KEEP OTHER", help="Merge OTHER into KEEP.")
@click.option(
    "--distinct", nargs=2, metavar="KEY KEY", help="Remember that two records are different works."
)
@click.option(
    "--merge-above",
    type=click.FloatRange(0, 1),
    metavar="SCORE",
    help="Merge every pair with at least this score, 0 to 1.",
)
@click.option("-i", "--interactive", is_flag=True, help="Decide on each pair.")
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
    """Show records that may be the same work, with score and reasons.

    You can merge them, or remember that they are different works. A merged record keeps what either
    record has. Where the two differ, the value of the first is kept. `litrev undo` undoes a merge.
    Other editions, volumes and parts are never shown.
    """
    ways = (merging, distinct, merge_above is not None, interactive)
    if sum(bool(way) for way in ways) > 1:
        raise UsageFault(
            "--merge, --distinct, --merge-above and -i cannot be used together",
            "Choose one of them.",
        )
    # FloatRange lets nan through, with which every comparison is false.
    if merge_above is not None and not 0 <= merge_above <= 1:
        raise UsageFault("--merge-above takes a score from 0 to 1", "For example 0.95.")
    with environment.open(dry_run) as workspace:
        if merging:
            _merge(environment, workspace, *merging, dry_run)
        elif distinct:
            _distinguish(environment, workspace, *distinct, dry_run)
        elif merge_above is not None:
            pairs = [pair for pair in workspace.duplicates(query) if pair.score >= merge_above]
            _merge_all(environment, workspace, pairs, dry_run)
        elif interactive:
            _decide(environment, workspace, workspace.duplicates(query))
        elif as_json:
            show_pairs_json(environment, workspace.duplicates(query))
        else:
            show_pairs(environment, workspace.duplicates(query))
    return int(Status.DONE)


def _distinguish(
    environment: Environment, workspace: Workspace, one: str, other: str, dry_run: bool
) -> None:
    workspace.distinguish(one, other)
    say_done(environment, dry_run, f"{one} and {other} are different works; remembered")


def _merge(
    environment: Environment, workspace: Workspace, keep: str, other: str, dry_run: bool
) -> None:
    kept, merged, replaced = workspace.merge(keep, other)
    show_replaced(environment, kept, merged, replaced)
    say_done(environment, dry_run, f"{merged} is part of {kept} now; {merged} still finds it")


def _merge_all(
    environment: Environment, workspace: Workspace, pairs: list[Pair], dry_run: bool
) -> None:
    merges = workspace.merge_all(pairs)
    for kept, merged, replaced in merges:
        environment.row((kept, merged))
        show_replaced(environment, kept, merged, replaced)
    say_done(environment, dry_run, f"merged {plural(len(merges), 'pair')}")


def _decide(environment: Environment, workspace: Workspace, pairs: list[Pair]) -> None:
    """Ask what to do with each pair."""
    if not environment.stdin.isatty():
        raise UsageFault(
            "-i asks at a terminal, and there is none", "Use --merge, --distinct or --merge-above."
        )
    merged_ids: set[str] = set()
    for pair in pairs:
        # A record may be in several pairs; after a merge it is there no longer.
        if pair.one.id in merged_ids or pair.other.id in merged_ids:
            continue
        show_pair(environment, pair)
        choices = click.Choice(list("modsq"))
        answer = click.prompt(_PROMPT, type=choices, default="s", err=True, show_choices=False)
        if answer == "q":
            break
        if answer == "m":
            _merge(environment, workspace, pair.one.key, pair.other.key, dry_run=False)
            merged_ids.add(pair.other.id)
        elif answer == "o":
            _merge(environment, workspace, pair.other.key, pair.one.key, dry_run=False)
            merged_ids.add(pair.one.id)
        elif answer == "d":
            workspace.distinguish(pair.one.key, pair.other.key)
