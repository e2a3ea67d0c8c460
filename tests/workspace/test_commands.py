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


def same(*names: str) -> dict[str, str]:
    """Options that are called the same in Python."""
    return {name: name for name in names}


# The options of every table.
TABLE = {
    **same("title", "states", "transposed"),
    "max_chars": "render.max_chars",
    "name": "render.format",
    "standalone": "render.standalone",
    "cite": "render.cite",
}

# command: (the call, what its options are there). `dry_run` is the context; a dot leads into the
# call's second name.
CALLS: dict[str, tuple[str, dict[str, str]]] = {
    "init": ("init", {"folder": "path"}),
    "add": (
        "add",
        {
            **same(
                "entry_type",
                "key",
                "tags",
                "database",
                "search_query",
                "columns",
                "encoding",
                "again",
                "extract",
            ),
            "files": "sources",
            "bibs": "metadata",
            "assignments": "fields",
            "forced": "format",
            "formats": "formats()",
        },
    ),
    "list": ("records", same("query", "sort")),
    "show": ("record", same("pointer")),
    "search": (
        "search",
        same("query", "limit", "offset", "sort", "facets", "context", "synonyms", "explain"),
    ),
    "like": ("like", same("pointer", "limit")),
    "save": ("save_search", {**same("name", "query"), "remove": "query"}),
    "summary": ("summary", same("query")),
    "table": ("table", {**same("query", "columns", "view", "group_by", "sort", "quotes"), **TABLE}),
    "matrix": (
        "matrix",
        {**same("query", "by", "concepts", "unit", "sort"), "cross": "cross()", **TABLE},
    ),
    "compare": ("compare", {"keys": "pointers", **TABLE}),
    "draft": ("draft", {**same("query", "by", "title", "states"), "name": "format"}),
    "cite": ("bibliography", {**same("style", "chinese_first"), "keys": "ids", "name": "format"}),
    "bibliography": (
        "bibliography",
        {
            **same("query", "annotated", "title", "standalone", "sort", "style", "chinese_first"),
            "name": "format",
        },
    ),
    "plot": ("figure", {**same("kind", "query", "cross", "title"), "output": "draw.format"}),
    "report": ("report", same("query", "title")),
    "export": (
        "export",
        {
            **same("query", "columns"),
            "name": "format",
            "manuscripts": "cited()",
            "ascii_only": "ascii",
            "proposed": "structured",
            "no_structured": "structured",
        },
    ),
    "sync": ("sync", {**same("structured", "canonical"), "files": "path"}),
    "link": ("link", {"files": "path", "remove": "unlink()"}),
    "extract": ("extract", {"query": "ids", "everything": "ids", "jobs": "workers"}),
    "review": ("review", same("query")),
    "accept": ("accept", same("query", "fields", "above")),
    "set": ("set", {**same("pointer", "assignments"), "unreported": "not_reported"}),
    "edit": ("take_text", same("pointer")),
    "tag": ("tag", {"words": "pointers", "query": "pointers"}),
    "note": ("note", same("pointer", "text")),
    "rename": ("rename", same("pointer", "key")),
    "rekey": ("rekey", {"query": "pointers"}),
    "rm": ("remove", {**same("pointers"), "query": "pointers"}),
    "log": ("log", {**same("limit"), "pointer": "story()"}),
    "undo": ("undo", {"operation": "target"}),
    "dedupe": (
        "duplicates",
        {
            **same("query"),
            "merging": "merge()",
            "distinct": "distinguish()",
            "merge_above": "merge_all()",
        },
    ),
    "check": ("check", {**same("query"), "fix": "repair()"}),
    "quarantine": ("quarantine", {}),
    "quarantine print": ("quarantined", same("start")),
    "quarantine settle": ("settle", same("starts")),
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
    "codebook export": ("export_codebook", same("everything")),
    "index": ("index_health", {}),
    "index path": ("index_folder", {}),
    "index check": ("index_health", {}),
    "index rebuild": ("rebuild_index", {}),
    "index compact": ("compact_index", {}),
    "backup": ("backup", {**same("force"), "file": "path"}),
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
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.hidden:
            continue  # an old spelling of another option
        option = parameter.name or ""
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
