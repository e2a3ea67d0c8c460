"""Pandoc's citeproc, run as a program without settings or files of the user: entries, lists,
documents.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from litrev.errors import EnvironmentFault
from litrev.library.render.citations.items import LESS, language, prepare, text_of
from litrev.library.render.citations.styles import EXTRA, Style

Node = dict[str, Any]
"""One block or inline of pandoc's document tree: ``{"t": type, "c": content}``."""

Attr = list[Any]
"""Pandoc's attributes: identifier, classes, pairs."""

_KEEPS_DIVS = frozenset("html html4 html5 docx odt json native".split())
_OLDEST = 3  # the first pandoc that is known to be right
# The time that pandoc takes for now: the same list gives the same bytes.
_FIXED_TIME = "946684800"
# Of a list without entries, for which pandoc is not asked.
_NO_ATTRIBUTES: Attr = ["refs", ["references", "csl-bib-body"], []]
_NO_VERSION = (1, 23, 1)
_HTML_NAME = re.compile(r"[A-Za-z0-9][\w.:-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One formatted reference.

    ``key`` is the ``id`` of its item, empty for one without; ``blocks`` are its paragraphs, and
    ``language`` is the locale it was formatted in.
    """

    key: str
    blocks: tuple[Node, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A formatted list: its entries in order.

    ``attributes`` are pandoc's for the whole (indent, spacing), ``version`` that of its document
    tree.
    """

    entries: tuple[Entry, ...]
    attributes: Attr
    version: tuple[int, ...]


class _Formatted(NamedTuple):
    """Pandoc's answer for the items of one language.

    ``entries`` are in the order of the style, each the name its item was given and its blocks;
    the others as in :class:`Entry` and :class:`Listing`.
    """

    language: str
    attributes: Attr
    version: tuple[int, ...]
    entries: list[tuple[str, list[Node]]]


def find_pandoc() -> Path:
    """The pandoc of the extra ``cite``, else one of the system from version 3 on.

    Raises EnvironmentFault where there is none, or an older one.
    """
    bundled = _bundled_pandoc()
    if bundled:
        return bundled
    found = shutil.which("pandoc")
    if found is None:
        raise EnvironmentFault(
            "references are formatted by pandoc, which is not installed", f"Install it: {EXTRA}."
        )
    installed = Path(found)
    version = _major_version(installed)
    if version is None or version < _OLDEST:
        raise EnvironmentFault(
            f"{installed} is older than pandoc {_OLDEST}", f"Install a newer one: {EXTRA}."
        )
    return installed


def _bundled_pandoc() -> Path | None:
    """The pandoc that comes with the package pypandoc-binary, where that is installed."""
    # Where the package lies is enough; importing it would take longer.
    spec = importlib.util.find_spec("pypandoc")
    folders = (spec and spec.submodule_search_locations) or ()
    for folder in folders:
        for name in ("pandoc", "pandoc.exe"):
            bundled = Path(folder, "files", name)
            if bundled.is_file():
                return bundled
    return None


def _major_version(pandoc: Path) -> int | None:
    """The first number of a program's version; None where it does not answer as pandoc does."""
    with tempfile.TemporaryDirectory(prefix="litrev-") as folder:
        answer = _run(pandoc, ["--version"], data=b"", folder=folder, timeout=20)
    version = re.match(r"pandoc\S*\s+(\d+)", answer.decode(errors="replace"))
    return int(version[1]) if version else None


def format_entries(
    items: Sequence[Mapping[str, Any]],
    style: Style,
    pandoc: Path,
    *,
    chinese_first: bool = True,
    only: str = "",
    markup: bool = True,
    timeout: float | None = None,
) -> Listing:
    """The items formatted, each in its own language (or all in ``only``), as one list.

    Pandoc is called once for each language. A style that sorts keeps its order within each
    language, and ``chinese_first`` says which language leads; a style that does not (numbers by
    citation) keeps the order of ``items``. Numbers are those of the whole list.

    ``markup`` is as in :func:`prepare`. Raises EnvironmentFault when pandoc refuses, or takes
    longer than ``timeout`` seconds (by default 30, and 0.05 an item).
    """
    if not items:
        return Listing((), _NO_ATTRIBUTES, _NO_VERSION)
    if timeout is None:
        timeout = 30 + 0.05 * len(items)
    # By language, the items under names that tell their places.
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for place, item in enumerate(items):
        own = only or language(item, style)
        group = groups.setdefault(own, {})
        group[f"e{place}"] = prepare(item, style, markup=markup)
    answers = [_formatted(group, style, own, pandoc, timeout) for own, group in groups.items()]
    answers.sort(key=lambda answer: answer.language.startswith("zh") != chinese_first)
    entries = []
    for number, formatted in enumerate(_in_order(answers, style), 1):
        if style.numbered and len(answers) > 1:
            _renumber(formatted.blocks, number)
        blocks = map(_without_hollow_margin, formatted.blocks)
        key = str(items[formatted.place].get("id", ""))
        entries.append(Entry(key, tuple(blocks), formatted.language))
    leading = answers[0]
    return Listing(tuple(entries), leading.attributes, leading.version)


class _Placed(NamedTuple):
    """The blocks of one entry, the place of its item, and the language it is in."""

    place: int
    language: str
    blocks: list[Node]


def _in_order(answers: Sequence[_Formatted], style: Style) -> list[_Placed]:
    """The entries of all languages as one list."""
    entries = []
    for answer in answers:
        for name, blocks in answer.entries:
            place = int(name.removeprefix("e"))
            entries.append(_Placed(place, answer.language, blocks))
    if not style.sorted:
        entries.sort(key=lambda entry: entry.place)
    return entries


def _formatted(
    items: Mapping[str, dict[str, Any]], style: Style, own: str, pandoc: Path, timeout: float
) -> _Formatted:
    """The entries of ``items``, which are by name, all in the language ``own``.

    Raises EnvironmentFault for an answer that cannot be read or lacks an entry.
    """
    named_items = [{"id": name, **item} for name, item in items.items()]
    data = json.dumps(named_items, ensure_ascii=False).encode()
    # Chinese names are sorted by pinyin.
    language_tag = f"{own}-u-co-pinyin" if own == "zh-CN" else own
    with tempfile.TemporaryDirectory(prefix="litrev-") as folder:
        style_file = Path(folder, "style.csl")
        style_file.write_bytes(style.source)
        options = [
            "--from=csljson",
            "--to=json",
            "--citeproc",
            f"--csl={style_file}",
            f"--metadata=lang:{language_tag}",
            "--metadata=link-citations:false",
        ]
        answer = _run(pandoc, options, data, folder, timeout)
    try:
        text = answer.decode().replace(LESS, "<")
        document = json.loads(text)
        blocks = _without_nocase(document["blocks"])
    except (ValueError, RecursionError) as error:
        raise EnvironmentFault("pandoc's answer cannot be read") from error
    lists = [block for block in blocks if _has_class(block, "csl-bib-body")]
    attributes, listed = lists[0]["c"]
    entries = []
    for block in listed:
        (name, classes, _), content = block["c"]
        if "csl-entry" in classes:
            entries.append((name.removeprefix("ref-"), content))
    if {name for name, _ in entries} != set(items):
        raise EnvironmentFault(f"pandoc returned {len(entries)} of {len(items)} references")
    return _Formatted(
        language=own,
        attributes=attributes,
        version=tuple(document["pandoc-api-version"]),
        entries=entries,
    )


def _run(pandoc: Path, options: Sequence[str], data: bytes, folder: str, timeout: float) -> bytes:
    """Pandoc's answer, without any file or setting of the user, with at most 1 GB of memory.

    ``data`` is its standard input, ``folder`` a folder of this run, which is its home as well, and
    ``timeout`` seconds. Raises EnvironmentFault where it cannot be run, takes longer or refuses;
    the message is then the first line of its complaint.
    """
    command = [str(pandoc), "+RTS", "-M1G", "-RTS", "--sandbox", f"--data-dir={folder}", *options]
    environ = {
        "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": _FIXED_TIME,
        "HOME": folder,
        "PATH": os.environ.get("PATH", ""),
    }
    # On Windows a program may not start without it (documentation of subprocess).
    if "SYSTEMROOT" in os.environ:
        environ["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=timeout,
            cwd=folder,
            env=environ,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFault(
            f"pandoc took longer than {timeout:g} s and was stopped",
            "Format fewer records at once.",
        ) from error
    except OSError as error:
        raise EnvironmentFault(
            f"pandoc cannot be run: {error.strerror}", f"Is {pandoc} pandoc?"
        ) from error
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip().splitlines()
        reason = complaint[0] if complaint else f"exit status {done.returncode}"
        raise EnvironmentFault(f"pandoc: {reason}")
    return done.stdout


def _walk(node: object) -> Iterator[Node]:
    """All nodes within a node or a list of nodes, itself included, each before its children."""
    if isinstance(node, list | tuple):
        for part in node:
            yield from _walk(part)
    elif isinstance(node, dict):
        yield node
        yield from _walk(node.get("c"))


def _without_nocase(nodes: list[Any]) -> list[Any]:
    """The tree without the ``nocase`` spans that citeproc leaves behind: they mean nothing to a
    reader.
    """
    kept: list[Any] = []
    for node in nodes:
        if isinstance(node, list):
            kept.append(_without_nocase(node))
        elif isinstance(node, dict) and isinstance(node.get("c"), list):
            node["c"] = _without_nocase(node["c"])
            if _has_class(node, "nocase"):
                kept += node["c"][1]
            else:
                kept.append(node)
        else:
            kept.append(node)
    return kept


def _has_class(node: Node, name: str) -> bool:
    """Whether a node is one that has classes, and has this one."""
    if node["t"] not in {"Span", "Div"}:
        return False
    (_, classes, _), _ = node["c"]
    return name in classes


def _renumber(blocks: Sequence[Node], number: int) -> None:
    """Write ``number`` for the number in the margin, which counts the works of one language."""
    for margin in _walk(blocks):
        if not _has_class(margin, "csl-left-margin"):
            continue
        for node in _walk(margin["c"][1]):
            if node["t"] != "Str":
                continue
            text, found = re.subn(r"\d+", str(number), node["c"], count=1)
            if found:
                node["c"] = text
                return


def _without_hollow_margin(block: Node) -> Node:
    """A paragraph that is all margin (one group about number and text) becomes an ordinary one."""
    if block["t"] == "Para" and len(block["c"]) == 1:
        span = block["c"][0]
        if _has_class(span, "csl-left-margin"):
            return {"t": "Para", "c": span["c"][1]}
    return block


def render(
    listing: Listing,
    annotations: Mapping[str, Sequence[str]],
    to: str,
    pandoc: Path,
    *,
    title: str = "",
    standalone: bool = False,
    timeout: float = 60,
) -> bytes:
    """The list as a document in ``to``, one of pandoc's formats.

    Each entry is followed by its paragraphs of annotation: ``annotations`` are by the entries'
    keys, and may lack some. They are plain text, and become ``Str`` and ``Space``, which every
    writer of pandoc escapes. ``title`` is that of the document, which pandoc writes with
    ``standalone`` only.

    Formats without a notion of reference lists (plain, Markdown, …) get ordinary paragraphs; pandoc
    3.9 would write Markdown's numbered lists as raw HTML with nothing escaped inside.

    Raises EnvironmentFault when pandoc refuses, or takes longer than ``timeout`` seconds.
    """
    # "markdown+hard_line_breaks" is the writer "markdown".
    writer = re.split(r"[-+]", to, maxsplit=1)[0]
    keeps_divs = writer in _KEEPS_DIVS
    blocks: list[Node] = []
    for entry in listing.entries:
        notes = annotations.get(entry.key, ())
        blocks += _entry(entry, notes, keeps_divs=keeps_divs)
    if keeps_divs:
        blocks = [_div(listing.attributes, blocks)]
    meta = {}
    if title:
        meta["title"] = {"t": "MetaInlines", "c": _words(title)}
    document = {"pandoc-api-version": listing.version, "meta": meta, "blocks": blocks}
    data = json.dumps(document, ensure_ascii=False).encode()
    options = ["--from=json", f"--to={to}", "--wrap=none", "--output=-"]
    if standalone:
        options.append("--standalone")
    with tempfile.TemporaryDirectory(prefix="litrev-") as folder:
        return _run(pandoc, options, data, folder, timeout)


def _para(inlines: list[Node]) -> Node:
    return {"t": "Para", "c": inlines}


def _div(attributes: Attr, blocks: list[Node]) -> Node:
    return {"t": "Div", "c": [attributes, blocks]}


def _entry(entry: Entry, annotations: Sequence[str], *, keeps_divs: bool) -> list[Node]:
    """The blocks of an entry and its annotations, in one Div where the format keeps it."""
    notes = [_para(_words(text)) for text in annotations if text.strip()]
    if not keeps_divs:
        paragraphs: list[Node] = []
        for block in entry.blocks:
            paragraphs += _paragraphs(block)
        return paragraphs + notes
    # A Div for each: within an entry pandoc's HTML writer would run paragraphs together.
    note_attributes = ["", ["annotation"], [["custom-style", "Annotation"]]]
    note_blocks = [_div(note_attributes, [note]) for note in notes]
    attributes = [f"ref-{_html_name(entry.key)}", ["csl-entry"], []]
    return [_div(attributes, [*entry.blocks, *note_blocks])]


def _html_name(key: str) -> str:
    """A key as part of an id of HTML; what an id cannot hold is written as hexadecimal numbers.

    >>> _html_name("smith2020"), _html_name("a b")
    ('smith2020', 'a20b')
    """
    if _HTML_NAME.fullmatch(key):
        return key
    parts = [char if char.isalnum() else f"{ord(char):x}" for char in key]
    return "".join(parts)


def _paragraphs(block: Node) -> list[Node]:
    """A formatted block without citeproc's spans for number, text and indented parts."""
    if block["t"] not in {"Para", "Plain"}:
        return [block]
    lines: list[list[Node]] = [[]]
    for inline in block["c"]:
        inner = inline["c"][1] if inline["t"] == "Span" else [inline]
        if _has_class(inline, "csl-left-margin"):
            while inner and inner[-1]["t"] == "Space":
                inner = inner[:-1]
            lines[-1] += [*inner, {"t": "Space"}]
        elif _has_class(inline, "csl-right-inline"):
            lines[-1] += inner
        elif _has_class(inline, "csl-block") or _has_class(inline, "csl-indent"):
            lines += [inner, []]
        else:
            lines[-1].append(inline)
    return [_para(line) for line in lines if line]


def _words(text: str) -> list[Node]:
    """A plain text as inlines, words with spaces between them."""
    nodes: list[Node] = []
    for word in text_of(text).split(" "):
        nodes += [{"t": "Space"}, {"t": "Str", "c": word}]
    return nodes[1:]
