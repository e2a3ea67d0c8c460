"""References and annotated bibliographies, formatted by pandoc or as plain lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from litrev.library.render.citations import bibliography
from litrev.library.render.citations.bibliography import BibliographyOptions
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session


class References:
    """The references of one library."""

    def __init__(self, session: Session, selecting: Selecting) -> None:
        self._library = session.library
        self._selecting = selecting

    def options(
        self,
        style: str,
        chinese_first: bool,
        annotated: bool,
        standalone: bool,
        title: str,
        folder: Path,
    ) -> BibliographyOptions:
        """How a bibliography is formatted; see :class:`BibliographyOptions`."""
        return BibliographyOptions(
            style=style,
            chinese_first=chinese_first,
            annotated=annotated,
            standalone=standalone,
            title=title,
            folder=folder,
        )

    def bibliography(self, ids: Sequence[str], format: str, options: BibliographyOptions) -> bytes:
        """The references of these records, in their order or the style's, formatted by pandoc.

        Raises UsageFault for an unknown format or style, EnvironmentFault where pandoc is missing
        or fails.
        """
        records = self._library.records(ids)
        return bibliography.bibliography(
            records, self._selecting.cells_of(records), self._library.codebook(), format, options
        )

    def plain(self, ids: Sequence[str], *, annotated: bool = False) -> str:
        """The references as plain author-year lines in alphabetical order, without pandoc."""
        records = self._library.records(ids)
        return bibliography.plain_bibliography(
            records, self._selecting.cells_of(records), self._library.codebook(), annotated
        )

    def incomplete(self, ids: Sequence[str]) -> list[str]:
        """The metadata that the references of these records lack, a line for each such record."""
        records = self._library.records(ids)
        return bibliography.incomplete(records)
