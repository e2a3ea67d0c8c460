"""The Python API: one open library; whatever a command does is one call on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from litrev.workspace.changing_calls import ChangingCalls
from litrev.workspace.reading_calls import ReadingCalls
from litrev.workspace.session import Session

if TYPE_CHECKING:
    from litrev.workspace.indexing import Indexing


class Workspace(ReadingCalls, ChangingCalls):
    """One open library. Close it, or use it as a context manager.

    A *pointer* means one record: its key, the start of its key, ``"#3"`` for row 3 of the last
    list, or its id. A *query* means several, in the language of ``litrev search``; an empty one
    means all. *Fields*, *columns* and *views* are those that the command line knows by these names.

    Every failure is a ``LitrevError`` whose message says what to do. A call with a pointer raises
    as :meth:`resolve`, a call with a query as :meth:`select`, and a call that writes raises Busy
    when somebody else writes for longer than litrev waits.

    >>> import litrev, tempfile
    >>> review = litrev.init(tempfile.mkdtemp())
    >>> report = review.add_text("We used semi-structured interviews with 20 nurses.")
    >>> report.equation
    'read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0'
    >>> [match.snippet.text for match in review.search("methods:interview").matches]
    ['semi-structured interviews']
    >>> review.close()
    """

    def __init__(self, session: Session, indexing: Indexing | None = None) -> None:
        super().__init__(session, indexing)
        self._owns_library = indexing is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the library and its index. Calls after that raise an error that says so.

        A workspace that :meth:`using` returned leaves both open.
        """
        if self._owns_library:
            self._parts.indexing.close()
            self.library.close()

    def using(self, *, command: str | None = None, dry_run: bool = False) -> Workspace:
        """A workspace on the same library, with another name for operations, or for a dry run.

        ``command`` is what operations are called in the log; None keeps the names that they have.
        In a dry run nothing is kept: not in the library, in .bib files, in the user's config or
        elsewhere. Only the index, which is made from the library, is updated as always. Closing
        the new workspace does not close this one.

        >>> import litrev, tempfile
        >>> with litrev.init(tempfile.mkdtemp()) as review:
        ...     report = review.using(dry_run=True).add_text("An abstract.")
        ...     report.equation, review.count()
        ('read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0', 0)
        """
        context = self._session.context.derive(command, dry_run)
        return Workspace(self._session._replace(context=context), self._parts.indexing)

    @property
    def folder(self) -> Path:
        """The folder of the library."""
        return self.library.folder

    @property
    def database(self) -> Path:
        """The SQLite file in the folder, which holds everything."""
        return self.library.database

    @property
    def actor(self) -> str:
        """The name of the person whose decisions are recorded."""
        return self.library.actor
