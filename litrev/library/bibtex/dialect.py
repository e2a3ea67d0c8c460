"""BibTeX's entry types and field names translated to biblatex's.

Source: biblatex manual 3.20, sections 2.1.2, 2.2.5 and 2.3.8.
"""

from __future__ import annotations

import re

from litrev.library.bibtex.expression import MONTHS
from litrev.library.model.record import Field

# The type in biblatex, and what is in its field `type`.
_TYPES = {
    "phdthesis": ("thesis", "phdthesis"),
    "mastersthesis": ("thesis", "mathesis"),
    "techreport": ("report", "techreport"),
    "conference": ("inproceedings", ""),
    "electronic": ("online", ""),
    "www": ("online", ""),
}
_NAMES = {
    "journal": "journaltitle",
    "address": "location",
    "school": "institution",
    "annote": "annotation",
    "archiveprefix": "eprinttype",
    "primaryclass": "eprintclass",
    "key": "sortkey",
    "pdf": "file",
}
_NUMBER_OF_MONTH = {name: number for number, name in enumerate(MONTHS, 1)}


def to_biblatex(entry_type: str, fields: list[Field]) -> tuple[str, list[Field]]:
    """The type and fields of an entry in biblatex's names.

    A field keeps its name where another field already has the new one.

    >>> fields = [Field("school", "X"), Field("year", "2020"), Field("month", "May", "may")]
    >>> to_biblatex("mastersthesis", fields)
    ('thesis', [Field(name='institution', value='X', raw=None), Field(name='date', value='2020-05',
    raw=None), Field(name='type', value='mathesis', raw=None)])
    """
    new_type, kind = _TYPES.get(entry_type.casefold(), (entry_type, ""))
    taken = {field.name for field in fields}
    renamed = list[Field]()
    for field in fields:
        name = _new_name(field.name, taken)
        renamed.append(Field(name, field.value, field.raw))
    renamed = _with_date(renamed)
    if kind and "type" not in taken:
        renamed.append(Field("type", kind))
    return new_type, renamed


def _new_name(name: str, taken: set[str]) -> str:
    """Biblatex's name of a field; the old one where the entry has a field of that name already."""
    new = _NAMES.get(name, name)
    return name if new in taken else new


def _with_date(fields: list[Field]) -> list[Field]:
    """Year and month as one date, where they can be read and there is no date yet."""
    values = {field.name: field.value for field in fields}
    year = values.get("year", "")
    month = values.get("month", "")
    if "date" in values or not re.fullmatch(r"\d{4}", year):
        return fields
    number = _month_number(month)
    if month and not number:
        return fields
    value = f"{year}-{number:02d}" if number else year
    date = Field("date", value)
    kept = [field for field in fields if field.name != "month"]
    return [date if field.name == "year" else field for field in kept]


def _month_number(text: str) -> int:
    """The number of a month that is a number, a name or its first three letters; 0 for others."""
    folded = text.strip().strip(".").casefold()
    if folded.isascii() and folded.isdigit():
        return int(folded) if 1 <= int(folded) <= 12 else 0
    short = folded[:3]
    full = MONTHS.get(short, "").casefold()
    if folded in (short, full):
        return _NUMBER_OF_MONTH.get(short, 0)
    return 0
