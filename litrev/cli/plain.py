"""Output for pipes and files: plain text and tab-separated rows, never box characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from litrev.library.model.record import Cell, Record
from litrev.library.synthesis.model import MARKS, Table
from litrev.library.synthesis.references import plain_reference
from litrev.library.synthesis.summary import Summary
from litrev.library.synthesis.table import structured_cell
from litrev.text.display import visible


def table_rows(table: Table) -> Iterator[list[str]]:
    """A row of column names, then a row for each paper.

    The items of a cell are divided by semicolons. The first column of a grouped table is the group.
    """
    # Names and not headings, because programs read this: a codebook may change the headings.
    names = [visible(column.name) for column in table.columns]
    yield ["group", *names] if table.grouped_by else names
    for row in table.rows:
        cells = []
        for cell in row.cells:
            lines = [" ".join(line.split()) for line in cell.lines(table.quotes)]
            cells.append(visible("; ".join(lines)))
        yield [visible(row.group), *cells] if table.grouped_by else cells


def summary_rows(summary: Summary) -> Iterator[tuple[object, ...]]:
    """What is counted, under which name, how often."""
    yield "papers", "", summary.papers
    yield "papers", "with abstract", summary.with_abstract
    groups = (
        ("year", summary.years),
        ("type", summary.types),
        ("method", summary.methods),
        ("site", summary.sites),
        ("tag", summary.tags),
        ("lacking", summary.lacking),
    )
    for group, counts in groups:
        for count in counts:
            yield group, count.name, count.papers
    for field in summary.fields:
        states = {
            "decided": field.decided,
            "proposed": field.proposed,
            "searched": field.searched,
            "not reported": field.not_reported,
            "never": field.never,
        }
        for state, papers in states.items():
            if papers:
                yield f"field {field.name}", state, papers
    yield "undecided values", "", summary.undecided


def reference(record: Record) -> str:
    """Author, year, title and venue in a line, as far as they are known, safe for a terminal."""
    return visible(plain_reference(record))


def card(record: Record, cells: Mapping[str, Cell], headings: Mapping[str, str]) -> str:
    """One record as text: reference, metadata, fields with marks, abstract."""
    lines = list(_metadata_lines(record))
    for name, cell in cells.items():
        lines += _cell_lines(headings.get(name, name), cell)
    lines += [f"note ({note.actor}, {note.at}): {visible(note.text)}" for note in record.notes]
    if record.abstract is not None:
        lines += ["", "\n".join(record.abstract.splitlines())]
    # Made safe once more: keys, tags and headings may come from anywhere, too.
    return "".join(_safe_line(line) + "\n" for line in lines)


def _metadata_lines(record: Record) -> Iterator[str]:
    guess = " (a guess)" if record.type_guessed else ""
    yield record.key
    yield reference(record)
    yield f"type: {record.entry_type}{guess}"
    if record.aliases:
        yield f"former keys: {', '.join(record.aliases)}"
    if record.tags:
        yield f"tags: {', '.join(record.tags)}"
    for field in record.fields:
        yield f"{field.name}: {visible(' '.join(field.value.split()))}"


def _cell_lines(heading: str, cell: Cell) -> Iterator[str]:
    table_cell = structured_cell(cell)
    if table_cell.items:
        yield f"{heading}:"
        for line in table_cell.lines():
            yield f"  {visible(line)}"
    else:
        yield f"{heading}: {MARKS[table_cell.state]}".rstrip()


def _safe_line(line: str) -> str:
    return "\n".join(visible(part) for part in line.split("\n"))
