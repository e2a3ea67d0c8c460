"""Formats and renderers of other packages: installed as such, they work; a faulty one is named, and
nothing else suffers.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import CommandLine

GOOD = """
from litrev.plugins import Block, Export, Field, Format, Reading, Work


def recognises(text):
    return 0.95 if text.text.startswith("title =") else 0.0


def read(text):
    lines = text.text.splitlines(keepends=True) or [""]
    works = [
        Work(n, n + 1, fields=(Field("title", line[7:].strip()),))
        for n, line in enumerate(lines)
        if line.startswith("title =")
    ]
    return Reading(tuple(Block(n, n + 1, "entry", line) for n, line in enumerate(lines)),
                   tuple(works))


def write(entries, options):
    return Export(f"title = {entry.record.title} ({len(entry.cells)} fields)\\n"
                  for entry in entries)


def render(table, rendering):
    return f"{len(table.rows)} papers\\n"


FORMAT = Format("lines", (".lines",), recognises, read, write)
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def plugin(cli: CommandLine, tmp_path: Path) -> Callable[[str], Run]:
    """Install a package with this code as a format and a renderer; what runs litrev beside it."""
    site = tmp_path / "site"

    def install(code: str) -> Run:
        info = site / "lines-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lines\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            "[litrev.formats]\nlines = lines_plugin:FORMAT\n[litrev.renderers]\n"
            "lines = lines_plugin:render\n"
        )
        (site / "lines_plugin.py").write_text(code)
        environ = {**os.environ, **cli.environ, "PYTHONPATH": str(site)}

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "litrev", *words]
            done = subprocess.run(
                command,
                cwd=cli.folder,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert "fault in litrev itself" not in done.stderr, done
            return done

        return run

    return install


def test_a_format_and_a_renderer_of_another_package_work(
    cli: CommandLine, plugin: Callable[[str], Run]
) -> None:
    litrev = plugin(GOOD)
    cli.write("a.lines", "title = One\ntitle = Two\n")
    assert "added 2" in litrev("add", "a.lines").stdout
    assert "unchanged 2" in litrev("add", "a.lines").stdout
    assert (
        litrev("export", "-f", "lines").stdout == "title = One (8 fields)\ntitle = Two (8 fields)\n"
    )
    assert litrev("table", "-f", "lines").stdout == "2 papers\n"
    assert "lines\tread and written\t.lines" in litrev("add", "--formats").stdout


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "cannot be loaded: module 'lines_plugin' has no attribute 'FORMAT'; it is skipped"),
        ("1 / 0", "cannot be loaded: ZeroDivisionError: division by zero; it is skipped"),
        (
            (
                "class Lazy:\n    def __getattribute__(self, name): raise RuntimeError('attr')\n"
                "FORMAT = Lazy()"
            ),
            "cannot be looked at: RuntimeError: attr; it is skipped",
        ),
        ("FORMAT = 5", "is a int, not a litrev.plugins.Format; it is skipped"),
        (
            GOOD.replace('Format("lines"', 'Format("bibtex"'),
            "calls itself bibtex, which is taken; it is skipped",
        ),
        (
            GOOD.replace("return 0.95 if", "return 1 / 0 if"),
            (
                "cannot tell whether it knows a.lines: ZeroDivisionError: "
                "division by zero; it is skipped"
            ),
        ),
        (GOOD.replace("0.95", "'x'"), "cannot tell whether it knows a.lines: ValueError"),
    ],
    ids=[
        "nothing",
        "fails",
        "lazy",
        "no format",
        "name taken",
        "recognises fails",
        "recognises nonsense",
    ],
)
def test_a_format_that_cannot_be_asked_is_named_and_skipped(
    cli: CommandLine, plugin: Callable[[str], Run], code: str, told: str
) -> None:
    litrev = plugin(code)
    cli.write("a.lines", "title = An abstract, for nobody else knows this.")
    done = litrev("add", "a.lines")
    assert (done.returncode, "added 1" in done.stdout) == (0, True), done
    assert "the format plug-in lines (lines_plugin:FORMAT)" in done.stderr
    assert told in done.stderr
    assert "\n" not in done.stderr.split("the format plug-in", 1)[1].split(told, 1)[0]
    assert litrev("list", "-k").returncode == 0


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            GOOD.replace("    lines = text", "    1 / 0\n    lines = text"),
            "cannot read a.lines: ZeroDivisionError: division by zero",
        ),
        (
            GOOD.replace("return Reading(", "return ("),
            "has read a.lines wrongly: it gave a tuple, not a Reading",
        ),
        (
            GOOD.replace('"entry", line)', '"entry", line.strip())'),
            "has read a.lines wrongly: its blocks, joined, are not the text",
        ),
        (
            GOOD.replace("    lines = text", "    raise SystemExit(3)\n    lines = text"),
            "cannot read a.lines: SystemExit: 3",
        ),
        (
            GOOD.replace("tuple(works))", "(1 / 0 for _ in works))"),
            "cannot read a.lines: ZeroDivisionError",
        ),
        (
            GOOD.replace(
                "    lines = text",
                "    raise type('Panic', (BaseException,), {})('late')\n    lines = text",
            ),
            "cannot read a.lines: Panic: late",
        ),
        (
            GOOD.replace("tuple(works))", "(None,))"),
            "has read a.lines wrongly: a NoneType is not a Work",
        ),
        (
            GOOD.replace("return Reading(tuple(Block", "return Reading(None and tuple(Block"),
            "cannot read a.lines: TypeError",
        ),
        (
            GOOD.replace('Field("title", line[7:].strip())', '"title"'),
            "has read a.lines wrongly: 'title' is not a field with a text",
        ),
        (
            GOOD.replace("line[7:].strip()", "5"),
            "has read a.lines wrongly: Field(name='title', value=5, raw=None) is not a field",
        ),
        (
            GOOD.replace("Work(n, n + 1,", "Work(n, n + 1, 'k}{,\\x1b[31m',"),
            "has read a.lines wrongly: 'k}{,\\x1b[31m' cannot be a key",
        ),
        (GOOD.replace("Work(n, n + 1,", "Work([n], n + 1,"), "has read a.lines wrongly: TypeError"),
    ],
    ids=[
        "fails",
        "no reading",
        "loses text",
        "exits",
        "raises late",
        "panics",
        "no work",
        "no blocks",
        "no field",
        "no text",
        "no key",
        "no place",
    ],
)
def test_what_a_format_cannot_read_is_quarantined_and_the_rest_comes_in(
    cli: CommandLine, plugin: Callable[[str], Run], code: str, told: str
) -> None:
    litrev = plugin(code)
    cli.write("a.lines", "title = One\n")
    cli.write("b.txt", "An abstract.")
    done = litrev("add", "a.lines", "b.txt")
    assert done.returncode == 3, done
    assert "read 2 = added 1 + updated 0 + unchanged 0 + quarantined 1" in done.stdout
    assert f"the format plug-in lines (lines_plugin:FORMAT) {told}" in done.stderr
    entry = litrev("quarantine").stdout.split("\t")[0]
    assert litrev("quarantine", "print", entry).stdout == "title = One\n"


