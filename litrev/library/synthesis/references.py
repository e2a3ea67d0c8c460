"""A paper in one plain line: what stands for a formatted reference where no style is asked for."""

from __future__ import annotations

from litrev.library.bibtex.names import parse_names
from litrev.library.model.record import Record


def plain_reference(record: Record) -> str:
    """Author, year, title and venue in a line, as far as they are known."""
    names = [
        name.natural or "et al."
        for name in parse_names(record.get("author") or record.get("editor"))
    ]
    authors = "; ".join(names[:3]) + (" et al." if len(names) > 3 else "")
    parts = (
        authors or "(no author)",
        f"({record.year or 'no year'})",
        record.label(200),
        record.venue,
    )
    return ". ".join(part.rstrip(".") for part in parts if part) + "."
