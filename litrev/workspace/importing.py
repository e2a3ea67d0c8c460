"""Adding files, folders and pasted texts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from litrev.errors import EnvironmentFault, UsageFault
from litrev.library.extraction.proposing import Extractor, propose
from litrev.library.formats import registry
from litrev.library.importing.candidates import Unreadable, read_sources
from litrev.library.importing.import_report import ImportOptions, Remark, Report
from litrev.library.importing.import_run import import_sources
from litrev.library.importing.library_copy import NAME as NDJSON
from litrev.library.importing.library_copy import SUFFIXES as NDJSON_SUFFIXES
from litrev.library.importing.library_copy import is_copy
from litrev.library.model.encoding import Undecodable, decode
from litrev.library.model.ids import fingerprint
from litrev.library.model.record import Field
from litrev.library.model.source import Text
from litrev.library.storage import folder as places
from litrev.library.storage.atomic_files import read_whole
from litrev.library.storage.edits import check_type
from litrev.library.storage.gc_pause import without_collecting
from litrev.text.display import visible
from litrev.text.validity import is_field_name
from litrev.workspace.session import Session
from litrev.workspace.settings import extract_on_add, key_pattern
from litrev.workspace.syncing import LARGE, Syncing

if TYPE_CHECKING:
    from litrev.library.importing.import_run import Fill
    from litrev.library.model.record import Record
    from litrev.library.storage.operations import Operation

Source = str | os.PathLike[str] | bytes | Text
"""What can be added: the path of a file or folder, pasted bytes, or a text already decoded."""

_NO_FIELDS = frozenset({"abstract", "key", "tags", "entrytype"})
_KEPT_OF_BINARY = 100_000  # bytes that quarantine keeps of a file that is not text
_NAMED_FILES = 5  # files passed over that a remark names; the others are counted


class FormatInfo(NamedTuple):
    """A format: its name, whether it can be read and written, and the suffixes of its files."""

    name: str
    read: bool
    written: bool
    suffixes: tuple[str, ...]


def formats() -> list[FormatInfo]:
    """All formats, those of installed packages too, by name."""
    # A copy of a library is not in the registry: a format knows no storage.
    copy = FormatInfo(name=NDJSON, read=True, written=True, suffixes=NDJSON_SUFFIXES)
    known = [copy]
    for name, fmt in registry.formats().items():
        info = FormatInfo(
            name=name, read=bool(fmt.read), written=bool(fmt.write), suffixes=fmt.suffixes
        )
        known.append(info)
    return sorted(known)


def broken_plugins() -> list[str]:
    """Why formats of other packages cannot be loaded, a line for each."""
    return registry.broken()


class Importing:
    """The imports of one library."""

    def __init__(self, session: Session, syncing: Syncing) -> None:
        self._session = session
        self._syncing = syncing
        self._library = session.library

    def add(
        self,
        sources: Source | Iterable[Source],
        metadata: Source | Iterable[Source],
        options: ImportOptions,
        *,
        format: str | None,
        columns: Mapping[str, str],
        encoding: str | None,
        extract: bool | None,
    ) -> Report:
        """Add files, and BibTeX metadata that is joined to their abstracts.

        A single source that is a copy of a library is merged. ``format`` and ``encoding`` None
        mean that they are recognised, ``extract`` None that the library's settings say whether the
        structured fields are filled. Raises UsageFault for what cannot be added or read as
        ``format``, EnvironmentFault for a file that cannot be read.
        """
        self._library.check_open()
        forced = _forced_format(format, columns)
        passed_over: list[Remark] = []
        read = self._texts(sources, encoding, passed_over)
        companions = self._texts(metadata, encoding, passed_over, strict=True)
        texts = [text for text in read if isinstance(text, Text)]
        companion_texts = [text for text in companions if isinstance(text, Text)]
        for fault in registry.broken():
            self._session.reporting.notice(fault)
        is_one_text = len(read) == len(texts) == 1
        if is_one_text and _is_library_copy(texts[0], forced):
            report = self._merge(texts[0])
        else:
            unreadable = [text for text in read if isinstance(text, Unreadable)]
            report = self._import(texts, companion_texts, unreadable, options, forced, extract)
        report.remarks[:0] = passed_over
        return report

    def options(
        self,
        key: str | None,
        entry_type: str | None,
        fields: Mapping[str, str | int],
        tags: Sequence[str],
        database: str | None,
        query: str | None,
        again: bool,
    ) -> ImportOptions:
        """What is set on the records that are added.

        ``database`` and ``query`` record where they were found, and with which words. ``again``
        adds removed records again. Raises UsageFault for what cannot be a type or a field.
        """
        own_fields = []
        for name, value in fields.items():
            _check_field(name, value)
            own_fields.append(Field(name.casefold(), str(value)))
        return ImportOptions(
            fields=tuple(own_fields),
            entry_type=check_type(entry_type) if entry_type else None,
            key=key,
            tags=(tags,) if isinstance(tags, str) else tuple(tags),
            database=database,
            query=query,
            again=again,
        )

    def _merge(self, text: Text) -> Report:
        """Merge a copy of a library into this one."""
        from litrev.library.importing.library_merge import merge_library

        with self._library.importing(), self._syncing.operation("add") as operation:
            return merge_library(self._library, operation, text)

    def _import(
        self,
        texts: Sequence[Text],
        companions: Sequence[Text],
        unreadable: Sequence[Unreadable],
        options: ImportOptions,
        forced: str | None,
        extract: bool | None,
    ) -> Report:
        """Import texts with their companions, the metadata, as one operation."""
        folder = self._library.folder
        options = replace(options, key_pattern=key_pattern(folder))
        if extract is None:
            extract = extract_on_add(folder)
        fill = self._fill_function() if extract else None
        # Reading may take long, so it is done before the library is locked.
        with without_collecting():
            main = read_sources(texts, forced, self._session.reporting.notice)
            beside = read_sources(companions)
        with (
            self._library.importing(),
            self._syncing.operation("add") as operation,
            without_collecting(),
        ):
            return import_sources(
                self._library,
                operation,
                main.sources,
                beside.sources,
                [*unreadable, *main.unreadable, *beside.unreadable],
                options,
                fill,
                partial(self._session.reporting.progress, "adding"),
            )

    def _fill_function(self) -> Fill:
        """A function that proposes values for the structured fields of a new record."""
        codebook = self._library.codebook()
        extractor = Extractor(codebook, self._session.languages)

        def fill(operation: Operation, record: Record) -> None:
            propose(self._library, operation, record, extractor)

        return fill

    # From paths to texts

    def _texts(
        self,
        sources: Source | Iterable[Source],
        encoding: str | None,
        passed_over: list[Remark],
        strict: bool = False,
    ) -> list[Text | Unreadable]:
        """The texts of sources; a remark for each folder with files that were not read.

        With ``strict``, a file that cannot be decoded raises Undecodable.
        """
        several: Any = sources
        is_single = isinstance(sources, str | os.PathLike | bytes | Text)
        # What is not even iterable cannot be added: it is refused below, like what is in a list.
        if is_single or not isinstance(sources, Iterable):
            several = [sources]
        texts: list[Text | Unreadable] = []
        for source in several:
            if isinstance(source, bytes):
                texts.append(self._decoded(source, "<stdin>", "", encoding, strict))
            elif isinstance(source, Text):
                texts.append(_with_fingerprint(source))
            elif isinstance(source, str | os.PathLike) and os.fspath(source):
                paths = self._paths(Path(source), passed_over)
                texts += [self._read(path, encoding, strict) for path in paths]
            else:
                raise UsageFault(
                    f"{source!r:.60} cannot be added",
                    "Give the path of a file or folder, or bytes; add_text takes an abstract.",
                )
        return texts

    def _paths(self, path: Path, passed_over: list[Remark]) -> list[Path]:
        """The file itself, or the files directly in a folder that some format reads.

        A remark names the other files of the folder. Raises UsageFault for a folder without any
        file to read, EnvironmentFault for a path that the system refuses.
        """
        try:
            if not path.is_dir():
                return [path]
            files = _visible_files(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise EnvironmentFault(
                f"{path!s:.100}: {reason}",
                "Nothing was added; to add an abstract itself, use add_text.",
            ) from error
        folder_name = visible(path.name or str(path))
        readable, others = _divided(files, self._suffixes)
        copies, texts = _divided(readable, NDJSON_SUFFIXES)
        if len(readable) > 1 and copies:
            # A copy of a library is merged, which is an operation of its own.
            readable = texts
            names = ", ".join(visible(file.name) for file in copies)
            remark = f"passed over copies of libraries, which are added by themselves: {names}"
            passed_over.append(Remark(folder_name, remark))
        if others:
            remark = f"passed over files of no known format: {_some_names(others)}"
            passed_over.append(Remark(folder_name, remark))
        if not readable:
            raise UsageFault(
                f"{folder_name}: this folder holds no file that litrev reads",
                "Name the files: litrev add FILE…; folders in it are not searched.",
            )
        return readable

    @cached_property
    def _suffixes(self) -> tuple[str, ...]:
        """The suffixes of the files that some format reads."""
        readable = [fmt for fmt in registry.formats().values() if fmt.read]
        suffixes = [suffix for fmt in readable for suffix in fmt.suffixes]
        return (*suffixes, *NDJSON_SUFFIXES)

    def _read(self, path: Path, encoding: str | None, strict: bool) -> Text | Unreadable:
        """The text of a file, in the encoding given, or that in which the file was read before."""
        name = visible(path.name)
        locator = visible(places.locator(path, self._library.folder))
        data = read_whole(path)
        if len(data) > LARGE:
            self._session.reporting.notice(f"reading {name} ({len(data) // 1_000_000} MB)")
        encoding = encoding or self._syncing.encoding_of(locator, data)
        return self._decoded(data, name, locator, encoding, strict)

    def _decoded(
        self, data: bytes, name: str, locator: str, encoding: str | None, strict: bool
    ) -> Text | Unreadable:
        """The bytes as text, or why they are not; with ``strict`` that raises Undecodable."""
        try:
            return decode(data, name, locator, encoding)
        except Undecodable as error:
            if strict:
                raise
            # Latin-1 gives each byte a character; NUL is shown by its symbol, ␀.
            kept = data[:_KEPT_OF_BINARY].decode("latin-1").replace("\x00", "\u2400")
            return Unreadable(name, error, kept)


def _forced_format(format: str | None, columns: Mapping[str, str]) -> str | None:
    """The name of the format to read by, with the columns it maps; None to recognise each text.

    Raises UsageFault for a format that does not exist, or that has no columns.
    """
    forced = format
    if columns:
        table_format = registry.named(format or "csv")
        forced = registry.configured_name(table_format, columns)
    if forced and forced != NDJSON:
        registry.named(forced)  # raises for an unknown one, before any file is read
    return forced


def _is_library_copy(text: Text, forced: str | None) -> bool:
    return forced == NDJSON or (forced is None and is_copy(text))


def _check_field(name: str, value: object) -> None:
    """Raise UsageFault unless ``value`` can be set on new records as the field ``name``."""
    # A bool is an int too, but not a text that somebody means.
    is_text = isinstance(value, str | int) and not isinstance(value, bool)
    if not is_text:
        raise UsageFault(f"{name}={value!r:.60} is not a text", "Fields hold texts.")
    if not is_field_name(name):
        raise UsageFault(
            f"{name!r} is not a field name", "A field name is letters, digits and _ + . : -"
        )
    if name.casefold() in _NO_FIELDS:
        raise UsageFault(
            f"{name} cannot be set as a field",
            "Use key, entry_type and tags; the abstract is what you add.",
        )


def _with_fingerprint(text: Text) -> Text:
    if text.sha256:
        return text
    return replace(text, sha256=fingerprint(text.text))


def _visible_files(folder: Path) -> list[Path]:
    """The files directly in a folder, by name, without hidden ones and those of a library."""
    files = []
    for path in folder.iterdir():
        is_hidden = path.name.startswith(".")
        if path.is_file() and not is_hidden and not places.is_own(path):
            files.append(path)
    return sorted(files)


def _divided(files: list[Path], suffixes: tuple[str, ...]) -> tuple[list[Path], list[Path]]:
    """The files that have one of the suffixes, and those that have none."""
    having: list[Path] = []
    lacking: list[Path] = []
    for file in files:
        if file.name.casefold().endswith(suffixes):
            having.append(file)
        else:
            lacking.append(file)
    return having, lacking


def _some_names(files: list[Path]) -> str:
    """The names of the first few files, and how many more there are."""
    first_names = [visible(file.name) for file in files[:_NAMED_FILES]]
    names = ", ".join(first_names)
    more = len(files) - _NAMED_FILES
    return f"{names} and {more} more" if more > 0 else names
