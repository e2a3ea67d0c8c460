"""The house: what stands in which room, beside the arrows that the import contracts hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

HOUSE = ROOT / "litrev"
ROOMS = sorted(path.parent for path in HOUSE.rglob("__init__.py"))
STATEMENT = re.compile(
    r"\b(?:SELECT\b.+\bFROM|INSERT (?:OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM"
    r"|CREATE (?:TABLE|INDEX|VIEW|TRIGGER)|PRAGMA|SAVEPOINT)\b",
    re.DOTALL,
)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(HOUSE.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_each_room_says_in_a_sentence_what_lives_there(room: Path) -> None:
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))
    assert docstring
    assert docstring.endswith(".")
    if room != HOUSE:
        assert "\n\n" not in docstring, "one paragraph"


def test_statements_of_sql_stand_in_the_storage_room_alone() -> None:
    for path, tree in modules():
        if HOUSE / "library" / "storage" in path.parents:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not STATEMENT.search(node.value), (path, node.lineno)
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"connection", "execute", "executemany"}, (
                    path,
                    node.lineno,
                )
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module]
                )
                assert "sqlite3" not in names, (path, node.lineno)


def test_the_command_line_reaches_the_library_through_the_workspace_alone() -> None:
    for path, tree in modules():
        if HOUSE / "cli" not in path.parents:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "library":
                assert isinstance(node.value, ast.Name), (path, node.lineno)
                assert node.value.id in {"environment", "self"}, (
                    path,
                    node.lineno,
                )  # the folder that -C names


def test_nothing_is_told_apart_by_where_it_lies_in_memory() -> None:
    for path, tree in modules():
        for node in ast.walk(tree):
            assert not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "id"
            ), (path, node.lineno)
