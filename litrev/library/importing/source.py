"""A source that was read, beside the last version of its file, and the parts of a work it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from litrev.library.model.ids import fold_key
from litrev.library.model.source import Block, Reading, Text, Work

# A record's id, and a work that was last read for it.
BaseWork = tuple[str, Work]


@dataclass(slots=True, eq=False)
class Source:
    """A text, what its format made of it, and the last version of its file if there was one."""

    text: Text
    format: str
    reading: Reading
    id: str | None = None  # under which this version is stored
    previous: str | None = None  # the id of the version before
    same: bool = False  # whether the version before has the same bytes
    # What was last read for each record, by its id: several works where records were merged.
    base: dict[str, list[Work]] = field(default_factory=dict)
    # The record of each block of this version, by the block's position: as it is stored so far,
    # and as this import finds it.
    stored_owners: dict[int, str] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    # Made when first asked for: most sources are new, or have not changed.
    _by_content: dict[tuple[object, ...], list[str]] | None = None
    _by_key: dict[str, list[BaseWork]] | None = None
    _without_key: list[BaseWork] | None = None

    def base_works(self) -> Iterator[BaseWork]:
        """The records of the last version, each with every work that was read for it."""
        for record_id, works in self.base.items():
            for work in works:
                yield record_id, work

    def records_by_content(self) -> dict[tuple[object, ...], list[str]]:
        """The records of the last version, by all that it said of them except the key."""
        if self._by_content is None:
            self._by_content = {}
            for record_id, work in self.base_works():
                if work.fields:
                    self._by_content.setdefault(content(work), []).append(record_id)
        return self._by_content

    def base_by_key(self) -> dict[str, list[BaseWork]]:
        """The works of the last version, by the key that they had there; "" for none."""
        if self._by_key is None:
            self._by_key = {}
            for record_id, work in self.base_works():
                self._by_key.setdefault(fold_key(work.key or ""), []).append((record_id, work))
        return self._by_key

    def base_whose_key_is_gone(self) -> list[BaseWork]:
        """The works of the last version whose key no work of this version has."""
        if self._without_key is None:
            self._without_key = []
            keys_now = {fold_key(work.key or "") for work in self.reading.works}
            for key, works in self.base_by_key().items():
                if key and key not in keys_now:
                    self._without_key += works
        return self._without_key


@dataclass(frozen=True, slots=True)
class Part:
    """What one source says of a work."""

    source: Source
    work: Work

    @property
    def place(self) -> tuple[Source, int]:
        """Which work of which source it is."""
        return self.source, self.work.position

    @property
    def where(self) -> str:
        """The file and line, as a report names them."""
        return f"{self.source.text.name}:{self.work.line}"

    @property
    def block(self) -> Block:
        """The block of the source that the work was read from."""
        return self.source.reading.blocks[self.work.position]


# One work as it is about to be imported: an abstract may come with its metadata as a second part.
Candidate = tuple[Part, ...]


def content(work: Work) -> tuple[object, ...]:
    """All that a source says of a work except its key; equal for works that say the same."""
    return (work.entry_type, work.abstract, *((f.name, f.value) for f in work.fields))
