"""What a person does to a record: set, accept, reject, tag, rename; each as slots of one operation."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence

from litrev.library import slots
from litrev.library.codebook import Codebook, StructuredField
from litrev.library.errors import Conflict, UsageFault
from litrev.library.history import Operation
from litrev.library.identity import new_id
from litrev.library.keys import check_key
from litrev.library.record import Cell, Evidence, Field, ItemState, Record, Value, Verdict
from litrev.library.slots import Slot

_NAME = re.compile(r"[a-z][a-z0-9_+.:-]*", re.IGNORECASE)
_LIST_SEPARATOR = re.compile(r"\s*[;；]\s*|\n+")


def set_metadata(operation: Operation, record: Record, name: str, text: str) -> bool:
    """Set a bibliographic field to ``text``, or remove it with an empty one; True if that changed anything."""
    if not _NAME.fullmatch(name):
        raise UsageFault(f"{name!r} is no field name", "A field name is letters, digits and _ + . : -")
    name = name.casefold()
    if name in {"entrytype", "entry_type"}:
        return operation.put(Slot("type", record.id), [text.strip().casefold(), 0])
    if name == "abstract":
        return edit_abstract(operation, record, text)
    if text == record.get(name) and text:
        return False
    return operation.set_field(record.id, name, Field(name, text) if text else None)


def enter(operation: Operation, record: Record, cell: Cell, field: StructuredField, text: str, *, replace: bool) -> bool:
    """Put the person's own words into a cell; with ``replace`` instead of what is there, else beside it."""
    texts = [text.strip()] if field.single else [part.strip() for part in _LIST_SEPARATOR.split(text)]
    texts = [part for part in texts if part]
    changed = False
    standing = {item.value.text: item for item in cell.items}
    if replace:
        changed |= operation.decide(record.id, field.name, "", None)
        for old, item in standing.items():
            if old not in texts:
                changed |= _take_out(operation, record.id, item.value)
    elif cell.state.value == "not reported":
        changed |= operation.decide(record.id, field.name, "", None)
    for part in texts:
        held = standing.get(part)
        if held and held.state is ItemState.DECIDED:
            continue
        if held:
            changed |= operation.decide(record.id, field.name, held.value.id, Verdict.ACCEPT, held.value.id)
            continue
        changed |= enter_one(operation, record, field, part)
    return changed


def enter_one(operation: Operation, record: Record, field: StructuredField, text: str) -> bool:
    """One value in the person's own words, its evidence found in the abstract if it stands there."""
    spans = find_evidence(record.abstract or "", text)
    value = Value(new_id(), field.name, text, None, spans, f"person:{operation.actor}", 1.0, operation.now)
    operation.add_value(record.id, value)
    return operation.decide(record.id, field.name, value.id, Verdict.ENTER, value.id)


def _take_out(operation: Operation, record_id: str, value: Value) -> bool:
    own = value.maker == f"person:{operation.actor}"
    return operation.decide(record_id, value.field, value.id, None if own else Verdict.REJECT)


def find_evidence(abstract: str, text: str) -> tuple[Evidence, ...]:
    """Where ``text`` stands in the abstract, in any case and with any blanks; empty if nowhere."""
    words = text.split()
    if not words:
        return ()
    pattern = r"\s+".join(re.escape(word) for word in words)
    match = re.search(pattern, abstract, re.IGNORECASE)
    return (Evidence(match.start(), match.end(), match.group()),) if match else ()


def not_reported(operation: Operation, record: Record, cell: Cell) -> bool:
    """The person's word that the abstract does not say; what stood in the cell is rejected."""
    changed = False
    for item in cell.items:
        changed |= _take_out(operation, record.id, item.value)
    return changed | operation.decide(record.id, cell.field, "", Verdict.NOT_REPORTED)


