"""What a line of a library's NDJSON copy says, checked before it is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from litrev.library.model.record import Evidence, Field, Value
from litrev.text.validity import is_field_name, is_key

# One object of the file. What is read from it may be missing, or be anything: every access may
# raise KeyError, TypeError and their like.
JsonObject = Mapping[str, Any]


class BadLine(ValueError):
    """A line that is not part of a library; its message says why."""


def reason_of(error: Exception) -> str:
    """What is wrong with a line, in words. The text of a KeyError is only the name of the key."""
    if isinstance(error, KeyError) and error.args:
        return f"{error.args[0]!r} is missing or unknown"
    return str(error)


def json_object(line: str) -> dict[str, Any]:
    """The JSON object of a line. Raises BadLine when it is not one, or is not litrev's."""
    try:
        entry = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadLine(f"not JSON ({error})") from error
    if not isinstance(entry, dict) or "litrev" not in entry:
        raise BadLine("not a line of a litrev library")
    return entry


def columns_of(entry: JsonObject, names: Iterable[str]) -> list[Any]:
    """The values under these names, in this order. Raises KeyError where one is missing."""
    return [entry[name] for name in names]


def text_of(entry: JsonObject, name: str) -> str:
    """The text under a name. Raises BadLine where it is missing, empty or not a text."""
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise BadLine(f"{name} is missing")
    return value


def _string(value: object) -> str:
    """The value itself, which may be empty. Raises BadLine when it is not a text."""
    if not isinstance(value, str):
        raise BadLine(f"{value!r:.40} is not a text")
    return value


def checked(value: object, test: Callable[[str], bool], what: str) -> str:
    """The value itself. Raises BadLine when it fails the test for ``what`` it should be."""
    text = _string(value)
    if not test(text):
        raise BadLine(f"{text!r:.40} is not {what}")
    return text


def key_of(value: object) -> str:
    """The value itself. Raises BadLine when it is not a citation key."""
    return checked(value, is_key, "a citation key")


def field_of(entry: JsonObject) -> Field:
    """A bibliographic field. Raises BadLine, or one of the errors of :data:`JsonObject`."""
    name = checked(entry["name"], is_field_name, "a field name")
    value = _string(entry["value"])
    raw = entry["raw"]
    if raw is not None:
        raw = _string(raw)
    return Field(name, value, raw)


def value_of(entry: JsonObject, abstract: str | None) -> Value:
    """A value of a structured field, whose evidence is in ``abstract``.

    Raises BadLine when its evidence is not there or its confidence is not from 0 to 1.
    """
    spans = entry["evidence"]
    evidence = tuple(_evidence(span, abstract or "") for span in spans)
    confidence = float(entry["confidence"])
    if not 0 <= confidence <= 1:
        raise BadLine(f"{confidence} is not a confidence, which is from 0 to 1")
    return Value(
        text_of(entry, "id"),
        text_of(entry, "field"),
        _string(entry["text"]),
        entry["label"],
        evidence,
        text_of(entry, "maker"),
        confidence,
        text_of(entry, "made"),
        entry["number"],
    )


def _evidence(entry: JsonObject, abstract: str) -> Evidence:
    """A place in an abstract. Raises BadLine when its quote is not there and it is not stale."""
    span = Evidence(entry["start"], entry["end"], _string(entry["quote"]), bool(entry["stale"]))
    if span.stale:
        return span
    # A negative start would count from the end of the abstract.
    if span.start < 0 or abstract[span.start : span.end] != span.quote:
        raise BadLine(
            f"the evidence {span.quote[:40]!r} is not at {span.start}:{span.end} of the abstract"
        )
    return span
