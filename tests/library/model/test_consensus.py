"""What proposals and several persons' decisions make of a cell, case by case."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from litrev.library.model.consensus import cell
from litrev.library.model.record import Cell, CellState, Decision, Evidence, Value, Verdict

ACCEPT, EDIT, REJECT, ENTER, NOT_REPORTED = Verdict


def value(name: str, text: str, start: int | None = None, label: str | None = None) -> Value:
    evidence = () if start is None else (Evidence(start, start + len(text), text),)
    return Value(name, "methods", text, label, evidence, "rule:test", 0.9, "2026-01-01T00:00:00Z")


VALUES = {
    one.id: one
    for one in (
        value("p1", "interviews", 10, "interview"),
        value("p2", "survey", 40),
        value("e1", "structured interviews"),
        value("e2", "Structured Interviews"),
        value("e3", "case study"),
        value("e4", "structured interviews", label="interview"),
    )
}


def says(actor: str, verdict: Verdict, subject: str = "", made: str | None = None) -> Decision:
    return Decision(actor, "methods", subject, verdict, made, "2026-01-02T00:00:00Z")


def edits(actor: str, subject: str, made: str) -> Decision:
    return says(actor, EDIT, subject, made)


def enters(actor: str, made: str) -> Decision:
    return says(actor, ENTER, made, made)


PROPOSED = "? interviews", "? survey"
CASES: list[tuple[str, Sequence[str] | None, list[Decision], str, Sequence[str]]] = [
    # what it is, the proposals, the decisions: the state, and the items with their marks
    ("never searched", None, [], "never extracted", ()),
    ("nothing found", [], [], "searched, nothing found", ()),
    ("proposed", ["p1", "p2"], [], "proposed", PROPOSED),
    ("in the order of the abstract", ["p2", "p1"], [], "proposed", PROPOSED),
    ("one accepted", ["p1", "p2"], [says("ann", ACCEPT, "p1")], "proposed",
     ("= interviews (ann)", "? survey")),
    ("all accepted", ["p1"], [says("ann", ACCEPT, "p1")], "decided", ("= interviews (ann)",)),
    ("a decision outlives its proposal", [], [says("ann", ACCEPT, "p1")], "decided",
     ("= interviews (ann)",)),
    ("rejected", ["p1"], [says("ann", REJECT, "p1")], "searched, nothing found", ()),
    ("rejected, and never searched since", None, [says("ann", REJECT, "p1")],
     "searched, nothing found", ()),
    ("edited", ["p1"], [edits("ann", "p1", "e1")], "decided", ("= structured interviews (ann)",)),
    ("entered beside a proposal", ["p1"], [enters("ann", "e3")], "proposed",
     ("? interviews", "= case study (ann)")),
    ("entered alone", None, [enters("ann", "e3")], "decided", ("= case study (ann)",)),
    ("two accept", ["p1"], [says("bob", ACCEPT, "p1"), says("ann", ACCEPT, "p1")], "decided",
     ("= interviews (ann, bob)",)),
    ("one accepts, one rejects", ["p1"], [says("ann", ACCEPT, "p1"), says("bob", REJECT, "p1")],
     "proposed", ("≠ interviews (ann, bob)",)),
    ("two reject", ["p1"], [says("ann", REJECT, "p1"), says("bob", REJECT, "p1")],
     "searched, nothing found", ()),
    ("one accepts, one edits", ["p1"], [says("ann", ACCEPT, "p1"), edits("bob", "p1", "e1")],
     "proposed", ("≠ interviews (ann, bob)", "≠ structured interviews (ann, bob)")),
    ("two edit to the same words", ["p1"], [edits("ann", "p1", "e1"), edits("bob", "p1", "e2")],
     "decided", ("= structured interviews (ann, bob)",)),
    ("two edit to other words", ["p1"], [edits("ann", "p1", "e1"), edits("bob", "p1", "e3")],
     "proposed", ("≠ structured interviews (ann, bob)", "≠ case study (ann, bob)")),
    ("the same words under another label", ["p1"],
     [edits("ann", "p1", "e1"), edits("bob", "p1", "e4")],
     "proposed", ("≠ structured interviews (ann, bob)", "≠ structured interviews (ann, bob)")),
    ("not reported", ["p1"], [says("ann", REJECT, "p1"), says("ann", NOT_REPORTED)],
     "not reported", ()),
    ("not reported, with a proposal left", ["p1"], [says("ann", NOT_REPORTED)],
     "not reported", ()),
    ("one says not reported, another accepts", ["p1", "p2"],
     [says("ann", NOT_REPORTED), says("bob", ACCEPT, "p1")], "proposed",
     ("≠ interviews (ann, bob)",)),
    ("a value that is not there", ["p1"], [says("ann", ACCEPT, "gone")], "proposed",
     ("? interviews",)),
]  # fmt: skip


def shown(made: Cell) -> tuple[str, list[str]]:
    mark = {"proposed": "?", "decided": "=", "disputed": "≠"}
    items = [
        f"{mark[item.state]} {item.value.text}"
        + (f" ({', '.join(item.actors)})" if item.actors else "")
        for item in made.items
    ]
    return made.state.value, items


@pytest.mark.parametrize(
    ("proposed", "decisions", "state", "items"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_cell_is_what_was_proposed_and_decided(
    proposed: Sequence[str] | None, decisions: list[Decision], state: str, items: Sequence[str]
) -> None:
    values = None if proposed is None else [VALUES[name] for name in proposed]
    assert shown(cell("methods", values, decisions, VALUES)) == (state, list(items))


@pytest.mark.parametrize(
    ("actor", "state", "items"),
    [
        ("ann", "decided", ["= interviews (ann)"]),
        ("bob", "searched, nothing found", []),
        ("cy", "proposed", ["? interviews"]),
    ],
)
def test_one_person_sees_their_own_decisions_alone(
    actor: str, state: str, items: list[str]
) -> None:
    decisions = [says("ann", ACCEPT, "p1"), says("bob", REJECT, "p1")]
    made = cell("methods", [VALUES["p1"]], decisions, VALUES, actor)
    assert shown(made) == (state, items)


SINGLE: list[tuple[str, Sequence[str], list[Decision], str, list[str]]] = [
    ("proposals alone", ["p1", "p2"], [], "proposed", list(PROPOSED)),
    ("a decided value replaces what is proposed", ["p1", "p2"], [says("ann", ACCEPT, "p1")],
     "decided", ["= interviews (ann)"]),
    ("two values of one person", ["p1", "p2"],
     [says("ann", ACCEPT, "p1"), says("ann", ACCEPT, "p2")],
     "decided", ["= interviews (ann)", "= survey (ann)"]),
    ("two values of two persons", ["p1", "p2"],
     [says("ann", ACCEPT, "p1"), says("bob", ACCEPT, "p2")],
     "proposed", ["≠ interviews (ann)", "≠ survey (bob)"]),
    ("the same words entered by two persons", [], [enters("ann", "e1"), enters("bob", "e2")],
     "decided", ["= structured interviews (ann)", "= Structured Interviews (bob)"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("proposed", "decisions", "state", "items"),
    [case[1:] for case in SINGLE],
    ids=[case[0] for case in SINGLE],
)
def test_a_field_of_one_value_has_one_or_a_dispute(
    proposed: Sequence[str], decisions: list[Decision], state: str, items: list[str]
) -> None:
    values = [VALUES[name] for name in proposed]
    assert shown(cell("methods", values, decisions, VALUES, single=True)) == (state, items)


def test_values_at_one_place_are_in_the_order_they_were_made() -> None:
    both = [VALUES["p1"]._replace(id="a"), VALUES["p1"]._replace(id="b", text="interviewed")]
    shorter = both[1]._replace(evidence=(Evidence(10, 12, "in"),))
    values = {one.id: one for one in both}
    texts = [item.value.id for item in cell("methods", both[::-1], [], values).items]
    assert texts == ["a", "b"]
    by_number = cell("methods", both, [], values, made={"a": 2, "b": 1})
    assert [item.value.id for item in by_number.items] == ["b", "a"]
    nearer_end = cell("methods", [both[0], shorter], [], {"a": both[0], "b": shorter})
    assert [item.value.id for item in nearer_end.items] == ["b", "a"]


def test_the_states_of_a_cell_are_five() -> None:
    assert {case[3] for case in CASES} == {state.value for state in CellState}
