"""Writing back to a .bib file that was imported: what changed here goes in, every other byte stays.

First the file is read again, so that what somebody changed in it comes into the library; then each
field that the library changed since the last reading, and the file did not, is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from litrev.errors import Conflict, NotFound, UsageFault
from litrev.library.bibtex.canonical import canonical as lay_out
from litrev.library.bibtex.entry_source import Definitions, definitions, parse
from litrev.library.bibtex.expression import MONTHS, evaluate, uses_macros
from litrev.library.bibtex.latex import encode as encode_latex
from litrev.library.bibtex.latex import to_ascii
from litrev.library.bibtex.revising import Unrevisable, revise
from litrev.library.bibtex.writer import VERBATIM, expression
from litrev.library.formats.bibtex import decoded
from litrev.library.importing.candidates import read_sources
from litrev.library.importing.import_report import Report
from litrev.library.importing.import_run import import_sources
from litrev.library.importing.source import Source
from litrev.library.importing.three_way_merge import same_words
from litrev.library.model.ids import fingerprint
from litrev.library.model.record import Cell, Field, ItemState, Record
from litrev.library.model.source import Text, Work
from litrev.library.storage.journal import Slot
from litrev.library.storage.library import Library
from litrev.library.storage.linked_files import remember_unwritten
from litrev.library.storage.operations import Operation
from litrev.library.storage.sources import BIBTEX

PREFIX = "litrev-"  # of the fields that hold structured values


@dataclass(frozen=True, slots=True)
class Revised:
    """What became of one entry of the file: the fields written into it, or why it was left alone."""

    key: str
    fields: tuple[str, ...] = ()
    reason: str = ""
    record_id: str = ""
    serious: bool = False  # whether something of it could not be written
    place: int = -1  # of the entry's block in the file


@dataclass(slots=True)
class Sync:
    """What a sync did: ``report`` of what came from the file, ``revised`` of what went into it, and
    the file's new bytes.
    """

    report: Report
    text: Text
    after: Text
    data: bytes
    owners: list[tuple[int, str | None]] = field(
        default_factory=list
    )  # the blocks of the file's entries and their records, in its order
    revised: list[Revised] = field(default_factory=list)

    @property
    def written(self) -> list[Revised]:
        """The entries that were changed in the file."""
        return [entry for entry in self.revised if entry.fields]

    @property
    def changed(self) -> bool:
        """Whether the file's bytes are to change."""
        return fingerprint(self.data) != self.text.sha256


def prepare(
    library: Library,
    operation: Operation,
    text: Text,
    *,
    structured: bool = False,
    canonical: bool = False,
) -> Sync:
    """Take in what changed in the file, and make what its bytes are to be.

    Raises NotFound for a file that was never imported, UsageFault for one that is no BibTeX.
    """
    version = library.sources.current(text.locator)
    if version is None:
        raise NotFound(
            f"{text.name}: was not read into this library yet",
            f"`litrev add {text.name}` does that.",
        )
    if version.format not in BIBTEX:
        raise UsageFault(f"{text.name}: is no BibTeX file", "Only .bib files are written back.")
    ((source,), _) = read_sources([text], version.format)
    report = import_sources(library, operation, [source])
    result = Sync(report, text, text, b"")
    writing = _Writing(library, operation, source, structured, result.revised)
    written = writing.text()
    writing.remember_unwritten()
    for quarantined in writing.agreed:
        operation.put(Slot("quarantine", "", quarantined), None)
    if canonical:
        written = lay_out(written)
        text = replace(text, encoding="utf-8", bom=False, newline="\n")
    result.owners = [
        (work.position, source.owners.get(work.position)) for work in source.reading.works
    ]
    result.after = replace(text, text=written)
    result.data = encode(result.after)
    result.after = replace(result.after, sha256=fingerprint(result.data))
    return result


def note_written(library: Library, operation: Operation, sync: Sync) -> None:
    """Let what was written be what was last read from the file.

    What does not read back letter for letter (blanks at the ends, a line break) becomes in the
    library what the file says now, so that the two do not differ over litrev's own writing.
    """
    ((source,), _) = read_sources([sync.after], "bibtex")
    written = {entry.place: entry.fields for entry in sync.written}
    for (place, owner), work in zip(sync.owners, source.reading.works, strict=True):
        if owner is None or place not in written:
            continue
        record, theirs = library.record(owner), {f.name: f for f in work.fields}
        for name in written[place]:
            if name == "abstract":
                operation.set_abstract(record.id, work.abstract)
            elif (
                name != "entry type"
                and not name.startswith(PREFIX)
                and record.get(name) != work.get(name)
            ):
                operation.set_field(record.id, name, theirs.get(name))
    import_sources(library, operation, [source])


