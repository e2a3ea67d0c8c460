"""BibTeX and biblatex files."""

from __future__ import annotations

import re

from litrev.library.bibtex.expression import LONGEST, MONTHS, evaluate
from litrev.library.bibtex.latex import decode
from litrev.library.bibtex.names import NAME_FIELDS, decode_names
from litrev.library.bibtex.splitter import RawBlock, RawField, split
from litrev.library.bibtex.writer import VERBATIM
from litrev.library.formats.bibtex_export import write, write_biblatex
from litrev.library.formats.format import Format
from litrev.library.model.record import Field
from litrev.library.model.source import Block, Problem, Reading, Text, Work

_SUFFIXES = (".bib", ".bibtex", ".biblatex")
_ENTRY = re.compile(r"^[ \t]*@[ \t]*[A-Za-z][\w-]*\s{0,9}[{(]", re.MULTILINE)
_UNMISTAKABLE = re.compile(  # a block that only BibTeX has, or an entry with a field
    r"^[ \t]*@[ \t]*(?:(?i:string|preamble)\s{0,9}[{(]"
    r"|[A-Za-z][\w-]*\s{0,9}[{(][^{}=]{0,300}=\s{0,9}[{\"\w])",
    re.MULTILINE,
)


def read(text: Text) -> Reading:
    """The entries of ``text``; every field has its raw expression and its decoded value."""
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()
    macros = dict(MONTHS)
    raw_blocks = split(text.text)
    if not any(raw.raw.strip() for raw in raw_blocks):
        problems.append(Problem(1, "the file is empty", text.text))
    for position, raw in enumerate(raw_blocks):
        if raw.kind == "string":
            if (
                sum(len(macros.get(p.text.casefold(), p.text)) for p in raw.fields[0].pieces)
                <= LONGEST
            ):
                macros[raw.key.casefold()] = evaluate(raw.fields[0].pieces, macros)
            else:
                problems.append(
                    Problem(
                        raw.line,
                        f"@string {raw.key}: stands for more text than any field may hold",
                        raw.raw,
                        unreadable=False,
                    )
                )
        elif raw.kind == "entry":
            works.append(_work(raw, position, macros, problems))
        elif raw.kind == "failed":
            problems.append(Problem(raw.line, raw.reason, raw.raw, position=position))
        elif raw.kind == "comment":
            problems += _commented_out(raw)
        problems += [
            Problem(line, f"{raw.key}: {doubt}" if raw.key else doubt, unreadable=False)
            for line, doubt in raw.doubts
        ]
        blocks.append(Block(position, raw.line, raw.kind, raw.raw, raw.key or None))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _commented_out(raw: RawBlock) -> list[Problem]:
    """A problem for the entries in an ``@comment{…}``, if there are any."""
    # BibTeX itself would read such entries, other programs do not: people must know.
    count = len(_ENTRY.findall(raw.raw, 1)) if raw.raw.startswith("@") else 0
    if not count:
        return []
    reason = f"{count} entries are in a comment and are not read"
    return [Problem(raw.line, reason, raw.raw, unreadable=False)]


def _work(raw: RawBlock, position: int, macros: dict[str, str], problems: list[Problem]) -> Work:
    fields: dict[str, Field] = {}
    for field in raw.fields:
        name = field.name.casefold()
        if name.startswith("litrev-"):
            continue  # written by an export of structured fields: they live in the library
        if name in fields:
            problems.append(
                Problem(
                    field.line,
                    f"{raw.key}: {name} is given twice; the first is used, as BibTeX does",
                    field.expression,
                    False,
                )
            )
            continue
        fields[name] = _field(raw, field, name, macros, problems)
    abstract = fields.pop("abstract", None)
    return Work(
        position,
        raw.line,
        raw.key or None,
        raw.entry_type,
        tuple(fields.values()),
        abstract.value if abstract else None,
    )


def _field(
    raw: RawBlock, field: RawField, name: str, macros: dict[str, str], problems: list[Problem]
) -> Field:
    unknown = [
        piece.text for piece in field.pieces if piece.macro and piece.text.casefold() not in macros
    ]
    problems += [
        Problem(
            field.line, f"{raw.key}: {name}: nothing defines the @string {macro}", unreadable=False
        )
        for macro in unknown
    ]
    source = evaluate(field.pieces, macros)
    return Field(name, decoded(name, source), field.expression)


def decoded(name: str, source: str) -> str:
    """The Unicode text of a field's LaTeX text."""
    if name in VERBATIM:
        return " ".join(source.split())
    return decode_names(source) if name in NAME_FIELDS else decode(source)


def _recognises(text: Text) -> float:
    if text.name.casefold().endswith(_SUFFIXES):
        return 0.9 if "@" in text.text else 0.5
    return 0.9 if _UNMISTAKABLE.search(text.text) else 0.0


FORMAT = Format("bibtex", _SUFFIXES, _recognises, read, write, parents_last=True)
BIBLATEX = Format("biblatex", (), lambda text: 0.0, read, write_biblatex, parents_last=True)
