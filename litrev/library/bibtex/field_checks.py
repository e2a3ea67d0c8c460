"""What can be wrong with the bibliographic fields of a record, and what of it can be put right for
certain.

Sources: the DOI handbook (2.2), ISO 2108 (ISBN), ISO 3297 (ISSN), ISO 8601-2 (EDTF levels 0 and 1,
as biblatex reads dates).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from litrev.library.bibtex.expression import MONTHS
from litrev.library.bibtex.names import is_han
from litrev.library.model.record import Record

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s{}]+")
_RESOLVER = re.compile(r"^(?:https?://)?(?:dx\.|www\.)?doi\.org/|^doi(?::\s*|\s+)", re.IGNORECASE)
_DATE = re.compile(
    r"(?:[-+]?\d{4,}|Y-?\d{5,}|\d{3}X|\d{2}XX)(?:-(?:0[1-9]|1[0-2]|2[1-9]|3\d|4[01]|XX)(?:-(?:0[1-9]|[12]\d|3[01]|XX))?)?"
    r"(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[-+]\d{2}(?::?\d{2})?)?)?[~?%]?"
)
_DASH = re.compile(r"\s*(?:–|—|--+|−)\s*")
_PAGE_PREFIX = re.compile(r"^(?:pp?\.|pages?|S\.)\s*(?=\d)", re.IGNORECASE)
_COMMAND = re.compile(r"\\[A-Za-z]+|(?<!\\)\$[^$]*$")
_MOJIBAKE = re.compile(
    'Ã[\x80-\xbf©¨¼¶¤±³¡­]|â€[\x80-\xbf™œ\x9d“”¢¦˜"]|Â[\xa0°±²³´µ·»«]|\ufffd|锟斤拷|烫烫烫|[\x80-\x9f]|ï¿½'
)
_ET_AL = re.compile(r"(?:,?\s+(?:and\s+)?et\.?\s+al\.?|\s*[,，、]?\s*等)\s*\.?$", re.IGNORECASE)
_LATEX_FREE = frozenset(
    {
        "title",
        "subtitle",
        "booktitle",
        "journal",
        "journaltitle",
        "author",
        "editor",
        "publisher",
        "school",
        "institution",
        "series",
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one field; ``repaired`` is what it certainly should be, None where that
    is not certain.
    """

    field: str
    kind: str
    text: str
    repaired: str | None = None


def faults(record: Record) -> Iterator[Fault]:
    """What is wrong with the fields of a record."""
    for field in record.fields:
        for rule in _RULES.get(field.name, ()):
            yield from rule(field.name, field.value)
        if field.name in _LATEX_FREE:
            yield from _latex(field.name, field.value)
        yield from _encoding(field.name, field.value)
    yield from _years(record)
    if record.abstract is not None:
        yield from _encoding("abstract", record.abstract)


def _doi(name: str, value: str) -> Iterator[Fault]:
    bare = _RESOLVER.sub("", value.strip()).strip()
    if not _DOI.fullmatch(bare):
        yield Fault(name, "doi", f"{_short(value)} is no DOI: it begins with 10. and has a /")
    elif bare != value:
        yield Fault(
            name,
            "doi",
            f"{_short(value)} should be the DOI alone",
            bare if not set(bare) & set("%?#") else None,
        )


def _isbn(name: str, value: str) -> Iterator[Fault]:
    for part in re.split(r"[;,/]|\s{2,}|\s(?=97[89])", value):
        digits = re.sub(r"[^0-9Xx]", "", re.sub(r"\(.*?\)|ISBN(?:-1[03])?:?", "", part)).upper()
        if digits and not _isbn_holds(digits):
            yield Fault(
                name,
                "isbn",
                f"{_short(part)} is no ISBN: "
                + (
                    "its check digit is wrong"
                    if len(digits) in {10, 13}
                    else f"it has {len(digits)} digits"
                ),
            )


def _isbn_holds(digits: str) -> bool:
    if len(digits) == 10 and "X" not in digits[:9]:
        return (
            sum((10 - n) * (10 if char == "X" else int(char)) for n, char in enumerate(digits)) % 11
            == 0
        )
    return (
        len(digits) == 13
        and digits.isdigit()
        and sum((3 if n % 2 else 1) * int(char) for n, char in enumerate(digits)) % 10 == 0
    )


def _issn(name: str, value: str) -> Iterator[Fault]:
    for part in re.split(r"[;,]\s*|\s+(?=\d{4}-)", value):
        digits = re.sub(r"[^0-9Xx]", "", re.sub(r"\(.*?\)", "", part)).upper()
        if not digits:
            continue
        holds = len(digits) == 8 and "X" not in digits[:7]
        if (
            not holds
            or sum((8 - n) * (10 if char == "X" else int(char)) for n, char in enumerate(digits))
            % 11
        ):
            yield Fault(
                name,
                "issn",
                f"{_short(part)} is no ISSN: "
                + ("its check digit is wrong" if holds else "it has eight digits, as 1234-5679"),
            )
        elif part == value and re.fullmatch(r"\d{7}[\dXx]", value):
            yield Fault(
                name, "issn", f"{value} lacks its hyphen", f"{value[:4]}-{value[4:].upper()}"
            )


