"""The BibTeX entry that a record was read from: its source, and the @string definitions there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from litrev.library.bibtex.expression import (
    LONGEST,
    MONTHS,
    BadExpression,
    Piece,
    evaluate,
    parse_expression,
)
from litrev.library.bibtex.latex import decode, encode, encode_verbatim
from litrev.library.bibtex.revising import Unrevisable, scan
from litrev.library.bibtex.scanner import Scanned
from litrev.library.bibtex.splitter import split
from litrev.library.bibtex.writer import VERBATIM
from litrev.library.model.record import Cell, Field, Record

_DEEPEST = 200  # levels of @strings made of @strings; deeper ones would exhaust the stack


@dataclass(frozen=True, slots=True)
class Definition:
    """An ``@string`` of a source.

    ``name`` is in the file's case, ``expression`` the value as written, ``pieces`` its parts.
    ``place`` is the position of its block in the source: only entries behind it can use it.
    """

    name: str
    expression: str
    place: int
    pieces: tuple[Piece, ...]


class Definitions:
    """The ``@string`` definitions of one source, in file order."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self._by_name: dict[str, list[Definition]] = {}
        self._places: dict[str, list[int]] = {}
        for definition in definitions:
            name = definition.name.casefold()
            self._by_name.setdefault(name, []).append(definition)
            self._places.setdefault(name, []).append(definition.place)
        # A definition is expanded once. Else definitions of two others each would take time that
        # doubles with each level.
        self._texts: dict[Definition, str] = {}

    def find(self, name: str, place: int) -> Definition | None:
        """The last definition of ``name`` before ``place``; None where there is none."""
        folded = name.casefold()
        number = bisect_left(self._places.get(folded, ()), place)
        return self._by_name[folded][number - 1] if number else None

    def expand(self, pieces: Sequence[Piece], place: int, depth: int = 0) -> str:
        """The LaTeX text of an expression at ``place``; an undefined macro means its own name.

        So does one that is defined by too many levels of others, or that is longer than any field
        may be.
        """
        return "".join(
            self._expanded(piece, place, depth) if piece.macro else piece.text for piece in pieces
        )

    def _expanded(self, piece: Piece, place: int, depth: int) -> str:
        definition = self.find(piece.text, place)
        if definition is None or depth > _DEEPEST:
            return MONTHS.get(piece.text.casefold(), piece.text)
        if definition not in self._texts:
            text = self.expand(definition.pieces, definition.place, depth + 1)
            self._texts[definition] = text if len(text) <= LONGEST else piece.text
        return self._texts[definition]


@dataclass(frozen=True)
class EntrySource:
    """The entry of a BibTeX source that a record was read from.

    ``raw`` is its text, ``place`` its position among ``definitions``, which are those of the
    whole source.
    """

    source: str
    place: int
    key: str
    raw: str
    definitions: Definitions = field(repr=False)

    @cached_property
    def scanned(self) -> Scanned | None:
        """The parts of the entry; None where its source cannot be read by itself."""
        try:
            return scan(self.raw)
        except (Unrevisable, ValueError):
            return None

    def expression(self, name: str) -> str | None:
        """The source of a field's value as the entry has it; None if it has no such field."""
        if self.scanned is None:
            return None
        for scanned_field in self.scanned.fields:
            if scanned_field.name.casefold() == name:
                return self.raw[scanned_field.start : scanned_field.end]
        return None

    def latex(self, expression: str) -> str:
        """The LaTeX text of an expression, with macros as defined before the entry."""
        return self.definitions.expand(parse(expression), self.place)


def parse(expression: str) -> tuple[Piece, ...]:
    """The pieces of an expression that could be read before, by the rule by which it can be.

    Raises BadExpression for one that no rule can read.
    """
    try:
        return parse_expression(expression)
    except BadExpression:
        return parse_expression(expression, escapes=True)


def definitions(raw: str, place: int) -> Iterator[Definition]:
    """The definitions in the source of an ``@string`` at ``place``."""
    for block in split(raw):
        if block.kind == "string":
            value = block.fields[0]
            yield Definition(block.key, value.expression, place, value.pieces)


def raw_abstract(record: Record, origin: EntrySource | None) -> str | None:
    """The expression that the abstract was read from, if it still has the same meaning."""
    if origin is None or record.abstract is None:
        return None
    expression = origin.expression("abstract")
    if expression is None or decode(origin.latex(expression)) != record.abstract:
        return None
    return expression


def latex(record: Record, origin: EntrySource | None) -> dict[str, str]:
    """The LaTeX text of each field of a record, the abstract included, with macros expanded."""
    texts = {field.name: _latex_of(field, origin) for field in record.fields}
    abstract = _abstract_field(record, origin)
    if abstract is not None:
        texts[abstract.name] = _latex_of(abstract, origin)
    return texts


