"""Builds a work from a format's tags: names, dates and pages as BibTeX has them, nothing lost."""

from __future__ import annotations

import re

from litrev.library.bibtex.names import is_han, split_names
from litrev.library.model.record import Field, Record
from litrev.library.model.source import Work
from litrev.text.validity import is_field_name

NAMES = ("author", "editor", "translator", "advisor", "bookauthor", "serieseditor", "contributor")
# The BibTeX names of these two depend on the entry type, which may change until `work` is called.
CONTAINER, PUBLISHER = "@container", "@publisher"
DEGREES = {"phdthesis": "Ph.D.", "mastersthesis": "Master's"}
_IN_BOOKS = frozenset("inbook incollection inproceedings conference inreference".split())
_THESES = frozenset("thesis phdthesis mastersthesis".split())
_REPORTS = frozenset("report techreport standard".split())
_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
_BODY = re.compile(
    r"\b(?:universit(?:y|ies|é|ät|e|à|at|eit)|universidad\w*|institut(?:e|es|o|ion|ions|ional)?"
    r"|organi[sz]ations?|committee|commission|council|group|society|associations?|ministry"
    r"|department|agency|office|bureau|foundation|consortium|collaboration|network|cent(?:er|re)s?"
    r"|nations|academy|librar(?:y|ies)|government|company|inc|ltd|llc|gmbh|laborator(?:y|ies)"
    r"|hospital|college|world bank|united)\b"
    r"|\b(?:of|for|and|the)\b|&",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|junior|senior)\.?|[ivx]{1,4}|\d(?:st|nd|rd|th)", re.IGNORECASE)
_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx](?![\d-])")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(\d{2})(\d{2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(1[0-9]\d{2}|20\d{2}|21\d{2})(?!\d)")
_NAMED_MONTH = re.compile(
    r"(?<![A-Za-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
    r"(?:\s+(\d{1,2})(?!\d))?(?![-/\w])",
    re.IGNORECASE,
)
_NOT_IN_TAGS = re.compile(r"[\s,;\"'()\x00-\x1f]+")
_DOCTOR = re.compile(r"博士|doctoral|ph\.?\s?d|doctor", re.IGNORECASE)
_MASTER = re.compile(
    r"[硕碩]士|master|\bm\.?\s?(?:a|sc|phil|ed|eng|ba)\b|\bmathesis\b", re.IGNORECASE
)
_RANGE = re.compile(r"^([A-Za-z]?\d+[A-Za-z]?)\s*-{1,2}\s*([A-Za-z]?\d+[A-Za-z]?)$")
_PAGES = re.compile(r"^(?:pp?\.?|pages?)\s*(?=\d)", re.IGNORECASE)


class WorkBuilder:
    """Collects what a file of a foreign format says about one work."""

    def __init__(self, entry_type: str | None = None, key: str | None = None) -> None:
        self.entry_type, self.key = entry_type, key
        self._values: dict[str, dict[tuple[str, int], str]] = {}

    def add(self, name: str, value: str) -> None:
        """Add a value to a field; an empty one, and one that the field has already, is ignored."""
        text = value.strip()
        if text:
            values = self._values.setdefault(name, {})
            # Two authors may have the same name: each is kept, so names are numbered.
            values.setdefault((text, len(values) if name in NAMES else 0), text)

    def get(self, name: str) -> str:
        """The values of a field so far, joined."""
        return _joined(name, list(self._values.get(name, {}).values()))

    def drop(self, name: str) -> list[str]:
        """Remove a field, and return its values."""
        return list(self._values.pop(name, {}).values())

    def names(self, name: str, text: str, *, given_first: bool = False) -> None:
        """Add the persons or bodies in ``text``, which may list several.

        Chinese names are divided by ``;`` ``；`` ``，`` ``、``, others by semicolons only.
        ``given_first`` is as in :func:`person`.
        """
        parts = (
            [part for part in re.split(r"\s*[;；]\s*", text) if part]
            if re.search("[;；]", text)
            else [text]
        )
        for part in parts:
            for single in split_names(part) if is_han(re.sub("[,，、;；]", "", part)) else [part]:
                self.add(name, person(single, given_first=given_first))

    def keywords(self, text: str) -> None:
        """Add keywords, divided by semicolons if there are any, else by commas if several."""
        divider = (
            r"[;；]+"
            if re.search("[;；]", text)
            else r"[,，、]"
            if text.count(",") > 1
            else r"[，、]"
        )
        parts = re.split(divider, text)
        for part in parts:
            self.add("keywords", part)

    def date(self, text: str) -> None:
        """Add a date in any of the forms that databases write.

        Its year is added, and the whole date if it says more than a date before it.
        """
        year, date = dated(text)
        if year and "year" not in self._values:
            self.add("year", year)
        if date and date != year and len(date) > len(self.get("date")):
            self._values["date"] = {(date, 0): date}

    def pages(self, start: str, end: str) -> None:
        """Add the first and last page."""
        start, end = _PAGES.sub("", start.strip()), _PAGES.sub("", end.strip())
        if start and end and end != start and "-" not in start:
            self.add("pages", f"{start}–{end}")
        else:
            self.add("pages", start or end)

    def work(self, position: int, line: int) -> Work:
        """The work, with the names that BibTeX gives its fields."""
        kind = self.entry_type or "misc"
        if kind in _THESES:
            self._settle_thesis()
            kind = self.entry_type or kind
        values = {
            _named(name, kind): _joined(name, list(parts.values()))
            for name, parts in self._values.items()
            if parts
        }
        if "pages" in values:
            values["pages"] = _RANGE.sub(r"\1–\2", _PAGES.sub("", values["pages"]))
        if "date" in values and "year" not in values:
            year = _YEAR.search(values["date"])
            values |= {"year": year.group(1)} if year else {}
        abstract = values.pop("abstract", None)
        tags = tuple(
            tag
            for part in values.pop("tags", "").split(";")
            if (tag := _NOT_IN_TAGS.sub("-", part.strip()).strip("-"))
        )
        fields = tuple(
            Field(name if is_field_name(name) else _slug(name), value)
            for name, value in values.items()
        )
        return Work(position, line, self.key, self.entry_type, fields, abstract, tags)

    def _settle_thesis(self) -> None:
        """Decide which degree a thesis was for, and who advised."""
        for value in self.drop("serieseditor"):
            self.add("advisor", value)
        degree = self.get("type")
        if _DOCTOR.search(degree):
            self.entry_type = "phdthesis"
        elif _MASTER.search(degree):
            self.entry_type = "mastersthesis"


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_") or "unnamed"


