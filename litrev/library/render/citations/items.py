"""What citeproc is given of a work: only what it reads without fault, in the shape that the makers
of the styles meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from litrev.library.render.citations.styles import Style

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f〇·]")
_KANA = re.compile(r"[\u3041-\u30ff\uac00-\ud7af]")
_MOST_NESTED = 50
LESS = "\U0010fffd"  # instead of a literal "<" on its way through citeproc

_NAMES = frozenset(
    """author chair collection-editor compiler composer container-author contributor curator
    director editor editor-translator editorial-director executive-producer guest host illustrator
    interviewer narrator organizer original-author performer producer recipient reviewed-author
    script-writer series-creator translator""".split()
)
_DATES = frozenset("accessed available-date event-date issued original-date submitted".split())
_PRIVATE = frozenset(
    "id type note annote abstract keyword custom citation-key citation-label categories".split()
)
_NAME_PARTS = ("family", "given", "literal", "suffix", "dropping-particle", "non-dropping-particle")
_LOCALES = {
    "zh": "zh-CN",
    "chinese": "zh-CN",
    "中文": "zh-CN",
    "english": "en-US",
    "en": "en-US",
    "eng": "en-US",
    "german": "de-DE",
    "french": "fr-FR",
}
_TRADITIONAL = re.compile(r"zh[-_](tw|hk|mo|hant)", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_-]+")
_PAGE_DASH = re.compile(r"(?<=\w)\s*(?:-{1,3}|[–—−])\s*(?=\w)")
_NUMBER_DASH = re.compile(r"(?<=\d)\s*(?:--?|–)\s*(?=\d)")
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_DOI_ADDRESS = re.compile(r"https?://(?:dx\.)?doi\.org/", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_HALF_WIDTH = str.maketrans("（）", "()")
_VOLUMED = frozenset("book chapter entry-dictionary entry-encyclopedia paper-conference".split())


def language(item: Mapping[str, Any], style: Style) -> str:
    """The language an item is formatted in, as a locale of CSL such as "zh-CN" or "en-US".

    Chinese works are formatted in Chinese, all others in the style's own language or English.
    German or French works stay in the list's Western language on purpose: a list has one word for
    "edited by". Where an item declares no language, its title decides.
    """
    declared = str(item.get("language") or "").strip()
    if _TRADITIONAL.match(declared):
        return "zh-TW"
    if declared.lower().startswith(("zh", "chi", "中")):
        return "zh-CN"
    title = str(item.get("title") or "")
    if not declared and _looks_chinese(title):
        return "zh-CN"
    if style.chinese or not style.locale:
        return "en-US"
    return style.locale


def prepare(item: Mapping[str, Any], style: Style, *, markup: bool = True) -> dict[str, Any]:
    """A CSL item that pandoc reads without fault and formats as the style's makers meant.

    ``note`` never passes, since pandoc reads "author: …" lines in it as data; neither do abstract
    and keywords, which no list shows. With ``markup`` CSL's own tags (``<i>``, ``<b>``, ``<sub>``,
    ``<sup>``, ``<sc>``, ``<span class="nocase">``) count; without, titles come out letter by
    letter.
    """
    entry_type = str(item.get("type") or "document")
    ready: dict[str, Any] = {"type": entry_type}
    for name, value in item.items():
        if name not in _PRIVATE and _VARIABLE.fullmatch(name):
            prepared = _prepared(name, value, style, markup)
            if prepared:
                ready[name] = prepared
    ready["language"] = _locale(ready.get("language"), language(item, style))
    _tidy_locators(ready, style)
    _tidy_addresses(ready)
    _tidy_names_of_variables(ready, style)
    if style.chinese:
        _follow_chinese_custom(ready, wide=style.wide)
    return ready


def _locale(declared: str | None, own: str) -> str:
    """The language citeproc is told: what a Western work declares, else what it is formatted in."""
    if declared is None or own.startswith("zh"):
        return own
    return _LOCALES.get(declared.lower(), declared)


def text_of(value: object, *, markup: bool = True) -> str:
    """A value as one line of text without control characters.

    Empty for what is not a text or number. Without ``markup``, or where a text has more quotation
    marks and tags than citeproc can pair, each "<" is :data:`LESS`, to be put back in what comes
    out.

    >>> text_of("two\\nlines"), text_of(12), text_of(True), text_of(None)
    ('two lines', '12', '', '')
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    printable = [" " if _is_unsafe(char) else char for char in str(value)]
    text = " ".join("".join(printable).split())
    # Citeproc pairs quotation marks and tags, one within the other; these are too many for it.
    if sum(map(text.count, "\"'<")) > _MOST_NESTED:
        text = text.replace('"', "”").replace("'", "’")
        markup = False
    return text if markup else text.replace("<", LESS)


