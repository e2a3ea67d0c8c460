"""The index of a library: where it lies, how it does, and what can be done with it by hand."""

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
        """The engine that answers, brought up to date before it does."""
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
        """Where the index of this library lies."""
        return self._session.cache / "index" / self._session.library.position().library

    def health(self) -> tuple[Health, bool]:
        """How the index does, and whether it has seen all there is."""
        from litrev.index.engine import DamagedIndex, Health

        try:
            health = self.follower.engine.health()
            return health, self.follower.engine.seen() == self.follower.wanted()
        except DamagedIndex as fault:
            return Health(0, 0, 0, 0, (fault.message,)), False

    def rebuild(self) -> int:
        """Index the whole library anew; how many records."""
        self.follower.rebuild()
        return self._session.library.count()

    def compact(self) -> int:
        """Put all parts of the index into one, without what was deleted; its size in bytes."""

        def compact(engine: Engine) -> None:
            with engine.exclusive():
                engine.compact()

        self.follower.ask(compact)
        return self.health()[0].size

    def close(self) -> None:
        """Let go of the index."""
        if self._follower is not None:
            self._follower.engine.close()
            self._follower = None
