"""What goes into a library and comes out of it: adding, exporting, keeping .bib files in step, checking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.errors import Conflict, EnvironmentFault, LitrevError, NotFound, UsageFault
from litrev.library.model.ids import fingerprint
from litrev.library.model.record import Record
from litrev.library.storage import folder as location
from litrev.library.storage.operations import FOLLOWING
from litrev.text.display import visible
from litrev.workspace.searching import Selection

if TYPE_CHECKING:
    from litrev.library.bibtex.entry_source import Entry
    from litrev.library.formats.format import Export, Options
    from litrev.library.importing.checks import Finding, Quarantined
    from litrev.library.importing.duplicates import Pair
    from litrev.library.importing.import_run import Fill, Report, Unreadable, Wishes
    from litrev.library.importing.sync import Sync
    from litrev.library.model.record import Field
    from litrev.library.model.source import Text
    from litrev.library.storage.operations import Operation

LARGE = 10_000_000  # bytes of a file from which on it does not follow by itself
GONE = "are not in this one"  # in the remark on entries that a file has lost
KEPT_OF_BINARY = 100_000  # bytes of a file that is no text which quarantine keeps


class Exchange(Selection):
    """A library with the doors to its formats and files."""

    @contextmanager
    def writing(self, command: str, dry_run: bool = False) -> Iterator[Operation]:
        """An operation, and after it the files that follow the library."""
        with self.library.operation(command, dry_run) as operation:
            operation.linked = frozenset(self._linked())
            yield operation
        if not dry_run:
            self.follow_links()

    # Adding

    def add(
        self,
        texts: Sequence[Text | Path | bytes],
        metadata: Sequence[Text | Path] = (),
        *,
        wishes: Wishes | None = None,
        forced: str | None = None,
        encoding: str | None = None,
        extract: bool | None = None,
        command: str = "add",
        dry_run: bool = False,
    ) -> Report:
        """Bring files (bytes are a paste) in, and BibTeX metadata that joins their abstracts; the report holds the equation.

        ``extract`` None means as the library's settings say. With ``dry_run`` nothing is kept.
        """
        from litrev.library.extraction.proposing import propose
        from litrev.library.formats import registry
        from litrev.library.importing.import_run import Unreadable, Wishes, read_sources, take_in
        from litrev.library.importing.library_merge import merge_library
        from litrev.library.model.source import Text
        from litrev.library.storage.gc_pause import without_collecting
        from litrev.workspace.settings import extract_on_add, key_pattern

        for fault in registry.broken():
            self.reporting.notice(fault)
        read = [self._text(text, encoding) for text in texts]
        good = [text for text in read if isinstance(text, Text)]
        companions = [text for text in (self._text(text, encoding, strict=True) for text in metadata) if isinstance(text, Text)]
        wanted = extract_on_add(self.library.folder) if extract is None else extract
        wishes = replace(wishes or Wishes(), key_pattern=key_pattern(self.library.folder))
        codebook = self.library.codebook()

        def propose_for(operation: Operation, record: Record) -> None:
            propose(self.library, operation, record, codebook)

        if forced in {None, "ndjson"} and len(read) == len(good) == 1 and self._is_library(good[0], forced):
            with self.library.importing(), self.writing(command, dry_run) as operation:
                return merge_library(self.library, operation, good[0])
        with without_collecting():
            sources, beside = read_sources(good, forced), read_sources(companions)
        unreadable = [text for text in read if isinstance(text, Unreadable)]
        fill: Fill | None = propose_for if wanted else None
        with self.library.importing(), self.writing(command, dry_run) as operation, without_collecting():
            return take_in(
                self.library, operation, sources, beside, unreadable, wishes, fill, lambda done, total: self.reporting.progress("adding", done, total)
            )

    def add_text(self, text: str, name: str = "<paste>", **options: object) -> Report:
        """Bring in a pasted text."""
        from litrev.library.model.encoding import decode

        return self.add([decode(text.encode("utf-8"), name)], **options)  # type: ignore[arg-type]  # passed through as they are

    def _is_library(self, text: Text, forced: str | None) -> bool:
        from litrev.library.formats.registry import recognise

        return forced == "ndjson" or recognise(text).read is None

    def _text(self, source: Text | Path | bytes, encoding: str | None, strict: bool = False) -> Text | Unreadable:
        from litrev.library.importing.import_run import Unreadable
        from litrev.library.model.encoding import Undecodable, decode
        from litrev.library.model.source import Text

        if isinstance(source, Text):
            return source
        name, locator = "<stdin>", ""
        if isinstance(source, Path):
            name, locator = visible(source.name), visible(location.locator(source, self.library.folder))
        data = source if isinstance(source, bytes) else bytes_of(source)
        if len(data) > LARGE:
            self.reporting.notice(f"reading {name} ({len(data) // 1_000_000} MB)")
        try:
            return decode(data, name, locator, encoding or (self._encoding_of(locator, data) if locator else None))
        except Undecodable as error:
            if strict:
                raise
            return Unreadable(name, error, data[:KEPT_OF_BINARY].decode("latin-1").replace("\x00", "\u2400"))

    # Files that are written back

    def sync(self, path: Path, *, structured: bool = False, canonical: bool = False, command: str = "sync", dry_run: bool = False) -> Sync:
        """Bring a .bib file that was read and the library into step: changes of both sides, each field by itself.

        With ``structured`` decided values are written as ``litrev-…`` fields, with ``canonical`` the
        whole file is laid out anew. With ``dry_run`` neither file nor library is changed; the result
        holds what the file's bytes would be. Raises NotFound for a file that was not read into this
        library, Conflict when somebody else writes it at this moment.
        """
        result = self._sync(path, structured, canonical, command, dry_run)
        if not dry_run:
            self.follow_links()
        return result

    def _sync(self, path: Path, structured: bool, canonical: bool, command: str, dry_run: bool) -> Sync:
        from litrev.library.importing import sync as syncing
        from litrev.library.storage.atomic_files import locked, replace_file, write_bytes

        if not path.is_file():
            raise EnvironmentFault(f"{path}: there is no such file", "Name a .bib file that was added.")
        with self.library.importing(), locked(path), self.library.operation(command, dry_run) as operation:
            operation.linked = frozenset(self._linked())
            data = bytes_of(path)
            text = self._decoded(path, data)
            result = syncing.prepare(self.library, operation, text, structured=structured, canonical=canonical)
            if result.changed and not dry_run:
                write_bytes(self._backup_of(path), data)
                replace_file(path, result.data, text.sha256)
                syncing.note_written(self.library, operation, result)
            if text.locator in operation.linked:
                operation.told(text.locator)
        return result

    def _decoded(self, path: Path, data: bytes) -> Text:
        from litrev.library.model.encoding import decode

        locator = location.locator(path, self.library.folder)
        return decode(data, visible(path.name), locator, self._encoding_of(locator, data))

    def _encoding_of(self, locator: str, data: bytes) -> str | None:
        """The encoding in which a file was read before, if its bytes may still be in it."""
        row = self.library.connection.execute("SELECT encoding, bom FROM current_source WHERE locator = ? ORDER BY seq DESC", (locator,)).fetchone()
        if row is None or row["bom"] or row["encoding"] == "utf-8":
            return None
        stateful = row["encoding"].startswith(("iso2022", "iso-2022", "hz", "utf_7", "utf-7"))
        for codec in (row["encoding"], "utf-8") if stateful else ("utf-8", row["encoding"]):
            try:
                data.decode(codec)
            except (UnicodeError, LookupError):
                continue
            return None if codec == "utf-8" else codec
        return None

    def _backup_of(self, path: Path) -> Path:
        """Where the last version of a file lies that was written back."""
        mark = fingerprint(location.locator(path, self.library.folder))[:6]
        return self.library.folder / "backups" / f"{path.stem}-{mark}{path.suffix}"

    def entries(self, path: Path) -> list[Entry]:
        """The entries of a .bib file as it was last read: line, key in the file, record, fields as LaTeX text with macros expanded."""
        from litrev.library.bibtex.entry_source import entries

        return entries(self.library, location.locator(path, self.library.folder))

    def link(self, path: Path) -> Sync:
        """Let a .bib file follow the library from now on; what is kept in the user's own config says so."""
        result = self.sync(path, command=f"link {path.name}")
        files = self.linked_files()
        if path not in files:
            self.links.set(self.library.position().library, self.library.folder, [*files, path])
        return result

    def unlink(self, path: Path) -> None:
        """Let a file no longer follow; raises NotFound for one that does not."""
        files = self.linked_files()
        if path not in files:
            raise NotFound(f"{path}: does not follow this library", "`litrev link` lists the files that do.")
        self.links.set(self.library.position().library, self.library.folder, [file for file in files if file != path])

    def linked_files(self) -> list[Path]:
        """The files that follow the library."""
        return self.links.of(self.library.position().library, self.library.folder)

    def _linked(self) -> dict[str, Path]:
        return {location.locator(path, self.library.folder): path for path in self.linked_files()}

    def follow_links(self) -> None:
        """Write what changed into the files that follow the library; what cannot be written waits, and is said."""
        linked = self._linked()
        if not linked:
            return
        waiting = [row[0] for row in self.library.connection.execute("SELECT locator FROM pending_sync ORDER BY locator")]
        for locator in (locator for locator in waiting if locator in linked):
            path = linked[locator]
            try:
                self._follow(path)
            except LitrevError as error:
                self.reporting.conflict(f"{path.name}: was not written and waits for `litrev sync`: {error.message}")

    def _follow(self, path: Path) -> None:
        if path.exists() and path.stat().st_size > LARGE:
            self.reporting.notice(f"{path.name}: is large and waits for `litrev sync {path.name}`")
            return
        result = self._sync(path, structured=False, canonical=False, command=f"{FOLLOWING} {path.name}", dry_run=False)
        for remark in result.report.remarks:
            if remark.kind != "note":
                self.reporting.conflict(f"{remark.where}: {remark.kind}: {remark.text}")
            elif GONE in remark.text:
                self.reporting.notice(f"{remark.where}: {remark.text}")
        for entry in result.revised:
            if entry.serious:
                self.reporting.conflict(f"{path.name}: {entry.key}: {entry.reason}")
        if result.written:
            told = [f"{entry.key} ({', '.join(entry.fields)})" for entry in result.written]
            self.reporting.notice(f"{path.name}: wrote {', '.join(told[:5])}{' …' if len(told) > 5 else ''}")

    def export(self, fmt: str, query: str = "", options: Options | None = None, *, ids: Sequence[str] | None = None) -> Export:
        """The records ``query`` means, or those with these ids, in the format ``fmt``; raises UsageFault for one that cannot be written."""
        from litrev.library.formats.format import Options
        from litrev.library.formats.registry import formats, named

        found = named(fmt)
        if found.write is None:
            writable = ", ".join(name for name, f in formats().items() if f.write)
            raise UsageFault(f"{fmt} can only be read", f"Write one of {writable}.")
        return found.write(self.library, self.select(query) if ids is None else ids, options or Options())

    def cited(self, manuscripts: Sequence[Path], query: str = "") -> tuple[list[str], list[str]]:
        """The ids of the records that manuscripts cite, by their keys or former keys, and the keys that are no record's."""
        from litrev.library.formats.manuscript import cited_keys, included
        from litrev.library.model.encoding import decode

        texts = [(path, decode(bytes_of(path), path.name).text) for path in manuscripts]
        for path, text in texts:  # the list grows by what LaTeX put into files of their own
            seen = {known for known, _ in texts}
            more = [path.parent / name for name in included(path.name, text)]
            texts += [(file, decode(bytes_of(file), file.name).text) for file in more if file not in seen and file.is_file()]
        keys = dict.fromkeys(key for path, text in texts for key in cited_keys(path.name, text))
        among = dict.fromkeys(self.select(query))
        if "*" in keys:
            return list(among), [key for key in keys if key != "*" and not self.library.holders(key)]
        holders = {key: self.library.holders(key) for key in keys}
        ids = dict.fromkeys(i for found in holders.values() for i in found if i in among)
        return list(ids), [key for key, found in holders.items() if not found]

    def check(self, query: str = "") -> list[Finding]:
        """What the records ``query`` means lack, what does not hold, and what is in quarantine."""
        from litrev.library.importing import checks as checking

        records = self.library.records(self.select(query))
        found = checking.check_records(self.library, records, self.library.cells([record.id for record in records]))
        return found if query else found + checking.check_quarantine(self.library)

    def repair(self, query: str = "", *, command: str = "check --fix", dry_run: bool = False) -> list[Finding]:
        """Put right what :meth:`check` finds and what is certain; what was put right."""
        from litrev.library.importing import checks as checking

        with self.writing(command, dry_run) as operation:
            return checking.repair(self.library, operation, self.check(query))

    # Records that may be one work

    def duplicates(self, query: str = "") -> list[Pair]:
        """The pairs of records that may be one work, one of them meant by ``query``; the likeliest first."""
        from litrev.library.importing import duplicates

        return duplicates.pairs(self.library, self.select(query) if query else None)

    def merge(self, keep: str, other: str, *, command: str = "dedupe", dry_run: bool = False) -> tuple[str, str, list[Field]]:
        """Make the record ``other`` part of ``keep``: their keys, and the fields of ``other`` that gave way."""
        from litrev.library.importing import duplicates

        with self.writing(command, dry_run) as operation:
            one, two = self.library.record(self.point(keep)), self.library.record(self.point(other))
            return one.key, two.key, duplicates.merge(self.library, operation, one, two)

    def merge_all(self, pairs: Sequence[Pair], *, command: str = "dedupe", dry_run: bool = False) -> list[tuple[str, str, list[Field]]]:
        """Merge pairs, of three or more that are one into the first; as :meth:`merge` for each that was merged."""
        from litrev.library.importing import duplicates

        with self.writing(command, dry_run) as operation:
            return duplicates.merge_all(self.library, operation, pairs)

    def distinguish(self, one: str, other: str, *, command: str = "dedupe", dry_run: bool = False) -> None:
        """Remember that two records are two works."""
        from litrev.library.importing import duplicates

        with self.writing(command, dry_run) as operation:
            duplicates.distinguish(operation, self.point(one), self.point(other))

    # What is in quarantine

    def quarantine(self) -> list[Quarantined]:
        """What could not be read and was not settled yet."""
        from litrev.library.importing.checks import quarantine

        return quarantine(self.library)

    def quarantined(self, start: str) -> Quarantined:
        """The entry of the quarantine whose id begins so; raises NotFound when there is not exactly one."""
        found = [entry for entry in self.quarantine() if entry.id.startswith(start)]
        if len(found) != 1:
            raise NotFound(f"{len(found)} entries of the quarantine have an id that begins with {start}", "`litrev quarantine` lists them.")
        return found[0]

    def settle(self, starts: Sequence[str], *, command: str = "quarantine settle", dry_run: bool = False) -> None:
        """Take entries off the quarantine's list."""
        from litrev.library.storage.journal import Slot

        ids = [self.quarantined(start).id for start in starts]
        with self.writing(command, dry_run) as operation:
            for entry_id in ids:
                operation.put(Slot("quarantine", "", entry_id), None)


def bytes_of(path: Path) -> bytes:
    """What is in a file, whole: read again while it is being written. Raises EnvironmentFault."""
    try:
        for _ in range(3):
            before = path.stat()
            data = path.read_bytes()
            after = path.stat()
            if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
                return data
    except OSError as error:
        raise EnvironmentFault(f"{path}: {error.strerror or error}", "Nothing was added.") from error
    raise Conflict(f"{path}: is being written by somebody else", "Nothing was added; do it again when that is done.")
