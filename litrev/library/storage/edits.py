"""What a person does to a record: set, accept, reject, tag, rename; each as slots of one operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from litrev.errors import Conflict, UsageFault
from litrev.library.bibtex.citation_keys import check_key
from litrev.library.model.codebook import StructuredField
from litrev.library.model.evidence import find_evidence
from litrev.library.model.ids import new_id
from litrev.library.model.record import (
    Cell,
    CellState,
    Evidence,
    Field,
    Item,
    ItemState,
    Record,
    Value,
    Verdict,
)
from litrev.library.storage.journal import Slot
from litrev.library.storage.operations import Operation
from litrev.text.validity import is_tag

_TYPE = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9_+.:-]*", re.IGNORECASE)
_LIST_SEPARATOR = re.compile(r"\s*[;；]\s*|\n+")


def set_metadata(operation: Operation, record: Record, name: str, text: str) -> bool:
    """Set a bibliographic field to ``text``, or remove it with an empty one; True if that changed
    anything.
    """
    if not _NAME.fullmatch(name):
        raise UsageFault(
            f"{name!r} is no field name", "A field name is letters, digits and _ + . : -"
        )
    name = name.casefold()
    if name in {"key", "tags", "tag"}:
        raise UsageFault(
            f"{name} is not set so", f"Use `litrev {'rename' if name == 'key' else 'tag'}`."
        )
    if name.startswith("litrev-"):
        raise UsageFault(
            f"{name} is litrev's own", "Set the structured field itself, as methods=interview."
        )
    if name in {"entrytype", "entry_type"}:
        return operation.put(Slot("type", record.id), [check_type(text), 0])
    if name == "abstract":
        return operation.set_abstract(record.id, text)
    if text == record.get(name) and text:
        return False
    return operation.set_field(record.id, name, Field(name, text) if text else None)


def check_type(text: str) -> str:
    """``text`` as an entry type; raises UsageFault for what is none."""
    if not _TYPE.fullmatch(text.strip()) or text.strip().casefold() in {
        "comment",
        "string",
        "preamble",
    }:
        raise UsageFault(
            f"{text!r} is no entry type", "An entry type is a word such as article or thesis."
        )
    return text.strip().casefold()


def enter(
    operation: Operation,
    record: Record,
    cell: Cell,
    field: StructuredField,
    words: str | Sequence[str],
    *,
    replace: bool,
) -> bool:
    """Put the person's own words into a cell; with ``replace`` instead of what is there, else
    beside it.

    One text is taken apart at semicolons and line breaks where the field is a list; several texts
    are as many values.
    """
    if not isinstance(words, str):
        parts = list(words)
    elif field.single:
        parts = [words]
    else:
        parts = _LIST_SEPARATOR.split(words)
    texts = [part.strip() for part in parts if part.strip()]
    changed = False
    current_decisions: dict[str, list[Item]] = {}
    for item in cell.items:
        current_decisions.setdefault(item.value.text, []).append(item)
    if replace:
        changed |= operation.decide(record.id, field.name, "", None)
        for item in cell.items:
            if item.value.text not in texts:
                changed |= reject(operation, record.id, item)
    elif cell.state is CellState.NOT_REPORTED:
        changed |= operation.decide(record.id, field.name, "", None)
    for part in texts:
        if part not in current_decisions:
            changed |= enter_one(operation, record, field, part)
        for item in current_decisions.get(part, ()):
            if operation.actor not in item.actors or item.state is not ItemState.DECIDED:
                changed |= confirm(operation, record.id, item)
    return changed


def confirm(operation: Operation, record_id: str, item: Item) -> bool:
    """The person's word that an item is right as it stands, also where somebody else edited it."""
    verdict = Verdict.ACCEPT if item.value.id == item.subject else Verdict.EDIT
    return operation.decide(record_id, item.value.field, item.subject, verdict, item.value.id)


