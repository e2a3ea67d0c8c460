"""The renderers of a table by the name of their format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import PurePath

from litrev.errors import EnvironmentFault, UsageFault
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Table
from litrev.text.suggestions import did_you_mean

ENTRY_POINT_GROUP = "litrev.renderers"

Renderer = Callable[[Table, Rendering], str | bytes]

# Each is imported when it is asked for.
_OWN = {name: f"litrev.library.render.{name}" for name in ("csv", "docx", "html", "json", "latex", "markdown", "tsv", "xlsx")}
SUFFIXES = {
    ".md": "markdown", ".markdown": "markdown", ".csv": "csv", ".tsv": "tsv", ".json": "json", ".tex": "latex", ".xlsx": "xlsx", ".docx": "docx",
    ".html": "html", ".htm": "html",
}  # fmt: skip


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
