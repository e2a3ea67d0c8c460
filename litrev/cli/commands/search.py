"""`litrev search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from litrev.cli.environment import Environment
from litrev.cli.options import json_option, ndjson_option, pass_environment, query_argument
from litrev.library.errors import Status, visible

if TYPE_CHECKING:
    from litrev.workspace import Answer


@click.command("search")
@query_argument
@click.option("-l", "--limit", default=20, show_default=True, type=click.IntRange(0), help="The most hits to show; 0 shows all.")
@click.option("--sort", default="relevance", show_default=True, metavar="NAME", help="relevance, year, key, title, author or added; -year turns it round.")
@click.option("-k", "--keys", is_flag=True, help="Print keys alone.")
@json_option
@ndjson_option
@pass_environment
def command(environment: Environment, query: str, limit: int, sort: str, keys: bool, as_json: bool, as_ndjson: bool) -> int:
    """Search abstracts, metadata, structured fields, tags and notes; best hits first.

    \b
    trust nurses             both words, anywhere
    "party building"         the words side by side
    methods:interview        in one field
    year:[2018 TO 2023]      years; also year:>=2018
    govern* OR NOT (a b)     beginnings of words, OR, NOT, brackets
    has:theory missing:site  what is there and what is not
    """
    with environment.open() as workspace:
        answer = workspace.search(query, limit or None, sort)
        workspace.remember_list(match.record.id for match in answer.matches)
    if as_json or as_ndjson:
        _show_json(environment, answer, query, lines=as_ndjson)
    elif keys:
        for key in answer.keys:
            environment.out(visible(key))
    elif environment.terminal:
        from litrev.cli.views.listing import show_answer

        with environment.console() as console:
            show_answer(console, answer)
    else:
        for number, match in enumerate(answer.matches, 1):
            snippet = match.snippet
            shown = (snippet.field, _marked(snippet.text, snippet.marks)) if snippet else ("", "")
            environment.row((f"#{number}", match.record.key, match.record.year or "", match.record.label(80), *shown))
    if not answer.total:
        environment.did(f"nothing matches {query}")
        return int(Status.NOTHING)
    if len(answer.matches) < answer.total:
        environment.did(f"{len(answer.matches)} of {answer.total:,}; --limit 0 shows all")
    return int(Status.DONE)


def _marked(text: str, marks: tuple[tuple[int, int], ...]) -> str:
    """``text`` with **stars** around what was found, for where there is no colour."""
    for start, end in reversed(marks):
        text = f"{text[:start]}**{text[start:end]}**{text[end:]}"
    return text


def _show_json(environment: Environment, answer: Answer, query: str, *, lines: bool) -> None:
    from litrev.library.output.json import SCHEMA, dump

    hits = []
    for match in answer.matches:
        snippet = match.snippet
        shown = {"field": snippet.field, "text": snippet.text, "marks": [list(mark) for mark in snippet.marks]} if snippet else None
        record = match.record
        hits.append({"id": record.id, "key": record.key, "year": record.year, "label": record.label(200), "score": round(match.score, 4), "snippet": shown})
    if lines:
        environment.write(None, [dump({"schema": SCHEMA, **hit}, indent=None) for hit in hits])
        return
    environment.stdout.write(dump({"schema": SCHEMA, "query": query, "total": answer.total, "hits": hits}))
