"""Entries written as canonical BibTeX: the same entry always gives the same text."""

from __future__ import annotations

from collections.abc import Iterable

from litrev.library.bibtex.expression import MONTHS, uses_macros
from litrev.library.bibtex.latex import encode, encode_verbatim, to_ascii
from litrev.library.bibtex.names import NAME_FIELDS, encode_names
from litrev.library.model.record import Field

_MONTH_MACROS = {macro: macro for macro in MONTHS}
_MONTH_MACROS |= {full.casefold(): macro for macro, full in MONTHS.items()}

VERBATIM = frozenset(
    """
    url doi file eprint urlraw pdf verba verbb verbc isbn issn crossref xdata xref related ids
    entryset date urldate origdate eventdate
    """.split()
)
"""The fields whose text is not LaTeX: it is written without escapes."""


def write_entry(
    entry_type: str, key: str, fields: Iterable[Field], *, ascii_only: bool = False
) -> str:
    """One entry, each field on a line, in the order given.

    With ``ascii_only``, other characters are written as LaTeX escapes, where there are any.
    """
    lines = [f"  {field.name} = {expression(field, ascii_only=ascii_only)}," for field in fields]
    return "\n".join([f"@{entry_type}{{{key},", *lines, "}"]) + "\n"


def write_string(name: str, source: str, *, ascii_only: bool = False) -> str:
    """One ``@string``; ``source`` is its expression, with braces or quotes."""
    if ascii_only:
        source = _in_ascii(source)
    return f"@string{{{name} = {source}}}\n"


def expression(field: Field, *, ascii_only: bool = False) -> str:
    """The source of a field's value: as it was read, else made from the text."""
    source = _expression_of(field) if field.raw is None else field.raw
    if ascii_only and field.name not in VERBATIM:
        return _in_ascii(source)
    return source


def _expression_of(field: Field) -> str:
    """An expression made from the text of a field."""
    name, value = field.name, field.value
    if name == "month":
        macro = _MONTH_MACROS.get(value.casefold())
        return macro or "{" + encode(value) + "}"
    if name == "pages":
        return "{" + _encoded_pages(value) + "}"
    if name in NAME_FIELDS:
        return "{" + encode_names(value) + "}"
    if name in VERBATIM:
        return "{" + encode_verbatim(value) + "}"
    return "{" + encode(value) + "}"


def _encoded_pages(value: str) -> str:
    """Pages as LaTeX: an en dash is written as "--", unless there are hyphens too."""
    encoded = encode(value)
    return encoded if "-" in encoded else encoded.replace("–", "--")


def _in_ascii(source: str) -> str:
    """An expression in ASCII; one with macros stays, because their names are not text."""
    return source if uses_macros(source) else to_ascii(source)
