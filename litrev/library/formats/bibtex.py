"""BibTeX and biblatex files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from litrev.library.bibtex.expression import MONTHS, BadExpression, evaluate, parse_expression
from litrev.library.bibtex.latex import decode
from litrev.library.bibtex.splitter import RawBlock, RawField, split
from litrev.library.bibtex.writer import VERBATIM, write_entry
from litrev.library.formats.format import Export, Format, Structured
from litrev.library.naming import is_entry_type, is_field_name, is_key
from litrev.library.record import Cell, Field, ItemState, Record
from litrev.library.sources import Block, Problem, Reading, Text, Work
from litrev.library.store import Library

_ENTRY = re.compile(r"^\s*@\s*[A-Za-z][\w-]*\s*[{(]", re.MULTILINE)


class _Unreadable(Exception):
    """An entry that would lose something if it were taken as it is read."""


def read(text: Text) -> Reading:
    """The entries of ``text``, the raw expression of every field beside its decoded value."""
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()
    macros = dict(MONTHS)
    raw_blocks = split(text.text)
    if not any(raw.raw.strip() for raw in raw_blocks):
        problems.append(Problem(1, "the file is empty", text.text))
    for position, raw in enumerate(raw_blocks):
        kind = raw.kind
        try:
            if kind == "string":
                _define(raw, macros, problems)
            elif kind == "entry":
                works.append(_work(raw, position, macros, problems))
            elif kind == "failed":
                raise _Unreadable(raw.reason)
        except _Unreadable as reason:
            kind = "failed"
            problems.append(Problem(raw.line, str(reason), raw.raw, position=position))
        blocks.append(Block(position, raw.line, kind, raw.raw, raw.key or None))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _define(raw: RawBlock, macros: dict[str, str], problems: list[Problem]) -> None:
    try:
        macros[raw.key.casefold()] = evaluate(parse_expression(raw.fields[0].expression), macros)
    except BadExpression as error:
        problems.append(Problem(raw.line, f"@string {raw.key}: {error}", raw.raw, unreadable=False))


def _work(raw: RawBlock, position: int, macros: dict[str, str], problems: list[Problem]) -> Work:
    fields: dict[str, Field] = {}
    if not is_entry_type(raw.entry_type):
        raise _Unreadable(f"{raw.entry_type[:40]!r} is no entry type")
    if raw.key and not is_key(raw.key):
        raise _Unreadable(f"{raw.key[:40]!r} is no citation key")
    for field in raw.fields:
        name = field.name.casefold()
        if not is_field_name(field.name):
            raise _Unreadable(f"line {field.line}: {' '.join(field.name.split())[:40]!r} is no field name")
        if name in fields:
            problems.append(Problem(field.line, f"{raw.key}: {name} is given twice; the first is used, as BibTeX does", field.expression, False))
            continue
        fields[name] = _field(raw, field, name, macros, problems)
    abstract = fields.pop("abstract", None)
    return Work(position, raw.line, raw.key or None, raw.entry_type, tuple(fields.values()), abstract.value if abstract else None)


def _field(raw: RawBlock, field: RawField, name: str, macros: dict[str, str], problems: list[Problem]) -> Field:
    try:
        pieces = parse_expression(field.expression)
    except BadExpression as error:
        raise _Unreadable(f"line {field.line}: {name}: {error}") from error
    unknown = [piece.text for piece in pieces if piece.macro and piece.text.casefold() not in macros]
    problems += [Problem(field.line, f"{raw.key}: {name}: nothing defines the @string {macro}", unreadable=False) for macro in unknown]
    source = evaluate(pieces, macros)
    return Field(name, " ".join(source.split()) if name in VERBATIM else decode(source), field.expression)


def _recognises(text: Text) -> float:
    return 0.9 if _ENTRY.search(text.text) else 0.0


def write(library: Library, ids: Sequence[str], structured: Structured) -> Export:
    """The records as entries: metadata, abstract and, as asked, the structured fields under their names."""
    records = library.records(ids)
    cells = library.cells([record.id for record in records]) if structured is not Structured.NONE else {}
    return Export(_entries(records, cells, structured), _left_out(records, cells, structured))


def _entries(records: Sequence[Record], cells: Mapping[str, Mapping[str, Cell]], structured: Structured) -> Iterator[str]:
    for number, record in enumerate(records):
        fields = list(record.fields)
        if record.abstract is not None:
            fields.append(Field("abstract", record.abstract))
        taken = {field.name for field in fields}
        for name, cell in cells.get(record.id, {}).items():
            texts = [item.value.display for item in cell.items if structured is Structured.PROPOSED or item.state is ItemState.DECIDED]
            if texts:
                fields.append(Field(name if name not in taken else f"litrev-{name}", "; ".join(dict.fromkeys(texts))))
        yield ("\n" if number else "") + write_entry(record.entry_type, record.key, fields)


def _left_out(records: Sequence[Record], cells: Mapping[str, Mapping[str, Cell]], structured: Structured) -> tuple[str, ...]:
    items = [item for row in cells.values() for cell in row.values() for item in cell.items]
    proposed = sum(item.state is not ItemState.DECIDED for item in items) if structured is Structured.DECIDED else 0
    counts = {
        "proposed values (--proposed takes them along)": proposed,
        "values without the place of their evidence": len(items) - proposed,
        "tags": sum(len(record.tags) for record in records),
        "notes": sum(len(record.notes) for record in records),
        "former keys": sum(len(record.aliases) for record in records),
    }
    return tuple(f"{count} {what}" for what, count in counts.items() if count)


FORMAT = Format("bibtex", (".bib", ".bibtex", ".biblatex"), _recognises, read, write)
