"""One process at a time writes a file, and a lock ends with the process that has it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from litrev.errors import EnvironmentFault
from litrev.library.storage.atomic_files import locked
from tests.conftest import CommandLine

HOLD = """
import sys
from pathlib import Path
from litrev.library.storage.atomic_files import locked

with locked(Path(sys.argv[1]), Path("refs.bib")):
    print("held", flush=True)
    sys.stdin.readline()
    Path(sys.argv[2]).write_text("let go", "utf-8")
"""


@contextmanager
def holding(lock_file: Path, trace: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock until it reads a line; then it leaves a trace."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock_file), str(trace)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_waits_until_the_first_lets_go(tmp_path: Path) -> None:
    lock_file, trace = tmp_path / "locks" / "a.lock", tmp_path / "trace"
    with holding(lock_file, trace) as process:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        with locked(lock_file, tmp_path / "refs.bib"):
            assert trace.read_text("utf-8") == "let go"


def test_a_lock_ends_when_its_process_is_killed(tmp_path: Path) -> None:
    lock_file, trace = tmp_path / "a.lock", tmp_path / "trace"
    with holding(lock_file, trace) as process:
        process.send_signal(signal.SIGKILL)
        with locked(lock_file, tmp_path / "refs.bib"):
            assert not trace.exists()


def test_a_lock_that_cannot_be_made_says_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(EnvironmentFault, match="LITREV_CACHE") as fault,
        locked(tmp_path / "file" / "a.lock", tmp_path / "refs.bib"),
    ):
        raise AssertionError("it is not locked")
    assert str(tmp_path / "file") in str(fault.value)


def test_sync_leaves_no_lock_beside_the_file(cli: CommandLine) -> None:
    cli.ok("add", cli.write("refs.bib", "@misc{k, title={T}, year=2000}\n"))
    cli.ok("set", "k", "title=U")
    before = set(cli.folder.iterdir())
    cli.ok("sync", "refs.bib")
    assert set(cli.folder.iterdir()) - before == {cli.folder / "backups"}
    assert "title={U}" in (cli.folder / "refs.bib").read_text("utf-8")
