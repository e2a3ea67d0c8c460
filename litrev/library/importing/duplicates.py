"""When two records may be one work, with score and reasons; and merging them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from litrev.errors import Conflict
from litrev.library.bibtex.names import is_han, parse_names
from litrev.library.model.duplicate_keys import bare_doi, fold, whole_title
from litrev.library.model.evidence import find_evidence
from litrev.library.model.ids import fold_key, new_id
from litrev.library.model.record import Cell, Field, ItemState, Record, Value, Verdict
from litrev.library.storage import edits as editing
from litrev.library.storage.journal import Slot, decision_name
from litrev.library.storage.library import Library
from litrev.library.storage.operations import Operation

LIKELY = 0.8  # from which score on two records are shown as one work
# Records that share a title, such as "Editorial": if there are more, each is only compared with
# its neighbours.
_LARGE = 30
_NOTICE = re.compile(
    r"\s*(?:erratum|corrigend|correction|retract|expression of concern|comment on|reply to)",
    re.IGNORECASE,
)
_ORDINALS = {
    word: str(n)
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1
    )
}
_THESES = frozenset("thesis phdthesis mastersthesis".split())
_CLASSES = {
    **dict.fromkeys(_THESES, "thesis"),
    "article": "article",
    **dict.fromkeys(("book", "mvbook", "collection", "proceedings"), "book"),
    **dict.fromkeys(("incollection", "inbook"), "part"),
    **dict.fromkeys(("inproceedings", "conference"), "paper"),
    "patent": "patent",
    "standard": "standard",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one work, with a ``score`` from 0 to 1 and the reasons for it.

    ``one`` was added first.
    """

    one: Record
    other: Record
    score: float
    reasons: tuple[str, ...]


def compare(one: Record, other: Record) -> tuple[float, tuple[str, ...]] | None:
    """How likely two records are one work, and why; None if something shows that they are not.

    Another edition, volume or part is another work; so is the same title by another author, or
    years apart. Two theses with DOIs of two databases may be one.
    """
    if _is_other_part(one, other):
        return None
    title = fold(whole_title(one.get)) == fold(whole_title(other.get)) and bool(
        fold(whole_title(one.get))
    )
    dois = {bare_doi(one.get("doi")), bare_doi(other.get("doi"))} - {""}
    both_dois = bool(bare_doi(one.get("doi")) and bare_doi(other.get("doi")))
    if both_dois and len(dois) == 1:
        if title:
            return 1.0, ("the same DOI and title",)
        return (
            None
            if _NOTICE.match(one.get("title")) or _NOTICE.match(other.get("title"))
            else (0.85, ("the same DOI, another title",))
        )
    theses = one.entry_type in _THESES or other.entry_type in _THESES
    if not title or (both_dois and not theses):
        return None
    return _compare_titled(one, other)


def _compare_titled(one: Record, other: Record) -> tuple[float, tuple[str, ...]] | None:
    score, reasons = 0.6, ["the same title"]
    years = one.year, other.year
    if None not in years:
        apart = abs((years[0] or 0) - (years[1] or 0))
        if apart > 1:
            return None
        score += 0.15 if apart == 0 else 0.08
        reasons.append("the same year" if apart == 0 else "one year apart")
    else:
        score += 0.05
    author = _same_author(one, other)
    if author is False:
        return None
    score += 0.22 if author else 0.1
    reasons += ["the same first author"] if author else []
    for name in ("journal", "booktitle"):
        if not _same_place(fold(one.get(name)), fold(other.get(name))):
            return score - 0.25, (*reasons, f"but another {name}")
    classes = _CLASSES.get(one.entry_type), _CLASSES.get(other.entry_type)
    if (
        None not in classes
        and classes[0] != classes[1]
        and not (one.type_guessed or other.type_guessed)
    ):
        return (score - 0.25, (*reasons, f"but {one.entry_type} and {other.entry_type}"))
    return score, tuple(reasons)


def _same_place(one: str, other: str) -> bool:
    """Whether two names of a journal or book can be one, abbreviated or not."""
    short, long = sorted((one, other), key=len)
    letters = iter(long)
    return not short or all(char in letters for char in short)


def _same_author(one: Record, other: Record) -> bool | None:
    """Whether the first authors agree; None where one is missing or the scripts differ."""
    names = [
        next(iter(parse_names(record.get("author") or record.get("editor"))), None)
        for record in (one, other)
    ]
    first, second = names
    if first is None or second is None or first.others or second.others:
        return None
    if is_han(first.family) != is_han(second.family):
        return None
    if (
        first.given
        and second.given
        and fold(first.given)[:1] != fold(second.given)[:1]
        and fold(first.given) != fold(second.family)
    ):
        return False
    families = {
        fold(first.family + (first.given if is_han(first.family) else "")),
        fold(second.family + (second.given if is_han(second.family) else "")),
    }
    swapped = fold(first.natural) == fold(second.natural) or {
        fold(first.family),
        fold(first.given),
    } == {fold(second.family), fold(second.given)}
    return len(families) == 1 or swapped


