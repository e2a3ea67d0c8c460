"""Decisions, undo, editing: what people do stays in the log and can be undone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import litrev
from litrev.errors import EnvironmentFault, NotFound
from litrev.library.model.consensus import cell
from litrev.library.model.record import (
    Cell,
    CellState,
    Decision,
    Evidence,
    Item,
    ItemState,
    Value,
    Verdict,
)
from litrev.library.storage import connection as database
from litrev.library.storage.schema import MIGRATIONS
from litrev.workspace.workspace import Workspace
from tests.conftest import CommandLine

ABSTRACT = (
    "This paper takes village libraries as the research object. "
    "We used interviews and a questionnaire."
)


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Workspace]:
    with litrev.init(tmp_path / "rev") as workspace:
        workspace.add_text(ABSTRACT)
        yield workspace


def state(workspace: Workspace) -> str:
    """Everything a reader can see."""
    if not workspace.library.count():
        return ""
    return "".join(workspace.export("ndjson").pieces)


OPERATIONS = {
    "set": lambda w, key: w.set(key, ["title=New", "methods=talking"]),
    "add to": lambda w, key: w.set(key, ["methods+=talking"]),
    "accept": lambda w, key: w.accept(),
    "not reported": lambda w, key: w.set(key, not_reported=["methods"]),
    "tag": lambda w, key: w.tag([w.resolve(key)], ["a", "b"]),
    "note": lambda w, key: w.note(key, "remark"),
    "rename": lambda w, key: w.rename(key, "other"),
    "remove": lambda w, key: w.remove([w.resolve(key)]),
    "abstract": lambda w, key: w.set(key, [f"abstract=Before. {ABSTRACT}"]),
    "type": lambda w, key: w.set(key, ["entrytype=book"]),
    "extract": lambda w, key: w.extract([w.resolve(key)]),
}


def seen(workspace: Workspace) -> str:
    """What can be seen, without withdrawn decisions, which stay in the log."""
    lines = [json.loads(line) for line in state(workspace).splitlines()]
    for line in lines:
        line.pop("decisions", None)
        kept = {v["id"] for v in line.get("values", []) if v["maker"].startswith("rule:")}
        line["values"] = [v for v in line.get("values", []) if v["id"] in kept]
    shown = [workspace.library.cells(workspace.library.ids()), lines]
    return repr(shown)


@pytest.mark.parametrize("name", OPERATIONS)
def test_undo_puts_everything_back(review: Workspace, name: str) -> None:
    key = review.records()[0].key
    before = seen(review)
    OPERATIONS[name](review, key)
    review_changed = seen(review) != before
    if name != "extract":
        assert review_changed
        review.undo()
    assert seen(review) == before


def test_undo_goes_back_step_by_step_and_then_has_nothing_left(review: Workspace) -> None:
    key = review.records()[0].key
    review.set(key, ["title=One"])
    review.set(key, ["title=Two"])
    review.undo()
    assert review.records()[0].get("title") == "One"
    review.undo()
    assert review.records()[0].get("title") == ""
    review.undo()
    assert review.records() == []
    with pytest.raises(NotFound, match="left to undo"):
        review.undo()


def test_undo_takes_back_ones_own_last_operation_not_anothers(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin="One.")
    cli.ok("tag", "k", "+mine", user="anna")
    cli.ok("tag", "k", "+yours", user="ben")
    cli.ok("undo", user="anna")
    assert json.loads(cli.ok("show", "k", "--json").out)["tags"] == ["yours"]


def test_undo_refuses_where_somebody_changed_the_same_thing_since(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin="One.")
    cli.ok("set", "k", "title=Mine", user="anna")
    cli.ok("set", "k", "title=Yours", user="ben")
    refused = cli("undo", user="anna")
    assert refused.status == 4
    assert "field title has been changed since: `litrev set k title=Yours` by ben" in refused.err
    assert json.loads(cli.ok("show", "k", "--json").out)["metadata"]["title"] == "Yours"


def test_undo_of_a_removal_refuses_when_the_key_was_given_away(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin="One.")
    cli.ok("rm", "k")
    cli.ok("add", "-", "--key", "k", stdin="Two.", user="ben")
    assert cli("undo").status == 4
    assert cli.ok("list", "-k").lines == ["k"]


def test_an_operation_that_changes_nothing_leaves_no_trace(review: Workspace) -> None:
    before = review.library.position(), len(review.log())
    assert review.extract(review.library.ids()) == (1, 0)
    review.tag(review.library.ids(), remove=["never-there"])
    assert (review.library.position(), len(review.log())) == before


def test_a_dry_run_changes_nothing(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin=ABSTRACT)
    before = cli.ok("export", "-f", "ndjson").out
    cli.write("b.txt", "Another.")
    for words in (
        ("add", "b.txt"),
        ("set", "k", "title=T"),
        ("accept",),
        ("tag", "k", "+t"),
        ("rm", "k"),
        ("rename", "k", "l"),
        ("note", "k", "n"),
        ("undo",),
    ):
        done = cli.ok(*words, "-n")
        assert "dry run" in done.err + done.out
    assert cli.ok("export", "-f", "ndjson").out == before


def test_proposals_and_decisions_cannot_be_changed_or_deleted(review: Workspace) -> None:
    review.accept()
    for statement in (
        "UPDATE value SET text = 'x'",
        "DELETE FROM value",
        "UPDATE decision SET verdict = 'reject'",
        "DELETE FROM decision",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            review.library.connection.execute(statement)


# The views over decisions

VALUE = Value("v", "site", "S community", None, (), "rule:r", 0.7, "2026")


def word(actor: str, verdict: Verdict, subject: str = "v", value_id: str | None = "v") -> Decision:
    return Decision(actor, "site", subject, verdict, value_id, "2026")


def judged(*decisions: Decision, proposed: bool = True, actor: str | None = None) -> Cell:
    return cell("site", [VALUE] if proposed else [], decisions, {"v": VALUE}, actor)


def test_a_cell_has_one_of_five_states() -> None:
    assert cell("site", None, [], {}).state is CellState.NEVER
    assert cell("site", [], [], {}).state is CellState.SEARCHED
    assert judged().state is CellState.PROPOSED
    assert judged(word("a", Verdict.ACCEPT)).state is CellState.DECIDED
    nothing = word("a", Verdict.NOT_REPORTED, "", None)
    assert judged(word("a", Verdict.REJECT), nothing).state is CellState.NOT_REPORTED
    assert judged(word("a", Verdict.REJECT)).state is CellState.SEARCHED


def test_persons_who_agree_decide_and_persons_who_differ_dispute() -> None:
    accepted, rejected = word("a", Verdict.ACCEPT), word("b", Verdict.REJECT)
    not_reported = word("b", Verdict.NOT_REPORTED, "", None)
    assert judged(accepted, word("b", Verdict.ACCEPT)).items == (
        Item(VALUE, ItemState.DECIDED, ("a", "b"), "v"),
    )
    assert judged(accepted, rejected).items[0].state is ItemState.DISPUTED
    assert judged(accepted, rejected, actor="a").items[0].state is ItemState.DECIDED
    assert judged(accepted, not_reported).items[0].state is ItemState.DISPUTED


# Editing the abstract


@given(
    st.text(st.sampled_from("abc .,社区"), max_size=40),
    st.text(st.sampled_from("abc .,社区"), max_size=40),
)
def test_evidence_moves_with_its_words_or_becomes_stale(
    tmp_path_factory: pytest.TempPathFactory, before: str, after: str
) -> None:
    with litrev.init(tmp_path_factory.mktemp("rev")) as review:
        review.add_text(before + ABSTRACT + after)
        key = review.records()[0].key
        review.set(key, [f"abstract={after}{ABSTRACT.replace('interviews', 'talks')}{before}"])
        record = review.records()[0]
        spans: list[Evidence] = []
        for field_cell in review.cells(record.id).values():
            for item in field_cell.items:
                spans += item.value.evidence
        assert spans
        for span in spans:
            assert span.stale or (record.abstract or "")[span.start : span.end] == span.quote
        assert not any(span.stale for span in spans if span.quote == "village libraries")
        assert all(span.stale for span in spans if span.quote == "interviews")


# Schema


def test_an_older_library_is_brought_up_to_date_after_a_backup(tmp_path: Path) -> None:
    litrev.init(tmp_path).close()
    path = tmp_path / "library.db"

    def add_shelf(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE shelf (name TEXT)")

    with database.connect(path, (*MIGRATIONS, add_shelf)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM shelf").fetchone()[0] == 0
        assert database.schema_version(connection) == len(MIGRATIONS) + 1
    connection.close()
    backup = sqlite3.connect(tmp_path / f"library.db.before-schema-{len(MIGRATIONS) + 1}")
    assert backup.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    backup.close()


def test_a_migration_that_fails_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    litrev.init(tmp_path).close()

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (name TEXT)")
        raise EnvironmentFault("no")

    with pytest.raises(EnvironmentFault):
        database.connect(tmp_path / "library.db", (*MIGRATIONS, fail))
    with litrev.open(tmp_path) as review:
        tables = {
            row[0] for row in review.library.connection.execute("SELECT name FROM sqlite_master")
        }
        assert "half" not in tables


def test_the_library_is_durable_and_crash_safe_by_its_settings(review: Workspace) -> None:
    rows = [
        review.library.connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    ]
    assert rows == ["wal", 2, 1]


def test_positions_rise_with_every_write_and_records_know_theirs(review: Workspace) -> None:
    first = review.library.position()
    review.tag(review.library.ids(), ["x"])
    second = review.library.position()
    assert second.revision == first.revision + 1
    assert review.records()[0].revision == second.revision
    assert review.library.changed_since(first.revision) == (review.library.ids(), [])
    (gone,) = review.library.ids()
    review.remove([gone])
    assert review.library.changed_since(second.revision) == ([], [gone])


def test_a_key_that_is_taken_is_refused(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "one", stdin="One.")
    cli.ok("add", "-", "--key", "two", stdin="Two.")
    assert cli("rename", "one", "TWO").status == 4
    cli.ok("rename", "one", "three")
    assert cli.ok("show", "one", "--json").out == cli.ok("show", "three", "--json").out
    assert cli("rename", "two", "one").status == 4, (
        "a former key still resolves and is not given away"
    )
