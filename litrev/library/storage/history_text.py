"""A record's history in words: what each change was, and which rule or person made it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from litrev.library.model.record import Value
from litrev.library.storage.history import ChangeEntry
from litrev.library.storage.journal import decision_parts

_LONGEST = 80  # characters of a text that is quoted in a line
_VERBS = {"accept": "accepted", "reject": "rejected", "enter": "entered"}

_Values = Mapping[str, Value]


def describe_change(change: ChangeEntry, values: Mapping[str, Value]) -> str:
    """One change in a line; ``values`` are all that were ever made for the record, by id."""
    describe = _DESCRIPTIONS.get(change.slot.kind)
    return describe(change, values) if describe else change.slot.describe()


def _record(change: ChangeEntry, _values: _Values) -> str:
    return "added" if change.after else "removed"


def _extraction(change: ChangeEntry, values: _Values) -> str:
    field = change.slot.name
    if not change.after:
        return f"{field}: what was found is taken back"
    _extractor, value_ids = change.after
    proposals = [values[value_id] for value_id in value_ids if value_id in values]
    if not proposals:
        return f"{field}: searched, nothing found"
    return f"{field}: found " + "; ".join(map(_with_maker, proposals))


def _decision(change: ChangeEntry, values: _Values) -> str:
    field, subject, actor = decision_parts(change.slot.name)
    value = values.get(subject)
    about = _with_maker(value) if value else field
    if change.after is None:
        withdrawn = about if change.before and subject else "the field"
        return f"{field}: {actor} took back their decision on {withdrawn}"
    verdict, value_id = change.after
    if verdict == "not reported":
        return f"{field}: {actor} says it is not reported"
    if verdict == "edit" and value_id in values:
        return f"{field}: {actor} edited {about} to {_quoted(values[value_id])}"
    if verdict == "enter" and value:
        return f"{field}: {actor} entered {_quoted(value)}"
    return f"{field}: {actor} {_VERBS.get(verdict, verdict)} {about}"


def _evidence(change: ChangeEntry, values: _Values) -> str:
    value = values.get(change.slot.name)
    words = f"{value.field}: the words of {_quoted(value)}" if value else "the words of a value"
    if any(stale for _start, _end, _quote, stale in change.after or ()):
        return f"{words} are no longer in the abstract"
    return f"{words} moved with the abstract"


def _note(change: ChangeEntry, _values: _Values) -> str:
    return f"note: {_short(change.after[0])}" if change.after else "note taken back"


def _tag(change: ChangeEntry, _values: _Values) -> str:
    return f"tag {change.slot.name} {'put on' if change.after else 'taken off'}"


def _alias(change: ChangeEntry, _values: _Values) -> str:
    return f"formerly {change.slot.name}"


def _field(change: ChangeEntry, _values: _Values) -> str:
    return f"{change.slot.name}: {_field_text(change.before)} → {_field_text(change.after)}"


def _field_text(slot_value: Any) -> str:
    if not slot_value:
        return "(none)"
    _position, text, _raw = slot_value
    return _short(text)


def _column(change: ChangeEntry, _values: _Values) -> str:
    return f"{change.slot.kind}: {_plain(change.before)} → {_plain(change.after)}"


_DESCRIPTIONS: dict[str, Callable[[ChangeEntry, _Values], str]] = {
    "alive": _record,
    "extraction": _extraction,
    "decision": _decision,
    "evidence": _evidence,
    "note": _note,
    "tag": _tag,
    "alias": _alias,
    "field": _field,
    "key": _column,
    "type": _column,
    "abstract": _column,
}


def _with_maker(value: Value) -> str:
    return f"{_quoted(value)} ({value.maker}, {value.confidence:.0%})"


def _quoted(value: Value) -> str:
    quoted = f"“{_short(value.text)}”"
    if value.label and value.label != value.text:
        return f"{quoted} [{value.label}]"
    return quoted


def _plain(slot_value: Any) -> str:
    """The text of a slot that holds a text, or a list that begins with one; None is (none)."""
    if slot_value is None:
        return "(none)"
    if isinstance(slot_value, str):
        return _short(slot_value)
    if isinstance(slot_value, list):
        return _short(slot_value[0])
    return _short(json.dumps(slot_value, ensure_ascii=False))


def _short(text: object) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
