"""A record's story in words: what each change was, which rule or person made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from litrev.library.model.record import Value
from litrev.library.storage.history import ChangeEntry
from litrev.library.storage.journal import decision_parts

_LONGEST = 80
_SAID = {"accept": "accepted", "reject": "rejected", "enter": "entered"}


def describe_change(change: ChangeEntry, values: Mapping[str, Value]) -> str:
    """One change in a line; ``values`` are all that were ever made for the record."""
    kind, name, before, after = change.slot.kind, change.slot.name, change.before, change.after
    if kind == "alive":
        return "added" if after else "removed"
    if kind == "extraction":
        return _extraction(name, after, values)
    if kind == "decision":
        return _decision(name, before, after, values)
    if kind == "evidence":
        return _evidence(name, after, values)
    if kind == "note":
        return f"note: {_short(after[0])}" if after else "note taken back"
    if kind in {"tag", "alias"}:
        return (
            f"{kind} {name} {'put on' if after else 'taken off'}"
            if kind == "tag"
            else f"formerly {name}"
        )
    if kind == "field":
        return f"{name}: {_short(before[1]) if before else '(none)'} → {_short(after[1]) if after else '(none)'}"
    if kind in {"key", "type", "abstract"}:
        return f"{kind}: {_plain(before)} → {_plain(after)}"
    return change.slot.describe()


def _extraction(field: str, after: Any, values: Mapping[str, Value]) -> str:
    found = [values[i] for i in (after[1] if after else ()) if i in values]
    if not found:
        return (
            f"{field}: searched, nothing found"
            if after
            else f"{field}: what was found is taken back"
        )
    return f"{field}: found " + "; ".join(
        f"{_quoted(value)} ({value.maker}, {value.confidence:.0%})" for value in found
    )


def _decision(name: str, before: Any, after: Any, values: Mapping[str, Value]) -> str:
    field, subject, actor = decision_parts(name)
    thing = values.get(subject)
    about = f"{_quoted(thing)} ({thing.maker}, {thing.confidence:.0%})" if thing else field
    if after is None:
        return f"{field}: {actor} took back their word on {about if before and subject else 'the field'}"
    verdict, value_id = after
    if verdict == "not reported":
        return f"{field}: {actor} says it is not reported"
    if verdict == "edit" and value_id in values:
        return f"{field}: {actor} edited {about} to {_quoted(values[value_id])}"
    if verdict == "enter" and thing:
        return f"{field}: {actor} entered {_quoted(thing)}"
    return f"{field}: {actor} {_SAID.get(verdict, verdict)} {about}"


def _evidence(name: str, after: Any, values: Mapping[str, Value]) -> str:
    value = values.get(name)
    stale = any(span[3] for span in after or ())
    what = f"{value.field}: the words of {_quoted(value)}" if value else "the words of a value"
    return f"{what} {'are no longer in the abstract' if stale else 'moved with the abstract'}"


def _quoted(value: Value) -> str:
    return f"“{_short(value.text)}”" + (
        f" [{value.label}]" if value.label and value.label != value.text else ""
    )


def _plain(value: Any) -> str:
    if value is None:
        return "(none)"
    return _short(
        value
        if isinstance(value, str)
        else value[0]
        if isinstance(value, list)
        else json.dumps(value, ensure_ascii=False)
    )


def _short(text: object) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
