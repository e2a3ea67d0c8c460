"""The structured fields of a library: adding and changing them, reading and writing TOML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        self._library = session.library
        self._syncing = syncing

    def define(
        self,
        entries: Mapping[str, Mapping[str, Any]],
        *,
        new: bool = False,
        command: str = "codebook",
    ) -> None:
        """Add structured fields, or change properties of some; with ``new`` only add.

        ``entries`` has the properties of each field by its name, and ``command`` is the name of the
        operation. Raises UsageFault for what cannot be a field, and with ``new`` for a name that is
        in use.
        """
        # The codebook is read inside the operation: nobody else can change it before it is written.
        with self._syncing.operation(command) as operation:
            present_text = self._library.codebook_text()
            if new:
                _refuse_known(entries, present_text)
            text = codebook.changed(present_text, entries)
            for field in codebook.codebook(0, text).every:
                check_cues(field)
            operation.put(Slot("codebook"), text or None)

    def read(self, path: Path) -> list[str]:
        """Define the fields of a TOML file, and return their names.

        Raises UsageFault that names the file and the line.
        """
        toml = decode(read_whole(path), str(path)).text
        entries = codebook.read(toml, str(path))
        self.define(entries, command="codebook import")
        return list(entries)

    def text(self, *, everything: bool = False) -> str:
        """The library's own fields, and its changes to the built-in ones, as TOML.

        With ``everything``, all fields.
        """
        if not everything:
            return self._library.codebook_text()
        fields = self._library.codebook().every
        entries = {field.name: codebook.entry_of(field) for field in fields}
        return codebook.write(entries)


def _refuse_known(names: Iterable[str], codebook_text: str) -> None:
    """Raise UsageFault if there is already a field with one of these names."""
    fields = codebook.codebook(0, codebook_text).every
    known = {field.name: field for field in fields}
    for name in names:
        if name in known:
            option = " --restore" if known[name].retired else ""
            raise UsageFault(
                f"there is already a field {name}",
                f"Change it: litrev codebook edit {name}{option} …",
            )
