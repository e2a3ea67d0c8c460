"""Entry types: what each requires, and which one fits a bare abstract.

The requirements are those of the biblatex manual (version 3.20, section 2.1) and, for the types
biblatex keeps for BibTeX's sake, of BibTeX's ``btxdoc`` (section 3.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable

Alternatives = tuple[str, ...]

_AUTHOR_TITLE_DATE: tuple[Alternatives, ...] = (("author",), ("title",), ("date", "year"))
_EDITED: tuple[Alternatives, ...] = (("editor",), ("title",), ("date", "year"))
_LOOSE: tuple[Alternatives, ...] = (("author", "editor"), ("title",), ("date", "year"))
_THESIS: tuple[Alternatives, ...] = (*_AUTHOR_TITLE_DATE, ("institution", "school"))

REQUIRED: dict[str, tuple[Alternatives, ...]] = {
    "article": (("author",), ("title",), ("journaltitle", "journal"), ("date", "year")),
    "book": (("author", "editor"), ("title",), ("date", "year")),
    "mvbook": _AUTHOR_TITLE_DATE,
    "inbook": (("author",), ("title",), ("booktitle", "chapter", "pages"), ("date", "year")),
    "booklet": _LOOSE,
    "collection": _EDITED,
    "incollection": (("author",), ("title",), ("booktitle",), ("date", "year")),
    "dataset": _LOOSE,
    "manual": _LOOSE,
    "misc": _LOOSE,
    "online": (*_LOOSE, ("url", "doi", "eprint")),
    "patent": (("author",), ("title",), ("number",), ("date", "year")),
    "periodical": _EDITED,
    "proceedings": (("title",), ("date", "year")),
    "conference": (("author",), ("title",), ("booktitle",), ("date", "year")),
    "inproceedings": (("author",), ("title",), ("booktitle",), ("date", "year")),
    "report": (("author",), ("title",), ("type",), ("institution",), ("date", "year")),
    "techreport": (("author",), ("title",), ("institution",), ("date", "year")),
    "thesis": _THESIS,
    "phdthesis": _THESIS,
    "mastersthesis": _THESIS,
    "unpublished": _AUTHOR_TITLE_DATE,
    "software": _LOOSE,
    "standard": (("title",), ("date", "year")),
}

_THESIS_WORDS = re.compile(
    r"\b(?:this|the|our) (?:thesis|dissertation)\b"
    r"|\bchapter (?:one|two|three|[1-9]|I{1,3}|IV|V|VI)\b"
    r"|\b(?:first|second|third|fourth|fifth) chapter\b"
    r"|学位论文|第[一二三四五六七八九]章",
    re.IGNORECASE,
)
_LOOKED_AT = 100_000  # characters of an abstract that may decide its type


def fitting_type(abstract: str | None) -> str:
    """``thesis`` for an abstract that calls itself one or mentions its chapters, else ``misc``."""
    is_thesis = abstract and _THESIS_WORDS.search(abstract[:_LOOKED_AT])
    return "thesis" if is_thesis else "misc"


def missing(entry_type: str, get: Callable[[str], str]) -> tuple[str, ...]:
    """What ``entry_type`` requires and ``get`` does not give; alternatives are joined by "/".

    >>> missing("thesis", {"author": "A", "year": "2020"}.get)
    ('title', 'institution/school')
    """

    def has(name: str) -> bool:
        # "get" may be that of a dict, which gives None for what it lacks.
        return bool((get(name) or "").strip())

    required = REQUIRED.get(entry_type.casefold(), _LOOSE)
    lacking = [names for names in required if not any(map(has, names))]
    return tuple("/".join(names) for names in lacking)