def _is_other_part(one: Record, other: Record) -> bool:
    """Whether edition, volume, number, ISBN or pages show that these are two works."""
    for name in ("edition", "volume", "part", "number", "chapter", "issue", "volumetitle"):
        values = {_plain_number(record.get(name)) for record in (one, other)} - {""}
        if len(values) > 1:
            return True
    isbns = [
        {
            re.sub(r"[^0-9X]", "", part.upper())[-10:-1]
            for part in re.split(r"[;,]", record.get("isbn"))
            if part.strip()
        }
        for record in (one, other)
    ]
    if isbns[0] and isbns[1] and not isbns[0] & isbns[1]:
        return True
    pages = [re.findall(r"\w*\d+", record.get("pages"))[:1] for record in (one, other)]
    return bool(pages[0] and pages[1] and pages[0][0].lstrip("0") != pages[1][0].lstrip("0"))


def _plain_number(text: str) -> str:
    folded = _ORDINALS.get(fold(text).removesuffix("edition").removesuffix("ed"), fold(text))
    digits = re.match(r"0*(\d+)(?:st|nd|rd|th|ed|edition|版|卷|册)?", folded)
    return digits.group(1) if digits else folded


def duplicates_of(
    library: Library, record: Record, keys: Sequence[str], met: Iterable[str] = ()
) -> list[Pair]:
    """The records that may be the same work as this one, the likeliest first.

    Candidates are the records with one of these duplicate keys, and those with an id in ``met``.
    """
    others = (library.duplicate_keys.sharing(keys, _LARGE) | set(met)) - {record.id}
    return (
        sorted(_pairs(library, [(i, record.id) for i in others]), key=lambda pair: -pair.score)
        if others
        else []
    )


def pairs(library: Library, among: Sequence[str] | None = None) -> list[Pair]:
    """All pairs of records that may be one work, the likeliest first.

    With ``among``, only pairs with at least one of these records.
    """
    to_compare = dict.fromkeys(
        pair for ids in library.duplicate_keys.groups() for pair in _pairs_within(library, ids)
    )
    if among is not None:
        selected = set(among)
        to_compare = {pair: None for pair in to_compare if selected & set(pair)}
    return sorted(
        _pairs(library, list(to_compare)),
        key=lambda pair: (-pair.score, pair.one.seq, pair.other.seq),
    )


