"""Formats of other packages: a fault names the package, and does not stop anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import EntryPoint
from types import MappingProxyType
from typing import Any

from litrev.errors import EnvironmentFault, LitrevError, Terminated
from litrev.library.bibtex.entry_source import Entry
from litrev.library.formats.format import COPY, Export, Format, Options
from litrev.library.model.record import Field
from litrev.library.model.source import Block, Problem, Reading, Text, Work
from litrev.text.validity import is_entry_type, is_field_name, is_key, is_tag

CURE = "Tell those who make the package, or remove it; litrev goes on without it."
_EXITS = (Exception, SystemExit, GeneratorExit)


class PluginFault(EnvironmentFault):
    """A format or renderer of another package has failed."""


def load(entry: EntryPoint, who: str) -> Any:
    """The object that an entry point names.

    Raises PluginFault, which calls the plug-in ``who``, if it cannot be loaded.
    """
    return attempt(
        entry.load,
        lambda problem: PluginFault(
            f"{who} cannot be loaded: {problem}", "Reinstall or remove its package."
        ),
    )


def attempt(ask: Callable[[], Any], fault: Callable[[str], Exception]) -> Any:
    """The result of code from another package; raises what ``fault`` makes of its exception.

    A person's interrupt, and the signal that ends litrev, are raised unchanged.
    """
    try:
        return ask()
    except (KeyboardInterrupt, Terminated, PluginFault):
        raise
    # Even SystemExit: a plug-in must not be able to end litrev without a word about it.
    except BaseException as error:
        raise fault(one_line(error)) from error


def load_format(entry: EntryPoint) -> Format:
    """The format of another package, with its functions guarded.

    Raises PluginFault if it cannot be loaded or is not a format.
    """
    who = f"the format plug-in {entry.name} ({entry.value})"
    return _guarded(load(entry, who), who)


def one_line(error: BaseException) -> str:
    """An exception in one line, even if its ``__str__`` fails."""
    try:
        text = " ".join(str(error).split())
    except _EXITS:
        text = "(it cannot say why)"
    return (
        text
        if isinstance(error, ImportError | AttributeError)
        else f"{type(error).__name__}: {text}"
    )


def _guarded(loaded: Any, who: str) -> Format:
    problem = attempt(
        lambda: why_not_a_format(loaded),
        lambda problem: PluginFault(f"{who} cannot be looked at: {problem}", CURE),
    )
    if problem:
        raise PluginFault(f"{who} {problem}", CURE)
    return _Guard(loaded, who).format()


def why_not_a_format(loaded: Any) -> str:
    """Why something is not a format that can be used; empty if it is one."""
    if not isinstance(loaded, Format):
        return f"is a {type(loaded).__name__}, not a litrev.plugins.Format"
    name, suffixes = loaded.name, loaded.suffixes
    if not isinstance(name, str) or not name.isprintable() or not name or set(name) & set(" ?/"):
        return f"has a name that cannot be typed after -f: {name!r:.40}"
    if name == COPY:
        return f"calls itself {name}, which is taken"
    if not isinstance(suffixes, tuple) or not all(
        isinstance(s, str) and s.startswith(".") and s == s.casefold() for s in suffixes
    ):
        wrong = "are not a tuple of lower-case texts that begin with a dot"
        return f"has suffixes that {wrong}: {suffixes!r:.60}"
    functions = (loaded.read, loaded.write, loaded.configured)
    if not callable(loaded.recognises) or not all(
        function is None or callable(function) for function in functions
    ):
        return "has a function that cannot be called"
    return ""


class _Guard:
    """The functions of a format, guarded: what they raise or return wrongly is a PluginFault."""

    def __init__(self, fmt: Format, who: str) -> None:
        self._format, self._who = fmt, who

    def format(self) -> Format:
        """The format with its functions guarded."""
        read = self._read if self._format.read else None
        write = self._write if self._format.write else None
        configured = self._configured if self._format.configured else None
        return replace(
            self._format, recognises=self._recognises, read=read, write=write, configured=configured
        )

    def _asked(self, what: str, ask: Callable[[], Any]) -> Any:
        """The plug-in's answer; raises PluginFault if it fails."""
        return attempt(ask, lambda problem: self._fault(what, problem))

    def _fault(self, what: str, problem: str) -> PluginFault:
        return PluginFault(f"{self._who} {what}: {problem}", CURE)

    def _recognises(self, text: Text) -> float:
        what = f"cannot tell whether it knows {text.name}"
        likely: float = self._asked(what, lambda: float(self._format.recognises(replace(text))))
        if not 0 <= likely <= 1:
            raise self._fault(what, f"{likely} is not between 0 and 1")
        return likely

    def _read(self, text: Text) -> Reading:
        read = self._format.read
        assert read is not None
        # It gets a copy, so that it cannot change the text that litrev keeps.
        reading = self._asked(f"cannot read {text.name}", lambda: _whole(read(replace(text))))
        problem = self._asked(f"has read {text.name} wrongly", lambda: broken_law(text, reading))
        if problem:
            raise self._fault(f"has read {text.name} wrongly", problem)
        assert isinstance(reading, Reading)
        return reading

    def _configured(self, columns: Mapping[str, str]) -> Format:
        configured = self._format.configured
        assert configured is not None
        return _guarded(
            self._asked("cannot take columns", lambda: configured(MappingProxyType(dict(columns)))),
            self._who,
        )

    def _write(self, entries: Iterable[Entry], options: Options) -> Export:
        write = self._format.write
        assert write is not None
        library = _Library(entries)
        own_options = replace(options, columns=MappingProxyType(dict(options.columns)))
        try:
            export = write(library, own_options)
            left_out = tuple(export.left_out)
            flowing = iter(export.pieces)
        except (KeyboardInterrupt, Terminated):
            raise
        except BaseException as error:
            raise self._from(library, error) from error
        if not all(isinstance(name, str) for name in left_out):
            raise self._fault("cannot write", "what it leaves out is not described by texts")
        return Export(self._pieces(flowing, library), left_out)

    def _pieces(self, flowing: Iterator[Any], library: _Library) -> Iterator[str]:
        while True:
            try:
                piece = next(flowing)
            except StopIteration:
                return
            except (KeyboardInterrupt, Terminated):
                raise
            except BaseException as error:
                raise self._from(library, error) from error
            if not is_text(piece):
                raise self._fault("cannot write", f"it gives a {type(piece).__name__}, not a text")
            yield piece

    def _from(self, library: _Library, error: BaseException) -> BaseException:
        """What to raise for ``error``: a fault of the plug-in, unless it came from the library."""
        return error if error is library.fault else self._fault("cannot write", one_line(error))


