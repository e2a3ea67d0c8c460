"""Entries in canonical BibTeX: the same entry always gives the same text."""

from __future__ import annotations

from collections.abc import Iterable

from litrev.library.bibtex.expression import MONTHS, uses_macros
from litrev.library.bibtex.latex import encode, encode_verbatim, to_ascii
from litrev.library.bibtex.names import NAME_FIELDS, encode_names
from litrev.library.model.record import Field

_MONTH_MACROS = {name.casefold(): macro for macro, full in MONTHS.items() for name in (macro, full)}
VERBATIM = frozenset(
    "url doi file eprint urlraw pdf verba verbb verbc isbn issn crossref xdata xref related ids entryset date urldate origdate eventdate".split()
)


def write_entry(
    entry_type: str, key: str, fields: Iterable[Field], *, ascii_only: bool = False
) -> str:
    """One entry, a field a line, in the order given; with ``ascii_only`` in LaTeX escapes as far as
    there are any.
    """
    lines = [f"  {field.name} = {expression(field, ascii_only=ascii_only)}," for field in fields]
    return "\n".join([f"@{entry_type}{{{key},", *lines, "}"]) + "\n"


def write_string(name: str, source: str, *, ascii_only: bool = False) -> str:
    """One ``@string``."""
    return f"@string{{{name} = {_in_ascii(source) if ascii_only else source}}}\n"


def expression(field: Field, *, ascii_only: bool = False) -> str:
    """The source of a field's value: as it was read, else made from the text."""
    verbatim = field.name in VERBATIM
    month = _MONTH_MACROS.get(field.value.casefold()) if field.name == "month" else None
    if field.raw is None and month:
        return month
    if field.raw is not None:
        made = field.raw
    elif field.name == "pages":
        plain = encode(field.value)
        made = "{" + (plain if "-" in plain else plain.replace("–", "--")) + "}"
    elif field.name in NAME_FIELDS:
        made = "{" + encode_names(field.value) + "}"
    else:
        made = "{" + (encode_verbatim(field.value) if verbatim else encode(field.value)) + "}"
    return _in_ascii(made) if ascii_only and not verbatim else made


def _in_ascii(source: str) -> str:
    """An expression in ASCII; one with macros stays, for their names are not text."""
    return source if uses_macros(source) else to_ascii(source)
