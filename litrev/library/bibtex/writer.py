"""Entries in canonical BibTeX: the same entry always gives the same text."""

from __future__ import annotations

from collections.abc import Iterable

from litrev.library.bibtex.expression import MONTHS, BadExpression, parse_expression
from litrev.library.bibtex.latex import encode, encode_verbatim
from litrev.library.record import Field

VERBATIM = frozenset("url doi file eprint urlraw pdf verba verbb verbc isbn issn".split())


def write_entry(entry_type: str, key: str, fields: Iterable[Field]) -> str:
    """One entry, a field a line, in the order given."""
    lines = [f"  {field.name} = {expression(field)}," for field in fields]
    return "\n".join([f"@{entry_type}{{{key},", *lines, "}"]) + "\n"


def expression(field: Field) -> str:
    """The source of a field's value: as it was read where that stands alone, else made from the text."""
    if field.raw is not None and _stands_alone(field.raw):
        return field.raw
    text = encode_verbatim(field.value) if field.name in VERBATIM else encode(field.value)
    return "{" + text + "}"


def _stands_alone(raw: str) -> bool:
    """Whether an expression means the same in another file: no macro but the months."""
    try:
        pieces = parse_expression(raw)
    except BadExpression:
        return False
    return all(not piece.macro or piece.text.casefold() in MONTHS for piece in pieces)
