"""A field's value as an expression of the BibTeX file that it goes into."""

from __future__ import annotations

from litrev.library.bibtex.entry_source import Definition, Definitions, definitions, parse
from litrev.library.bibtex.expression import MONTHS, uses_macros
from litrev.library.bibtex.latex import encode as encode_latex
from litrev.library.bibtex.writer import expression
from litrev.library.formats.bibtex import decoded
from litrev.library.importing.source import Source
from litrev.library.model.record import Field


class FileExpressions:
    """Writes values as one file does, with the macros that the file defines.

    ``source`` is the file as it was just read.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._defined: Definitions | None = None

    def of(self, ours: Field, theirs: Field | None, place: int) -> str:
        """The value of ``ours`` as BibTeX source, written as the file writes ``theirs``.

        That is its own expression where it means the same in this file, else a number, or a text
        in quotes or braces. ``theirs`` is the field that the file has now, None where it has none.
        ``place`` is the position of the entry's block: macros that are defined later do not count.
        """
        if ours.raw is not None and self._means_the_same_here(ours, ours.raw, place):
            return ours.raw
        before = theirs.raw if theirs and theirs.raw else ""
        is_number = ours.value.isascii() and ours.value.isdigit()
        if is_number and before.isdigit():
            return ours.value
        written = self._braced(ours, place)
        was_quoted = before[:1] == before[-1:] == '"' and "#" not in before
        if was_quoted and '"' not in written:
            content = written[1:-1]
            written = f'"{content}"'
        unix_lines = written.replace("\r\n", "\n").replace("\r", "\n")
        return unix_lines.replace("\n", self._source.text.newline)

    def _braced(self, ours: Field, place: int) -> str:
        """A value as the BibTeX writer writes it: in braces, or as a number or a month's macro."""
        without_raw = Field(ours.name, ours.value)
        written = expression(without_raw)
        is_macro = not written.startswith("{") and not written.isdigit()
        # The file may give the macro of a month another meaning.
        if is_macro and self._is_defined(written, place):
            return "{" + encode_latex(ours.value) + "}"
        return written

    def _means_the_same_here(self, ours: Field, raw: str, place: int) -> bool:
        """Whether an expression that was read in another place has the same value in this file."""
        if not uses_macros(raw):
            return True
        pieces = parse(raw)
        for piece in pieces:
            is_month = piece.text.casefold() in MONTHS
            if piece.macro and not is_month and not self._is_defined(piece.text, place):
                return False
        expanded = self._definitions().expand(pieces, place)
        return decoded(ours.name, expanded) == ours.value

    def _is_defined(self, macro: str, place: int) -> bool:
        """Whether the file itself defines a macro before this place."""
        return self._definitions().find(macro, place) is not None

    def _definitions(self) -> Definitions:
        """The macros that the file defines, looked up when first needed."""
        if self._defined is None:
            in_file: list[Definition] = []
            for block in self._source.reading.blocks:
                if block.kind == "string":
                    in_file += definitions(block.raw, block.position)
            self._defined = Definitions(in_file)
        return self._defined
