"""Word, Excel and LaTeX documents opened by real programs, as `.ci/documents` does after installing
them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import CommandLine
from tests.contract.test_renderers import HOSTILE

TITLES = [
    title.replace("\x00", "").replace("\ufffe", "").replace("\uffff", "") for title in HOSTILE
]


@pytest.fixture
def program() -> Callable[[str], str]:
    """A program of this machine; where `.ci/documents` runs it must be there."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if not found:
            if os.environ.get("LITREV_DOCUMENTS"):
                pytest.fail(f"{name} is missing")
            pytest.skip(f"{name} is not installed")
        return found

    return find


@pytest.fixture
def library(cli: CommandLine, seeds: list[Path]) -> CommandLine:
    cli.ok("add", *map(str, seeds))
    cli.ok(
        "add",
        cli.write(
            "zh.bib",
            (
                "@article{zh, author={于潇}, title={社区治理}, year={2019}, "
                "abstract={本文研究党建引领。}}"
            ),
        ),
    )
    for n in range(len(TITLES)):
        cli.ok("add", cli.write(f"h{n}.txt", f"Paper number {n}."), "--no-extract")
    keys = [line.split("\t")[0] for line in cli.ok("table", "--columns", "key").lines[1:]]
    for key, title in zip(keys[-len(TITLES) :], TITLES, strict=True):
        if title.strip():
            cli.ok("set", key, f"methods={title}")
    return cli


def test_office_opens_and_converts_word_and_excel(
    library: CommandLine, program: Callable[[str], str], tmp_path: Path
) -> None:
    office = program("soffice")
    for name in ("t.docx", "t.xlsx"):
        library.ok("table", "--quotes", "--group-by", "year", "--title", "A & B", "-o", name)
    library.ok("bibliography", "--annotated", "--style", "gb7714-2015", "-o", "b.docx")
    folder = library.folder
    command = [
        office,
        f"-env:UserInstallation=file://{tmp_path}/office",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
    ]
    for name in ("t.docx", "t.xlsx", "b.docx"):
        subprocess.run([*command, str(folder / name)], check=True, timeout=180, capture_output=True)
        assert (folder / name).with_suffix(".pdf").read_bytes().startswith(b"%PDF"), name


@pytest.mark.parametrize(
    "words",
    [
        ("table", "--quotes"),
        ("table", "--group-by", "methods"),
        ("table", "--view", "gaps"),
        ("matrix", "--unit", "year"),
    ],
)
def test_xelatex_compiles_standalone_tables_without_error(
    library: CommandLine, program: Callable[[str], str], words: tuple[str, ...]
) -> None:
    xelatex = program("xelatex")
    library.ok(*words, "--title", "A & B_1 -- 100 %", "--standalone", "-o", "t.tex")
    done = subprocess.run(
        [xelatex, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "t.tex"],
        cwd=library.folder,
        timeout=240,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (library.folder / "t.pdf").exists()
