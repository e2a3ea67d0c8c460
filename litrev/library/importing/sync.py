"""Writing back to a .bib file that was imported: what changed here goes in, every other byte stays.

First the file is read again, so that what somebody changed in it comes into the library; then each
field that the library changed since the last reading, and the file did not, is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from litrev.errors import Conflict, NotFound, UsageFault
from litrev.library.bibtex.canonical import canonical as lay_out
from litrev.library.bibtex.entry_source import parse
from litrev.library.bibtex.expression import evaluate
from litrev.library.bibtex.latex import to_ascii
from litrev.library.bibtex.revising import Unrevisable, revise
from litrev.library.bibtex.writer import VERBATIM, expression
from litrev.library.formats.bibtex import decoded
from litrev.library.importing.candidates import read_sources
from litrev.library.importing.file_expressions import FileExpressions
from litrev.library.importing.import_report import Report
from litrev.library.importing.import_run import import_sources
from litrev.library.importing.source import Source
from litrev.library.importing.three_way_merge import by_name, same_words
from litrev.library.model.ids import fingerprint
from litrev.library.model.record import Cell, Field, ItemState, Record
from litrev.library.model.source import Block, Text, Work
from litrev.library.storage.journal import Slot
from litrev.library.storage.library import Library
from litrev.library.storage.linked_files import remember_unwritten
from litrev.library.storage.operations import Operation
from litrev.library.storage.sources import BIBTEX

PREFIX = "litrev-"  # of the fields that hold structured values
_ENTRY_TYPE = "entry type"  # as reports, conflicts and lists of unwritten fields name it

# The new expressions of fields of an entry, None for a field that is removed.
_Changes = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Revised:
    """One entry of the file: which fields were written into it, or why it was left alone.

    ``fields`` names what was written, ``reason`` says why something was not; one of the two is
    empty. ``serious`` says whether a change of the library is missing in the file for that reason.
    ``record_id`` is empty where the record was removed. ``place`` is the position of the entry's
    block in the file, and -1 where nothing was written.
    """

    key: str
    fields: tuple[str, ...] = ()
    reason: str = ""
    record_id: str = ""
    serious: bool = False
    place: int = -1


@dataclass(slots=True)
class Sync:
    """What a sync did.

    ``report`` says what came from the file, ``revised`` what went into it; ``data`` are the file's
    new bytes. ``text`` is the file as it was, ``after`` as it should be. ``owners`` has the
    position of the block of each entry, in the order of the file, and the id of the entry's record.
    """

    report: Report
    text: Text
    after: Text
    data: bytes
    owners: list[tuple[int, str | None]] = field(default_factory=list)
    revised: list[Revised] = field(default_factory=list)

    @property
    def written(self) -> list[Revised]:
        """The entries that were changed in the file."""
        return [entry for entry in self.revised if entry.fields]

    @property
    def changed(self) -> bool:
        """Whether the file's bytes should change."""
        return fingerprint(self.data) != self.text.sha256


def prepare(
    library: Library,
    operation: Operation,
    text: Text,
    *,
    structured: bool = False,
    canonical: bool = False,
) -> Sync:
    """Import what changed in the file, and make the bytes that it should have.

    The file itself is not written: that is for the caller, who then calls :func:`note_written`.
    With ``structured``, the decided values of the structured fields go into the file too, under
    names that begin with :data:`PREFIX`. With ``canonical``, the whole file is laid out anew, in
    UTF-8.

    Raises NotFound for a file that was never imported, UsageFault for one that is not BibTeX,
    Conflict where the encoding of the file lacks a character.
    """
    version = library.sources.current(text.locator)
    if version is None:
        raise NotFound(
            f"{text.name}: was not read into this library yet",
            f"`litrev add {text.name}` does that.",
        )
    if version.format not in BIBTEX:
        raise UsageFault(f"{text.name}: is not a BibTeX file", "Only .bib files are written back.")
    ((source,), _) = read_sources([text], version.format)
    report = import_sources(library, operation, [source])
    result = Sync(report, text, text, b"")
    writing = _Writing(library, operation, source, structured, result.revised)
    written = writing.text()
    writing.remember_unwritten()
    writing.settle_agreed()
    if canonical:
        written = lay_out(written)
        text = replace(text, encoding="utf-8", bom=False, newline="\n")
    positions = (work.position for work in source.reading.works)
    result.owners = [(position, source.owners.get(position)) for position in positions]
    after = replace(text, text=written)
    result.data = encode(after)
    result.after = replace(after, sha256=fingerprint(result.data))
    return result


