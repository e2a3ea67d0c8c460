"""What goes out of a library: exports in every format, what a manuscript cites, backups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from litrev.errors import UsageFault
from litrev.library.formats.format import Export, Options, Structured
from litrev.library.formats.manuscript import cited_keys, included
from litrev.library.formats.registry import formats, named
from litrev.library.importing import library_copy
from litrev.library.model.encoding import decode
from litrev.library.storage.atomic_files import read_whole
from litrev.library.storage.entries import Entries, with_parents
from litrev.workspace.selecting import Selecting
from litrev.workspace.session import Session


class Exporting:
    """The way out of one library."""

    def __init__(self, session: Session, selecting: Selecting) -> None:
        self._library, self._selecting = session.library, selecting

    def export(
        self,
        fmt: str,
        query: str,
        ids: Sequence[str] | None,
        structured: str,
        ascii: bool,
        columns: Mapping[str, str],
    ) -> Export:
        """The records ``query`` means, or those with these ids, in the format ``fmt``; raises
        UsageFault for one that cannot be written.
        """
        if structured not in list(Structured):
            raise UsageFault(
                f"structured={structured!r} is none of {', '.join(Structured)}",
                "They say which values go along.",
            )
        options = Options(Structured(structured), ascii, columns)
        if fmt == library_copy.NAME:
            return library_copy.write(
                self._library, self._selecting.select(query) if ids is None else ids
            )
        found = named(fmt)
        if found.write is None:
            writable = ", ".join(
                [*(name for name, f in formats().items() if f.write), library_copy.NAME]
            )
            raise UsageFault(f"{fmt} can only be read", f"Write one of {writable}.")
        wanted = self._selecting.select(query) if ids is None else ids
        ordered = with_parents(self._library, wanted) if found.parents_last else wanted
        return found.write(Entries(self._library, ordered), options)

    def cited(self, manuscripts: Sequence[Path], query: str = "") -> tuple[list[str], list[str]]:
        """The ids of the records that manuscripts cite, by their keys or former keys, and the keys
        that are no record's.
        """
        texts = [(path, decode(read_whole(path), path.name).text) for path in manuscripts]
        for path, text in texts:  # the list grows by what LaTeX put into files of their own
            seen = {known for known, _ in texts}
            more = [path.parent / name for name in included(path.name, text)]
            texts += [
                (file, decode(read_whole(file), file.name).text)
                for file in more
                if file not in seen and file.is_file()
            ]
        keys = dict.fromkeys(key for path, text in texts for key in cited_keys(path.name, text))
        among = dict.fromkeys(self._selecting.select(query))
        if "*" in keys:
            return list(among), [
                key for key in keys if key != "*" and not self._library.holders(key)
            ]
        holders = {key: self._library.holders(key) for key in keys}
        ids = dict.fromkeys(i for found in holders.values() for i in found if i in among)
        return list(ids), [key for key, found in holders.items() if not found]
