"""Mistakes in the bibliographic fields of a record, and the corrections that are certain.

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
    r"(?:[-+]?\d{4,}|Y-?\d{5,}|\d{3}X|\d{2}XX)"  # year; an X is an unknown digit
    r"(?:-(?:0[1-9]|1[0-2]|2[1-9]|3\d|4[01]|XX)"  # month; from 21 on a season or a quarter
    r"(?:-(?:0[1-9]|[12]\d|3[01]|XX))?)?"  # day
    r"(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[-+]\d{2}(?::?\d{2})?)?)?"  # time
    r"[~?%]?"  # about, uncertain, both
)
_FULL_DATE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})")
_PAGE_PREFIX = re.compile(r"^(?:pp?\.|pages?|S\.)\s*(?=\d)", re.IGNORECASE)
_PAGE_RANGE = re.compile(r"(\d+)(?:\s*(?:–|—|-+)\s*)(\d+)")
_PAGE_RANGE_ODD_DASH = re.compile(r"\d+(?:-|−|—)\d+")
_DASH = re.compile(r"\s*(?:–|—|--+|−)\s*")
_COMMAND = re.compile(r"\\[A-Za-z]+|(?<!\\)\$[^$]*$")
# Signs of UTF-8 or GBK text that was read in another encoding.
_MOJIBAKE = re.compile(
    'Ã[\x80-\xbf©¨¼¶¤±³¡­]|â€[\x80-\xbf™œ\x9d“”¢¦˜"]|Â[\xa0°±²³´µ·»«]'
    "|\ufffd|锟斤拷|烫烫烫|[\x80-\x9f]|ï¿½"
)
_ET_AL = re.compile(r"(?:,?\s+(?:and\s+)?et\.?\s+al\.?|\s*[,，、]?\s*等)\s*\.?$", re.IGNORECASE)
_NAME_OR_PAIR = re.compile(r"[^,;]+(?:,[^,;]+)?")  # a name, or family and given name
_LATEX_FREE = frozenset(
    """
    title subtitle booktitle journal journaltitle author editor publisher school institution
    series
    """.split()
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one field.

    ``repaired`` is what the field should be, None where that is not certain.
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
    """A DOI that is not one, or is written as an address."""
    bare = _RESOLVER.sub("", value.strip()).strip()
    if not _DOI.fullmatch(bare):
        yield Fault(name, "doi", f"{_short(value)} is not a DOI: a DOI begins with 10. and has a /")
    elif bare != value:
        # In an address, % begins an escape, ? a query and # a fragment.
        is_certain = not set(bare) & set("%?#")
        repaired = bare if is_certain else None
        yield Fault(name, "doi", f"{_short(value)} should be the DOI alone", repaired)


def _isbn(name: str, value: str) -> Iterator[Fault]:
    """Each ISBN of a field whose length or check digit is wrong."""
    for part in re.split(r"[;,/]|\s{2,}|\s(?=97[89])", value):
        without_notes = re.sub(r"\(.*?\)|ISBN(?:-1[03])?:?", "", part)
        digits = _digits(without_notes)
        if not digits or _is_isbn(digits):
            continue
        if len(digits) in {10, 13}:
            reason = "its check digit is wrong"
        else:
            reason = f"it has {len(digits)} digits"
        yield Fault(name, "isbn", f"{_short(part)} is not an ISBN: {reason}")


def _is_isbn(digits: str) -> bool:
    """Whether the check digit of an ISBN of 10 or 13 digits is right."""
    if len(digits) == 10 and _has_x_only_last(digits):
        return _weighted_sum(digits) % 11 == 0
    if len(digits) == 13 and digits.isdigit():
        # The digits weigh 1 and 3 in turn (ISO 2108).
        singles = sum(map(int, digits[::2]))
        triples = sum(map(int, digits[1::2]))
        return (singles + 3 * triples) % 10 == 0
    return False


def _issn(name: str, value: str) -> Iterator[Fault]:
    """Each ISSN of a field whose length or check digit is wrong, or that lacks its hyphen."""
    for part in re.split(r"[;,]\s*|\s+(?=\d{4}-)", value):
        digits = _digits(re.sub(r"\(.*?\)", "", part))
        if not digits:
            continue
        has_form = len(digits) == 8 and _has_x_only_last(digits)
        if not has_form:
            reason = "it should have eight digits, as 1234-5679"
            yield Fault(name, "issn", f"{_short(part)} is not an ISSN: {reason}")
        elif _weighted_sum(digits) % 11:
            reason = "its check digit is wrong"
            yield Fault(name, "issn", f"{_short(part)} is not an ISSN: {reason}")
        elif part == value and re.fullmatch(r"\d{7}[\dXx]", value):
            repaired = f"{value[:4]}-{value[4:].upper()}"
            yield Fault(name, "issn", f"{value} lacks its hyphen", repaired)


def _digits(text: str) -> str:
    """The digits of a number, X included, which as a check digit means 10."""
    return re.sub(r"[^0-9Xx]", "", text).upper()


def _has_x_only_last(digits: str) -> bool:
    return "X" not in digits[:-1]


def _weighted_sum(digits: str) -> int:
    """The sum of the digits, the last with the weight 1, the one before with 2, and so on."""
    values = [10 if char == "X" else int(char) for char in reversed(digits)]
    return sum(weight * value for weight, value in enumerate(values, 1))


def _date(name: str, value: str) -> Iterator[Fault]:
    """What is neither a date nor a range of dates."""
    parts = value.split("/")
    is_range = len(parts) <= 2 and any(parts)
    if not is_range or not all(_is_date_or_open(part) for part in parts):
        yield Fault(
            name,
            "date",
            f"{_short(value)} is not a date: "
            "write it as 2020, 2020-05 or 2020-05-17, a range with /",
        )


def _is_date_or_open(part: str) -> bool:
    """Whether an end of a range is open, or a date."""
    if part in {"", ".."}:
        return True
    return _DATE.fullmatch(part) is not None and _is_in_calendar(part)


def _is_in_calendar(date: str) -> bool:
    """Whether the day of a date exists; True for a date without a day."""
    match = _FULL_DATE.match(date)
    if match is None:
        return True
    year, month, day = map(int, match.groups())
    _, days_of_month = calendar.monthrange(year or 4, month)  # the year 0 is a leap year, like 4
    return 1 <= day <= days_of_month


def _month(name: str, value: str) -> Iterator[Fault]:
    """A number that is not a month, or a single word that is not the name of one."""
    folded = value.strip().strip(".").casefold()
    if folded.isascii() and folded.isdigit():
        is_month = 1 <= int(folded) <= 12
    else:
        # Several words, as in "May/June", and other scripts are not judged.
        is_month = folded in _MONTH_WORDS or not re.fullmatch(r"[a-z]+", folded)
    if not is_month:
        yield Fault(name, "date", f"{_short(value)} is not a month")


def _pages(name: str, value: str) -> Iterator[Fault]:
    """Pages with "pp.", ranges that end before they begin, and hyphens where a dash belongs."""
    bare = _PAGE_PREFIX.sub("", value)
    if bare != value:
        yield Fault(name, "pages", f"{_short(value)}: the style adds the prefix", bare)
    for part in re.split(r"[,;+]\s*", bare):
        if _ends_before_it_begins(part.strip()):
            yield Fault(name, "pages", f"{_short(part)} ends before it begins")
            return
    if bare == value and _PAGE_RANGE_ODD_DASH.fullmatch(value):
        repaired = _DASH.sub("–", value.replace("-", "–"))
        yield Fault(
            name,
            "pages",
            f"{_short(value)} is a range: it takes an en dash, -- in BibTeX",
            repaired,
        )


def _ends_before_it_begins(pages: str) -> bool:
    match = _PAGE_RANGE.fullmatch(pages)
    if match is None:
        return False
    first, last = match.groups()
    # A last page with fewer digits is an abbreviation: 123-7 is 123-127.
    return int(last) < int(first) and len(last) >= len(first)


def _year(name: str, value: str) -> Iterator[Fault]:
    if not re.search(r"(?<!\d)\d{4}(?!\d)", value):
        yield Fault(name, "date", f"{_short(value)} holds no year of four digits")


def _years(record: Record) -> Iterator[Fault]:
    """A year that is not the one of the date; a range of dates is not compared."""
    year = record.get("year")
    date = record.get("date")
    has_year = re.fullmatch(r"\d{4}", year)
    has_single_date = re.match(r"\d{4}", date) and "/" not in date
    if has_year and has_single_date and date[:4] != year:
        yield Fault("year", "date", f"{year} is not the year of the date {date}")


def _names(name: str, value: str) -> Iterator[Fault]:
    """Names divided by something other than "and", and "et al."."""
    et_al = _ET_AL.search(value)
    if et_al and et_al.start():
        authors = value[: et_al.start()].rstrip(" ,，、")
        text = f"{_short(value[-30:])}: BibTeX writes and others, not et al."
        yield Fault(name, "names", text, f"{authors} and others")
        return
    yield from _semicolons(name, value)
    for part in re.split(r"\s+and\s+", value, flags=re.IGNORECASE):
        if _has_too_many_commas(part):
            yield Fault(
                name,
                "names",
                f"{_short(part)}: a name has two commas at most; "
                "are these several, to be divided by and?",
            )
    has_ampersand = re.search(r"\s&\s", value)
    is_in_braces = re.search(r"\{[^{}]*&[^{}]*\}", value)
    if has_ampersand and not is_in_braces:
        yield Fault(name, "names", f"{_short(value)}: names are divided by and, not by &")


def _semicolons(name: str, value: str) -> Iterator[Fault]:
    """Names divided by semicolons; Chinese ones may be."""
    parts = [part.strip() for part in re.split("[;；]", value)]
    parts = list(filter(None, parts))
    if len(parts) < 2 or " and " in value or all(map(is_han, parts)):
        return
    is_certain = all("," in part and _NAME_OR_PAIR.fullmatch(part) for part in parts)
    yield Fault(
        name,
        "names",
        f"{_short(value)}: names are divided by and, not by semicolons",
        " and ".join(parts) if is_certain else None,
    )


def _has_too_many_commas(name: str) -> bool:
    is_protected = name.startswith("{") and name.endswith("}")
    # With "=" it is a name by its parts, as biblatex has it: "family=Doe, given=Ann, …".
    return name.count(",") > 2 and "=" not in name and not is_protected


def _latex(name: str, value: str) -> Iterator[Fault]:
    """A command that is not known, or a dollar sign without its partner."""
    match = _COMMAND.search(value)
    if match is None:
        return
    sign = _short(match.group())
    if value.count("$") % 2:
        yield Fault(name, "latex", f"{sign}: a $ that opens no formula")
    elif match.group().startswith("\\") and "$" not in value:
        text = f"{sign} is not a command that litrev knows; it will be shown as it is"
        yield Fault(name, "latex", text)


def _encoding(name: str, value: str) -> Iterator[Fault]:
    """Characters that a wrong encoding left behind."""
    match = _MOJIBAKE.search(value)
    if match:
        start = max(0, match.start() - 15)
        context = value[start : match.end() + 15]
        yield Fault(
            name, "encoding", f"{_short(context)}: was read in a wrong encoding at some time"
        )


def _short(text: str) -> str:
    """The beginning of a text (60 characters) on one line, in quotes, for a message."""
    words = " ".join(text.split())
    if len(words) > 60:
        words = f"{words[:59]}…"
    return f"“{words}”"


_MONTH_WORDS = frozenset({*MONTHS, *(full.casefold() for full in MONTHS.values()), "sept"})

_Rule = Callable[[str, str], Iterator[Fault]]
_RULES: dict[str, tuple[_Rule, ...]] = {
    "doi": (_doi,),
    "isbn": (_isbn,),
    "issn": (_issn,),
    "date": (_date,),
    "urldate": (_date,),
    "origdate": (_date,),
    "eventdate": (_date,),
    "year": (_year,),
    "month": (_month,),
    "pages": (_pages,),
    "author": (_names,),
    "editor": (_names,),
    "translator": (_names,),
}
