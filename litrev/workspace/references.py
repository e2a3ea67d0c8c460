"""References and annotated bibliographies, formatted by pandoc or as plain lines."""

from __future__ import annotations

from collections.abc import Sequence

from litrev.library.model.record import Record
from litrev.library.render.citations import bibliography
from litrev.library.render.citations.bibliography import Wishes
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session


class References:
    """The references of one library."""

    def __init__(self, session: Session, selecting: Selecting) -> None:
        self._library, self._selecting = session.library, selecting

    def bibliography(self, query: str = "", format: str = "text", wishes: Wishes | None = None, *, ids: Sequence[str] | None = None) -> bytes:
        """The references of the records ``query`` means, or of these ``ids`` in their order, formatted by pandoc.

        Raises UsageFault for an unknown style or format, EnvironmentFault where pandoc is missing or fails.
        """
        records = self._records(query, ids)
        return bibliography.bibliography(records, self._selecting.cells_of(records), self._library.codebook(), format, wishes or Wishes())

    def plain(self, query: str = "", *, annotated: bool = False, ids: Sequence[str] | None = None) -> str:
        """The same as plain author-year lines, without pandoc."""
        records = self._records(query, ids)
        return bibliography.plain_bibliography(records, self._selecting.cells_of(records), self._library.codebook(), annotated)

    def incomplete(self, ids: Sequence[str]) -> list[str]:
        """What metadata the references of these records lack, a line each."""
        return bibliography.incomplete(self._library.records(ids))

    def _records(self, query: str, ids: Sequence[str] | None) -> list[Record]:
        return self._selecting.records(query) if ids is None else self._library.records(ids)
