"""The BibTeX entry a record was read from: its own key, raw expressions, and the @string
definitions in force there.
"""

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

_DEEPEST = 200  # @strings made of @strings


@dataclass(frozen=True, slots=True)
class Definition:
    """An ``@string``: its name in the file's case, and its expression."""

    name: str
    expression: str
    place: int
    pieces: tuple[Piece, ...]


class Definitions:
    """The ``@string`` definitions of one source, in file order."""

    def __init__(self, found: Iterable[Definition]) -> None:
        self._by_name: dict[str, list[Definition]] = {}
        for definition in found:
            self._by_name.setdefault(definition.name.casefold(), []).append(definition)
        self._texts: dict[Definition, str] = {}
        self._places = {
            name: [definition.place for definition in same] for name, same in self._by_name.items()
        }

    def find(self, name: str, place: int) -> Definition | None:
        """The last definition of ``name`` before ``place``."""
        folded = name.casefold()
        number = bisect_left(self._places.get(folded, ()), place)
        return self._by_name[folded][number - 1] if number else None

    def expand(self, pieces: Sequence[Piece], place: int, depth: int = 0) -> str:
        """The LaTeX text of an expression at ``place``; a macro nobody defined stands for its own
        name.

        So does one that is defined by too many others, or stands for more than any field may hold.
        """
        return "".join(
            self._expanded(piece, place, depth) if piece.macro else piece.text for piece in pieces
        )

    def _expanded(self, piece: Piece, place: int, depth: int) -> str:
        found = self.find(piece.text, place)
        if found is None or depth > _DEEPEST:
            return MONTHS.get(piece.text.casefold(), piece.text)
        if found not in self._texts:
            text = self.expand(found.pieces, found.place, depth + 1)
            self._texts[found] = text if len(text) <= LONGEST else piece.text
        return self._texts[found]


@dataclass(frozen=True)
class EntrySource:
    """The entry of a BibTeX source that a record was read from."""

    source: str
    place: int
    key: str
    raw: str
    definitions: Definitions = field(repr=False)

    @cached_property
    def scanned(self) -> Scanned | None:
        """The parts of the entry; None where its source is no entry that stands alone."""
        try:
            return scan(self.raw)
        except (Unrevisable, ValueError):
            return None

    def expression(self, name: str) -> str | None:
        """The source of a field's value as the entry has it."""
        for found in self.scanned.fields if self.scanned else ():
            if found.name.casefold() == name:
                return self.raw[found.start : found.end]
        return None

    def latex(self, expression: str) -> str:
        """The LaTeX text of an expression, macros expanded as where the entry stands."""
        return self.definitions.expand(parse(expression), self.place)


def parse(expression: str) -> tuple[Piece, ...]:
    """The pieces of an expression that was read once, by whichever rule it was read."""
    try:
        return parse_expression(expression)
    except BadExpression:
        return parse_expression(expression, escapes=True)


def definitions(raw: str, place: int) -> Iterator[Definition]:
    """What the source of an ``@string`` at ``place`` defines."""
    for block in split(raw):
        if block.kind == "string":
            yield Definition(block.key, block.fields[0].expression, place, block.fields[0].pieces)


def raw_abstract(record: Record, origin: EntrySource | None) -> str | None:
    """The expression the abstract was read from, if it still says the same."""
    expression = origin.expression("abstract") if origin else None
    if origin is None or expression is None or record.abstract is None:
        return None
    return expression if decode(origin.latex(expression)) == record.abstract else None


def latex(record: Record, origin: EntrySource | None) -> dict[str, str]:
    """The LaTeX text of each field of a record, the abstract included, with macros expanded."""
    texts = {}
    abstract = (
        [Field("abstract", record.abstract, raw_abstract(record, origin))]
        if record.abstract is not None
        else []
    )
    if (
        origin
        and record.abstract is None
        and (empty := origin.expression("abstract"))
        and not decode(origin.latex(empty))
    ):
        abstract = [Field("abstract", "", empty)]
    for found in (*record.fields, *abstract):
        if found.raw is None:
            texts[found.name] = (
                encode_verbatim(found.value) if found.name in VERBATIM else encode(found.value)
            )
        else:
            texts[found.name] = (
                origin.latex(found.raw) if origin else evaluate(parse(found.raw), MONTHS)
            )
    return texts


@dataclass(frozen=True, slots=True)
class FileEntry:
    """An entry of a file that was read: its line and key there, the record it became, its fields as
    LaTeX text.
    """

    line: int
    key: str
    record: Record
    latex: Mapping[str, str]


class Entry:
    """What an export writes: a record, its cells, and the BibTeX entry it was read from.

    ``cells`` and ``source`` are read from the library when they are asked for, and not before. A
    ``crossref`` of the record names the key that its parent has by now.
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
        """The BibTeX entry the record was read from; None for a record that came from elsewhere."""
        return self._source()


class Strings:
    """Which ``@string`` definitions an export takes along, so that raw expressions mean there what
    they meant here.

    First everything that is to be written is offered to :meth:`take`; then :meth:`holds` says which
    of it can stay.
    """

    def __init__(self) -> None:
        self.chosen: dict[str, Definition] = {}
        self._bare: set[str] = set()  # macros that nothing defines: they must go on meaning nothing

    def take(self, expression: str, origin: EntrySource | None) -> None:
        """Choose the definitions ``expression`` needs, unless others of the same names are chosen
        already.
        """
        needed: dict[str, Definition] = {}
        bare: set[str] = set()
        if self._needs(expression, origin, needed, bare) and self._agrees(needed, bare):
            self._bare |= bare
            for name, found in needed.items():
                self.chosen.setdefault(name, found)

    def holds(self, expression: str, origin: EntrySource | None) -> bool:
        """Whether ``expression`` means the same among the chosen definitions."""
        needed: dict[str, Definition] = {}
        bare: set[str] = set()
        return (
            self._needs(expression, origin, needed, bare)
            and self._agrees(needed, bare)
            and needed.keys() <= self.chosen.keys()
        )

    def _agrees(self, needed: Mapping[str, Definition], bare: set[str]) -> bool:
        if bare & self.chosen.keys() or self._bare & needed.keys():
            return False
        return all(
            self.chosen[name].expression == found.expression
            for name, found in needed.items()
            if name in self.chosen
        )

    def _needs(
        self,
        expression: str,
        origin: EntrySource | None,
        needed: dict[str, Definition],
        bare: set[str],
    ) -> bool:
        try:
            pieces = parse_expression(expression)
        except BadExpression:
            return False
        return self._collect(
            pieces,
            origin.definitions if origin else Definitions(()),
            origin.place if origin else 0,
            needed,
            bare,
        )

    def _collect(
        self,
        pieces: Sequence[Piece],
        table: Definitions,
        place: int,
        needed: dict[str, Definition],
        bare: set[str],
        depth: int = 0,
    ) -> bool:
        if depth > _DEEPEST:
            return False
        for name in (piece.text.casefold() for piece in pieces if piece.macro):
            found = table.find(name, place)
            if found is None:
                bare |= {name} - MONTHS.keys()
            elif (
                name in MONTHS
                or (name in needed and needed[name] is not found)
                or not self._collect(found.pieces, table, found.place, needed, bare)
            ):
                return False
            else:
                needed[name] = found  # behind what it is made of
        return True
