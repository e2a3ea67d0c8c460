"""The renderers of a table by the name of their format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import PurePath

from litrev.errors import UsageFault
from litrev.library.render.rendering import Rendering
from litrev.library.synthesis.model import Table
from litrev.text.suggestions import did_you_mean

ENTRY_POINT_GROUP = "litrev.renderers"

Renderer = Callable[[Table, Rendering], str | bytes]

# Each is imported when it is used: some need a library that takes long to load.
_OWN = {
    name: f"litrev.library.render.{name}"
    for name in ("csv", "docx", "html", "json", "latex", "markdown", "tsv", "xlsx")
}
SUFFIXES = {
    ".md": "markdown", ".markdown": "markdown", ".csv": "csv", ".tsv": "tsv", ".json": "json",
    ".tex": "latex", ".xlsx": "xlsx", ".docx": "docx", ".html": "html", ".htm": "html",
}  # fmt: skip


def names() -> list[str]:
    """The formats a table can be written in, in alphabetical order.

    Those of installed plug-ins are among them, whether or not they can be loaded.
    """
    plugins = entry_points(group=ENTRY_POINT_GROUP)
    return sorted({*_OWN, *plugins.names})


def renderer(name: str) -> Renderer:
    """The function that writes a table in the format ``name``.

    A format of litrev's own comes before a plug-in of the same name. Raises UsageFault, with a
    suggestion, for an unknown format, and PluginFault for a plug-in that cannot be loaded.
    """
    if name in _OWN:
        own: Renderer = import_module(_OWN[name]).render
        return own
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return _checked(entry)
    raise UsageFault(
        f"no table format is named {name}",
        did_you_mean(name, names()) or f"There are: {', '.join(names())}.",
    )


def _checked(entry: EntryPoint) -> Renderer:
    """The renderer of another package; its errors name that package.

    What it returns is checked, because callers write it to a file as it is.
    """
    from litrev.library.formats.plugin import CURE, PluginFault, attempt, is_text, load

    who = f"the renderer plug-in {entry.name} ({entry.value})"
    loaded = load(entry, who)

    def render(table: Table, rendering: Rendering) -> str | bytes:
        written: str | bytes = attempt(
            lambda: loaded(table, rendering),
            lambda problem: PluginFault(f"{who} cannot write this table: {problem}", CURE),
        )
        if not isinstance(written, bytes) and not is_text(written):
            kind = type(written).__name__
            raise PluginFault(f"{who} gave a {kind} that is neither text nor bytes", CURE)
        return written

    return render


def for_file(name: str) -> str:
    """The format that a file name means by its suffix, in capitals or not.

    Raises UsageFault for an unknown suffix, and where there is none.

    >>> for_file("tables/Synthesis.XLSX")
    'xlsx'
    """
    suffix = PurePath(name).suffix.casefold()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    raise UsageFault(
        f"{name}: its suffix names no table format", f"Use -f with one of {', '.join(names())}."
    )
