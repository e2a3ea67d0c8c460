"""CSV and TSV: exports of Zotero and Scopus, and any table with known or ``--map``-ped columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from litrev.library.bibtex.entry_source import Entry
from litrev.library.bibtex.names import split_and
from litrev.library.formats.format import Export, Format, Options
from litrev.library.formats.work_builder import CONTAINER, PUBLISHER, WorkBuilder
from litrev.library.model.record import Record
from litrev.library.model.source import Block, Problem, Reading, Text, Work
from litrev.text.spreadsheet import BOM, escape_formula, unescape_formula
from litrev.text.validity import is_entry_type, is_key

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SEPARATOR = re.compile(r"sep=.\s*$", re.IGNORECASE)  # as Excel writes before the headings
_LARGEST = 50_000_000  # characters of one cell
# Headings as databases and people write them, in small letters.
_COLUMNS = {
    "title": "title", "document title": "title", "article title": "title", "标题": "title",
    "题名": "title", "篇名": "title", "论文题目": "title", "author": "author", "authors": "author",
    "author full names": "author", "author(s)": "author", "作者": "author", "editor": "editor",
    "editors": "editor", "translator": "translator", "series editor": "serieseditor",
    "book author": "bookauthor", "contributor": "contributor", "advisor": "advisor",
    "supervisor": "advisor", "导师": "advisor", "year": "@date", "publication year": "@date",
    "date": "@date", "publication date": "@date", "年": "@date", "年份": "@date",
    "发表时间": "@date", "publication title": CONTAINER, "source title": CONTAINER,
    "journal": CONTAINER, "journal title": CONTAINER, "source": CONTAINER, "venue": CONTAINER,
    "刊名": CONTAINER, "期刊": CONTAINER, "来源": CONTAINER, "文献来源": CONTAINER,
    "booktitle": CONTAINER, "conference name": "eventtitle",

    "proceedings title": CONTAINER, "meeting name": "eventtitle", "abstract": "abstract",
    "abstract note": "abstract", "摘要": "abstract", "doi": "doi", "isbn": "isbn", "issn": "issn",
    "url": "url", "link": "url", "链接": "url", "pages": "pages", "页码": "pages",
    "page start": "@start", "page end": "@end", "start page": "@start", "end page": "@end",
    "volume": "volume", "卷": "volume", "issue": "number", "number": "number", "期": "number",
    "publisher": PUBLISHER, "school": PUBLISHER, "university": PUBLISHER, "学位授予单位": PUBLISHER,
    "place": "address", "language": "language", "language of original document": "language",
    "keywords": "@keywords", "author keywords": "@keywords", "index keywords": "@keywords",
    "manual tags": "@keywords", "automatic tags": "@keywords", "关键词": "@keywords", "key": "@key",
    "citation key": "@key", "bibtex key": "@key", "item type": "@type", "document type": "@type",
    "entry type": "@type", "entrytype": "@type", "journal/book": CONTAINER, "type": "@type",
    "notes": "note", "note": "note", "extra": "note", "edition": "edition", "series": "series",
    "short title": "shorttitle", "journal abbreviation": "shortjournal",
    "abbreviated source title": "shortjournal", "access date": "urldate", "num pages": "pagetotal",
    "tags": "@tags", "学位": "type", "degree": "type", "pubmed id": "pmid", "art. no.": "eid",
    "file attachments": "file", "affiliations": "affiliation", "cited by": "times-cited",
}  # fmt: skip
_TYPES = {
    "journalarticle": "article", "magazinearticle": "article", "newspaperarticle": "article",
    "preprint": "online", "book": "book", "booksection": "incollection",
    "conferencepaper": "inproceedings", "thesis": "thesis", "report": "techreport",
    "webpage": "online", "blogpost": "online", "manuscript": "unpublished", "patent": "patent",
    "computerprogram": "software", "dataset": "dataset", "standard": "standard",
    "article": "article", "review": "article", "book chapter": "incollection",
    "conference paper": "inproceedings", "editorial": "article", "letter": "article",
    "note": "article", "short survey": "article", "article in press": "article",
    "data paper": "article", "erratum": "article", "学位论文": "thesis", "期刊": "article",
    "期刊论文": "article", "会议论文": "inproceedings",
}  # fmt: skip
_INITIALS = re.compile(r"(?:[A-Z]\.?[- ]?){1,4}")
_WITH_INITIALS = re.compile(r"([^\W\d][^,.]*?)\s+((?:[A-Z]\.?-?){1,4})")
_ONE_PERSON = re.compile(r"[^,]+,[^,]+")
_NAMES = {"author", "editor", "translator", "serieseditor", "bookauthor", "contributor", "advisor"}


def read(text: Text, mapping: Mapping[str, str] | None = None) -> Reading:
    """The rows of the table; ``mapping`` names the column of a field.

    Columns that are not known are kept under their own names.
    """
    blocks, works, problems = list[Block](), list[Work](), list[Problem]()
    columns: list[str] = []
    header: list[str] = []
    for row, raw, line in _rows(text.text):
        position = len(blocks)
        if isinstance(row, str) or not any(cell.strip() for cell in row):
            blocks.append(Block(position, line, "failed" if isinstance(row, str) else "gap", raw))
            if isinstance(row, str):
                problems.append(Problem(line, row, raw, position=position))
        elif not columns:
            header = row
            columns = _columns(row, mapping or {})
            blocks.append(Block(position, line, "gap", raw))
            if not {"title", "abstract", "doi"} & set(columns):
                reason = (
                    "no column is known to hold a title, an abstract or a DOI; "
                    "name it with --map, as --map title=COLUMN"
                )
                everything = "".join(raw for _, raw, _ in _rows(text.text))
                return Reading(
                    (Block(0, 1, "failed", everything),),
                    (),
                    (Problem(1, reason, text.text, position=0),),
                )
        else:
            if len(row) > len(columns):
                problems.append(
                    Problem(
                        line,
                        f"the row has {len(row)} cells and the heading {len(columns)}; "
                        "the rest is kept as column-…",
                        raw,
                        unreadable=False,
                    )
                )
            builder = _builder(row, columns, zotero="Item Type" in header)
            blocks.append(Block(position, line, "entry", raw, builder.key))
            works.append(builder.work(position, line))
    if not works and not problems:
        problems.append(Problem(1, "there is no row in it", unreadable=False))
    return Reading(tuple(blocks), tuple(works), tuple(problems))


def _rows(text: str) -> Iterator[tuple[list[str] | str, str, int]]:
    """The rows, or what is wrong with one, each with its text and the number of its first line.

    Their texts, joined, are the whole text.
    """
    lines = [match.group() for match in _LINE.finditer(text) if match.group()]
    taken = 0

    def feed() -> Iterator[str]:
        nonlocal taken
        while taken < len(lines):
            taken += 1
            line = lines[taken - 1].removeprefix("\ufeff") if taken == 1 else lines[taken - 1]
            yield "" if taken == 1 and _SEPARATOR.match(line) else line

    limit = csv.field_size_limit(_LARGEST)
    try:
        delimiter = _delimiter(text)
        quoting: Literal[0, 3] = (
            csv.QUOTE_NONE if delimiter == "\t" and text.count('"') % 2 else csv.QUOTE_MINIMAL
        )
        rows = csv.reader(feed(), delimiter=delimiter, quoting=quoting)
        while True:
            begun = taken
            try:
                row: list[str] | str = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                row = f"the row cannot be read: {error}"
            raw = "".join(lines[begun:taken])
            if (
                taken == len(lines)
                and taken > begun + 1
                and raw.count('"') % 2
                and quoting == csv.QUOTE_MINIMAL
            ):
                # The reader took everything up to the end for one cell. Only the first line is
                # wrong: a new reader goes on with the next.
                row = "a quotation mark is not closed"
                raw, taken = lines[begun], begun + 1
                rows = csv.reader(feed(), delimiter=delimiter)
            yield row, raw, begun + 1
    finally:
        csv.field_size_limit(limit)


def _delimiter(text: str) -> str:
    first = text[:100_000].lstrip("\ufeff\r\n").partition("\n")[0]
    if _SEPARATOR.match(first):
        return first.strip()[-1]
    first = re.sub(r'"[^"]*"', "", first)
    return max((",", "\t", ";"), key=first.count)


def _columns(header: Sequence[str], mapping: Mapping[str, str]) -> list[str]:
    """The field that each column holds; an unknown one is named by its heading."""
    mapped = {column.strip().casefold(): field for field, column in mapping.items()}
    fields = []
    names = [heading.strip().casefold() for heading in header]
    for number, name in enumerate(names, 1):
        slug = re.sub(r"[^\w]+", "-", name).strip("-_")
        field = (
            _special(mapped[name])
            if name in mapped
            else _COLUMNS.get(name) or slug or f"column-{number}"
        )
        if name in {"author", "authors"} and "author full names" in names:
            field = "authors-as-printed"
        elif name == "type" and "entrytype" in names:
            field = "type"
        fields.append(field)
    return fields


def _special(field: str) -> str:
    return {
        "key": "@key",
        "type": "@type",
        "entrytype": "@type",
        "keywords": "@keywords",
        "year": "@date",
        "date": "@date",
        "tags": "@tags",
    }.get(field, field)


def _builder(row: Sequence[str], columns: Sequence[str], *, zotero: bool) -> WorkBuilder:
    cells = [
        (columns[n] if n < len(columns) else f"column-{n + 1}", unescape_formula(cell).strip())
        for n, cell in enumerate(row)
    ]
    kind = next((text for name, text in cells if name == "@type" and text), "")
    folded = kind.casefold()
    builder = WorkBuilder(
        _TYPES.get(folded)
        or (
            folded
            if is_entry_type(kind) and not zotero and " " not in kind
            else "misc"
            if kind
            else None
        )
    )
    places = dict[str, str]()
    for name, text in cells:
        if text and name in {"@start", "@end"}:
            places.setdefault(name, text)
        elif text and name == "@key":
            builder.key = text if not zotero and is_key(text) else None
            builder.add("zotero-key" if zotero else "label", text if builder.key is None else "")
        elif text and name != "@type":
            _take(builder, name, text)
    builder.pages(places.get("@start", ""), places.get("@end", ""))
    if kind and folded not in _TYPES and builder.entry_type == "misc" and folded != "misc":
        builder.add("howpublished", kind)
    return builder


def _take(builder: WorkBuilder, name: str, text: str) -> None:
    if name in _NAMES and (len(split_and(text)) > 1 or text.startswith("{")):
        for single in split_and(text):
            builder.add(name, single)
    elif name in _NAMES:
        for single in _people(text):
            builder.names(name, single, given_first=True)
    elif name == "@date":
        builder.date(text)
    elif name == "@keywords":
        builder.keywords(text if ";" in text or "；" in text else text.replace(",", ";"))
    else:
        builder.add("tags" if name == "@tags" else name, text)


def _people(text: str) -> list[str]:
    """The names of a cell: by semicolons, by commas if each has its initials, or one."""
    if ";" in text or "；" in text:
        return [
            _initials_last(re.sub(r"\s*\(\d+\)$", "", part.strip()))
            for part in re.split("[;；]", text)
            if part.strip()
        ]
    parts = (
        [part.strip() for part in text.split(",")]
        if text.count(",") > 1 or not _ONE_PERSON.fullmatch(text)
        else [text]
    )
    if len(parts) > 1 and all(_WITH_INITIALS.fullmatch(part) for part in parts):
        return [_initials_last(part) for part in parts]
    if (
        len(parts) > 2
        and len(parts) % 2 == 0
        and all(_INITIALS.fullmatch(part) for part in parts[1::2])
    ):
        return [
            f"{family}, {initials}"
            for family, initials in zip(parts[::2], parts[1::2], strict=True)
        ]
    if len(parts) > 1 and all(" " in part for part in parts):
        return parts
    return [_initials_last(text)]


def _initials_last(name: str) -> str:
    """``Phillips J.C.`` as ``Phillips, J.C.``."""
    match = _WITH_INITIALS.fullmatch(name)
    return f"{match[1]}, {match[2]}" if match else name


def _recognises(text: Text) -> float:
    first = next(
        (row for row, _, _ in _rows(text.text[:100_000]) if not isinstance(row, str) and any(row)),
        [],
    )
    known = [name for cell in first if (name := _COLUMNS.get(cell.strip().casefold()))]
    named = text.name.casefold().endswith((*FORMAT.suffixes, *TSV.suffixes))
    if len(known) >= (1 if named else 3) and {"title", "abstract", "doi"} & set(known):
        return 0.9 if named or max(map(len, first)) <= 40 else 0.0
    return 0.3 if named and len(first) > 1 else 0.0


def _recognises_tsv(text: Text) -> float:
    return _recognises(text) if _delimiter(text.text) == "\t" else 0.0


def write(entries: Iterable[Entry], options: Options, delimiter: str = ",") -> Export:
    """The records as a table of the usual columns, or of those that ``options.columns`` names."""
    columns = options.columns or _usual(entries)
    left = () if not options.columns else ("the fields that --map does not name",)
    return Export(_pieces(entries, columns, delimiter), (*left, "structured fields and notes"))


def _usual(entries: Iterable[Entry]) -> dict[str, str]:
    first = ["key", "entrytype", "title", "author", "year"]
    names: dict[str, None] = {}
    for entry in entries:
        names |= {field.name: None for field in entry.record.fields}
    names.pop("entrytype", None)
    return {name: name for name in (*first, *sorted(names.keys() - set(first)), "tags", "abstract")}


def _pieces(entries: Iterable[Entry], columns: Mapping[str, str], delimiter: str) -> Iterator[str]:
    yield (BOM if delimiter == "," else "") + _line(list(columns.values()), delimiter)
    for entry in entries:
        yield _line([_cell(entry.record, field) for field in columns], delimiter)


def _line(cells: Sequence[str], delimiter: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow(
        [escape_formula(cell) for cell in cells]
    )
    return buffer.getvalue()


def _cell(record: Record, field: str) -> str:
    match field:
        case "key":
            return record.key
        case "entrytype":
            return record.entry_type
        case "abstract":
            return record.abstract or ""
        case "tags":
            return "; ".join(record.tags)
        case "year":
            return record.get("year") or str(record.year or "")
    return record.get(field)


def _configured(mapping: Mapping[str, str]) -> Format:
    return replace(FORMAT, read=partial(read, mapping=mapping))


FORMAT = Format("csv", (".csv",), _recognises, read, write, _configured)
TSV = replace(
    FORMAT,
    name="tsv",
    suffixes=(".tsv", ".tab"),
    recognises=_recognises_tsv,
    write=partial(write, delimiter="\t"),
)
