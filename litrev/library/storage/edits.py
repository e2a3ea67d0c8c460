"""What a person does to a record: set, accept, reject, tag, rename; each writes slots."""

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
_OWN_COMMANDS = {"key": "rename", "tag": "tag", "tags": "tag"}  # what sets these names instead
_NOT_ENTRIES = frozenset({"comment", "string", "preamble"})  # BibTeX writes them with an @ too
_LIST_SEPARATOR = re.compile(r"\s*[;；]\s*|\n+")


def set_metadata(operation: Operation, record: Record, name: str, text: str) -> bool:
    """Set a bibliographic field to ``text``; an empty text removes it. True if that changed it.

    Raises UsageFault when ``name`` is not a field that can be set.
    """
    name = _check_settable(name)
    if name in {"entrytype", "entry_type"}:
        return operation.put(Slot("type", record.id), [check_type(text), 0])
    if name == "abstract":
        return operation.set_abstract(record.id, text)
    # An inherited text counts too: to set what a record inherits already is no change.
    if text and text == record.get(name):
        return False
    return operation.set_field(record.id, name, Field(name, text) if text else None)


def _check_settable(name: str) -> str:
    """``name`` in lower case; raises UsageFault when it is not a field that can be set."""
    if not _NAME.fullmatch(name):
        raise UsageFault(
            f"{name!r} is not a field name", "A field name is letters, digits and _ + . : -"
        )
    name = name.casefold()
    if name in _OWN_COMMANDS:
        raise UsageFault(f"{name} cannot be set this way", f"Use `litrev {_OWN_COMMANDS[name]}`.")
    if name.startswith("litrev-"):
        raise UsageFault(
            f"{name} is a name of litrev's own",
            "Set the structured field itself, for example methods=interview.",
        )
    return name


def check_type(text: str) -> str:
    """``text`` as an entry type, in lower case; raises UsageFault when it cannot be one."""
    entry_type = text.strip().casefold()
    if not _TYPE.fullmatch(text.strip()) or entry_type in _NOT_ENTRIES:
        raise UsageFault(
            f"{text!r} is not an entry type", "An entry type is a word such as article or thesis."
        )
    return entry_type


def enter(
    operation: Operation,
    record: Record,
    cell: Cell,
    field: StructuredField,
    words: str | Sequence[str],
    *,
    replace: bool,
) -> bool:
    """Enter the person's own words into a cell, beside what is there; True if that changed it.

    With ``replace``, they take the place of what is there. One text is divided at semicolons and
    line breaks when the field is a list; several texts are as many values.
    """
    texts = _entered_texts(field, words)
    changed = False
    if replace:
        changed |= operation.decide(record.id, field.name, "", None)
        for item in cell.items:
            if item.value.text not in texts:
                changed |= reject(operation, record.id, item)
    elif cell.state is CellState.NOT_REPORTED:
        changed |= operation.decide(record.id, field.name, "", None)
    for text in texts:
        # A cell may have the same words twice, from two places of the abstract.
        same_items = [item for item in cell.items if item.value.text == text]
        if not same_items:
            changed |= enter_one(operation, record, field, text)
        for item in same_items:
            if operation.actor not in item.actors or item.state is not ItemState.DECIDED:
                changed |= confirm(operation, record.id, item)
    return changed


def _entered_texts(field: StructuredField, words: str | Sequence[str]) -> list[str]:
    if not isinstance(words, str):
        parts = list(words)
    elif field.single:
        parts = [words]
    else:
        parts = _LIST_SEPARATOR.split(words)
    return [part.strip() for part in parts if part.strip()]


def confirm(operation: Operation, record_id: str, item: Item) -> bool:
    """Decide that an item is right as it is; True if that changed anything."""
    # An item that somebody edited shows another value than the one that decisions name. To agree
    # with it is to make the same edit.
    was_edited = item.value.id != item.subject
    verdict = Verdict.EDIT if was_edited else Verdict.ACCEPT
    return operation.decide(record_id, item.value.field, item.subject, verdict, item.value.id)


