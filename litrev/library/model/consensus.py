"""The content of a cell: proposals and the decisions of one or several persons, combined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from litrev.library.model.record import Cell, CellState, Decision, Item, ItemState, Value, Verdict

_AFTER_ALL_EVIDENCE = (1 << 60, 0)


def cell(
    field: str,
    proposed: Sequence[Value] | None,
    decisions: Iterable[Decision],
    values: Mapping[str, Value],
    actor: str | None = None,
    *,
    single: bool = False,
    made: Mapping[str, int] | None = None,
) -> Cell:
    """The cell of ``field``; ``proposed`` is None when the field was never searched.

    ``decisions`` are the latest decisions of each person; with ``actor``, only that person's count.
    Several persons make a consensus: what they agree on is decided, and an item on which they
    differ is disputed. ``single`` says that the field holds one value: once a person has decided
    it, other proposals are left out. ``made`` numbers the values in the order in which they were
    made, where many cells share them.
    """
    by_subject: dict[str, list[Decision]] = {}
    for decision in decisions:
        if actor is None or decision.actor == actor:
            by_subject.setdefault(decision.subject, []).append(decision)
    order = _numbered(values) if made is None else made
    items = _items(proposed or (), by_subject, values)
    items.sort(key=lambda item: (*_place(item), order[item.value.id]))
    if single:
        items = _single_value(items)
    # A decision about the field as a whole has an empty subject.
    about_field = by_subject.get("", ())
    deniers = {d.actor for d in about_field if d.verdict is Verdict.NOT_REPORTED}
    if deniers:
        return _denied_cell(field, items, deniers)
    searched = proposed is not None or bool(by_subject)
    return Cell(field, _state(items, searched), tuple(items))


def _numbered(values: Mapping[str, Value]) -> dict[str, int]:
    return {value_id: number for number, value_id in enumerate(values)}


def _items(
    proposed: Iterable[Value],
    by_subject: Mapping[str, Sequence[Decision]],
    values: Mapping[str, Value],
) -> list[Item]:
    """What was proposed, and what persons made of it or entered themselves."""
    items = []
    # Each subject once, and proposals first: a proposal may also be the subject of decisions.
    subjects = dict.fromkeys(value.id for value in proposed)
    subjects.update(dict.fromkeys(filter(None, by_subject)))
    for subject in subjects:
        decisions = by_subject.get(subject)
        if decisions:
            items += _judged_items(subject, decisions, values)
        elif subject in values:
            items.append(Item(values[subject], ItemState.PROPOSED, (), subject))
    return items


def _judged_items(
    subject: str, decisions: Sequence[Decision], values: Mapping[str, Value]
) -> list[Item]:
    """An item for each different value that persons keep of one proposal."""
    rejected = False
    different: dict[tuple[str, str | None], Value] = {}
    for decision in decisions:
        value_id = decision.value_id or subject
        if decision.verdict is Verdict.REJECT:
            rejected = True
        elif value_id in values:
            value = values[value_id]
            # Two persons who wrote the same agree, although each made a value of their own.
            content = (value.text.casefold(), value.label)
            different.setdefault(content, value)
    agreed = len(different) == 1 and not rejected
    state = ItemState.DECIDED if agreed else ItemState.DISPUTED
    actors = tuple(sorted({decision.actor for decision in decisions}))
    return [Item(value, state, actors, subject) for value in different.values()]


def _single_value(items: list[Item]) -> list[Item]:
    """The items of a field that holds one value.

    Once a person has judged one, what is only proposed is left out. Different values that are
    decided by different persons are disputed.
    """
    judged = _judged(items)
    if not judged:
        return items
    texts: set[str] = set()
    actors: set[str] = set()
    for item in judged:
        texts.add(item.value.text.casefold())
        actors.update(item.actors)
    if len(texts) < 2 or len(actors) < 2:
        return judged
    return [item._replace(state=ItemState.DISPUTED) for item in judged]


def _judged(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.state is not ItemState.PROPOSED]


def _denied_cell(field: str, items: Sequence[Item], deniers: Collection[str]) -> Cell:
    """The cell of a field that somebody calls not reported: a value that a person kept is at odds
    with that, a mere proposal is overruled.
    """
    disputed = []
    for item in _judged(items):
        actors = tuple(sorted({*item.actors, *deniers}))
        disputed.append(item._replace(state=ItemState.DISPUTED, actors=actors))
    if not disputed:
        return Cell(field, CellState.NOT_REPORTED)
    return Cell(field, CellState.PROPOSED, tuple(disputed))


def _state(items: Sequence[Item], searched: bool) -> CellState:
    """The state of a cell: one item that is not decided leaves the whole of it proposed."""
    if not items:
        return CellState.SEARCHED if searched else CellState.NEVER
    for item in items:
        if item.state is not ItemState.DECIDED:
            return CellState.PROPOSED
    return CellState.DECIDED


def _place(item: Item) -> tuple[int, int]:
    """Where the first evidence of an item is; an item without evidence comes after all others."""
    evidence = item.value.evidence
    if not evidence:
        return _AFTER_ALL_EVIDENCE
    return evidence[0].start, evidence[0].end
