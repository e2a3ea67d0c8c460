"""Pairs of records that may be the same work, and the result of a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litrev.cli.environment import Environment
from litrev.cli.options import plural
from litrev.cli.plain import reference
from litrev.library.importing.duplicates import Pair
from litrev.library.model.record import Field, Record

if TYPE_CHECKING:
    from rich.console import Console


def show_pairs(environment: Environment, pairs: list[Pair]) -> None:
    """Print the pairs, the likeliest first, and how many there are.

    Into a file or pipe, a pair is a row: its score from 0 to 1, both keys, and the reasons.
    """
    for pair in pairs:
        if environment.terminal:
            show_pair(environment, pair)
        else:
            row = (f"{pair.score:.2f}", pair.one.key, pair.other.key, ", ".join(pair.reasons))
            environment.row(row)
    if pairs:
        count = plural(len(pairs), "pair")
        environment.inform(
            f"{count} of records may be the same work; use --merge KEEP OTHER or --distinct KEY KEY"
        )
    else:
        environment.inform("no two records look like the same work")


def show_pair(environment: Environment, pair: Pair) -> None:
    """Print one pair on a terminal: why it may be the same work, and how the records differ."""
    from rich.text import Text

    reasons = ", ".join(pair.reasons)
    with environment.console() as console:
        console.print(Text(f"{pair.score:.2f}  {reasons}", style="bold"))
        for record in (pair.one, pair.other):
            _show_record(console, record)


def _show_record(console: Console, record: Record) -> None:
    """Print one record of a pair: its reference, and what tells it from the other."""
    from rich.text import Text

    from litrev.text.display import visible

    details = [record.entry_type, plural(len(record.fields), "field")]
    if record.abstract:
        details.append("abstract")
    for name in ("doi", "isbn", "url"):
        value = record.get(name)
        if value:
            details.append(f"{name} {value}")
    console.print(Text(f"  {visible(record.key)}: {visible(reference(record))}"))
    console.print(Text(f"      {visible('; '.join(details))}", style="dim"))


def show_pairs_json(environment: Environment, pairs: list[Pair]) -> None:
    """Print the pairs as JSON, the likeliest first."""
    from litrev.library.render.json import SCHEMA, dump

    rows = [
        {
            "score": pair.score,
            "keys": [pair.one.key, pair.other.key],
            "ids": [pair.one.id, pair.other.id],
            "reasons": list(pair.reasons),
        }
        for pair in pairs
    ]
    text = dump({"schema": SCHEMA, "pairs": rows})
    environment.stdout.write(text)


def show_replaced(environment: Environment, kept: str, merged: str, replaced: list[Field]) -> None:
    """Print which values of a merged record were replaced by those of the one that is kept.

    ``kept`` and ``merged`` are the keys of the two records. A value is cut to 100 characters.
    """
    for field in replaced:
        value = " ".join(field.value.split())
        if len(value) > 100:
            value = value[:100] + "…"
        environment.say(f"{kept}: {field.name} stays; {merged} had {value}")
