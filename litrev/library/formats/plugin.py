"""Formats of other packages: what they do wrong is named by their package, and ends nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import Any

from litrev.errors import EnvironmentFault, LitrevError
from litrev.library.bibtex.entry_source import Entry
from litrev.library.formats.format import Export, Format, Options
from litrev.library.model.source import Reading, Text

CURE = "Tell those who make the package, or remove it; litrev goes on without it."


class PluginFault(EnvironmentFault):
    """A format or renderer of another package has failed."""


def load(entry: EntryPoint, who: str) -> Any:
    """What an entry point names; raises PluginFault, which calls the plug-in ``who``, where that cannot be loaded."""
    try:
        return entry.load()
    except Exception as error:  # whatever a stranger's code raises
        raise PluginFault(f"{who} cannot be loaded: {error}", "Reinstall or remove its package.") from error


def load_format(entry: EntryPoint) -> Format:
    """The format of another package, its functions watched; raises PluginFault for what is no format."""
    who = f"the format plug-in {entry.name} ({entry.value})"
    loaded = load(entry, who)
    if not isinstance(loaded, Format):
        raise PluginFault(f"{who} is a {type(loaded).__name__} and no litrev.plugins.Format", CURE)
    return _Guard(loaded, who).format()


class _Guard:
    """The functions of a format, watched."""

    def __init__(self, fmt: Format, who: str) -> None:
        self._format, self._who = fmt, who

    def format(self) -> Format:
        """The format with its functions watched."""
        read = self._read if self._format.read else None
        write = self._write if self._format.write else None
        return replace(self._format, recognises=self._recognises, read=read, write=write)

    def _fault(self, what: str, problem: object) -> PluginFault:
        told = f"{type(problem).__name__}: {problem}" if isinstance(problem, Exception) else problem
        return PluginFault(f"{self._who} {what}: {told}", CURE)

    def _recognises(self, text: Text) -> float:
        try:
            likely = float(self._format.recognises(text))
        except Exception as error:  # whatever a stranger's code raises
            raise self._fault(f"cannot tell whether it knows {text.name}", error) from error
        if not 0 <= likely <= 1:
            raise self._fault(f"cannot tell whether it knows {text.name}", f"{likely} is not between 0 and 1")
        return likely

    def _read(self, text: Text) -> Reading:
        assert self._format.read is not None
        try:
            reading = self._format.read(text)
        except Exception as error:  # whatever a stranger's code raises
            raise self._fault(f"cannot read {text.name}", error) from error
        problem = law_broken(text, reading)
        if problem:
            raise self._fault(f"has read {text.name} wrongly", problem)
        return reading

    def _write(self, entries: Iterable[Entry], options: Options) -> Export:
        assert self._format.write is not None
        try:
            export = self._format.write(entries, options)
            return Export(self._pieces(export.pieces), tuple(export.left_out))
        except LitrevError:  # of the library that the records come from
            raise
        except Exception as error:  # whatever a stranger's code raises
            raise self._fault("cannot write", error) from error

    def _pieces(self, pieces: Iterable[Any]) -> Iterator[str]:
        flowing = iter(pieces)
        while True:
            try:
                piece = next(flowing)
            except StopIteration:
                return
            except LitrevError:  # of the library that the records come from
                raise
            except Exception as error:  # whatever a stranger's code raises
                raise self._fault("cannot write", error) from error
            if not isinstance(piece, str):
                raise self._fault("cannot write", f"a {type(piece).__name__} is no text")
            yield piece


def law_broken(text: Text, reading: Any) -> str:
    """Which law of reading ``reading`` breaks; empty when none.

    The blocks, joined in order, are the text; each is at its place in the list; each work stands in
    a block, no two in the same.
    """
    if not isinstance(reading, Reading):
        return f"it gave a {type(reading).__name__} and no Reading"
    if "".join(block.raw for block in reading.blocks) != text.text:
        return "its blocks, joined, are not the text"
    if [block.position for block in reading.blocks] != list(range(len(reading.blocks))):
        return "its blocks are not numbered from 0 on"
    places = [work.position for work in reading.works]
    if len(set(places)) != len(places) or not set(places) <= set(range(len(reading.blocks))):
        return "its works do not each stand in a block of their own"
    return ""