def _date(name: str, value: str) -> Iterator[Fault]:
    parts = value.split("/")
    if (
        len(parts) > 2
        or not all(
            part in {"", ".."} or (_DATE.fullmatch(part) and _is_day(part)) for part in parts
        )
        or not any(parts)
    ):
        yield Fault(
            name,
            "date",
            f"{_short(value)} is no date: write it as 2020, 2020-05 or 2020-05-17, a range with /",
        )


def _is_day(text: str) -> bool:
    """Whether a date that names a day names one that is in the calendar."""
    found = re.match(r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})", text)
    if found is None:
        return True
    year, month, day = map(int, found.groups())
    return 1 <= day <= calendar.monthrange(year or 4, month)[1]


def _month(name: str, value: str) -> Iterator[Fault]:
    folded = value.strip().strip(".").casefold()
    known = {*MONTHS, *(full.casefold() for full in MONTHS.values()), "sept"}
    if folded.isascii() and folded.isdigit():
        if not 1 <= int(folded) <= 12:
            yield Fault(name, "date", f"{_short(value)} is no month")
    elif not any(part in known for part in re.split(r"[^a-z]+", folded)) and re.fullmatch(
        r"[A-Za-z]+", folded
    ):
        yield Fault(name, "date", f"{_short(value)} is no month")


def _pages(name: str, value: str) -> Iterator[Fault]:
    bare = _PAGE_PREFIX.sub("", value)
    if bare != value:
        yield Fault(name, "pages", f"{_short(value)}: the style puts the prefix there", bare)
    for part in re.split(r"[,;+]\s*", bare):
        found = re.fullmatch(r"(\d+)(?:\s*(?:–|—|-+)\s*)(\d+)", part.strip())
        if found and int(found[2]) < int(found[1]) and len(found[2]) >= len(found[1]):
            yield Fault(name, "pages", f"{_short(part)} ends before it begins")
            return
    if bare == value and re.fullmatch(r"\d+(?:-|−|—)\d+", value):
        yield Fault(
            name,
            "pages",
            f"{_short(value)} is a range: it takes an en dash, -- in BibTeX",
            _DASH.sub("–", re.sub(r"(?<=\d)-(?=\d)", "–", value)),
        )


def _year(name: str, value: str) -> Iterator[Fault]:
    if not re.search(r"(?<!\d)\d{4}(?!\d)", value):
        yield Fault(name, "date", f"{_short(value)} holds no year of four digits")


def _years(record: Record) -> Iterator[Fault]:
    year, date = record.get("year"), record.get("date")
    if (
        re.fullmatch(r"\d{4}", year)
        and re.match(r"\d{4}", date)
        and date[:4] != year
        and "/" not in date
    ):
        yield Fault("year", "date", f"{year} is not the year of the date {date}")


def _names(name: str, value: str) -> Iterator[Fault]:
    ending = _ET_AL.search(value)
    if ending and ending.start():
        yield Fault(
            name,
            "names",
            f"{_short(value[-30:])}: BibTeX knows others, not et al.",
            f"{value[: ending.start()].rstrip(' ,，、')} and others",
        )
        return
    parts = [part.strip() for part in re.split("[;；]", value) if part.strip()]
    if len(parts) > 1 and " and " not in value and not all(is_han(part) for part in parts):
        certain = all(re.fullmatch(r"[^,;]+(?:,[^,;]+)?", part) for part in parts) and all(
            "," in part for part in parts
        )
        yield Fault(
            name,
            "names",
            f"{_short(value)}: names are divided by and, not by semicolons",
            " and ".join(parts) if certain else None,
        )
    for part in re.split(r"\s+and\s+", value, flags=re.IGNORECASE):
        if (
            part.count(",") > 2
            and "=" not in part
            and not (part.startswith("{") and part.endswith("}"))
        ):
            yield Fault(
                name,
                "names",
                f"{_short(part)}: a name has two commas at most; are these several, to be divided by and?",
            )
    if re.search(r"\s&\s", value) and not re.search(r"\{[^{}]*&[^{}]*\}", value):
        yield Fault(name, "names", f"{_short(value)}: names are divided by and, not by &")


def _latex(name: str, value: str) -> Iterator[Fault]:
    found = _COMMAND.search(value)
    if found and value.count("$") % 2:
        yield Fault(name, "latex", f"{_short(found.group())}: a $ that opens no formula")
    elif found and found.group().startswith("\\") and "$" not in value:
        yield Fault(
            name,
            "latex",
            f"{_short(found.group())} is no command litrev knows; it will be seen as it stands",
        )


def _encoding(name: str, value: str) -> Iterator[Fault]:
    found = _MOJIBAKE.search(value)
    if found:
        start = max(0, found.start() - 15)
        yield Fault(
            name,
            "encoding",
            f"{_short(value[start : found.end() + 15])}: read in a wrong encoding at some time",
        )


def _short(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words}”" if len(words) <= 60 else f"“{words[:59]}…”"


_Rule = Callable[[str, str], Iterator[Fault]]
_RULES: dict[str, tuple[_Rule, ...]] = {
    "doi": (_doi,), "isbn": (_isbn,), "issn": (_issn,), "date": (_date,), "urldate": (_date,), "origdate": (_date,), "eventdate": (_date,),
    "year": (_year,), "month": (_month,), "pages": (_pages,), "author": (_names,), "editor": (_names,), "translator": (_names,),
}  # fmt: skip