def note_written(library: Library, operation: Operation, sync: Sync) -> None:
    """Let what was written be what was last read from the file; called after it was written.

    What does not read back letter for letter (blanks at the ends, a line break) becomes in the
    library what the file says now, so that the two do not differ over litrev's own writing.
    """
    ((source,), _) = read_sources([sync.after], "bibtex")
    written_fields = {entry.place: entry.fields for entry in sync.written}
    # Writing changes entries, but neither their number nor their order.
    for (place, owner), work in zip(sync.owners, source.reading.works, strict=True):
        if owner is not None and place in written_fields:
            record = library.record(owner)
            names = written_fields[place]
            _take_over(operation, record, work, names)
    import_sources(library, operation, [source])


def _take_over(operation: Operation, record: Record, work: Work, names: Sequence[str]) -> None:
    """Set those fields of a record to what the file says."""
    theirs = by_name(work.fields)
    for name in names:
        if name == "abstract":
            operation.set_abstract(record.id, work.abstract)
        elif name == _ENTRY_TYPE or name.startswith(PREFIX):
            continue  # not fields of the record: they are always written from what it holds
        elif record.get(name) != work.get(name):
            operation.set_field(record.id, name, theirs.get(name))


def encode(text: Text) -> bytes:
    """The bytes of a text, with its byte order mark if it has one.

    Raises Conflict where its encoding lacks one of its characters.
    """
    mark = "\ufeff" if text.bom else ""
    try:
        return (mark + text.text).encode(text.encoding)
    except UnicodeEncodeError as error:
        char = error.object[error.start]
        raise Conflict(
            f"{text.name}: is written in {text.encoding}, which has no {char!r};"
            " the file was left alone",
            "Save the file as UTF-8 in your editor, or take the character out.",
        ) from error


