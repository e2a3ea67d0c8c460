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
def _load() -> tuple[dict[str, Format], dict[str, str]]:
    """All formats by name, and what is wrong with those that cannot be loaded."""
    found, broken = {fmt.name: fmt for fmt in (text.FORMAT, bibtex.FORMAT, bibtex.BIBLATEX, ndjson.FORMAT)}, dict[str, str]()
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            loaded = entry.load()
        except (ImportError, AttributeError, SyntaxError) as error:
            broken[entry.name] = f"the format plug-in {entry.name} ({entry.value}) cannot be loaded and is skipped: {error}"
        else:
            found.setdefault(loaded.name, loaded)
    return found, broken


def formats() -> dict[str, Format]:
    """All formats, litrev's own and those of installed packages, by name."""
    return _load()[0]


def broken() -> list[str]:
    """What is wrong with plug-ins that cannot be loaded."""
    return list(_load()[1].values())


def named(name: str) -> Format:
    """The format called ``name``; raises UsageFault for one that is not there."""
    found, faulty = _load()
    if name in found:
        return found[name]
    if name in faulty:
        raise EnvironmentFault(faulty[name], "Reinstall or remove its package.")
    raise UsageFault(f"no format is named {name}", f"There are: {', '.join(sorted(found))}.")


def recognise(source: Text) -> Format:
    """The format ``source`` is most likely in, by its content first and its suffix second."""
    return max(formats().values(), key=lambda fmt: fmt.recognises(source) + 0.05 * source.name.casefold().endswith(fmt.suffixes))
