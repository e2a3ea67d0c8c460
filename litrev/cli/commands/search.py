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
    help="The most hits to show; 0 shows all.",
)
@click.option("--offset", default=0, type=click.IntRange(0), help="Pass over so many hits first.")
@click.option(
    "--sort",
    default="relevance",
    show_default=True,
    metavar="NAME",
    help="relevance, year, key, title, author or added; -year turns it round.",
)
@click.option(
    "--facet",
    "facets",
    metavar="FIELD,…",
    help="Count all matches by these: year, type, venue, tag, methods, site …",
)
@click.option(
    "--context",
    default=160,
    show_default=True,
    type=click.IntRange(0, 2000),
    help="Characters to show the words in; 0 shows none.",
)
@click.option(
    "--synonyms",
    is_flag=True,
    help="Look for synonyms too: groups such as 党建 = party building, in synonyms.txt beside your config or in the library.",
)
@click.option(
    "--explain", is_flag=True, help="Tell how the query was read, and why the first hit is first."
)
@click.option("-k", "--keys", is_flag=True, help="Print keys alone.")
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
    "party building"         the words side by side; ~3 behind it lets them stand apart
    methods:interview        in one field
    year:[2018 TO 2023]      years; also year:>=2018
    govern* OR NOT (a b)     beginnings of words, OR, NOT, brackets
    trust^2 nurses           what counts more
    has:theory missing:site  what is there and what is not
    @recent                  a saved search: litrev save recent 'year:>=2020'
    """
    with environment.open() as workspace:
        names = [name.strip() for name in facets.split(",") if name.strip()] if facets else []
        shown = 0 if keys else context
        answer = workspace.search(
            query,
            limit or None,
            sort,
            offset=offset,
            facets=names,
            context=shown,
            synonyms=synonyms,
            explain=explain,
        )
        workspace.remember_list(match.record.id for match in answer.matches)
    show_answer(environment, answer, query, keys=keys, as_json=as_json, as_ndjson=as_ndjson)
    return _account(environment, answer, query)


def _account(environment: Environment, answer: Answer, query: str) -> int:
    """Say what is not shown; the exit status."""
    if not answer.total:
        environment.did(f"nothing matches {query}")
        if answer.suggestion:
            environment.did(f"did you mean {answer.suggestion}?")
        return int(Status.NOTHING)
    shown, first = len(answer.matches), answer.offset + 1
    if shown < answer.total:
        part = (
            f"{shown}"
            if not answer.offset
            else f"{first}–{answer.offset + shown}"
            if shown
            else "none"
        )
        more = (
            f"; --offset {answer.offset + shown} goes on"
            if shown and answer.offset + shown < answer.total
            else ""
        )
        environment.did(f"{part} of {answer.total:,}{more}; --limit 0 shows all")
    return int(Status.DONE)
