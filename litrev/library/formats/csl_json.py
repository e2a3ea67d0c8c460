"""CSL-JSON: what Zotero, pandoc and citation processors exchange.

Source of its variables: schema 1.0.2 of the Citation Style Language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from litrev.library.bibtex.entry_source import Entry
from litrev.library.bibtex.names import Name, is_han, parse_names
from litrev.library.formats.format import Export, Format, Options
from litrev.library.formats.work_builder import (
    CONTAINER,
    PUBLISHER,
    WorkBuilder,
    month_date,
    person,
)
from litrev.library.model.record import Record
from litrev.library.model.source import Block, Problem, Reading, Text, Work
from litrev.text.json import dump
from litrev.text.lines import line_ends
from litrev.text.validity import is_key

_TYPES = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article",
    "article": "online", "book": "book", "chapter": "incollection",
    "paper-conference": "inproceedings", "thesis": "thesis", "report": "techreport",
    "webpage": "online", "post": "online", "post-weblog": "online", "manuscript": "unpublished",
    "patent": "patent", "software": "software", "dataset": "dataset", "standard": "standard",
    "entry-encyclopedia": "inreference", "entry-dictionary": "inreference", "entry": "inreference",
    "pamphlet": "booklet", "periodical": "periodical", "document": "misc",
    "collection": "collection",
}  # fmt: skip
_TO_TYPE = {
    **{entry_type: kind for kind, entry_type in reversed(_TYPES.items())}, "misc": "document",
    "phdthesis": "thesis", "mastersthesis": "thesis", "report": "report", "inbook": "chapter",
    "conference": "paper-conference", "proceedings": "book", "manual": "book", "mvbook": "book",
}  # fmt: skip
_FIELDS = {
    "title": "title", "container-title": CONTAINER, "collection-title": "series",
    "publisher": PUBLISHER, "publisher-place": "address", "volume": "volume", "issue": "number",
    "page": "pages", "abstract": "abstract", "DOI": "doi", "URL": "url", "ISBN": "isbn",
    "ISSN": "issn", "language": "language", "edition": "edition", "note": "note", "genre": "type",
    "title-short": "shorttitle", "shortTitle": "shorttitle",
    "container-title-short": "shortjournal", "journalAbbreviation": "shortjournal",
    "number": "csl-number", "event": "eventtitle", "event-title": "eventtitle",
    "event-place": "venue", "archive": "archive", "source": "database-provider", "PMID": "pmid",
    "PMCID": "pmcid", "keyword": "@keywords", "number-of-pages": "pagetotal",
    "number-of-volumes": "volumes", "annote": "annote", "call-number": "call-number",
    "chapter-number": "chapter",
}  # fmt: skip
_NAMES = {
    "author": "author", "editor": "editor", "translator": "translator",
    "collection-editor": "serieseditor", "container-author": "bookauthor",
    "contributor": "contributor",
}  # fmt: skip
_DATES = {
    "issued": "@date",
    "accessed": "urldate",
    "original-date": "origdate",
    "event-date": "eventdate",
}
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKUP = re.compile(r"</?(?:i|b|sub|sup|sc|span)(?:\s[^<>]*)?>")


def read(text: Text) -> Reading:
    """The items of the file; variables that have no BibTeX field are kept as ``csl-…``."""
    try:
        items = list(_items(text.text))
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}: {error.msg}: it is not JSON"
        return Reading(
            (Block(0, 1, "failed", text.text),),
            (),
            (Problem(error.lineno, reason, text.text, position=0),),
        )
    except (RecursionError, ValueError) as error:
        reason = (
            "it is nested too deep for any bibliography"
            if isinstance(error, RecursionError)
            else f"it cannot be read: {error}"
        )
        return Reading(
            (Block(0, 1, "failed", text.text),), (), (Problem(1, reason, text.text, position=0),)
        )
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()
    at, line = 0, 1
    for start, end, item in items:
        for kind, stop in (("gap", start), ("entry", end)):
            if stop > at:
                blocks.append(Block(len(blocks), line, kind, text.text[at:stop]))
                line += line_ends(text.text, at, stop)
                at = stop
        block = blocks[-1]
        if isinstance(item, dict) and (
            item.keys() & {"title", "author", "type", "DOI", "container-title", "abstract"}
        ):
            works.append(_builder(item).work(block.position, block.line))
        else:
            problems.append(
                Problem(
                    block.line,
                    "this is not a CSL item: it has neither type nor title",
                    block.raw,
                    position=block.position,
                )
            )
    if at < len(text.text):
        blocks.append(Block(len(blocks), line, "gap", text.text[at:]))
    if not works and not problems:
        problems.append(Problem(1, "there is no item in it", unreadable=False))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _items(text: str) -> Iterator[tuple[int, int, Any]]:
    """The items with their places: those of a list, of an object's ``items``, or one object."""
    decoder, at = json.JSONDecoder(), _skip(text, 1 if text.startswith("\ufeff") else 0)
    whole, end = decoder.raw_decode(text, at)
    if _skip(text, end) != len(text):
        raise json.JSONDecodeError("something follows the end", text, end)
    if isinstance(whole, dict) and isinstance(whole.get("items"), list):
        at = _place_of_items(text, at)
    elif not isinstance(whole, list):
        yield at, end, whole
        return
    at = _skip(text, at + 1)
    while text[at] != "]":
        item, end = decoder.raw_decode(text, at)
        yield at, end, item
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _place_of_items(text: str, at: int) -> int:
    """Where the list of the object's own ``items`` begins."""
    decoder, at = json.JSONDecoder(), _skip(text, at + 1)
    while True:
        name, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # after the colon
        if name == "items":
            return at
        _, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # after the comma


