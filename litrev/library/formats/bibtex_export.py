"""Records as BibTeX and as biblatex, with the @strings they need and crossref parents behind their children."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from litrev.library.bibtex.dialect import to_biblatex
from litrev.library.bibtex.entry_source import Origin, Strings, latex, origins, raw_abstract
from litrev.library.bibtex.expression import BadExpression, parse_expression, uses_macros
from litrev.library.bibtex.writer import write_entry, write_string
from litrev.library.formats.format import Export, Options, Structured
from litrev.library.model.record import Cell, Field, ItemState, Record
from litrev.library.storage.library import Library

_CHUNK = 500
_PARENTS = ("crossref", "xdata")
_Dialect = Callable[[str, list[Field]], tuple[str, list[Field]]]


def write(library: Library, ids: Sequence[str], options: Options) -> Export:
    """The records as entries: metadata as it was written, abstract and, as asked, structured fields as ``litrev-…``."""
    return _write(library, ids, options, lambda entry_type, fields: (entry_type, fields))


def write_biblatex(library: Library, ids: Sequence[str], options: Options) -> Export:
    """The same with the entry types and field names of biblatex."""
    return _write(library, ids, options, to_biblatex)


def _write(library: Library, ids: Sequence[str], options: Options, dialect: _Dialect) -> Export:
    ordered = _with_parents(library, ids)
    return Export(_pieces(library, ordered, options, dialect), _left_out(library, ordered, options.structured))


def _pieces(library: Library, ids: Sequence[str], options: Options, dialect: _Dialect) -> Iterator[str]:
    strings = _strings(library, ids)
    lines = [
        write_string(name, expression, ascii_only=options.ascii) for name, expression in ((found.name, found.expression) for found in strings.chosen.values())
    ]
    yield "".join(lines)
    first = not lines
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        found = origins(library, chunk)
        cells = library.cells(chunk) if options.structured is not Structured.NONE else {}
        for record in library.records(chunk):
            origin = found.get(record.id)
            fields = _fields(library, record, origin, strings) + _structured(cells.get(record.id, {}), options.structured)
            entry_type, named = dialect(record.entry_type, fields)
            yield ("" if first else "\n") + write_entry(entry_type, record.key, named, ascii_only=options.ascii)
            first = False


def _strings(library: Library, ids: Sequence[str]) -> Strings:
    """The definitions that the records' expressions need; only those that hold macros are looked at."""
    strings = Strings()
    for start in range(0, len(ids), _CHUNK):
        records = [(r, [f.raw for f in r.fields if f.raw and uses_macros(f.raw)]) for r in library.records(ids[start : start + _CHUNK])]
        found = origins(library, [record.id for record, expressions in records if expressions])
        for record, expressions in records:
            for expression in expressions:
                strings.take(expression, found.get(record.id))
    return strings


def _fields(library: Library, record: Record, origin: Origin | None, strings: Strings) -> list[Field]:
    fields = list(record.fields)
    if record.abstract is not None:
        fields.append(Field("abstract", record.abstract, raw_abstract(record, origin)))
    return [_standing_alone(_pointing(library, field), record, origin, strings) for field in fields]


def _standing_alone(field: Field, record: Record, origin: Origin | None, strings: Strings) -> Field:
    """A field whose raw expression means in the export what it meant where it was read."""
    if field.raw is None or strings.holds(field.raw, origin):
        return field
    expanded = "{" + latex(record, origin)[field.name] + "}"
    try:
        parse_expression(expanded)
    except BadExpression:  # braces behind a backslash, which BibTeX counts
        return field._replace(raw=None)
    return field._replace(raw=expanded)


def _pointing(library: Library, field: Field) -> Field:
    """A crossref to the key its parent has by now."""
    if field.name not in _PARENTS:
        return field
    keys = [_current_key(library, key.strip()) for key in field.value.split(",")]
    value = ",".join(keys)
    return field if value.replace(" ", "") == field.value.replace(" ", "") else Field(field.name, value)


def _current_key(library: Library, key: str) -> str:
    parent = library.find_key(key)
    return library.record(parent).key if parent else key


def _with_parents(library: Library, ids: Sequence[str]) -> list[str]:
    """``ids`` with the crossref parents of all, each behind its children, as BibTeX wants them."""
    ordered = dict.fromkeys(ids)
    new = list(ids)
    for _ in range(10):  # as deep as parents of parents are followed
        parents = [i for i in library.parents(new) if i not in new] if new else []
        for parent in parents:
            ordered.pop(parent, None)
            ordered[parent] = None
        new = parents
    return list(ordered)


def _structured(cells: Mapping[str, Cell], wanted: Structured) -> list[Field]:
    fields = []
    for name, cell in cells.items():
        texts = [item.value.display for item in cell.items if wanted is Structured.PROPOSED or item.state is ItemState.DECIDED]
        if texts:
            fields.append(Field(f"litrev-{name.replace('_', '-')}", "; ".join(dict.fromkeys(texts))))
    return fields


def _left_out(library: Library, ids: Sequence[str], structured: Structured) -> tuple[str, ...]:
    counts = dict.fromkeys(("proposed values (--proposed takes them along)", "values without the place of their evidence", "tags", "notes", "former keys"), 0)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        records = library.records(chunk)
        cells = library.cells(chunk) if structured is not Structured.NONE else {}
        items = [item for row in cells.values() for cell in row.values() for item in cell.items]
        proposed = sum(item.state is not ItemState.DECIDED for item in items) if structured is Structured.DECIDED else 0
        found = (proposed, len(items) - proposed, *(sum(len(part) for part in parts) for parts in (
            [r.tags for r in records], [r.notes for r in records], [r.aliases for r in records],
        )))  # fmt: skip
        counts = {what: count + more for (what, count), more in zip(counts.items(), found, strict=True)}
    return tuple(f"{count} {what}" for what, count in counts.items() if count)
