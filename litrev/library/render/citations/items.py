"""What citeproc is given of a work: only what it reads without fault, shaped as the makers of the
styles meant.
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
LESS = "\U0010fffd"  # stands for a literal "<" on its way through citeproc

_NAMES = frozenset(
    """author chair collection-editor compiler composer container-author contributor curator director editor editor-translator
    editorial-director executive-producer guest host illustrator interviewer narrator organizer original-author performer
    producer recipient reviewed-author script-writer series-creator translator""".split()
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
_VOLUMED = frozenset("book chapter entry-dictionary entry-encyclopedia paper-conference".split())


def language(item: Mapping[str, Any], style: Style) -> str:
    """The language an item is formatted in: Chinese works in Chinese, all others in the style's own
    or English.

    German or French works stay in the list's Western language on purpose: a list has one word for
    "edited by".
    """
    said = str(item.get("language") or "").strip()
    if _TRADITIONAL.match(said):
        return "zh-TW"
    text = str(item.get("title") or "")
    if said.lower().startswith(("zh", "chi", "中")) or (
        not said and _HAN.search(text) and not _KANA.search(text)
    ):
        return "zh-CN"
    return "en-US" if style.chinese or not style.locale else style.locale


def prepare(item: Mapping[str, Any], style: Style, *, markup: bool = True) -> dict[str, Any]:
    """A CSL item that pandoc reads without fault and formats as the style's makers meant.

    ``note`` never passes, since pandoc reads "author: …" lines in it as data; neither do abstract
    and keywords, which no list shows. With ``markup`` CSL's own tags (``<i>``, ``<b>``, ``<sub>``,
    ``<sup>``, ``<sc>``, ``<span class="nocase">``) count; without, titles come out letter by
    letter.
    """
    own = language(item, style)
    ready: dict[str, Any] = {"type": str(item.get("type") or "document")}
    for name, value in item.items():
        if name in _PRIVATE or not re.fullmatch(r"[A-Za-z_-]+", name):
            continue
        kept: object = (
            _people(value, style)
            if name in _NAMES
            else _date(value)
            if name in _DATES
            else text_of(value, markup=markup)
        )
        if kept:
            ready[name] = kept
    ready["language"] = (
        own
        if own.startswith("zh")
        else _LOCALES.get(str(ready.get("language", "")).lower(), ready.get("language", own))
    )
    _tidy(ready, style)
    if style.chinese:
        _by_chinese_custom(ready, wide=style.wide)
    return ready


def text_of(value: object, *, markup: bool = True) -> str:
    """A value as one line of text without control characters; what is no text is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = "".join(
        " " if unicodedata.category(char) in {"Cc", "Cs"} or char == LESS else char
        for char in str(value)
    )
    text = " ".join(text.split())
    if (
        sum(map(text.count, "\"'<")) > _MOST_NESTED
    ):  # citeproc pairs quotation marks and tags, one within the other
        text, markup = text.replace('"', "”").replace("'", "’"), False
    return text if markup else text.replace("<", LESS)


def _people(value: object, style: Style) -> list[dict[str, str]]:
    found = []
    for person in value if isinstance(value, list) else [value]:
        if not isinstance(person, Mapping):
            parts = {"literal": text_of(person)}
        else:
            parts = {part: text_of(person.get(part)) for part in _NAME_PARTS}
            if style.chinese and person.get("comma-suffix") and parts["suffix"]:
                parts["suffix"] = f", {parts['suffix']}"
        if (
            parts.get("family")
            and parts.get("given")
            and all(map(_all_han, (parts["family"], parts["given"])))
        ):
            parts = {
                "literal": parts["family"] + parts["given"]
            }  # else "于潇." where a style abbreviates given names
        if any(parts.values()):
            found.append({part: text for part, text in parts.items() if text})
    return found


def _all_han(text: str) -> bool:
    return all(_HAN.match(char) for char in text)


def _date(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {"raw": text} if (text := text_of(value)) else {}
    try:
        parts = [
            [int(part) for part in date[:3]] for date in (value.get("date-parts") or ())[:2] if date
        ]
    except (TypeError, ValueError):
        parts = []
    found: dict[str, Any] = {"date-parts": parts} if parts else {}
    for name in ("raw", "literal") if not parts else ():
        if told := text_of(value.get(name)):
            found[name] = told
    return found | ({"circa": True} if found and value.get("circa") else {})


def _tidy(item: dict[str, Any], style: Style) -> None:
    """What holds in every style: one spelling for ranges and DOIs, no address that repeats the DOI."""
    if "page" in item:
        item["page"] = re.sub(r"(?<=\w)\s*(?:-{1,3}|[–—−])\s*(?=\w)", "-", item["page"])
    for name in ("issue", "volume"):
        if name in item:
            item[name] = re.sub(
                r"(?<=\d)\s*(?:--?|–)\s*(?=\d)", "-" if style.hyphen else "–", item[name]
            )
    if "DOI" in item:
        item["DOI"] = re.sub(
            r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", item["DOI"], flags=re.IGNORECASE
        )
        if re.match(r"https?://(?:dx\.)?doi\.org/", item.get("URL", ""), re.IGNORECASE):
            del item["URL"]
    if not re.match(r"(?:https?|ftp)://", item.get("URL", "https://"), re.IGNORECASE):
        del item["URL"]
    for one, other in (("event", "event-title"), ("event-title", "event")):
        if one in item:
            item.setdefault(other, item[one])  # CSL 1.0.2 renamed it; styles use either
    number = item.get("archive_location", "")
    if (
        item["type"] == "thesis"
        and "archive" in item
        and "number" not in item
        and number.isdigit()
        and not style.chinese
    ):
        item["number"] = item.pop(
            "archive_location"
        )  # a thesis database's publication number is no shelf


def _by_chinese_custom(item: dict[str, Any], *, wide: bool) -> None:
    """What GB/T 7714 prints and its CSL files cannot say: half-width brackets in journal names,
    第1卷.
    """
    if "container-title" in item and not wide:
        item["container-title"] = item["container-title"].translate(str.maketrans("（）", "()"))
    if (
        item["language"] == "zh-CN"
        and item["type"] in _VOLUMED
        and item.get("volume", "").isdigit()
    ):
        place = "title" if item["type"] == "book" else "container-title"
        if place in item:
            item[place] = f"{item[place]}{'：' if wide else ': '}第{item.pop('volume')}卷"
