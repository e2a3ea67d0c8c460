"""Files, streams and words that are not what they seem."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import litrev
from tests.conftest import CommandLine


def test_devices_and_databases_are_not_replaced(k: CommandLine) -> None:
    k.ok("table", "-f", "csv", "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()
    assert k("table", "-f", "csv", "-o", "library.db", "--force").status == 4
    assert k("backup", "library.db", "--force").status == 4
    assert k.ok("list", "-k").lines == ["k"]
    (k.folder / "link.csv").symlink_to(k.folder / "real.csv")
    k.ok("table", "-f", "csv", "-o", "link.csv")
    assert (k.folder / "link.csv").is_symlink()
    k.ok("table", "-f", "csv", "-o", "n" * 251 + ".csv")


def test_tags_that_look_like_options_can_be_taken_off(k: CommandLine) -> None:
    k.ok("tag", "k", "+new", "+history", "+n")
    k.ok("tag", "k", "-new", "-history")
    assert k.record("k")["tags"] == ["n"]
    k.ok("tag", "--query", "trust", "-n", "+x")
    assert k.record("k")["tags"] == ["n"]


@pytest.mark.parametrize(
    "query",
    [
        '"the the the the the the the the"~100',
        "社区" * 20_000,
        "a OR " * 10_000 + "a",
        "community " * 1000,
        "#" + "9" * 5000,
    ],
)
def test_queries_made_to_hurt_are_answered_or_refused(k: CommandLine, query: str) -> None:
    done = k("search", "--", query)
    assert done.status in {0, 1, 2}
    assert "damaged" not in done.err
    assert k("list", "--", query).status in {0, 1, 2}


def test_a_folder_that_is_gone_and_closed_streams_are_told(
    cli: CommandLine, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    script = f"mkdir {gone}; cd {gone}; rmdir {gone}; {sys.executable} -m litrev list; echo $?"
    environ = {**cli.environ, "PYTHONPATH": str(Path(litrev.__file__).parent.parent)}
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environ, check=False
    )
    assert done.stdout.strip().endswith("5")
    assert "Traceback" not in done.stderr
    cli.ok("add", "-", "-s", "title=社区 “x”", stdin="社区治理")
    for tail, status in ((">&-", 0), ("> /dev/full", 5)):
        done = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m litrev list {tail}"],
            capture_output=True,
            text=True,
            cwd=cli.folder,
            env=environ,
            check=False,
        )
        assert (done.returncode, "Traceback" in done.stderr, "fault in litrev" in done.stderr) == (
            status,
            False,
            False,
        ), tail
    narrow = {**environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "litrev", "list"],
        capture_output=True,
        text=True,
        cwd=cli.folder,
        env=narrow,
        check=True,
    )
    assert "\\u793e" in done.stdout
