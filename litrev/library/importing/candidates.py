"""From texts to candidates: each format reads its texts, and abstracts get their metadata."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

from litrev.errors import LitrevError, UsageFault
from litrev.library.formats import registry
from litrev.library.formats.format import Format
from litrev.library.formats.plugin import PluginFault
from litrev.library.importing.library_copy import NAME as NDJSON
from litrev.library.importing.library_copy import is_copy
from litrev.library.importing.matching import names_of
from litrev.library.importing.source import Candidate, Part, Source
from litrev.library.model.ids import fold_key
from litrev.library.model.source import Text


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is not a text, or that the format of another package could not read.

    ``name`` is the file's, ``error`` says why it could not be read. ``kept`` is as much of it as
    is kept: text, or each byte as the character with its number.
    """

    name: str
    error: LitrevError
    kept: str = ""


class Read(NamedTuple):
    """What the formats made of texts, and the texts that a plug-in could not read."""

    sources: list[Source]
    unreadable: list[Unreadable]


def read_sources(
    texts: Sequence[Text],
    forced: str | None = None,
    notice: Callable[[str], None] = lambda line: None,
) -> Read:
    """Read texts, each in its own format or all in the one named ``forced``.

    The sources come in the order of their texts. They know nothing of the library yet: no id, no
    last version.

    This is done before the library is locked, because it may take long. ``notice`` is called with
    a line about each plug-in that fails. Raises UsageFault for a copy of a library, and for a
    format that can only be written.
    """
    sources: list[Source] = []
    unreadable: list[Unreadable] = []
    failed_plugins: set[str] = set()
    for text in texts:
        is_library = forced == NDJSON if forced else is_copy(text)
        if is_library:
            raise UsageFault(
                f"{text.name}: {NDJSON} carries a whole library and is merged by itself",
                "Add it without other files.",
            )
        if forced:
            fmt = registry.named(forced)
        else:
            fmt = registry.recognise(text, notice, failed_plugins)
        try:
            sources.append(_read(text, fmt))
        except PluginFault as fault:
            file = Unreadable(text.name, fault, kept=text.text)
            unreadable.append(file)
    return Read(sources, unreadable)


def _read(text: Text, fmt: Format) -> Source:
    """Read a text in a format. Raises UsageFault for a format that can only be written."""
    if fmt.read is None:
        raise UsageFault(
            f"{fmt.name} can only be written",
            "Add the file in a format that can be read; `litrev add --formats` lists them.",
        )
    return Source(text, fmt.name, fmt.read(text))


class Joined(NamedTuple):
    """The candidates that sources hold, and the entries of each companion that join no abstract."""

    candidates: list[Candidate]
    unjoined: list[tuple[Source, list[Part]]]


def join_metadata(sources: Iterable[Source], companions: Sequence[Source]) -> Joined:
    """Bring entries of the ``companions`` to the abstracts of ``sources`` that they belong to.

    They belong together by the abstract's key, or by the name of the file that it is alone in.
    What joins none becomes a candidate by itself. The candidates come in the order of the sources,
    and those of the companions last.
    """
    metadata = _by_name(companions)
    candidates: list[Candidate] = []
    joined: set[tuple[Source, int]] = set()
    for source in sources:
        for work in source.reading.works:
            part = Part(source, work)
            partner = _partner(part, metadata, joined)
            if partner is None:
                candidates.append((part,))
            else:
                joined.add(partner.place)
                candidates.append((part, partner))
    unjoined = []
    for source in companions:
        entries = (Part(source, work) for work in source.reading.works)
        remaining = [entry for entry in entries if entry.place not in joined]
        candidates += [(part,) for part in remaining]
        unjoined.append((source, remaining))
    return Joined(candidates, unjoined)


def _by_name(companions: Iterable[Source]) -> dict[str, Part]:
    """The entries by each name of their abstract; of several with one name, the first."""
    parts: dict[str, Part] = {}
    for source in companions:
        for work in source.reading.works:
            part = Part(source, work)
            for name in names_of(work):
                parts.setdefault(name, part)
    return parts


def _partner(
    part: Part, metadata: Mapping[str, Part], joined: Collection[tuple[Source, int]]
) -> Part | None:
    """The entry that an abstract without metadata belongs to, if no other abstract joined it.

    ``metadata`` are the entries by name, ``joined`` the places of those that are taken.
    """
    if part.work.fields:
        return None
    for name in _names_of_abstract(part):
        partner = metadata.get(name)
        if partner is not None and partner.place not in joined:
            return partner
    return None


def _names_of_abstract(part: Part) -> list[str]:
    """The names by which metadata may refer to an abstract, folded.

    That is its own key, or else the name of its file, without and with the ending.
    """
    if part.work.key:
        return [fold_key(part.work.key)]
    if len(part.source.reading.works) > 1:
        return []  # the file's name may be that of any of its abstracts
    file_name = part.source.text.name
    stem = PurePath(file_name).stem
    return [fold_key(stem), fold_key(file_name)]