def accept(operation: Operation, record_id: str, cells: Iterable[Cell], above: float = 0.0) -> int:
    """Accept what is proposed in ``cells`` with at least this confidence; how many values that were."""
    count = 0
    for cell in cells:
        for item in cell.items:
            if item.state is ItemState.PROPOSED and item.value.confidence >= above:
                count += operation.decide(record_id, cell.field, item.value.id, Verdict.ACCEPT, item.value.id)
    return count


def edit_item(operation: Operation, record: Record, value: Value, text: str) -> bool:
    """Let ``text`` stand for a value; its evidence is found anew, or kept where the words are not in the abstract."""
    spans = find_evidence(record.abstract or "", text) or value.evidence
    edited = Value(new_id(), value.field, text, None, spans, f"person:{operation.actor}", 1.0, operation.now, value.number)
    operation.add_value(record.id, edited)
    if value.maker == f"person:{operation.actor}":
        operation.decide(record.id, value.field, value.id, None)
        return operation.decide(record.id, value.field, edited.id, Verdict.ENTER, edited.id)
    return operation.decide(record.id, value.field, value.id, Verdict.EDIT, edited.id)


def reject(operation: Operation, record_id: str, value: Value) -> bool:
    """The person's word that a value is wrong; what the person entered is simply taken back."""
    return _take_out(operation, record_id, value)


def rename(operation: Operation, record: Record, key: str, taken: Callable[[str], bool]) -> bool:
    """Give a record another citation key; the old one keeps resolving. Raises Conflict if it is taken."""
    check_key(key)
    if key == record.key and not record.key_generated:
        return False
    if slots.fold_key(key) != slots.fold_key(record.key) and taken(key) and key not in record.aliases:
        raise Conflict(f"the key {key} is taken (or was, and still resolves)", "Choose another.")
    if key != record.key:
        operation.put(Slot("alias", record.id, record.key), True)
        operation.put(Slot("alias", record.id, key), None)
    return operation.put(Slot("key", record.id), [key, 0])


def edit_abstract(operation: Operation, record: Record, text: str) -> bool:
    """Change the abstract: evidence whose words did not change moves with them, the rest becomes stale."""
    if not operation.put(Slot("abstract", record.id), text or None):
        return False
    rows = operation.connection.execute("SELECT id FROM value WHERE record_id = ?", (record.id,)).fetchall()
    move = _mover(record.abstract or "", text)
    for (value_id,) in rows:
        slot = Slot("evidence", record.id, value_id)
        spans = slots.read(operation.connection, slot)
        operation.put(slot, [move(*span) for span in spans])
    return True


def _mover(old: str, new: str) -> Callable[[int, int, str, int], list[object]]:
    """A function that tells where a span of ``old`` is in ``new``: moved, or where it was but stale."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    blocks = [(0, 0, head), (len(old) - tail, len(new) - tail, tail)]
    if len(middle_old) * len(middle_new) <= 25_000_000:  # beyond that, only what is found once moves
        matcher = difflib.SequenceMatcher(None, middle_old, middle_new, autojunk=False)
        blocks += [(head + a, head + b, size) for a, b, size in matcher.get_matching_blocks()]

    def move(start: int, end: int, quote: str, stale: int) -> list[object]:
        for a, b, size in blocks:
            if a <= start and end <= a + size and not stale:
                return [start - a + b, end - a + b, quote, 0]
        found = new.find(quote)
        if found >= 0 and new.find(quote, found + 1) < 0:
            return [found, found + len(quote), quote, 0]
        return [start, end, quote, 1]

    return move


def _common(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:  # the longest common start, by halving
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


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
    if not name or any(char.isspace() or char in ",;\"'()" or not char.isprintable() for char in name):
        raise UsageFault(f"{name!r} cannot be a tag", "A tag is one word without commas, quotes or brackets.")
    return name


def field_of(codebook: Codebook, name: str) -> StructuredField | None:
    """The structured field called ``name``, hyphens and underscores alike; None if it is none."""
    folded = name.casefold().replace("-", "_").replace(" ", "_")
    return next((field for field in codebook.fields if field.name == folded), None)
