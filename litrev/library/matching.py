"""Which record of the library a work from a source is, if it is one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from pathlib import PurePath

from litrev.library import slots
from litrev.library.formats import registry
from litrev.library.record import Record
from litrev.library.slots import fold_key
from litrev.library.sources import Block, Reading, Text, Work
from litrev.library.store import Library


@dataclass(slots=True)
class Source:
    """A text with what its format made of it, and the last version of the same file, if there was one."""

    text: Text
    format: str
    reading: Reading
    previous: str | None = None
    same: bool = False
    base: dict[str, Work] = field(default_factory=dict)  # what was last read for a record, by its id
    holders: dict[str, list[str]] = field(default_factory=dict)  # the records of the last version by their key there
    places: dict[int, str] = field(default_factory=dict)  # and by the place of their block
    owners: dict[int, str] = field(default_factory=dict)  # which record each block of this version belongs to


@dataclass(frozen=True, slots=True)
class Part:
    """What one source says of a work."""

    source: Source
    work: Work

    @property
    def block(self) -> Block:
        """The stretch of the source it stands in."""
        return self.source.reading.blocks[self.work.position]


class Matcher:
    """Finds the record a work is; a record is given away only once for each source."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.claimed: dict[int, set[str]] = {}
        self._by_stem: dict[str, list[str]] | None = None

    def prepare(self, source: Source) -> None:
        """Look up the last version of the same file and what was read from it then."""
        row = None
        if source.text.locator:
            sql = "SELECT id, sha256, name, format, encoding, bom, newline FROM current_source WHERE locator = ? ORDER BY seq DESC LIMIT 1"
            row = self.library.connection.execute(sql, (source.text.locator,)).fetchone()
        if row is None:
            return
        source.previous, source.same = row["id"], row["sha256"] == source.text.sha256
        sql = "SELECT position, raw, key, record_id FROM block WHERE source_id = ? ORDER BY position"
        blocks = self.library.connection.execute(sql, (row["id"],)).fetchall()
        for block in blocks:
            if block["record_id"]:
                source.places[block["position"]] = block["record_id"]
                source.holders.setdefault(fold_key(block["key"] or ""), []).append(block["record_id"])
        reader = registry.named(row["format"]).read
        if reader is None:
            return
        last = source.reading if source.same else reader(Text("".join(b["raw"] for b in blocks), row["name"], row["encoding"], False, row["newline"], ""))
        source.base = {source.places[w.position]: w for w in last.works if w.position in source.places}

    def match(self, parts: tuple[Part, ...]) -> str | None:
        """The id of the record that ``parts`` speak of, claimed for their sources; None when it is a new one."""
        for find in (self._by_block, self._by_file, self._by_abstract, self._by_key, self._by_file_name):
            for part in parts:
                for record_id in find(part):
                    if all(record_id not in self.claimed.get(id(p.source), ()) for p in parts):
                        return record_id
        return None

    def claim(self, parts: tuple[Part, ...], record_id: str) -> None:
        """Note that the sources of ``parts`` have spoken of this record."""
        for part in parts:
            self.claimed.setdefault(id(part.source), set()).add(record_id)
            part.source.owners[part.work.position] = record_id

    def _by_block(self, part: Part) -> list[str]:
        """The same words were read before, from this file or another."""
        sql = """SELECT r.id FROM block AS b JOIN current_source AS s ON s.id = b.source_id JOIN record AS r ON r.id = b.record_id
                 WHERE b.raw_hash = ? AND r.tombstone IS NULL ORDER BY s.id <> ?, b.position"""
        return self._ids(sql, part.block.hash, part.source.previous or "")

    def _by_file(self, part: Part) -> list[str]:
        """The last version of the file had an entry with this key, or in plain text an abstract in this place."""
        if part.work.key:
            candidates = part.source.holders.get(fold_key(part.work.key), [])
        elif len(part.source.reading.works) == len(part.source.base):
            candidates = [part.source.places[part.work.position]] if part.work.position in part.source.places else []
        else:
            candidates = []
        return [record.id for record in self.library.records(candidates)] if candidates else []

    def _by_abstract(self, part: Part) -> list[str]:
        """An abstract without metadata that the library has already."""
        if part.work.fields or part.work.abstract is None:
            return []
        sql = "SELECT id FROM record WHERE abstract_hash = ? AND tombstone IS NULL ORDER BY seq"
        return self._ids(sql, slots.abstract_hash(part.work.abstract))

    def _by_key(self, part: Part) -> list[str]:
        """A record with this key that is no other work."""
        if not part.work.key:
            return []
        return [r.id for r in self.library.records(self.library.holders(part.work.key)) if same_work(r, part.work)]

    def _by_file_name(self, part: Part) -> list[str]:
        """An abstract without metadata, alone in a file that was named by the key."""
        if not part.work.key or not part.work.fields:
            return []
        if self._by_stem is None:
            self._by_stem = self._lone_abstracts()
        return self._by_stem.get(fold_key(part.work.key), [])

    def _lone_abstracts(self) -> dict[str, list[str]]:
        """Records without a title that were alone in a text file, by the file's name without its suffix."""
        sql = """SELECT r.id, s.name FROM current_source AS s JOIN block AS b ON b.source_id = s.id JOIN record AS r ON r.id = b.record_id
                 WHERE s.format = 'text' AND b.kind = 'abstract' AND r.tombstone IS NULL
                   AND NOT EXISTS (SELECT 1 FROM field AS f WHERE f.record_id = r.id AND f.name = 'title')
                   AND (SELECT COUNT(*) FROM block AS c WHERE c.source_id = s.id AND c.kind = 'abstract') = 1"""
        found: dict[str, list[str]] = {}
        for record_id, name in self.library.connection.execute(sql):
            found.setdefault(fold_key(PurePath(name).stem), []).append(record_id)
        return found

    def _ids(self, sql: str, *args: object) -> list[str]:
        return [row[0] for row in self.library.connection.execute(sql, args)]


def same_work(record: Record, work: Work) -> bool:
    """Whether a record and a work under the same key can be one: by DOI, else title and year, else abstract."""
    one, other = _fold(record.get("doi")), _fold(work.get("doi"))
    if one and other:
        return one == other
    one, other = _fold(record.get("title")), _fold(work.get("title"))
    if one and other:
        years = {text for text in (_year(record.get("year") or record.get("date")), _year(work.get("year") or work.get("date"))) if text}
        return one == other and len(years) < 2
    if record.abstract is not None and work.abstract is not None:
        return slots.abstract_hash(record.abstract) == slots.abstract_hash(work.abstract)
    return True


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def _year(text: str) -> str:
    return text.strip()[:4]
