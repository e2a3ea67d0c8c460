"""What a command may load: start-up is a feature, pinned here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import CommandLine

PROBE = """
import json, sys
from litrev.cli.main import main
status = main(sys.argv[1:])
packages = {name.split(".")[0] for name in sys.modules}
ours = {name for name in sys.modules if name.startswith("litrev")}
sys.stderr.write("\\n" + json.dumps(sorted(packages | ours)))
sys.exit(status)
"""


def loaded(cli: CommandLine, *words: str) -> set[str]:
    environ = {**cli.environ, "LITREV_USER": "reader"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words],
        capture_output=True,
        text=True,
        cwd=cli.folder,
        env=environ,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


HEAVY = {
    "rich",
    "whoosh",
    "bibtexparser",
    "sqlite3",
    "pylatexenc",
    "tomllib",
    "platformdirs",
    "hypothesis",
    "pytest",
    "asyncio",
    "difflib",
    "email",
    "http",
    "markupsafe",
    "ssl",
}


def test_help_loads_click_and_next_to_nothing_of_ours(cli: CommandLine) -> None:
    modules = loaded(cli, "--help")
    assert not modules & HEAVY
    assert {name for name in modules if name.startswith("litrev")} == {
        "litrev",
        "litrev.cli",
        "litrev.cli.main",
        "litrev.cli.environment",
        "litrev.cli.invoke",
        "litrev.errors",
        "litrev.text",
        "litrev.text.display",
        "litrev.library",
        "litrev.library.model",
        "litrev.library.model.ids",
    }


def test_search_in_a_pipe_loads_neither_rich_nor_bibtex_nor_extraction(cli: CommandLine) -> None:
    cli.ok("add", "-", stdin="An abstract about trust.")
    cli.ok("search", "trust")
    modules = loaded(cli, "search", "trust")
    assert not modules & {"rich", "bibtexparser", "pylatexenc", "hypothesis", "markupsafe"}
    ours = (
        "litrev.library.extraction",
        "litrev.library.formats",
        "litrev.library.render",
        "litrev.cli.views",
    )
    assert not {m for m in modules if m.startswith(ours)}


@pytest.mark.parametrize(
    "words", [("list",), ("tag", "k", "+x"), ("log",), ("show", "k", "--json")]
)
def test_commands_that_do_not_search_do_not_load_the_engine(
    cli: CommandLine, words: tuple[str, ...]
) -> None:
    cli.ok("add", "-", "--key", "k", stdin="An abstract about trust.")
    assert not loaded(cli, *words) & {"whoosh", "rich", "bibtexparser"}


@pytest.mark.parametrize(
    "words", [("show", "k"), ("search", "trust"), ("table",), ("add", "other.bib")]
)
def test_what_makes_no_html_does_not_load_markupsafe(
    cli: CommandLine, words: tuple[str, ...]
) -> None:
    cli.ok("add", "-", "--key", "k", stdin="An abstract about trust.")
    cli.write("other.bib", "@misc{other, title={Other}}")
    assert "markupsafe" not in loaded(cli, *words)
