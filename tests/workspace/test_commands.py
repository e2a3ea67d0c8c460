"""Whatever a command does is one call on the workspace: each command, each option, and what
docs/python.md says of it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click
import pytest

import litrev
from litrev.cli.main import COMMANDS
from litrev.cli.main import litrev as group
from tests.conftest import ROOT

# How something is shown or written, and to whom it is asked: that is the program's own business,
# also in Python.
SHOWN = {"as_json", "as_ndjson", "keys", "output", "force", "name", "actor", "interactive"}
# Commands of the terminal alone.
TERMINAL = {"demo", "completion", "serve"}

# command: (the call, what its options are there). `dry_run` is the context; a dot leads into the
# call's second name.
CALLS: dict[str, tuple[str, dict[str, str]]] = {
    "init": ("init", {"folder": "path"}),
    "add": (
        "add",
        {
            "files": "sources",
            "bibs": "metadata",
            "assignments": "fields",
            "entry_type": "entry_type",
            "key": "key",
            "tags": "tags",
            "database": "database",
            "query": "search_query",
            "forced": "format",
            "columns": "columns",
            "encoding": "encoding",
            "again": "again",
            "extract": "extract",
            "formats": "formats()",
        },
    ),
    "list": ("records", {"query": "query", "sort": "sort"}),
    "show": ("record", {"pointer": "pointer"}),
    "search": (
        "search",
        {
            "query": "query",
            "limit": "limit",
            "offset": "offset",
            "sort": "sort",
            "facets": "facets",
            "context": "context",
            "synonyms": "synonyms",
            "explain": "explain",
        },
    ),
    "like": ("like", {"pointer": "pointer", "limit": "limit"}),
    "save": ("save_search", {"name": "name", "query": "query", "remove": "query"}),
    "summary": ("summary", {"query": "query"}),
    "table": (
        "table",
        {
            "query": "query",
            "columns": "columns",
            "view": "view",
            "group_by": "group_by",
            "sort": "sort",
            "quotes": "quotes",
            "title": "title",
            "states": "states",
            "transposed": "transposed",
            "max_chars": "render.max_chars",
            "name": "render.format",
            "standalone": "render.standalone",
            "cite": "render.cite",
        },
    ),
    "matrix": (
        "matrix",
        {
            "query": "query",
            "by": "by",
            "concepts": "concepts",
            "unit": "unit",
            "cross": "cross()",
            "sort": "sort",
            "title": "title",
            "states": "states",
            "transposed": "transposed",
            "max_chars": "render.max_chars",
            "name": "render.format",
            "standalone": "render.standalone",
            "cite": "render.cite",
        },
    ),
    "compare": (
        "compare",
        {
            "keys": "pointers",
            "title": "title",
            "states": "states",
            "transposed": "transposed",
            "max_chars": "render.max_chars",
            "name": "render.format",
            "standalone": "render.standalone",
            "cite": "render.cite",
        },
    ),
    "draft": (
        "draft",
        {"query": "query", "by": "by", "title": "title", "states": "states", "name": "format"},
    ),
    "cite": (
        "bibliography",
        {"keys": "ids", "style": "style", "chinese_first": "chinese_first", "name": "format"},
    ),
    "bibliography": (
        "bibliography",
        {
            "query": "query",
            "annotated": "annotated",
            "title": "title",
            "standalone": "standalone",
            "sort": "sort",
            "style": "style",
            "chinese_first": "chinese_first",
            "name": "format",
        },
    ),
    "plot": (
        "figure",
        {
            "kind": "kind",
            "query": "query",
            "cross": "cross",
            "title": "title",
            "output": "draw.format",
        },
    ),
    "report": ("report", {"query": "query", "title": "title"}),
    "export": (
        "export",
        {
            "query": "query",
            "name": "format",
            "manuscripts": "cited()",
            "ascii_only": "ascii",
            "proposed": "structured",
            "no_structured": "structured",
            "columns": "columns",
        },
    ),
    "sync": ("sync", {"files": "path", "structured": "structured", "canonical": "canonical"}),
    "link": ("link", {"files": "path", "remove": "unlink()"}),
    "extract": ("extract", {"query": "ids", "everything": "ids", "jobs": "workers"}),
    "review": ("review", {"query": "query"}),
    "accept": ("accept", {"query": "query", "fields": "fields", "above": "above"}),
    "set": (
        "set",
        {"pointer": "pointer", "assignments": "assignments", "unreported": "not_reported"},
    ),
    "edit": ("take_text", {"pointer": "pointer"}),
    "tag": ("tag", {"words": "pointers", "query": "pointers"}),
    "note": ("note", {"pointer": "pointer", "text": "text"}),
    "rename": ("rename", {"pointer": "pointer", "key": "key"}),
    "rekey": ("rekey", {"query": "pointers"}),
    "rm": ("remove", {"pointers": "pointers", "query": "pointers"}),
    "log": ("log", {"pointer": "story()", "limit": "limit"}),
    "undo": ("undo", {"operation": "target"}),
    "dedupe": (
        "duplicates",
        {
            "query": "query",
            "merging": "merge()",
            "distinct": "distinguish()",
            "merge_above": "merge_all()",
        },
    ),
    "check": ("check", {"query": "query", "fix": "repair()"}),
    "quarantine": ("quarantine", {}),
    "quarantine print": ("quarantined", {"start": "start"}),
    "quarantine settle": ("settle", {"starts": "starts"}),
    "codebook": ("codebook", {"everything": "export_codebook()"}),
    "codebook add": (
        "define",
        dict.fromkeys(("name", "kind", "heading", "definition", "cues", "values"), "entries"),
    ),
    "codebook edit": (
        "define",
        dict.fromkeys(
            ("name", "kind", "heading", "definition", "cues", "values", "restore"), "entries"
        ),
    ),
    "codebook retire": ("define", {"names": "entries"}),
    "codebook import": ("import_codebook", {"file": "path"}),
    "codebook export": ("export_codebook", {"everything": "everything"}),
    "index": ("index_health", {}),
    "index path": ("index_folder", {}),
    "index check": ("index_health", {}),
    "index rebuild": ("rebuild_index", {}),
    "index compact": ("compact_index", {}),
    "backup": ("backup", {"file": "path", "force": "force"}),
    "restore": ("restore", {"file": "path"}),
    "config": ("folder", {}),
}


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command
        yield name, command
        if isinstance(command, click.Group):
            for sub_name, sub_command in command.commands.items():
                yield f"{name} {sub_name}", sub_command


def call(name: str) -> object:
    """What stands behind a name: a method of the workspace, or a function of litrev."""
    return getattr(litrev.Workspace, name, None) or getattr(litrev, name)


def test_each_command_is_known_here() -> None:
    assert sorted(name for name, _ in commands()) == sorted({*CALLS, *TERMINAL})


@pytest.mark.parametrize(
    ("name", "command"),
    [pair for pair in commands() if pair[0] not in TERMINAL],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_option_is_a_parameter_of_the_call(name: str, command: click.Command) -> None:
    called, options = CALLS[name]
    for option in (parameter.name or "" for parameter in command.params):
        if option == "dry_run":
            assert "dry_run" in inspect.signature(litrev.Workspace.using).parameters
            continue
        if option not in options:
            assert option in SHOWN, f"litrev {name} has {option}, and Python nothing like it"
            continue
        if options[option].endswith("()"):
            assert callable(call(options[option][:-2]))
            continue
        owner, _, parameter_name = options[option].rpartition(".")
        assert parameter_name in inspect.signature(call(owner or called)).parameters, (name, option)  # type: ignore[arg-type]  # a function
    assert call(called)


def test_the_python_page_has_each_command_and_calls_that_are_there() -> None:
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    rows = [
        line.strip("| ").split(" | ", 1)
        for line in page.splitlines()
        if line.startswith("| ") and " | " in line
    ][1:]
    commands_on_page = {name.strip("` ") for names, _ in rows for name in names.split(",")}
    assert commands_on_page >= {*COMMANDS} - TERMINAL
    for _, calls in rows:
        for name, arguments in re.findall(r"`(?:litrev\.)?([a-z_]+)\(([^`]*)\)`", calls):
            signature = inspect.signature(call(name))  # type: ignore[arg-type]  # a function
            for keyword in re.findall(r"(?:^|, )([a-z_]+)=", arguments):
                assert keyword in signature.parameters, (name, keyword)