def _latex_of(field: Field, origin: EntrySource | None) -> str:
    if field.raw is not None and origin is not None:
        return origin.latex(field.raw)
    if field.raw is not None:
        return evaluate(parse(field.raw), MONTHS)
    if field.name in VERBATIM:
        return encode_verbatim(field.value)
    return encode(field.value)


def _abstract_field(record: Record, origin: EntrySource | None) -> Field | None:
    """The abstract as a field; an empty one where the entry has an empty ``abstract``."""
    if record.abstract is not None:
        return Field("abstract", record.abstract, raw_abstract(record, origin))
    expression = origin.expression("abstract") if origin else None
    if origin and expression and not decode(origin.latex(expression)):
        return Field("abstract", "", expression)
    return None


@dataclass(frozen=True, slots=True)
class FileEntry:
    """An entry of a file that was read: its line and key there, its record, its fields as LaTeX."""

    line: int
    key: str
    record: Record
    latex: Mapping[str, str]


class Entry:
    """What an export writes: a record, its cells, and the BibTeX entry it was read from.

    ``cells`` and ``source`` are read from the library when they are used, and not before. A
    ``crossref`` of the record holds the present key of its parent.
    """

    __slots__ = ("_cells", "_source", "record")

    def __init__(
        self,
        record: Record,
        cells: Callable[[], Mapping[str, Cell]] = dict,
        source: Callable[[], EntrySource | None] = lambda: None,
    ) -> None:
        self.record = record
        self._cells = cells
        self._source = source

    @property
    def cells(self) -> Mapping[str, Cell]:
        """The cells of the structured fields, by name."""
        return self._cells()

    @property
    def source(self) -> EntrySource | None:
        """The BibTeX entry that the record was read from; None for a record from elsewhere."""
        return self._source()


class Strings:
    """The ``@string`` definitions that an export writes to keep the meaning of raw expressions.

    First :meth:`take` is called for everything that will be written; then :meth:`holds` says which
    expressions can be written as they are.
    """

    def __init__(self) -> None:
        self.chosen: dict[str, Definition] = {}
        # Undefined macros in what is written: they must stay undefined.
        self._undefined: set[str] = set()

    def take(self, expression: str, origin: EntrySource | None) -> None:
        """Choose the definitions that ``expression`` needs.

        None is chosen where another definition of the same name is chosen already.
        """
        needs = _needs_of(expression, origin)
        if needs is None or not self._agrees(needs):
            return
        self._undefined |= needs.undefined
        for name, definition in needs.definitions.items():
            self.chosen.setdefault(name, definition)

    def holds(self, expression: str, origin: EntrySource | None) -> bool:
        """Whether ``expression`` means the same with the chosen definitions."""
        needs = _needs_of(expression, origin)
        if needs is None or not self._agrees(needs):
            return False
        return needs.definitions.keys() <= self.chosen.keys()

    def _agrees(self, needs: _Needs) -> bool:
        """Whether the chosen definitions leave the meaning of all macros as it is."""
        defines_undefined = needs.undefined & self.chosen.keys()
        undefined_by_others = self._undefined & needs.definitions.keys()
        if defines_undefined or undefined_by_others:
            return False
        for name, definition in needs.definitions.items():
            chosen = self.chosen.get(name)
            if chosen is not None and chosen.expression != definition.expression:
                return False
        return True


@dataclass(frozen=True, slots=True)
class _Needs:
    """The macros of an expression: the definitions they have, and the names without one."""

    definitions: dict[str, Definition] = field(default_factory=dict)
    undefined: set[str] = field(default_factory=set)

    def collect(self, pieces: Sequence[Piece], table: Definitions, place: int) -> bool:
        """Add the needs of ``pieces`` at ``place``; False if no export could fulfil them."""
        for piece in pieces:
            if not piece.macro:
                continue
            name = piece.text.casefold()
            definition = table.find(name, place)
            if definition is None:
                if name not in MONTHS:
                    self.undefined.add(name)
                continue
            # An export writes each name once, before all entries: it cannot define a month anew,
            # nor one name in two ways.
            is_unique = self.definitions.get(name, definition) is definition
            if name in MONTHS or not is_unique:
                return False
            if not self.collect(definition.pieces, table, definition.place):
                return False
            self.definitions[name] = definition  # behind those that it is made of
        return True


def _needs_of(expression: str, origin: EntrySource | None) -> _Needs | None:
    """What ``expression`` needs; None for one that cannot be written in an export as it is."""
    try:
        pieces = parse_expression(expression)
    except BadExpression:
        return None
    table = origin.definitions if origin else Definitions(())
    place = origin.place if origin else 0
    needs = _Needs()
    return needs if needs.collect(pieces, table, place) else None