class _Writing:
    """One file's text with what changed in the library.

    :meth:`text` makes it, and notes on the way what :meth:`remember_unwritten` and
    :meth:`settle_agreed` then store. ``source`` is the file as it was just read. With
    ``structured``, the decided values of the structured fields are written too. ``revised`` is the
    list to which the report on each entry is added.
    """

    def __init__(
        self,
        library: Library,
        operation: Operation,
        source: Source,
        structured: bool,
        revised: list[Revised],
    ) -> None:
        self.library = library
        self.operation = operation
        self.source = source
        self.revised = revised
        locator = source.text.locator
        owners = list(dict.fromkeys(source.owners.values()))
        # Asked for at once: a query for each of thousands of entries takes many times as long.
        records = library.records(owners)
        self.records = {record.id: record for record in records}
        self.cells = library.cells(list(self.records)) if structured else {}
        self.disputed = library.quarantine.disputed(locator)
        self.agreed: list[str] = []  # conflicts in which both sides now say the same
        # Record and field, of what could not be written: now, and by the last sync.
        self.unwritten: set[tuple[str, str]] = set()
        self.unwritten_before = library.linked_files.unwritten(locator)
        self.expressions = FileExpressions(source)
        # The operation before this one that read the file. This one may have read it too, and
        # have stored a new version of it.
        self.since = library.sources.last_read(source.id if source.same else source.previous)

    def text(self) -> str:
        """The file's text as it should be; what became of its entries goes to ``revised``."""
        reading = self.source.reading
        works = {work.position: work for work in reading.works}
        texts = [self._block(block, works.get(block.position)) for block in reading.blocks]
        return "".join(texts)

    def remember_unwritten(self) -> None:
        """Keep what could not be written, so that it is tried and reported again."""
        if self.unwritten != self.unwritten_before:
            remember_unwritten(self.operation, self.source.text.locator, self.unwritten)

    def settle_agreed(self) -> None:
        """Take the conflicts in which both sides now say the same out of quarantine."""
        for entry_id in self.agreed:
            slot = Slot("quarantine", "", entry_id)
            self.operation.put(slot, None)

    def _block(self, block: Block, work: Work | None) -> str:
        """The text of a block: its own, or that of an entry with what changed here."""
        owner = self.source.owners.get(block.position)
        if work is None or owner is None:
            return block.raw
        record = self.records.get(owner)
        if record is None:
            reason = "was removed from the library and stays in the file"
            self.revised.append(Revised(work.key or "", reason=reason))
            return block.raw
        changes = self._changed_fields(record, work)
        changes |= self._structured(record, block.raw)
        entry_type = record.entry_type if self._type_changed(record, work) else None
        if not changes and entry_type is None:
            return block.raw
        return self._revise(block, record, changes, entry_type)

    def _revise(
        self, block: Block, record: Record, changes: _Changes, entry_type: str | None
    ) -> str:
        """The text of an entry with the changes; its own text where that cannot be revised.

        ``entry_type`` is None where the type did not change.
        """
        try:
            changes = self._encodable(record, changes)
            written = revise(block.raw, changes, entry_type, self.source.text.newline)
        except Unrevisable as error:
            self._report_unwritten(record, f"cannot be written: {error}")
            self.unwritten.update((record.id, name) for name in changes)
            return block.raw
        if written != block.raw:
            names = (*changes, _ENTRY_TYPE) if entry_type else tuple(changes)
            entry = Revised(record.key, fields=names, record_id=record.id, place=block.position)
            self.revised.append(entry)
        return written

    def _report_unwritten(self, record: Record, reason: str) -> None:
        """Report that something of a record did not get into the file, and why."""
        entry = Revised(record.key, reason=reason, record_id=record.id, serious=True)
        self.revised.append(entry)

    # What changed here

    def _changed_fields(self, record: Record, work: Work) -> _Changes:
        """The fields changed here since the file was last read, except those in conflict.

        The abstract is one of them. A field that was removed here has the expression None.
        """
        ours = _fields(record.fields, record.abstract)
        theirs = _fields(work.fields, work.abstract)
        changes: _Changes = {}
        for name in {**theirs, **ours}:
            our_field = ours.get(name)
            their_field = theirs.get(name)
            conflicts = self.disputed.get((record.id, name), [])
            if our_field and their_field and same_words(our_field, their_field):
                self.agreed += conflicts
            elif conflicts:
                self._report_unwritten(
                    record,
                    f"{name} is in conflict and stays as it is on both sides;"
                    " `litrev quarantine` lists it",
                )
            elif not self._changed_here(record, name):
                continue
            elif our_field is None:
                changes[name] = None
            else:
                changes[name] = self.expressions.of(our_field, their_field, work.position)
        return changes

    def _type_changed(self, record: Record, work: Work) -> bool:
        """Whether the entry type was changed here since the file was last read."""
        their_type = work.entry_type or ""
        if their_type.casefold() == record.entry_type.casefold():
            return False
        if (record.id, _ENTRY_TYPE) in self.disputed:
            return False
        return self._changed_here(record, _ENTRY_TYPE)

    def _changed_here(self, record: Record, name: str) -> bool:
        """Whether a field, the abstract or the type was changed here after the file was read.

        The same holds for a change that could not be written then, and for a conflict that a person
        has settled: what the library says is written.
        """
        if (record.id, name) in self.unwritten_before:
            return True
        slot = _slot(record, name)
        if self.library.changed_after(slot, self.since):
            return True
        locator = self.source.text.locator
        return self.library.quarantine.settled(locator, record.id, name)

    def _structured(self, record: Record, raw: str) -> _Changes:
        """The decided values of the structured fields, one field each.

        A field of which nothing is decided any more is removed. ``raw`` is the entry's text.
        """
        changes: _Changes = {}
        cells = self.cells.get(record.id, {})
        for name, cell in cells.items():
            written_name = PREFIX + name.replace("_", "-")
            text = _decided(cell)
            if text:
                field = Field(written_name, text)
                changes[written_name] = expression(field)
            elif written_name in raw.casefold():
                changes[written_name] = None
        return changes

    def _encodable(self, record: Record, changes: Mapping[str, str | None]) -> _Changes:
        """The changes with LaTeX escapes for characters that the file's encoding lacks.

        A change that does not read back from its escapes is left out and reported.
        """
        encoding = self.source.text.encoding
        encodable: _Changes = {}
        for name, written in changes.items():
            if written is None or _fits(written, encoding):
                encodable[name] = written
                continue
            escaped = to_ascii(written)
            # Verbatim fields, such as a URL, have no escapes.
            can_escape = name not in VERBATIM and _fits(escaped, encoding)
            if can_escape and _reads_as(escaped, name, record):
                encodable[name] = escaped
            else:
                self._report_unwritten(
                    record,
                    f"{name} cannot be written: the file is in {encoding}, which lacks some of its"
                    " characters; save the file as UTF-8",
                )
                self.unwritten.add((record.id, name))
        return encodable


def _slot(record: Record, name: str) -> Slot:
    """Where the library stores a field, the abstract or the entry type of a record."""
    if name == "abstract":
        return Slot("abstract", record.id)
    if name == _ENTRY_TYPE:
        return Slot("type", record.id)
    return Slot("field", record.id, name)


def _reads_as(expression: str, name: str, record: Record) -> bool:
    """Whether an expression reads back as what the record has in the field."""
    value = record.abstract if name == "abstract" else record.get(name)
    pieces = parse(expression)
    source = evaluate(pieces, macros={})
    return decoded(name, source) == value


def _fits(text: str, encoding: str) -> bool:
    """Whether an encoding has all characters of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _fields(fields: Sequence[Field], abstract: str | None) -> dict[str, Field]:
    """The fields by name, with the abstract as one of them."""
    texts = by_name(fields)
    if abstract is not None:
        texts["abstract"] = Field("abstract", abstract)
    return texts


def _decided(cell: Cell) -> str:
    """The decided values of a cell, each once, between semicolons; empty if there are none."""
    decided = (item for item in cell.items if item.state is ItemState.DECIDED)
    values = dict.fromkeys(item.value.display for item in decided)
    return "; ".join(values)
