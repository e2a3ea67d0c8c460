"""In a real terminal: pasting, colours, interrupts, closed pipes."""

from __future__ import annotations

import subprocess
import sys

import pexpect
import pytest

from tests.conftest import CommandLine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")


def start(cli: CommandLine, *words: str, **extra: str) -> pexpect.spawn:
    environ = {**cli.environ, "TERM": "xterm-256color", "LITREV_USER": "reader", **extra}
    return pexpect.spawn(
        sys.executable,
        ["-m", "litrev", *words],
        cwd=str(cli.folder),
        env=environ,
        encoding="utf-8",
        timeout=30,
        dimensions=(40, 90),
    )


def test_without_a_file_one_is_asked_for_a_paste_and_told_how_to_end_it(cli: CommandLine) -> None:
    terminal = start(cli, "add")
    terminal.expect("Paste the abstract, then press Ctrl-D")
    terminal.sendline("| A pasted abstract about trust.Second sentence. |")
    terminal.sendeof()
    terminal.expect("read 1 = added 1")
    terminal.expect(pexpect.EOF)
    assert len(cli.ok("search", "trust", "-k").lines) == 1


def test_colours_on_a_terminal_and_none_with_no_color(cli: CommandLine) -> None:
    cli.ok("add", "-", "--key", "k", stdin="An abstract about trust.")
    terminal = start(cli, "search", "trust")
    terminal.expect(pexpect.EOF)
    assert "\x1b[1;33mtrust\x1b[0m" in terminal.before
    terminal = start(cli, "search", "trust", NO_COLOR="1")
    terminal.expect(pexpect.EOF)
    assert "\x1b[1mtrust\x1b[0m" in terminal.before
    assert "33m" not in terminal.before


def test_an_interrupt_ends_cleanly(cli: CommandLine) -> None:
    terminal = start(cli, "add")
    terminal.expect("Paste the abstract")
    terminal.sendintr()
    terminal.expect("interrupted")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130


@pytest.mark.slow
def test_a_closed_pipe_ends_quietly(cli: CommandLine) -> None:
    cli.ok(
        "add", "-", stdin="\n---\n".join(f"Abstract number {n} about trust." for n in range(3000))
    )
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m litrev list | head -1"],
        capture_output=True,
        text=True,
        cwd=cli.folder,
        env=cli.environ,
        check=False,
    )
    assert done.returncode == 141
    assert done.stderr == ""
    assert done.stdout.startswith("#1\t")


def test_a_terminated_process_says_so_by_its_status(cli: CommandLine) -> None:
    terminal = start(cli, "add")
    terminal.expect("Paste the abstract")
    terminal.kill(15)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 143
