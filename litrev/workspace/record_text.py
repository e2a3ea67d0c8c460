"""A record as text for an editor, and the edited text read back.

The text has a `name = value` on each line, then the abstract.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from litrev.errors import Conflict, UsageFault
from litrev.library.model.codebook import StructuredField
from litrev.library.model.record import Cell, CellState, Field, Item, ItemState, Record
from litrev.library.storage import edits
from litrev.library.storage.library import Library
from litrev.library.storage.operations import Operation

_HEADER = """\
# Lines that begin with # are comments. A line is `name = value`; deleting a line deletes its value.
# In the structured fields [x] is decided, [ ] only proposed.
# Change [ ] to [x] to accept, delete the line to reject, change [x] to [ ] to undo your decision,
# change the words to edit, write a new line such as `methods = [x] interview` to add.
# A field with the value (not reported) says that the abstract does not tell.
"""
_BOX = re.compile(r"\[([ xX≠])\]")
_BOX_OF_STATE = {ItemState.DECIDED: "[x]", ItemState.PROPOSED: "[ ]", ItemState.DISPUTED: "[≠]"}
_NOT_REPORTED = "(not reported)"
_ABSTRACT = "--- abstract (keep this line) ---"

_RESERVED = frozenset({"key", "tags", "entrytype"})
_BIB = "bib:"  # before a bibliographic field with a name that means something else here


@dataclass(frozen=True, slots=True)
class _Line:
    """A ``name = text`` of the edited text, and the number of its line, from 1.

    ``box`` is x, ≠ or a blank; it is empty for what is not a structured field.
    """

    number: int
    name: str
    text: str
    box: str = ""


def render(library: Library, record_id: str) -> str:
    """The text of a record: how to edit it, its metadata, its structured fields, its abstract."""
    record = library.record(record_id)
    lines = [
        _HEADER,
        f"key = {record.key}",
        f"entrytype = {record.entry_type}",
        f"tags = {' '.join(record.tags)}",
        "",
    ]
    codebook = library.codebook()
    for field in record.fields:
        is_ambiguous = field.name in _RESERVED or field.name in codebook
        prefix = _BIB if is_ambiguous else ""
        lines.append(f"{prefix}{field.name} = {_one_line(field.value)}")
    lines.append("")
    cells = library.cells([record_id])[record_id]
    for name, cell in cells.items():
        if cell.state is CellState.NOT_REPORTED:
            lines.append(f"{name} = {_NOT_REPORTED}")
        lines += [f"{name} = {_boxed(item)}" for item in cell.items]
    lines += ["", _ABSTRACT, record.abstract or ""]
    return "\n".join(lines)


def apply(
    library: Library, operation: Operation, record_id: str, original: str, text: str
) -> list[str]:
    """Save the differences between ``original`` and ``text``, all of them or none.

    Returns the names of what changed. What others changed in the meantime stays. Raises
    UsageFault, naming the line, for a line that cannot be read, Conflict where somebody else has
    changed the same thing.
    """
    structured_names = frozenset(library.codebook().names)
    before, abstract_before = _parse(original, structured_names)
    after, abstract = _parse(text, structured_names)
    if abstract == abstract_before + "\n":  # many editors add a newline at the end
        abstract = abstract_before
    edit = _Edit(library, operation, record_id, before, after)
    edit.key()
    edit.tags()
    edit.metadata()
    for field in library.codebook().fields:
        edit.structured(field)
    if abstract != abstract_before:
        present_abstract = library.record(record_id).abstract or ""
        edit.check_unchanged("abstract", abstract_before, present_abstract)
        edit.note("abstract", operation.set_abstract(record_id, abstract))
    return edit.changed


class _Edit:
    """The difference between two texts of a record, while it is written.

    ``before`` and ``after`` are the lines of the texts, and ``changed`` the names of what has been
    changed so far.
    """

    def __init__(
        self,
        library: Library,
        operation: Operation,
        record_id: str,
        before: list[_Line],
        after: list[_Line],
    ) -> None:
        self.library = library
        self.operation = operation
        self.record_id = record_id
        self.before = before
        self.after = after
        self.changed: list[str] = []

    def note(self, name: str, has_changed: bool) -> None:
        """Remember, once, that ``name`` has changed."""
        if has_changed and name not in self.changed:
            self.changed.append(name)

    def check_unchanged(self, name: str, shown: str, present: str) -> None:
        """Raise Conflict if ``name`` is no longer what the editor was shown."""
        if shown != present:
            raise Conflict(
                f"{name} has been changed by somebody else in the meantime",
                "Look at it again; your text is kept.",
            )

    # Both are read anew for each change: the change before may have altered them.

    def record(self) -> Record:
        return self.library.record(self.record_id)

    def cell(self, field: StructuredField) -> Cell:
        cells = self.library.cells([self.record_id], [field.name])
        return cells[self.record_id][field.name]

    # Key, tags, metadata

    def key(self) -> None:
        old = _single(self.before, "key")
        new = _single(self.after, "key")
        if new != old:
            record = self.record()
            self.check_unchanged("key", old, record.key)
            has_changed = edits.rename(self.operation, record, new, self.library.holders)
            self.note("key", has_changed)

    def tags(self) -> None:
        old = _single(self.before, "tags").split()
        new = _single(self.after, "tags").split()
        added = [tag for tag in new if tag not in old]
        removed = [tag for tag in old if tag not in new]
        has_changed = edits.tag(self.operation, self.record_id, added, removed)
        self.note("tags", has_changed)

    def metadata(self) -> None:
        """Save the bibliographic fields and the entry type, where the two texts differ."""
        codebook = self.library.codebook()
        names = [line.name for line in (*self.before, *self.after)]
        for name in dict.fromkeys(names):
            if name in {"key", "tags"} or name in codebook:
                continue
            old = _single(self.before, name)
            new = _single(self.after, name)
            if new != old:
                self._set_metadata(name, old, new)

    def _set_metadata(self, name: str, old: str, new: str) -> None:
        """Save a changed text, unless somebody else has changed it in the meantime."""
        record = self.record()
        field_name = name.removeprefix(_BIB)
        if name == "entrytype":
            present = record.entry_type
        else:
            present = _one_line(record.get(field_name))
        self.check_unchanged(field_name, old, present)
        if name.startswith(_BIB):
            # set_metadata refuses key and tags, and takes entrytype for the type of the record.
            field = Field(field_name, new) if new else None
            has_changed = self.operation.set_field(self.record_id, field_name, field)
        else:
            has_changed = edits.set_metadata(self.operation, record, name, new)
        self.note(field_name, has_changed)

    # Structured fields

    def structured(self, field: StructuredField) -> None:
        """Save one structured field, where the two texts differ."""
        old = [line for line in self.before if line.name == field.name]
        new = [line for line in self.after if line.name == field.name]
        if _values_of(old) == _values_of(new):
            return
        if _says_not_reported(new):
            changed = edits.not_reported(self.operation, self.record(), self.cell(field))
            self.note(field.name, changed)
            return
        if _says_not_reported(old):
            undone = self.operation.decide(self.record_id, field.name, "", None)
            self.note(field.name, undone)
        old_values = [line for line in old if line.text != _NOT_REPORTED]
        self._values(field, old_values, new)

    def _items_by_text(self, field: StructuredField) -> dict[str, list[Item]]:
        """The items of a field under the text that their lines show."""
        items_by_text: dict[str, list[Item]] = {}
        for item in self.cell(field).items:
            text = _one_line(item.value.text)
            items_by_text.setdefault(text, []).append(item)
        return items_by_text

    def _values(self, field: StructuredField, old: list[_Line], new: list[_Line]) -> None:
        """Save the values of a field: edited, deleted and added lines, and changed boxes."""
        items_by_text = self._items_by_text(field)
        old_texts = [line.text for line in old]
        new_texts = [line.text for line in new]
        # Without autojunk, which from 200 lines on would ignore values that are frequent.
        matcher = difflib.SequenceMatcher(None, old_texts, new_texts, autojunk=False)
        # A text that is still on some line, as after moving it, keeps its values.
        kept: set[str] = set()
        for text in new_texts:
            kept.update(item.subject for item in items_by_text.get(text, ()))
        for step, old_start, old_end, new_start, new_end in matcher.get_opcodes():
            old_lines = old[old_start:old_end]
            new_lines = new[new_start:new_end]
            if step == "equal":
                for before, after in zip(old_lines, new_lines, strict=True):
                    items = items_by_text.get(after.text, ())
                    self._box(field, before, after, items)
                continue
            # A line that was changed in its place is an edit of its value: as many lines as both
            # sides have are edits, and what is over was deleted or added.
            for before, after in zip(old_lines, new_lines, strict=False):
                items = items_by_text.get(before.text, ())
                self._edit_value(field, items, after.text)
            edited = min(len(old_lines), len(new_lines))
            for before in old_lines[edited:]:
                items = items_by_text.get(before.text, ())
                deleted = [item for item in items if item.subject not in kept]
                self._reject(field, deleted)
            for after in new_lines[edited:]:
                changed = edits.enter_one(self.operation, self.record(), field, after.text)
                self.note(field.name, changed)

    def _edit_value(self, field: StructuredField, items: Sequence[Item], text: str) -> None:
        """Replace the first of the items that a line showed by ``text``."""
        if items:
            changed = edits.edit_item(self.operation, self.record(), items[0], text)
            self.note(field.name, changed)

    def _reject(self, field: StructuredField, items: Sequence[Item]) -> None:
        for item in items:
            changed = edits.reject(self.operation, self.record_id, item)
            self.note(field.name, changed)

    def _box(
        self, field: StructuredField, before: _Line, after: _Line, items: Sequence[Item]
    ) -> None:
        """Save a changed box: ``x`` accepts the value, a blank undoes the person's decision."""
        if before.box == after.box:
            return
        for item in items:
            if after.box == "x":
                accepted = edits.confirm(self.operation, self.record_id, item)
                self.note(field.name, accepted)
            elif after.box == " ":
                undone = self.operation.decide(self.record_id, field.name, item.subject, None)
                self.note(field.name, undone)


