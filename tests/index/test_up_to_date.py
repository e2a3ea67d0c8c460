"""An index that others write and ask at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import litrev
from tests.conftest import CommandLine


@pytest.mark.slow
def test_many_searches_at_once_on_a_cold_index_all_answer(cli: CommandLine) -> None:
    cli.ok(
        "add",
        "--no-extract",
        "-",
        stdin="\n---\n".join(f"Abstract {n} about trust." for n in range(300)),
    )
    command = [sys.executable, "-m", "litrev", "search", "trust", "-k", "-l", "0"]
    processes = [
        subprocess.Popen(
            command,
            cwd=cli.folder,
            env={**os.environ, **cli.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for process in processes:
        out, err = process.communicate()
        assert (process.returncode, len(out.splitlines()), err) == (0, 300, b"")


def test_an_open_workspace_sees_what_another_wrote_and_indexed(tmp_path: Path) -> None:
    with litrev.init(tmp_path / "rev") as one:
        one.add_text("About trust.")
        assert one.search("trust").total == 1
        with litrev.open(tmp_path / "rev") as other:
            other.add_text("About volcanoes.")
            assert other.search("volcanoes").total == 1
        assert one.search("volcanoes").total == 1
