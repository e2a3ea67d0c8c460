"""What becomes of proposals when one or several persons have decided about them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from litrev.library.model.consensus import cell
from litrev.library.model.record import (
    Cell,
    CellState,
    Decision,
    Evidence,
    Value,
    Verdict,
)


def value(value_id: str, text: str, start: int | None = None) -> Value:
    evidence = () if start is None else (Evidence(start, start + len(text), text),)
    return Value(value_id, "site", text, None, evidence, "rule:r", 0.7, "2026")


VALUES = {
    made.id: made
    for made in (
        value("late", "Berlin", 30),
        value("early", "Bern", 10),
        value("same", "BERN", 50),
        value("typed", "Basel"),
    )
}
PROPOSED = [VALUES["late"], VALUES["early"]]

ACCEPT, EDIT, REJECT, ENTER = Verdict.ACCEPT, Verdict.EDIT, Verdict.REJECT, Verdict.ENTER


def decided(actor: str, verdict: Verdict, subject: str, value_id: str | None = None) -> Decision:
    return Decision(actor, "site", subject, verdict, value_id, "2026")


def not_reported(actor: str) -> Decision:
    return decided(actor, Verdict.NOT_REPORTED, "")


def shown(combined: Cell) -> tuple[CellState, list[tuple[str, str]]]:
    items = [(item.value.text, item.state.value) for item in combined.items]
    return combined.state, items


@pytest.mark.parametrize(
    ("decisions", "state", "items"),
    [
        ([], CellState.PROPOSED, [("Bern", "proposed"), ("Berlin", "proposed")]),
        (
            [decided("a", ACCEPT, "late")],
            CellState.PROPOSED,
            [("Bern", "proposed"), ("Berlin", "decided")],
        ),
        (
            [decided("a", ACCEPT, "late"), decided("a", REJECT, "early")],
            CellState.DECIDED,
            [("Berlin", "decided")],
        ),
        ([decided("a", REJECT, "late"), decided("a", REJECT, "early")], CellState.SEARCHED, []),
        (
            [decided("a", ENTER, "typed"), decided("a", REJECT, "early")],
            CellState.PROPOSED,
            [("Berlin", "proposed"), ("Basel", "decided")],
        ),
        (
            [decided("a", EDIT, "early", "typed"), decided("b", ACCEPT, "early")],
            CellState.PROPOSED,
            [("Bern", "disputed"), ("Berlin", "proposed"), ("Basel", "disputed")],
        ),
        (
            [decided("a", ACCEPT, "early"), decided("b", EDIT, "early", "same")],
            CellState.PROPOSED,
            [("Bern", "decided"), ("Berlin", "proposed")],
        ),
        (
            [decided("a", ACCEPT, "early"), decided("b", REJECT, "early")],
            CellState.PROPOSED,
            [("Bern", "disputed"), ("Berlin", "proposed")],
        ),
        ([not_reported("a")], CellState.NOT_REPORTED, []),
        (
            [not_reported("a"), decided("b", ACCEPT, "late")],
            CellState.PROPOSED,
            [("Berlin", "disputed")],
        ),
    ],
)
def test_decisions_make_items_decided_or_disputed(
    decisions: Sequence[Decision], state: CellState, items: list[tuple[str, str]]
) -> None:
    assert shown(cell("site", PROPOSED, decisions, VALUES)) == (state, items)


@pytest.mark.parametrize(
    ("decisions", "items"),
    [
        ([], [("Bern", "proposed"), ("Berlin", "proposed")]),
        ([decided("a", ACCEPT, "late")], [("Berlin", "decided")]),
        (
            [decided("a", ACCEPT, "late"), decided("a", ACCEPT, "early")],
            [("Bern", "decided"), ("Berlin", "decided")],
        ),
        (
            [decided("a", ACCEPT, "late"), decided("b", ACCEPT, "early")],
            [("Bern", "disputed"), ("Berlin", "disputed")],
        ),
        (
            [decided("a", ENTER, "same"), decided("b", ACCEPT, "early")],
            [("Bern", "decided"), ("BERN", "decided")],
        ),
    ],
)
def test_in_a_field_of_one_value_different_values_of_different_persons_are_disputed(
    decisions: Sequence[Decision], items: list[tuple[str, str]]
) -> None:
    assert shown(cell("site", PROPOSED, decisions, VALUES, single=True))[1] == items


def test_the_persons_of_a_dispute_are_named_whether_they_kept_or_denied_the_value() -> None:
    decisions = [decided("ben", ACCEPT, "late"), not_reported("anna")]
    (item,) = cell("site", PROPOSED, decisions, VALUES).items
    assert item.actors == ("anna", "ben")


def test_with_an_actor_the_decisions_of_others_do_not_count() -> None:
    decisions = [decided("a", ACCEPT, "late"), decided("b", REJECT, "late")]
    combined = cell("site", [VALUES["late"]], decisions, VALUES, "a")
    assert shown(combined) == (CellState.DECIDED, [("Berlin", "decided")])
    assert cell("site", None, decisions, VALUES, "c").state is CellState.NEVER


def test_an_item_of_an_edited_proposal_keeps_the_id_of_the_proposal() -> None:
    decisions = [decided("a", EDIT, "late", "typed")]
    (item,) = cell("site", [VALUES["late"]], decisions, VALUES).items
    assert (item.value.text, item.subject) == ("Basel", "late")
