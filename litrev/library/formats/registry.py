"""The formats by name, and which one a text is in."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from litrev.library.errors import EnvironmentFault, UsageFault
from litrev.library.formats import bibtex, ndjson, text
from litrev.library.formats.format import Format
from litrev.library.sources import Text

ENTRY_POINT_GROUP = "litrev.formats"


@cache
def formats() -> dict[str, Format]:
    """All formats, litrev's own and those of installed packages, by name."""
    found = {fmt.name: fmt for fmt in (text.FORMAT, bibtex.FORMAT, ndjson.FORMAT)}
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            loaded = entry.load()
        except (ImportError, AttributeError) as error:
            raise EnvironmentFault(f"the format plug-in {entry.name} ({entry.value}) cannot be loaded: {error}", "Reinstall or remove its package.") from error
        found.setdefault(loaded.name, loaded)
    return found


def named(name: str) -> Format:
    """The format called ``name``; raises UsageFault for one that is not there."""
    try:
        return formats()[name]
    except KeyError:
        raise UsageFault(f"no format is named {name}", f"There are: {', '.join(sorted(formats()))}.") from None


def recognise(source: Text) -> Format:
    """The format ``source`` is most likely in, by its content first and its suffix second."""
    return max(formats().values(), key=lambda fmt: fmt.recognises(source) + 0.05 * source.name.casefold().endswith(fmt.suffixes))