def _pairs_within(library: Library, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The pairs of a group to compare; of a large one only neighbours by author and year."""
    if len(ids) <= _LARGE:
        yield from combinations(ids, 2)
        return
    records = library.records(ids)
    yield from (
        (a.id, b.id)
        for a, b in pairwise(
            sorted(records, key=lambda r: (fold(r.get("author")), r.year or 0, r.seq))
        )
    )


def _pairs(library: Library, ids: Sequence[tuple[str, str]]) -> Iterator[Pair]:
    records = {
        record.id: record
        for record in library.records(list(dict.fromkeys(i for pair in ids for i in pair)))
    }
    distinct = library.duplicate_keys.distinct() if ids else set()
    for a, b in ids:
        if a in records and b in records and tuple(sorted((a, b))) not in distinct:
            one, other = sorted((records[a], records[b]), key=lambda record: record.seq)
            verdict = compare(one, other)
            if verdict and verdict[0] >= LIKELY:
                yield Pair(one, other, round(verdict[0], 2), verdict[1])


def merge_all(
    library: Library, operation: Operation, found: Sequence[Pair]
) -> list[tuple[str, str, list[Field]]]:
    """Merge pairs; three or more records of one work are merged into the first.

    The result has, for each merge, the key of the record that stays, the key of the other, and the
    fields of the other that were not kept. What became of the first records is compared again
    before the next merge. So a third record does not join two that are different works, or that a
    person called different works.
    """
    members: dict[str, set[str]] = {}
    into: dict[str, str] = {}
    distinct = library.duplicate_keys.distinct()
    merges = []
    for pair in found:
        one, other = (_kept_in(into, record.id) for record in (pair.one, pair.other))
        if one == other:
            continue
        mine, theirs = members.setdefault(one, {one}), members.setdefault(other, {other})
        keep, gone = library.record(one), library.record(other)
        again = compare(keep, gone)
        if (
            again is None
            or again[0] < min(pair.score, LIKELY)
            or any(tuple(sorted((a, b))) in distinct for a in mine for b in theirs)
        ):
            continue
        merges.append((keep.key, gone.key, merge(library, operation, keep, gone)))
        into[other] = one
        mine |= theirs
    return merges


def _kept_in(into: Mapping[str, str], record_id: str) -> str:
    while record_id in into:
        record_id = into[record_id]
    return record_id


def distinguish(operation: Operation, one: str, other: str) -> bool:
    """Note that a person says that two records are two works.

    Raises Conflict when both are the same record.
    """
    if one == other:
        raise Conflict("both names mean the same record", "Name two records.")
    return operation.put(Slot("distinct", one, other), True)


def merge(library: Library, operation: Operation, keep: Record, other: Record) -> list[Field]:
    """Make two records one: ``keep`` takes over what it lacks, and ``other`` is removed.

    The result has the fields of ``other`` that differ; there ``keep`` stays as it is. It gets the
    keys, tags, notes and sources of ``other``, and what persons decided about it. Undoing the
    operation brings both back as they were. Raises Conflict when both are the same record.
    """
    if keep.id == other.id:
        raise Conflict(f"both names mean the same record, {keep.key}", "Name two records.")
    mine = {field.name: field for field in keep.fields}
    differing = [
        field
        for field in other.fields
        if field.name in mine and mine[field.name].value != field.value
    ]
    if keep.entry_type != other.entry_type and not other.type_guessed and not keep.type_guessed:
        differing.append(Field("entry type", other.entry_type))
    operation.put(Slot("alive", other.id), None)
    for field in other.fields:
        if field.name not in mine:
            operation.set_field(keep.id, field.name, field)
    if keep.type_guessed and not other.type_guessed:
        operation.put(Slot("type", keep.id), [other.entry_type, 0])
    if keep.abstract is None and other.abstract is not None:
        operation.set_abstract(keep.id, other.abstract)
    elif other.abstract is not None and other.abstract != keep.abstract:
        differing.append(Field("abstract", other.abstract))
    for key in (other.key, *other.aliases):
        if fold_key(key) != fold_key(keep.key):
            operation.put(Slot("alias", keep.id, key), True)
    editing.tag(operation, keep.id, other.tags, ())
    for note in other.notes:
        operation.put(Slot("note", keep.id, new_id()), [note.text, note.actor, note.at])
    _move_blocks(library, operation, keep.id, other.id)
    _add_decisions(library, operation, keep.id, other.id)
    return differing


def _move_blocks(library: Library, operation: Operation, keep: str, other: str) -> None:
    for source, position in library.sources.blocks_of(other):
        operation.put(Slot("block", other, f"{source}\x1f{position}"), keep)


def _add_decisions(library: Library, operation: Operation, keep: str, other: str) -> None:
    """Add what persons decided about the other record, where the kept one lacks the value."""
    abstract = library.record(keep).abstract or ""
    kept_cells = library.cells([keep])[keep]
    for name, cell in library.cells([other])[other].items():
        known = {fold(item.value.text) for item in kept_cells[name].items}
        for item in cell.items:
            if item.state is not ItemState.DECIDED or fold(item.value.text) in known:
                continue
            value = item.value
            spans = tuple(
                s for s in value.evidence if not s.stale and abstract[s.start : s.end] == s.quote
            ) or find_evidence(abstract, value.text)
            copy = Value(
                new_id(),
                name,
                value.text,
                value.label,
                spans,
                value.maker,
                value.confidence,
                value.made,
                value.number,
            )
            operation.add_value(keep, copy)
            for actor in item.actors or (operation.actor,):
                operation.put(
                    Slot("decision", keep, decision_name(name, copy.id, actor)),
                    [Verdict.ENTER.value, copy.id],
                )
    _add_denials(library, operation, keep, other, kept_cells)


def _add_denials(
    library: Library, operation: Operation, keep: str, other: str, kept_cells: Mapping[str, Cell]
) -> None:
    """Add that a field is not reported, if the kept record has nothing there.

    Add that a value is wrong, if the kept record has the same one only as a proposal.
    """
    values = library.values(other)
    for decision in library.decisions(other):
        if decision.verdict not in {Verdict.REJECT, Verdict.NOT_REPORTED}:
            continue
        actor, name, subject, verdict = (
            decision.actor,
            decision.field,
            decision.subject,
            decision.verdict.value,
        )
        items = kept_cells[name].items if name in kept_cells else ()
        if not subject and not items:
            operation.put(Slot("decision", keep, decision_name(name, "", actor)), [verdict, None])
        for item in items:
            if (
                subject in values
                and item.state is ItemState.PROPOSED
                and fold(item.value.text) == fold(values[subject].text)
            ):
                operation.put(
                    Slot("decision", keep, decision_name(name, item.subject, actor)),
                    [Verdict.REJECT.value, None],
                )
