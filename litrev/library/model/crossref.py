"""What an entry takes over from the entry it names in ``crossref`` or ``xdata``.

The rules are biblatex's defaults (manual 3.20, appendix B); BibTeX's own, where every field a child
lacks comes over under its own name, give the same where both are used.
"""

from __future__ import annotations

from litrev.library.model.record import Field, Record

PARENTS = ("crossref", "xdata")
_NEVER = frozenset(
    "crossref xref xdata ids entryset entrysubtype execute label options presort related relatedoptions relatedstring relatedtype shorthand "
    "shorthandintro sortkey abstract keywords file note annotation annote doi url urldate eprint pages pagetotal".split()
)
_BOOKISH = frozenset(
    "inbook bookinbook suppbook incollection suppcollection inproceedings conference inreference".split()
)
_TITLES = {"title": "booktitle", "subtitle": "booksubtitle", "titleaddon": "booktitleaddon"}
_PERIODICAL = {"title": "journaltitle", "subtitle": "journalsubtitle"}


def inherited(child: Record, parent: Record, *, by_crossref: bool) -> tuple[Field, ...]:
    """The fields that ``child`` has not and takes over from ``parent``, under the names they get
    there.
    """
    own = {field.name for field in (*child.fields, *child.inherited)}
    found = dict[str, Field]()
    for field in (*parent.fields, *parent.inherited):
        for name in (
            _names(child.entry_type, parent.entry_type, field.name) if by_crossref else [field.name]
        ):
            if name not in own and name not in found and name not in _NEVER:
                found[name] = Field(name, field.value)
    return tuple(found.values())


def _names(child: str, parent: str, name: str) -> list[str]:
    if child in _BOOKISH and name in _TITLES:
        return [_TITLES[name]]
    if (
        child in {"inbook", "bookinbook", "suppbook"}
        and name == "author"
        and parent in {"book", "mvbook"}
    ):
        return ["bookauthor", "author"]
    if child in {"article", "suppperiodical"} and parent == "periodical" and name in _PERIODICAL:
        return [_PERIODICAL[name]]
    return [name]