def test_a_format_that_changes_the_text_it_is_shown_changes_nothing_else(
    cli: CommandLine, plugin: Callable[[str], Run]
) -> None:
    litrev = plugin(
        GOOD.replace(
            "    return 0.95 if",
            '    object.__setattr__(text, "text", "another text")\n    return 0.95 if',
        )
    )
    cli.write("a.txt", "An abstract of my own.")
    litrev("add", "a.txt")
    assert '"abstract": "An abstract of my own."' in litrev("list", "--json").stdout


def test_who_is_asked_to_end_ends_also_in_the_code_of_others(
    cli: CommandLine, plugin: Callable[[str], Run]
) -> None:
    ended = (
        "    import os, signal, time\n    os.kill(os.getpid(), signal.SIGTERM)\n    time.sleep(5)\n"
    )
    litrev = plugin(GOOD.replace("    lines = text", f"{ended}    lines = text"))
    cli.write("a.lines", "title = One\n")
    cli.write("b.txt", "An abstract.")
    done = litrev("add", "a.lines", "b.txt")
    assert (done.returncode, done.stdout, "plug-in" in done.stderr) == (143, "", False), done
    assert cli("list").status == 1


def test_what_fails_in_the_library_is_not_laid_on_the_plugin(
    cli: CommandLine, plugin: Callable[[str], Run], tmp_path: Path
) -> None:
    later = (
        "def pieces(entries):\n    for entry in entries:\n        yield 'x'\n"
        "        yield str(len(entry.cells))\n\n\nFORMAT ="
    )
    plugin(
        GOOD.replace("FORMAT =", later).replace(
            "read, write)", "read, lambda entries, options: Export(pieces(entries)))"
        )
    )
    cli.write("a.lines", "title = One\n")
    script = """
import litrev, sys
with litrev.open(sys.argv[1]) as review:
    review.add(sys.argv[1] + "/a.lines")
    pieces = review.export("lines").pieces
    assert next(pieces) == "x"
try:
    next(pieces)
except litrev.UsageFault as fault:
    print(fault.message)
"""
    environ = {**os.environ, **cli.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", script, str(cli.folder)],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().endswith("the library is closed")


def test_a_format_whose_package_has_become_faulty_loses_nothing_that_it_read(
    cli: CommandLine, plugin: Callable[[str], Run], tmp_path: Path
) -> None:
    litrev = plugin(GOOD)
    cli.write("a.lines", "title = One\n")
    litrev("add", "a.lines")
    (tmp_path / "site" / "lines_plugin.py").write_text(
        GOOD.replace("    lines = text", "    1 / 0\n    lines = text")
    )
    assert "quarantined 1" in litrev("add", "a.lines").stdout
    assert '"title": "One"' in litrev("list", "--json").stdout


@pytest.mark.parametrize(
    "code",
    [
        GOOD.replace("return Export(", "return ("),
        GOOD.replace("entry.cells", "entry.nothing"),
        GOOD.replace("return Export(f", "return Export(5 or f"),
    ],
)
def test_a_format_that_cannot_write_is_named(
    cli: CommandLine, plugin: Callable[[str], Run], code: str
) -> None:
    litrev = plugin(code)
    cli.write("a.txt", "An abstract.")
    litrev("add", "a.txt")
    done = litrev("export", "-f", "lines", "-o", "out.lines")
    assert done.returncode == 5, done
    assert "the format plug-in lines (lines_plugin:FORMAT) cannot write" in done.stderr
    assert not (cli.folder / "out.lines").exists()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "cannot be loaded"),
        (GOOD.replace("return f", "return 5 or f"), "gave a int"),
        (GOOD.replace("return f", "return chr(0xD800) or f"), "gave a str"),
        (GOOD.replace("len(table", "len(5, table"), "TypeError"),
    ],
)
def test_a_renderer_that_fails_is_named(
    cli: CommandLine, plugin: Callable[[str], Run], code: str, told: str
) -> None:
    litrev = plugin(code)
    cli.write("a.txt", "An abstract.")
    litrev("add", "a.txt")
    done = litrev("table", "-f", "lines")
    assert (done.returncode, told in done.stderr) == (5, True), done
    assert "the renderer plug-in lines (lines_plugin:render)" in done.stderr
    assert litrev("table").returncode == 0