def _values_of(lines: list[_Line]) -> list[tuple[str, str]]:
    """What lines say about a field: the text and the box of each."""
    return [(line.text, line.box) for line in lines]


def _says_not_reported(lines: list[_Line]) -> bool:
    return any(line.text == _NOT_REPORTED for line in lines)


def _parse(text: str, structured_names: frozenset[str]) -> tuple[list[_Line], str]:
    """The lines before the abstract, and the abstract; raises UsageFault that names a line."""
    head, abstract = _divided(text)
    lines = []
    for number, line in enumerate(head.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        name = name.strip().casefold()
        value = value.strip()
        if not sign or not name or " " in name:
            raise UsageFault(
                f"line {number}: {line[:60]!r} is not `name = value`",
                "Correct it, or begin it with # to leave it out.",
            )
        if name in structured_names:
            lines.append(_structured_line(number, name, value))
        else:
            lines.append(_Line(number, name, value))
    return lines, abstract


def _divided(text: str) -> tuple[str, str]:
    """The text before the line that begins the abstract, and the abstract.

    Raises UsageFault when that line is missing.
    """
    head, mark, abstract = text.partition(_ABSTRACT + "\n")
    if mark:
        return head, abstract
    # With an empty abstract, an editor may have removed the newline after the line.
    text = text.rstrip("\n")
    if not text.endswith(_ABSTRACT):
        raise UsageFault(f"the line `{_ABSTRACT}` is missing", "Put it back before the abstract.")
    return text.removesuffix(_ABSTRACT), ""


def _structured_line(number: int, name: str, value: str) -> _Line:
    """A line of a structured field; without a box it counts as decided.

    >>> _structured_line(7, "methods", "[ ] interview")
    _Line(number=7, name='methods', text='interview', box=' ')
    """
    match = _BOX.match(value)
    if match is None:
        return _Line(number, name, value, box="x")
    text = value[match.end() :].strip()
    box = match.group(1).lower()
    return _Line(number, name, text, box)


def _single(lines: list[_Line], name: str) -> str:
    """The value of a name that only one line may have; empty when there is none.

    Raises UsageFault, with the number of the second line, when there are several.
    """
    matching = [line for line in lines if line.name == name]
    if len(matching) > 1:
        raise UsageFault(
            f"line {matching[1].number}: {name} is given twice", "Keep one of the two lines."
        )
    return matching[0].text if matching else ""


def _boxed(item: Item) -> str:
    """The value of an item behind the box of its state, as ``[x] interview``."""
    return f"{_BOX_OF_STATE[item.state]} {_one_line(item.value.text)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
