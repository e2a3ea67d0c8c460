"""Records as BibTeX and biblatex, with the @strings they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from litrev.library.bibtex.dialect import to_biblatex
from litrev.library.bibtex.entry_source import Entry, EntrySource, Strings, latex, raw_abstract
from litrev.library.bibtex.expression import BadExpression, parse_expression, uses_macros
from litrev.library.bibtex.writer import write_entry, write_string
from litrev.library.formats.format import Export, Options, Structured
from litrev.library.model.record import Cell, Field, ItemState, Record

_Dialect = Callable[[str, list[Field]], tuple[str, list[Field]]]


def write(entries: Iterable[Entry], options: Options) -> Export:
    """The records as entries: metadata as it was written, and the abstract.

    Structured fields are written as ``litrev-…``, if ``options`` ask for them.
    """
    return _write(entries, options, lambda entry_type, fields: (entry_type, fields))


def write_biblatex(entries: Iterable[Entry], options: Options) -> Export:
    """The same with the entry types and field names of biblatex."""
    return _write(entries, options, to_biblatex)


def _write(entries: Iterable[Entry], options: Options, dialect: _Dialect) -> Export:
    return Export(_pieces(entries, options, dialect), _left_out(entries, options.structured))


def _pieces(entries: Iterable[Entry], options: Options, dialect: _Dialect) -> Iterator[str]:
    strings = _strings(entries)
    lines = [
        write_string(string.name, string.expression, ascii_only=options.ascii)
        for string in strings.chosen.values()
    ]
    yield "".join(lines)
    first = not lines
    for entry in entries:
        fields = _fields(entry, strings)
        if options.structured is not Structured.NONE:
            fields += _structured(entry.cells, options.structured)
        entry_type, named = dialect(entry.record.entry_type, fields)
        yield ("" if first else "\n") + write_entry(
            entry_type, entry.record.key, named, ascii_only=options.ascii
        )
        first = False


def _strings(entries: Iterable[Entry]) -> Strings:
    """The definitions that the records' expressions need."""
    strings = Strings()
    for entry in entries:
        for field in entry.record.fields:
            # Most fields have no macro: asking for the source reads it from the library.
            if field.raw and uses_macros(field.raw):
                strings.take(field.raw, entry.source)
    return strings


def _fields(entry: Entry, strings: Strings) -> list[Field]:
    record, fields = entry.record, list(entry.record.fields)
    if record.abstract is not None:
        fields.append(Field("abstract", record.abstract, raw_abstract(record, entry.source)))
    return [_standing_alone(field, record, entry.source, strings) for field in fields]


def _standing_alone(
    field: Field, record: Record, source: EntrySource | None, strings: Strings
) -> Field:
    """A field whose raw expression means in the export what it meant where it was read."""
    if field.raw is None or strings.holds(field.raw, source):
        return field
    expanded = "{" + latex(record, source)[field.name] + "}"
    try:
        parse_expression(expanded)
    except BadExpression:  # braces after a backslash, which BibTeX counts
        return field._replace(raw=None)
    return field._replace(raw=expanded)


def _structured(cells: Mapping[str, Cell], chosen: Structured) -> list[Field]:
    fields = []
    for name, cell in cells.items():
        texts = [
            item.value.display
            for item in cell.items
            if chosen is Structured.PROPOSED or item.state is ItemState.DECIDED
        ]
        if texts:
            fields.append(
                Field(f"litrev-{name.replace('_', '-')}", "; ".join(dict.fromkeys(texts)))
            )
    return fields


_LOST = (
    "proposed values (--proposed includes them)",
    "values without the place of their evidence",
    "tags",
    "notes",
    "former keys",
)


def _left_out(entries: Iterable[Entry], structured: Structured) -> tuple[str, ...]:
    counts = [0] * len(_LOST)
    for entry in entries:
        cells = entry.cells if structured is not Structured.NONE else {}
        items = [item for cell in cells.values() for item in cell.items]
        proposed = (
            sum(item.state is not ItemState.DECIDED for item in items)
            if structured is Structured.DECIDED
            else 0
        )
        record = entry.record
        counts_here = (
            proposed,
            len(items) - proposed,
            len(record.tags),
            len(record.notes),
            len(record.aliases),
        )
        counts = [count + more for count, more in zip(counts, counts_here, strict=True)]
    return tuple(f"{count} {thing}" for thing, count in zip(_LOST, counts, strict=True) if count)
