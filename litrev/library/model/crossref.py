"""What an entry takes over from the entry it names in ``crossref`` or ``xdata``.

The rules are biblatex's defaults (manual 3.20, appendix B); BibTeX's own, where every field a child
lacks comes over under its own name, give the same where both are used.
"""

from __future__ import annotations

from litrev.library.model.record import Field, Record

PARENTS = ("crossref", "xdata")
_NEVER_INHERITED = frozenset(
    "crossref xref xdata ids entryset entrysubtype execute label options presort "
    "related relatedoptions relatedstring relatedtype shorthand shorthandintro sortkey "
    "abstract keywords file note annotation annote doi url urldate eprint pages pagetotal".split()
)
_PARTS_OF_BOOKS = frozenset({"inbook", "bookinbook", "suppbook"})
_PARTS_OF_VOLUMES = _PARTS_OF_BOOKS | {
    "incollection",
    "suppcollection",
    "inproceedings",
    "conference",
    "inreference",
}
_BOOKS = frozenset({"book", "mvbook"})
_ARTICLES = frozenset({"article", "suppperiodical"})
_NAMES_IN_VOLUMES = {
    "title": "booktitle",
    "subtitle": "booksubtitle",
    "titleaddon": "booktitleaddon",
}
_NAMES_IN_PERIODICALS = {"title": "journaltitle", "subtitle": "journalsubtitle"}


def inherited(child: Record, parent: Record, *, by_crossref: bool) -> tuple[Field, ...]:
    """The fields that ``child`` lacks and takes over from ``parent``, under the names they get
    there.
    """
    own_fields = (*child.fields, *child.inherited)
    own_names = {field.name for field in own_fields}
    excluded = own_names | _NEVER_INHERITED
    by_name: dict[str, Field] = {}
    for field in (*parent.fields, *parent.inherited):
        names = [field.name]
        if by_crossref:  # data of an xdata entry keep their names
            names = _names_in_child(child.entry_type, parent.entry_type, field.name)
        for name in names:
            if name not in excluded:
                by_name.setdefault(name, Field(name, field.value))
    return tuple(by_name.values())


def _names_in_child(child_type: str, parent_type: str, name: str) -> list[str]:
    if child_type in _PARTS_OF_VOLUMES and name in _NAMES_IN_VOLUMES:
        return [_NAMES_IN_VOLUMES[name]]
    if child_type in _PARTS_OF_BOOKS and parent_type in _BOOKS and name == "author":
        return ["bookauthor", "author"]
    is_article = child_type in _ARTICLES and parent_type == "periodical"
    if is_article and name in _NAMES_IN_PERIODICALS:
        return [_NAMES_IN_PERIODICALS[name]]
    return [name]
