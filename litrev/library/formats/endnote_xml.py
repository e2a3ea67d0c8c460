"""EndNote's XML: records in ``<xml><records>``; a file that declares entities is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from litrev.library.formats.endnote import TYPES
from litrev.library.formats.format import Format
from litrev.library.formats.work_builder import CONTAINER, PUBLISHER, WorkBuilder, number_field
from litrev.library.model.source import Block, Problem, Reading, Text, Work
from litrev.text.lines import LINE_END, line_ends

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_BEGIN = re.compile(r"<record(?:\s[^<>]*)?>")
_END = re.compile(r"</record\s*>")
_DECLARES = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FIELDS = {
    "titles/title": "title", "titles/secondary-title": CONTAINER, "titles/tertiary-title": "series",
    "titles/short-title": "shorttitle", "titles/alt-title": "shortjournal",
    "titles/translated-title": "translated-title", "periodical/full-title": CONTAINER,
    "periodical/abbr-1": "shortjournal", "volume": "volume", "number": "number", "pages": "pages",
    "pub-location": "address", "publisher": PUBLISHER, "edition": "edition", "abstract": "abstract",
    "electronic-resource-num": "doi", "language": "language", "accession-num": "accession",
    "call-num": "call-number", "notes": "note", "research-notes": "annote", "work-type": "type",
    "label": "label", "auth-address": "affiliation", "remote-database-name": "database",
    "remote-database-provider": "database-provider", "num-vols": "volumes", "section": "chapter",
    "urls/related-urls/url": "url", "urls/web-urls/url": "url", "urls/pdf-urls/url": "file",
    "urls/text-urls/url": "file", "access-date": "urldate", "reprint-edition": "endnote-reprint",
    "orig-pub": "origdate", "caption": "caption",
}  # fmt: skip
_NUMBERED = {  # EndNote's reference types by number
    "0": "Journal Article", "1": "Book", "2": "Thesis", "3": "Conference Proceedings",
    "5": "Book Section", "6": "Book", "7": "Book Section", "10": "Conference Proceedings",
    "12": "Web Page", "17": "Journal Article", "19": "Magazine Article", "23": "Newspaper Article",
    "25": "Patent", "27": "Report", "28": "Edited Book", "32": "Thesis", "43": "Electronic Article",
    "44": "Electronic Book", "47": "Conference Paper", "59": "Dataset",
}  # fmt: skip
_NAMES = {
    "authors": "author", "secondary-authors": "editor", "tertiary-authors": "serieseditor",
    "subsidiary-authors": "translator", "translated-authors": "translator",
}  # fmt: skip


def read(text: Text) -> Reading:
    """The records of the file, each parsed alone: a broken one does not spoil the others."""
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()
    if _DECLARES.search(text.text):
        reason = (
            "it declares a document type or entities, which can stand for anything; it is refused"
        )
        return Reading(
            (Block(0, 1, "failed", text.text),), (), (Problem(1, reason, text.text, position=0),)
        )
    at, line = 0, 1

    def put(kind: str, end: int) -> Block:
        nonlocal at, line
        block = Block(len(blocks), line, kind, text.text[at:end])
        blocks.append(block)
        at, line = end, line + line_ends(block.raw)
        return block

    for start, end in _records(text.text):
        if start > at:
            put("gap", start)
        block = put("entry", end)
        try:
            works.append(_builder(block.raw).work(block.position, block.line))
        except _Broken as error:
            problems.append(
                Problem(
                    block.line,
                    f"the record is not XML: {error}",
                    block.raw,
                    position=block.position,
                )
            )
    if at < len(text.text):
        remaining = put("gap", len(text.text))
        if ("<record" in remaining.raw and not works and not problems) or re.search(
            r"<record[\s>]", remaining.raw
        ):
            problems.append(
                Problem(
                    remaining.line,
                    "a record does not end",
                    remaining.raw,
                    position=remaining.position,
                )
            )
    if not works and not problems:
        problems.append(Problem(1, "there is no record in it", text.text))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _records(text: str) -> Iterator[tuple[int, int]]:
    """Where the records begin and end."""
    at = 0
    while (begin := _BEGIN.search(text, at)) and (end := _END.search(text, begin.end())):
        yield begin.start(), end.end()
        at = end.end()


class _Broken(ValueError):
    """A record that is not well-formed."""


def _builder(raw: str) -> WorkBuilder:
    from xml.etree.ElementTree import ParseError, fromstring

    try:
        record = fromstring(raw)  # noqa: S314  # what declares entities was refused, and expat fetches nothing
    except ParseError as error:
        raise _Broken(str(error)) from error
    kind = record.find("ref-type")
    name = (
        (kind.get("name") or _NUMBERED.get("".join(kind.itertext()).strip(), ""))
        if kind is not None
        else ""
    )
    builder = WorkBuilder(TYPES.get(name.casefold(), "misc"))
    if name and name.casefold() not in TYPES:
        builder.add("howpublished", name)
    for path, element in _leaves(record):
        _take(
            builder,
            path,
            " ".join("".join(element.itertext()).split())
            if path != "abstract"
            else LINE_END.sub("\n", "".join(element.itertext())),
        )
    if builder.get(CONTAINER):
        first, *others = builder.drop(CONTAINER)
        builder.add(CONTAINER, first)
        for other in others:
            builder.add("endnote-container", other)
    return builder


def _leaves(record: Element) -> Iterator[tuple[str, Element]]:
    """The elements that hold text, by their path, which leaves out ``<style>``."""
    stack = [("", child) for child in reversed(record)]
    while stack:
        above, element = stack.pop()
        path = f"{above}/{element.tag}" if above else element.tag
        children = [child for child in element if child.tag != "style"]
        if children:
            stack += [(path, child) for child in reversed(children)]
        else:
            yield path, element


def _take(builder: WorkBuilder, path: str, text: str) -> None:
    group, _, leaf = path.rpartition("/")
    if leaf == "author":
        builder.names(_NAMES.get(group.rpartition("/")[2], "contributor"), text)
    elif leaf == "keyword":
        builder.add("keywords", text)
    elif path in {"dates/year", "dates/pub-dates/date"}:
        if leaf == "year" or text:
            builder.date(
                text
                if leaf == "year" or re.search(r"\d{4}", text)
                else f"{builder.get('year')} {text}"
            )
    elif path == "isbn":
        builder.add(number_field(text), text)
    elif path == "pages":
        builder.pages(text, "")
    elif path not in {"database", "source-app", "rec-number", "ref-type", "foreign-keys/key"}:
        builder.add(_FIELDS.get(path, f"endnote-{path.replace('/', '-')}"), text)


def _recognises(text: Text) -> float:
    head = text.text[:20_000].lstrip("\ufeff \t\r\n")
    return (
        0.97
        if head.startswith("<")
        and re.search(r"<records?[\s>]", head)
        and ("ref-type" in head or "<xml>" in head or "<!" in head)
        else 0.0
    )


FORMAT = Format("endnote-xml", (".xml",), _recognises, read)
