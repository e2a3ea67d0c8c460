"""The renderers of a table by the name of their format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import PurePath

from litrev.library.errors import EnvironmentFault, UsageFault
from litrev.library.suggest import did_you_mean
from litrev.library.synthesis.table import Table

ENTRY_POINT_GROUP = "litrev.renderers"

Renderer = Callable[[Table], str]

# Each is imported when it is asked for.
_OWN = {"markdown": "litrev.library.output.markdown", "csv": "litrev.library.output.csv", "json": "litrev.library.output.json"}
SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".csv": "csv", ".json": "json"}


def names() -> list[str]:
    """The formats a table can be written in."""
    return sorted({*_OWN, *(entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))})


def renderer(name: str) -> Renderer:
    """The renderer of a format; raises UsageFault, with a suggestion, for one that is not there."""
    if name in _OWN:
        found: Renderer = import_module(_OWN[name]).render
        return found
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        try:
            loaded: Renderer = entry.load()
        except (ImportError, AttributeError) as error:
            raise EnvironmentFault(f"the renderer plug-in {name} ({entry.value}) cannot be loaded: {error}", "Reinstall or remove its package.") from error
        return loaded
    raise UsageFault(f"no table format is named {name}", did_you_mean(name, names()) or f"There are: {', '.join(names())}.")


def for_file(name: str) -> str:
    """The format a file name stands for by its suffix; raises UsageFault for one that says nothing."""
    suffix = PurePath(name).suffix.casefold()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    raise UsageFault(f"{name}: its suffix names no table format", f"Use -f with one of {', '.join(names())}.")
