"""What stands in a cell: proposals and the decisions of one or several persons, brought together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from litrev.library.model.record import Cell, CellState, Decision, Item, ItemState, Value, Verdict


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
    """The cell of ``field``: ``proposed`` is None when it was never searched.

    ``decisions`` are each actor's last words; with ``actor`` only that person's count. Several
    persons make a consensus: what they agree on stands, where they differ the item is disputed.
    ``single`` says that the field holds one value: where a person has decided it, what is proposed
    beside it is passed over. ``made`` numbers the values in their order, where many cells share
    them.
    """
    own = [d for d in decisions if actor is None or d.actor == actor]
    words: dict[str, list[Decision]] = {}
    for decision in own:
        words.setdefault(decision.subject, []).append(decision)
    items = [
        item
        for subject in _subjects(proposed, words)
        for item in _items(subject, words.get(subject, []), values)
    ]
    order = {value_id: n for n, value_id in enumerate(values)} if made is None else made
    items.sort(key=lambda item: (*_place(item), order[item.value.id]))
    if single:
        judged = [item for item in items if item.state is not ItemState.PROPOSED]
        items = _at_odds(judged or items)
    not_reported = {d.actor for d in words.get("", ()) if d.verdict is Verdict.NOT_REPORTED}
    if not_reported:
        decided = tuple(item for item in items if item.state is not ItemState.PROPOSED)
        if not decided:
            return Cell(field, CellState.NOT_REPORTED)
        disputed = tuple(
            item._replace(
                state=ItemState.DISPUTED, actors=tuple(sorted({*item.actors, *not_reported}))
            )
            for item in decided
        )
        return Cell(field, CellState.PROPOSED, disputed)
    return Cell(field, _state(proposed, own, items), tuple(items))


def _subjects(proposed: Sequence[Value] | None, words: Mapping[str, list[Decision]]) -> list[str]:
    subjects = dict.fromkeys(value.id for value in proposed or ())
    subjects.update(dict.fromkeys(subject for subject in words if subject))
    return list(subjects)


def _items(subject: str, words: Sequence[Decision], values: Mapping[str, Value]) -> list[Item]:
    if not words:
        return [Item(values[subject], ItemState.PROPOSED, (), subject)] if subject in values else []
    actors = tuple(sorted({d.actor for d in words}))
    kept = [
        values[d.value_id or subject]
        for d in words
        if d.verdict is not Verdict.REJECT and (d.value_id or subject) in values
    ]
    different = {
        (value.text.casefold(), value.label): value for value in reversed(kept)
    }  # two who wrote the same agree
    rejected = any(d.verdict is Verdict.REJECT for d in words)
    state = ItemState.DECIDED if len(different) == 1 and not rejected else ItemState.DISPUTED
    return [Item(value, state, actors, subject) for value in different.values()]


def _at_odds(items: Sequence[Item]) -> list[Item]:
    """Items of a field that holds one value: decided ones by different persons, and not the same,
    are disputed.
    """
    judged = [item for item in items if item.state is not ItemState.PROPOSED]
    if (
        len({item.value.text.casefold() for item in judged}) < 2
        or len({actor for item in judged for actor in item.actors}) < 2
    ):
        return list(items)
    return [item._replace(state=ItemState.DISPUTED) if item in judged else item for item in items]


def _state(
    proposed: Sequence[Value] | None, decisions: Sequence[Decision], items: Sequence[Item]
) -> CellState:
    if any(item.state is not ItemState.DECIDED for item in items):
        return CellState.PROPOSED
    if items:
        return CellState.DECIDED
    return CellState.NEVER if proposed is None and not decisions else CellState.SEARCHED


def _place(item: Item) -> tuple[int, int]:
    evidence = item.value.evidence
    return (evidence[0].start, evidence[0].end) if evidence else (1 << 60, 0)
