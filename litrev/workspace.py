"""The Python face: one library with its index, formats and renderers; each command is one call on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from litrev.library import location
from litrev.library.errors import EnvironmentFault, NotFound, UsageFault
from litrev.library.ordering import check_sort, sort_records
from litrev.library.record import Cell, Record
from litrev.library.store import Library

if TYPE_CHECKING:
    from litrev.index.follow import Follower
    from litrev.index.query import Query
    from litrev.index.snippets import Snippet
    from litrev.library.checking import Finding, Quarantined
    from litrev.library.formats.format import Export, Options
    from litrev.library.history import ChangeEntry, LogEntry, Operation
    from litrev.library.intake import Fill, Report, Unreadable, Wishes
    from litrev.library.sources import Text
    from litrev.library.synthesis.summary import Summary
    from litrev.library.synthesis.table import Table


KEPT_OF_BINARY = 100_000  # bytes of a file that is no text which quarantine keeps


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where a workspace says what it is doing: a line, and how much of long work is done."""

    notice: Callable[[str], None] = lambda line: None
    progress: Callable[[str, int, int], None] = lambda what, done, total: None


@dataclass(frozen=True, slots=True)
class Match:
    """A record that a search found, how well, and the words that show it."""

    record: Record
    score: float
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found: the best matches and how many there are in all."""

    matches: tuple[Match, ...]
    total: int

    @property
    def keys(self) -> list[str]:
        """The citation keys of the matches."""
        return [match.record.key for match in self.matches]


class Workspace:
    """One library, opened. Close it, or use it as a context manager.

    >>> import litrev, tempfile
    >>> review = litrev.init(tempfile.mkdtemp())
    >>> report = review.add_text("We used semi-structured interviews with 20 nurses. It is found that trust matters.")
    >>> report.equation
    'read 1 = added 1 + updated 0 + unchanged 0 + quarantined 0'
    >>> [match.snippet.text for match in review.search("methods:interview").matches]
    ['semi-structured interviews']
    >>> review.close()
    """

    def __init__(self, library: Library, cache: Path, reporting: Reporting | None = None) -> None:
        self.library, self.cache, self.reporting = library, cache, reporting or Reporting()
        self._follower: Follower | None = None

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the library and its index."""
        if self._follower is not None:
            self._follower.engine.close()
        self.library.close()

    # Which records

    def select(self, query: str = "") -> list[str]:
        """The ids of the records ``query`` means: a key, a row number of the last list, or a search; all when empty.

        Raises QuerySyntax for a query that cannot be read, NotFound for one that matches nothing.
        """
        words = query.strip()
        if not words:
            return self.library.ids()
        exact = self._row(words) or self.library.find_key(words)
        if exact:
            return [exact]
        found = [hit.id for hit in self.follower.search(self.parse(words), None).hits]
        if not found:
            raise NotFound(f"nothing matches {words}")
        return found

    def point(self, pointer: str) -> str:
        """The id of the one record ``pointer`` means: a key, the start of one, or ``#3``."""
        return self._row(pointer) or self.library.point(pointer)

    def _row(self, pointer: str) -> str | None:
        number = pointer.removeprefix("#")
        if not pointer.startswith("#") or not number.isascii() or not number.isdigit():
            return None
        number = number[:9]
        rows = self._last_list()
        if not 1 <= int(number) <= len(rows):
            raise NotFound(f"the last list has no row {pointer}", f"It has {len(rows)} rows; `litrev list` makes a new one.")
        return self.library.record(rows[int(number) - 1]).id

    def _last_list(self) -> list[str]:
        try:
            return self._list_file.read_text("utf-8").split()
        except OSError:
            return []

    def remember_list(self, ids: Iterable[str]) -> None:
        """Let ``#1``, ``#2`` … mean these records from now on."""
        from litrev.library.files import write_whole

        try:
            self._list_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._list_file, ["\n".join(ids)])
        except (OSError, EnvironmentFault) as error:
            self.reporting.notice(f"row numbers cannot be kept: {error}")

    @property
    def _list_file(self) -> Path:
        return self.cache / "lists" / self.library.position().library

    # Searching

    @property
    def follower(self) -> Follower:
        """The index, which follows the library by itself."""
        if self._follower is None:
            from litrev.index.follow import Follower
            from litrev.index.whoosh_engine import WhooshEngine

            engine = WhooshEngine(self.index_folder, self.library.codebook().names)
            self._follower = Follower(self.library, engine, self.reporting.notice, lambda a, b: self.reporting.progress("indexing", a, b))
        return self._follower

    @property
    def index_folder(self) -> Path:
        """Where the index of this library lies."""
        return self.cache / "index" / self.library.position().library

    def parse(self, query: str) -> Query:
        """The tree of ``query``; raises QuerySyntax with the place of the fault."""
        from litrev.index.documents import searchable
        from litrev.index.grammar import parse

        return parse(query, searchable(self.library.codebook()))

    def search(self, query: str, limit: int | None = 20, sort: str = "relevance") -> Answer:
        """The records that match ``query``, best first or by ``sort`` (a leading "-" turns the order round).

        Raises QuerySyntax for a query that cannot be read, UsageFault for an unknown ``sort``.
        """
        from litrev.index.documents import document
        from litrev.index.snippets import snippet

        tree = self.parse(query)
        check_sort(sort)
        page = self.follower.search(tree, limit if sort == "relevance" else None)
        scores = {hit.id: hit.score for hit in page.hits}
        records = self.library.records(list(scores))
        if sort != "relevance":
            records = sort_records(records, sort)[:limit]
        cells = self.library.cells([record.id for record in records])
        matches = (Match(r, scores[r.id], snippet(tree, document(r, cells[r.id]).texts)) for r in records)
        return Answer(tuple(matches), page.total)

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
        from litrev.library.intake import Unreadable, read_sources, take_in
        from litrev.library.sources import Text
        from litrev.library.transfer import merge_library
        from litrev.settings import extract_on_add

        for fault in registry.broken():
            self.reporting.notice(fault)
        read = [self._text(text, encoding) for text in texts]
        good = [text for text in read if isinstance(text, Text)]
        companions = [text for text in (self._text(text, encoding, strict=True) for text in metadata) if isinstance(text, Text)]
        wanted = extract_on_add(self.library.folder) if extract is None else extract
        codebook = self.library.codebook()

        def propose_for(operation: Operation, record: Record) -> None:
            propose(self.library, operation, record, codebook)

        if forced in {None, "ndjson"} and len(read) == len(good) == 1 and self._is_library(good[0], forced):
            with self.library.importing(), self.library.operation(command, dry_run) as operation:
                return merge_library(self.library, operation, good[0])
        sources, beside = read_sources(good, forced), read_sources(companions, "bibtex")
        unreadable = [text for text in read if isinstance(text, Unreadable)]
        fill: Fill | None = propose_for if wanted else None
        with self.library.importing(), self.library.operation(command, dry_run) as operation:
            return take_in(
                self.library, operation, sources, beside, unreadable, wishes, fill, lambda done, total: self.reporting.progress("adding", done, total)
            )

    def add_text(self, text: str, name: str = "<paste>", **options: object) -> Report:
        """Bring in a pasted text."""
        from litrev.library.sources import decode

        return self.add([decode(text.encode("utf-8"), name)], **options)  # type: ignore[arg-type]  # passed through as they are

    def _is_library(self, text: Text, forced: str | None) -> bool:
        from litrev.library.formats.registry import recognise

        return forced == "ndjson" or recognise(text).read is None

    def _text(self, source: Text | Path | bytes, encoding: str | None, strict: bool = False) -> Text | Unreadable:
        from litrev.library.errors import visible
        from litrev.library.intake import Unreadable
        from litrev.library.sources import Text, Undecodable, decode

        if isinstance(source, Text):
            return source
        name, locator = "<stdin>", ""
        if isinstance(source, Path):
            name, locator = visible(source.name), visible(location.locator(source, self.library.folder))
        data = source if isinstance(source, bytes) else _bytes_of(source)
        try:
            return decode(data, name, locator, encoding)
        except Undecodable as error:
            if strict:
                raise
            return Unreadable(name, error, data[:KEPT_OF_BINARY].decode("latin-1").replace("\x00", "\u2400"))

    def extract(self, ids: Sequence[str] | None = None, *, command: str = "extract", dry_run: bool = False) -> tuple[int, int]:
        """Search abstracts for the structured fields; how many records were searched, and how many changed.

        ``ids`` None means those not searched yet by this version. What a person decided stays.
        """
        from litrev.library.extraction.pipeline import VERSION
        from litrev.library.extraction.proposing import propose

        codebook = self.library.codebook()
        wanted = self.library.unextracted(VERSION) if ids is None else list(ids)
        changed = searched = 0
        with self.library.operation(command, dry_run) as operation:
            for number, record_id in enumerate(wanted, 1):
                record = self.library.record(record_id)
                if record.abstract is not None:
                    searched += 1
                    changed += propose(self.library, operation, record, codebook)
                self.reporting.progress("extracting", number, len(wanted))
                if not dry_run:
                    operation.breathe()
        return searched, changed

    # Changing

    def set(self, pointer: str, assignments: Sequence[str] = (), not_reported: Sequence[str] = (), *, command: str = "set", dry_run: bool = False) -> list[str]:
        """Set cells and metadata of one record: ``field=value`` replaces, ``field+=value`` adds, ``field=`` empties.

        ``not_reported`` are fields of which the person says that the abstract does not tell. The
        names of what changed. Raises UsageFault for an assignment that is none.
        """
        from litrev.library import editing

        codebook, changed = self.library.codebook(), list[str]()
        with self.library.operation(command, dry_run) as operation:
            record_id = self.point(pointer)
            for assignment in assignments:
                record = self.library.record(record_id)  # as the assignment before left it
                name, sign, text = assignment.partition("=")
                if not sign or not name:
                    raise UsageFault(f"{assignment!r} is no assignment", "Write it as field=value.")
                adding = name.endswith("+")
                name = name.removesuffix("+").strip()
                field = editing.field_of(codebook, name)
                if field:
                    cell = self.library.cells([record.id], [field.name])[record.id][field.name]
                    done = editing.enter(operation, record, cell, field, text, replace=not adding)
                elif adding:
                    raise UsageFault(f"{name} is one text; += adds to structured fields only", f"Write {name}=….")
                else:
                    done = editing.set_metadata(operation, record, name, text)
                if done:
                    changed.append(field.name if field else name)
            for name in not_reported:
                field, record = codebook[name], self.library.record(record_id)
                cell = self.library.cells([record.id], [field.name])[record.id][field.name]
                if editing.not_reported(operation, record, cell):
                    changed.append(field.name)
        return changed

    def accept(self, query: str = "", fields: Sequence[str] = (), above: float = 0.0, *, command: str = "accept", dry_run: bool = False) -> tuple[int, int]:
        """Accept what is proposed with at least this confidence; how many values, in how many records."""
        from litrev.library import editing

        codebook = self.library.codebook()
        names = [codebook[name].name for name in fields] or list(codebook.names)
        ids = self.select(query)
        values = records = 0
        with self.library.operation(command, dry_run) as operation:
            for record_id in ids:
                cells = self.library.cells([record_id], names, self.library.actor)[record_id]
                count = editing.accept(operation, record_id, cells.values(), above)
                values, records = values + count, records + bool(count)
                operation.breathe()
        return values, records

    def tag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = (), *, command: str = "tag", dry_run: bool = False) -> int:
        """Put tags on records and take others off; how many records changed."""
        from litrev.library import editing

        with self.library.operation(command, dry_run) as operation:
            return sum(editing.tag(operation, record_id, add, remove) for record_id in ids)

    def note(self, pointer: str, text: str, *, command: str = "note", dry_run: bool = False) -> None:
        """Leave a remark on a record."""
        if not text.strip():
            raise UsageFault("an empty note", "Give its text.")
        with self.library.operation(command, dry_run) as operation:
            record_id = self.point(pointer)
            operation.add_note(record_id, text)

    def rename(self, pointer: str, key: str, *, command: str = "rename", dry_run: bool = False) -> tuple[str, str]:
        """Give a record another citation key, the old one still resolving; the old and the new key."""
        from litrev.library import editing

        with self.library.operation(command, dry_run) as operation:
            record = self.library.record(self.point(pointer))
            editing.rename(operation, record, key, self.library.holders)
        return record.key, key

    def rekey(self, ids: Sequence[str], *, command: str = "rekey", dry_run: bool = False) -> list[tuple[str, str]]:
        """Give records whose key was generated one from their metadata; the old and new keys."""
        from litrev.library import editing, keys

        renamed = []
        with self.library.operation(command, dry_run) as operation:
            for record in self.library.records(ids):
                proposed = keys.proposed_key(record.fields) if record.key_generated else None
                if proposed and proposed != record.key:
                    key = keys.unique_key(proposed, self.library.key_taken)
                    editing.rename(operation, record, key, self.library.holders)
                    renamed.append((record.key, key))
        return renamed

    def remove(self, ids: Sequence[str], *, command: str = "rm", dry_run: bool = False) -> list[str]:
        """Take records out of the library, until undone; their keys."""
        from litrev.library.slots import Slot

        keys = [record.key for record in self.library.records(ids)]
        with self.library.operation(command, dry_run) as operation:
            for record_id in ids:
                operation.put(Slot("alive", record_id), None)
        return keys

    # Reading

    def records(self, query: str = "", sort: str | None = None) -> list[Record]:
        """The records ``query`` means, in the order of the search or of ``sort``."""
        records = self.library.records(self.select(query))
        return sort_records(records, sort) if sort and sort != "relevance" else records

    def cells(self, record_id: str) -> dict[str, Cell]:
        """The cells of one record's structured fields."""
        return self.library.cells([record_id])[record_id]

    def summary(self, query: str = "") -> Summary:
        """Counts over the records ``query`` means."""
        from litrev.library.synthesis.summary import summarise

        ids = self.select(query)
        return summarise(self.library.records(ids), self.library.cells(ids), self.library.codebook())

    def table(self, query: str = "", columns: Sequence[str] | None = None, title: str = "", sort: str | None = None) -> Table:
        """The synthesis table of the records ``query`` means; raises UsageFault for an unknown column."""
        from litrev.library.synthesis import table

        chosen = table.columns(columns or table.DEFAULT_COLUMNS, self.library.codebook())
        records = self.records(query, sort)
        return table.build(title, chosen, records, self.library.cells([record.id for record in records]))

    def export(self, fmt: str, query: str = "", options: Options | None = None) -> Export:
        """The records ``query`` means in the format ``fmt``; raises UsageFault for one that cannot be written."""
        from litrev.library.formats.format import Options
        from litrev.library.formats.registry import formats, named

        found = named(fmt)
        if found.write is None:
            writable = ", ".join(name for name, f in formats().items() if f.write)
            raise UsageFault(f"{fmt} can only be read", f"Write one of {writable}.")
        return found.write(self.library, self.select(query), options or Options())

    def check(self, query: str = "") -> list[Finding]:
        """What the records ``query`` means lack, what does not hold, and what is in quarantine."""
        from litrev.library import checking

        records = self.library.records(self.select(query))
        found = checking.check_records(records, self.library.cells([record.id for record in records]))
        return found if query else found + checking.check_quarantine(self.library)

    def quarantine(self) -> list[Quarantined]:
        """What could not be read and was not settled yet."""
        from litrev.library.checking import quarantine

        return quarantine(self.library)

    def quarantined(self, start: str) -> Quarantined:
        """The entry of the quarantine whose id begins so; raises NotFound when there is not exactly one."""
        found = [entry for entry in self.quarantine() if entry.id.startswith(start)]
        if len(found) != 1:
            raise NotFound(f"{len(found)} entries of the quarantine have an id that begins with {start}", "`litrev quarantine` lists them.")
        return found[0]

    def settle(self, starts: Sequence[str], *, command: str = "quarantine settle", dry_run: bool = False) -> None:
        """Take entries off the quarantine's list."""
        from litrev.library.slots import Slot

        ids = [self.quarantined(start).id for start in starts]
        with self.library.operation(command, dry_run) as operation:
            for entry_id in ids:
                operation.put(Slot("quarantine", "", entry_id), None)

    def log(self, limit: int = -1) -> list[LogEntry]:
        """What was done, latest first."""
        from litrev.library import history

        return history.log(self.library.connection, limit)

    def story(self, pointer: str) -> tuple[Record, list[ChangeEntry]]:
        """What happened to one record, oldest first."""
        from litrev.library import history

        record = self.library.record(self.point(pointer))
        return record, history.story(self.library.connection, record.id)

    def restore(self, file: Path) -> None:
        """Become what a backup of a library holds; what stands here is backed up beside it first."""
        self.library.restore(file)

    def undo(self, target: str | None = None, *, dry_run: bool = False) -> LogEntry:
        """Take back the actor's last operation, or the one named; what was taken back."""
        from litrev.library import history

        with self.library.operation(f"litrev undo {target or ''}".strip(), dry_run) as operation:
            return history.undo(operation, target)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EnvironmentFault(f"{path}: {error.strerror or error}", "Nothing was added.") from error
