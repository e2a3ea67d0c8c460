"""Three-way merging: what a source says now against what was last read from it and what stands
here.
"""

from __future__ import annotations

from dataclasses import dataclass

from litrev.library.bibtex.names import NAME_FIELDS
from litrev.library.model.ids import abstract_hash
from litrev.library.model.record import Field, Record
from litrev.library.model.source import Work
from litrev.library.storage.journal import Slot
from litrev.library.storage.operations import Operation


@dataclass(frozen=True, slots=True)
class Difference:
    """A true conflict: the source and a person both changed ``name``, and not to the same."""

    name: str
    theirs: str
    ours: str

    def __str__(self) -> str:
        return f"{self.name}: the file says {_short(self.theirs)}, the library {_short(self.ours)}; the library's stands"


def merge(
    operation: Operation, record: Record, base: Work | None, theirs: Work
) -> tuple[bool, list[Difference]]:
    """Take over what changed in the source and nobody changed here; whether anything did, and the
    conflicts.

    Without a ``base`` (the first time this source speaks of the record) it only fills what is
    missing.
    """
    changed, conflicts = False, list[Difference]()
    ours = {field.name: field for field in record.fields}
    before = {field.name: field for field in base.fields} if base else {}
    after = {field.name: field for field in theirs.fields}
    for name in {**after, **before}:
        verdict = _decide(ours.get(name), before.get(name), after.get(name), base is not None)
        if verdict == "take" and base is None and operation.emptied(Slot("field", record.id, name)):
            continue  # a person took it away, and this source does not know yet
        if verdict == "take":
            changed |= operation.set_field(record.id, name, after.get(name))
        elif verdict == "conflict":
            conflicts.append(Difference(name, _text(after.get(name)), _text(ours.get(name))))
    changed |= _merge_type(operation, record, base, theirs, conflicts)
    changed |= _merge_abstract(operation, record, base, theirs, conflicts)
    return changed, conflicts


def _decide(ours: Field | None, base: Field | None, theirs: Field | None, has_base: bool) -> str:
    """What to do with one field; the words decide, not the braces around them."""
    if same_words(ours, theirs):
        # The same words written otherwise: the file's own spelling of them is kept up to date.
        respelled = (
            ours and theirs and base and ours.raw is not None and ours.raw == base.raw != theirs.raw
        )
        return "take" if respelled else "keep"
    if has_base and same_words(base, theirs):
        return "keep"
    if ours is None if not has_base else same_words(ours, base):
        return "take"
    return "keep" if theirs is None and not has_base else "conflict"


def same_words(one: Field | None, other: Field | None) -> bool:
    """Whether two fields say the same, braces around a name left aside."""
    if one is None or other is None:
        return one is other
    return one.value == other.value or (
        one.name in NAME_FIELDS and _bare(one.value) == _bare(other.value)
    )


def _bare(names: str) -> str:
    return names.replace("{", "").replace("}", "")


def _merge_type(
    operation: Operation,
    record: Record,
    base: Work | None,
    theirs: Work,
    conflicts: list[Difference],
) -> bool:
    stated = theirs.entry_type
    if stated is None or stated == record.entry_type or (base and base.entry_type == stated):
        return (
            operation.put(Slot("type", record.id), [record.entry_type, 0])
            if stated == record.entry_type and record.type_guessed
            else False
        )
    if record.type_guessed or (base and base.entry_type == record.entry_type):
        return operation.put(Slot("type", record.id), [stated, 0])
    conflicts.append(Difference("entry type", stated, record.entry_type))
    return False


def _merge_abstract(
    operation: Operation,
    record: Record,
    base: Work | None,
    theirs: Work,
    conflicts: list[Difference],
) -> bool:
    text = theirs.abstract
    if base and base.abstract == text:
        return False
    if text is None:
        if base and base.abstract and record.abstract:
            conflicts.append(Difference("abstract", "", record.abstract))
        return False
    same = abstract_hash(text) == abstract_hash(record.abstract)
    if base is None and record.abstract is None and operation.emptied(Slot("abstract", record.id)):
        return False
    if record.abstract == (base.abstract if base else None):
        return operation.set_abstract(record.id, text)
    if not same:
        conflicts.append(Difference("abstract", text, record.abstract or ""))
    return False


def _text(field: Field | None) -> str:
    return field.value if field else ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words}”" if len(words) <= 60 else f"“{words[:59]}…”" if words else "nothing"
