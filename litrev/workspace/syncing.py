"""Files in step with the library: .bib files that were read are written back, linked ones after
each change.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.errors import EnvironmentFault, LitrevError, NotFound
from litrev.library.model.ids import fingerprint
from litrev.library.storage import folder as places
from litrev.library.storage.operations import FOLLOWING, Operation
from litrev.text.display import visible
from litrev.workspace.session import Session
from litrev.workspace.settings import LINKS, Links

if TYPE_CHECKING:
    from litrev.library.bibtex.entry_source import FileEntry
    from litrev.library.importing.sync import Sync

LARGE = 10_000_000  # bytes of a file from which on it does not follow by itself
_GONE = "are not in this one"  # in the remark on entries that a file has lost


class Syncing:
    """The files that belong to one library, and the operations after which linked ones are written."""

    def __init__(self, session: Session) -> None:
        self._session, self._library = session, session.library
        self._links = Links(session.config.with_name(LINKS) if session.config else None)

    # Writing to the library

    @contextmanager
    def writing(self, command: str, dry_run: bool = False) -> Iterator[Operation]:
        """An operation, and after it the files that follow the library."""
        tried = dry_run or self._session.context.dry_run
        with self._library.operation(command, tried, self._linked) as operation:
            yield operation
        if not tried:
            self.follow_links()

    @contextmanager
    def doing(self, default: str) -> Iterator[Operation]:
        """The same, named in the log as the context says, or else by ``default``."""
        with self.writing(self._session.context.words(default)) as operation:
            yield operation

    # One file

    def sync(self, path: Path, *, structured: bool = False, canonical: bool = False) -> Sync:
        """Bring a .bib file that was read and the library into step: changes of both sides, each
        field by itself.
        """
        context = self._session.context
        result = self._sync(path, structured, canonical, context.words("sync"), context.dry_run)
        if not context.dry_run:
            self.follow_links()
        return result

    def _sync(
        self, path: Path, structured: bool, canonical: bool, command: str, dry_run: bool
    ) -> Sync:
        from litrev.library.importing import sync as syncing
        from litrev.library.model.encoding import decode
        from litrev.library.storage.atomic_files import (
            locked,
            read_whole,
            replace_file,
            write_bytes,
        )

        if not path.is_file():
            raise EnvironmentFault(
                f"{path}: there is no such file", "Name a .bib file that was added."
            )
        with (
            self._library.importing(),
            locked(self._lock_of(path), path),
            self._library.operation(command, dry_run, self._linked) as operation,
        ):
            data = read_whole(path)
            locator = places.locator(path, self._library.folder)
            text = decode(data, visible(path.name), locator, self.encoding_of(locator, data))
            result = syncing.prepare(
                self._library, operation, text, structured=structured, canonical=canonical
            )
            if result.changed and not dry_run:
                write_bytes(self._backup_of(path), data)
                replace_file(path, result.data, text.sha256)
                syncing.note_written(self._library, operation, result)
            if text.locator in operation.linked:
                operation.in_step(text.locator)
        return result

    def _lock_of(self, path: Path) -> Path:
        # A lock file beside a .bib would be litter in somebody's folder, and locking the .bib
        # itself ends when an editor replaces it.
        name = fingerprint(os.fsencode(path.resolve()))
        return self._session.cache / "locks" / f"{name[:32]}.lock"

    def encoding_of(self, locator: str, data: bytes) -> str | None:
        """The encoding in which a file was read before, if its bytes may still be in it."""
        version = self._library.sources.current(locator)
        if version is None or version.bom or version.encoding == "utf-8":
            return None
        encoding = version.encoding
        stateful = encoding.startswith(("iso2022", "iso-2022", "hz", "utf_7", "utf-7"))
        for codec in (encoding, "utf-8") if stateful else ("utf-8", encoding):
            try:
                data.decode(codec)
            except (UnicodeError, LookupError):
                continue
            return None if codec == "utf-8" else codec
        return None

    def _backup_of(self, path: Path) -> Path:
        """Where the last version of a file lies that was written back."""
        mark = fingerprint(places.locator(path, self._library.folder))[:6]
        return self._library.folder / "backups" / f"{path.stem}-{mark}{path.suffix}"

    def entries(self, path: Path) -> list[FileEntry]:
        """The entries of a .bib file as it was last read: line, key in the file, record, fields as
        LaTeX text with macros expanded.
        """
        from litrev.library.storage.entries import EntrySources

        return EntrySources(self._library).in_file(places.locator(path, self._library.folder))

    def link(self, path: Path) -> Sync:
        """Let a .bib file follow the library from now on; what is kept in the user's own config
        says so.
        """
        dry_run = self._session.context.dry_run
        result = self._sync(path, False, False, f"link {path.name}", dry_run)
        if dry_run:
            return result
        self.follow_links()
        files = self.linked_files()
        if path not in files:
            self._links.set(self._library.position().library, self._library.folder, [*files, path])
        return result

    def unlink(self, path: Path) -> None:
        """Let a file no longer follow; raises NotFound for one that does not."""
        files = self.linked_files()
        if path not in files:
            raise NotFound(
                f"{path}: does not follow this library", "`litrev link` lists the files that do."
            )
        if not self._session.context.dry_run:
            self._links.set(
                self._library.position().library,
                self._library.folder,
                [file for file in files if file != path],
            )

    def linked_files(self) -> list[Path]:
        """The files that follow the library."""
        return self._links.of(self._library.position().library, self._library.folder)

    def _linked(self) -> dict[str, Path]:
        return {places.locator(path, self._library.folder): path for path in self.linked_files()}

    def follow_links(self) -> None:
        """Write what changed into the files that follow the library; what cannot be written waits,
        and is said.
        """
        linked = self._linked()
        if not linked:
            return
        waiting = self._library.linked_files.waiting()
        for locator in (locator for locator in waiting if locator in linked):
            path = linked[locator]
            try:
                self._follow(path)
            except LitrevError as error:
                self._session.reporting.conflict(
                    f"{path.name}: was not written and waits for `litrev sync`: {error.message}"
                )

    def _follow(self, path: Path) -> None:
        if path.exists() and path.stat().st_size > LARGE:
            self._session.reporting.notice(
                f"{path.name}: is large and waits for `litrev sync {path.name}`"
            )
            return
        result = self._sync(
            path,
            structured=False,
            canonical=False,
            command=f"{FOLLOWING} {path.name}",
            dry_run=False,
        )
        for remark in result.report.remarks:
            if remark.kind != "note":
                self._session.reporting.conflict(f"{remark.where}: {remark.kind}: {remark.text}")
            elif _GONE in remark.text:
                self._session.reporting.notice(f"{remark.where}: {remark.text}")
        for entry in result.revised:
            if entry.serious:
                self._session.reporting.conflict(f"{path.name}: {entry.key}: {entry.reason}")
        if result.written:
            told = [f"{entry.key} ({', '.join(entry.fields)})" for entry in result.written]
            self._session.reporting.notice(
                f"{path.name}: wrote {', '.join(told[:5])}{' …' if len(told) > 5 else ''}"
            )
