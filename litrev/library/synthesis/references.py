"""A paper in one plain line: a reference for where no citation style is asked for."""

from __future__ import annotations

from litrev.library.bibtex.names import parse_names
from litrev.library.model.record import Record

_MOST_AUTHORS = 3
_TITLE_WIDTH = 200  # characters


def plain_reference(record: Record) -> str:
    """Author, year, title and venue in one line, as far as they are known.

    Of more than three authors the first three are named. A title longer than 200 characters is cut.

    >>> from litrev.library.model.record import Field
    >>> fields = (Field("author", "Reed, Ann"), Field("title", "Trust"), Field("date", "2019-05"))
    >>> plain_reference(Record("1", "Reed2019", "book", fields, abstract=None))
    'Ann Reed. (2019). Trust.'
    """
    names = author_names(record)
    authors = "; ".join(names[:_MOST_AUTHORS])
    if len(names) > _MOST_AUTHORS:
        authors += " et al."
    parts = (
        authors or "(no author)",
        f"({record.year or 'no year'})",
        record.label(_TITLE_WIDTH),
        record.venue,
    )
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def author_names(record: Record) -> list[str]:
    """The authors in the order of the record, each with the given name first.

    They are the editors when the record has no authors. "and others" becomes "et al.".
    """
    names = parse_names(record.get("author") or record.get("editor"))
    return [name.natural or "et al." for name in names]
