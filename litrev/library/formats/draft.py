"""A work as it is put together from a format's tags: names, dates and pages in BibTeX's manner, nothing left out."""

from __future__ import annotations

import re

from litrev.library.bibtex.names import is_han, split_names
from litrev.library.naming import is_field_name
from litrev.library.record import Field
from litrev.library.sources import Work

NAMES = ("author", "editor", "translator", "advisor", "bookauthor", "serieseditor", "contributor")
CONTAINER, PUBLISHER = "@container", "@publisher"  # what these are called depends on the entry type
_IN_BOOKS = frozenset("inbook incollection inproceedings conference inreference".split())
_THESES = frozenset("thesis phdthesis mastersthesis".split())
_REPORTS = frozenset("report techreport standard".split())
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_BODY = re.compile(
    r"\b(?:universit|institut|organi[sz]ation|committee|commission|council|group|society|association|ministry|department|agency|office|bureau|"
    r"foundation|consortium|collaboration|network|team|bank|centre|center|union|nations|academy|press|library|government|company|inc|ltd|llc)\w*\b"
    r"|\b(?:of|for|and|the)\b|&",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(\d{2})(\d{2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(1[0-9]\d{2}|20\d{2}|21\d{2})(?!\d)")
_NAMED_MONTH = re.compile(r"(?<![A-Za-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:\s+(\d{1,2})(?!\d))?(?![-/\w])", re.IGNORECASE)
_TAG = re.compile(r"[\s,;\"'()\x00-\x1f]+")  # what no tag may hold
_PAGES = re.compile(r"^(?:pp?\.?|pages?)\s*(?=\d)", re.IGNORECASE)


class Draft:
    """Collects what a format says of one work."""

    def __init__(self, entry_type: str | None = None, key: str | None = None) -> None:
        self.entry_type, self.key = entry_type, key
        self._values: dict[str, list[str]] = {}

    def add(self, name: str, value: str) -> None:
        """One more value of a field; blanks and what was said already are passed over."""
        text = value.strip()
        if text and text not in self._values.setdefault(name, []):
            self._values[name].append(text)

    def get(self, name: str) -> str:
        """What a field holds so far, joined."""
        return _joined(name, self._values.get(name, []))

    def drop(self, name: str) -> list[str]:
        """The values of a field, taken out."""
        return self._values.pop(name, [])

    def names(self, name: str, text: str, *, spoken: bool = False) -> None:
        """Persons or bodies of a list that may hold several, Chinese ones by ``;`` ``；`` ``，`` ``、``."""
        parts = [part for part in re.split(r"\s*[;；]\s*", text) if part] if re.search("[;；]", text) else [text]
        for part in parts:
            for single in split_names(part) if is_han(part.replace(",", "")) else [part]:
                self.add(name, person(single, spoken=spoken))

    def keywords(self, text: str) -> None:
        """Keywords of a list: by semicolons if there are any, else by commas if there are several."""
        divider = r"[;；]+" if re.search("[;；]", text) else r"[,，、]" if text.count(",") > 1 else r"[，、]"
        parts = re.split(divider, text)
        for part in parts:
            self.add("keywords", part)

    def date(self, text: str) -> None:
        """A date in any of the forms that databases write: the year, and the whole date where it says more."""
        year, date = dated(text)
        if year and "year" not in self._values:
            self.add("year", year)
        if date and date != year and len(date) > len(self.get("date")):
            self._values["date"] = [date]

    def pages(self, start: str, end: str) -> None:
        """First and last page."""
        start, end = _PAGES.sub("", start.strip()), _PAGES.sub("", end.strip())
        if start and end and end != start and "-" not in start:
            self.add("pages", f"{start}–{end}")
        else:
            self.add("pages", start or end)

    def work(self, position: int, line: int) -> Work:
        """The work, with the names that BibTeX gives its fields."""
        kind = self.entry_type or "misc"
        values = {_named(name, kind): _joined(name, found) for name, found in self._values.items() if found}
        if "pages" in values:
            values["pages"] = _PAGES.sub("", values["pages"])
        if "date" in values and "year" not in values:
            year = _YEAR.search(values["date"])
            values |= {"year": year.group(1)} if year else {}
        abstract = values.pop("abstract", None)
        tags = tuple(tag for part in values.pop("tags", "").split(";") if (tag := _TAG.sub("-", part.strip()).strip("-")))
        fields = tuple(Field(name, value) for name, value in values.items() if is_field_name(name))
        return Work(position, line, self.key, self.entry_type, fields, abstract, tags)


def _joined(name: str, values: list[str]) -> str:
    return {"keywords": "; ", "abstract": "\n", "note": "\n"}.get(name, " and " if name in NAMES else "; ").join(values)


def _named(name: str, kind: str) -> str:
    if name == CONTAINER:
        return "journal" if kind == "article" else "booktitle" if kind in _IN_BOOKS else "series" if kind in {"book", *_REPORTS} else "howpublished"
    if name == PUBLISHER:
        return "school" if kind in _THESES else "institution" if kind in _REPORTS else "publisher"
    return name


def person(text: str, *, spoken: bool = False) -> str:
    """One name in BibTeX's form; a body's in braces where it would else be taken apart.

    >>> person("Smith,John,Jr."), person("World Health Organization"), person("张三"), person("IBM,")
    ('Smith, Jr., John', '{World Health Organization}', '张三', 'IBM')
    """
    if text.startswith("{") and text.endswith("}"):
        return text
    parts = [" ".join(part.split()) for part in re.split(r"[,，]", text)]
    filled = [part for part in parts if part]
    if len(parts) > 1 and len(filled) == 1:
        return f"{{{filled[0]}}}" if " " in filled[0] else filled[0]
    if len(filled) == 3:
        return f"{filled[0]}, {filled[2]}, {filled[1]}"
    if len(filled) != 1:
        return ", ".join(filled)
    name = filled[0]
    if is_han(name) or " " not in name:
        return name
    return f"{{{name}}}" if _BODY.search(name) or (not spoken and len(name.split()) > 4) else name


def dated(text: str) -> tuple[str, str]:
    """The year in a date, and the date in ISO 8601 as far as it can be told, else as it was written.

    >>> dated("FEB 2011"), dated("2018/04//"), dated("Start date: 20170812"), dated("1996"), dated("2009 May-Jun")
    (('2011', '2011-02'), ('2018', '2018-04'), ('2017', '2017-08-12'), ('1996', '1996'), ('2009', '2009 May-Jun'))
    """
    stripped = " ".join(text.replace("///", " ").strip(" /-").split())
    compact, iso = _COMPACT.search(stripped), _ISO.search(stripped)
    if compact and _is_day(int(compact[2]), int(compact[3])):
        return compact[1], f"{compact[1]}-{compact[2]}-{compact[3]}"
    if iso and _is_day(int(iso[2]), int(iso[3] or 1)):
        return iso[1], f"{iso[1]}-{int(iso[2]):02d}" + (f"-{int(iso[3]):02d}" if iso[3] else "")
    year, month = _YEAR.search(stripped), _NAMED_MONTH.search(stripped)
    if year and month and not re.search(r"[A-Za-z]", stripped.replace(month.group(), "")):
        rest = re.sub(r"\D+", " ", stripped.replace(year.group(), "", 1).replace(month.group(), "")).strip()
        day = month[2] or (rest if rest.isdigit() and len(rest) <= 2 else "")
        return year[1], f"{year[1]}-{_MONTHS[month[1].casefold()]:02d}" + (f"-{int(day):02d}" if day and _is_day(1, int(day)) else "")
    return (year[1] if year else ""), stripped


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31
