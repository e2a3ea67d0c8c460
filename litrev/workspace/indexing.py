"""The index of a library: its folder, its state, and building or compacting it by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from litrev.workspace.session import Session

if TYPE_CHECKING:
    from litrev.index.engine import Engine, Health
    from litrev.index.follow import Follower


class Indexing:
    """The index, which follows the library by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._follower: Follower | None = None

    @property
    def follower(self) -> Follower:
        """The engine with its index, which is brought up to date before each search."""
        if self._follower is None:
            from litrev.index.engines import embedded
            from litrev.index.follow import Follower

            library, reporting = self._session.library, self._session.reporting
            engine = embedded(self.folder, library.codebook().names)
            self._follower = Follower(
                library,
                engine,
                reporting.notice,
                lambda done, total: reporting.progress("indexing", done, total),
            )
        return self._follower

    @property
    def folder(self) -> Path:
        """The folder of this library's index."""
        # The id of the library, not its path: a library that is moved keeps its index.
        library_id = self._session.library.position().library
        return self._session.cache / "index" / library_id

    def health(self) -> tuple[Health, bool]:
        """The state of the index, and whether it is up to date with the library.

        A damaged index does not raise: the state then has only a problem.
        """
        from litrev.index.engine import DamagedIndex, Health

        try:
            engine = self.follower.engine
            health = engine.health()
            is_current = engine.seen() == self.follower.wanted()
        except DamagedIndex as fault:
            damaged = Health(documents=0, deleted=0, segments=0, size=0, problems=(fault.message,))
            return damaged, False
        return health, is_current

    def rebuild(self) -> int:
        """Index the whole library anew, and return how many records it has."""
        self.follower.rebuild()
        return self._session.library.count()

    def compact(self) -> int:
        """Put all parts of the index into one, without deleted records, and return its size.

        The size is in bytes.
        """

        def compact(engine: Engine) -> None:
            with engine.exclusive():
                engine.compact()

        self.follower.ask(compact)
        health, _ = self.health()
        return health.size

    def close(self) -> None:
        """Close the index; a later search opens it again."""
        if self._follower is not None:
            self._follower.engine.close()
            self._follower = None
