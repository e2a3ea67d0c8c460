"""BibTeX's entry types and field names in biblatex's words (biblatex manual 3.20, sections 2.1.2,
2.2.5 and 2.3.8).
"""

from __future__ import annotations

import re

from litrev.library.bibtex.expression import MONTHS
from litrev.library.model.record import Field

_TYPES = {
    "phdthesis": ("thesis", "phdthesis"), "mastersthesis": ("thesis", "mathesis"), "techreport": ("report", "techreport"),
    "conference": ("inproceedings", ""), "electronic": ("online", ""), "www": ("online", ""),
}  # fmt: skip
_NAMES = {
    "journal": "journaltitle", "address": "location", "school": "institution", "annote": "annotation", "archiveprefix": "eprinttype",
    "primaryclass": "eprintclass", "key": "sortkey", "pdf": "file",
}  # fmt: skip
_NUMBER_OF_MONTH = {name: number for number, name in enumerate(MONTHS, 1)}


def to_biblatex(entry_type: str, fields: list[Field]) -> tuple[str, list[Field]]:
    """An entry in biblatex's words; a field whose new name is taken keeps its own.

    >>> to_biblatex("mastersthesis", [Field("school", "X"), Field("year", "2020"), Field("month", "May", "may")])
    ('thesis', [Field(name='institution', value='X', raw=None), Field(name='date', value='2020-05',
    raw=None), Field(name='type', value='mathesis', raw=None)])
    """
    named, kind = _TYPES.get(entry_type.casefold(), (entry_type, ""))
    taken = {field.name for field in fields}
    renamed = [
        Field(_new_name(entry_type, field.name, taken), field.value, field.raw) for field in fields
    ]
    renamed = _dated(renamed)
    if kind and "type" not in taken:
        renamed.append(Field("type", kind))
    return named, renamed


def _new_name(entry_type: str, name: str, taken: set[str]) -> str:
    new = _NAMES.get(name, name)
    return name if new in taken else new


def _dated(fields: list[Field]) -> list[Field]:
    """Year and month as one date, where they are plain and there is none yet."""
    values = {field.name: field.value for field in fields}
    year, month = values.get("year", ""), values.get("month", "")
    number = _month(month)
    if "date" in values or not re.fullmatch(r"\d{4}", year) or (month and not number):
        return fields
    date = Field("date", f"{year}-{number:02d}" if number else year)
    return [date if field.name == "year" else field for field in fields if field.name != "month"]


def _month(text: str) -> int:
    folded = text.strip().strip(".").casefold()
    if folded.isascii() and folded.isdigit():
        return int(folded) if 1 <= int(folded) <= 12 else 0
    return (
        _NUMBER_OF_MONTH.get(folded[:3], 0)
        if folded.isalpha() and folded in (folded[:3], MONTHS.get(folded[:3], "").casefold())
        else 0
    )
