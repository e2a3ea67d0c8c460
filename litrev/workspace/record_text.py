"""A record as text for an editor, and the text read back: one `name = value` a line, then the
abstract.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from litrev.errors import Conflict, UsageFault
from litrev.library.model.codebook import StructuredField
from litrev.library.model.record import Cell, CellState, Field, Item, ItemState, Record
from litrev.library.storage import edits as editing
from litrev.library.storage.library import Library
from litrev.library.storage.operations import Operation

_HEADER = """\
# Lines that begin with # are comments. A line is `name = value`; a line taken away takes the value away.
# In the structured fields [x] is decided, [ ] only proposed: change [ ] to [x] to accept, take a line
# away to reject, [x] to [ ] to take your word back, change its words to edit, write a new line `methods = [x] interview` to add.
# A field with the value (not reported) says that the abstract does not tell.
"""
_BOX = re.compile(r"\[([ xX≠])\]")
_NOT_REPORTED = "(not reported)"
_ABSTRACT = "--- abstract (keep this line) ---"


_RESERVED = frozenset({"key", "tags", "entrytype"})
_BIB = "bib:"  # before a bibliographic field that is named like something else here


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    name: str
    text: str
    box: str = ""  # x, ≠, or a blank


def render(library: Library, record_id: str) -> str:
    """The record as it is edited."""
    record = library.record(record_id)
    lines = [
        _HEADER,
        f"key = {record.key}",
        f"entrytype = {record.entry_type}",
        f"tags = {' '.join(record.tags)}",
        "",
    ]
    structured = library.codebook()
    for field in record.fields:
        clashes = field.name in _RESERVED or field.name in structured
        lines.append(f"{_BIB if clashes else ''}{field.name} = {_one_line(field.value)}")
    lines.append("")
    for name, cell in library.cells([record_id])[record_id].items():
        if cell.state is CellState.NOT_REPORTED:
            lines.append(f"{name} = {_NOT_REPORTED}")
        lines += [f"{name} = {_box(item)} {_one_line(item.value.text)}" for item in cell.items]
    lines += ["", _ABSTRACT, record.abstract or ""]
    return "\n".join(lines)


def apply(
    library: Library, operation: Operation, record_id: str, original: str, text: str
) -> list[str]:
    """Write what differs between the text that was given and the one that came back, all of it or
    nothing.

    What others changed meanwhile stays. Raises UsageFault, naming the line, for what cannot be
    read, Conflict where somebody has changed the same thing; the names of what changed.
    """
    structured = frozenset(library.codebook().names)
    before, abstract_before = _parse(original, structured)
    after, abstract = _parse(text, structured)
    if abstract == abstract_before + "\n":  # many editors end a file so
        abstract = abstract_before
    edit = _Edit(library, operation, record_id, before, after)
    edit.names_and_tags()
    edit.metadata()
    for field in library.codebook().fields:
        edit.structured(field)
    if abstract != abstract_before:
        edit.unchanged_since("abstract", abstract_before, library.record(record_id).abstract or "")
        edit.note("abstract", operation.set_abstract(record_id, abstract))
    return edit.changed


class _Edit:
    """The difference of two texts of a record, being written."""

    def __init__(
        self,
        library: Library,
        operation: Operation,
        record_id: str,
        before: list[_Line],
        after: list[_Line],
    ) -> None:
        self.library, self.operation, self.record_id = library, operation, record_id
        self.before, self.after = before, after
        self.changed: list[str] = []

    def note(self, name: str, done: bool) -> None:
        if done and name not in self.changed:
            self.changed.append(name)

    def unchanged_since(self, name: str, shown: str, now: str) -> None:
        if shown != now:
            raise Conflict(
                f"{name} has been changed by somebody else meanwhile",
                "Look at it again; your text is kept.",
            )

    def record(self) -> Record:
        return self.library.record(self.record_id)

    def names_and_tags(self) -> None:
        old, new = _single(self.before, "key"), _single(self.after, "key")
        if new != old:
            self.unchanged_since("key", old, self.record().key)
            self.note(
                "key", editing.rename(self.operation, self.record(), new, self.library.holders)
            )
        had, has = _single(self.before, "tags").split(), _single(self.after, "tags").split()
        added, removed = (
            [tag for tag in has if tag not in had],
            [tag for tag in had if tag not in has],
        )
        self.note("tags", editing.tag(self.operation, self.record_id, added, removed))

    def metadata(self) -> None:
        structured = self.library.codebook()
        for name in dict.fromkeys(line.name for line in (*self.before, *self.after)):
            if name in {"key", "tags"} or name in structured:
                continue
            old, new = _single(self.before, name), _single(self.after, name)
            if new == old:
                continue
            record, field = self.record(), name.removeprefix(_BIB)
            self.unchanged_since(
                field,
                old,
                record.entry_type if name == "entrytype" else _one_line(record.get(field)),
            )
            if name.startswith(_BIB):
                self.note(
                    field,
                    self.operation.set_field(
                        self.record_id, field, Field(field, new) if new else None
                    ),
                )
            else:
                self.note(name, editing.set_metadata(self.operation, record, name, new))

    def structured(self, field: StructuredField) -> None:
        old = [line for line in self.before if line.name == field.name]
        new = [line for line in self.after if line.name == field.name]
        if [(line.text, line.box) for line in old] == [(line.text, line.box) for line in new]:
            return
        if any(line.text == _NOT_REPORTED for line in new):
            self.note(
                field.name, editing.not_reported(self.operation, self.record(), self.cell(field))
            )
            return
        if any(line.text == _NOT_REPORTED for line in old):
            self.note(field.name, self.operation.decide(self.record_id, field.name, "", None))
        self.values(field, [line for line in old if line.text != _NOT_REPORTED], new)

    def values(self, field: StructuredField, old: list[_Line], new: list[_Line]) -> None:
        there: dict[str, list[Item]] = {}
        for item in self.cell(field).items:
            there.setdefault(_one_line(item.value.text), []).append(item)
        steps = difflib.SequenceMatcher(
            None, [line.text for line in old], [line.text for line in new], autojunk=False
        ).get_opcodes()
        for step, a, b, c, d in steps:
            if step == "equal":
                for before, after in zip(old[a:b], new[c:d], strict=True):
                    self.box(field, before, after, there)
                continue
            # A line changed in its place is an edit of the value that stood there.
            edited = min(b - a, d - c)
            for before, after in zip(old[a : a + edited], new[c : c + edited], strict=True):
                for item in there.get(before.text, ())[:1]:
                    self.note(
                        field.name,
                        editing.edit_item(self.operation, self.record(), item, after.text),
                    )
            kept = {item.subject for line in new for item in there.get(line.text, ())}
            for before in old[a + edited : b]:
                gone = [item for item in there.get(before.text, ()) if item.subject not in kept]
                for item in gone:
                    self.note(field.name, editing.reject(self.operation, self.record_id, item))
            for after in new[c + edited : d]:
                self.note(
                    field.name, editing.enter_one(self.operation, self.record(), field, after.text)
                )

    def box(
        self, field: StructuredField, before: _Line, after: _Line, there: dict[str, list[Item]]
    ) -> None:
        """A box that was ticked accepts, one that was emptied takes the person's word back."""
        if before.box == after.box:
            return
        for item in there.get(after.text, ()):
            if after.box == "x":
                self.note(field.name, editing.confirm(self.operation, self.record_id, item))
            elif after.box == " ":
                self.note(
                    field.name,
                    self.operation.decide(self.record_id, field.name, item.subject, None),
                )

    def cell(self, field: StructuredField) -> Cell:
        return self.library.cells([self.record_id], [field.name])[self.record_id][field.name]