def enter_one(operation: Operation, record: Record, field: StructuredField, text: str) -> bool:
    """One value in the person's own words, its evidence found in the abstract if it stands there."""
    spans = find_evidence(record.abstract or "", text)
    value = Value(
        new_id(), field.name, text, None, spans, f"person:{operation.actor}", 1.0, operation.now
    )
    operation.add_value(record.id, value)
    return operation.decide(record.id, field.name, value.id, Verdict.ENTER, value.id)


def enter_span(
    operation: Operation, record: Record, field: StructuredField, start: int, end: int
) -> bool:
    """One value in the abstract's own words, from ``start`` to ``end``."""
    quote = (record.abstract or "")[start:end]
    value = Value(
        new_id(),
        field.name,
        " ".join(quote.split()),
        None,
        (Evidence(start, end, quote),),
        f"person:{operation.actor}",
        1.0,
        operation.now,
    )
    operation.add_value(record.id, value)
    return operation.decide(record.id, field.name, value.id, Verdict.ENTER, value.id)


def reject(operation: Operation, record_id: str, item: Item) -> bool:
    """The person's word that an item is wrong; what the person alone had entered is simply taken
    back.
    """
    own = (
        item.value.id == item.subject
        and item.value.maker == f"person:{operation.actor}"
        and set(item.actors) <= {operation.actor}
    )
    return operation.decide(
        record_id, item.value.field, item.subject, None if own else Verdict.REJECT
    )


def not_reported(operation: Operation, record: Record, cell: Cell) -> bool:
    """The person's word that the abstract does not say; what stood in the cell is rejected."""
    changed = False
    for item in cell.items:
        changed |= reject(operation, record.id, item)
    return changed | operation.decide(record.id, cell.field, "", Verdict.NOT_REPORTED)


def accept(operation: Operation, record_id: str, cells: Iterable[Cell], above: float = 0.0) -> int:
    """Accept what is proposed in ``cells`` with at least this confidence; how many values that
    were.
    """
    count = 0
    for cell in cells:
        for item in cell.items:
            if item.state is ItemState.PROPOSED and item.value.confidence >= above:
                count += operation.decide(
                    record_id, cell.field, item.subject, Verdict.ACCEPT, item.value.id
                )
    return count


def edit_item(operation: Operation, record: Record, item: Item, text: str) -> bool:
    """Let ``text`` stand for an item; its evidence is found anew, or kept where the words are not
    in the abstract.
    """
    value = item.value
    spans = find_evidence(record.abstract or "", text) or value.evidence
    edited = Value(
        new_id(),
        value.field,
        text,
        None,
        spans,
        f"person:{operation.actor}",
        1.0,
        operation.now,
        value.number,
    )
    operation.add_value(record.id, edited)
    return operation.decide(record.id, value.field, item.subject, Verdict.EDIT, edited.id)


def rename(
    operation: Operation, record: Record, key: str, holders: Callable[[str], Sequence[str]]
) -> bool:
    """Give a record another citation key; the old one keeps resolving. Raises Conflict if it is
    taken.
    """
    check_key(key)
    if key == record.key and not record.key_generated:
        return False
    if any(holder != record.id for holder in holders(key)):
        raise Conflict(f"the key {key} is taken (or was, and still resolves)", "Choose another.")
    if key != record.key:
        operation.put(Slot("alias", record.id, record.key), True)
        operation.put(Slot("alias", record.id, key), None)
    return operation.put(Slot("key", record.id), [key, 0])


def tag(operation: Operation, record_id: str, add: Sequence[str], remove: Sequence[str]) -> bool:
    """Put tags on a record and take others off."""
    changed = False
    for name in add:
        changed |= operation.put(Slot("tag", record_id, check_tag(name)), True)
    for name in remove:
        changed |= operation.put(Slot("tag", record_id, name), None)
    return changed


def check_tag(name: str) -> str:
    """``name`` if it can be a tag; raises UsageFault if not."""
    if not is_tag(name):
        raise UsageFault(
            f"{name!r} cannot be a tag", "A tag is one word without commas, quotes or brackets."
        )
    return name