def _skip(text: str, at: int) -> int:
    match = re.compile(r"[ \t\r\n]*").match(text, at)
    return match.end() if match else at


def _builder(item: Mapping[str, Any]) -> WorkBuilder:
    kind = str(item.get("type") or "")
    builder = WorkBuilder(_TYPES.get(kind, "misc"))
    if kind and kind not in _TYPES:
        builder.add("howpublished", kind)
    key = str(item.get("citation-key") or item.get("id") or "")
    if is_key(key) and re.fullmatch(r"[^\W\d][\w:.+-]*", key):
        builder.key = key
    for name, value in item.items():
        if name in {"type", "id", "citation-key"}:
            continue
        if name in _DATES:
            _take_date(builder, _DATES[name], value)
        elif name in _NAMES or (
            isinstance(value, list) and value and all(isinstance(part, dict) for part in value)
        ):
            for part in value if isinstance(value, list) else [value]:
                builder.add(
                    _NAMES.get(name, f"csl-{name}"),
                    _name(part)
                    if isinstance(part, dict)
                    else person(_text(part), given_first=True),
                )
        else:
            _take_text(builder, name, value)
    return builder


def _take_text(builder: WorkBuilder, name: str, value: Any) -> None:
    field = _FIELDS.get(name, f"csl-{name.casefold()}")
    texts = [_text(part) for part in value] if isinstance(value, list) else [_text(value)]
    for text in texts:
        if field == "@keywords":
            builder.keywords(
                text if ";" in text or isinstance(value, list) else text.replace(",", ";")
            )
        elif field == "csl-number":
            builder.add(
                "number" if builder.entry_type in {"techreport", "patent", "standard"} else field,
                text,
            )
        else:
            builder.add(field, text)


def _text(value: Any) -> str:
    if isinstance(value, str | int | float):
        return _SURROGATE.sub("\ufffd", _MARKUP.sub("", str(value)))
    return "" if value is None else _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False))


def _name(part: Mapping[str, Any]) -> str:
    values = {name: _text(value) for name, value in part.items()}
    if values.get("literal"):
        return (
            person(f"{values['literal'].replace(',', '')},")
            if "," not in values["literal"]
            else f"{{{values['literal']}}}"
        )
    particle = " ".join(
        values[name] for name in ("dropping-particle", "non-dropping-particle") if values.get(name)
    )
    family = f"{particle} {values.get('family', '')}".strip()
    suffix, given = values.get("suffix", ""), values.get("given", "")
    if is_han(family + given) and given:
        return family + given
    if not given and not suffix:
        return person(f"{family},") if " " in family and not particle else family
    return ", ".join(filter(None, (family, suffix, given))).replace("{", "(").replace("}", ")")


def _take_date(builder: WorkBuilder, name: str, value: Any) -> None:
    text = _date(value) if isinstance(value, dict) else str(value)
    if name == "@date":
        builder.date(text)
        if "/" in text:
            builder.drop("date")
            builder.add("date", text)
    else:
        builder.add(name, text)


