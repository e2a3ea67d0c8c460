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
    """A row of column names and a row a paper, the items of a cell divided by semicolons; groups in
    the first column.
    """
    yield [
        *(["group"] if table.grouped_by else []),
        *(visible(column.name) for column in table.columns),
    ]
    for row in table.rows:
        under = [visible(row.group)] if table.grouped_by else []
        yield [
            *under,
            *(
                visible("; ".join(" ".join(line.split()) for line in cell.lines(table.quotes)))
                for cell in row.cells
            ),
        ]


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
    )
    for what, counts in (*groups, ("lacking", summary.lacking)):
        for count in counts:
            yield what, count.name, count.papers
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
    lines = [
        record.key,
        reference(record),
        f"type: {record.entry_type}{' (a guess)' if record.type_guessed else ''}",
    ]
    if record.aliases:
        lines.append(f"former keys: {', '.join(record.aliases)}")
    if record.tags:
        lines.append(f"tags: {', '.join(record.tags)}")
    lines += [f"{field.name}: {visible(' '.join(field.value.split()))}" for field in record.fields]
    for name, cell in cells.items():
        made = structured_cell(cell)
        lines.append(
            f"{headings.get(name, name)}:"
            + ("" if made.items else f" {MARKS[made.state]}".rstrip())
        )
        lines += [f"  {visible(line)}" for line in made.lines() if made.items]
    lines += [f"note ({note.actor}, {note.at}): {visible(note.text)}" for note in record.notes]
    if record.abstract is not None:
        lines += ["", "\n".join(visible(line) for line in record.abstract.splitlines())]
    return "\n".join("\n".join(visible(part) for part in line.split("\n")) for line in lines) + "\n"
