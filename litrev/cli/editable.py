"""A record as text for an editor, and the text read back: one `name = value` a line, then the abstract."""

from __future__ import annotations

from dataclasses import dataclass

from litrev.library import editing
from litrev.library.errors import UsageFault
from litrev.library.history import Operation
from litrev.library.keys import check_key
from litrev.library.record import CellState, Item, ItemState
from litrev.workspace import Workspace

_HEADER = """\
# Lines that begin with # are comments. A line is `name = value`; a line taken away takes the value away.
# In the structured fields [x] is decided, [ ] only proposed: change [ ] to [x] to accept, take a line
# away to reject, change its words to edit, write a new line `methods = [x] interview` to add.
# A field with the value (not reported) says that the abstract does not tell.
"""
_ABSTRACT = "--- abstract (keep this line) ---"


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    name: str
    text: str
    decided: bool


def render(workspace: Workspace, record_id: str) -> str:
    """The record as it is edited."""
    record = workspace.library.record(record_id)
    lines = [_HEADER, f"key = {record.key}", f"entrytype = {record.entry_type}", f"tags = {' '.join(record.tags)}", ""]
    lines += [f"{field.name} = {_one_line(field.value)}" for field in record.fields]
    lines.append("")
    for name, cell in workspace.cells(record_id).items():
        if cell.state is CellState.NOT_REPORTED:
            lines.append(f"{name} = (not reported)")
        lines += [f"{name} = {_box(item)} {_one_line(item.value.text)}" for item in cell.items]
    lines += ["", _ABSTRACT, record.abstract or ""]
    return "\n".join(lines)


def apply(workspace: Workspace, record_id: str, original: str, text: str, command: str) -> list[str]:
    """Write what was changed in the editor, all of it or nothing; the names of what changed.

    Raises UsageFault, naming the line, for what cannot be read.
    """
    before, _ = _parse(original)
    after, abstract = _parse(text)
    record = workspace.library.record(record_id)
    codebook = workspace.library.codebook()
    changed: list[str] = []
    with workspace.library.operation(command) as operation:
        key = _single(after, "key")
        if key != record.key:
            check_key(key)
            editing.rename(operation, record, key, workspace.library.key_taken)
            changed.append("key")
        tags = _single(after, "tags").split()
        if editing.tag(operation, record_id, tags, [tag for tag in record.tags if tag not in tags]):
            changed.append("tags")
        names = dict.fromkeys(line.name for line in (*before, *after))
        for name in names:
            if name in {"key", "tags"} or name in codebook:
                continue
            value = _single(after, name)
            if value != _single(before, name) and editing.set_metadata(operation, record, name, value):
                changed.append(name)
        for field in codebook.fields:
            cell = workspace.library.cells([record_id], [field.name])[record_id][field.name]
            lines = [line for line in after if line.name == field.name]
            if [line.text for line in lines] == ["(not reported)"]:
                done = editing.not_reported(operation, record, cell)
            else:
                if cell.state is CellState.NOT_REPORTED:
                    operation.decide(record_id, field.name, "", None)
                done = _apply_field(workspace, operation, record_id, field.name, lines)
            changed += [field.name] if done else []
        if abstract != (record.abstract or "") and operation.set_abstract(record_id, abstract):
            changed.append("abstract")
    return changed


def _apply_field(workspace: Workspace, operation: Operation, record_id: str, name: str, lines: list[_Line]) -> bool:
    record = workspace.library.record(record_id)
    cell = workspace.library.cells([record_id], [name])[record_id][name]
    field = workspace.library.codebook()[name]
    there = {_one_line(item.value.text): item for item in cell.items}
    changed = False
    kept = {line.text for line in lines}
    gone = [item for text, item in there.items() if text not in kept]
    new = [line for line in lines if line.text not in there]
    for line in lines:
        held = there.get(line.text)
        if held and line.decided and held.state is not ItemState.DECIDED:
            changed |= editing.confirm(operation, record_id, held)
    # A line changed in its place is an edit of the value that stood there.
    for item, line in zip(gone, new, strict=False):
        changed |= editing.edit_item(operation, record, item, line.text)
    for item in gone[len(new) :]:
        changed |= editing.reject(operation, record_id, item)
    for line in new[len(gone) :]:
        changed |= editing.enter_one(operation, record, field, line.text)
    return changed


def _parse(text: str) -> tuple[list[_Line], str]:
    head, mark, abstract = text.partition(_ABSTRACT + "\n")
    if not mark:
        if not text.rstrip("\n").endswith(_ABSTRACT):
            raise UsageFault(f"the line `{_ABSTRACT}` is missing", "Put it back before the abstract.")
        head = text.rstrip("\n").removesuffix(_ABSTRACT)
    lines = []
    for number, line in enumerate(head.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        name, value = name.strip().casefold(), value.strip()
        if not sign or not name or " " in name:
            raise UsageFault(f"line {number}: {line[:60]!r} is not `name = value`", "Correct it, or begin it with # to leave it out.")
        decided = not value.startswith("[ ]")
        if value.startswith(("[ ]", "[x]", "[X]", "[≠]")):
            value = value[3:].strip()
        lines.append(_Line(number, name, value, decided))
    return lines, abstract


def _single(lines: list[_Line], name: str) -> str:
    found = [line for line in lines if line.name == name]
    if len(found) > 1:
        raise UsageFault(f"line {found[1].number}: {name} is given twice", "Keep one of the two lines.")
    return found[0].text if found else ""


def _box(item: Item) -> str:
    return {ItemState.DECIDED: "[x]", ItemState.PROPOSED: "[ ]", ItemState.DISPUTED: "[≠]"}[item.state]


def _one_line(text: str) -> str:
    return " ".join(text.split())
