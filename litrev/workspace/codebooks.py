"""The structured fields of a library: adding and changing them, as TOML in and out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litrev.errors import UsageFault
from litrev.library.extraction.own import check_cues
from litrev.library.model import codebook
from litrev.library.model.encoding import decode
from litrev.library.storage.atomic_files import read_whole
from litrev.library.storage.journal import Slot
from litrev.workspace.session import Session
from litrev.workspace.syncing import Syncing


class Codebooks:
    """The codebook of one library."""

    def __init__(self, session: Session, syncing: Syncing) -> None:
        self._library, self._syncing = session.library, syncing

    def define(
        self,
        entries: Mapping[str, Mapping[str, Any]],
        *,
        new: bool = False,
        command: str = "codebook",
    ) -> None:
        """Add structured fields, or change what is said of some: kind, heading, definition, cues,
        values, retired.
        """
        with self._syncing.doing(command) as operation:
            now = self._library.codebook_text()
            there = {field.name: field for field in codebook.codebook(0, now).every}
            for name in entries if new else ():
                if name in there:
                    back = " --restore" if there[name].retired else ""
                    raise UsageFault(
                        f"there is a field {name} already",
                        f"Change it: litrev codebook edit {name}{back} …",
                    )
            text = codebook.changed(now, entries)
            for field in codebook.codebook(0, text).every:
                check_cues(field)
            operation.put(Slot("codebook"), text or None)

    def read(self, path: Path) -> list[str]:
        """Take the fields of a TOML file; their names. Raises UsageFault that names the file and
        the line.
        """
        entries = codebook.read(decode(read_whole(path), str(path)).text, str(path))
        self.define(entries, command="codebook import")
        return list(entries)

    def text(self, *, everything: bool = False) -> str:
        """The library's own fields, and what it says otherwise of the built-in ones, as TOML; with
        ``everything`` all fields.
        """
        if not everything:
            return self._library.codebook_text()
        return codebook.write(
            {field.name: codebook.entry_of(field) for field in self._library.codebook().every}
        )
