"""`litrev dedupe`."""

from __future__ import annotations

import click

from litrev.cli.environment import Environment
from litrev.cli.options import dry_run_option, json_option, pass_environment, plural, query_argument, would
from litrev.cli.plain import reference
from litrev.errors import Status, UsageFault
from litrev.library.importing.duplicates import Pair
from litrev.library.model.record import Field
from litrev.workspace.workspace import Workspace

_KEYS = "[m]erge into the first  [o]ther way round  [d]ifferent works  [s]kip  [q]uit"


@click.command("dedupe")
@query_argument
@click.option("--merge", "merging", nargs=2, metavar="KEEP OTHER", help="Make OTHER part of KEEP.")
@click.option("--distinct", nargs=2, metavar="KEY KEY", help="Remember that two records are two works.")
@click.option("--merge-above", type=click.FloatRange(0, 1), metavar="SCORE", help="Merge every pair with at least this score, 0 to 1.")
@click.option("-i", "--interactive", is_flag=True, help="Decide pair by pair.")
@json_option
@dry_run_option
@pass_environment
def command(
    environment: Environment, query: str, merging: tuple[str, str] | None, distinct: tuple[str, str] | None, merge_above: float | None,
    interactive: bool, as_json: bool, dry_run: bool,
) -> int:  # fmt: skip
    """Show records that may be one work, with score and reasons; merge them, or remember that they are not.

    Merging keeps what either has; where both say something the first stands. `litrev undo` takes it back.
    Other editions, volumes and parts are never shown.
    """
    if sum(bool(way) for way in (merging, distinct, merge_above is not None, interactive)) > 1:
        raise UsageFault("--merge, --distinct, --merge-above and -i exclude each other", "Choose one of them.")
    if merge_above is not None and not 0 <= merge_above <= 1:
        raise UsageFault("--merge-above takes a score from 0 to 1", "Such as 0.95.")
    with environment.open(dry_run) as workspace:
        if merging:
            _merge(environment, workspace, *merging, dry_run)
        elif distinct:
            workspace.distinguish(*distinct)
            would(environment, dry_run, f"{distinct[0]} and {distinct[1]} are two works; remembered")
        else:
            pairs = workspace.duplicates(query)
            if merge_above is not None:
                return _merge_all(environment, workspace, [pair for pair in pairs if pair.score >= merge_above], dry_run)
            if interactive:
                _ask(environment, workspace, pairs)
            elif as_json:
                _show_json(environment, pairs)
            else:
                _show(environment, pairs)
            return int(Status.DONE)
    return int(Status.DONE)


def _show(environment: Environment, pairs: list[Pair]) -> None:
    for pair in pairs:
        if environment.terminal:
            _show_pair(environment, pair)
        else:
            environment.row((f"{pair.score:.2f}", pair.one.key, pair.other.key, ", ".join(pair.reasons)))
    environment.did(
        f"{plural(len(pairs), 'pair')} of records may be one work; --merge KEEP OTHER or --distinct" if pairs else "no two records look like one work"
    )


def _show_pair(environment: Environment, pair: Pair) -> None:
    from rich.text import Text

    from litrev.text.display import visible

    with environment.console() as console:
        console.print(Text(f"{pair.score:.2f}  {', '.join(pair.reasons)}", style="bold"))
        for record in (pair.one, pair.other):
            console.print(Text(f"  {visible(record.key)}: {visible(reference(record))}"))
            about = [record.entry_type, plural(len(record.fields), "field"), *(["abstract"] if record.abstract else [])]
            about += [f"{name} {record.get(name)}" for name in ("doi", "isbn", "url") if record.get(name)]
            console.print(Text(f"      {visible('; '.join(about))}", style="dim"))


def _show_json(environment: Environment, pairs: list[Pair]) -> None:
    from litrev.library.render.json import SCHEMA, dump

    rows = [{"score": p.score, "keys": [p.one.key, p.other.key], "ids": [p.one.id, p.other.id], "reasons": list(p.reasons)} for p in pairs]
    environment.stdout.write(dump({"schema": SCHEMA, "pairs": rows}))


def _merge(environment: Environment, workspace: Workspace, keep: str, other: str, dry_run: bool) -> None:
    kept, gone, differing = workspace.merge(keep, other)
    _gave_way(environment, kept, gone, differing)
    would(environment, dry_run, f"{gone} is part of {kept} now; {gone} still finds it")


def _gave_way(environment: Environment, kept: str, gone: str, differing: list[Field]) -> None:
    for field in differing:
        value = " ".join(field.value.split())
        environment.say(f"{kept}: {field.name} stays; {gone} had {value[:100]}{'…' if len(value) > 100 else ''}")


def _merge_all(environment: Environment, workspace: Workspace, pairs: list[Pair], dry_run: bool) -> int:
    merged = workspace.merge_all(pairs)
    for kept, gone, differing in merged:
        environment.row((kept, gone))
        _gave_way(environment, kept, gone, differing)
    would(environment, dry_run, f"merged {plural(len(merged), 'pair')}")
    return int(Status.DONE)


def _ask(environment: Environment, workspace: Workspace, pairs: list[Pair]) -> None:
    if not environment.stdin.isatty():
        raise UsageFault("-i asks at a terminal, and there is none", "Use --merge, --distinct or --merge-above.")
    gone: set[str] = set()
    for pair in pairs:
        if {pair.one.id, pair.other.id} & gone:
            continue
        _show_pair(environment, pair)
        answer = click.prompt(_KEYS, type=click.Choice(list("modsq")), default="s", err=True, show_choices=False)
        if answer == "q":
            break
        if answer in "mo":
            first, second = (pair.one, pair.other) if answer == "m" else (pair.other, pair.one)
            _merge(environment, workspace, first.key, second.key, dry_run=False)
            gone.add(second.id)
        elif answer == "d":
            workspace.distinguish(pair.one.key, pair.other.key)