def enter_one(operation: Operation, record: Record, field: StructuredField, text: str) -> bool:
    """Enter one value in the person's own words, with its evidence if the abstract has them."""
    evidence = find_evidence(record.abstract or "", text)
    return _enter_value(operation, record, field, text, evidence)


def enter_span(
    operation: Operation, record: Record, field: StructuredField, start: int, end: int
) -> bool:
    """Enter one value in the abstract's own words, from ``start`` to ``end`` in code points."""
    quote = (record.abstract or "")[start:end]
    text = " ".join(quote.split())
    return _enter_value(operation, record, field, text, (Evidence(start, end, quote),))


def _enter_value(
    operation: Operation,
    record: Record,
    field: StructuredField,
    text: str,
    evidence: tuple[Evidence, ...],
) -> bool:
    value = _persons_value(operation, field.name, text, evidence)
    operation.add_value(record.id, value)
    return operation.decide(record.id, field.name, value.id, Verdict.ENTER, value.id)


def _persons_value(
    operation: Operation,
    field: str,
    text: str,
    evidence: tuple[Evidence, ...],
    number: int | None = None,
) -> Value:
    """A new value made by the actor, who is sure of it."""
    maker = f"person:{operation.actor}"
    return Value(new_id(), field, text, None, evidence, maker, 1.0, operation.now, number)


def reject(operation: Operation, record_id: str, item: Item) -> bool:
    """Decide that an item is wrong; True if that changed anything.

    What the person alone had entered is simply taken back.
    """
    was_edited = item.value.id != item.subject
    is_own = item.value.maker == f"person:{operation.actor}"
    others = set(item.actors) - {operation.actor}
    verdict = None if is_own and not was_edited and not others else Verdict.REJECT
    return operation.decide(record_id, item.value.field, item.subject, verdict)


def not_reported(operation: Operation, record: Record, cell: Cell) -> bool:
    """Decide that the abstract does not report the field; all items of the cell are rejected."""
    changed = False
    for item in cell.items:
        changed |= reject(operation, record.id, item)
    return changed | operation.decide(record.id, cell.field, "", Verdict.NOT_REPORTED)


def accept(operation: Operation, record_id: str, cells: Iterable[Cell], above: float = 0.0) -> int:
    """Accept the proposals in ``cells`` that have at least the confidence ``above`` (0 to 1).

    Returns how many were accepted.
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
    """Let ``text`` take the place of an item; True if that changed anything.

    Its evidence is searched in the abstract. When the words are not there, the evidence of the
    item is kept.
    """
    value = item.value
    evidence = find_evidence(record.abstract or "", text) or value.evidence
    edited = _persons_value(operation, value.field, text, evidence, value.number)
    operation.add_value(record.id, edited)
    return operation.decide(record.id, value.field, item.subject, Verdict.EDIT, edited.id)


def rename(
    operation: Operation, record: Record, key: str, holders: Callable[[str], Sequence[str]]
) -> bool:
    """Give a record another citation key; its old key still finds it. True if that changed it.

    ``holders`` gives the ids of the records that have or had a key. Raises Conflict when another
    record has or had ``key``.
    """
    check_key(key)
    if key == record.key and not record.key_generated:
        return False
    if any(holder != record.id for holder in holders(key)):
        raise Conflict(f"the key {key} is taken (or was, and still resolves)", "Choose another.")
    if key != record.key:
        operation.put(Slot("alias", record.id, record.key), True)
        operation.put(Slot("alias", record.id, key), None)  # the record may return to a former key
    return operation.put(Slot("key", record.id), [key, 0])


def tag(operation: Operation, record_id: str, add: Sequence[str], remove: Sequence[str]) -> bool:
    """Add tags to a record and remove others; True if that changed anything."""
    changed = False
    for name in add:
        changed |= operation.put(Slot("tag", record_id, check_tag(name)), True)
    for name in remove:
        changed |= operation.put(Slot("tag", record_id, name), None)
    return changed


def check_tag(name: str) -> str:
    """``name`` itself; raises UsageFault when it cannot be a tag."""
    if not is_tag(name):
        raise UsageFault(
            f"{name!r} cannot be a tag", "A tag is one word without commas, quotes or brackets."
        )
    return name
