"""Pandoc's citeproc, run as a program that is given nothing but the work at hand: entries, lists,
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
from typing import Any

from litrev.errors import EnvironmentFault
from litrev.library.render.citations.items import LESS, language, prepare, text_of
from litrev.library.render.citations.styles import EXTRA, Style

Node = dict[str, Any]
"""One block or inline of pandoc's document tree: ``{"t": type, "c": content}``."""

Attr = list[Any]
"""Pandoc's attributes: identifier, classes, pairs."""

_KEEPS_DIVS = frozenset("html html4 html5 docx odt json native".split())
_ALWAYS = "946684800"  # the time that documents are told it is: the same list gives the same bytes
_OLDEST = 3  # the first pandoc that is known to be right


@dataclass(frozen=True, slots=True)
class Entry:
    """One formatted reference: the record's key, its blocks and the language it was formatted in."""

    key: str
    blocks: tuple[Node, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A formatted list: entries in order, and what pandoc says of the whole (indent, spacing,
    version of the tree).
    """

    entries: tuple[Entry, ...]
    attributes: Attr
    version: tuple[int, ...]


def find_pandoc() -> Path:
    """The pandoc of the extra ``cite`` (which need not be imported for that), else one of the
    system from version 3 on.
    """
    spec = importlib.util.find_spec("pypandoc")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for name in ("pandoc", "pandoc.exe"):
            if (found := Path(folder, "files", name)).is_file():
                return found
    outside = shutil.which("pandoc")
    if outside is None:
        raise EnvironmentFault(
            "references are formatted by pandoc, which is not installed", f"Install it: {EXTRA}."
        )
    with tempfile.TemporaryDirectory(prefix="litrev-") as folder:
        told = _run(Path(outside), ["--version"], b"", folder, 20).decode(errors="replace")
    version = re.match(r"pandoc\S*\s+(\d+)", told)
    if not version or int(version.group(1)) < _OLDEST:
        raise EnvironmentFault(
            f"{outside} is older than pandoc {_OLDEST}", f"Install a newer one: {EXTRA}."
        )
    return Path(outside)


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
    """The items formatted, each in its own language (or all in ``only``), as one list: a call of
    pandoc a language.

    A style that sorts keeps its order within each language, and ``chinese_first`` says which
    language leads; a style that does not (numbers by citation) keeps the order of ``items``.
    Numbers are those of the whole list.

    Raises EnvironmentFault when pandoc refuses, or takes longer than ``timeout`` seconds (by
    default 30, and 0.05 an item).
    """
    groups: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        groups.setdefault(only or language(item, style), []).append(place)
    patience = 30 + 0.05 * len(items) if timeout is None else timeout
    done = []
    for own, places in groups.items():
        ready = {f"e{n}": prepare(items[n], style, markup=markup) for n in places}
        done.append((own, _formatted(ready, style, own, pandoc, patience)))
    done.sort(key=lambda pair: pair[0].startswith("zh") != chinese_first)
    found = [
        (int(name[1:]), own, blocks) for own, (_, _, entries) in done for name, blocks in entries
    ]
    if not style.sorted:
        found.sort(key=lambda one: one[0])
    entries = []
    for number, (place, own, blocks) in enumerate(found, 1):
        if style.numbered and len(groups) > 1:
            _renumber(blocks, number)
        entries.append(
            Entry(str(items[place].get("id", "")), tuple(map(_without_hollow_margin, blocks)), own)
        )
    attributes, version = (
        (done[0][1][0], done[0][1][1])
        if done
        else (["refs", ["references", "csl-bib-body"], []], (1, 23, 1))
    )
    return Listing(tuple(entries), attributes, version)


def _formatted(
    items: Mapping[str, dict[str, Any]], style: Style, own: str, pandoc: Path, timeout: float
) -> tuple[Attr, tuple[int, ...], list[tuple[str, list[Node]]]]:
    data = json.dumps(
        [{"id": name, **item} for name, item in items.items()], ensure_ascii=False
    ).encode()
    tongue = f"{own}-u-co-pinyin" if own == "zh-CN" else own
    with tempfile.TemporaryDirectory(prefix="litrev-") as folder:
        file = Path(folder, "style.csl")
        file.write_bytes(style.source)
        options = [
            "-f",
            "csljson",
            "-t",
            "json",
            "--citeproc",
            f"--csl={file}",
            f"--metadata=lang:{tongue}",
            "--metadata=link-citations:false",
        ]
        told = _run(pandoc, options, data, folder, timeout)
    try:
        document = json.loads(told.decode().replace(LESS, "<"))
        document["blocks"] = _plainer(document["blocks"])
    except (ValueError, RecursionError) as error:
        raise EnvironmentFault("pandoc's answer cannot be read") from error
    body = next(
        block["c"]
        for block in document["blocks"]
        if block["t"] == "Div" and "csl-bib-body" in block["c"][0][1]
    )
    entries = [
        (block["c"][0][0].removeprefix("ref-"), block["c"][1])
        for block in body[1]
        if "csl-entry" in block["c"][0][1]
    ]
    if {name for name, _ in entries} != set(items):
        raise EnvironmentFault(f"pandoc returned {len(entries)} of {len(items)} references")
    return body[0], tuple(document["pandoc-api-version"]), entries


def _run(pandoc: Path, options: Sequence[str], data: bytes, folder: str, timeout: float) -> bytes:
    """Pandoc's answer; with no data folder, no settings of the user's, and at most 1 GB of memory."""
    command = [str(pandoc), "+RTS", "-M1G", "-RTS", "--sandbox", f"--data-dir={folder}", *options]
    surroundings = {
        "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": _ALWAYS,
        "HOME": folder,
        "PATH": os.environ.get("PATH", ""),
        **{k: os.environ[k] for k in ("SYSTEMROOT",) if k in os.environ},
    }
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=timeout,
            cwd=folder,
            env=surroundings,
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
        said = done.stderr.decode(errors="replace").strip().splitlines() or [
            f"exit status {done.returncode}"
        ]
        raise EnvironmentFault(f"pandoc: {said[0]}")
    return done.stdout


def _walk(node: object) -> Iterator[Node]:
    if isinstance(node, list | tuple):
        for part in node:
            yield from _walk(part)
    elif isinstance(node, dict):
        yield node
        yield from _walk(node.get("c"))


def _plainer(nodes: list[Any]) -> list[Any]:
    """The tree without the ``nocase`` spans that citeproc leaves behind: they mean nothing to a
    reader.
    """
    found: list[Any] = []
    for node in nodes:
        if isinstance(node, dict) and isinstance(node.get("c"), list):
            node["c"] = _plainer(node["c"])
            found += node["c"][1] if _has_class(node, "nocase") else [node]
        else:
            found.append(_plainer(node) if isinstance(node, list) else node)
    return found


def _has_class(node: Node, name: str) -> bool:
    return node["t"] in {"Span", "Div"} and name in node["c"][0][1]


def _renumber(blocks: Sequence[Node], number: int) -> None:
    for margin in _walk(blocks):
        if _has_class(margin, "csl-left-margin"):
            for node in _walk(margin["c"][1]):
                if node["t"] == "Str" and re.search(r"\d", node["c"]):
                    node["c"] = re.sub(r"\d+", str(number), node["c"], count=1)
                    return


def _without_hollow_margin(block: Node) -> Node:
    """A paragraph that is all margin (the style has one group about number and text) is no margin."""
    if (
        block["t"] == "Para"
        and len(block["c"]) == 1
        and _has_class(block["c"][0], "csl-left-margin")
    ):
        return {"t": "Para", "c": block["c"][0]["c"][1]}
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
    """The list as a document in ``to``, one of pandoc's formats, each entry followed by its
    paragraphs of annotation.

    Annotations are plain text: they become ``Str`` and ``Space``, which every writer of pandoc
    escapes. Formats without a notion of reference lists (plain, Markdown, …) get ordinary
    paragraphs; pandoc 3.9 would write Markdown's numbered lists as raw HTML with nothing escaped
    inside.
    """
    writer = re.split(r"[-+]", to, maxsplit=1)[0]
    keep = writer in _KEEPS_DIVS
    blocks = [
        block
        for entry in listing.entries
        for block in _entry(entry, annotations.get(entry.key, ()), keep=keep)
    ]
    meta = {"title": {"t": "MetaInlines", "c": _words(title)}} if title else {}
    document = {
        "pandoc-api-version": listing.version,
        "meta": meta,
        "blocks": [{"t": "Div", "c": [listing.attributes, blocks]}] if keep else blocks,
    }
    options = [
        "-f",
        "json",
        "-t",
        to,
        "--wrap=none",
        "-o",
        "-",
        *(["--standalone"] if standalone else []),
    ]
    with tempfile.TemporaryDirectory(prefix="litrev-") as folder:
        return _run(
            pandoc, options, json.dumps(document, ensure_ascii=False).encode(), folder, timeout
        )


def _entry(entry: Entry, annotations: Sequence[str], *, keep: bool) -> list[Node]:
    notes: list[Node] = [{"t": "Para", "c": _words(text)} for text in annotations if text.strip()]
    if not keep:
        return [*(para for block in entry.blocks for para in _paragraphs(block)), *notes]
    # a Div each: within an entry pandoc's HTML writer would run paragraphs together
    said: list[Node] = [
        {"t": "Div", "c": [["", ["annotation"], [["custom-style", "Annotation"]]], [note]]}
        for note in notes
    ]
    name = (
        entry.key
        if re.fullmatch(r"[A-Za-z0-9][\w.:-]*", entry.key, re.ASCII)
        else "".join(f"{ord(c):x}" if not c.isalnum() else c for c in entry.key)
    )
    return [{"t": "Div", "c": [[f"ref-{name}", ["csl-entry"], []], [*entry.blocks, *said]]}]


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
    return [{"t": "Para", "c": line} for line in lines if line]


def _words(text: str) -> list[Node]:
    words = [{"t": "Str", "c": word} for word in text_of(text).split(" ")]
    return [node for word in words for node in ({"t": "Space"}, word)][1:]
