"""Which fields an entry takes over from its parent, and under which names."""

from __future__ import annotations

import pytest

from litrev.library.model.crossref import inherited
from litrev.library.model.record import Field, Record


def record(entry_type: str, **fields: str) -> Record:
    values = tuple(Field(name, text) for name, text in fields.items())
    return Record(entry_type, entry_type, entry_type, values, None)


@pytest.mark.parametrize(
    ("child", "parent", "name", "names"),
    [
        ("inproceedings", "proceedings", "title", ["booktitle"]),
        ("incollection", "collection", "subtitle", ["booksubtitle"]),
        ("inbook", "book", "author", ["bookauthor", "author"]),
        ("inbook", "collection", "author", ["author"]),
        ("incollection", "book", "author", ["author"]),
        ("article", "periodical", "title", ["journaltitle"]),
        ("article", "book", "title", ["title"]),
        ("book", "periodical", "title", ["title"]),
        ("article", "periodical", "year", ["year"]),
        ("inbook", "book", "doi", []),
        ("inbook", "book", "abstract", []),
    ],
)
def test_a_field_gets_the_name_that_it_has_in_the_child(
    child: str, parent: str, name: str, names: list[str]
) -> None:
    fields = inherited(record(child), record(parent, **{name: "x"}), by_crossref=True)
    assert [field.name for field in fields] == names


def test_fields_of_xdata_keep_their_names_and_own_fields_win() -> None:
    parent = record("xdata", title="T", publisher="P")
    child = record("inproceedings", publisher="Mine")
    assert inherited(child, parent, by_crossref=False) == (Field("title", "T"),)