class _Library:
    """The entries that a plug-in writes.

    A failure of the library itself is remembered, so that it is not blamed on the plug-in.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries
        self.fault: LitrevError | None = None

    def __iter__(self) -> Iterator[Entry]:
        flowing = iter(self._entries)
        while (entry := self._noted(partial(next, flowing, None))) is not None:
            yield Entry(
                entry.record,
                partial(self._noted, partial(getattr, entry, "cells")),
                partial(self._noted, partial(getattr, entry, "source")),
            )

    def _noted(self, ask: Callable[[], Any]) -> Any:
        """The library's answer; its failure is remembered."""
        try:
            return ask()
        except LitrevError as error:
            self.fault = error
            raise


def _whole(reading: Any) -> Any:
    """A reading whose parts are tuples: a plug-in may return generators, which can be read once."""
    if not isinstance(reading, Reading):
        return reading
    return Reading(tuple(reading.blocks), tuple(reading.works), tuple(reading.problems))


def broken_law(text: Text, reading: Any) -> str:
    """Which law of reading ``reading`` breaks; empty if it keeps them all.

    The blocks, joined in order, are the text; each has its number in the list as its position; each
    work is in a block of its own; keys, types, fields and tags can be written in BibTeX and shown.
    """
    if not isinstance(reading, Reading):
        return f"it gave a {type(reading).__name__}, not a Reading"
    parts: tuple[tuple[Any, type], ...] = (
        (reading.blocks, Block),
        (reading.works, Work),
        (reading.problems, Problem),
    )
    for items, kind in parts:
        if not isinstance(items, tuple | list):
            return f"a {type(items).__name__} is not a tuple of {kind.__name__}s"
        misfits = [thing for thing in items if not isinstance(thing, kind)]
        if misfits:
            return f"a {type(misfits[0]).__name__} is not a {kind.__name__}"
    if not all(
        is_text(block.raw)
        and isinstance(block.line, int)
        and (block.key is None or is_text(block.key))
        for block in reading.blocks
    ):
        return "a block has a text, a line or a key of the wrong type"
    if "".join(block.raw for block in reading.blocks) != text.text:
        return "its blocks, joined, are not the text"
    if [block.position for block in reading.blocks] != list(range(len(reading.blocks))):
        return "its blocks are not numbered from 0 on"
    places = [work.position for work in reading.works]
    if len(set(places)) != len(places) or not set(places) <= set(range(len(reading.blocks))):
        return "its works are not each in a block of their own"
    if not all(
        is_text(problem.reason) and is_text(problem.raw) and isinstance(problem.line, int)
        for problem in reading.problems
    ):
        return "a problem has a reason, a text or a line of the wrong type"
    return next(filter(None, map(_work_broken, reading.works)), "")


def _work_broken(work: Work) -> str:
    if not isinstance(work.line, int) or not (work.abstract is None or is_text(work.abstract)):
        return "a work has a line or an abstract of the wrong type"
    if work.key is not None and not (is_text(work.key) and is_key(work.key)):
        return f"{work.key!r:.60} cannot be a key"
    if work.entry_type is not None and not (
        is_text(work.entry_type) and is_entry_type(work.entry_type)
    ):
        return f"{work.entry_type!r:.60} is not an entry type"
    for field in work.fields:
        if (
            not isinstance(field, Field)
            or not is_text(field.value)
            or not (field.raw is None or is_text(field.raw))
        ):
            return f"{field!r:.60} is not a field with a text"
        if not is_text(field.name) or not is_field_name(field.name):
            return f"{field.name!r:.60} cannot name a field"
    return next(
        (f"{tag!r:.60} cannot be a tag" for tag in work.tags if not (is_text(tag) and is_tag(tag))),
        "",
    )


def is_text(text: object) -> bool:
    """Whether something is a text that can be stored: one without lone surrogates."""
    if not isinstance(text, str):
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
