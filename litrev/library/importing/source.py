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
    """A text, what its format made of it, and the last version of its file if there was one.

    ``id`` is the one under which this version is stored, None before it is. ``previous`` is the id
    of the version before, and ``same`` says whether that one has the same bytes.

    ``base`` holds what was last read for each record, by the record's id: several works where
    records were merged. ``stored_owners`` and ``owners`` give the id of the record of each block of
    this version, by the block's position: the first as it is stored so far, the second as this
    import finds it.
    """

    text: Text
    format: str
    reading: Reading
    id: str | None = None
    previous: str | None = None
    same: bool = False
    base: dict[str, list[Work]] = field(default_factory=dict)
    stored_owners: dict[int, str] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    # Made when first asked for: most sources are new, or have not changed.
    _by_content: dict[tuple[object, ...], list[str]] | None = None
    _by_key: dict[str, list[BaseWork]] | None = None
    _without_key: list[BaseWork] | None = None

    def base_works(self) -> Iterator[BaseWork]:
        """Yield the records of the last version, each with every work that was read for it."""
        for record_id, works in self.base.items():
            for work in works:
                yield record_id, work

    def records_by_content(self) -> dict[tuple[object, ...], list[str]]:
        """The ids of the records of the last version, by all it said of them except the key.

        The keys are those of :func:`content`. An abstract without metadata is not among them.
        """
        if self._by_content is None:
            self._by_content = {}
            for record_id, work in self.base_works():
                if work.fields:
                    ids = self._by_content.setdefault(content(work), [])
                    ids.append(record_id)
        return self._by_content

    def base_by_key(self) -> dict[str, list[BaseWork]]:
        """The works of the last version, by the key that they had there, folded; "" for none."""
        if self._by_key is None:
            self._by_key = {}
            for record_id, work in self.base_works():
                key = fold_key(work.key or "")
                same_key = self._by_key.setdefault(key, [])
                same_key.append((record_id, work))
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
    """What one source says of a work: the ``work`` as its format read it, and the source."""

    source: Source
    work: Work

    @property
    def place(self) -> tuple[Source, int]:
        """Which work of which source it is: the source, and the position of the work's block."""
        return self.source, self.work.position

    @property
    def where(self) -> str:
        """The file and line, as a report names them: ``refs.bib:12``."""
        return f"{self.source.text.name}:{self.work.line}"

    @property
    def block(self) -> Block:
        """The block of the source that the work was read from."""
        return self.source.reading.blocks[self.work.position]


# One work as it is about to be imported: an abstract may come with its metadata as a second part.
Candidate = tuple[Part, ...]


def content(work: Work) -> tuple[object, ...]:
    """All that a source says of a work except its key; equal for works that say the same."""
    fields = ((field.name, field.value) for field in work.fields)
    return (work.entry_type, work.abstract, *fields)
