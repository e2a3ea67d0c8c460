"""The formats by name, and recognising the one that a text is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from urllib.parse import parse_qsl, urlencode

from litrev.errors import EnvironmentFault, UsageFault
from litrev.library.formats import (
    bibtex,
    csl_json,
    csv,
    endnote,
    endnote_xml,
    nbib,
    noteexpress,
    refworks,
    ris,
    text,
    thesis_page,
    wos,
)
from litrev.library.formats.format import COPY, Format
from litrev.library.formats.plugin import PluginFault, load_format
from litrev.library.model.source import Text

ENTRY_POINT_GROUP = "litrev.formats"

_SUFFIX_COUNTS = 0.2  # against the look of the content, 0 to 1
_OWN = (
    text.FORMAT, bibtex.FORMAT, bibtex.BIBLATEX, ris.FORMAT, csl_json.FORMAT, endnote.FORMAT,
    endnote_xml.FORMAT, nbib.FORMAT, wos.FORMAT, refworks.FORMAT, noteexpress.FORMAT, csv.FORMAT,
    csv.TSV, thesis_page.FORMAT,
)  # fmt: skip


@cache
def _load() -> tuple[dict[str, Format], dict[str, str]]:
    """All formats by name, and what is wrong with those that cannot be loaded."""
    loaded, broken = {fmt.name: fmt for fmt in _OWN}, dict[str, str]()
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            fmt = load_format(entry)
        except PluginFault as fault:
            broken[entry.name] = f"{fault.message}; it is skipped"
        else:
            if fmt.name in loaded:
                broken[entry.name] = (
                    f"the format plug-in {entry.name} ({entry.value}) "
                    f"calls itself {fmt.name}, which is taken; it is skipped"
                )
            loaded.setdefault(fmt.name, fmt)
    return loaded, broken


def formats() -> dict[str, Format]:
    """All formats, litrev's own and those of installed packages, by name."""
    return _load()[0]


def broken() -> list[str]:
    """What is wrong with plug-ins that cannot be loaded."""
    return list(_load()[1].values())


def named(name: str) -> Format:
    """The format called ``name``.

    After a "?" come the columns of a table, as :func:`configured_name` writes them. Raises
    UsageFault if there is no such format, EnvironmentFault if its plug-in cannot be loaded.
    """
    loaded, faulty = _load()
    base, _, columns = name.partition("?")
    if base in loaded:
        return _configured(loaded[base], columns) if columns else loaded[base]
    if base in faulty:
        raise EnvironmentFault(faulty[base], "Reinstall or remove its package.")
    raise UsageFault(
        f"no format is named {name}", f"There are: {', '.join(sorted((*loaded, COPY)))}."
    )


def find(name: str) -> Format | None:
    """The format that a source was read in; None if it is not installed any more."""
    return named(name) if name.partition("?")[0] in _load()[0] else None


def configured_name(fmt: Format, mapping: Mapping[str, str]) -> str:
    """The name of a format with the columns that were named for it, for :func:`named`.

    Raises UsageFault for a format without columns.
    """
    if fmt.configured is None:
        raise UsageFault(f"{fmt.name} has no columns to map", "--map is for CSV and TSV.")
    return f"{fmt.name}?{urlencode(sorted(mapping.items()))}"


def _configured(fmt: Format, columns: str) -> Format:
    assert fmt.configured is not None
    return replace(
        fmt.configured(dict(parse_qsl(columns, keep_blank_values=True))),
        name=f"{fmt.name}?{columns}",
    )


def recognise(
    source: Text, notice: Callable[[str], None] = lambda line: None, failed: set[str] | None = None
) -> Format:
    """The format ``source`` is most likely in, by its content first and its suffix second.

    A format of another package that fails is skipped, and ``notice`` is called with a message about
    it. ``failed`` collects the names of those, so that a message comes once for many texts.
    """
    name = source.name.casefold()

    def likely(fmt: Format) -> float:
        if failed and fmt.name in failed:
            return 0.0
        try:
            by_content = fmt.recognises(source)
        except PluginFault as fault:
            notice(f"{fault.message}; it is skipped")
            if failed is not None:
                failed.add(fmt.name)
            return 0.0
        return by_content + (
            _SUFFIX_COUNTS if by_content and fmt.suffixes and name.endswith(fmt.suffixes) else 0.0
        )

    return max(formats().values(), key=likely)
