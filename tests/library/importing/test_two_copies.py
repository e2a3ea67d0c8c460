"""Two copies of a library that meet again, and lines of a copy that were made to harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import litrev
from litrev.workspace.workspace import Workspace
from tests.conftest import NURSES, CommandLine


@pytest.fixture
def copies(tmp_path: Path) -> Iterator[tuple[Workspace, Workspace]]:
    with litrev.init(tmp_path / "a") as first, litrev.init(tmp_path / "b") as second:
        first.add_text(NURSES)
        merge(first, second)
        yield first, second


def merge(source: Workspace, target: Workspace) -> None:
    path = target.library.folder / "other.ndjson"
    path.write_text("".join(source.export("ndjson").pieces), "utf-8")
    target.add([path])


def test_evidence_from_a_copy_whose_abstract_differs_moves(
    copies: tuple[Workspace, Workspace],
) -> None:
    a, b = copies
    key = a.records()[0].key
    b.set(key, [f"abstract=Something before. {NURSES}", "theory=trust matters"])
    merge(b, a)
    merge(a, b)
    for copy in copies:
        assert not [finding for finding in copy.check() if finding.kind == "quote"]


def test_what_a_copy_has_more_is_taken(copies: tuple[Workspace, Workspace]) -> None:
    a, b = copies
    key = a.records()[0].key
    b.set(key, ["doi=10.1/x", "site=Ostend"])
    b.tag(b.library.ids(), ["seen"])
    merge(b, a)
    taken = a.records()[0]
    assert (taken.get("doi"), taken.tags) == ("10.1/x", ("seen",))
    assert [item.value.text for item in a.cells(taken.id)["site"].items] == ["Ostend"]


def test_what_was_removed_here_is_not_brought_back_by_a_copy(
    copies: tuple[Workspace, Workspace],
) -> None:
    a, b = copies
    a.remove(a.library.ids())
    merge(b, a)
    assert a.records() == []


def test_a_merge_that_was_undone_can_be_done_again_whole(
    copies: tuple[Workspace, Workspace], tmp_path: Path
) -> None:
    a, _ = copies
    with litrev.init(tmp_path / "c") as target:
        merge(a, target)
        target.undo()
        merge(a, target)
        assert "".join(target.export("ndjson").pieces) == "".join(a.export("ndjson").pieces)


@pytest.mark.parametrize(
    "harm",
    [
        {"extraction": [{"field": "methods", "extractor": "x", "value_ids": ["nope"]}]},
        {
            "decisions": [
                {
                    "id": "d",
                    "actor": "a",
                    "field": "site",
                    "subject": "nope",
                    "verdict": "enter",
                    "value_id": None,
                    "at": "2026",
                    "follows": None,
                }
            ]
        },
        {
            "decisions": [
                {
                    "id": "d",
                    "actor": "a",
                    "field": "site",
                    "subject": "",
                    "verdict": "bogus",
                    "value_id": None,
                    "at": "2026",
                    "follows": None,
                }
            ]
        },
        {"tags": None},
        {"tags": ["\x1b[2J"]},
        {"key": "k, x = {y}"},
        {"entry_type": "misc{q,"},
        {"fields": [{"name": "a = {1}, b", "value": "v", "raw": None}]},
        {"fields": [{"name": "a", "value": ["v"], "raw": None}]},
        {"created": 10**30},
    ],
)
def test_a_harmful_ndjson_line_is_quarantined_and_harms_nothing(
    cli: CommandLine, harm: dict[str, object]
) -> None:
    cli.ok("add", "-", "--key", "good", stdin=NURSES)
    lines = cli.ok("export", "-f", "ndjson").out.splitlines()
    line = next(json.loads(line) for line in lines if '"litrev":"record"' in line)
    bad = {
        **line,
        "id": "11111111-1111-4111-8111-111111111111",
        "key": "bad",
        "values": [],
        "extraction": [],
        "decisions": [],
        **harm,
    }
    cli.write("x.ndjson", lines[0] + "\n" + json.dumps(bad) + "\n")
    done = cli("add", "x.ndjson")
    assert done.status == 3, done
    assert "read 1 = added 0 + updated 0 + unchanged 0 + quarantined 1" in done.out
    for words in (
        ("list",),
        ("table",),
        ("summary",),
        ("search", "trust"),
        ("check", "good"),
        ("export", "-f", "bibtex"),
    ):
        assert cli(*words).status in {0, 1}
    assert cli.ok("list", "-k").lines == ["good"]


def test_a_harmful_line_takes_nothing_along_of_the_good_ones_behind_it(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "good", "-s", "title=A title that says something", stdin=NURSES)
    lines = cli.ok("export", "-f", "ndjson").out.splitlines()
    line = next(json.loads(line) for line in lines if '"litrev":"record"' in line)
    title = [{"name": "title", "value": "A title of which nothing is kept", "raw": None}]
    nothing: dict[str, Any] = {"tags": None, "values": [], "extraction": [], "decisions": []}
    bad = {
        **line,
        **nothing,
        "id": "11111111-1111-4111-8111-111111111111",
        "key": "bad",
        "fields": title,
    }
    cli.ok("init", "other")
    cli.write("x.ndjson", "\n".join([lines[0], json.dumps(bad), json.dumps(line)]) + "\n")
    done = cli("-C", "other", "add", "x.ndjson")
    assert (done.status, "added 1" in done.out, "quarantined 1" in done.out) == (3, True, True), (
        done
    )
    assert cli.ok("-C", "other", "list", "-k").lines == ["good"]