def _joined(name: str, values: list[str]) -> str:
    return {"keywords": "; ", "abstract": "\n", "note": "\n"}.get(
        name, " and " if name in NAMES else "; "
    ).join(values)


def _named(name: str, kind: str) -> str:
    if name == CONTAINER:
        return (
            "journal"
            if kind == "article"
            else "booktitle"
            if kind in _IN_BOOKS
            else "series"
            if kind in {"book", *_REPORTS}
            else "howpublished"
        )
    if name == PUBLISHER:
        return "school" if kind in _THESES else "institution" if kind in _REPORTS else "publisher"
    return name


def number_field(text: str) -> str:
    """The field for a number that may be an ISSN or an ISBN: ``issn`` or ``isbn``.

    >>> number_field("0302-9743"), number_field("978-3-16-148410-0")
    ('issn', 'isbn')
    """
    return "issn" if _ISSN.match(text) else "isbn"


def month_date(record: Record) -> str:
    """Year and month of a record as an ISO date; empty without a month that can be read."""
    year, month = record.get("year"), record.get("month").strip(" .").casefold()
    number = (
        int(month)
        if month.isascii() and month.isdigit()
        else _MONTHS.get(month[:3], 0)
        if month.isalpha()
        else 0
    )
    return f"{year}-{number:02d}" if re.fullmatch(r"\d{4}", year) and 1 <= number <= 12 else ""


def person(text: str, *, given_first: bool = False) -> str:
    """One name in BibTeX's form; a body's in braces if BibTeX would take it for a person's.

    ``given_first`` says that the format writes given names first, so that a long name without a
    comma may be a person's.

    >>> person("Smith,John,Jr."), person("World Health Organization")
    ('Smith, Jr., John', '{World Health Organization}')
    >>> person("张三"), person("IBM,")
    ('张三', 'IBM')
    """
    if text.startswith("{") and text.endswith("}"):
        return text
    text = text.replace("{", "(").replace("}", ")")  # an unpaired brace would spoil the entry
    parts = [" ".join(part.split()) for part in re.split(r"[,，]", text)]
    filled = [part for part in parts if part]
    if len(parts) > 1 and len(filled) == 1:
        return f"{{{filled[0]}}}" if " " in filled[0] or is_han(filled[0]) else filled[0]
    if len(parts) > 2 and not parts[-1] and _BODY.search(filled[0]):
        return f"{{{', '.join(filled)}}}"
    if len(filled) == 3 and not _SUFFIX.fullmatch(filled[1]):
        return f"{filled[0]}, {filled[2]}, {filled[1]}"
    if len(filled) != 1:
        return ", ".join(filled)
    name = filled[0]
    if is_han(name) or " " not in name:
        return name
    return (
        f"{{{name}}}" if _BODY.search(name) or (not given_first and len(name.split()) > 4) else name
    )


def dated(text: str) -> tuple[str, str]:
    """The year in a date, and the date in ISO 8601; one that is not understood as it was written.

    >>> dated("FEB 2011"), dated("2018/04//"), dated("1996")
    (('2011', '2011-02'), ('2018', '2018-04'), ('1996', '1996'))
    >>> dated("Start date: 20170812"), dated("2009 May-Jun")
    (('2017', '2017-08-12'), ('2009', '2009 May-Jun'))
    """
    stripped = " ".join(text.replace("///", " ").strip(" /-").split())
    compact, iso = _COMPACT.search(stripped), _ISO.search(stripped)
    if compact and _is_day(int(compact[2]), int(compact[3])):
        return compact[1], f"{compact[1]}-{compact[2]}-{compact[3]}"
    if iso and _is_day(int(iso[2]), int(iso[3] or 1)):
        return iso[1], f"{iso[1]}-{int(iso[2]):02d}" + (f"-{int(iso[3]):02d}" if iso[3] else "")
    year, month = _YEAR.search(stripped), _NAMED_MONTH.search(stripped)
    if year and month and not re.search(r"[A-Za-z]", stripped.replace(month.group(), "")):
        remaining = re.sub(
            r"\D+", " ", stripped.replace(year.group(), "", 1).replace(month.group(), "")
        ).strip()
        day = month[2] or (remaining if remaining.isdigit() and len(remaining) <= 2 else "")
        return year[1], f"{year[1]}-{_MONTHS[month[1].casefold()]:02d}" + (
            f"-{int(day):02d}" if day and _is_day(1, int(day)) else ""
        )
    return (year[1] if year else ""), stripped


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31
