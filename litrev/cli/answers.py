"""The answer to a search, as it was asked for: on a terminal, in a pipe, as keys, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from litrev.cli.environment import Environment
from litrev.text.display import visible

if TYPE_CHECKING:
    from litrev.index.snippets import Snippet
    from litrev.workspace.searching import Answer, Match


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
    if as_ndjson:
        _show_ndjson(environment, answer)
    elif as_json:
        _show_json(environment, answer, query)
    elif keys:
        for key in answer.keys:
            environment.out(visible(key))
    elif environment.terminal:
        from litrev.cli.views.listing import show_hits

        with environment.console() as console:
            show_hits(console, answer)
    else:
        _show_rows(environment, answer)


def _show_rows(environment: Environment, answer: Answer) -> None:
    for line in answer.explanation:
        environment.say(line)
    for number, match in enumerate(answer.matches, 1):
        record = match.record
        snippet = match.snippet
        field = snippet.field if snippet else ""
        words = _starred(snippet) if snippet else ""
        environment.row(
            (f"#{number}", record.key, record.year or "", record.label(80), field, words)
        )
    for name, counts in answer.facets.items():
        for value, count in counts.items():
            environment.row(("facet", name, value, count))


def _starred(snippet: Snippet) -> str:
    """The snippet with **stars** around the words that matched, for where there is no colour."""
    text = snippet.text
    # From the last to the first, so that stars move no offset that is still to come.
    for start, end in reversed(snippet.marks):
        text = f"{text[:start]}**{text[start:end]}**{text[end:]}"
    return text


def _show_ndjson(environment: Environment, answer: Answer) -> None:
    from litrev.library.render.json import SCHEMA, dump

    lines = [dump({"schema": SCHEMA, **_hit(match)}, indent=None) for match in answer.matches]
    environment.write(None, lines)


def _show_json(environment: Environment, answer: Answer, query: str) -> None:
    from litrev.library.render.json import SCHEMA, dump

    data: dict[str, Any] = {
        "schema": SCHEMA,
        "query": query,
        "total": answer.total,
        "offset": answer.offset,
        "hits": [_hit(match) for match in answer.matches],
    }
    if answer.facets:
        data["facets"] = {name: _facet(counts) for name, counts in answer.facets.items()}
    if answer.explanation:
        data["explanation"] = list(answer.explanation)
    if answer.suggestion:
        data["suggestion"] = answer.suggestion
    environment.stdout.write(dump(data))


def _hit(match: Match) -> dict[str, Any]:
    record = match.record
    return {
        "id": record.id,
        "key": record.key,
        "year": record.year,
        "label": record.label(200),
        "score": round(match.score, 4),
        "snippet": _snippet(match.snippet) if match.snippet else None,
    }


def _snippet(snippet: Snippet) -> dict[str, Any]:
    return {
        "field": snippet.field,
        "text": snippet.text,
        "marks": [list(mark) for mark in snippet.marks],
    }


def _facet(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"value": value, "count": count} for value, count in counts.items()]
