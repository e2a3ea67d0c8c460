"""Bringing files, folders and pasted texts in."""

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
"""What can be added: the path of a file or of a folder, bytes that were pasted, or a text that was
decoded already.
"""

_NO_FIELDS = frozenset({"abstract", "key", "tags", "entrytype"})
_KEPT_OF_BINARY = 100_000  # bytes of a file that is no text which quarantine keeps
_NAMED = 5  # files passed over that are named; the rest is counted


class FormatInfo(NamedTuple):
    """What can be done with a format: its name, whether it is read and written, and the suffixes of
    its files.
    """

    name: str
    read: bool
    written: bool
    suffixes: tuple[str, ...]


def formats() -> list[FormatInfo]:
    """The formats there are, those of installed packages too, by name."""
    own = [
        FormatInfo(name, bool(fmt.read), bool(fmt.write), fmt.suffixes)
        for name, fmt in registry.formats().items()
    ]
    return sorted([*own, FormatInfo(NDJSON, True, True, NDJSON_SUFFIXES)])


def broken_plugins() -> list[str]:
    """What is wrong with formats of other packages that cannot be loaded, a line each."""
    return registry.broken()


class Importing:
    """The way into one library."""

    def __init__(self, session: Session, syncing: Syncing) -> None:
        self._session, self._syncing = session, syncing
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
        """Bring files in, and BibTeX metadata that joins their abstracts; the report holds the
        equation.
        """
        self._library.check_open()
        forced = (
            registry.configured_name(registry.named(format or "csv"), columns)
            if columns
            else format
        )
        if forced and forced != NDJSON:
            registry.named(forced)  # which raises for one that is not there
        passed_over: list[Remark] = []
        found = self._texts(sources, encoding, passed_over)
        good = [text for text in found if isinstance(text, Text)]
        companions = [
            text
            for text in self._texts(metadata, encoding, passed_over, strict=True)
            if isinstance(text, Text)
        ]
        for fault in registry.broken():
            self._session.reporting.notice(fault)
        if len(found) == len(good) == 1 and (
            forced == NDJSON or (forced is None and is_copy(good[0]))
        ):
            report = self._merge(good[0])
        else:
            unreadable = [text for text in found if isinstance(text, Unreadable)]
            report = self._take_in(good, companions, unreadable, options, forced, extract)
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
        """What is said of what is added, beyond the files; raises UsageFault for what cannot be a
        type or a field.
        """
        for name, value in fields.items():
            if not isinstance(value, str | int) or isinstance(value, bool):
                raise UsageFault(f"{name}={value!r:.60} is no text", "Fields hold texts.")
            if not is_field_name(name):
                raise UsageFault(
                    f"{name!r} is no field name", "A field name is letters, digits and _ + . : -"
                )
            if name.casefold() in _NO_FIELDS:
                raise UsageFault(
                    f"{name} is not set so",
                    "There are key, entry_type and tags; the abstract is what you add.",
                )
        given = tuple(Field(name.casefold(), str(value)) for name, value in fields.items())
        return ImportOptions(
            given,
            check_type(entry_type) if entry_type else None,
            key,
            (tags,) if isinstance(tags, str) else tuple(tags),
            database,
            query,
            again,
        )

    def _merge(self, text: Text) -> Report:
        """Bring in a copy of a library."""
        from litrev.library.importing.library_merge import merge_library

        with self._library.importing(), self._syncing.doing("add") as operation:
            return merge_library(self._library, operation, text)

    def _take_in(
        self,
        texts: Sequence[Text],
        companions: Sequence[Text],
        unreadable: Sequence[Unreadable],
        options: ImportOptions,
        forced: str | None,
        extract: bool | None,
    ) -> Report:
        options = replace(options, key_pattern=key_pattern(self._library.folder))
        fill = (
            self._filling()
            if (extract_on_add(self._library.folder) if extract is None else extract)
            else None
        )
        with without_collecting():
            found, beside = (
                read_sources(texts, forced, self._session.reporting.notice),
                read_sources(companions),
            )
        unreadable = [*unreadable, *found.unreadable, *beside.unreadable]
        progress = partial(self._session.reporting.progress, "adding")
        with (
            self._library.importing(),
            self._syncing.doing("add") as operation,
            without_collecting(),
        ):
            return import_sources(
                self._library,
                operation,
                found.sources,
                beside.sources,
                unreadable,
                options,
                fill,
                progress,
            )

    def _filling(self) -> Fill:
        extractor = Extractor(self._library.codebook(), self._session.languages)

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
        given: Any = [sources] if isinstance(sources, str | os.PathLike | bytes | Text) else sources
        if not isinstance(given, Iterable):
            given = [given]  # nothing that can be added: refused below
        texts: list[Text | Unreadable] = []
        for source in given:
            if isinstance(source, bytes):
                texts.append(self._decoded(source, "<stdin>", "", encoding, strict))
            elif isinstance(source, Text):
                texts.append(
                    source if source.sha256 else replace(source, sha256=fingerprint(source.text))
                )
            elif isinstance(source, str | os.PathLike) and os.fspath(source):
                texts += [
                    self._read(path, encoding, strict)
                    for path in self._paths(Path(source), passed_over)
                ]
            else:
                raise UsageFault(
                    f"{source!r:.60} cannot be added",
                    "Give the path of a file or folder, or bytes; add_text takes an abstract.",
                )
        return texts

    def _paths(self, path: Path, passed_over: list[Remark]) -> list[Path]:
        """The file itself; of a folder the files directly in it that some format names, with a
        remark on the others.
        """
        try:
            if not path.is_dir():
                return [path]
            files = sorted(
                file
                for file in path.iterdir()
                if file.is_file() and not file.name.startswith(".") and not places.is_own(file)
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise EnvironmentFault(
                f"{path!s:.100}: {reason}",
                "Nothing was added; to add an abstract itself there is add_text.",
            ) from error
        wanted, others = list[Path](), list[str]()
        for file in files:
            if file.name.casefold().endswith(self._suffixes):
                wanted.append(file)
            else:
                others.append(visible(file.name))
        copies = [file for file in wanted if file.name.casefold().endswith(NDJSON_SUFFIXES)]
        if len(wanted) > 1 and copies:  # a copy of a library is merged by itself
            wanted = [file for file in wanted if not file.name.casefold().endswith(NDJSON_SUFFIXES)]
            named = ", ".join(visible(file.name) for file in copies)
            passed_over.append(
                Remark(
                    visible(path.name or str(path)),
                    f"passed over copies of libraries, which are added by themselves: {named}",
                )
            )
        if others:
            named = ", ".join(others[:_NAMED]) + (
                f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
            )
            passed_over.append(
                Remark(
                    visible(path.name or str(path)), f"passed over what no format names: {named}"
                )
            )
        if not wanted:
            raise UsageFault(
                f"{visible(path.name or str(path))}: this folder holds no file that litrev reads",
                "Name the files: litrev add FILE…; folders in it are not looked into.",
            )
        return wanted

    @cached_property
    def _suffixes(self) -> tuple[str, ...]:
        """The suffixes of the files that some format reads."""
        return (
            tuple(
                suffix for fmt in registry.formats().values() if fmt.read for suffix in fmt.suffixes
            )
            + NDJSON_SUFFIXES
        )

    def _read(self, path: Path, encoding: str | None, strict: bool) -> Text | Unreadable:
        name, locator = visible(path.name), visible(places.locator(path, self._library.folder))
        data = read_whole(path)
        if len(data) > LARGE:
            self._session.reporting.notice(f"reading {name} ({len(data) // 1_000_000} MB)")
        return self._decoded(
            data, name, locator, encoding or self._syncing.encoding_of(locator, data), strict
        )

    def _decoded(
        self, data: bytes, name: str, locator: str, encoding: str | None, strict: bool
    ) -> Text | Unreadable:
        try:
            return decode(data, name, locator, encoding)
        except Undecodable as error:
            if strict:
                raise
            return Unreadable(
                name, error, data[:_KEPT_OF_BINARY].decode("latin-1").replace("\x00", "\u2400")
            )
