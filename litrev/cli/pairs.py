"""Pairs of records that may be one work, and what became of a merge."""

from __future__ import annotations

from litrev.cli.environment import Environment
from litrev.cli.options import plural
from litrev.cli.plain import reference
from litrev.library.importing.duplicates import Pair
from litrev.library.model.record import Field


def show_pairs(environment: Environment, pairs: list[Pair]) -> None:
    """The pairs, the likeliest first, and how many there are."""
    for pair in pairs:
        if environment.terminal:
            show_pair(environment, pair)
        else:
            environment.row(
                (f"{pair.score:.2f}", pair.one.key, pair.other.key, ", ".join(pair.reasons))
            )
    environment.did(
        f"{plural(len(pairs), 'pair')} of records may be one work; --merge KEEP OTHER or --distinct"
        if pairs
        else "no two records look like one work"
    )


def show_pair(environment: Environment, pair: Pair) -> None:
    """One pair on a terminal: why it may be one work, and what tells the two apart."""
    from rich.text import Text

    from litrev.text.display import visible

    with environment.console() as console:
        console.print(Text(f"{pair.score:.2f}  {', '.join(pair.reasons)}", style="bold"))
        for record in (pair.one, pair.other):
            console.print(Text(f"  {visible(record.key)}: {visible(reference(record))}"))
            about = [
                record.entry_type,
                plural(len(record.fields), "field"),
                *(["abstract"] if record.abstract else []),
            ]
            about += [
                f"{name} {record.get(name)}" for name in ("doi", "isbn", "url") if record.get(name)
            ]
            console.print(Text(f"      {visible('; '.join(about))}", style="dim"))


def show_pairs_json(environment: Environment, pairs: list[Pair]) -> None:
    """The pairs as JSON."""
    from litrev.library.render.json import SCHEMA, dump

    rows = [
        {
            "score": p.score,
            "keys": [p.one.key, p.other.key],
            "ids": [p.one.id, p.other.id],
            "reasons": list(p.reasons),
        }
        for p in pairs
    ]
    environment.stdout.write(dump({"schema": SCHEMA, "pairs": rows}))


def show_gave_way(environment: Environment, kept: str, gone: str, differing: list[Field]) -> None:
    """Which values of a merged record gave way to those of the one that is kept."""
    for field in differing:
        value = " ".join(field.value.split())
        environment.say(
            f"{kept}: {field.name} stays; {gone} had {value[:100]}{'…' if len(value) > 100 else ''}"
        )
