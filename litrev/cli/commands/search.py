"""`litrev search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from litrev.cli.answers import show_answer
from litrev.cli.environment import Environment
from litrev.cli.options import json_option, ndjson_option, pass_environment, query_argument
from litrev.errors import Status

if TYPE_CHECKING:
    from litrev.workspace.searching import Answer


@click.command("search")
@query_argument
@click.option(
    "-l",
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(0),
    help="Show at most this many hits; 0 shows all.",
)
@click.option("--offset", default=0, type=click.IntRange(0), help="Skip this many hits first.")
@click.option(
    "--sort",
    default="relevance",
    show_default=True,
    metavar="NAME",
    help="relevance, year, key, title, author or added. -year reverses the order.",
)
@click.option(
    "--facet",
    "facets",
    metavar="FIELD,…",
    help="Count all hits by these fields: year, type, venue, tag, methods, site, …",
)
@click.option(
    "--context",
    default=160,
    show_default=True,
    type=click.IntRange(0, 2000),
    help="How many characters around the words to show; 0 shows none.",
)
@click.option(
    "--synonyms",
    is_flag=True,
    help="Search for synonyms too. They are listed in synonyms.txt, beside your config or in the"
    " library: 党建 = party building.",
)
@click.option(
    "--explain", is_flag=True, help="Show how the query was read, and why the first hit is first."
)
@click.option("-k", "--keys", is_flag=True, help="Print only the keys.")
@json_option
@ndjson_option
@pass_environment
def command(
    environment: Environment,
    query: str,
    limit: int,
    offset: int,
    sort: str,
    facets: str | None,
    context: int,
    synonyms: bool,
    explain: bool,
    keys: bool,
    as_json: bool,
    as_ndjson: bool,
) -> int:
    """Search abstracts, metadata, structured fields, tags and notes; best hits first.

    \b
    trust nurses             both words, anywhere
    "party building"         the words side by side; ~3 after it allows words in between
    methods:interview        in one field
    year:[2018 TO 2023]      years; also year:>=2018
    govern* OR NOT (a b)     beginnings of words, OR, NOT, parentheses
    trust^2 nurses           trust counts twice
    has:theory missing:site  fields that are filled, or empty
    @recent                  a saved search: litrev save recent 'year:>=2020'
    """
    names = [name.strip() for name in (facets or "").split(",")]
    with environment.open() as workspace:
        answer = workspace.search(
            query,
            limit or None,
            sort,
            offset=offset,
            facets=[name for name in names if name],
            context=0 if keys else context,
            synonyms=synonyms,
            explain=explain,
        )
        # From now on #3 means the third of these hits.
        workspace.remember_list(match.record.id for match in answer.matches)
    show_answer(environment, answer, query, keys=keys, as_json=as_json, as_ndjson=as_ndjson)
    return _ended(environment, answer, query)


def _ended(environment: Environment, answer: Answer, query: str) -> int:
    """Say which hits are not shown; returns the exit status."""
    if not answer.total:
        environment.inform(f"nothing matches {query}")
        if answer.suggestion:
            environment.inform(f"did you mean {answer.suggestion}?")
        return int(Status.NOTHING)
    if len(answer.matches) < answer.total:
        environment.inform(_part_shown(answer))
    return int(Status.DONE)


def _part_shown(answer: Answer) -> str:
    shown = len(answer.matches)
    end = answer.offset + shown
    if not answer.offset:
        part = f"{shown}"
    elif shown:
        part = f"{answer.offset + 1}–{end}"
    else:
        part = "none"
    message = f"{part} of {answer.total:,}"
    if shown and end < answer.total:
        message += f"; --offset {end} shows more"
    return f"{message}; --limit 0 shows all"
