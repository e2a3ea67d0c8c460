"""The answer to a search, as it was asked for: on a terminal, in a pipe, as keys, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litrev.cli.environment import Environment
from litrev.text.display import visible

if TYPE_CHECKING:
    from litrev.workspace.searching import Answer


def show_answer(
    environment: Environment,
    answer: Answer,
    query: str,
    *,
    keys: bool,
    as_json: bool,
    as_ndjson: bool,
) -> None:
    """Print an answer as it was asked for."""
    if as_json or as_ndjson:
        _show_json(environment, answer, query, lines=as_ndjson)
    elif keys:
        for key in answer.keys:
            environment.out(visible(key))
    elif environment.terminal:
        from litrev.cli.views.listing import show_hits

        with environment.console() as console:
            show_hits(console, answer)
    else:
        for line in answer.explanation:
            environment.say(line)
        for number, match in enumerate(answer.matches, 1):
            snippet = match.snippet
            shown = (snippet.field, _marked(snippet.text, snippet.marks)) if snippet else ("", "")
            environment.row(
                (
                    f"#{number}",
                    match.record.key,
                    match.record.year or "",
                    match.record.label(80),
                    *shown,
                )
            )
        for name, counts in answer.facets.items():
            for value, count in counts.items():
                environment.row(("facet", name, value, count))


def _marked(text: str, marks: tuple[tuple[int, int], ...]) -> str:
    """``text`` with **stars** around what was found, for where there is no colour."""
    for start, end in reversed(marks):
        text = f"{text[:start]}**{text[start:end]}**{text[end:]}"
    return text


def _show_json(environment: Environment, answer: Answer, query: str, *, lines: bool) -> None:
    from litrev.library.render.json import SCHEMA, dump

    hits = []
    for match in answer.matches:
        snippet = match.snippet
        shown = (
            {
                "field": snippet.field,
                "text": snippet.text,
                "marks": [list(mark) for mark in snippet.marks],
            }
            if snippet
            else None
        )
        record = match.record
        hits.append(
            {
                "id": record.id,
                "key": record.key,
                "year": record.year,
                "label": record.label(200),
                "score": round(match.score, 4),
                "snippet": shown,
            }
        )
    if lines:
        environment.write(None, [dump({"schema": SCHEMA, **hit}, indent=None) for hit in hits])
        return
    told = {
        "schema": SCHEMA,
        "query": query,
        "total": answer.total,
        "offset": answer.offset,
        "hits": hits,
    }
    if answer.facets:
        told["facets"] = {
            name: [{"value": value, "count": count} for value, count in counts.items()]
            for name, counts in answer.facets.items()
        }
    if answer.explanation:
        told["explanation"] = list(answer.explanation)
    if answer.suggestion:
        told["suggestion"] = answer.suggestion
    environment.stdout.write(dump(told))