def _parse(text: str, structured: frozenset[str]) -> tuple[list[_Line], str]:
    head, mark, abstract = text.partition(_ABSTRACT + "\n")
    if not mark:
        if not text.rstrip("\n").endswith(_ABSTRACT):
            raise UsageFault(
                f"the line `{_ABSTRACT}` is missing", "Put it back before the abstract."
            )
        head = text.rstrip("\n").removesuffix(_ABSTRACT)
    lines = []
    for number, line in enumerate(head.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        name, value = name.strip().casefold(), value.strip()
        if not sign or not name or " " in name:
            raise UsageFault(
                f"line {number}: {line[:60]!r} is not `name = value`",
                "Correct it, or begin it with # to leave it out.",
            )
        box = _BOX.match(value) if name in structured else None
        if box:
            value = value[box.end() :].strip()
        lines.append(
            _Line(
                number,
                name,
                value,
                box.group(1).lower() if box else "x" if name in structured else "",
            )
        )
    return lines, abstract


def _single(lines: list[_Line], name: str) -> str:
    found = [line for line in lines if line.name == name]
    if len(found) > 1:
        raise UsageFault(
            f"line {found[1].number}: {name} is given twice", "Keep one of the two lines."
        )
    return found[0].text if found else ""


def _box(item: Item) -> str:
    return {ItemState.DECIDED: "[x]", ItemState.PROPOSED: "[ ]", ItemState.DISPUTED: "[≠]"}[
        item.state
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split())
