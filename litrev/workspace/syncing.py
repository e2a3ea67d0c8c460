"""Operations on the library, and .bib files in step with it: linked ones are written after each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.errors import EnvironmentFault, LitrevError, NotFound
from litrev.library.model.ids import fingerprint
from litrev.library.storage import folder as places
from litrev.library.storage.operations import SYNC_PREFIX, Operation
from litrev.text.display import visible
from litrev.workspace.session import Session
from litrev.workspace.settings import LINKS, Links

if TYPE_CHECKING:
    from litrev.library.bibtex.entry_source import FileEntry
    from litrev.library.importing.sync import Sync

LARGE = 10_000_000  # bytes; a larger file is not written after each change
_NAMED_ENTRIES = 5  # written entries that a notice names
_ENTRIES_GONE = "are not in this one"  # in the remark on entries that a file has lost


class Syncing:
    """The operations on one library, and the files that follow it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._library = session.library
        self._links = Links(session.config.with_name(LINKS) if session.config else None)

    # Writing to the library

    @contextmanager
    def named_operation(self, command: str, dry_run: bool = False) -> Iterator[Operation]:
        """An operation called ``command`` in the log; after it, linked files are written.

        It is a dry run if ``dry_run`` or the session's context says so.
        """
        dry_run = dry_run or self._session.context.dry_run
        with self._library.operation(command, dry_run, self._linked) as operation:
            yield operation
        if not dry_run:
            self.follow_links()

    @contextmanager
    def operation(self, default: str) -> Iterator[Operation]:
        """The same; called in the log as the session's context says, else ``default``."""
        with self.named_operation(self._session.context.log_name(default)) as operation:
            yield operation

    # One file

    def sync(self, path: Path, *, structured: bool = False, canonical: bool = False) -> Sync:
        """Synchronise a .bib file that was added with the library, each field by itself.

        With ``structured``, decided values are written as ``litrev-…`` fields; with ``canonical``,
        the whole file is laid out anew. Raises NotFound for a file that was not added, UsageFault
        for one that is not BibTeX, EnvironmentFault for one that is not there, Conflict when
        another program writes it at the same time.
        """
        context = self._session.context
        command = context.log_name("sync")
        result = self._sync(path, structured, canonical, command, context.dry_run)
        if not context.dry_run:
            self.follow_links()
        return result

    def _sync(
        self, path: Path, structured: bool, canonical: bool, command: str, dry_run: bool
    ) -> Sync:
        """Synchronise one file in an operation called ``command``; other linked files wait."""
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
            encoding = self.encoding_of(locator, data)
            text = decode(data, visible(path.name), locator, encoding)
            result = syncing.prepare(
                self._library, operation, text, structured=structured, canonical=canonical
            )
            if result.changed and not dry_run:
                # The backup comes first, and the file is replaced only if it still has the bytes
                # that were read: what an editor wrote in the meantime is never overwritten.
                write_bytes(self._backup_of(path), data)
                replace_file(path, result.data, text.sha256)
                syncing.note_written(self._library, operation, result)
            if text.locator in operation.linked:
                operation.mark_synced(text.locator)
        return result

    def _lock_of(self, path: Path) -> Path:
        # A lock file beside a .bib would be litter in somebody's folder, and locking the .bib
        # itself ends when an editor replaces it.
        name = fingerprint(os.fsencode(path.resolve()))
        return self._session.cache / "locks" / f"{name[:32]}.lock"

    def encoding_of(self, locator: str, data: bytes) -> str | None:
        """The encoding in which a file was read before, if its bytes can still be read in it.

        None means that the file is to be recognised like a new one.
        """
        version = self._library.sources.current(locator)
        if version is None or version.bom or version.encoding == "utf-8":
            return None
        encoding = version.encoding
        # Text in these encodings is ASCII bytes, so it is valid UTF-8 too: they are tried first.
        is_ascii_based = encoding.startswith(("iso2022", "iso-2022", "hz", "utf_7", "utf-7"))
        codecs = (encoding, "utf-8") if is_ascii_based else ("utf-8", encoding)
        for codec in codecs:
            try:
                data.decode(codec)
            except (UnicodeError, LookupError):
                continue
            return None if codec == "utf-8" else codec
        return None

    def _backup_of(self, path: Path) -> Path:
        """Where the previous version of a file that litrev writes is kept."""
        # Files of the same name in different folders must not share a backup.
        locator = places.locator(path, self._library.folder)
        mark = fingerprint(locator)[:6]
        return self._library.folder / "backups" / f"{path.stem}-{mark}{path.suffix}"

    def entries(self, path: Path) -> list[FileEntry]:
        """The entries of a .bib file as it was last read; none of a file that was not read."""
        from litrev.library.storage.entries import EntrySources

        locator = places.locator(path, self._library.folder)
        return EntrySources(self._library).in_file(locator)

    def link(self, path: Path) -> Sync:
        """Let a .bib file follow the library from now on; the user's own config stores the link.

        Returns what its first sync did, and raises as :meth:`sync`. In a dry run no link is stored.
        """
        dry_run = self._session.context.dry_run
        result = self._sync(
            path, structured=False, canonical=False, command=f"link {path.name}", dry_run=dry_run
        )
        if dry_run:
            return result
        self.follow_links()
        files = self.linked_files()
        if path not in files:
            self._set_links([*files, path])
        return result

    def unlink(self, path: Path) -> None:
        """Let a file no longer follow the library; raises NotFound for one that does not."""
        files = self.linked_files()
        if path not in files:
            raise NotFound(
                f"{path}: does not follow this library", "`litrev link` lists the files that do."
            )
        if not self._session.context.dry_run:
            self._set_links([file for file in files if file != path])

    def linked_files(self) -> list[Path]:
        """The files that follow the library."""
        library_id = self._library.position().library
        return self._links.of(library_id, self._library.folder)

    def _set_links(self, files: list[Path]) -> None:
        library_id = self._library.position().library
        self._links.set(library_id, self._library.folder, files)

    def _linked(self) -> dict[str, Path]:
        """The files that follow the library, by their locators."""
        folder = self._library.folder
        return {places.locator(path, folder): path for path in self.linked_files()}

    def follow_links(self) -> None:
        """Write what changed into the files that follow the library.

        A file that cannot be written is reported, and waits for the next time.
        """
        linked = self._linked()
        if not linked:
            return
        for locator in self._library.linked_files.waiting():
            path = linked.get(locator)
            if path is None:
                continue
            try:
                self._follow(path)
            except LitrevError as error:
                self._session.reporting.conflict(
                    f"{path.name}: was not written and waits for `litrev sync`: {error.message}"
                )

    def _follow(self, path: Path) -> None:
        """Write what changed into one linked file, unless it is large."""
        is_large = path.exists() and path.stat().st_size > LARGE
        if is_large:
            self._session.reporting.notice(
                f"{path.name}: is large and waits for `litrev sync {path.name}`"
            )
            return
        result = self._sync(
            path,
            structured=False,
            canonical=False,
            command=f"{SYNC_PREFIX} {path.name}",
            dry_run=False,
        )
        self._report_followed(path, result)

    def _report_followed(self, path: Path, result: Sync) -> None:
        """Report what a person should know of a file that was written by itself."""
        reporting = self._session.reporting
        for remark in result.report.remarks:
            if remark.kind != "note":
                reporting.conflict(f"{remark.where}: {remark.kind}: {remark.text}")
            elif _ENTRIES_GONE in remark.text:
                reporting.notice(f"{remark.where}: {remark.text}")
        for entry in result.revised:
            if entry.serious:
                reporting.conflict(f"{path.name}: {entry.key}: {entry.reason}")
        if result.written:
            written = [f"{entry.key} ({', '.join(entry.fields)})" for entry in result.written]
            named = ", ".join(written[:_NAMED_ENTRIES])
            more = " …" if len(written) > _NAMED_ENTRIES else ""
            reporting.notice(f"{path.name}: wrote {named}{more}")