def _is_unsafe(char: str) -> bool:
    """Whether citeproc must not see a character: a control, half of a surrogate pair, or LESS."""
    return char == LESS or unicodedata.category(char) in {"Cc", "Cs"}


def _looks_chinese(text: str) -> bool:
    """Whether a text has Chinese characters and no Japanese or Korean letters."""
    return bool(_HAN.search(text)) and not _KANA.search(text)


def _prepared(name: str, value: object, style: Style, markup: bool) -> object:
    """The value of a variable as citeproc reads it; empty where there is nothing to print."""
    if name in _NAMES:
        return _people(value, style)
    if name in _DATES:
        return _date(value)
    return text_of(value, markup=markup)


def _people(value: object, style: Style) -> list[dict[str, str]]:
    """The names of a list of people, or of one; those without any part are left out."""
    given_people = value if isinstance(value, list) else [value]
    people = []
    for person in given_people:
        parts = _name_parts(person, style)
        present = {part: text for part, text in parts.items() if text}
        if present:
            people.append(present)
    return people


def _name_parts(person: object, style: Style) -> dict[str, str]:
    """The parts of a name by CSL's words for them; some may be empty."""
    if not isinstance(person, Mapping):
        return {"literal": text_of(person)}
    parts = {part: text_of(person.get(part)) for part in _NAME_PARTS}
    if style.chinese and person.get("comma-suffix") and parts["suffix"]:
        parts["suffix"] = f", {parts['suffix']}"
    family = parts["family"]
    given = parts["given"]
    # In two parts it would be "于潇." where a style abbreviates given names.
    if family and given and _all_han(family + given):
        return {"literal": family + given}
    return parts


def _all_han(text: str) -> bool:
    return all(_HAN.match(char) for char in text)


def _date(value: object) -> dict[str, Any]:
    """A date in CSL's shape: its numbers, else its words; empty where it has neither."""
    if not isinstance(value, Mapping):
        text = text_of(value)
        return {"raw": text} if text else {}
    date: dict[str, Any] = {}
    parts = _date_parts(value.get("date-parts"))
    if parts:
        date["date-parts"] = parts
    else:
        for name in ("raw", "literal"):
            text = text_of(value.get(name))
            if text:
                date[name] = text
    if date and value.get("circa"):
        date["circa"] = True
    return date


def _date_parts(value: Any) -> list[list[int]]:
    """The numbers of a date or of the two of a range; none where one of them is not a number.

    A date has at most three: year, month and day.
    """
    try:
        dates = (value or ())[:2]
        return [[int(part) for part in date[:3]] for date in dates if date]
    except (TypeError, ValueError):
        return []


def _tidy_locators(item: dict[str, Any], style: Style) -> None:
    """One spelling for the ranges of pages, issues and volumes."""
    if "page" in item:
        item["page"] = _PAGE_DASH.sub("-", item["page"])
    dash = "-" if style.hyphen else "–"
    for name in ("issue", "volume"):
        if name in item:
            item[name] = _NUMBER_DASH.sub(dash, item[name])


def _tidy_addresses(item: dict[str, Any]) -> None:
    """A bare DOI, and no address that repeats it or that is not one of the web."""
    if "DOI" in item:
        item["DOI"] = _DOI_PREFIX.sub("", item["DOI"])
        if _DOI_ADDRESS.match(item.get("URL", "")):
            del item["URL"]
    if "URL" in item and not _WEB_ADDRESS.match(item["URL"]):
        del item["URL"]


def _tidy_names_of_variables(item: dict[str, Any], style: Style) -> None:
    """The variables under the names that styles ask for."""
    # CSL 1.0.2 renamed "event"; styles use either name.
    if "event" in item:
        item.setdefault("event-title", item["event"])
    elif "event-title" in item:
        item["event"] = item["event-title"]
    # The publication number of a thesis database is not a place in an archive.
    in_database = item["type"] == "thesis" and "archive" in item
    is_numbered = item.get("archive_location", "").isdigit()
    if in_database and is_numbered and "number" not in item and not style.chinese:
        item["number"] = item.pop("archive_location")


def _follow_chinese_custom(item: dict[str, Any], *, wide: bool) -> None:
    """What GB/T 7714 prints and its CSL files cannot say: half-width brackets in journal names,
    第1卷.
    """
    if "container-title" in item and not wide:
        item["container-title"] = item["container-title"].translate(_HALF_WIDTH)
    is_volume = item["type"] in _VOLUMED and item.get("volume", "").isdigit()
    if is_volume and item["language"] == "zh-CN":
        place = "title" if item["type"] == "book" else "container-title"
        if place in item:
            colon = "：" if wide else ": "
            volume = item.pop("volume")
            item[place] = f"{item[place]}{colon}第{volume}卷"