def _date(value: Mapping[str, Any]) -> str:
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts:
        dates = [_one_date(part if isinstance(part, list) else [part]) for part in parts]
        if all(dates):
            return "/".join(dates)
    return _text(value.get("literal") or value.get("raw") or value.get("year") or parts)


def _one_date(parts: Sequence[Any]) -> str:
    numbers = list[int]()
    for part in parts[:3]:
        text = _text(part).strip()
        if not re.fullmatch(r"-?\d{1,6}", text):
            break
        numbers.append(int(text))
    return "-".join([str(numbers[0]), *(f"{n:02d}" for n in numbers[1:])]) if numbers else ""


def _recognises(text: Text) -> float:
    head = text.text[:50_000].lstrip("\ufeff \t\r\n")
    if text.name.casefold().endswith(FORMAT.suffixes) and head[:1] in ("[", "{"):
        return 0.9
    if not re.match(r"\[\s*(?:\{\s*[\"}]|\])|\{\s*\"", head):
        return 0.0
    sign = re.search(
        r'"(?:citation-key|container-title|issued|date-parts|DOI|author|title|type)"\s*:', head
    )
    if not sign:
        return 0.5 if re.match(r"\[\s*\]\s*$", head) else 0.0
    try:
        json.loads(text.text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return 0.0  # an abstract that begins with a bracket
    return 0.9


def write(entries: Iterable[Entry], options: Options) -> Export:
    """The records as a CSL-JSON list."""
    return Export(
        _pieces(entries),
        ("structured fields, tags, notes, and fields that CSL has no variable for",),
    )


def _pieces(entries: Iterable[Entry]) -> Iterator[str]:
    yield "["
    first = True
    for record in (entry.record for entry in entries):
        yield ("\n" if first else ",\n") + dump(item(record)).rstrip("\n")
        first = False
    yield "\n]\n"


def item(record: Record) -> dict[str, Any]:
    """A record as a CSL item."""
    csl_item: dict[str, Any] = {
        "id": record.key,
        "type": _TO_TYPE.get(record.entry_type, "document"),
    }
    for field, name in _FROM_FIELD.items():
        if record.get(field) and name not in csl_item:
            csl_item[name] = (
                record.get(field).replace("--", "–") if field == "pages" else record.get(field)
            )
    for name, field in _NAMES.items():
        people = [_csl_name(n) for n in parse_names(record.get(field)) if not n.others]
        if people:
            csl_item[name] = people
    if record.entry_type in {"phdthesis", "mastersthesis"} and "genre" not in csl_item:
        csl_item["genre"] = {
            "phdthesis": "Doctoral dissertation",
            "mastersthesis": "Master's thesis",
        }[record.entry_type]
    if record.entry_type in {"techreport", "report", "patent", "standard"} and "issue" in csl_item:
        csl_item["number"] = csl_item.pop("issue")
    for field, name in (("date", "issued"), ("urldate", "accessed"), ("origdate", "original-date")):
        date_text = record.get(field) or (
            month_date(record) or record.get("year") if name == "issued" else ""
        )
        parts = _date_parts(date_text)
        if parts or date_text:
            csl_item[name] = {"date-parts": parts} if parts else {"literal": date_text}
    if record.abstract:
        csl_item["abstract"] = record.abstract
    return csl_item


def _csl_name(name: Name) -> dict[str, str]:
    if name.body or (not name.given and " " in name.family):
        return {"literal": name.family}
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.prefix,
        "suffix": name.suffix,
    }
    return {part: text for part, text in parts.items() if text}


def _date_parts(text: str) -> list[list[int]]:
    dates = text.split("/")
    if not all(re.fullmatch(r"\d{4}(?:-\d{2}){0,2}", date) for date in dates):
        return []
    return [[int(part) for part in date.split("-")] for date in dates]


_FROM_FIELD = {
    **{
        field: name
        for name, field in reversed(_FIELDS.items())
        if not field.startswith("@") and field != "abstract"
    },
    "journal": "container-title", "journaltitle": "container-title", "booktitle": "container-title",
    "publisher": "publisher", "school": "publisher", "institution": "publisher",
    "address": "publisher-place", "location": "publisher-place", "shorttitle": "title-short",
    "keywords": "keyword", "shortjournal": "container-title-short", "eventtitle": "event-title",
    "langid": "language",
}  # fmt: skip

FORMAT = Format("csl-json", (".json", ".csljson"), _recognises, read, write)
