"""Three-way merging: what a source says now, what was last read from it, and what is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from litrev.library.bibtex.expression import uses_macros
from litrev.library.bibtex.names import NAME_FIELDS
from litrev.library.model.ids import abstract_hash
from litrev.library.model.record import Field, Record
from litrev.library.model.source import Work
from litrev.library.storage.journal import Slot
from litrev.library.storage.operations import Operation

_LONGEST_TEXT = 60  # characters of a text that a conflict shows


@dataclass(frozen=True, slots=True)
class Difference:
    """A conflict: the source and a person both changed ``name``, and not to the same text.

    ``name`` is that of a field, ``entry type`` or ``abstract``. ``theirs`` is the text that the
    source has now and ``ours`` that of the library; each is empty where that side has none.
    """

    name: str
    theirs: str
    ours: str

    def __str__(self) -> str:
        return (
            f"{self.name}: the file says {_short(self.theirs)},"
            f" the library {_short(self.ours)}; the library's stands"
        )


# Take what the source says, keep what is here, or report that the two are in conflict.
_Verdict = Literal["take", "keep", "conflict"]


def merge(
    operation: Operation, record: Record, base: Work | None, theirs: Work
) -> tuple[bool, list[Difference]]:
    """Take over what changed in the source and was not changed here.

    ``base`` is what was last read from this source for the record, and ``theirs`` what it says
    now. Without a base, the source describes the record for the first time, and only fills what is
    missing. What a person has emptied is not filled.

    The result says whether anything changed here, and lists the conflicts, of which nothing is
    taken. ``record`` itself stays as it was: read it again to see the changes.
    """
    changed = False
    conflicts: list[Difference] = []
    ours = by_name(record.fields)
    before = by_name(base.fields) if base else {}
    after = by_name(theirs.fields)
    for name in {**after, **before}:
        our_field = ours.get(name)
        their_field = after.get(name)
        verdict = _decide(our_field, before.get(name), their_field, has_base=base is not None)
        if verdict == "conflict":
            conflict = Difference(name, theirs=_text(their_field), ours=_text(our_field))
            conflicts.append(conflict)
        elif verdict == "take":
            # A person may have emptied the field before this source described the record.
            slot = Slot("field", record.id, name)
            if base is None and operation.emptied(slot):
                continue
            changed |= operation.set_field(record.id, name, their_field)
    changed |= _merge_type(operation, record, base, theirs, conflicts)
    changed |= _merge_abstract(operation, record, base, theirs, conflicts)
    return changed, conflicts


def _decide(
    ours: Field | None, base: Field | None, theirs: Field | None, *, has_base: bool
) -> _Verdict:
    """What to do with one field. The words decide, not the braces around them.

    ``has_base`` says whether the source described the record before; it may have done so without
    this field, and then ``base`` is None all the same.
    """
    if _is_as_read(ours, base):
        # Taken also for other spellings of the same words, to stay in step with the file.
        return "keep" if _is_as_read(theirs, base) else "take"
    if same_words(ours, theirs):
        return "keep"
    if not has_base:
        return "take" if ours is None else "conflict"
    if same_words(base, theirs):
        return "keep"
    return "take" if same_words(ours, base) else "conflict"


def _is_as_read(field: Field | None, base: Field | None) -> bool:
    """Whether a field is still written as it was last read; False where it has no expression."""
    if field is None or base is None:
        return False
    if field.raw is None or field.raw != base.raw:
        return False
    # An older litrev may have decoded the same expression differently: that is not a change. But
    # one macro may have two meanings, as files define it or at different times.
    return not uses_macros(field.raw) or same_words(field, base)


def by_name(fields: Iterable[Field]) -> dict[str, Field]:
    """The fields of a record or a work by their names."""
    return {field.name: field for field in fields}


def same_words(one: Field | None, other: Field | None) -> bool:
    """Whether two fields say the same, apart from braces around names.

    A field that is missing says the same only as one that is missing too.

    >>> same_words(Field("author", "{Ann Ash}"), Field("author", "Ann Ash"))
    True
    >>> same_words(Field("title", "{Trust}"), Field("title", "Trust"))
    False
    """
    if one is None or other is None:
        return one is other
    if one.value == other.value:
        return True
    if one.name not in NAME_FIELDS:
        return False
    return _without_braces(one.value) == _without_braces(other.value)


def _without_braces(names: str) -> str:
    return names.replace("{", "").replace("}", "")


def _merge_type(
    operation: Operation,
    record: Record,
    base: Work | None,
    theirs: Work,
    conflicts: list[Difference],
) -> bool:
    """Take the entry type that the source states, or add to ``conflicts``; whether it changed."""
    slot = Slot("type", record.id)
    stated = theirs.entry_type
    if stated == record.entry_type:
        # What was a guess until now is certain: the second value of the slot says so.
        if not record.type_guessed:
            return False
        return operation.put(slot, [stated, 0])
    base_type = base.entry_type if base else None
    if stated is None or stated == base_type:
        return False
    if record.type_guessed or record.entry_type == base_type:
        return operation.put(slot, [stated, 0])
    conflicts.append(Difference("entry type", stated, record.entry_type))
    return False


def _merge_abstract(
    operation: Operation,
    record: Record,
    base: Work | None,
    theirs: Work,
    conflicts: list[Difference],
) -> bool:
    """Take the abstract of the source, or add to ``conflicts``; whether it changed here."""
    text = theirs.abstract
    base_text = base.abstract if base else None
    if base and text == base_text:
        return False
    if text is None:
        # An abstract that is no longer in the file stays here; the report names the difference.
        if base_text and record.abstract:
            conflicts.append(Difference("abstract", "", record.abstract))
        return False
    is_missing = base is None and record.abstract is None
    if is_missing and operation.emptied(Slot("abstract", record.id)):
        return False
    if record.abstract == base_text:
        return operation.set_abstract(record.id, text)
    if abstract_hash(text) != abstract_hash(record.abstract):
        conflicts.append(Difference("abstract", text, record.abstract or ""))
    return False


def _text(field: Field | None) -> str:
    return field.value if field else ""


def _short(text: str) -> str:
    """The text on one line, in quotes, cut off after 60 characters.

    >>> _short("trust\\nmatters")
    '“trust matters”'
    """
    words = " ".join(text.split())
    if len(words) > _LONGEST_TEXT:
        words = f"{words[: _LONGEST_TEXT - 1]}…"
    return f"“{words}”"