def encode(text: Text) -> bytes:
    """The bytes of a text; raises Conflict where that has not all characters."""
    try:
        return (("\ufeff" if text.bom else "") + text.text).encode(text.encoding)
    except UnicodeEncodeError as error:
        char = error.object[error.start]
        remedy = "Save the file as UTF-8 in your editor, or take the character out."
        raise Conflict(
            f"{text.name}: is written in {text.encoding}, which has no {char!r}; the file was left alone",
            remedy,
        ) from error


class _Writing:
    """One file's text with what changed in the library."""

    def __init__(
        self,
        library: Library,
        operation: Operation,
        source: Source,
        structured: bool,
        revised: list[Revised],
    ) -> None:
        self.library, self.operation, self.source, self.revised = (
            library,
            operation,
            source,
            revised,
        )
        owners = list(dict.fromkeys(source.owners.values()))
        self.records = {record.id: record for record in library.records(owners)}
        self.cells = library.cells(list(self.records)) if structured else {}
        self.disputed = library.quarantine.disputed(source.text.locator)
        self.agreed: list[str] = []
        self.unwritten: set[tuple[str, str]] = set()
        self.unwritten_before = library.linked_files.unwritten(source.text.locator)
        self.strings: Definitions | None = None
        self.since = library.sources.last_read(
            source.id if source.same else source.previous
        )  # the operation before this one that read it

    def text(self) -> str:
        works = {work.position: work for work in self.source.reading.works}
        return "".join(
            self._block(works.get(block.position), block.position, block.raw)
            for block in self.source.reading.blocks
        )

    def remember_unwritten(self) -> None:
        """Keep what could not be written, so that it is tried and said again."""
        if self.unwritten != self.unwritten_before:
            remember_unwritten(self.operation, self.source.text.locator, self.unwritten)

    def _block(self, work: Work | None, position: int, raw: str) -> str:
        owner = self.source.owners.get(position)
        if work is None or owner is None:
            return raw
        record = self.records.get(owner)
        if record is None:
            self.revised.append(
                Revised(work.key or "", (), "was removed from the library and stays in the file")
            )
            return raw
        changes = self._changes(record, work) | self._structured(record, raw)
        entry_type = record.entry_type if self._type_changed(record, work) else None
        if not changes and entry_type is None:
            return raw
        try:
            changes = self._encodable(record, changes)
            written = revise(raw, changes, entry_type, self.source.text.newline)
        except Unrevisable as error:
            self.revised.append(
                Revised(record.key, (), f"cannot be written: {error}", record.id, serious=True)
            )
            self.unwritten |= {(record.id, name) for name in changes}
            return raw
        if written != raw:
            self.revised.append(
                Revised(
                    record.key,
                    (*changes, *(["entry type"] if entry_type else [])),
                    "",
                    record.id,
                    place=position,
                )
            )
        return written

    def _changes(self, record: Record, work: Work) -> dict[str, str | None]:
        """The fields changed here since the file was last read, without conflict: their new
        expressions, None for those taken away.
        """
        ours, theirs = _fields(record.fields, record.abstract), _fields(work.fields, work.abstract)
        changes: dict[str, str | None] = {}
        for name in {**theirs, **ours}:
            mine, his = ours.get(name), theirs.get(name)
            conflicts = self.disputed.get((record.id, name), [])
            if mine and his and same_words(mine, his):
                self.agreed += conflicts
            elif conflicts:
                reason = f"{name} is in conflict and stays as it is on both sides; `litrev quarantine` lists it"
                self.revised.append(Revised(record.key, (), reason, record.id, serious=True))
            elif self._changed_here(
                record,
                Slot("abstract", record.id)
                if name == "abstract"
                else Slot("field", record.id, name),
            ):
                changes[name] = self._expression(mine, his, work.position) if mine else None
        return changes

    def _changed_here(self, record: Record, slot: Slot) -> bool:
        """Whether the library's word came later than the file's, or a person settled that it
        stands.
        """
        name = {"abstract": "abstract", "type": "entry type"}.get(slot.kind, slot.name)
        if (record.id, name) in self.unwritten_before or self.library.changed_after(
            slot, self.since
        ):
            return True
        return self.library.quarantine.settled(self.source.text.locator, record.id, name)

    def _type_changed(self, record: Record, work: Work) -> bool:
        if (work.entry_type or "").casefold() == record.entry_type.casefold() or (
            record.id,
            "entry type",
        ) in self.disputed:
            return False
        return self._changed_here(record, Slot("type", record.id))

    def _structured(self, record: Record, raw: str) -> dict[str, str | None]:
        """The decided values of the structured fields, one field each; what is decided no longer
        goes.
        """
        changes: dict[str, str | None] = {}
        for name, cell in self.cells.get(record.id, {}).items():
            written = f"{PREFIX}{name.replace('_', '-')}"
            text = _decided(cell)
            if text:
                changes[written] = expression(Field(written, text))
            elif written in raw.casefold():
                changes[written] = None
        return changes

    def _expression(self, mine: Field, his: Field | None, place: int) -> str:
        """The source of a value in the manner of the one that stands there: bare numbers, quotation
        marks.
        """
        if mine.raw is not None and self._means_here(mine, mine.raw, place):
            return mine.raw
        made = expression(Field(mine.name, mine.value))
        before = his.raw if his and his.raw else ""
        if before.isdigit() and mine.value.isascii() and mine.value.isdigit():
            return mine.value
        if not made.startswith("{") and not made.isdigit() and self._redefined(made, place):
            made = (
                "{" + encode_latex(mine.value) + "}"
            )  # a month, where the file gives its macro another meaning
        if before[:1] == before[-1:] == '"' and '"' not in made and "#" not in before:
            made = f'"{made[1:-1]}"'
        return (
            made.replace("\r\n", "\n").replace("\r", "\n").replace("\n", self.source.text.newline)
        )

    def _means_here(self, mine: Field, raw: str, place: int) -> bool:
        """Whether an expression that was read somewhere says the same in this file."""
        if not uses_macros(raw):
            return True
        pieces = parse(raw)
        known = all(
            self._redefined(p.text, place) or p.text.casefold() in MONTHS for p in pieces if p.macro
        )
        return known and decoded(mine.name, self._strings().expand(pieces, place)) == mine.value

    def _redefined(self, macro: str, place: int) -> bool:
        """Whether the file itself says what a macro stands for."""
        return self._strings().find(macro, place) is not None

    def _strings(self) -> Definitions:
        if self.strings is None:
            blocks = self.source.reading.blocks
            self.strings = Definitions(
                found
                for block in blocks
                if block.kind == "string"
                for found in definitions(block.raw, block.position)
            )
        return self.strings

    def _encodable(
        self, record: Record, changes: Mapping[str, str | None]
    ) -> dict[str, str | None]:
        """What the file's encoding has no characters for as LaTeX escapes, where they read back;
        the rest is left out and said.
        """
        codec, found = self.source.text.encoding, dict[str, str | None]()
        for name, made in changes.items():
            escaped = made if made is None or _fits(made, codec) else to_ascii(made)
            same = escaped == made or (
                escaped is not None
                and name not in VERBATIM
                and self._reads_as(name, escaped, record)
            )
            if same and (escaped is None or _fits(escaped, codec)):
                found[name] = escaped
            else:
                reason = f"{name} cannot be written: the file is in {codec}, which has not all its characters; save the file as UTF-8"
                self.revised.append(Revised(record.key, (), reason, record.id, serious=True))
                self.unwritten.add((record.id, name))
        return found

    @staticmethod
    def _reads_as(name: str, expression: str, record: Record) -> bool:
        value = record.abstract if name == "abstract" else record.get(name)
        return decoded(name, evaluate(parse(expression), {})) == value


def _fits(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _fields(fields: Sequence[Field], abstract: str | None) -> dict[str, Field]:
    found = {f.name: f for f in fields}
    if abstract is not None:
        found["abstract"] = Field("abstract", abstract)
    return found


def _decided(cell: Cell) -> str:
    return "; ".join(
        dict.fromkeys(item.value.display for item in cell.items if item.state is ItemState.DECIDED)
    )
