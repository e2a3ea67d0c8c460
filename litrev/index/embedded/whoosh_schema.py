"""The index as plain Whoosh sees it: its schema, with which Whoosh's own reader finds the same."""

from __future__ import annotations

from whoosh import fields
from whoosh.analysis.tokenizers import IDTokenizer
from whoosh.formats import Existence, Format

from litrev.index.embedded import layout


class Places(Format):  # type: ignore[misc]  # Whoosh has no types
    """Positions of four bytes each, instead of a pickle a posting."""

    def fixed_value_size(self) -> None:
        """Values differ in size."""

    def decode_positions(self, value: bytes) -> list[int]:
        """The positions of a posting."""
        return layout.positions(value)

    def decode_frequency(self, value: bytes) -> int:
        """How often the term stands there."""
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        """The same."""
        return float(len(value) // 4)


class Words(fields.FieldType):  # type: ignore[misc]
    """Terms that are written as they are."""

    def __init__(self, format: Format) -> None:
        self.format, self.analyzer, self.scorable, self.stored, self.unique = (
            format,
            IDTokenizer(),
            True,
            False,
            False,
        )


def schema() -> fields.Schema:
    """The Whoosh schema of every index."""
    made = fields.Schema()
    for name in (layout.COMMON, layout.SURFACE, layout.FLAGS, layout.FACETS):
        made.add(name, Words(Existence()))
    made.add(layout.CONTENT, Words(Places()))
    return made
