"""What goes out of a library: exports in every format, and what a manuscript cites."""

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

_EVERY_KEY = "*"  # the key in \nocite{*}


class Exporting:
    """The exports of one library."""

    def __init__(self, session: Session, selecting: Selecting) -> None:
        self._library = session.library
        self._selecting = selecting

    def export(
        self,
        format_name: str,
        query: str,
        ids: Sequence[str] | None,
        structured: str,
        ascii: bool,
        columns: Mapping[str, str],
    ) -> Export:
        """The records that ``query`` means, or those with these ids, in a format.

        ``structured`` says which values of the structured fields are written: none, decided or
        proposed. ``ascii`` and ``columns`` are options of single formats. Raises UsageFault for a
        format that cannot be written, and for another ``structured``.
        """
        if structured not in list(Structured):
            raise UsageFault(
                f"structured={structured!r} is not one of {', '.join(Structured)}",
                "They say which values of the structured fields are written.",
            )
        options = Options(Structured(structured), ascii, columns)
        if format_name == library_copy.NAME:
            chosen = self._chosen(query, ids)
            return library_copy.write(self._library, chosen)
        fmt = named(format_name)
        if fmt.write is None:
            raise UsageFault(
                f"{format_name} can only be read", f"Write one of {', '.join(_writable())}."
            )
        chosen = self._chosen(query, ids)
        if fmt.parents_last:
            chosen = with_parents(self._library, chosen)
        return fmt.write(Entries(self._library, chosen), options)

    def _chosen(self, query: str, ids: Sequence[str] | None) -> Sequence[str]:
        return self._selecting.select(query) if ids is None else ids

    def cited(self, manuscripts: Sequence[Path], query: str = "") -> tuple[list[str], list[str]]:
        """The ids of the records that manuscripts cite, and the cited keys that no record has.

        Former keys count too. A manuscript that cites all with ``\\nocite{*}`` cites every record
        that ``query`` means.
        """
        keys = _cited_keys(manuscripts)
        cites_all = keys.pop(_EVERY_KEY, False)
        holders = {key: self._library.holders(key) for key in keys}
        unknown_keys = [key for key, record_ids in holders.items() if not record_ids]
        # A dict is an ordered set here: many ids, each looked up once.
        candidates = dict.fromkeys(self._selecting.select(query))
        if cites_all:
            return list(candidates), unknown_keys
        cited_ids: dict[str, None] = {}
        for record_ids in holders.values():
            for record_id in record_ids:
                if record_id in candidates:
                    cited_ids[record_id] = None
        return list(cited_ids), unknown_keys


def _writable() -> list[str]:
    """The names of the formats that can be written."""
    names = [name for name, fmt in formats().items() if fmt.write]
    return [*names, library_copy.NAME]


def _cited_keys(manuscripts: Sequence[Path]) -> dict[str, bool]:
    """The keys that manuscripts, and the files that LaTeX includes in them, cite, in order.

    They are the keys of the dict, in which each is once.
    """
    keys: dict[str, bool] = {}
    files = list(manuscripts)
    for path in files:
        text = decode(read_whole(path), path.name).text
        for key in cited_keys(path.name, text):
            keys[key] = True
        for name in included(path.name, text):
            included_file = path.parent / name
            if included_file not in files and included_file.is_file():
                # The loop reads it too: an included file may include others.
                files.append(included_file)
    return keys
