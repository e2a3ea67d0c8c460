"""The index as plain Whoosh sees it: a schema by which Whoosh's own reader finds the same."""

from __future__ import annotations

from whoosh import fields
from whoosh.analysis.tokenizers import IDTokenizer
from whoosh.formats import Existence, Format

from litrev.index.embedded import layout


class Places(Format):  # type: ignore[misc]  # Whoosh has no types
    """Positions of four bytes each, where Whoosh's own format pickles every posting."""

    def fixed_value_size(self) -> None:
        """Values differ in size."""

    def decode_positions(self, value: bytes) -> list[int]:
        """The positions of a posting, each with its field (see layout.positions)."""
        return layout.positions(value)

    def decode_frequency(self, value: bytes) -> int:
        """How often the term is in the document, in whatever field."""
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        """The same: what Whoosh ranks by is the weight beside the value, not this."""
        return float(len(value) // 4)


class Words(fields.FieldType):  # type: ignore[misc]
    """A field whose terms are looked up as they are: neither split nor stemmed nor stored."""

    def __init__(self, format: Format) -> None:
        self.format = format
        self.analyzer = IDTokenizer()
        self.scorable = True
        self.stored = self.unique = False


def schema() -> fields.Schema:
    """The Whoosh schema of every index: the fields of layout, whatever the codebook has."""
    whoosh_schema = fields.Schema()
    for name in (layout.COMMON, layout.SURFACE, layout.FLAGS, layout.FACETS):
        whoosh_schema.add(name, Words(Existence()))
    whoosh_schema.add(layout.CONTENT, Words(Places()))
    return whoosh_schema
