"""The parts of a workspace, each with one concern, and the base of the classes that call them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from litrev.workspace.indexing import Indexing
from litrev.workspace.session import Session

if TYPE_CHECKING:
    from litrev.workspace.checking import Checking
    from litrev.workspace.codebooks import Codebooks
    from litrev.workspace.editing import Editing
    from litrev.workspace.exporting import Exporting
    from litrev.workspace.extracting import Extracting
    from litrev.workspace.importing import Importing
    from litrev.workspace.references import References
    from litrev.workspace.reports import Reports
    from litrev.workspace.searching import Searching
    from litrev.workspace.selecting import Selecting
    from litrev.workspace.syncing import Syncing
    from litrev.workspace.tables import Tables

StrPath = str | os.PathLike[str]


class Parts:
    """The parts of one workspace, each made when it is first used.

    With ``indexing`` it shares the index of another workspace on the same library.
    """

    # Each part is imported where it is made: a command loads only the modules of the parts that
    # it uses, which keeps start-up short.

    def __init__(self, session: Session, indexing: Indexing | None = None) -> None:
        self._session = session
        self.indexing = indexing or Indexing(session)

    @cached_property
    def selecting(self) -> Selecting:
        """Finding the records that are meant."""
        from litrev.workspace.selecting import Selecting

        return Selecting(self._session, self.indexing)

    @cached_property
    def searching(self) -> Searching:
        """Searches."""
        from litrev.workspace.searching import Searching

        return Searching(self._session, self.indexing, self.selecting)

    @cached_property
    def tables(self) -> Tables:
        """Tables, matrices, comparisons, drafts."""
        from litrev.workspace.tables import Tables

        return Tables(self._session, self.selecting)

    @cached_property
    def reports(self) -> Reports:
        """Pictures and the report."""
        from litrev.workspace.reports import Reports

        return Reports(self._session, self.selecting)

    @cached_property
    def references(self) -> References:
        """References and bibliographies."""
        from litrev.workspace.references import References

        return References(self._session, self.selecting)

    @cached_property
    def syncing(self) -> Syncing:
        """Operations on the library, and the files that are written after them."""
        from litrev.workspace.syncing import Syncing

        return Syncing(self._session)

    @cached_property
    def importing(self) -> Importing:
        """Adding files and texts."""
        from litrev.workspace.importing import Importing

        return Importing(self._session, self.syncing)

    @cached_property
    def exporting(self) -> Exporting:
        """Exports, and what manuscripts cite."""
        from litrev.workspace.exporting import Exporting

        return Exporting(self._session, self.selecting)

    @cached_property
    def extracting(self) -> Extracting:
        """Filling the structured fields."""
        from litrev.workspace.extracting import Extracting

        return Extracting(self._session, self.syncing)

    @cached_property
    def codebooks(self) -> Codebooks:
        """The structured fields themselves."""
        from litrev.workspace.codebooks import Codebooks

        return Codebooks(self._session, self.syncing)

    @cached_property
    def editing(self) -> Editing:
        """What a person changes in records."""
        from litrev.workspace.editing import Editing

        return Editing(self._session, self.selecting, self.syncing)

    @cached_property
    def checking(self) -> Checking:
        """Checks, duplicates, quarantine."""
        from litrev.workspace.checking import Checking

        return Checking(self._session, self.selecting, self.syncing)


class PartCalls:
    """The base of the classes of the Python API: it holds the parts that their calls go to."""

    def __init__(self, session: Session, indexing: Indexing | None = None) -> None:
        self._session = session
        self._parts = Parts(session, indexing)
        self.library = session.library

    def _ids(self, pointers: Sequence[str]) -> list[str]:
        """The ids of the records that pointers mean, each once; a single pointer is allowed."""
        return self._parts.selecting.ids_of(pointers)


def as_list(values: Any) -> list[Any]:
    """Several texts or paths as a list; one alone becomes a list of one.

    >>> as_list("year"), as_list(("year", "site"))
    (['year'], ['year', 'site'])
    """
    if isinstance(values, str | os.PathLike):
        return [values]
    return list(values)
